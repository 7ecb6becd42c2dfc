"""A real RTSP server for tests: GStreamer's, with digest authentication, streaming a moving square.

::

    with rtsp_cameras(2) as cameras:
        cameras.url("cam-0")          # rtsp://127.0.0.1:<port>/cam-0
        cameras.username, cameras.password
        cameras.pause("cam-0")        # connected, but no more frames; resume() goes on
        cameras.hold_back_key_frames("cam-0")
        cameras.drop("cam-0", 2.0)    # closes its clients, 404 for 2 s
        cameras.kill_server()         # the whole server goes away; start_server() brings it back on the same port
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from functools import lru_cache

import cv2
import numpy as np

from demo.cameras import RTSP_USERNAME
from demo.cameras.encode import Encoder
from demo.cameras.server import RtspServer

FPS = 10
WIDTH_PX, HEIGHT_PX = 320, 180
CLIP_S = 6


@lru_cache(maxsize=4)
def clip(
    seed: int = 0, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX
) -> list[tuple[bytes, bool]]:
    """``CLIP_S`` seconds of a bright square that crosses a textured ground once; access units and key flags."""
    rng = np.random.default_rng(seed)
    ground = cv2.GaussianBlur(rng.integers(60, 120, (height_px, width_px, 3), np.uint8), (0, 0), 2)
    encoder = Encoder(width_px, height_px, FPS, 400_000)
    units = []
    for index in range(CLIP_S * FPS):
        frame = ground.copy()
        x = int(index / (CLIP_S * FPS) * (width_px - 40))
        cv2.rectangle(frame, (x, height_px // 2), (x + 30, height_px // 2 + 50), (40, 200, 240), -1)
        units.append(encoder.encode(cv2.cvtColor(frame, cv2.COLOR_BGR2YUV_I420)))
    return units


class TestCameras:
    """The running cameras; see the module's text."""

    __test__ = False  # not a test class

    def __init__(self, codes: list[str], password: str) -> None:
        self.codes = codes
        self.username = RTSP_USERNAME
        self.password = password
        self.size_px = (WIDTH_PX, HEIGHT_PX)
        self._server: RtspServer | None = RtspServer(codes, password)
        self._port = self._server.port
        self._paused: set[str] = set()
        self._no_key: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._units = clip()
        self._thread.start()

    def url(self, code: str) -> str:
        """The address without the password."""
        return f"rtsp://127.0.0.1:{self._port}/{code}"

    def pause(self, code: str) -> None:
        """The camera stays connected but sends nothing."""
        self._paused.add(code)

    def resume(self, code: str) -> None:
        """Ends :meth:`pause` and :meth:`hold_back_key_frames`."""
        self._paused.discard(code)
        self._no_key.discard(code)

    def hold_back_key_frames(self, code: str) -> None:
        """Only P frames from now on."""
        self._no_key.add(code)

    def drop(self, code: str, for_s: float) -> None:
        """Closes the camera's clients and refuses new ones (404) for a while."""
        if self._server is not None:
            self._server.drop_clients(code, for_s)

    def kill_server(self) -> None:
        """Nothing listens on the port any more."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def start_server(self) -> None:
        """Listens again on the same port."""
        self._server = RtspServer(self.codes, self.password, port=self._port)

    def _feed(self) -> None:
        started_s = time.time()
        index = 0
        while not self._stop.wait(max(0.0, started_s + index / FPS - time.time())):
            data, key = self._units[index % len(self._units)]
            server = self._server
            for code in self.codes:
                if server is None or code in self._paused or (key and code in self._no_key):
                    continue
                server.send(code, int((started_s + index / FPS) * 1e6), key, data)
            index += 1

    def close(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)
        self.kill_server()


@contextlib.contextmanager
def rtsp_cameras(count: int = 1, password: str = "test-secret") -> Iterator[TestCameras]:
    """``count`` cameras named ``cam-0``, ``cam-1``, … on a free port."""
    cameras = TestCameras([f"cam-{index}" for index in range(count)], password)
    try:
        yield cameras
    finally:
        cameras.close()
