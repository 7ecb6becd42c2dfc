"""Streams to measure analytics with: real clips cut into packets, and a street made here with known passers-by.

The street is what a fixed camera mostly sees: nothing but its sensor's noise, and now and then one who walks through.
It is encoded as cameras do it, at a constant rate with a key frame every two seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from ingest.model import Packet

Gray = NDArray[np.uint8]
START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
NOISE_LEVELS = 2.0
WALK_S = 6.0


@dataclass(frozen=True, slots=True)
class Stream:
    """Packets of one camera, what happens in them as ``(from_s, to_s)``, and how long they last."""

    name: str
    packets: tuple[Packet, ...]
    episodes: tuple[tuple[float, float], ...]
    seconds: float


def street(
    width_px: int, height_px: int, fps: int, seconds: float, every_s: float | None, bitrate_bps: int
) -> Stream:
    """A textured square with sensor noise; one person crosses it in :data:`WALK_S`, every ``every_s``.

    Deterministic. ``every_s`` None: nobody ever comes.
    """
    episodes = []
    if every_s is not None:
        starts = np.arange(every_s / 2, seconds - WALK_S, every_s)
        episodes = [(float(s), float(s) + WALK_S) for s in starts]
    pictures = _street(width_px, height_px, fps, seconds, episodes)
    packets = encode(pictures, width_px, height_px, fps, {"b": str(bitrate_bps)})
    name = f"street {width_px}×{height_px} at {fps}" + (
        ", nobody" if every_s is None else f", one passer-by every {every_s:g} s"
    )
    return Stream(name, tuple(packets), tuple(episodes), seconds)


def clip(path: Path, episodes: Iterable[tuple[float, float]] = ()) -> Stream:
    """A file's pictures, encoded anew as a camera would send them (no B-frames, a key frame every two seconds)."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        fps = float(video.average_rate or 25)
        width, height = video.width // 2 * 2, video.height // 2 * 2
        pictures = (f.reformat(width, height, "yuv420p") for f in container.decode(video))
        packets = tuple(encode(pictures, width, height, fps, {"crf": "23"}))
    return Stream(path.name, packets, tuple(episodes), len(packets) / fps)


def encode(
    pictures: Iterable[av.VideoFrame],
    width_px: int,
    height_px: int,
    fps: float,
    options: dict[str, str],
) -> Iterator[Packet]:
    """``pictures`` (yuv420p) as H.264 packets of camera 1."""
    encoder = VideoCodecContext.create("libx264", "w")
    assert isinstance(encoder, VideoCodecContext)
    rate = Fraction(fps).limit_denominator(1001)
    encoder.width, encoder.height, encoder.pix_fmt = width_px, height_px, "yuv420p"
    encoder.time_base, encoder.framerate = 1 / rate, rate
    encoder.gop_size = round(2 * fps)
    encoder.max_b_frames = 0
    quality = dict(options)
    if "b" in quality:
        encoder.bit_rate = int(quality.pop("b"))
    encoder.options = {
        "preset": "veryfast",
        "tune": "zerolatency",
        "x264-params": "repeat-headers=1:annexb=1:scenecut=0",
        **quality,
    }
    count = 0
    for number, picture in enumerate(pictures):
        picture.pts, picture.time_base = number, 1 / rate
        for raw in encoder.encode(picture):
            yield _packet(raw, count, float(rate), width_px, height_px)
            count += 1
    for raw in encoder.encode(None):
        yield _packet(raw, count, float(rate), width_px, height_px)
        count += 1


def _packet(
    raw: av.Packet[av.VideoStream], number: int, fps: float, width_px: int, height_px: int
) -> Packet:
    at_90k = round(number * 90000 / fps)
    return Packet(
        camera_id=1,
        session=1,
        data=bytes(raw),
        pts_90k=at_90k,
        dts_90k=at_90k,
        duration_90k=round(90000 / fps),
        key=raw.is_keyframe,
        capture_at=START + timedelta(seconds=number / fps),
        codec="h264",
        width_px=width_px,
        height_px=height_px,
    )


def _street(
    width: int, height: int, fps: int, seconds: float, episodes: list[tuple[float, float]]
) -> Iterator[av.VideoFrame]:
    rng = np.random.default_rng(3)
    coarse = rng.integers(70, 190, (9, 16)).astype(np.uint8)
    ground = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    grain = rng.integers(-14, 15, (height // 3, width // 3)).astype(np.int16)
    ground += np.asarray(cv2.resize(grain, (width, height)), np.int16)
    # A sensor's noise is new in each picture; a large field of it, moved at random, is as good and cheap.
    noise = rng.normal(0, NOISE_LEVELS, (height + 128, width + 128)).astype(np.int16)
    body = rng.integers(20, 60, (height // 7, height // 18)).astype(np.int16)
    for number in range(int(seconds * fps)):
        t_s = number / fps
        picture = ground.copy()
        for from_s, to_s in episodes:
            if from_s <= t_s < to_s:
                share = (t_s - from_s) / (to_s - from_s)
                x, y = int(share * (width - body.shape[1])), int(height * 0.5)
                picture[y : y + body.shape[0], x : x + body.shape[1]] = body
        dy, dx = (int(v) for v in rng.integers(0, 128, 2))
        picture += noise[dy : dy + height, dx : dx + width]
        i420 = np.full((height * 3 // 2, width), 128, np.uint8)
        i420[:height] = np.clip(picture, 0, 255)
        yield av.VideoFrame.from_ndarray(i420, format="yuv420p")
