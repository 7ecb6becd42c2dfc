"""Fragmented MP4 (ISO/IEC 14496-12, -15): one video track in 1/90000 s. Pure bytes.

A recording, an MSE stream and an HLS window are all :func:`init_segment` and then :func:`fragment` after
fragment. In a recording the decode time counts from :data:`MEDIA_EPOCH`, so a file whose index row was lost
tells its own time, and a camera's files follow each other on one time line however often it reconnected.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingest import h264, h265
from ingest.unit import StreamFormat

TIMESCALE = 90_000
MEDIA_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_KEY_FLAGS = 0x02000000  # depends on no other sample
_DELTA_FLAGS = 0x01010000  # depends on others, is no sync sample


@dataclass(frozen=True, slots=True)
class Sample:
    """One access unit with four-byte lengths. ``composition_90k`` is pts - dts and may be negative."""

    data: bytes
    duration_90k: int
    composition_90k: int
    key: bool


def box(kind: bytes, *payload: bytes) -> bytes:
    """A box of type ``kind``."""
    return struct.pack(">I", 8 + sum(map(len, payload))) + kind + b"".join(payload)


def to_media_90k(at: datetime) -> int:
    """1/90000 s since :data:`MEDIA_EPOCH`, rounded down."""
    return (at - MEDIA_EPOCH) // timedelta(microseconds=1) * 9 // 100


def from_media_90k(ticks: int) -> datetime:
    """The moment ``ticks`` after :data:`MEDIA_EPOCH`."""
    return MEDIA_EPOCH + timedelta(microseconds=ticks * 100 // 9)


def _full(kind: bytes, version: int, flags: int, *payload: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *payload)


def _sample_entry(form: StreamFormat) -> bytes:
    if form.codec == "h264":
        sps = [u for u in form.parameter_sets if h264.nal_type(u) == h264.SPS]
        pps = [u for u in form.parameter_sets if h264.nal_type(u) == h264.PPS]
        kind, config = b"avc1", box(b"avcC", h264.configuration(sps, pps))
    else:
        sets = [
            [u for u in form.parameter_sets if h265.nal_type(u) == k]
            for k in (h265.VPS, h265.SPS, h265.PPS)
        ]
        kind, config = b"hvc1", box(b"hvcC", h265.configuration(*sets))
    visual = struct.pack(
        ">6xH16xHHIIIH32sHh",
        1,
        form.width_px,
        form.height_px,
        0x480000,
        0x480000,
        0,
        1,
        b"",
        24,
        -1,
    )
    return box(kind, visual, config)


def init_segment(form: StreamFormat) -> bytes:
    """``ftyp`` and ``moov`` for a stream of ``form``."""
    ftyp = box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6cmfcisomavc1mp41")
    mvhd = _full(
        b"mvhd",
        0,
        0,
        struct.pack(">IIIIIH10x", 0, 0, TIMESCALE, 0, 0x10000, 0x0100),
        _MATRIX,
        bytes(24),
        struct.pack(">I", 2),
    )
    tkhd = _full(
        b"tkhd",
        0,
        3,
        struct.pack(">IIIII8xhhHH", 0, 0, 1, 0, 0, 0, 0, 0, 0),
        _MATRIX,
        struct.pack(">II", form.width_px << 16, form.height_px << 16),
    )
    mdhd = _full(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, TIMESCALE, 0, 0x55C4, 0))
    hdlr = _full(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, b"vide"), b"video\x00")
    dinf = box(b"dinf", _full(b"dref", 0, 0, struct.pack(">I", 1), _full(b"url ", 0, 1)))
    stbl = box(
        b"stbl",
        _full(b"stsd", 0, 0, struct.pack(">I", 1), _sample_entry(form)),
        _full(b"stts", 0, 0, bytes(4)),
        _full(b"stsc", 0, 0, bytes(4)),
        _full(b"stsz", 0, 0, bytes(8)),
        _full(b"stco", 0, 0, bytes(4)),
    )
    minf = box(b"minf", _full(b"vmhd", 0, 1, bytes(8)), dinf, stbl)
    trak = box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, minf))
    mvex = box(b"mvex", _full(b"trex", 0, 0, struct.pack(">IIIII", 1, 1, 0, 0, 0)))
    return ftyp + box(b"moov", mvhd, trak, mvex)


def fragment(sequence: int, decode_90k: int, samples: Sequence[Sample]) -> bytes:
    """``moof`` and ``mdat`` of ``samples``; the first one is decoded at ``decode_90k`` (0 or more) on the track's clock.

    ``sequence`` counts fragments from 1. Raises :class:`ValueError` when there is no sample.
    """
    if not samples:
        raise ValueError("a fragment needs at least one sample")
    table = b"".join(
        struct.pack(
            ">IIIi",
            s.duration_90k,
            len(s.data),
            _KEY_FLAGS if s.key else _DELTA_FLAGS,
            s.composition_90k,
        )
        for s in samples
    )
    mfhd = _full(b"mfhd", 0, 0, struct.pack(">I", sequence))
    tfhd = _full(b"tfhd", 0, 0x020000, struct.pack(">I", 1))  # offsets count from this moof
    tfdt = _full(b"tfdt", 1, 0, struct.pack(">Q", decode_90k))
    # header 8, moof 8 + mfhd 16 + traf 8 + tfhd 16 + tfdt 20 + trun 20 + table, mdat header 8
    moof_length = 8 + 16 + 8 + 16 + 20 + 20 + len(table)
    trun = _full(b"trun", 1, 0xF01, struct.pack(">Ii", len(samples), moof_length + 8), table)
    moof = box(b"moof", mfhd, box(b"traf", tfhd, tfdt, trun))
    return moof + box(b"mdat", *(s.data for s in samples))


@dataclass(frozen=True, slots=True)
class FragmentFacts:
    """What a whole fragment in a file says: where it lies, when it starts and how long it lasts, 1/90000 s."""

    offset: int
    length: int
    decode_90k: int
    duration_90k: int
    frames: int


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What can be read of a recording file: everything up to the last whole fragment."""

    init_length: int
    codec: str
    width_px: int
    height_px: int
    fragments: tuple[FragmentFacts, ...]

    @property
    def whole_bytes(self) -> int:
        """Where the last whole fragment ends."""
        last = self.fragments[-1] if self.fragments else None
        return last.offset + last.length if last else self.init_length
