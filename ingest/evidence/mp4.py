"""An ordinary MP4 file (ISO/IEC 14496-12) around recorded fragments that stay whole. Pure but for ``write``.

Each fragment lies in the file byte for byte as it was recorded, its own head (``moof``) included, inside a large
``mdat``; the file's ``moov`` points at the samples in it. So any player opens the file, and anybody can cut a fragment out
again and hash it, by hand if need be. The cost is the heads: about 0.2 % at 2 Mbit/s.

Media time runs on without gaps in the recording; :class:`Piece` tells what wall time each stretch shows.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from ingest.fmp4 import TIMESCALE, from_media_90k
from ingest.fmp4_boxes import box, full_box
from ingest.fmp4_reader import NotARecording
from ingest.fmp4_table import Run, TrackHead, read_runs

BATCH_BYTES = 4 << 20  # so much lies in one mdat
GAP_90K = TIMESCALE  # fragments further apart than this are a gap in the footage
SOUND_SLACK_S = 0.05  # sound this near to where it belongs is left where it is
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_MP4_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch without a gap: ``media_90k`` in the file shows what was decoded at ``decode_90k``, and so on."""

    media_90k: int
    decode_90k: int
    duration_90k: int

    @property
    def start_at(self) -> datetime:
        """Wall time of the piece's beginning."""
        return from_media_90k(self.decode_90k)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a fragment lies in the file, and what it holds."""

    at: int
    frames: int
    decode_90k: int
    duration_90k: int


@dataclass(slots=True)
class _Track:
    """One track's tables as they grow."""

    head: TrackHead
    sizes: list[NDArray[np.int64]] = field(default_factory=list)
    durations: list[NDArray[np.int64]] = field(default_factory=list)
    compositions: list[NDArray[np.int64]] = field(default_factory=list)
    keys: list[NDArray[np.bool_]] = field(default_factory=list)
    chunks: list[int] = field(default_factory=list)
    start: int = 0  # media time of the first sample, in the track's ticks
    now: int = 0  # media time after the last one

    def add(self, run: Run, at: int) -> None:
        self.sizes.append(run.sizes)
        self.durations.append(run.durations.copy())
        self.compositions.append(run.compositions)
        self.keys.append(run.keys)
        self.chunks.append(at)
        self.now += run.duration

    def stretch(self, by: int) -> None:
        """Makes the last sample last longer."""
        self.durations[-1][-1] += by
        self.now += by


class OrdinaryMp4:
    """Writes one file whose pictures and sound keep one format. ``write`` takes the bytes in order."""

    def __init__(self, write: Callable[[bytes], object], tracks: Sequence[TrackHead]) -> None:
        self._write = write
        self._tracks = {t.track_id: _Track(t) for t in tracks}
        video = [t for t in self._tracks.values() if t.head.kind == b"vide"]
        if len(video) != 1 or video[0].head.timescale != TIMESCALE:
            raise NotARecording("a recording has one picture track, in 1/90000 s")
        self._video = video[0]
        self._batch: list[bytes] = []
        self._batch_bytes = 0
        self._end_90k: int | None = None
        self.pieces: list[Piece] = []
        self._flushed = 0
        self._out(box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2avc1mp41"))

    def _out(self, data: bytes) -> None:
        self._write(data)
        self._flushed += len(data)

    def _place(self, data: bytes) -> int:
        """Puts ``data`` into the open ``mdat``; returns where it will lie."""
        if self._batch and self._batch_bytes + len(data) > BATCH_BYTES:
            self._flush()
        at = self._flushed + 8 + self._batch_bytes
        self._batch.append(data)
        self._batch_bytes += len(data)
        return at

    def _flush(self) -> None:
        if self._batch:
            self._out(struct.pack(">I4s", 8 + self._batch_bytes, b"mdat"))
            for data in self._batch:
                self._out(data)
            self._batch, self._batch_bytes = [], 0

    def keep(self, data: bytes) -> int:
        """Puts bytes into the file that no player shows (the head of a recording file); returns where they lie."""
        return self._place(data)

    def add(self, data: bytes) -> Placed:
        """The next fragment, whole. Raises :class:`NotARecording` when it is none of this file's tracks."""
        runs = read_runs(data)
        pictures = [r for r in runs if r.track_id == self._video.head.track_id]
        if len(pictures) != 1 or not all(r.track_id in self._tracks and len(r.sizes) for r in runs):
            raise NotARecording("a fragment holds other tracks than its file says")
        run = pictures[0]
        at = self._place(data)
        media = self._go_on(run)
        for one in runs:
            if one is not run:
                self._sound(self._tracks[one.track_id], one, at + one.at, media, run.decode)
        self._video.add(run, at + run.at)
        last = self.pieces[-1]
        self.pieces[-1] = Piece(last.media_90k, last.decode_90k, self._video.now - last.media_90k)
        self._end_90k = run.decode + run.duration
        return Placed(at, len(run.sizes), run.decode, run.duration)

    def _go_on(self, run: Run) -> int:
        """Where the fragment begins in media time; a short hole before it is closed by the picture before it."""
        if self._end_90k is not None and 0 <= run.decode - self._end_90k <= GAP_90K:
            self._video.stretch(run.decode - self._end_90k)
        else:
            self.pieces.append(Piece(self._video.now, run.decode, 0))
        return self._video.now

    def _sound(self, track: _Track, run: Run, at: int, media_90k: int, decode_90k: int) -> None:
        scale = track.head.timescale
        wanted = run.decode - decode_90k * scale // TIMESCALE + media_90k * scale // TIMESCALE
        if not track.sizes:
            track.start = track.now = max(0, wanted)
        elif wanted - track.now > SOUND_SLACK_S * scale:
            track.stretch(wanted - track.now)
        track.add(run, at)

    def finish(self) -> None:
        """Writes what waits and the ``moov``; without a single picture there is nothing to play, and no ``moov``."""
        self._flush()
        if not self.pieces:
            return
        created = int((self.pieces[0].start_at - _MP4_EPOCH).total_seconds())
        skip = self.skip_90k
        used = [t for t in self._tracks.values() if t.sizes]
        traks = [_trak(track, created, skip) for track in used]
        longest = max(_shown_90k(t, skip) for t in used)
        next_id = max(t.head.track_id for t in used) + 1
        mvhd = full_box(
            b"mvhd", 1, 0,
            struct.pack(">QQIQIH10x", created, created, TIMESCALE, longest, 0x10000, 0x0100),
            _MATRIX, bytes(24), struct.pack(">I", next_id),
        )  # fmt: skip
        self._out(box(b"moov", mvhd, *traks))

    @property
    def skip_90k(self) -> int:
        """Media time of the first picture shown: what players must skip so that it comes at 0."""
        return max(0, _earliest(self._video)) if self.pieces else 0


def _earliest(track: _Track) -> int:
    """The first presentation time; only the first fragment can hold it."""
    durations, compositions = track.durations[0], track.compositions[0]
    decodes = np.concatenate(([0], np.cumsum(durations)[:-1]))
    return int((decodes + compositions).min())


def _shown_90k(track: _Track, skip_90k: int) -> int:
    """How long the track is shown: to the end of its last sample in the order of presentation, which where frames
    are reordered is later than that of the last one decoded."""
    durations, compositions = track.durations[-1], track.compositions[-1]
    ends = track.now - int(durations.sum()) + np.cumsum(durations) + compositions
    return max(0, int(ends.max()) * TIMESCALE // track.head.timescale - skip_90k)


def _trak(track: _Track, created: int, skip_90k: int) -> bytes:
    head = track.head
    video = head.kind == b"vide"
    tkhd = full_box(
        b"tkhd", 1, 3,
        struct.pack(">QQIIQ8xhhhH", created, created, head.track_id, 0, _shown_90k(track, skip_90k),
                    0, 0 if video else 1, 0 if video else 0x0100, 0),
        _MATRIX, struct.pack(">II", head.width_px << 16, head.height_px << 16),
    )  # fmt: skip
    span = track.now - track.start
    mdhd = full_box(
        b"mdhd", 1, 0, struct.pack(">QQIQHH", created, created, head.timescale, span, 0x55C4, 0)
    )
    name = b"video\x00" if video else b"sound\x00"
    hdlr = full_box(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, head.kind), name)
    dinf = box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1)))
    media_head = full_box(b"vmhd", 0, 1, bytes(8)) if video else full_box(b"smhd", 0, 0, bytes(4))
    minf = box(b"minf", media_head, dinf, _stbl(track))
    return box(b"trak", tkhd, _edits(track, skip_90k), box(b"mdia", mdhd, hdlr, minf))


def _edits(track: _Track, skip_90k: int) -> bytes:
    """Where the track begins on the movie's clock (8.6.6): later by an empty edit, or some of it skipped."""
    scale = track.head.timescale
    late_90k = track.start * TIMESCALE // scale - skip_90k
    rows: list[bytes] = []
    if late_90k > 0:
        rows.append(struct.pack(">QqI", late_90k, -1, 0x10000))
    media = max(0, -late_90k) * scale // TIMESCALE
    shown = _shown_90k(track, skip_90k) - max(0, late_90k)
    rows.append(struct.pack(">QqI", shown, media, 0x10000))
    return box(b"edts", full_box(b"elst", 1, 0, struct.pack(">I", len(rows)), *rows))


def _stbl(track: _Track) -> bytes:
    sizes = np.concatenate(track.sizes)
    keys = np.concatenate(track.keys)
    compositions = np.concatenate(track.compositions)
    boxes = [
        track.head.stsd,
        full_box(b"stts", 0, 0, _counted(_lengths(np.concatenate(track.durations)))),
    ]
    if compositions.any():
        boxes.append(full_box(b"ctts", 1, 0, _counted(_lengths(compositions))))
    if not keys.all():
        boxes.append(full_box(b"stss", 0, 0, _counted((np.flatnonzero(keys) + 1)[:, None])))
    counts = np.array([len(s) for s in track.sizes], np.int64)
    first = np.flatnonzero(np.diff(counts, prepend=-1))
    chunks = np.stack((first + 1, counts[first], np.ones_like(first)), axis=1)
    boxes += [
        full_box(b"stsc", 0, 0, _counted(chunks)),
        full_box(b"stsz", 0, 0, struct.pack(">II", 0, len(sizes)), sizes.astype(">u4").tobytes()),
        full_box(
            b"co64", 0, 0, struct.pack(">I", len(track.chunks)),
            np.array(track.chunks, ">u8").tobytes(),
        ),
    ]  # fmt: skip
    return box(b"stbl", *boxes)


def _lengths(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Run lengths: rows of (count, value)."""
    first = np.flatnonzero(np.diff(values, prepend=values[0] - 1))
    counts = np.diff(np.append(first, len(values)))
    return np.stack((counts, values[first]), axis=1)


def _counted(rows: NDArray[np.int64]) -> bytes:
    """A table with its number of rows in front; negative values as two's complement."""
    return struct.pack(">I", len(rows)) + (rows & 0xFFFFFFFF).astype(">u4").tobytes()
