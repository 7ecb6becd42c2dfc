"""Reckons links across cameras from the stored tracks, every few seconds, beside everything else."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import psycopg2

from analytics import link_store
from analytics.links import MOST_GAP_S, Link, ground_m2, neighbours, propose
from gis.clock import Clock
from gis.db import Database
from gis.errors import DatabaseAway

log = logging.getLogger(__name__)
EVERY_S = 8.0
LOOKS_BACK_S = 2 * MOST_GAP_S
"""Tracks that began within this are looked at together; those of its second half may still get another partner."""
GROUNDS_EVERY_S = 120.0


class Linker:
    """Proposes links until ``stop`` is set."""

    def __init__(self, database: Database, clock: Clock, stop: threading.Event) -> None:
        self.proposed = 0
        self._database = database
        self._clock = clock
        self._stop = stop
        self._grounds: dict[int, tuple[tuple[float, float], ...]] = {}
        self._near: dict[int, frozenset[int]] = {}
        self._areas_m2: dict[int, float] = {}
        self._looked_s: float | None = None
        self._last: dict[tuple[UUID, UUID], float] = {}

    def run(self) -> None:
        """Passes until stopped; the database may be away."""
        while not self._stop.wait(EVERY_S):
            try:
                self.link()
            except DatabaseAway as error:
                log.warning("database-away linking=no reason=%s", error)
            except psycopg2.OperationalError as error:
                # A deadlock or a cancelled statement: the next pass does it.
                log.warning("linking-again reason=%s", str(error).strip())

    def link(self) -> Sequence[Link]:
        """One pass: every link among the tracks of the last minutes, written where it changed."""
        now = self._clock.now()
        if self._looked_s is None or self._clock.monotonic_s() - self._looked_s > GROUNDS_EVERY_S:
            self._looked_s = self._clock.monotonic_s()
            self._grounds = link_store.grounds(self._database)
            self._near = neighbours(self._grounds)
            self._areas_m2 = {camera: ground_m2(ring) for camera, ring in self._grounds.items()}
        if not self._near:
            return ()
        since = now - timedelta(seconds=LOOKS_BACK_S)
        passages = link_store.passages(self._database, since)
        ways = link_store.transits(self._database) if passages else {}
        links = propose(passages, self._near, self._areas_m2, ways)
        found = {(k.from_uid, k.to_uid): k.probability for k in links}
        # What begins within the first half has met all it can meet: it stays as it was last reckoned.
        open_since = now - timedelta(seconds=LOOKS_BACK_S / 2)
        begins = {p.uid: p.start_s for p in passages}
        fresh = [k for k in links if begins[k.to_uid] >= open_since.timestamp()]
        if found != self._last and (fresh or self._last):
            self.proposed += len(found.keys() - self._last.keys())
            link_store.write(self._database, fresh, open_since, now)
        self._last = dict(found)
        return links
