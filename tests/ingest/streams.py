"""Streams encoded on the spot, for tests that need real bytes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from ingest.fmp4 import Sample
from ingest.model import Packet
from ingest.unit import MediaUnit, UnitParser

START = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)


@lru_cache(maxsize=16)
def encode(
    codec: str = "h264",
    frames: int = 50,
    gop: int = 10,
    width_px: int = 320,
    height_px: int = 180,
    fps: int = 10,
    b_frames: int = 0,
) -> tuple[tuple[bytes, int, int], ...]:
    """Annex B access units of a moving square with frame numbers, as (data, pts_90k, dts_90k)."""
    context = av.CodecContext.create("libx264" if codec == "h264" else "libx265", "w")
    context.width, context.height, context.pix_fmt = width_px, height_px, "yuv420p"
    context.time_base, context.framerate = Fraction(1, fps), Fraction(fps)
    context.gop_size = gop
    options = {"preset": "ultrafast", "bf": str(b_frames)}
    if codec == "h264":
        options |= {"tune": "zerolatency"} if b_frames == 0 else {}
        options["x264-params"] = (
            f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes={b_frames}:repeat-headers=1:annexb=1"
        )
        if b_frames:
            context.profile = "Main"
    else:
        options["x265-params"] = (
            f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes={b_frames}:repeat-headers=1:log-level=none:open-gop=0"
        )
    context.options = options
    rng = np.random.default_rng(1)
    ground = rng.integers(60, 120, (height_px, width_px, 3), np.uint8)
    packets = []
    for index in range(frames):
        picture = cv2.GaussianBlur(ground, (9, 9), 3)
        cv2.rectangle(
            picture,
            (index * 4 % (width_px - 40), 60),
            (index * 4 % (width_px - 40) + 30, 110),
            (40, 200, 240),
            -1,
        )
        cv2.putText(picture, str(index), (5, 40), cv2.FONT_HERSHEY_SIMPLEX, 1, (255, 255, 255), 2)
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
        frame.pts = index
        frame.time_base = Fraction(1, fps)
        packets += context.encode(frame)
    packets += context.encode(None)
    step = 90_000 // fps
    return tuple((bytes(p), int(p.pts) * step, int(p.dts) * step) for p in packets)


def units(
    codec: str = "h264",
    camera_id: int = 1,
    session: int = 1,
    start: datetime = START,
    repeat: int = 1,
    **options: int,
) -> list[MediaUnit]:
    """The same as media units; ``repeat`` plays them several times on."""
    parser = UnitParser(codec)
    out: list[MediaUnit] = []
    coded = encode(codec, **options)
    step = 90_000 // options.get("fps", 10)
    for round_ in range(repeat):
        base = round_ * len(coded) * step
        for data, pts, dts in coded:
            parsed = parser.parse(data)
            assert parsed is not None
            out.append(
                MediaUnit(
                    Packet(
                        camera_id, session, parsed.data, base + pts, base + dts, step, parsed.key,
                        start + timedelta(seconds=(base + pts) / 90_000), codec,
                        parsed.format.width_px, parsed.format.height_px,
                    ),
                    parsed.sample,
                    parsed.format,
                )
            )  # fmt: skip
    return out


def samples(stream: list[MediaUnit]) -> list[Sample]:
    """MP4 samples; the last one lasts as long as expected."""
    ends = [u.packet.dts_90k for u in stream[1:]] + [
        stream[-1].packet.dts_90k + stream[-1].packet.duration_90k
    ]
    return [
        Sample(u.sample, end - u.packet.dts_90k, u.packet.pts_90k - u.packet.dts_90k, u.packet.key)
        for u, end in zip(stream, ends, strict=True)
    ]


def ffprobe(source: Path | str, *arguments: str) -> dict[str, Any]:
    """What ffprobe reads; any error or warning of its demuxer or decoder fails the test."""
    done = subprocess.run(
        ["ffprobe", "-v", "warning", "-count_frames", "-show_streams", "-show_format", "-of", "json", *arguments, str(source)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", done.stderr
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


def until(condition: Callable[[], Any], what: str, timeout_s: float = 15.0) -> Any:
    """Waits for ``condition`` to be true and returns its value; fails the test at the deadline."""
    import time

    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {timeout_s} s in vain for {what}"
        time.sleep(0.01)
    return value
