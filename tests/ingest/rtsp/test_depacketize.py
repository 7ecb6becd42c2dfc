"""Payload formats: what was packed comes out again, however it was cut, and a loss is never handed on as whole."""

from __future__ import annotations

import io

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import annexb
from ingest.rtsp.depacketize.aac import AacDepacketizer
from ingest.rtsp.depacketize.h264 import H264Depacketizer
from ingest.rtsp.depacketize.h265 import H265Depacketizer
from ingest.rtsp.depacketize.mjpeg import MjpegDepacketizer, quantisers
from ingest.rtsp.depacketize.sound import WholePackets, opus_samples
from ingest.rtsp.rtp import Depacketizer, Frame
from tests.ingest.streams import encode, encode_audio, jpegs
from tests.support.rtp import aac_payloads, h264_payloads, h265_payloads, jpeg_payloads

Pushed = tuple[bytes, int, bool]


def push(depacketizer: Depacketizer, *packets: Pushed | None) -> list[Frame]:
    """None stands for a packet that is missing."""
    out: list[Frame] = []
    for packet in packets:
        if packet is None:
            depacketizer.lost()
            continue
        payload, timestamp, marker = packet
        # The payload lies somewhere within a packet.
        out += (
            depacketizer.push(b"head" + payload + b"pad", 4, 4 + len(payload), timestamp, marker)
            or []
        )
    return out


def marked(payloads: list[bytes], timestamp: int) -> list[Pushed]:
    return [(p, timestamp, i == len(payloads) - 1) for i, p in enumerate(payloads)]


def stream(codec: str) -> list[list[bytes]]:
    """Access units as lists of NAL units."""
    return [annexb.split(data) for data, _, _ in encode(codec, frames=20)]


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@settings(max_examples=25, deadline=None)
@given(mtu=st.integers(20, 3000), aggregate=st.booleans(), markers=st.booleans())
def test_real_access_units_come_out_as_they_went_in(
    codec: str, mtu: int, aggregate: bool, markers: bool
) -> None:
    cut = h264_payloads if codec == "h264" else h265_payloads
    depacketizer = H264Depacketizer() if codec == "h264" else H265Depacketizer()
    packets = [
        (payload, number * 9000, marker and markers)
        for number, units in enumerate(stream(codec))
        for payload, _, marker in marked(cut(units, mtu, aggregate), 0)
    ]
    frames = push(depacketizer, *packets)
    assert [f.units for f in frames] == stream(codec)[: len(frames)]
    assert len(frames) >= (20 if markers else 19)  # without a marker the next picture ends it
    assert not any(f.damaged or f.after_loss for f in frames)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@settings(max_examples=60, deadline=None)
@given(data=st.data(), mtu=st.integers(40, 1400))
def test_no_picture_that_lacks_a_part_passes_for_whole(
    codec: str, data: st.DataObject, mtu: int
) -> None:
    cut = h264_payloads if codec == "h264" else h265_payloads
    depacketizer = H264Depacketizer() if codec == "h264" else H265Depacketizer()
    sent = stream(codec)
    packets: list[Pushed | None] = [
        packet
        for number, units in enumerate(sent)
        for packet in marked(cut(units, mtu), number * 9000)
    ]
    missing = data.draw(st.sets(st.integers(0, len(packets) - 1), min_size=1, max_size=6))
    kept = [None if i in missing else p for i, p in enumerate(packets)]
    frames = push(depacketizer, *kept)
    broken = False
    for frame in frames:
        number = frame.timestamp // 9000
        pictures = [u for u in sent[number] if depacketizer_role(codec, u)]
        whole = [u for u in frame.units if depacketizer_role(codec, u)] == pictures
        assert whole or frame.damaged
        broken = broken or frame.after_loss or frame.damaged
    last_missing = max(missing)
    if last_missing < len(packets) - 1:
        assert broken  # the loss is told with a later picture


def depacketizer_role(codec: str, unit: bytes) -> bool:
    return 1 <= unit[0] & 31 <= 5 if codec == "h264" else unit[0] >> 1 & 63 < 32


def test_camera_that_marks_every_slice_is_found_out() -> None:
    first, second = b"\x65\x88aaa", b"\x65\x10bbb"  # first_mb_in_slice 0, and not 0
    depacketizer = H264Depacketizer()
    out = push(depacketizer, (first, 0, True), (second, 0, True))
    assert [f.units for f in out] == [[first]]
    out = push(depacketizer, (first, 3000, True), (second, 3000, True), (first, 6000, True))
    assert [(f.units, f.damaged, f.after_loss) for f in out] == [
        ([second], True, True),
        ([first, second], False, False),
    ]


def test_marker_on_parameter_sets_does_not_end_the_picture() -> None:
    out = push(
        H264Depacketizer(), (b"\x67abc", 0, True), (b"\x68abc", 0, True), (b"\x65\x88x", 0, True)
    )
    assert [f.units for f in out] == [[b"\x67abc", b"\x68abc", b"\x65\x88x"]]


def test_pictures_of_one_time_are_told_apart() -> None:
    out = push(H264Depacketizer(), *[(b"\x41\x9a" + bytes([n]), 0, True) for n in range(5)])
    assert [f.units for f in out] == [[b"\x41\x9a" + bytes([n])] for n in range(5)]


def test_byte_streams_in_the_place_of_units_are_split() -> None:
    units = [b"\x67abc", b"\x68abc", b"\x65\x88x"]
    out = push(H264Depacketizer(), (annexb.join(units), 0, True))
    assert [f.units for f in out] == [units]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["h264", "h265", "h265don", "mjpeg", "aac", "sound"]),
    st.lists(
        st.tuples(st.binary(min_size=1, max_size=80), st.integers(0, 3), st.booleans()) | st.none(),
        max_size=25,
    ),
)
def test_garbage_payloads_raise_nothing(kind: str, packets: list[Pushed | None]) -> None:
    depacketizer: Depacketizer = {
        "h264": H264Depacketizer, "h265": H265Depacketizer, "h265don": lambda: H265Depacketizer(True),
        "mjpeg": MjpegDepacketizer, "aac": lambda: AacDepacketizer({}), "sound": WholePackets,
    }[kind]()  # fmt: skip
    for frame in push(depacketizer, *packets):
        assert all(frame.units)


# --- MJPEG ---------------------------------------------------------------------------------------------------------


def decode(picture: bytes) -> np.ndarray:  # type: ignore[type-arg]
    decoded = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded


@pytest.mark.parametrize("restart", [0, 4])
@pytest.mark.parametrize(
    "sampling", [cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422]
)
@pytest.mark.parametrize("mtu", [300, 1400])
def test_jpeg_headers_are_made_anew(restart: int, sampling: int, mtu: int) -> None:
    rng = np.random.default_rng(3)
    sent = cv2.GaussianBlur(rng.integers(0, 255, (184, 320, 3), np.uint8), (9, 9), 3)
    options = [cv2.IMWRITE_JPEG_RST_INTERVAL, restart, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling]
    picture = cv2.imencode(".jpg", sent, options)[1].tobytes()
    depacketizer = MjpegDepacketizer()
    payloads = jpeg_payloads(picture, mtu)
    frames = push(depacketizer, *marked(payloads, 1), *marked(payloads, 2))
    assert [f.damaged for f in frames] == [False, False]
    assert np.array_equal(decode(frames[1].units[0]), decode(picture))
    assert (b"\xff\xdd" in frames[0].units[0]) == bool(restart)


def test_jpeg_quality_tables_are_the_standard_s() -> None:
    for quality in (1, 25, 50, 75, 99):
        made = cv2.imencode(
            ".jpg", np.zeros((16, 16, 3), np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality]
        )[1].tobytes()
        at = made.find(b"\xff\xdb")
        luma = made[at + 5 : at + 69]
        assert quantisers(quality)[:64] == luma


def test_jpeg_with_a_lost_fragment_is_damaged_and_the_next_one_is_not() -> None:
    payloads = jpeg_payloads(jpegs(1)[0].sample, 300)
    assert len(payloads) > 4
    lost: list[Pushed | None] = list(marked(payloads, 1))
    lost[2] = None
    frames = push(MjpegDepacketizer(), *lost, *marked(payloads, 2))
    assert [f.damaged for f in frames] == [True, False]


def test_large_jpeg_takes_its_size_from_the_description() -> None:
    payload = bytes([0, 0, 0, 0, 1, 80, 0, 0]) + b"scan"
    assert push(MjpegDepacketizer(), (payload, 0, True)) == []
    (frame,) = push(MjpegDepacketizer((2560, 1440)), (payload, 0, True))
    assert b"\xff\xc0\x00\x11\x08\x05\xa0\x0a\x00" in frame.units[0]


# --- sound ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("together", "mtu"), [(1, 1400), (3, 1400), (2, 100)])
def test_aac_units_come_out_as_they_went_in(together: int, mtu: int) -> None:
    packets = [data for data, _ in encode_audio("aac", 2)[1]][:60]
    depacketizer = AacDepacketizer(
        {"sizelength": "13", "indexlength": "3", "indexdeltalength": "3"}
    )
    out: list[Frame] = []
    for at in range(0, len(packets), together):
        units = packets[at : at + together]
        for unit_group in [units] if mtu == 1400 else [[u] for u in units]:
            out += push(depacketizer, *marked(aac_payloads(unit_group, mtu), at * 1024))
    assert [f.units[0] for f in out] == packets
    if mtu == 1400:
        assert [f.timestamp for f in out] == [n * 1024 for n in range(len(packets))]


def test_aac_parameters_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(ValueError, match="sizelength is 'x'"):
        AacDepacketizer({"sizelength": "x"})


def test_opus_packets_say_how_long_they_are() -> None:
    packets = encode_audio("opus", 1)[1]
    assert {opus_samples(data) for data, _ in packets} == {960}
    assert opus_samples(b"") == 0
    assert opus_samples(b"\xff\xff") == 0  # more than 120 ms


def test_made_up_jpeg_plays_in_ffmpeg() -> None:
    payload = bytes([0, 0, 0, 0, 1, 60, 8, 8]) + bytes(40)
    (frame,) = push(MjpegDepacketizer(), (payload, 0, True))
    with av.open(io.BytesIO(frame.units[0]), format="mjpeg") as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (64, 64)
