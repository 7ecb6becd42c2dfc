"""The tap: framing, replay to a joiner, whole GOPs lost by a slow client, reconnection."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ingest.tap as tap
from gis.errors import SetupError
from ingest.model import Packet
from ingest.tap import FrameReader, TapClient, TapError, TapServer, encode_packet

AT = datetime(2026, 3, 1, 8, 0, 0, 123456, tzinfo=UTC)


def packet(camera: int, number: int, key: bool, size: int = 100, session: int = 1) -> Packet:
    return Packet(
        camera, session, number.to_bytes(4, "big") * (size // 4), number * 3600, number * 3600,
        3600, key, AT + timedelta(milliseconds=40 * number), "h264", 640, 360,
    )  # fmt: skip


def until(condition: Callable[[], bool], what: str, timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout_s} s in vain for {what}"
        time.sleep(0.005)


packets = st.builds(
    Packet,
    camera_id=st.integers(1, 2**31 - 1),
    session=st.integers(0, 2**62),
    data=st.binary(max_size=300),
    pts_90k=st.integers(-(2**62), 2**62),
    dts_90k=st.integers(-(2**62), 2**62),
    duration_90k=st.integers(0, 2**40),
    key=st.booleans(),
    capture_at=st.datetimes(
        AT.replace(tzinfo=None) - timedelta(days=9000),
        AT.replace(tzinfo=None) + timedelta(days=9000),
        timezones=st.just(UTC),
    ),
    codec=st.sampled_from(["h264", "hevc", "mjpeg"]),
    stream=st.sampled_from(["main", "sub"]),
    width_px=st.integers(0, 65535),
    height_px=st.integers(0, 65535),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(packets, max_size=6), st.integers(1, 97))
def test_framing_survives_any_cut(sent: list[Packet], step: int) -> None:
    wire = b"".join(encode_packet(p) for p in sent)
    reader = FrameReader()
    got = [p for i in range(0, len(wire), step) for p in reader.feed(wire[i : i + step])]
    assert got == sent


@pytest.mark.parametrize("wire", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x05hello"])
def test_impossible_length_is_an_error(wire: bytes) -> None:
    with pytest.raises(TapError, match="bytes"):
        FrameReader().feed(wire)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TapServer]:
    made = TapServer(tmp_path / "run" / "tap.sock")
    made.start()
    yield made
    made.stop()


class Reader:
    """A client on its own thread that keeps what came."""

    def __init__(self, path: Path, gate: threading.Event | None = None) -> None:
        self.stop = threading.Event()
        self.got: list[Packet] = []
        self.client = TapClient(path, self.stop)
        self._gate = gate
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        for one in self.client.packets():
            self.got.append(one)
            if self._gate is not None:
                self._gate.wait(20)

    def end(self) -> None:
        self.stop.set()
        if self._gate is not None:
            self._gate.set()
        self.thread.join(10)
        assert not self.thread.is_alive()


def test_joiner_starts_at_each_cameras_last_key_frame(server: TapServer, tmp_path: Path) -> None:
    sent = [packet(1, n, key=n % 5 == 0) for n in range(8)] + [
        packet(2, n, key=n == 0) for n in range(3)
    ]
    for one in sent:
        server.publish(one)
    server.publish(packet(3, 1, key=False))  # its key frame was never seen: nothing to start from
    reader = Reader(tmp_path / "run" / "tap.sock")
    try:
        until(lambda: len(reader.got) == 6, "the replay")
        server.publish(packet(3, 2, key=False))
        server.publish(packet(1, 8, key=False))
        server.publish(packet(3, 3, key=True))
        until(lambda: len(reader.got) == 8, "the live packets")
    finally:
        reader.end()
    assert [p for p in reader.got if p.camera_id == 1] == [
        packet(1, n, key=n == 5) for n in range(5, 9)
    ]
    assert [p for p in reader.got if p.camera_id == 2] == sent[8:11]
    assert [p for p in reader.got if p.camera_id == 3] == [packet(3, 3, key=True)]


def test_slow_client_misses_whole_gops(
    server: TapServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tap, "QUEUE_BYTES", 400_000)
    gate = threading.Event()
    reader = Reader(tmp_path / "run" / "tap.sock", gate)
    try:
        until(lambda: server.clients == 1, "the client")
        for n in range(400):
            server.publish(packet(1, n, key=n % 10 == 0, size=20_000))
        assert server.dropped_gops > 0
        gate.set()
        until(lambda: _idle(server), "the queue to drain")
        server.publish(packet(1, 400, key=True))
        until(lambda: bool(reader.got) and reader.got[-1].pts_90k == 400 * 3600, "the last one")
    finally:
        reader.end()
    numbers = [p.pts_90k // 3600 for p in reader.got]
    assert numbers == sorted(numbers)
    for start in range(0, 400, 10):
        seen = [n for n in numbers if start <= n < start + 10]
        assert seen in ([], list(range(start, start + 10))), "a GOP came in part"
    assert len([n for n in numbers if n < 400]) == 400 - 10 * server.dropped_gops


def _idle(server: TapServer) -> bool:
    return all(c.waiting == 0 for c in server._clients)


def test_client_follows_a_restarted_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tap, "_RETRY_S", 0.01)
    path = tmp_path / "tap.sock"
    reader = Reader(path)  # there is no server yet
    try:
        for session in (1, 2):
            server = TapServer(path)
            server.start()
            until(lambda s=server: s.clients == 1, "the client")  # type: ignore[misc]
            server.publish(packet(7, session, key=True, session=session))
            until(lambda n=session: len(reader.got) == n, "the packet")  # type: ignore[misc]
            server.stop()
    finally:
        reader.end()
    assert [p.session for p in reader.got] == [1, 2]
    assert reader.client.connections == 2


def test_second_server_is_refused_and_a_dead_ones_socket_is_taken(
    server: TapServer, tmp_path: Path
) -> None:
    path = tmp_path / "run" / "tap.sock"
    with pytest.raises(SetupError, match="already serves"):
        TapServer(path).start()
    left = tmp_path / "left.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(left))  # bound and gone without unlinking, as a killed process leaves it
    again = TapServer(left)
    again.start()
    again.stop()
    assert not left.exists()
    with pytest.raises(SetupError, match="WANGLOU_VAR"):
        TapServer(tmp_path / ("x" * 120) / "tap.sock").start()
