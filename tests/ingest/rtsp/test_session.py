"""Camera sessions against GStreamer's RTSP server, and against servers that misbehave on purpose."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import av
import pytest
from cryptography.fernet import Fernet

from gis.clock import SystemClock
from gis.model import LonLat
from ingest.model import Camera
from ingest.rtsp.engine import Engine
from ingest.rtsp.session import BACKOFF_MAX_S, CameraSession, CameraStatus
from ingest.settings import IngestSettings
from ingest.unit import AudioUnit, MediaUnit, UnitParser
from tests.ingest.streams import until
from tests.support.rtsp import TestCameras, rtsp_cameras

SETTINGS = IngestSettings(
    database_url="", var=Path("var"), recordings=Path("var"), camera_key=Fernet.generate_key(),
    stall_s=1.2, connect_timeout_s=1.0, key_frame_timeout_s=1.5,
)  # fmt: skip


class Collector:
    """A sink that keeps everything."""

    def __init__(self) -> None:
        self.units: list[MediaUnit] = []
        self.sounds: list[AudioUnit] = []
        self.ends: list[str] = []
        self.states: list[str] = []
        self.ended_s: list[float] = []  # when each end was told, monotonic

    def unit(self, camera: Camera, unit: MediaUnit) -> None:
        self.units.append(unit)

    def audio(self, camera: Camera, unit: AudioUnit) -> None:
        self.sounds.append(unit)

    def ended(self, camera: Camera, stream: str, why: str) -> None:
        self.ends.append(why)
        self.ended_s.append(time.monotonic())

    def state(self, camera: Camera, stream: str, state: str, reason: str, at: datetime) -> None:
        self.states.append(state)


def camera(
    url: str, username: str | None = None, password: str | None = None, id: int = 1
) -> Camera:
    return Camera(
        id, f"c-{id}", "camera", None, url, username, password, LonLat(121, 31), None,
        True, True, True, False, 30, 1,
    )  # fmt: skip


@contextmanager
def pulling(
    one: Camera, settings: IngestSettings = SETTINGS
) -> Iterator[tuple[CameraSession, Collector]]:
    """A running session and the engine under it."""
    sink, engine = Collector(), Engine(SystemClock())
    session = CameraSession(one, [sink], settings, SystemClock(), engine)
    engine.start()
    session.start()
    try:
        yield session, sink
    finally:
        session.stop()
        engine.stop()
        assert engine.links == 0


def reaches(session: CameraSession, state: str, timeout_s: float = 30.0) -> CameraStatus:
    until(lambda: session.status.state == state, f"{session.camera.url} to be '{state}'", timeout_s)
    return session.status


@pytest.fixture(scope="module")
def cameras() -> Iterator[TestCameras]:
    with rtsp_cameras(2) as running:
        yield running


def login(cameras: TestCameras, code: str = "cam-0", id: int = 1) -> Camera:
    return camera(cameras.url(code), cameras.username, cameras.password, id)


def test_stream_arrives_timed_and_decodable(cameras: TestCameras) -> None:
    with pulling(login(cameras)) as (session, sink):
        until(lambda: len(sink.units) >= 40, "40 pictures")
        status = session.status
    units = sink.units[:40]
    assert units[0].packet.key
    assert len({u.packet.session for u in units}) == 1
    steps = [b.packet.dts_90k - a.packet.dts_90k for a, b in itertools.pairwise(units)]
    assert min(steps) > 0
    assert sum(steps) / len(steps) == pytest.approx(9000, rel=0.05)
    decoder = av.CodecContext.create("h264", "r")
    frames = [f for u in units for f in decoder.decode(av.Packet(u.packet.data))]
    assert len(frames) >= 39
    assert (status.state, status.codec, status.width_px, status.height_px) == (
        "online",
        "h264",
        *cameras.size_px,
    )
    assert status.fps == pytest.approx(10, abs=3)
    assert status.last_packet_at is not None
    age_s = (SystemClock().now() - status.last_packet_at).total_seconds()
    assert -0.5 < age_s < 5


def test_nothing_comes_after_stop(cameras: TestCameras) -> None:
    with pulling(login(cameras)) as (session, sink):
        until(lambda: sink.units, "a picture")
        session.stop()
        count = len(sink.units)
    assert len(sink.units) == count
    assert sink.ends == ["switched_off"]


def test_wrong_password_is_refused_and_named_without_the_password(
    cameras: TestCameras, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level("DEBUG"),
        pulling(replace(login(cameras), password="p@ss/wörd:secret")) as (session, _),
    ):
        status = reaches(session, "refused")
    assert "authenticate" in status.reason
    assert "401" in status.reason
    assert "secret" not in status.reason + caplog.text
    with pulling(camera(cameras.url("cam-0"))) as (session, _):
        assert "asks for a user name" in reaches(session, "refused").reason


def test_unknown_path_and_closed_port_are_unreachable(cameras: TestCameras) -> None:
    with pulling(replace(login(cameras), url=cameras.url("nowhere"))) as (session, _):
        assert (
            reaches(session, "unreachable").reason
            == "describe: the camera has no stream at '/nowhere' (404)"
        )
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pulling(camera(f"rtsp://127.0.0.1:{port}/x")) as (session, _):
        assert reaches(session, "unreachable").reason.startswith(
            f"connect: 127.0.0.1:{port} refuses"
        )
    with pulling(camera("rtsp://no-such-camera.invalid/x")) as (session, _):
        assert reaches(session, "unreachable").reason.startswith(
            "resolve: the name 'no-such-camera.invalid'"
        )


def test_stalled_stream_is_found_and_comes_back_while_its_neighbour_goes_on(
    cameras: TestCameras,
) -> None:
    with (
        pulling(login(cameras, "cam-0", 1)) as (first, sink),
        # One thread of the server serves both, and a camera without frames keeps it waiting for a while.
        pulling(login(cameras, "cam-1", 2), replace(SETTINGS, stall_s=10)) as (second, other),
    ):
        reaches(first, "online")
        reaches(second, "online")
        cameras.pause("cam-0")
        try:
            status = reaches(first, "stalled", 6)
            assert "no picture" in status.reason
            before = len(other.units)
            assert second.status.state == "online"
        finally:
            cameras.resume("cam-0")
        status = reaches(first, "online", 15)
        assert status.reconnects >= 1
        assert len(other.units) > before
        assert second.status.reconnects == 0
        numbers = [u.packet.session for u in sink.units]
        assert numbers == sorted(numbers)
        assert len(set(numbers)) == 2
        assert next(u for u in sink.units if u.packet.session == numbers[-1]).packet.key


def test_unforeseen_stream_ends_in_a_state_not_in_a_dead_engine(
    cameras: TestCameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(self: UnitParser, units: list[bytes]) -> None:
        raise IndexError("never thought of")

    monkeypatch.setattr(UnitParser, "parse", parse)
    with pulling(login(cameras)) as (session, _):
        assert "cannot be read (IndexError)" in reaches(session, "unsupported").reason
        alive = threading.Event()
        session._engine.call(alive.set)
        assert alive.wait(5)


def test_a_sink_s_fault_takes_nothing_from_the_others(
    cameras: TestCameras, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Collector):
        def unit(self, camera: Camera, unit: MediaUnit) -> None:
            raise KeyError("a bug in a sink")

    broken, sink, engine = Broken(), Collector(), Engine(SystemClock())
    session = CameraSession(login(cameras), [broken, sink], SETTINGS, SystemClock(), engine)
    engine.start()
    session.start()
    until(lambda: len(sink.units) >= 20, "pictures")
    assert (session.status.state, session.status.reconnects) == ("online", 0)
    session.stop()
    engine.stop()
    assert session.sink_faults >= 20
    assert caplog.text.count("sink-failed") == 1
    assert broken.ends == sink.ends == ["switched_off"]


def test_stream_without_key_frames_is_named() -> None:
    with rtsp_cameras(1) as own, pulling(login(own, id=2)) as (first, _):
        reaches(first, "online")  # keeps the camera's one encoder running
        own.hold_back_key_frames("cam-0")
        with pulling(login(own)) as (session, sink):
            status = reaches(session, "no_key_frame", 15)
            assert status.reason.startswith("key_frame: pictures come")
            assert sink.units == []
            own.resume("cam-0")
            reaches(session, "online", 15)
            assert sink.units[0].packet.key


def test_server_that_goes_away_and_returns() -> None:
    with rtsp_cameras(1) as own, pulling(login(own)) as (session, sink):
        reaches(session, "online")
        own.kill_server()
        until(lambda: session._failures >= 5, "five tries in vain", 60)
        assert session.status.state == "unreachable"
        # However often it failed, the next try is soon.
        assert session._retry_at_s <= SystemClock().monotonic_s() + BACKOFF_MAX_S
        own.start_server()
        reaches(session, "online", 30)
        assert sink.ends[0] in ("no_packets", "unreachable")


@contextmanager
def server(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A TCP server whose every connection is handled by ``behave``."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        behave(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"rtsp://127.0.0.1:{listener.getsockname()[1]}/x"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def read_request(connection: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(4096)
        if not piece:
            raise OSError("gone")
        data += piece
    return data.decode()


def answer(
    connection: socket.socket, request: str, status: str, headers: str = "", body: str = ""
) -> None:
    sequence = next(line for line in request.split("\r\n") if line.lower().startswith("cseq"))
    connection.sendall(
        f"RTSP/1.0 {status}\r\n{sequence}\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}".encode()
    )


def silent(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


MPEG4_SDP = "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 MP4V-ES/90000\r\na=control:track0\r\n"


def mpeg4_camera(connection: socket.socket) -> None:
    while True:
        request = read_request(connection)
        if request.startswith("DESCRIBE"):
            answer(connection, request, "200 OK", "Content-Type: application/sdp\r\n", MPEG4_SDP)
        elif request.startswith("SETUP"):
            answer(
                connection,
                request,
                "200 OK",
                "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n",
            )
        else:
            answer(connection, request, "200 OK", "Public: DESCRIBE, SETUP, PLAY\r\nSession: 1\r\n")


@pytest.mark.parametrize(
    ("behave", "state", "words"),
    [
        (
            lambda c: c.recv(100) and c.sendall(b"HTTP/1.0 400 what\r\n\r\n"),
            "unreachable",
            "describe:",
        ),
        (lambda c: None, "unreachable", "describe:"),
        (silent, "unreachable", "does not answer DESCRIBE"),
        (lambda c: answer(c, read_request(c), "500 Inner error"), "unreachable", "500 Inner error"),
        (lambda c: c.sendall(bytes(range(256)) * 40), "unreachable", "describe:"),
        (mpeg4_camera, "unsupported", "sends MP4V-ES; set its stream to H.264, H.265 or MJPEG"),
    ],
    ids=["http", "hangs up", "silent", "500", "garbage", "mpeg4"],
)
def test_misbehaving_servers_get_a_state_and_a_sentence(
    behave: Callable[[socket.socket], None], state: str, words: str
) -> None:
    with server(behave) as url, pulling(camera(url)) as (session, _):
        status = reaches(session, state, 15)
        assert words.lower() in status.reason.lower()
