"""H.265 (ITU-T H.265): parameter sets, key frames, ``hvcC`` (ISO/IEC 14496-15). Pure."""

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

VPS = 32
SPS = 33
PPS = 34
_PADDING = (35, 36, 37, 38)  # delimiter, end of sequence, end of stream, filler


def nal_type(unit: bytes) -> int:
    """0..63."""
    return (unit[0] >> 1) & 63


def _role(kind: int) -> int:
    if 16 <= kind <= 21:
        return KEY
    if kind <= 31:
        return PICTURE
    if kind in (VPS, SPS, PPS):
        return SETS
    return PADDING if kind in _PADDING else OTHER


ROLES = bytes(_role(first >> 1 & 63) for first in range(256))
"""What a NAL unit is for, by its first byte: one of :data:`ingest.bits.KEY` and its like."""


def pps_id(unit: bytes) -> int:
    """``pic_parameter_set_id``. Raises :class:`ValueError` when the unit is cut short."""
    return BitReader(unescape(unit[2:16])).ue()


@dataclass(frozen=True, slots=True)
class Sps:
    """What a sequence parameter set says. ``profile_tier_level`` is its general part, 12 bytes as in ``hvcC``."""

    profile_tier_level: bytes
    temporal_layers: int
    temporal_nested: bool
    chroma_format: int
    bit_depth_luma: int
    bit_depth_chroma: int
    width_px: int
    height_px: int
    reorder: int


def parse_sps(unit: bytes) -> Sps:
    """Reads a sequence parameter set (clause 7.3.2.2.1). Raises :class:`ValueError` when it cannot be one."""
    if len(unit) < 16 or nal_type(unit) != SPS:
        raise ValueError(f"no sequence parameter set: {unit[:8].hex()}")
    try:
        return _parse_sps(unescape(unit[2:]))
    except BitsExhausted as error:
        raise ValueError(f"the sequence parameter set {unit.hex()} is cut short") from error


def _parse_sps(rbsp: bytes) -> Sps:
    reader = BitReader(rbsp)
    reader.bits(4)
    sub_layers = reader.bits(3)
    nested = reader.flag()
    general = reader.bits(96).to_bytes(12, "big")
    present = [(reader.flag(), reader.flag()) for _ in range(sub_layers)]
    if sub_layers:
        reader.bits(2 * (8 - sub_layers))
    for profile, level in present:
        reader.bits((88 if profile else 0) + (8 if level else 0))
    reader.ue()
    chroma = reader.ue()
    separate = chroma == 3 and reader.flag()
    width_px, height_px = reader.ue(), reader.ue()
    if reader.flag():
        left, right, top, bottom = (reader.ue() for _ in range(4))
        width_px -= (left + right) * (2 if chroma in (1, 2) and not separate else 1)
        height_px -= (top + bottom) * (2 if chroma == 1 and not separate else 1)
    if not (0 < width_px <= 16384 and 0 < height_px <= 16384):
        raise ValueError(f"a picture of {width_px}x{height_px} is impossible")
    depth_luma, depth_chroma = 8 + reader.ue(), 8 + reader.ue()
    reader.ue()
    reorder = 0
    for _ in range(sub_layers + 1 if reader.flag() else 1):
        reader.ue()
        reorder = max(reorder, reader.ue())
        reader.ue()
    return Sps(
        general,
        sub_layers + 1,
        nested,
        chroma,
        depth_luma,
        depth_chroma,
        width_px,
        height_px,
        reorder,
    )


def codec_string(sps: bytes) -> str:
    """``hvc1.…`` (ISO/IEC 14496-15 annex E.3)."""
    general = parse_sps(sps).profile_tier_level
    space, tier, profile = general[0] >> 6, (general[0] >> 5) & 1, general[0] & 31
    flags = int(format(int.from_bytes(general[1:5], "big"), "032b")[::-1], 2)
    constraints = general[5:11].rstrip(b"\x00")
    text = (
        f"hvc1.{('', 'A', 'B', 'C')[space]}{profile}.{flags:X}.{'H' if tier else 'L'}{general[11]}"
    )
    return text + "".join(f".{byte:X}" for byte in constraints)


def configuration(vps: list[bytes], sps: list[bytes], pps: list[bytes]) -> bytes:
    """The payload of an ``hvcC`` box (ISO/IEC 14496-15 clause 8.3.3.1), four-byte lengths."""
    first = parse_sps(sps[0])
    out = bytes([1]) + first.profile_tier_level
    out += bytes(
        [
            0xF0,
            0x00,  # no minimum spatial segmentation stated
            0xFC,  # parallelism unknown
            0xFC | first.chroma_format,
            0xF8 | (first.bit_depth_luma - 8),
            0xF8 | (first.bit_depth_chroma - 8),
            0,
            0,  # average frame rate unstated
            (first.temporal_layers << 3) | (int(first.temporal_nested) << 2) | 3,
            3,
        ]
    )
    for kind, units in ((VPS, vps), (SPS, sps), (PPS, pps)):
        out += bytes([0x80 | kind]) + len(units).to_bytes(2, "big")
        out += b"".join(len(u).to_bytes(2, "big") + u for u in units)
    return out
