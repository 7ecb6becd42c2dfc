"""The thread under all cameras: hundreds of reconnections leave nothing behind, TLS works, faults stay where they are."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import queue
import ssl
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gis.clock import SystemClock
from ingest.model import Camera
from ingest.rtsp import engine as engine_module
from ingest.rtsp import session as session_module
from ingest.rtsp.engine import CALM_S, Engine
from ingest.rtsp.resolver import Found
from ingest.rtsp.session import CameraSession
from ingest.unit import AudioUnit, MediaUnit
from tests.ingest.rtsp.faults import STEP, ordinary, pictures, play
from tests.ingest.rtsp.test_session import SETTINGS, Collector, camera, pulling, reaches
from tests.ingest.streams import until
from tests.support.odd_camera import Odd, odd_camera, sdp

RECONNECTIONS = 300
_GROWTH_BYTES = 300_000
_GROWTH_RSS_BYTES = 16 << 20


class Counter:
    """A sink that keeps nothing."""

    def __init__(self) -> None:
        self.ends = 0

    def unit(self, camera: Camera, unit: MediaUnit) -> None:
        pass

    def audio(self, camera: Camera, unit: AudioUnit) -> None:
        pass

    def ended(self, camera: Camera, stream: str, why: str) -> None:
        self.ends += 1

    def state(self, camera: Camera, stream: str, state: str, reason: str, at: datetime) -> None:
        pass


def test_hundreds_of_reconnections_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A camera that sends a GOP and hangs up, again and again."""
    monkeypatch.setattr(session_module, "BACKOFF_FIRST_S", 0.0)
    monkeypatch.setattr(engine_module, "TICK_S", 0.004)
    stream = list(play(pictures(10), wait_s=0.0))
    clock, sink, engine = SystemClock(), Counter(), Engine(SystemClock())
    process = psutil.Process()
    with odd_camera(Odd(sdp(), lambda _: iter(stream))) as odd:
        session = CameraSession(camera(odd.url), [sink], SETTINGS, clock, engine)
        engine.start()
        session.start()

        def held(count: int) -> tuple[int, int, int, int]:
            until(lambda: sink.ends >= count, f"{count} connections", 90)
            odd.requests.clear()
            gc.collect()
            bytes_ = tracemalloc.get_traced_memory()[0]
            files = len(list(Path("/proc/self/fd").iterdir()))
            return bytes_, process.memory_info().rss, files, threading.active_count()

        tracemalloc.start()
        try:
            before, after = held(30), held(30 + RECONNECTIONS)
        finally:
            tracemalloc.stop()
        reconnects = session.status.reconnects
        session.stop()
        engine.stop()
    assert reconnects >= RECONNECTIONS
    traced, rss, files, threads = (b - a for a, b in zip(before, after, strict=True))
    assert traced < _GROWTH_BYTES
    assert rss < _GROWTH_RSS_BYTES
    # At either moment a connection may be open, which here costs the camera two threads as well.
    assert files <= 4
    assert threads <= 4
    assert engine.links == 0


def test_cameras_nobody_waits_for_are_read_in_batches() -> None:
    """Several pictures at a time; what arrives is the same."""
    moments: list[float] = []

    class Watch(Collector):
        def unit(self, camera: Camera, unit: MediaUnit) -> None:
            super().unit(camera, unit)
            moments.append(clock.monotonic_s())

    clock, sink, engine = SystemClock(), Watch(), Engine(SystemClock())
    with odd_camera(Odd(sdp(), ordinary(count=100))) as odd:
        session = CameraSession(
            camera(odd.url), [sink], SETTINGS, clock, engine, wanted_now=lambda: False
        )
        engine.start()
        session.start()
        until(lambda: len(sink.units) == 100, "the pictures")
        session.stop()
        engine.stop()
    bursts = 1 + sum(b - a > CALM_S / 2 for a, b in itertools.pairwise(moments))
    assert bursts <= 1.5 * (moments[-1] - moments[0]) / CALM_S + 2
    times = [u.packet.dts_90k for u in sink.units]
    assert [b - a for a, b in itertools.pairwise(times)] == pytest.approx([STEP] * 99, abs=2)


def certificate(folder: Path) -> ssl.SSLContext:
    """A server's TLS with a certificate of its own making, as cameras have it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=2)).not_valid_after(now - timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "camera.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@contextmanager
def tls_in_front(port: int, context: ssl.SSLContext) -> Iterator[int]:
    """Speaks TLS on the port it yields and hands everything on to ``port``."""
    started: queue.SimpleQueue[int] = queue.SimpleQueue()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve() -> None:
        async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            inner, outward = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(pipe(reader, outward), pipe(inner, writer))

        server = await asyncio.start_server(connect, "127.0.0.1", 0, ssl=context)
        started.put(server.sockets[0].getsockname()[1])
        while not over.is_set():
            await asyncio.sleep(0.02)
        server.close()

    over = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    try:
        yield started.get(timeout=10)
    finally:
        over.set()
        thread.join(5)


def test_rtsp_over_tls(tmp_path: Path) -> None:
    big = {"count": 60, "width_px": 640, "height_px": 360}
    with odd_camera(Odd(sdp(), ordinary(**big))) as odd:
        port = int(odd.url.split(":")[2].split("/")[0])
        with tls_in_front(port, certificate(tmp_path)) as secure:
            with pulling(camera(f"rtsps://localhost:{secure}/odd")) as (session, sink):
                until(lambda: len(sink.units) == 60, "the pictures over TLS")
                assert session.skipped_units == 0
            with pulling(camera(f"rtsp://127.0.0.1:{secure}/odd")) as (session, _):
                assert reaches(session, "unreachable").reason.startswith("describe: ")
        with pulling(camera(f"rtsps://127.0.0.1:{port}/odd")) as (session, _):
            assert "answers, but not with TLS" in reaches(session, "unreachable").reason


def test_faults_in_calls_do_not_end_the_thread(caplog: pytest.LogCaptureFixture) -> None:
    engine = Engine(SystemClock())

    class Broken:
        def tick(self, now_s: float) -> None:
            engine.remove(self)
            raise IndexError("never thought of")

    def fail() -> None:
        raise KeyError("nor of this")

    engine.start()
    engine.call(lambda: engine.add(Broken()))
    engine.call(fail)
    until(lambda: caplog.text.count("Traceback") >= 2, "both to be logged")
    alive = threading.Event()
    engine.call(alive.set)
    assert alive.wait(5)
    engine.stop()
    engine.call(fail)  # after the end nothing is called


def test_names_are_looked_up_beside_the_engine() -> None:
    engine, found = Engine(SystemClock()), queue.SimpleQueue[Found]()
    engine.start()
    engine.resolve("localhost", found.put)
    engine.resolve("no-such-camera.invalid", found.put)
    engine.resolve("::1", found.put)
    engine.resolve("a" * 80 + ".invalid", found.put)
    answers = [found.get(timeout=20) for _ in range(4)]
    engine.stop()
    assert {"::1"} | {a for a in answers if isinstance(a, str)} <= {"127.0.0.1", "::1"}
    assert sum(isinstance(a, OSError) for a in answers) == 2
