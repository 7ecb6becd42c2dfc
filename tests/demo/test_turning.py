"""The demo's turning camera as a stranger meets it: by ONVIF and RTSP."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from demo.cameras import ONVIF_HOME, ONVIF_PROFILE, RTSP_USERNAME, TURNING, sub_code
from demo.cameras.main import run
from gis.errors import SetupError
from ingest.onvif.device import describe, open_device
from ingest.onvif.model import Preset
from ingest.onvif.turn import Turning
from tests.support.scenes import CACHE, free_port

PASSWORD = "a-test-password"


@dataclass(frozen=True, slots=True)
class OnAir:
    rtsp_port: int
    url: str


@pytest.fixture(scope="module")
def on_air(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnAir]:
    var = tmp_path_factory.mktemp("turning")
    (var / "demo").mkdir()
    CACHE.mkdir(parents=True, exist_ok=True)
    (var / "demo" / "scenes").symlink_to(CACHE)
    rtsp_port, onvif_port = free_port(), free_port()
    stop = threading.Event()
    arguments = (var, rtsp_port, PASSWORD, stop, [TURNING], onvif_port)
    thread = threading.Thread(target=run, args=arguments)
    thread.start()
    truth = var / "demo" / "truth" / f"{TURNING}.jsonl"
    deadline = time.monotonic() + 300  # scenes not in the cache are drawn first
    pause = threading.Event()
    while not (truth.exists() and truth.stat().st_size):
        assert thread.is_alive()
        assert time.monotonic() < deadline, "the camera never began"
        pause.wait(0.1)
    yield OnAir(rtsp_port, f"http://127.0.0.1:{onvif_port}/onvif/device_service")
    stop.set()
    thread.join(timeout=15)
    assert not thread.is_alive()


def _picture(url: str, below_px: int = 40) -> NDArray[np.int16]:
    login = url.replace("rtsp://", f"rtsp://{RTSP_USERNAME}:{PASSWORD}@")
    with av.open(login, options={"rtsp_transport": "tcp", "timeout": "4000000"}) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number == 12:  # past what waited in buffers
                return frame.to_ndarray(format="gray").astype(np.int16)[below_px:]
    raise AssertionError("the stream ended")


def test_it_is_described_turned_and_comes_home(on_air: OnAir) -> None:
    found = asyncio.run(describe(on_air.url, RTSP_USERNAME, PASSWORD))
    assert (found.main, found.ptz_profile, found.notes) == (ONVIF_PROFILE, ONVIF_PROFILE, ())
    profile, small = found.profiles
    assert profile.stream_url == f"rtsp://127.0.0.1:{on_air.rtsp_port}/{TURNING}"
    assert (profile.width_px, profile.height_px, profile.fps) == (960, 540, 10)
    assert found.sub == small.token
    assert (small.width_px, small.height_px, small.fps) == (640, 360, 5)

    async def goto(token: str) -> list[Preset]:
        async with open_device(on_air.url, RTSP_USERNAME, PASSWORD) as device:
            turning = await Turning.of(device, None)
            await turning.goto(token)
            return await turning.presets()

    home = _picture(profile.stream_url)
    assert {"1", "2", "3", "4"} == {preset.token for preset in asyncio.run(goto("3"))}
    right = _picture(profile.stream_url)
    asyncio.run(goto(ONVIF_HOME))
    back = _picture(profile.stream_url)
    assert np.abs(back - home).mean() < 4 < np.abs(right - home).mean()


def test_its_second_stream_is_the_same_picture_smaller(on_air: OnAir) -> None:
    base = f"rtsp://127.0.0.1:{on_air.rtsp_port}"
    large, small = _picture(f"{base}/{TURNING}", 0), _picture(f"{base}/{sub_code(TURNING)}", 0)
    assert (large.shape, small.shape) == ((540, 960), (360, 640))
    shrunk = cv2.resize(large.astype(np.uint8), (640, 360), interpolation=cv2.INTER_AREA)
    assert np.abs(shrunk.astype(np.int16) - small)[40:].mean() < 6


def test_a_taken_port_is_named(tmp_path: Path, on_air: OnAir) -> None:
    taken = int(on_air.url.split(":")[2].split("/")[0])
    with pytest.raises(SetupError, match=rf"port {taken} on .*WANGLOU_DEMO_ONVIF_PORT"):
        run(tmp_path, free_port(), PASSWORD, threading.Event(), [TURNING], taken)
