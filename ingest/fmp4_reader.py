"""Reads back what :mod:`ingest.fmp4` writes, box by box: the repair at start-up depends on it.

Only headers and ``moof`` boxes are read; the pictures are skipped over.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from ingest import h264, h265
from ingest.fmp4 import FileFacts, FragmentFacts

_MAX_HEAD_BYTES = 1 << 20


class NotARecording(ValueError):
    """The file does not begin as our recordings do."""


def _boxes(payload: bytes) -> dict[bytes, bytes]:
    """The boxes in ``payload`` by type; of equal types the first."""
    found: dict[bytes, bytes] = {}
    at = 0
    while at + 8 <= len(payload):
        size = int.from_bytes(payload[at : at + 4], "big")
        if size < 8 or at + size > len(payload):
            break
        found.setdefault(payload[at + 4 : at + 8], payload[at + 8 : at + size])
        at += size
    return found


def _walk(payload: bytes, *kinds: bytes) -> bytes:
    for kind in kinds:
        inner = _boxes(payload)
        if kind not in inner:
            raise NotARecording(f"the box '{kind.decode()}' is missing")
        payload = inner[kind]
    return payload


def _read_format(moov: bytes) -> tuple[str, int, int]:
    """RFC 6381 string, width and height of the track."""
    entry = _walk(moov, b"trak", b"mdia", b"minf", b"stbl", b"stsd")[8:]
    kind, body = entry[4:8], entry[8:]
    width_px, height_px = struct.unpack(">HH", body[24:28])
    inner = _boxes(body[78:])
    if kind == b"avc1" and b"avcC" in inner:
        config = inner[b"avcC"]
        return h264.codec_string(b"\x67" + config[1:4]), width_px, height_px
    if kind == b"hvc1" and b"hvcC" in inner:
        return _hevc_string(inner[b"hvcC"]), width_px, height_px
    raise NotARecording(f"the sample entry '{kind!r}' is not one of ours")


def _hevc_string(config: bytes) -> str:
    at = 23
    for _ in range(config[22]):
        kind, count = config[at] & 63, int.from_bytes(config[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            length = int.from_bytes(config[at : at + 2], "big")
            unit = config[at + 2 : at + 2 + length]
            at += 2 + length
            if kind == h265.SPS:
                return h265.codec_string(unit)
    raise NotARecording("hvcC holds no sequence parameter set")


def read_file(file: BinaryIO) -> FileFacts:
    """The facts of a recording, complete or cut off anywhere.

    Raises :class:`NotARecording` when not even the init segment is whole.
    """
    size = file.seek(0, 2)
    at = 0
    moov: bytes | None = None
    init_length = 0
    fragments: list[FragmentFacts] = []
    pending: tuple[int, int, int, int] | None = None  # moof offset, decode, duration, frames
    while at + 8 <= size:
        file.seek(at)
        head = file.read(8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if length < 8 or at + length > size:
            break
        if kind in (b"moov", b"moof"):
            if length > _MAX_HEAD_BYTES:
                break
            payload = file.read(length - 8)
            if kind == b"moov":
                moov, init_length = payload, at + length
            else:
                pending = (at, *_read_moof(payload))
        elif kind == b"mdat" and pending is not None:
            offset, decode, duration, frames = pending
            fragments.append(FragmentFacts(offset, at + length - offset, decode, duration, frames))
            pending = None
        elif kind != b"ftyp":
            break
        at += length
    if moov is None:
        raise NotARecording("the init segment is not whole")
    codec, width_px, height_px = _read_format(moov)
    return FileFacts(init_length, codec, width_px, height_px, tuple(fragments))


def _read_moof(payload: bytes) -> tuple[int, int, int]:
    """Decode time, duration and number of samples."""
    traf = _boxes(_walk(payload, b"traf"))
    (decode,) = struct.unpack(">Q", traf[b"tfdt"][4:12])
    trun = traf[b"trun"]
    (count,) = struct.unpack(">I", trun[4:8])
    durations = (d for d, *_ in struct.iter_unpack(">IIIi", trun[12 : 12 + 16 * count]))
    return decode, sum(durations), count
