"""What analytics removes: tracks and motion older than their camera's footage, in small batches, and their pictures."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg2

from analytics.store import QUERIES
from gis.clock import Clock
from gis.db import Database
from gis.errors import DatabaseAway

log = logging.getLogger(__name__)
EVERY_S = 600.0
BATCH = 500
REST_S = 0.2
"""Between two batches: nobody who watches waits for this."""


@dataclass(frozen=True, slots=True)
class Removed:
    """Rows and pictures that one pass removed."""

    tracks: int = 0
    motion_minutes: int = 0
    pictures: int = 0


class Keeper:
    """Removes what is too old, every ten minutes until ``stop`` is set."""

    def __init__(
        self, database: Database, snapshots: Path, clock: Clock, stop: threading.Event
    ) -> None:
        self.removed = Removed()
        self._database = database
        self._snapshots = snapshots
        self._clock = clock
        self._stop = stop

    def run(self) -> None:
        """Passes until stopped; the database may be away."""
        while not self._stop.is_set():
            try:
                done = self.retain()
                if done != Removed():
                    log.info(
                        "analytics-removed tracks=%d motion_minutes=%d pictures=%d",
                        done.tracks, done.motion_minutes, done.pictures,
                    )  # fmt: skip
            except DatabaseAway as error:
                log.warning("database-away retaining=no reason=%s", error)
            except psycopg2.OperationalError as error:
                # A deadlock or a cancelled statement: the next pass does it.
                log.warning("retention-again reason=%s", str(error).strip())
            self._stop.wait(EVERY_S)

    def retain(self) -> Removed:
        """One pass. Raises :class:`gis.errors.DatabaseAway`."""
        now = self._clock.now()
        tracks, pictures = self._tracks(now)
        motion = 0
        while count := self._database.run(
            QUERIES["delete_old_motion"], {"now": now, "limit": BATCH}
        ):
            motion += count
            if count < BATCH or self._stop.wait(REST_S):
                break
        self._database.run(QUERIES["delete_old_watched"], {"now": now})
        self._database.run(QUERIES["cut_old_watched"], {"now": now})
        self.removed = Removed(
            self.removed.tracks + tracks,
            self.removed.motion_minutes + motion,
            self.removed.pictures + pictures,
        )
        return Removed(tracks, motion, pictures)

    def _tracks(self, now: datetime) -> tuple[int, int]:
        tracks = pictures = 0
        while True:
            rows = self._database.rows(QUERIES["delete_old_tracks"], {"now": now, "limit": BATCH})
            tracks += len(rows)
            pictures += sum(self._remove(row.snapshot) for row in rows if row.snapshot)
            if len(rows) < BATCH or self._stop.wait(REST_S):
                return tracks, pictures

    def _remove(self, snapshot: str) -> bool:
        """A picture whose row is gone; one that cannot be removed is named in the log and left."""
        path = (self._snapshots / snapshot).resolve()
        if not path.is_relative_to(self._snapshots.resolve()):
            log.error("snapshot-outside path=%s", snapshot)
            return False
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            log.error("snapshot-not-removed path=%s reason=%s", path, error)
            return False
        return True
