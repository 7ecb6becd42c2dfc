"""A running city with one camera whose pictures say when they were taken, and somebody logged in."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.clock_picture import ClockPictures, RateEncoder
from bench.live_server import BITRATE_BPS, FPS, GOP_FRAMES, HEIGHT_PX, WIDTH_PX
from demo.cameras import RTSP_USERNAME
from demo.cameras.server import RtspServer
from demo.running import City, running_city, until

PASSWORD = "bench-camera"
CODE = "clock"


class ClockCamera(threading.Thread):
    """An RTSP camera whose pictures say when they were taken."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.server = RtspServer([CODE], PASSWORD, mount_at_first_frame=True)
        self._over = threading.Event()
        self.gops = 0  # key frames sent so far

    def run(self) -> None:
        pictures = ClockPictures(WIDTH_PX, HEIGHT_PX)
        encoder = RateEncoder(WIDTH_PX, HEIGHT_PX, FPS, GOP_FRAMES, BITRATE_BPS)
        started_s, number = time.monotonic(), 0
        while not self._over.wait(max(0.0, started_s + number / FPS - time.monotonic())):
            taken_us = time.time_ns() // 1000
            data = encoder.encode(pictures.draw(taken_us // 1000, number))
            self.server.send(CODE, taken_us, number % GOP_FRAMES == 0, data)
            self.gops += number % GOP_FRAMES == 0
            number += 1

    def end(self) -> None:
        """Stops the camera and its server."""
        self._over.set()
        self.join()
        self.server.close()


@dataclass(frozen=True, slots=True)
class Setting:
    """A running city with one camera, and somebody logged in."""

    city: City
    camera: ClockCamera
    camera_id: int
    cookie: str
    csrf: str

    def pid(self, name: str) -> int:
        """One of the city's processes."""
        for child in psutil.Process(self.city.process.pid).children():
            if child.cmdline()[-2:] == ["process", name]:
                return child.pid
        raise RuntimeError(f"there is no process '{name}'")

    def facts(self) -> dict[str, Any]:
        """Ingest's own figures."""
        with self._ingest() as client:
            found: dict[str, Any] = client.get("/state").json()["facts"]
        return found

    def online(self) -> bool:
        """Whether the camera's stream runs."""
        with self._ingest() as client:
            cameras = client.get("/state").json()["cameras"]
        return bool(cameras) and all(camera["state"] == "online" for camera in cameras)

    @property
    def socket(self) -> Path:
        """Ingest's control socket."""
        return self.city.var / "run" / "ingest.sock"

    def _ingest(self) -> httpx.Client:
        transport = httpx.HTTPTransport(uds=str(self.socket))
        return httpx.Client(transport=transport, base_url="http://ingest", timeout=20)


@contextmanager
def clock_city() -> Iterator[Setting]:
    """Starts both, and stops them."""
    with tempfile.TemporaryDirectory(prefix="wl-bench-") as folder, ExitStack() as ends:
        var = Path(folder)
        var.chmod(0o711)
        camera = ClockCamera()
        camera.start()
        ends.callback(camera.end)
        city = ends.enter_context(running_city(var, verb="up"))
        with httpx.Client(base_url=f"{city.console}/api/v1", timeout=20) as client:
            answer = client.post("/login", json={"name": "admin", "password": city.password})
            answer.raise_for_status()
            csrf = answer.json()["csrf"]
            body = {
                "code": CODE, "name": CODE, "url": camera.server.url(CODE), "username": RTSP_USERNAME,
                "password": PASSWORD, "lon": 120.98, "lat": 31.38, "analysed": False, "audio": False,
            }  # fmt: skip
            made = client.post("/cameras", json=body, headers={"X-CSRF-Token": csrf})
            made.raise_for_status()
            cookie = client.cookies["wanglou_session"]
        setting = Setting(city, camera, made.json()["id"], cookie, csrf)
        until(setting.online, 60, "the camera's stream")
        yield setting
