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

from ingest import annexb
from ingest.fmp4 import Sample
from ingest.model import Packet
from ingest.unit import AudioFormat, AudioUnit, MediaUnit, StreamFormat, UnitPacket, UnitParser

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
            parsed = parser.parse(annexb.split(data))
            assert parsed is not None
            out.append(
                MediaUnit(
                    UnitPacket(
                        camera_id, session, None, base + pts, base + dts, step, parsed.key,
                        start + timedelta(seconds=(base + pts) / 90_000), codec,
                        parsed.format.width_px, parsed.format.height_px,
                        sample=parsed.sample, form=parsed.format,
                    ),
                    parsed.sample,
                    parsed.format,
                )
            )  # fmt: skip
    return out


@lru_cache(maxsize=8)
def encode_audio(codec: str, seconds: int) -> tuple[AudioFormat, tuple[tuple[bytes, int], ...]]:
    """A tone as (packet, duration in 1/90000 s), with its format."""
    rate_hz = {"aac": 44_100, "opus": 48_000}.get(codec, 8_000)
    encoder = {"opus": "libopus", "pcma": "pcm_alaw", "pcmu": "pcm_mulaw"}.get(codec, codec)
    context = av.CodecContext.create(encoder, "w")
    context.sample_rate, context.layout = rate_hz, "mono"
    context.format = {"aac": "fltp", "opus": "s16"}.get(codec, "s16")
    context.time_base = Fraction(1, rate_hz)
    context.open()
    size = context.frame_size or rate_hz // 50
    tone = np.sin(np.arange(seconds * rate_hz) * 2 * np.pi * 440 / rate_hz)
    packets: list[tuple[bytes, int]] = []
    for at in range(0, len(tone) - size + 1, size):
        part = tone[at : at + size][None, :]
        data = part.astype(np.float32) if codec == "aac" else (part * 20_000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(data, format=context.format.name, layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, at, context.time_base
        packets += [(bytes(p), size * 90_000 // rate_hz) for p in context.encode(frame)]
    config = bytes(context.extradata or b"") if codec == "aac" else b""
    return AudioFormat(codec, rate_hz, 1, config), tuple(packets)


def sound(
    codec: str, camera_id: int = 1, session: int = 1, start: datetime = START, seconds: int = 5
) -> list[AudioUnit]:
    """A tone as audio units beside :func:`units`."""
    form, packets = encode_audio(codec, seconds)
    out: list[AudioUnit] = []
    for number, (data, duration) in enumerate(packets):
        pts = number * 90_000 * (1024 if codec == "aac" else form.rate_hz // 50) // form.rate_hz
        at = start + timedelta(seconds=pts / 90_000)
        out.append(AudioUnit(camera_id, "main", session, data, pts, duration, at, form))
    return out


def mixed(
    pictures: list[MediaUnit], tones: list[AudioUnit], late_90k: int = 9_000
) -> list[MediaUnit | AudioUnit]:
    """Both in the order they arrive, the sound ``late_90k`` after its time."""
    order = [(u.packet.dts_90k, u) for u in pictures] + [(u.pts_90k + late_90k, u) for u in tones]
    return [unit for _, unit in sorted(order, key=lambda entry: entry[0])]


def jpegs(
    frames: int = 50, fps: int = 10, session: int = 1, start: datetime = START, size: int = 0
) -> list[MediaUnit]:
    """The moving square as MJPEG: every picture a key frame. ``size``: bytes that a made-up one has instead."""
    form = StreamFormat("mjpeg", (), 320, 180, "mp4v.6C", 0)
    out: list[MediaUnit] = []
    for index in range(frames):
        if size:
            data = index.to_bytes(4, "big") * (size // 4)
        else:
            picture = np.full((180, 320, 3), 90, np.uint8)
            cv2.rectangle(picture, (index * 4, 60), (index * 4 + 30, 110), (40, 200, 240), -1)
            data = cv2.imencode(".jpg", picture)[1].tobytes()
        pts = index * 90_000 // fps
        at = start + timedelta(seconds=pts / 90_000)
        packet = Packet(
            1, session, data, pts, pts, 90_000 // fps, True, at, "mjpeg", 320, 180
        )  # fmt: skip
        out.append(MediaUnit(packet, data, form))
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
