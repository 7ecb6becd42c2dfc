"""What kind of frame a packet holds, read from its first slice header: nothing is decoded. Pure."""

from __future__ import annotations

from dataclasses import dataclass

_START = b"\x00\x00\x01"
_MOST_UNITS = 12  # parameter sets, delimiters and SEI in front of the first slice
_H264_SLICES = (1, 2, 5)
_H264_TYPES = "PBIPI"  # slice_type modulo 5, ITU-T H.264 table 7-6; SP and SI count as P and I
_H265_SLICES = 32  # nal_unit_type below it is a slice, ITU-T H.265 table 7-1
_H265_LAST_TRAILING = 15  # up to here an even type is a picture that nothing in its layer refers to


@dataclass(frozen=True, slots=True)
class FrameKind:
    """``name`` is the same for frames whose sizes can be compared. ``disposable``: no other frame builds on it."""

    name: str
    disposable: bool


STILL = FrameKind("I", disposable=True)
UNKNOWN = FrameKind("?", disposable=False)


def frame_kind(codec: str, data: bytes) -> FrameKind:
    """The kind of the frame in ``data``, Annex B for ``h264`` and ``hevc``; :data:`UNKNOWN` where it cannot be told.

    H.264: the slice's type and whether ``nal_ref_idc`` is 0 (ITU-T H.264, 7.4.1). H.265: the unit's type and
    temporal layer (ITU-T H.265, 7.4.2.2). Frames of MJPEG all stand by themselves.

    >>> frame_kind("h264", bytes.fromhex("00000001 01 9e"))  # nal_ref_idc 0, slice_type 6
    FrameKind(name='B0', disposable=True)
    """
    if codec == "mjpeg":
        return STILL
    at = 0
    for _ in range(_MOST_UNITS):
        at = data.find(_START, at) + 3
        if at < 3 or at + 2 >= len(data) + 1:
            return UNKNOWN
        if codec == "h264":
            if data[at] & 31 in _H264_SLICES:
                return _h264(data[at], data[at + 1] if at + 1 < len(data) else 0)
        elif codec == "hevc":
            if (data[at] >> 1) & 63 < _H265_SLICES and at + 1 < len(data):
                return _h265((data[at] >> 1) & 63, (data[at + 1] & 7) - 1)
        else:
            return UNKNOWN
    return UNKNOWN


def _h264(head: int, body: int) -> FrameKind:
    kind = _SLICE_TYPES[body]
    importance = (head >> 5) & 3
    return _H264_KINDS[(kind, importance > 0)]


def _h265(unit: int, layer: int) -> FrameKind:
    disposable = unit <= _H265_LAST_TRAILING and unit % 2 == 0
    return FrameKind(f"{unit}.{layer}", disposable)


def _slice_type(body: int) -> str:
    """The slice type's letter from a slice header's first byte: two Exp-Golomb numbers, the first of them 0."""
    if not body & 0x80:
        return "?"  # not the picture's first slice
    bits = f"{body & 0x7F:07b}"
    zeros = len(bits) - len(bits.lstrip("0"))
    number = bits[zeros : 2 * zeros + 1]
    if len(number) <= zeros:
        return "?"
    value = int(number, 2) - 1
    return _H264_TYPES[value % 5] if value < 10 else "?"


_SLICE_TYPES = tuple(_slice_type(body) for body in range(256))
_H264_KINDS = {
    (kind, needed): FrameKind(f"{kind}{int(needed)}", disposable=not needed)
    for kind in "PBI?"
    for needed in (True, False)
}
