"""NAL units between their two packings: start codes (Annex B) and lengths (AVCC, as in MP4)."""

from __future__ import annotations

from collections.abc import Iterable

START_CODE = b"\x00\x00\x00\x01"


def split(data: bytes) -> list[bytes]:
    """The NAL units of an Annex B byte stream, without start codes and trailing zero bytes.

    Bytes before the first start code are no NAL unit and are left out; so are empty units.
    """
    units: list[bytes] = []
    at = data.find(b"\x00\x00\x01")
    while at >= 0:
        start = at + 3
        at = data.find(b"\x00\x00\x01", start)
        unit = data[start : at if at >= 0 else len(data)].rstrip(b"\x00")
        if unit:
            units.append(unit)
    return units


def whole(unit: bytes) -> list[bytes]:
    """The NAL units in what should be one: some cameras put a whole byte stream with start codes in its place."""
    if unit.startswith((b"\x00\x00\x01", START_CODE)):
        return split(unit)
    return [unit]


def join(units: Iterable[bytes]) -> bytes:
    """The units as an Annex B stream with four-byte start codes."""
    return b"".join(part for unit in units for part in (START_CODE, unit))


def to_lengths(units: Iterable[bytes]) -> bytes:
    """The units with four-byte big-endian lengths in front (AVCC)."""
    return b"".join(part for unit in units for part in (len(unit).to_bytes(4, "big"), unit))


def from_sample(sample: bytes) -> bytes:
    """An MP4 sample (four-byte lengths) as Annex B: start codes are as long, so they are put in their place.

    Raises :class:`ValueError` when a length runs over the end.
    """
    out = bytearray(sample)
    at, end = 0, len(sample)
    while at < end:
        length = int.from_bytes(sample[at : at + 4], "big")
        out[at : at + 4] = START_CODE
        at += 4 + length
    if at != end:
        raise ValueError(f"the last NAL unit runs over the buffer's {end} bytes")
    return bytes(out)


def from_lengths(data: bytes) -> list[bytes]:
    """The units of a four-byte AVCC buffer. Raises :class:`ValueError` when a length runs over the end."""
    units: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        if at + 4 > len(data) or end > len(data):
            raise ValueError(f"the NAL unit at byte {at} runs over the buffer's {len(data)} bytes")
        units.append(data[at + 4 : end])
        at = end
    return units
