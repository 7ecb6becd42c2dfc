"""Broken cameras: what is recorded of them plays, what cannot be recorded is named by its step."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import pytest
from playwright.sync_api import Page

from gis.clock import Clock, SystemClock
from ingest.model import Camera
from ingest.record.model import SegmentRow
from ingest.record.recorder import Recorder
from ingest.rtsp.engine import Engine
from ingest.rtsp.session import CameraSession
from tests.ingest.rtsp.faults import (
    FPS,
    REFUSED,
    SHOWN,
    STEP,
    Fault,
    ordinary,
    pictures,
    play,
)
from tests.ingest.rtsp.test_session import SETTINGS, Collector, camera, reaches
from tests.ingest.streams import ffprobe, until
from tests.support.odd_camera import HOLD, Odd, odd_camera, respond, sdp
from tests.support.rtp import Packets


@dataclass
class Recorded:
    """What one camera left behind."""

    camera: Camera
    session: CameraSession
    sink: Collector
    rows: dict[str, SegmentRow]
    root: Path

    @property
    def files(self) -> list[Path]:
        return [self.root / path for path in sorted(self.rows)]


@contextmanager
def recorded(
    one: Camera, root: Path, clock: Clock | None = None, **settings: float
) -> Iterator[Recorded]:
    """Records a camera; the files are closed at the end."""
    clock = clock or SystemClock()
    rows: dict[str, SegmentRow] = {}

    def told(row: SegmentRow) -> None:
        rows[row.path] = row

    recorder, sink, engine = Recorder(root, 300, clock, told), Collector(), Engine(clock)
    session = CameraSession(one, [recorder, sink], replace(SETTINGS, **settings), clock, engine)
    recorder.start()
    engine.start()
    session.start()
    try:
        yield Recorded(one, session, sink, rows, root)
    finally:
        session.stop()
        engine.stop()
        recorder.stop()


def check_files(left: Recorded) -> int:
    """Every file plays without a complaint; returns how many pictures are in them."""
    assert left.files
    frames = 0
    for path in left.files:
        # Enough to see two of the largest pictures.
        stream = ffprobe(path, "-probesize", "50M", "-select_streams", "v")["streams"][0]
        frames += int(stream["nb_read_frames"])
        assert (
            int(stream["nb_read_frames"])
            == left.rows[path.relative_to(left.root).as_posix()].frames
        )
    return frames


@pytest.mark.parametrize("fault", SHOWN, ids=lambda f: f.name)
def test_what_is_recorded_of_a_broken_camera_plays(fault: Fault, tmp_path: Path) -> None:
    with odd_camera(fault.odd()) as odd, recorded(camera(odd.url), tmp_path, stall_s=5) as left:
        until(lambda: len(left.sink.units) >= fault.shown, f"{fault.shown} pictures", 30)
        units = list(left.sink.units)
        status = left.session.status
    assert (status.state, status.reconnects) == ("online", 0)
    if fault.exact:
        assert len(units) == fault.shown
    sessions = [u.packet.session for u in units]
    assert len(set(sessions)) == fault.sessions
    assert sessions == sorted(sessions)
    for before, after in itertools.pairwise(units):
        if after.packet.session == before.packet.session:
            assert after.packet.dts_90k > before.packet.dts_90k
    decoder = av.CodecContext.create("h264", "r")
    decoded = [f for u in units for f in decoder.decode(av.Packet(u.packet.data))] + decoder.decode(
        None
    )
    assert len(decoded) == len(units)
    assert check_files(left) == len(units)


@pytest.mark.parametrize("fault", REFUSED, ids=lambda f: f.name)
def test_what_cannot_be_recorded_is_named_by_its_step(fault: Fault, tmp_path: Path) -> None:
    with (
        odd_camera(fault.odd()) as odd,
        recorded(camera(odd.url, "u", "p"), tmp_path, stall_s=0.6, connect_timeout_s=0.6, key_frame_timeout_s=0.6) as left,
    ):  # fmt: skip
        status = reaches(left.session, fault.state)
        assert status.reason.startswith(fault.reason)
        assert left.sink.units == []
    assert left.files == []


def test_times_that_lie_make_no_gap(tmp_path: Path) -> None:
    """Whatever the camera's times say, pictures stand where they arrived."""
    for fault in SHOWN:
        if not fault.name.startswith(("first_time", "time_", "ordinary")):
            continue
        with (
            odd_camera(fault.odd()) as odd,
            recorded(camera(odd.url), tmp_path / fault.name) as left,
        ):
            until(lambda: len(left.sink.units) >= 60, "60 pictures", 30)
            times = [u.packet.capture_at for u in left.sink.units]
        gaps = [(b - a).total_seconds() for a, b in itertools.pairwise(times)]
        assert min(gaps) > -0.1, fault.name
        assert max(gaps) < 0.6, fault.name
        assert sum(gaps) == pytest.approx(59 / FPS, abs=0.6), fault.name


def test_lost_packets_are_counted_and_told_to_the_camera(tmp_path: Path) -> None:
    fault = next(f for f in SHOWN if f.name == "packets_lost")
    with odd_camera(fault.odd()) as odd, recorded(camera(odd.url), tmp_path) as left:
        until(lambda: left.session.status.packets_lost >= 3, "the losses")
        assert left.session.skipped_units > 0


def test_sound_in_disorder_comes_out_in_order_and_beside_the_pictures(tmp_path: Path) -> None:
    fault = next(f for f in SHOWN if f.name == "sound_disordered")
    with odd_camera(fault.odd()) as odd, recorded(camera(odd.url), tmp_path) as left:
        until(lambda: len(left.sink.sounds) >= 50, "sound")
        sounds, units = list(left.sink.sounds), list(left.sink.units)
    steps = [b.pts_90k - a.pts_90k for a, b in itertools.pairwise(sounds)]
    assert all(abs(step - 1800) < 300 for step in steps[10:])
    first = units[0].packet
    assert all(abs((s.capture_at - first.capture_at).total_seconds()) < 3 for s in sounds)
    (path,) = left.files
    kinds = {s["codec_type"]: s["codec_name"] for s in ffprobe(path)["streams"]}
    assert kinds == {"video": "h264", "audio": "pcm_alaw"}


def test_redirected_camera_is_followed_and_circles_end(tmp_path: Path) -> None:
    with ExitStack() as stack:
        target = stack.enter_context(odd_camera(Odd(sdp(), ordinary())))

        def elsewhere(request: str, number: int) -> bytes:
            return respond(request, "302 Found", f"Location: {target.url}\r\n")

        first = stack.enter_context(odd_camera(Odd(sdp(), ordinary(), elsewhere)))
        left = stack.enter_context(recorded(camera(first.url), tmp_path))
        until(lambda: len(left.sink.units) >= 10, "the redirected stream")
        assert target.asked("PLAY") == 1
    holder: list[str] = []

    def circle(request: str, number: int) -> bytes:
        return respond(request, "301 Moved", f"Location: {holder[0]}\r\n")

    with odd_camera(Odd(sdp(), ordinary(), circle)) as odd:
        holder.append(odd.url)
        with recorded(camera(odd.url), tmp_path) as left:
            assert "redirects in circles" in reaches(left.session, "unreachable").reason


def test_basic_password_is_not_told_to_another_host(tmp_path: Path) -> None:
    def basic(request: str, number: int) -> bytes:
        return respond(request, "401 Unauthorized", 'WWW-Authenticate: Basic realm="x"\r\n')

    with odd_camera(Odd(sdp(), ordinary(), basic)) as thief:
        stranger = thief.url.replace("127.0.0.1", "localhost")

        def elsewhere(request: str, number: int) -> bytes:
            return respond(request, "302 Found", f"Location: {stranger}\r\n")

        with (
            odd_camera(Odd(sdp(), ordinary(), elsewhere)) as odd,
            recorded(camera(odd.url, "u", "secret"), tmp_path) as left,
        ):
            assert "neither Digest nor Basic" in reaches(left.session, "refused").reason
        assert thief.requests
        assert all("Authorization" not in r for asked in thief.requests for r in asked)


def test_host_that_takes_no_connection_is_tried_in_short_steps(tmp_path: Path) -> None:
    """A host whose queue of connections is full drops what it is asked, as one behind a dead link does."""
    with socket.socket() as listener, ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        with recorded(camera(f"rtsp://127.0.0.1:{port}/x"), tmp_path, connect_timeout_s=5) as left:
            reason = reaches(left.session, "unreachable").reason
            assert reason == f"connect: 127.0.0.1:{port} does not answer within 1.5 s"
            listener.close()
            with odd_camera(Odd(sdp(), ordinary()), port):
                reaches(left.session, "online")


def test_stall_is_found_and_a_returning_camera_is_seen_soon(tmp_path: Path) -> None:
    stopped_s: list[float] = []

    def stops(connection: int) -> Iterator[bytes | float]:
        yield from play(pictures(20))
        stopped_s.append(time.monotonic())
        yield HOLD

    with (
        odd_camera(Odd(sdp(), stops)) as odd,
        recorded(camera(odd.url), tmp_path, stall_s=1.0) as left,
    ):
        until(lambda: len(left.sink.units) == 20, "the pictures before it stops")
        until(lambda: left.sink.ends, "the stall to be found")
        assert left.sink.ended_s[0] - stopped_s[0] > 0.9
        assert left.sink.ends[0] == "no_packets"
        until(lambda: len(left.sink.units) == 40, "the next connection's pictures")
        until(lambda: odd.asked("TEARDOWN") >= 1, "goodbye on the first connection")
    assert left.sink.states[:3] == ["online", "stalled", "online"]


def test_keep_alive_by_what_the_camera_knows(tmp_path: Path) -> None:
    def short(request: str, number: int) -> bytes | None:
        if request.startswith("SETUP"):
            transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
            return respond(request, "200 OK", f"Session: 9;timeout=1\r\n{transport}")
        return None

    endless = Odd(
        sdp(), lambda _: itertools.chain.from_iterable(play(pictures()) for _ in range(9)), short
    )
    with odd_camera(endless) as odd, recorded(camera(odd.url), tmp_path) as left:
        until(lambda: odd.asked("GET_PARAMETER") >= 1, "the second question", 20)
        assert odd.asked("OPTIONS") == 1
        assert left.session.status.state == "online"


def test_one_broken_camera_does_not_touch_its_neighbours(tmp_path: Path) -> None:
    """Each fault on one engine, and one good camera beside them that loses nothing."""
    clock, sink, engine = SystemClock(), Collector(), Engine(SystemClock())
    with ExitStack() as stack:
        good = stack.enter_context(odd_camera(Odd(sdp(), ordinary(count=150))))
        sessions = [CameraSession(camera(good.url), [sink], SETTINGS, clock, engine)]
        for number, fault in enumerate([*REFUSED, *SHOWN], 2):
            odd = stack.enter_context(odd_camera(fault.odd()))
            one = camera(odd.url, "u", "p", id=number)
            sessions.append(CameraSession(one, [Collector()], SETTINGS, clock, engine))
        engine.start()
        threads = threading.active_count()
        for session in sessions:
            session.start()
        until(lambda: len(sink.units) >= 150, "the good camera's pictures", 40)
        assert [
            u.packet.dts_90k - sink.units[0].packet.dts_90k for u in sink.units
        ] == pytest.approx([n * STEP for n in range(150)], abs=90)
        assert sink.ends == []
        # Servers here have threads of their own; the engine has one for all.
        assert sum(t.name == "rtsp" for t in threading.enumerate()) == 1
        assert threads > 0
        for session in sessions:
            session.stop()
        engine.stop()


def test_packets_of_two_sources_on_one_channel(tmp_path: Path) -> None:
    """A camera that restarts its encoder changes source, numbers and times without a word."""

    def restarts(connection: int) -> Iterator[bytes | float]:
        yield from play(pictures(30), Packets(ssrc=1, sequence=9))
        yield from play(
            pictures(40), Packets(ssrc=2, sequence=40_000), lambda _, p: 7_000_000 + p.timestamp
        )
        yield HOLD

    with odd_camera(Odd(sdp(), restarts)) as odd, recorded(camera(odd.url), tmp_path) as left:
        until(lambda: len(left.sink.units) >= 70, "both stretches")
    assert check_files(left) == 70


_PLAY = """
async ([url, mime, whole]) => {
  const video = document.createElement('video');
  video.muted = true;
  document.body.replaceChildren(video);
  const source = new MediaSource();
  const happens = (what, name) => new Promise((done, fail) => {
    what.addEventListener(name, done, { once: true });
    video.addEventListener('error', () => fail(new Error(video.error.message)), { once: true });
  });
  video.src = URL.createObjectURL(source);
  await happens(source, 'sourceopen');
  const buffer = source.addSourceBuffer(mime);
  buffer.appendBuffer(await (await fetch(url)).arrayBuffer());
  await happens(buffer, 'updateend');
  source.endOfStream();
  let played = 0;
  for (let i = 0; i < video.buffered.length; i++) {
    const end = video.buffered.end(i);
    video.currentTime = video.buffered.start(i) + 0.001;
    await happens(video, 'seeked');
    played += end - video.buffered.start(i);
    if (!whole) break;
    video.playbackRate = 2;
    const reached = new Promise((done) => {
      const look = () => (video.currentTime >= end - 0.3 || video.ended ? done() : setTimeout(look, 20));
      look();
    });
    await video.play();
    await Promise.race([reached, happens(video, 'ended'), happens(video, 'never')]);
    video.pause();
  }
  return { error: video.error && video.error.message, played, width: video.videoWidth,
           frames: video.getVideoPlaybackQuality().totalVideoFrames };
}
"""


@pytest.mark.e2e
def test_recordings_of_broken_cameras_play_in_chromium(page: Page, tmp_path: Path) -> None:
    """By Media Source Extensions, as the console plays them."""
    with ExitStack() as stack:
        running = []
        for number, fault in enumerate(SHOWN, 1):
            if "audio" in fault.sdp.decode():
                continue  # browsers take no G.711 from a file
            odd = stack.enter_context(odd_camera(fault.odd()))
            one = camera(odd.url, id=number)
            left = stack.enter_context(recorded(one, tmp_path / fault.name, stall_s=20))
            running.append((fault, left))
        for fault, left in running:
            until(lambda: len(left.sink.units) >= fault.shown, fault.name, 60)  # noqa: B023
    with serving(tmp_path) as root:
        page.goto(f"{root}/")
        for fault, left in running:
            assert len(left.files) == fault.sessions
            for path in left.files:
                row = left.rows[path.relative_to(left.root).as_posix()]
                # A browser without a graphics card takes long for the huge pictures: one shows that it can.
                whole = fault.name != "huge_key_frames"
                url = f"{root}/{path.relative_to(tmp_path).as_posix()}"
                shown = page.evaluate(_PLAY, [url, f'video/mp4; codecs="{row.codec}"', whole])
                assert shown["error"] is None, (fault.name, shown)
                assert shown["width"] == row.width_px, fault.name
                assert shown["frames"] > 0, fault.name
                assert shown["played"] > 0.1, fault.name


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The folder over HTTP; its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
