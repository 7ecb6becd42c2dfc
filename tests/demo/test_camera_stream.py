"""The demo's cameras on the air: real RTSP, the burnt-in time, the control socket, the truth beside the stream."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from demo.cameras import RTSP_USERNAME
from demo.cameras.control import ask, trigger_intrusion
from demo.cameras.encode import Encoder
from demo.cameras.main import run
from demo.cameras.strip import draw_strip, read_strip
from gis.errors import SetupError
from tests.support.scenes import CACHE, free_port

PASSWORD = "a-test-password"
OPTIONS = {
    "rtsp_transport": "tcp", "timeout": "4000000", "probesize": "100000", "analyzeduration": "300000",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OnAir:
    var: Path
    port: int

    def open(self, password: str = PASSWORD) -> av.container.InputContainer:
        url = f"rtsp://{RTSP_USERNAME}:{password}@127.0.0.1:{self.port}/cam-yard"
        return av.open(url, options=OPTIONS)


@pytest.fixture(scope="module")
def on_air(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnAir]:
    var = tmp_path_factory.mktemp("cameras")
    (var / "demo").mkdir()
    CACHE.mkdir(parents=True, exist_ok=True)
    (var / "demo" / "scenes").symlink_to(CACHE)
    port = free_port()
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(var, port, PASSWORD, stop, ["cam-yard"]))
    thread.start()
    truth = var / "demo" / "truth" / "cam-yard.jsonl"
    deadline = time.monotonic() + 300  # scenes not in the cache are drawn first
    pause = threading.Event()
    while not (truth.exists() and truth.stat().st_size):
        assert thread.is_alive()
        assert time.monotonic() < deadline, "the camera never began"
        pause.wait(0.1)
    yield OnAir(var, port)
    stop.set()
    thread.join(timeout=15)
    assert not thread.is_alive()


def test_frames_carry_the_time_they_were_taken(on_air: OnAir) -> None:
    delays, stamps = [], []
    with on_air.open() as container:
        for number, frame in enumerate(container.decode(video=0)):
            unix_ms = read_strip(frame.to_ndarray(format="bgr24"))
            assert unix_ms is not None
            stamps.append(unix_ms)
            delays.append(time.time() * 1000 - unix_ms)
            assert (frame.width, frame.height) == (960, 540)
            if number == 25:
                break
    assert all(b > a for a, b in itertools.pairwise(stamps))
    # A client that probes the stream first reads what it held back; then it is live, and no time lies ahead.
    assert -50 < min(delays) < 20_000


def test_a_wrong_password_is_refused(on_air: OnAir) -> None:
    with pytest.raises(av.error.HTTPUnauthorizedError):
        on_air.open("wrong")


def test_the_intrusion_asked_for_is_in_the_truth_beside_the_stream(on_air: OnAir) -> None:
    asked = time.time()
    enters = trigger_intrusion(on_air.var)
    assert asked + 0.5 < enters < time.time() + 6.0
    path = on_air.var / "demo" / "truth" / "cam-yard.jsonl"
    deadline = time.monotonic() + 60
    pause = threading.Event()
    while time.monotonic() < deadline:
        rows = [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]
        ids = {o[0] for row in rows if row["t"] > enters for o in row["objects"]}
        if "intruder-0" in ids:
            return
        pause.wait(0.2)
    raise AssertionError("the intruder is not in the truth")


def test_a_paused_camera_sends_nothing_and_then_goes_on(on_air: OnAir) -> None:
    with on_air.open() as container:
        stream = container.demux(video=0)
        next(stream)
        assert ask(on_air.var, {"do": "pause", "camera": "cam-yard", "seconds": 1.5})["ok"] is True
        gaps, last = [], time.monotonic()
        for _ in range(30):
            next(stream)
            gaps.append(time.monotonic() - last)
            last = time.monotonic()
    assert max(gaps) > 1.0


def test_a_dropped_camera_closes_its_clients(on_air: OnAir) -> None:
    with on_air.open() as container:
        stream = container.demux(video=0)
        next(stream)
        ask(on_air.var, {"do": "drop", "camera": "cam-yard", "seconds": 0.5})
        assert sum(1 for _ in zip(range(80), stream, strict=False)) < 80


@pytest.mark.parametrize(
    "request_",
    [
        {"do": "intrude", "camera": "no-such"},
        {"do": "dance", "camera": "cam-yard"},
        {"do": "pause"},
    ],
)
def test_a_senseless_request_is_refused_with_a_reason(
    on_air: OnAir, request_: dict[str, object]
) -> None:
    with pytest.raises(SetupError, match="refused"):
        ask(on_air.var, request_)


def test_without_running_cameras_the_request_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"start \./run demo first"):
        trigger_intrusion(tmp_path)


def test_an_unknown_camera_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no camera 'cam-moon'"):
        run(tmp_path, free_port(), PASSWORD, threading.Event(), ["cam-moon"])


@pytest.mark.parametrize("unix_ms", [0, 1, 1_795_246_020_123, (1 << 42) - 1])
def test_the_time_strip_survives_compression(unix_ms: int) -> None:
    rng = np.random.default_rng(1)
    bgr = cv2.GaussianBlur(rng.integers(0, 255, (540, 960, 3), np.uint8), (0, 0), 1.5)
    i420 = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420)
    draw_strip(i420[:540], unix_ms)
    data, key = Encoder(960, 540).encode(i420)
    assert key
    (frame,) = av.CodecContext.create("h264", "r").decode(av.Packet(data)) or [None]
    if frame is None:
        pytest.fail("the decoder held the only frame back")
    assert read_strip(frame.to_ndarray(format="bgr24")) == unix_ms


def test_a_picture_without_a_strip_has_no_time() -> None:
    assert read_strip(np.zeros((540, 960, 3), np.uint8)) is None
    assert read_strip(np.full((540, 960), 235, np.uint8)) is None
    assert read_strip(np.zeros((4, 960), np.uint8)) is None
    noise = np.random.default_rng(2).integers(0, 255, (540, 960), np.uint8)
    assert read_strip(noise) is None
