"""Footage moves on to further tiers: the oldest first, copied, checked, and only then removed where it was.

At every instant the recording's row names a whole file. Before copying, the copy is noted as left over; the row's change
turns that around in one transaction, and then what was copied from is left over. So whatever is interrupted, nothing
is lost and nothing stays behind for good.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from gis.clock import Clock
from gis.db import Database
from gis.errors import NotFound, StorageAway
from gis.said import said_by, say
from ingest import footage_store
from ingest.footage_store import Movable
from ingest.record.retention import YOUNGEST_S, remove, sweep
from ingest.record.storage import Storage
from ingest.record.tiers import LOCAL, SegmentReader, Tier

log = logging.getLogger(__name__)

FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 600.0

Waiter = Callable[[float], bool]
"""Waits so many seconds; True when the process is to end (:meth:`threading.Event.wait`)."""


class Stopped(Exception):
    """The process ends while a recording is being copied."""


class Damaged(Exception):
    """A file is not what was recorded."""


@dataclass(slots=True)
class MoveCounts:
    """What was done since the start."""

    moved: int = 0
    moved_bytes: int = 0
    failed: int = 0
    damaged: int = 0


class Mover:
    """Moves one recording per :meth:`step`. ``used_percent`` tells how full the local disk is.

    ``told`` gets a tier and the sentence when a tier begins to fail.
    """

    def __init__(
        self,
        storage: Storage,
        database: Database,
        clock: Clock,
        used_percent: Callable[[], float],
        wait: Waiter,
        told: Callable[[Tier, str], None],
    ) -> None:
        self._storage = storage
        self._database = database
        self._clock = clock
        self._used_percent = used_percent
        self._wait = wait
        self._told = told
        self._again_s: dict[int, float] = {}
        self._wait_s: dict[int, float] = {}
        self._unmovable: set[int] = set()
        self.counts = MoveCounts()

    def step(self) -> bool:
        """Moves the next recording, if one is due; whether another may be.

        Raises :class:`gis.errors.DatabaseAway` and :class:`Stopped`.
        """
        tiers = self._storage.tiers()
        for tier in reversed(tiers):
            if tier.kind == "local" or not tier.enabled or self._resting(tier):
                continue
            segment = self._next(tiers, tier)
            if segment is not None:
                self._move(segment, tier)
                return True
        return False

    def sweep(self) -> None:
        """Removes files left over on the further tiers. Raises :class:`gis.errors.DatabaseAway`."""
        for tier in self._storage.tiers():
            if tier.kind == "local" or self._resting(tier):
                continue
            try:
                sweep(self._database, self._storage.place(tier.id), tier.id)
            except StorageAway as error:
                self._failed(tier, said_by(error))

    def _next(self, tiers: list[Tier], tier: Tier) -> Movable | None:
        before_it = [t for t in tiers if t.position < tier.position]
        now, without = self._clock.now(), sorted(self._unmovable)
        found: Movable | None = None
        if tier.after_days is not None:
            old = now - timedelta(
                days=tier.after_days, seconds=0 if tier.after_days else YOUNGEST_S
            )
            sources = [t.id for t in before_it if not self._resting(t)]
            found = footage_store.next_to_move(self._database, sources, old, without)
        if found is None and tier.above_percent is not None:
            first = not any(t.enabled and t.kind != "local" for t in before_it)
            if first and self._used_percent() > tier.above_percent:
                young = now - timedelta(seconds=YOUNGEST_S)
                found = footage_store.next_to_move(self._database, [LOCAL], young, without)
        return found

    def _move(self, segment: Movable, tier: Tier) -> None:
        try:
            to = self._storage.place(tier.id)
        except StorageAway as error:
            self._failed(tier, said_by(error))
            return
        try:
            source = self._storage.place(segment.tier)
            reader = source.open(segment.path)
        except NotFound as error:
            self._unmovable_now(segment, str(error))
            return
        except StorageAway as error:
            self._source_failed(segment, error)
            return
        footage_store.begin_copy(self._database, tier.id, segment.path, segment.size_bytes)
        reading = _Reading(segment, self._pace(tier))
        with reader:
            try:
                to.write(segment.path, reading.pieces(reader))
            except (StorageAway, Damaged, Stopped) as error:
                # What stopped the reading may come through the writing library in other clothes: the note decides.
                why = reading.stopped_by or error
                if isinstance(why, Stopped):
                    raise Stopped from None
                if isinstance(why, Damaged):
                    self._unmovable_now(segment, str(why))
                elif reading.stopped_by is not None:
                    self._source_failed(segment, why)
                else:
                    self._failed(tier, said_by(why))
                return
        try:
            with to.open(segment.path) as back:
                same = _digest(back) == reading.digest and back.size_bytes == segment.size_bytes
        except (StorageAway, NotFound) as error:
            self._failed(tier, said_by(error))
            return
        if not same:
            self._failed(
                tier,
                say(
                    "came_back_changed",
                    "'{path}' came back changed from the tier '{tier}'",
                    path=segment.path,
                    tier=tier.name,
                ),
            )
            return
        self._well(tier)
        if not footage_store.finish_copy(self._database, segment, tier.id):
            footage_store.drop_copy(self._database, tier.id, segment.path)
            return
        self.counts.moved += 1
        self.counts.moved_bytes += segment.size_bytes
        log.info(
            "footage-moved path=%s to=%s bytes=%d", segment.path, tier.name, segment.size_bytes
        )
        left = footage_store.StoredFile(segment.tier, segment.path, segment.size_bytes)
        try:
            remove(self._database, source, segment.tier, [left])
        except StorageAway as error:
            log.warning("move-left-over path=%s reason=%s", segment.path, error)

    def _pace(self, tier: Tier) -> Callable[[int], bool]:
        """Called with the bytes of a piece before it goes out: waits as the tier's rate wants."""
        rate = tier.rate_bytes_s

        def pace(size_bytes: int) -> bool:
            return self._wait(size_bytes / rate if rate else 0.0)

        return pace

    def _unmovable_now(self, segment: Movable, why: str) -> None:
        """It stays where it is until the process starts anew; the others go on."""
        self._unmovable.add(segment.id)
        self.counts.damaged += 1
        log.error("footage-not-movable path=%s tier=%d reason=%s", segment.path, segment.tier, why)

    def _source_failed(self, segment: Movable, why: Exception) -> None:
        """The local disk cannot read this one file; a further tier may answer again."""
        source = next((t for t in self._storage.tiers() if t.id == segment.tier), None)
        if source is None or source.kind == "local":
            self._unmovable_now(segment, str(why))
        else:
            self._failed(source, said_by(why))

    def _failed(self, tier: Tier, why: str) -> None:
        wait_s = min(LONGEST_WAIT_S, 2 * self._wait_s.get(tier.id, FIRST_WAIT_S / 2))
        self._wait_s[tier.id] = wait_s
        self._again_s[tier.id] = self._clock.monotonic_s() + wait_s
        self.counts.failed += 1
        log.warning("tier-failed tier=%s again_in_s=%g reason=%s", tier.name, wait_s, why)
        if footage_store.tier_problem(self._database, tier.id, why) and tier.problem is None:
            self._told(tier, why)

    def _well(self, tier: Tier) -> None:
        self._wait_s.pop(tier.id, None)
        if footage_store.tier_problem(self._database, tier.id, None):
            log.info("tier-answers-again tier=%s", tier.name)

    def _resting(self, tier: Tier) -> bool:
        return self._clock.monotonic_s() < self._again_s.get(tier.id, 0.0)


class _Reading:
    """Gives a recording out piece by piece, each fragment checked against its hash, and takes the digest of it all."""

    def __init__(self, segment: Movable, pace: Callable[[int], bool]) -> None:
        self._segment = segment
        self._pace = pace
        self._hash = hashlib.sha256()
        self.stopped_by: Exception | None = None

    @property
    def digest(self) -> bytes:
        return self._hash.digest()

    def pieces(self, reader: SegmentReader) -> Iterator[bytes]:
        """The file's bytes in order. What stops it is raised, and noted in :attr:`stopped_by`."""
        try:
            for data in self._checked(reader):
                if self._pace(len(data)):
                    raise Stopped
                self._hash.update(data)
                yield data
        except (StorageAway, Damaged, Stopped) as error:
            self.stopped_by = error
            raise

    def _checked(self, reader: SegmentReader) -> Iterator[bytes]:
        segment, at = self._segment, 0
        for number, (offset, length) in enumerate(segment.fragments):
            if offset > at:
                yield _exactly(reader, at, offset - at)
            data = _exactly(reader, offset, length)
            if segment.hashes and hashlib.sha256(data).digest() != segment.hashes[number]:
                raise Damaged(f"fragment {number + 1} is not what was recorded: its hash differs")
            yield data
            at = offset + length
        if at < segment.size_bytes:
            yield _exactly(reader, at, segment.size_bytes - at)


def _exactly(reader: SegmentReader, offset: int, length: int) -> bytes:
    data = reader.read_at(offset, length)
    if len(data) != length:
        raise Damaged(f"the file ends at byte {offset + len(data)}, before its row says")
    return data


def _digest(reader: SegmentReader) -> bytes:
    whole = hashlib.sha256()
    for piece in reader.chunks():
        whole.update(piece)
    return whole.digest()
