"""H.264 (ITU-T H.264): parameter sets, key frames, ``avcC`` (ISO/IEC 14496-15). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.bits import (
    KEY,
    OTHER,
    PADDING,
    PICTURE,
    SETS,
    BitReader,
    BitsExhausted,
    unescape,
)

IDR = 5
SEI = 6
SPS = 7
PPS = 8
# Access unit delimiter, end of sequence, end of stream, filler: of no use in MP4 or RTP.
_PADDING = (9, 10, 11, 12)
_HIGH_PROFILES = (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135)


def nal_type(unit: bytes) -> int:
    """0..31."""
    return unit[0] & 31


def _role(kind: int) -> int:
    if kind == IDR:
        return KEY
    if 1 <= kind < IDR:
        return PICTURE
    if kind in (SPS, PPS):
        return SETS
    return PADDING if kind in _PADDING or kind == 0 else OTHER


ROLES = bytes(_role(first & 31) for first in range(256))
"""What a NAL unit is for, by its first byte: one of :data:`ingest.bits.KEY` and its like."""


def pps_id(unit: bytes) -> int:
    """``pic_parameter_set_id``. Raises :class:`ValueError` when the unit is cut short."""
    return BitReader(unescape(unit[1:16])).ue()


@dataclass(frozen=True, slots=True)
class Sps:
    """What a sequence parameter set says. ``reorder`` is how many frames may be shown later than a frame
    decoded after them; None where the stream does not say (then the timestamps tell)."""

    profile: int
    constraints: int
    level: int
    width_px: int
    height_px: int
    chroma_format: int
    bit_depth_luma: int
    bit_depth_chroma: int
    reorder: int | None


def parse_sps(unit: bytes) -> Sps:
    """Reads a sequence parameter set (clause 7.3.2.1.1). Raises :class:`ValueError` when it cannot be one."""
    if len(unit) < 4 or nal_type(unit) != SPS:
        raise ValueError(f"no sequence parameter set: {unit[:8].hex()}")
    try:
        return _parse_sps(unescape(unit[1:]))
    except BitsExhausted as error:
        raise ValueError(f"the sequence parameter set {unit.hex()} is cut short") from error


def _parse_sps(rbsp: bytes) -> Sps:
    reader = BitReader(rbsp)
    profile, constraints, level = reader.bits(8), reader.bits(8), reader.bits(8)
    reader.ue()
    chroma, depth_luma, depth_chroma, separate = 1, 8, 8, False
    if profile in _HIGH_PROFILES:
        chroma = reader.ue()
        if chroma == 3:
            separate = reader.flag()
        depth_luma = 8 + reader.ue()
        depth_chroma = 8 + reader.ue()
        reader.flag()
        if reader.flag():
            for index in range(8 if chroma != 3 else 12):
                if reader.flag():
                    _skip_scaling_list(reader, 16 if index < 6 else 64)
    reader.ue()
    order_type = reader.ue()
    if order_type == 0:
        reader.ue()
    elif order_type == 1:
        reader.flag()
        reader.se()
        reader.se()
        for _ in range(reader.ue()):
            reader.se()
    reader.ue()
    reader.flag()
    width_mbs = reader.ue() + 1
    height_units = reader.ue() + 1
    frames_only = reader.flag()
    if not frames_only:
        reader.flag()
    reader.flag()
    height_px = height_units * 16 * (1 if frames_only else 2)
    width_px = width_mbs * 16
    if reader.flag():
        left, right, top, bottom = (reader.ue() for _ in range(4))
        step_x = 2 if chroma in (1, 2) and not separate else 1
        step_y = (2 if chroma == 1 and not separate else 1) * (1 if frames_only else 2)
        width_px -= (left + right) * step_x
        height_px -= (top + bottom) * step_y
    if not (0 < width_px <= 16384 and 0 < height_px <= 16384):
        raise ValueError(f"a picture of {width_px}x{height_px} is impossible")
    reorder = 0 if profile == 66 or order_type == 2 else None
    try:
        if reader.flag():
            stated = _vui_reorder(reader)
            reorder = stated if stated is not None else reorder
    except BitsExhausted:
        pass  # some cameras cut the VUI short; the fields before it stand
    return Sps(
        profile,
        constraints,
        level,
        width_px,
        height_px,
        chroma,
        depth_luma,
        depth_chroma,
        reorder,
    )


def _skip_scaling_list(reader: BitReader, size: int) -> None:
    last, following = 8, 8
    for _ in range(size):
        if following:
            following = (last + reader.se()) % 256
        last = following or last


def _skip_hrd(reader: BitReader) -> None:
    count = reader.ue() + 1
    reader.bits(8)
    for _ in range(count):
        reader.ue()
        reader.ue()
        reader.flag()
    reader.bits(20)


def _vui_reorder(reader: BitReader) -> int | None:
    """``max_num_reorder_frames`` of the VUI (annex E.1.1), None where it is absent."""
    if reader.flag() and reader.bits(8) == 255:
        reader.bits(32)
    if reader.flag():
        reader.flag()
    if reader.flag():
        reader.bits(4)
        if reader.flag():
            reader.bits(24)
    if reader.flag():
        reader.ue()
        reader.ue()
    if reader.flag():
        reader.bits(65)
    nal_hrd = reader.flag()
    if nal_hrd:
        _skip_hrd(reader)
    vcl_hrd = reader.flag()
    if vcl_hrd:
        _skip_hrd(reader)
    if nal_hrd or vcl_hrd:
        reader.flag()
    reader.flag()
    if not reader.flag():
        return None
    reader.flag()
    for _ in range(4):
        reader.ue()
    return reader.ue()


def codec_string(sps: bytes) -> str:
    """``avc1.PPCCLL`` (RFC 6381)."""
    return f"avc1.{sps[1]:02x}{sps[2]:02x}{sps[3]:02x}"


def configuration(sps: list[bytes], pps: list[bytes]) -> bytes:
    """The payload of an ``avcC`` box (ISO/IEC 14496-15 clause 5.3.3.1), four-byte lengths."""
    first = parse_sps(sps[0])
    out = bytes([1, sps[0][1], sps[0][2], sps[0][3], 0xFF, 0xE0 | len(sps)])
    out += b"".join(len(s).to_bytes(2, "big") + s for s in sps)
    out += bytes([len(pps)]) + b"".join(len(p).to_bytes(2, "big") + p for p in pps)
    if first.profile in (100, 110, 122, 144):
        out += bytes(
            [
                0xFC | first.chroma_format,
                0xF8 | (first.bit_depth_luma - 8),
                0xF8 | (first.bit_depth_chroma - 8),
                0,
            ]
        )
    return out
