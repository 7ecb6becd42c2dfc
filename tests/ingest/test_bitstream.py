"""NAL packings, parameter sets and access units, by property and against real encoders."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import annexb, h264, h265
from ingest.bits import KEY, SETS, BitReader, BitsExhausted, BitWriter, escape, unescape
from ingest.unit import UnitParser
from tests.ingest.streams import encode, jpegs, units

nal_units = st.lists(
    st.binary(min_size=1, max_size=60).map(escape).filter(lambda b: b and b[-1] != 0), max_size=6
)


@settings(max_examples=80, deadline=None)
@given(nal_units)
def test_packings_are_inverse(units: list[bytes]) -> None:
    assert annexb.split(annexb.join(units)) == units
    assert annexb.from_lengths(annexb.to_lengths(units)) == units
    assert annexb.from_sample(annexb.to_lengths(units)) == annexb.join(units)
    three_byte = b"".join(b"\x00\x00\x01" + u for u in units)
    assert annexb.split(three_byte) == units


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=80) | st.lists(st.sampled_from([0, 1, 3, 255]), max_size=40).map(bytes))
def test_escaping_hides_start_codes(payload: bytes) -> None:
    hidden = escape(payload)
    assert unescape(hidden) == payload
    assert all(hidden.find(bytes([0, 0, n])) < 0 for n in (0, 1, 2))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["u", "ue", "se"]), st.integers(-1000, 1000)), max_size=20)
)
def test_bit_fields_are_read_as_written(fields: list[tuple[str, int]]) -> None:
    writer = BitWriter()
    for kind, value in fields:
        if kind == "u":
            writer.bits(abs(value), 11)
        elif kind == "ue":
            writer.ue(abs(value))
        else:
            writer.se(value)
    reader = BitReader(writer.rbsp())
    for kind, value in fields:
        got = reader.bits(11) if kind == "u" else reader.ue() if kind == "ue" else reader.se()
        assert got == (value if kind == "se" else abs(value))


def test_length_over_the_end_is_refused() -> None:
    with pytest.raises(ValueError, match="runs over"):
        annexb.from_lengths(b"\x00\x00\x00\x09abc")


def sps_h264(
    width_mbs: int, height_units: int, crop: tuple[int, int, int, int] | None,
    profile: int = 100, chroma: int = 1, frames_only: bool = True, reorder: int | None = None,
) -> bytes:  # fmt: skip
    w = BitWriter().ue(0)
    if profile == 100:
        w.ue(chroma).ue(0).ue(0).bits(0, 1).bits(0, 1)
    w.ue(0).ue(0).ue(0).ue(1).bits(0, 1).ue(width_mbs - 1).ue(height_units - 1)
    w.bits(int(frames_only), 1)
    if not frames_only:
        w.bits(0, 1)
    w.bits(1, 1).bits(int(crop is not None), 1)
    for side in crop or ():
        w.ue(side)
    w.bits(int(reorder is not None), 1)
    if reorder is not None:
        w.bits(0, 1).bits(0, 1).bits(0, 1).bits(0, 1).bits(1, 1).bits(1, 32).bits(50, 32).bits(1, 1)
        w.bits(0, 1).bits(0, 1).bits(0, 1).bits(1, 1).bits(1, 1).ue(0).ue(0).ue(10).ue(10).ue(
            reorder
        ).ue(4)
    return bytes([0x67, profile, 0, 40]) + escape(w.rbsp())


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 300), st.integers(1, 200), st.integers(0, 7), st.integers(0, 7),
    st.booleans(), st.sampled_from([66, 100]), st.sampled_from([None, 0, 2, 4]),
)  # fmt: skip
def test_sps_size_from_its_fields(
    width: int,
    height: int,
    right: int,
    bottom: int,
    frames_only: bool,
    profile: int,
    reorder: int | None,
) -> None:
    sps = h264.parse_sps(
        sps_h264(
            width, height, (0, right, 0, bottom), profile, frames_only=frames_only, reorder=reorder
        )
    )
    assert sps.width_px == 16 * width - 2 * right
    assert sps.height_px == (16 * height - 2 * bottom) * (1 if frames_only else 2)
    assert sps.reorder == (reorder if reorder is not None else 0 if profile == 66 else None)


def test_1080p_camera_sps() -> None:
    sps = h264.parse_sps(sps_h264(120, 68, (0, 0, 0, 4)))
    assert (sps.width_px, sps.height_px) == (1920, 1080)
    assert h264.codec_string(sps_h264(120, 68, None)) == "avc1.640028"


@pytest.mark.parametrize(
    "unit", [b"\x67", b"\x67\x64\x00\x28", b"\x68abcdefg", b"\x67\x64\x00\x28\xff\xff"]
)
def test_broken_sps_is_refused(unit: bytes) -> None:
    with pytest.raises(ValueError, match=r"parameter set|impossible|cut short"):
        h264.parse_sps(unit)


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=60))
def test_garbage_parameter_sets_raise_value_error_only(body: bytes) -> None:
    for parse in (
        lambda: h264.parse_sps(b"\x67" + body),
        lambda: h265.parse_sps(b"\x42\x01" + body),
    ):
        try:
            parse()
        except ValueError:
            pass


def test_exhausted_reader_says_where() -> None:
    with pytest.raises(BitsExhausted, match="bit 0 of 8"):
        BitReader(b"a").bits(9)


@pytest.mark.parametrize(
    ("codec", "b_frames", "prefix"),
    [("h264", 0, "avc1.42"), ("h264", 2, "avc1.4d"), ("hevc", 2, "hvc1.1.6.L")],
)
def test_real_stream_becomes_standing_access_units(codec: str, b_frames: int, prefix: str) -> None:
    parser = UnitParser(codec)
    parsed = [parser.parse(annexb.split(data)) for data, _, _ in encode(codec, b_frames=b_frames)]
    keys = [i for i, p in enumerate(parsed) if p is not None and p.key]
    assert all(parsed)
    assert len(keys) == 5
    assert keys[0] == 0
    form = parser.format
    assert form is not None
    assert (form.width_px, form.height_px, form.reorder) == (320, 180, b_frames)
    assert form.rfc6381.startswith(prefix)
    assert {p.format for p in parsed if p} == {form}
    for index in keys:
        one = parsed[index]
        assert one is not None
        sent = annexb.split(encode(codec, b_frames=b_frames)[index][0])
        assert annexb.from_lengths(one.sample) == [
            u for u in sent if u not in form.parameter_sets and u[0] not in (9, 0x46)
        ]


def test_parameter_sets_from_the_sdp_alone_suffice() -> None:
    first = annexb.split(encode()[0][0])
    sets = [u for u in first if h264.ROLES[u[0]] == SETS]
    rest = [u for u in first if h264.ROLES[u[0]] != SETS]
    assert UnitParser("h264").parse(rest) is None  # nothing to decode it with
    for given_sets in (sets, [annexb.join(sets)]):  # some cameras write a byte stream there
        parsed = UnitParser("h264", given_sets).parse(rest)
        assert parsed is not None
        assert parsed.key
        assert parsed.format.parameter_sets == tuple(sets)


def test_packet_of_a_unit_is_made_when_asked_for() -> None:
    (unit, *_), data = units(frames=10), encode(frames=10)[0][0]
    assert annexb.split(unit.packet.data) == annexb.split(data)
    moved = replace(unit.packet, pts_90k=5)
    assert (moved.pts_90k, moved.data, moved.key) == (5, unit.packet.data, True)
    assert moved != unit.packet


def test_changed_sps_is_announced_and_drops_the_old_pps() -> None:
    small, large = encode(frames=10), encode(frames=10, width_px=640, height_px=360)
    parser = UnitParser("h264")
    parsed = [parser.parse(annexb.split(data)) for data, _, _ in small + large + large]
    assert [p.format.width_px for p in parsed if p] == [320] * 10 + [640] * 20
    assert parser.format is not None
    assert parser.format.width_px == 640
    assert len(parser.format.parameter_sets) == 2


def test_broken_sps_in_the_stream_keeps_the_good_one() -> None:
    parser = UnitParser("h264")
    good = annexb.split(encode()[0][0])
    assert parser.parse(good) is not None
    parsed = parser.parse([b"\x67\x42\x00", *[u for u in good if h264.ROLES[u[0]] == KEY]])
    assert parsed is not None
    assert parsed.format.width_px == 320
    assert parser.broken_sets == 1


def test_unit_without_picture_is_counted() -> None:
    parser = UnitParser("h264")
    assert parser.parse([b"\x09\x10"]) is None
    assert parser.parse([b"\x06garbage"]) is None
    assert parser.skipped == 2


def test_every_jpeg_is_a_key_frame_and_says_its_size() -> None:
    parser = UnitParser("mjpeg")
    picture = jpegs(1)[0].sample
    parsed = parser.parse([picture])
    assert parsed is not None
    assert (parsed.key, parsed.sample) == (True, picture)
    assert (parsed.format.width_px, parsed.format.height_px) == (320, 180)
    assert parser.parse([b"no picture"]) is None
    assert parser.parse([picture[:30]]) is None
    assert parser.skipped == 2
