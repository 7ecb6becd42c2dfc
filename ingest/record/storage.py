"""Recordings by their number, whatever tier they lie on."""

from __future__ import annotations

import threading
from pathlib import Path

from gis.clock import Clock
from gis.db import Database
from gis.errors import InvalidInput, NotFound, StorageAway
from gis.said import ahead, say
from ingest import footage_store
from ingest.record.tiers import LOCAL, FolderPlace, Place, SegmentReader, Tier, place_of

REFRESH_S = 10.0  # so long a change of the tiers may take to be noticed


class Storage:
    """The tiers and their places. ``key`` is the Fernet key of the tiers' secrets."""

    def __init__(self, database: Database, recordings: Path, key: bytes, clock: Clock) -> None:
        self._database = database
        self._recordings = recordings
        self._key = key
        self._clock = clock
        self._lock = threading.Lock()
        self._tiers: dict[int, Tier] = {}
        self._places: dict[int, tuple[Tier, Place]] = {}
        self._read_s: float | None = None
        self.local = FolderPlace(recordings, marked=False)

    def tiers(self, fresh: bool = False) -> list[Tier]:
        """Every tier in order, read from the database at most every :data:`REFRESH_S` seconds unless ``fresh``."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            known = self._read_s is not None and now_s - self._read_s < REFRESH_S
            if known and not fresh:
                return list(self._tiers.values())
        tiers = footage_store.tiers(self._database, self._key)
        with self._lock:
            self._tiers = {tier.id: tier for tier in tiers}
            self._read_s = now_s
        return tiers

    def place(self, tier_id: int) -> Place:
        """Where a tier's files lie. Raises :class:`NotFound` for an unknown tier, :class:`StorageAway` for one whose
        address is none."""
        if tier_id == LOCAL:
            return self.local
        tier = next((t for t in self.tiers() if t.id == tier_id), None)
        if tier is None:
            tier = next((t for t in self.tiers(fresh=True) if t.id == tier_id), None)
        if tier is None:
            raise NotFound(say("no_tier", "there is no storage tier {id}", id=tier_id))
        with self._lock:
            known = self._places.get(tier_id)
            if known is None or _address(known[0]) != _address(tier):
                try:
                    known = (tier, place_of(tier, self._recordings))
                except InvalidInput as error:
                    raise StorageAway(ahead(f"storage tier '{tier.name}'", error.said)) from error
                self._places[tier_id] = known
            return known[1]

    def open(self, tier_id: int, path: str) -> SegmentReader:
        """A file of a tier. Raises :class:`NotFound` and :class:`StorageAway`."""
        return self.place(tier_id).open(path)

    def open_segment(self, segment_id: int) -> SegmentReader:
        """A recording's bytes; the caller closes it.

        Raises :class:`NotFound` when there is no such recording or its file is gone, and :class:`StorageAway` when
        its tier does not answer.
        """
        found = self._place_of(segment_id)
        try:
            return self.open(*found)
        except (NotFound, StorageAway):
            now = self._place_of(segment_id)
            if now == found:
                raise
            return self.open(*now)  # it moved on just then

    def _place_of(self, segment_id: int) -> tuple[int, str]:
        found = footage_store.segment_place(self._database, segment_id)
        if found is None:
            raise NotFound(
                say(
                    "recording_deleted",
                    "there is no recording {id}; it may have been deleted by retention",
                    id=segment_id,
                )
            )
        return found


def open_segment(storage: Storage, segment_id: int) -> SegmentReader:
    """See :meth:`Storage.open_segment`."""
    return storage.open_segment(segment_id)


def _address(tier: Tier) -> tuple[object, ...]:
    """What a place must be made anew for."""
    return (
        tier.kind, tier.path, tier.endpoint, tier.bucket, tier.prefix, tier.region, tier.access_key, tier.secret,
    )  # fmt: skip
