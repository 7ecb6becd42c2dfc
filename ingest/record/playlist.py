"""Recordings as an HLS playlist (RFC 8216): short to send, quick to make, and the same text for a file whenever asked.

Contiguous fragments are put together into entries of some seconds. An entry is a byte range of the recording file where the
file has pictures alone; where sound lies between the pictures the server leaves it out (``.../video/FIRST-LAST.m4s``),
for not every browser takes every sound. The init segment is the file's without its sound, too.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from gis.db import Database
from ingest.columns import booleans, integers
from ingest.fmp4 import from_media_90k, to_media_90k
from ingest.record import played
from ingest.record.played import Ints, PlayedHead
from ingest.store import QUERIES

ENTRY_90K = 6 * 90_000
HOLE_90K = 90  # a millisecond: less than this between two fragments or files is none
Flags = NDArray[np.bool_]
_KEPT_TEXTS = 4096  # about a megabyte per camera and day


@dataclass(frozen=True, slots=True)
class Starts:
    """Where a file's fragments begin, in time (1/90000 s after the file's beginning) and in the file.

    ``end_90k`` is when each ends; ``offset`` has one more entry, the file's end, and is None where there is sound.
    """

    start_90k: Ints
    end_90k: Ints
    offset: Ints | None
    key: Flags


@dataclass(frozen=True, slots=True)
class Listed:
    """A file's lines, without its map; ``longest_s`` is its longest entry's."""

    text: str
    longest_s: float
    start_90k: int
    end_90k: int


def entries(start_90k: Ints, end_90k: Ints, key: Flags, fresh: Flags) -> tuple[Ints, Ints]:
    """First and last fragment of each entry. Pure.

    The fragments of several files may stand one after another; ``fresh`` marks where a file begins. An entry begins there,
    with a key frame after every hole, and else with the first one after :data:`ENTRY_90K` of the file's time are over.
    """
    turn = start_90k // ENTRY_90K
    begins = fresh.copy()
    begins[1:] |= start_90k[1:] - end_90k[:-1] > HOLE_90K
    if key.all():
        begins[1:] |= turn[1:] != turn[:-1]
    else:  # a GOP in parts is not cut: its entry goes on to the next key frame
        last_turn = -1
        for n in range(len(start_90k)):
            begins[n] = begins[n] or bool(key[n] and turn[n] != last_turn)
            if begins[n]:
                last_turn = int(turn[n])
    first = np.flatnonzero(begins)
    return first, np.append(first[1:], len(start_90k)) - 1


def list_files(files: Sequence[tuple[PlayedHead, Starts, slice]], base: str) -> list[Listed]:
    """The lines of each file's given fragments; ``base`` is the address of the segments. Pure.

    All files at once: a day has hundreds, and a call of NumPy for each of them costs more than its work.
    """
    if not files:
        return []
    start = np.concatenate([s.start_90k[part] for _, s, part in files])
    end = np.concatenate([s.end_90k[part] for _, s, part in files])
    key = np.concatenate([s.key[part] for _, s, part in files])
    begins_at = np.cumsum([0, *(part.stop - part.start for _, _, part in files)])
    fresh = np.zeros(len(start), bool)
    fresh[begins_at[:-1]] = True
    first, last = entries(start, end, key, fresh)
    places = np.concatenate([_places(s, part) for _, s, part in files], axis=1)
    at, sizes = places[0][first], places[1][last] - places[0][first]
    begin, finish = start[first], end[last]
    texts = {n: f"#EXTINF:{n / 90_000:.5f},\n" for n in np.unique(finish - begin).tolist()}
    rows = list(zip((finish - begin).tolist(), sizes.tolist(), at.tolist(), strict=True))
    holes = set((np.flatnonzero(begin[1:] - finish[:-1] > HOLE_90K) + 1).tolist())
    split = np.searchsorted(first, begins_at).tolist()
    out: list[Listed] = []
    for (head, s, _), a, b in zip(files, split, split[1:], strict=False):
        if s.offset is not None:
            # Seals lie between fragments; players pass over them as over any box they do not know.
            tail = f"\n{base}/{head.id}.mp4"
            lines = [f"{texts[t]}#EXT-X-BYTERANGE:{z}@{o}{tail}" for t, z, o in rows[a:b]]
        else:
            address = f"{base}/{head.id}/video/"
            lines = [f"{texts[t]}{address}{o}-{o + z - 1}.m4s" for t, z, o in rows[a:b]]
        for n in holes.intersection(range(a + 1, b)):
            date = _date(from_media_90k(head.media_90k + int(begin[n])))
            lines[n - a] = f"#EXT-X-DISCONTINUITY\n{date}\n{lines[n - a]}"
        from_90k = head.media_90k + int(begin[a])
        lines[0] = f"{_date(from_media_90k(from_90k))}\n{lines[0]}"
        longest = max(row[0] for row in rows[a:b])
        out.append(
            Listed(
                "\n".join(lines), longest / 90_000, from_90k, head.media_90k + int(finish[b - 1])
            )
        )
    return out


def _places(starts: Starts, part: slice) -> Ints:
    """Where each fragment begins and ends: in the file, or where there is sound among its fragments."""
    places = starts.offset
    if places is None:
        places = np.arange(len(starts.start_90k) + 1)
    return np.stack((places[part.start : part.stop], places[part.start + 1 : part.stop + 1]))


def ticks_between(start_at: datetime, end_at: datetime) -> int:
    """Whole 1/90000 s from one moment to another."""
    return (end_at - start_at) // timedelta(microseconds=1) * 9 // 100


def _date(at: datetime) -> str:
    return f"#EXT-X-PROGRAM-DATE-TIME:{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def join(files: Sequence[tuple[PlayedHead, Listed]], base: str) -> str:
    """The whole playlist. Every file begins with its map; EXT-X-DISCONTINUITY stands where time or picture format does
    not simply go on. Pure."""
    longest_s = max((listed.longest_s for _, listed in files), default=1.0)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{int(longest_s + 0.999)}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    before: tuple[PlayedHead, Listed] | None = None
    for head, listed in files:
        if before is not None:
            gap_90k = listed.start_90k - before[1].end_90k
            if abs(gap_90k) > HOLE_90K or head.format != before[0].format:
                lines.append("#EXT-X-DISCONTINUITY")
        lines += [f'#EXT-X-MAP:URI="{base}/{head.id}/init.mp4"', listed.text]
        before = head, listed
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


class Playlists:
    """Makes playlists; the lines of files that are whole and closed are kept, for they never change."""

    def __init__(self, database: Database, base: str = "/api/v1/recordings/segments") -> None:
        self._database = database
        self._base = base
        self._kept: OrderedDict[int, Listed] = OrderedDict()
        self._lock = threading.Lock()

    def playlist(self, camera_id: int, from_at: datetime, to_at: datetime) -> str:
        """The playlist of a span.

        Raises :class:`gis.errors.InvalidInput` for one that makes no sense, and :class:`gis.errors.NotFound` when
        nothing of it was recorded.
        """
        heads = played.heads(self._database, camera_id, from_at, to_at)
        whole = {h.id for h in heads if not h.open and from_at <= h.start_at and h.end_at <= to_at}
        listed = self._known(whole)
        wanted = {h.id: h for h in heads if h.id not in listed}
        files: list[tuple[PlayedHead, Starts, slice]] = []
        for head, starts in self._starts(wanted):
            part = slice(0, len(starts.start_90k))
            if head.id not in whole:
                lasting = starts.end_90k - starts.start_90k
                begin, end = to_media_90k(from_at), to_media_90k(to_at)
                at = head.media_90k + starts.start_90k
                part = played.shown(at, lasting, starts.key, begin, end)
            if part.stop > part.start:
                files.append((head, starts, part))
        made = list_files(files, self._base)
        listed |= {head.id: one for (head, _, _), one in zip(files, made, strict=True)}
        if not listed:
            raise played.nothing(camera_id, from_at, to_at)
        self._keep({i: text for i, text in listed.items() if i in whole})
        return join([(h, listed[h.id]) for h in heads if h.id in listed], self._base)

    def _starts(self, heads: Mapping[int, PlayedHead]) -> Iterator[tuple[PlayedHead, Starts]]:
        if not heads:
            return
        rows = self._database.rows(QUERIES["listed_fragments"], {"ids": list(heads)})
        for row in rows:
            head, start = heads[row.id], integers(row.starts)
            if not len(start):
                continue
            end = np.append(start[1:], ticks_between(head.start_at, head.end_at))
            for from_90k, to_90k in zip(row.hole_start_90k, row.hole_end_90k, strict=True):
                end[:-1][start[1:] == to_90k] = from_90k
            offset = np.append(integers(row.offsets), row.bytes) if row.offsets else None
            keys = booleans(row.keys) if row.keys is not None else np.ones(len(start), np.bool_)
            yield head, Starts(start, end, offset, keys)

    def _known(self, ids: set[int]) -> dict[int, Listed]:
        with self._lock:
            return {i: self._kept[i] for i in ids if i in self._kept}

    def _keep(self, texts: dict[int, Listed]) -> None:
        with self._lock:
            for i, listed in texts.items():
                self._kept[i] = listed
                self._kept.move_to_end(i)
            while len(self._kept) > _KEPT_TEXTS:
                self._kept.popitem(last=False)
