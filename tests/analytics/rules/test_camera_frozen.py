"""Frozen: the same pictures again and again through a real encoder; an empty yard is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext

from analytics import rules
from analytics.decode import Decoder
from analytics.model import Firing, Scene
from analytics.picture_health import PictureHealth
from analytics.rules.catalogue import standing_zone
from ingest.model import Packet
from tests.support.health import START, street

FPS = 5


def packets(seconds: float, frozen_from_s: float, to_s: float, sigma: float) -> Iterator[Packet]:
    """A still street through H.264; between the two times the sensor's picture stands."""
    codec = av.CodecContext.create("libx264", "w")
    assert isinstance(codec, VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = 480, 270, "yuv420p"
    codec.time_base = Fraction(1, FPS)
    codec.gop_size, codec.max_b_frames, codec.thread_count = 2 * FPS, 0, 1
    codec.options = {"preset": "ultrafast", "tune": "zerolatency", "qp": "30"}
    rng = np.random.default_rng(2)
    held = street()
    for i in range(round(seconds * FPS)):
        if not frozen_from_s <= i / FPS < to_s:
            held = np.clip(street() + rng.normal(0, sigma, (270, 480)), 0, 255).astype(np.uint8)
        i420 = np.full((405, 480), 128, np.uint8)
        i420[:270] = held
        frame = av.VideoFrame.from_ndarray(i420, format="yuv420p")
        frame.pts = i
        for packet in codec.encode(frame):
            at = START + timedelta(seconds=i / FPS)
            yield Packet(
                1, 1, bytes(packet), i * 18000, i * 18000, 18000, packet.is_keyframe, at, "h264", 480, 270
            )  # fmt: skip


def run(
    seconds: float, frozen_from_s: float, to_s: float, sigma: float, keys: bool
) -> list[Firing]:
    health, decoder = PictureHealth(), Decoder()
    rule = rules.make(standing_zone(1, "camera_frozen"))
    fired: list[Firing] = []
    for packet in packets(seconds, frozen_from_s, to_s, sigma):
        for frame in decoder.decode(packet, 0.0, keys_only=keys):
            fired += rule.update(Scene(frame.at, frame=frame, health=health.look(frame)))
    return fired


@pytest.mark.parametrize("keys", [False, True], ids=["all frames", "key frames"])
def test_a_stuck_picture_is_told_once_and_its_end(keys: bool) -> None:
    fired = run(60, 20, 45, 2.0, keys)
    assert [f.over for f in fired] == [True, False, True], "all clear at the start, begin, end"
    assert "very same for" in fired[1].why_en and "完全相同" in fired[1].why
    assert fired[1].value is not None and 10 <= fired[1].value < 20


def test_an_empty_yard_at_a_low_bitrate_is_not() -> None:
    assert [f.over for f in run(60, 99, 99, 1.0, False)] == [True]
