"""Packets to frames, with everything a real stream does wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from analytics.decode import Decoder, KeyDecoders
from gis.errors import InvalidInput
from ingest.model import Packet


@pytest.fixture(scope="module")
def packets(make_scene: Any) -> list[Packet]:
    return list(make_scene().packets(3.0))


def _all(decoder: Decoder, packets: list[Packet], **options: Any) -> list[Any]:
    return [f for i, p in enumerate(packets) for f in decoder.decode(p, float(i), **options)]


def test_every_packet_gives_its_frame_at_once(packets: list[Packet], make_scene: Any) -> None:
    decoder = Decoder(width_px=480)
    for i, packet in enumerate(packets):
        frames = list(decoder.decode(packet, float(i)))
        assert [f.at for f in frames] == [packet.capture_at]
        assert frames[0].arrived_s == i
    assert frames[0].gray.shape == (270, 480)
    assert (frames[0].width_px, frames[0].height_px) == (640, 360)
    truth = make_scene().gray(2.9)
    assert frames[0].picture.bgr().shape == (360, 640, 3)
    assert abs(float(frames[0].gray.mean()) - float(truth.mean())) < 6


def test_a_joiner_waits_for_the_key_frame(packets: list[Packet]) -> None:
    decoder = Decoder()
    frames = _all(decoder, packets[3:])
    assert len(frames) == 20
    assert decoder.counts.waiting == 7


def test_repeated_packets_come_out_once(packets: list[Packet]) -> None:
    decoder = Decoder()
    frames = _all(decoder, packets[:12] + packets[10:15])
    assert [f.at for f in frames] == [p.capture_at for p in packets[:15]]
    assert decoder.counts.repeated == 2


def test_a_new_stream_under_the_old_number_is_taken_up(packets: list[Packet]) -> None:
    later = [replace(p, capture_at=p.capture_at + timedelta(minutes=1)) for p in packets[:10]]
    decoder = Decoder()
    frames = _all(decoder, packets[:15] + later)
    assert len(frames) == 25
    assert decoder.counts.repeated == 0


def test_key_frames_only_and_back(packets: list[Packet]) -> None:
    decoder = Decoder()
    frames = _all(decoder, packets[:15], keys_only=True)
    assert [f.at for f in frames] == [packets[0].capture_at, packets[10].capture_at]
    assert decoder.counts.skipped == 13
    after = _all(decoder, packets[15:])
    assert [f.at for f in after] == [p.capture_at for p in packets[20:]]


def test_corrupt_packets_cost_their_gop_at_most(packets: list[Packet]) -> None:
    rng = np.random.default_rng(1)
    broken = list(packets)
    broken[4] = replace(packets[4], data=b"\x00\x00\x00\x01\x65" + rng.bytes(400))
    broken[6] = replace(packets[6], data=b"\xff" * 30)
    decoder = Decoder()
    frames = _all(decoder, broken)
    times = {f.at for f in frames}
    assert {p.capture_at for p in packets[10:]} <= times
    assert decoder.counts.corrupt + decoder.counts.waiting >= 1


def test_a_new_session_of_another_size_begins_anew(packets: list[Packet], make_scene: Any) -> None:
    small = make_scene(width_px=320, height_px=180)
    decoder = Decoder()
    _all(decoder, packets[:5])
    later = list(small.packets(0.5, session=2))
    frames = _all(decoder, later)
    assert {f.gray.shape for f in frames} == {(180, 320)}
    assert len(frames) == len(later)


def test_a_fast_camera_is_thinned(make_scene: Any) -> None:
    decoder = Decoder(most_fps=12.5)
    frames = _all(decoder, list(make_scene().packets(2.0, fps=25)))
    assert 24 <= len(frames) <= 26
    assert decoder.counts.decoded == 50


def test_unknown_codec_is_named(packets: list[Packet]) -> None:
    with pytest.raises(InvalidInput, match="codec 'av1', which is none of h264"):
        list(Decoder().decode(replace(packets[0], codec="av1"), 0.0))


def test_single_key_frames_of_many_cameras_share_a_few_decoders(
    packets: list[Packet], make_scene: Any
) -> None:
    keys = KeyDecoders()
    other = next(make_scene(width_px=320, height_px=176).packets(0.1))
    decoders = [Decoder(keys=keys) for _ in range(20)]
    for decoder in decoders:
        for packet in (packets[0], other, packets[20]):
            decoder.admit(packet)
            frame = decoder.look(packet, 1.0)
            assert frame is not None
            assert (frame.width_px, frame.at) == (packet.width_px, packet.capture_at)
    assert keys.idle == 2
    broken = replace(packets[0], data=b"\x00\x00\x01\x65" + b"\xff" * 40)
    assert decoders[0].look(broken, 1.0) is None
    assert decoders[0].counts.corrupt == 1
    assert decoders[0].look(packets[10], 1.0) is not None


def test_what_no_frame_builds_on_is_left_out_where_enough_others_come(make_scene: Any) -> None:
    scene = make_scene(width_px=320, height_px=176)
    for fps, fewest, most in ((25, 10, 26), (10, 29, 30)):
        packets = list(scene.packets(3.0 if fps == 10 else 1.4, fps, gop=fps, b_frames=1))
        decoder = Decoder()
        for packet in packets:
            decoder.admit(packet)
            list(decoder.decode_next(packet, 0.0, 12.5))
        assert fewest <= decoder.counts.decoded <= most
        assert decoder.counts.decoded + decoder.counts.disposable >= len(packets) - 2


def test_looking_small_keeps_the_picture(make_scene: Any) -> None:
    """Whatever the sizes: halved first, then fitted, the picture stays where it is."""
    for width_px, height_px in ((1920, 1080), (1280, 720), (704, 576), (642, 362), (320, 176)):
        packet = next(make_scene(width_px=width_px, height_px=height_px).packets(0.1))
        (frame,) = Decoder(width_px=480).decode(packet, 0.0)
        truth = frame.picture.bgr()[..., 0]
        wanted = cv2.resize(truth, frame.gray.shape[::-1], interpolation=cv2.INTER_AREA)
        assert frame.gray.shape[1] == min(480, width_px)
        assert abs(frame.gray.shape[0] / frame.gray.shape[1] - height_px / width_px) < 0.005
        smooth = cv2.blur(frame.gray, (9, 9)).astype(int) - cv2.blur(wanted, (9, 9)).astype(int)
        assert np.abs(smooth[12:-12, 12:-12] - np.median(smooth)).max() <= 12


def test_frames_with_b_frames_come_in_order(
    shared_data: Path, clip_packets: Callable[..., Iterator[Packet]]
) -> None:
    clip = shared_data / "video" / "intel_one-by-one-person-detection.mp4"
    packets = [p for _, p in zip(range(60), clip_packets(clip), strict=False)]
    assert any(p.pts_90k != p.dts_90k for p in packets)
    times = [f.at for f in _all(Decoder(), packets)]
    assert times == sorted(times)
    assert len(times) >= 55
