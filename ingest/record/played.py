"""Recordings as playback reads them: the index as columns of numbers, a day of one-second fragments in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.db import Database
from gis.errors import InvalidInput, NotFound
from gis.said import say
from ingest.columns import booleans, integers
from ingest.fmp4 import to_media_90k
from ingest.record.tiers import SegmentReader
from ingest.store import QUERIES

MAX_SPAN_S = 26 * 3600.0
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PlayedHead:
    """A recording file. ``media_90k`` is the decode time of its beginning, 1/90000 s since 2020-01-01."""

    id: int
    start_at: datetime
    end_at: datetime
    open: bool
    init_bytes: int
    codec: str
    width_px: int
    height_px: int
    audio: str | None
    media_90k: int

    @property
    def format(self) -> tuple[str, int, int]:
        """What a decoder must be set up anew for."""
        return self.codec, self.width_px, self.height_px


@dataclass(frozen=True, slots=True)
class Fragments:
    """A file's fragments as columns: bytes, and 1/90000 s after the file's beginning. ``key``: begins with a key frame."""

    offset: Ints
    length: Ints
    video_length: Ints
    start_90k: Ints
    duration_90k: Ints
    key: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Played:
    """A recording file with its fragments."""

    head: PlayedHead
    fragments: Fragments

    def shown(self, from_at: datetime, to_at: datetime) -> slice:
        """The fragments that show anything of a span, from the key frame they need on."""
        f = self.fragments
        begin_90k, end_90k = to_media_90k(from_at), to_media_90k(to_at)
        return shown(self.head.media_90k + f.start_90k, f.duration_90k, f.key, begin_90k, end_90k)


def shown(
    start_90k: Ints, duration_90k: Ints, key: NDArray[np.bool_], from_90k: int, to_90k: int
) -> slice:
    """The fragments that show anything from ``from_90k`` to ``to_90k``, from the key frame they need on. Pure."""
    inside = np.flatnonzero((start_90k < to_90k) & (start_90k + duration_90k > from_90k))
    if not len(inside):
        return slice(0, 0)
    first = int(inside[0])
    while first > 0 and not key[first]:
        first -= 1
    return slice(first, int(inside[-1]) + 1)


def check_span(from_at: datetime, to_at: datetime) -> None:
    """Raises :class:`InvalidInput` for a span that is empty or longer than :data:`MAX_SPAN_S`."""
    if not 0 < (to_at - from_at).total_seconds() <= MAX_SPAN_S:
        raise InvalidInput(
            say(
                "span_hours",
                "the time from {from_at} to {to_at} is not between 0 and {hours} hours",
                from_at=from_at.isoformat(),
                to_at=to_at.isoformat(),
                hours=f"{MAX_SPAN_S / 3600:g}",
            ),
            "to",
        )


def heads(
    database: Database, camera_id: int, from_at: datetime, to_at: datetime
) -> list[PlayedHead]:
    """A camera's files of a span, in order. Raises :class:`InvalidInput` for a span that makes no sense."""
    check_span(from_at, to_at)
    values = {"camera_id": camera_id, "from_at": from_at, "to_at": to_at}
    return [_head(row) for row in database.rows(QUERIES["played_heads"], values)]


def fragments(database: Database, ids: Sequence[int]) -> dict[int, Fragments]:
    """The fragments of some files, by their ids; those deleted meanwhile are left out."""
    if not ids:
        return {}
    rows = database.rows(QUERIES["played_fragments"], {"ids": list(ids)})
    return {row.id: _fragments(row) for row in rows}


def played(
    database: Database, camera_id: int, from_at: datetime, to_at: datetime
) -> list[tuple[Played, slice]]:
    """A camera's files with what of each shows anything of a span, in order.

    Raises :class:`InvalidInput`, and :class:`NotFound` when nothing of it was recorded.
    """
    files = heads(database, camera_id, from_at, to_at)
    found = fragments(database, [head.id for head in files])
    both = [Played(head, found[head.id]) for head in files if head.id in found]
    parts = [(p, part) for p in both if (part := p.shown(from_at, to_at)).stop > part.start]
    if not parts:
        raise nothing(camera_id, from_at, to_at)
    return parts


def nothing(camera_id: int, from_at: datetime, to_at: datetime) -> NotFound:
    """The error that says so."""
    return NotFound(
        f"camera {camera_id} has no recording from {from_at.isoformat()} to {to_at.isoformat()}"
    )


def by_id(database: Database, segment_id: int) -> tuple[int, PlayedHead]:
    """Whose a file is, and the file. Raises :class:`NotFound`."""
    row = database.row(QUERIES["played_by_id"], {"id": segment_id})
    if row is None:
        raise NotFound(
            say(
                "recording_deleted",
                "there is no recording {id}; it may have been deleted by retention",
                id=segment_id,
            )
        )
    return row.camera_id, _head(row)


def video_parts(reader: SegmentReader, f: Fragments, first: int, last: int) -> Iterator[bytes]:
    """The pictures of fragments ``first`` to ``last`` without the sound between them.

    Raises :class:`NotFound` for fragments there are none, and :class:`gis.errors.StorageAway`.
    """
    if not 0 <= first <= last < len(f.offset):
        raise NotFound(
            f"there are no fragments {first} to {last}: the recording has {len(f.offset)}"
        )
    for n in range(first, last + 1):
        yield reader.read_at(int(f.offset[n]), int(f.video_length[n]))


def _head(row: Any) -> PlayedHead:
    begin = row.media_start_90k
    return PlayedHead(
        row.id, row.start_at, row.end_at, row.open, row.init_length, row.codec, row.width_px, row.height_px,
        row.audio_codec, begin if begin is not None else to_media_90k(row.start_at),
    )  # fmt: skip


def _fragments(row: Any) -> Fragments:
    lengths = integers(row.lengths)
    videos = integers(row.video_lengths) if row.video_lengths is not None else lengths
    keys = booleans(row.keys) if row.keys is not None else np.ones(len(lengths), np.bool_)
    return Fragments(
        integers(row.offsets), lengths, videos, integers(row.starts), integers(row.durations), keys
    )
