"""Fragmented MP4 (ISO/IEC 14496-12, -15): pictures and sound in 1/90000 s. Pure bytes.

A recording, an MSE stream and an HLS window are all :func:`init_segment` and then :func:`fragment` after
fragment. In a recording the decode time counts from :data:`MEDIA_EPOCH`, so a file whose index row was lost
tells its own time, and a camera's files follow each other on one time line however often it reconnected.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingest.fmp4_boxes import box, full_box
from ingest.fmp4_entries import audio_entry, video_entry
from ingest.unit import AudioFormat, StreamFormat

__all__ = ["Sample", "box", "fragment", "fragment_parts", "init_segment"]

TIMESCALE = 90_000
MEDIA_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
VIDEO_TRACK = 1
AUDIO_TRACK = 2
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_ENTRY = struct.Struct(">IIIi")  # of a trun: duration, size, flags, composition time
_KEY_FLAGS = 0x02000000  # depends on no other sample
_DELTA_FLAGS = 0x01010000  # depends on others, is no sync sample


@dataclass(
    slots=True
)  # not frozen: one is made per picture, and frozen ones take three times as long
class Sample:
    """One access unit with four-byte lengths, or one packet of sound. ``composition_90k`` is pts - dts and may be
    negative."""

    data: bytes
    duration_90k: int
    composition_90k: int
    key: bool


def to_media_90k(at: datetime) -> int:
    """1/90000 s since :data:`MEDIA_EPOCH`, rounded down."""
    return (at - MEDIA_EPOCH) // timedelta(microseconds=1) * 9 // 100


def from_media_90k(ticks: int) -> datetime:
    """The moment ``ticks`` after :data:`MEDIA_EPOCH`."""
    return MEDIA_EPOCH + timedelta(microseconds=ticks * 100 // 9)


def init_segment(form: StreamFormat, audio: AudioFormat | None = None, head: bytes = b"") -> bytes:
    """``ftyp``, ``head`` (whole boxes, see :mod:`ingest.fmp4_marks`) and ``moov`` for a stream of ``form``, with a
    track for ``audio`` where there is any."""
    ftyp = box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6cmfcisomavc1mp41")
    mvhd = full_box(
        b"mvhd",
        0,
        0,
        struct.pack(">IIIIIH10x", 0, 0, TIMESCALE, 0, 0x10000, 0x0100),
        _MATRIX,
        bytes(24),
        struct.pack(">I", VIDEO_TRACK + 1 if audio is None else AUDIO_TRACK + 1),
    )
    tracks = [
        _track(
            VIDEO_TRACK,
            (form.width_px, form.height_px),
            0,
            (b"vide", b"video\x00"),
            full_box(b"vmhd", 0, 1, bytes(8)),
            video_entry(form),
        )
    ]
    if audio is not None:
        tracks.append(
            _track(
                AUDIO_TRACK,
                (0, 0),
                0x0100,
                (b"soun", b"sound\x00"),
                full_box(b"smhd", 0, 0, bytes(4)),
                audio_entry(audio),
            )
        )
    extends = [
        full_box(b"trex", 0, 0, struct.pack(">IIIII", number, 1, 0, 0, 0))
        for number in range(VIDEO_TRACK, VIDEO_TRACK + len(tracks))
    ]
    return ftyp + head + box(b"moov", mvhd, *tracks, box(b"mvex", *extends))


def _track(
    number: int,
    size_px: tuple[int, int],
    volume: int,
    handler: tuple[bytes, bytes],
    media_head: bytes,
    entry: bytes,
) -> bytes:
    """A ``trak`` without samples of its own: they come in fragments."""
    tkhd = full_box(
        b"tkhd",
        0,
        3,
        struct.pack(">IIIII8xhhHH", 0, 0, number, 0, 0, 0, 0, volume, 0),
        _MATRIX,
        struct.pack(">II", size_px[0] << 16, size_px[1] << 16),
    )
    mdhd = full_box(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, TIMESCALE, 0, 0x55C4, 0))
    hdlr = full_box(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, handler[0]), handler[1])
    dinf = box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1)))
    stbl = box(
        b"stbl",
        full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry),
        full_box(b"stts", 0, 0, bytes(4)),
        full_box(b"stsc", 0, 0, bytes(4)),
        full_box(b"stsz", 0, 0, bytes(8)),
        full_box(b"stco", 0, 0, bytes(4)),
    )
    minf = box(b"minf", media_head, dinf, stbl)
    return box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, minf))


def fragment(
    sequence: int, decode_90k: int, samples: Sequence[Sample], track: int = VIDEO_TRACK
) -> bytes:
    """``moof`` and ``mdat`` of ``samples``; the first one is decoded at ``decode_90k`` (0 or more) on the track's clock.

    ``sequence`` counts a file's ``moof`` boxes from 1. Raises :class:`ValueError` when there is no sample.
    """
    return b"".join(fragment_parts(sequence, decode_90k, samples, track))


def fragment_parts(
    sequence: int, decode_90k: int, samples: Sequence[Sample], track: int = VIDEO_TRACK
) -> list[bytes]:
    """The same, not yet joined, so that a long GOP is copied once only."""
    if not samples:
        raise ValueError("a fragment needs at least one sample")
    entry = _ENTRY.pack
    table = b"".join(
        [
            entry(
                s.duration_90k,
                len(s.data),
                _KEY_FLAGS if s.key else _DELTA_FLAGS,
                s.composition_90k,
            )
            for s in samples
        ]
    )
    mfhd = full_box(b"mfhd", 0, 0, struct.pack(">I", sequence))
    tfhd = full_box(b"tfhd", 0, 0x020000, struct.pack(">I", track))  # offsets count from this moof
    tfdt = full_box(b"tfdt", 1, 0, struct.pack(">Q", decode_90k))
    # header 8, moof 8 + mfhd 16 + traf 8 + tfhd 16 + tfdt 20 + trun 20 + table, mdat header 8
    moof_length = 8 + 16 + 8 + 16 + 20 + 20 + len(table)
    trun = full_box(b"trun", 1, 0xF01, struct.pack(">Ii", len(samples), moof_length + 8), table)
    moof = box(b"moof", mfhd, box(b"traf", tfhd, tfdt, trun))
    data = [s.data for s in samples]
    return [moof, struct.pack(">I4s", 8 + sum(map(len, data)), b"mdat"), *data]
