"""A hub fed in real time and ingest's control server around it, without cameras, recorder and database."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from gis.clock import SystemClock
from gis.model import LonLat
from ingest.live.control import ControlServer
from ingest.live.hub import LiveHub
from ingest.model import Camera
from tests.ingest.streams import jpegs, units, until

CAMERA = Camera(
    1, "gate", "gate", None, "rtsp://h/x", None, None, LonLat(121, 31), None,
    True, True, True, True, 30, 1,
)  # fmt: skip


class Feeder(threading.Thread):
    """Plays a stream into a hub in real time, as a camera does."""

    def __init__(
        self,
        hub: LiveHub,
        codec: str = "h264",
        b_frames: int = 0,
        fps: int = 20,
        camera_id: int = 1,
        stream: str = "main",
        height_px: int = 180,
    ) -> None:
        super().__init__(daemon=True)
        self._hub = hub
        self._camera = replace(CAMERA, id=camera_id)
        self._units = [
            replace(unit, packet=replace(unit.packet, camera_id=camera_id, stream=stream))
            for unit in (
                jpegs(frames=100, fps=fps)
                if codec == "mjpeg"
                else units(
                    codec, b_frames=b_frames, fps=fps, frames=100, gop=20,
                    width_px=height_px * 16 // 9, height_px=height_px,
                )
            )
        ]  # fmt: skip
        self._over = threading.Event()
        self._fps = fps
        self.session = 1
        self.start()
        until(lambda: hub.key_unit(camera_id, stream), "the first picture")

    def run(self) -> None:
        span = len(self._units) * 90_000 // self._fps
        started_s = time.monotonic()
        for number in itertools.count():
            unit = self._units[number % len(self._units)]
            base = number // len(self._units) * span
            packet = replace(
                unit.packet,
                session=self.session,
                pts_90k=unit.packet.pts_90k + base,
                dts_90k=unit.packet.dts_90k + base,
            )
            self._hub.unit(self._camera, replace(unit, packet=packet))
            if self._over.wait(max(0.0, started_s + (number + 1) / self._fps - time.monotonic())):
                return

    def end(self) -> None:
        self._over.set()
        self.join()


@contextmanager
def control(folder: Path, hub: LiveHub) -> Iterator[tuple[ControlServer, httpx.Client]]:
    server = ControlServer(folder / "ingest.sock", hub, SystemClock(), lambda: {"cameras": []})
    server.start()
    transport = httpx.HTTPTransport(uds=str(folder / "ingest.sock"))
    until((folder / "ingest.sock").exists, "the socket")
    with httpx.Client(transport=transport, base_url="http://ingest", timeout=30) as client:
        try:
            yield server, client
        finally:
            server.stop()
    assert not (folder / "ingest.sock").exists()
