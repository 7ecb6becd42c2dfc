"""The kind of a frame from its first bytes, against what the decoder says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import av
import pytest
from av.video.codeccontext import VideoCodecContext

from analytics.framekind import UNKNOWN, FrameKind, frame_kind
from ingest.model import Packet


@pytest.fixture(scope="module")
def packets(make_scene: Any) -> list[Packet]:
    scene = make_scene(width_px=320, height_px=176)
    return list(scene.packets(3.0, gop=12, b_frames=2))


def test_h264_kinds_are_those_the_decoder_finds(packets: list[Packet]) -> None:
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.thread_count = 1
    truth: dict[int, str] = {}
    for packet in packets:
        compressed = av.Packet(packet.data)
        compressed.pts = packet.pts_90k
        truth |= {
            f.pts: "?IPB"[f.pict_type] for f in decoder.decode(compressed) if f.pts is not None
        }
    truth |= {f.pts: "?IPB"[f.pict_type] for f in decoder.decode(None) if f.pts is not None}
    told = {p.pts_90k: frame_kind("h264", p.data).name[0] for p in packets}
    assert told == truth
    assert Counter(told.values())["B"] >= 10


def test_what_is_disposable_can_be_left_out(packets: list[Packet]) -> None:
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.thread_count = 1
    kept = [p for p in packets if not frame_kind("h264", p.data).disposable]
    assert len(kept) < 0.75 * len(packets)
    frames = [f for p in kept for f in decoder.decode(av.Packet(p.data))] + decoder.decode(None)
    assert len(frames) == len(kept)
    assert not any(f.is_corrupt for f in frames)


def test_h265_and_mjpeg(make_scene: Any, encode: Callable[..., Iterator[Packet]]) -> None:
    scene = make_scene(width_px=320, height_px=176)
    pictures = [scene.gray(i / 10) for i in range(12)]
    hevc = [frame_kind("hevc", p.data) for p in encode(pictures, gop=6, codec="libx265")]
    assert [int(kind.name.split(".")[0]) >= 16 for kind in hevc] == [True, *[False] * 5] * 2
    assert {kind.name for kind in hevc[1:6]} == {"1.0"}
    assert not any(kind.disposable for kind in hevc)
    jpeg = next(encode(pictures[:1], codec="mjpeg"))
    assert frame_kind("mjpeg", jpeg.data) == FrameKind("I", disposable=True)


@pytest.mark.parametrize(
    ("codec", "data"),
    [
        ("h264", b""),
        ("h264", b"\x00\x00\x01"),
        ("h264", b"\xff" * 40),
        ("h264", b"\x00\x00\x01\x09\x10"),
        ("hevc", b"\x00\x00\x01\x02"),
        ("av1", b"\x00\x00\x01\x01\x9e"),
    ],
)
def test_what_cannot_be_told_is_unknown_and_kept(codec: str, data: bytes) -> None:
    assert frame_kind(codec, data) == UNKNOWN
    assert not UNKNOWN.disposable
