"""The keeping of footage as the ingest process runs it: retention, the disk's level, and moves to further tiers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from gis.clock import Clock
from gis.db import Database
from gis.errors import DatabaseAway
from gis.heartbeat import Facts
from ingest import footage_store
from ingest.footage_store import SystemEvent
from ingest.record.filling import DiskLevel, DiskLimits, DiskUsage, DiskWatch, level_of, usage
from ingest.record.mover import Mover, Stopped
from ingest.record.retention import Deleted, retain, sweep
from ingest.record.storage import Storage
from ingest.record.tiers import LOCAL, Tier

log = logging.getLogger(__name__)

_PRIORITY: dict[DiskLevel, int] = {"warn": 4, "alarm": 3, "short": 2, "locked": 1}
LOCKED_HINT = (
    "locked footage fills the disk: release holds that are no longer needed (wanglou hold list), "
    "add a storage tier for it to move to (wanglou storage), or make the disk larger"
)


class FootageKeeper:
    """Three steps for three threads: :meth:`retain`, :meth:`raise_classes` and :meth:`move`; and what they tell."""

    def __init__(
        self,
        storage: Storage,
        database: Database,
        recordings: Path,
        limits: DiskLimits,
        clock: Clock,
        stop: threading.Event,
        measure: Callable[[Path], DiskUsage] = usage,
    ) -> None:
        self._database = database
        self._recordings = recordings
        self._limits = limits
        self._clock = clock
        self._stop = stop
        self._measure = measure
        self._storage = storage
        self._disk = DiskWatch()
        self._usage = DiskUsage(0, 0)
        self._untold: SystemEvent | None = None
        self._deleted = 0
        self._forgot_s: float | None = None
        self._mover = Mover(
            storage, database, clock, self._used_percent, stop.wait, self._tell_of_tier
        )

    def clear_leftovers(self) -> None:
        """Before the repair at start-up: files that were to be removed must not be taken for recordings."""
        sweep(self._database, self._storage.local, LOCAL)

    def retain(self) -> Deleted:
        """One pass of retention; tells of the disk. Raises :class:`gis.errors.DatabaseAway`, :class:`OSError`."""
        done = Deleted(0, 0, 0, False)
        try:
            with _another_time("retention"):
                done = retain(
                    self._recordings, self._database, self._clock, self._limits.min_free_bytes, self._free
                )  # fmt: skip
        except DatabaseAway:
            # Nothing can be deleted now, but how full the disk is can still be said.
            self._see(done)
            raise
        self._deleted += done.expired + done.over_limit + done.for_space
        self._see(done)
        self._forget_marks()
        return done

    def raise_classes(self) -> None:
        """Applies what events and incidents marked. Raises :class:`gis.errors.DatabaseAway`."""
        with _another_time("footage-classes"):
            footage_store.raise_classes(self._database)

    def move(self) -> None:
        """Moves what is due, until nothing is. Raises :class:`gis.errors.DatabaseAway`."""
        try:
            with _another_time("footage-moves"):
                self._mover.sweep()
                while not self._stop.is_set() and self._mover.step():
                    pass
        except Stopped:
            return  # the copy begun is left over; it is removed or made anew

    @property
    def hint(self) -> str | None:
        """What to do where recording stopped for want of room."""
        return LOCKED_HINT if self._disk.level == "locked" else None

    def facts(self) -> Facts:
        """Figures for the heartbeat."""
        counts = self._mover.counts
        return {
            "disk_level": self._disk.level,
            "disk_used_percent": round(self._usage.used_percent, 1),
            "disk_free_bytes": self._usage.free_bytes,
            "disk_total_bytes": self._usage.total_bytes,
            "disk_warn_percent": self._limits.warn_percent,
            "disk_alarm_percent": self._limits.alarm_percent,
            "disk_min_free_bytes": self._limits.min_free_bytes,
            "footage_deleted": self._deleted,
            "footage_moved": counts.moved,
            "footage_moved_bytes": counts.moved_bytes,
            "footage_moves_failed": counts.failed,
            "footage_not_movable": counts.damaged,
        }

    def _free(self, root: Path) -> int:
        return self._measure(root).free_bytes

    def _used_percent(self) -> float:
        return self._measure(self._recordings).used_percent

    def _see(self, done: Deleted) -> None:
        self._usage = self._measure(self._recordings)
        level = level_of(self._usage, self._limits, done.for_space > 0, done.still_short)
        if self._disk.see(level, self._clock.monotonic_s()):
            self._untold = self._disk_event(self._disk.level)
            log.warning(
                "disk-level level=%s used_percent=%.1f free_bytes=%d folder=%s",
                self._disk.level, self._usage.used_percent, self._usage.free_bytes, self._recordings,
            )  # fmt: skip
        if self._untold is not None:
            footage_store.add_system_event(self._database, self._untold)
            self._untold = None

    def _disk_event(self, level: DiskLevel) -> SystemEvent:
        limit = {"warn": self._limits.warn_percent, "alarm": self._limits.alarm_percent}.get(level)
        return SystemEvent(
            f"system:disk:{LOCAL}", f"disk_{level}", "local", self._clock.now(),
            round(self._usage.used_percent, 1), limit, _PRIORITY[level],
        )  # fmt: skip

    def _tell_of_tier(self, tier: Tier, why: str) -> None:
        log.error("tier-lost tier=%s reason=%s", tier.name, why)
        event = SystemEvent(
            f"system:tier:{tier.id}", "tier_lost", tier.name, self._clock.now(), None, None, 3
        )
        footage_store.add_system_event(self._database, event)

    def _forget_marks(self) -> None:
        now_s = self._clock.monotonic_s()
        if self._forgot_s is None or now_s - self._forgot_s >= 3600:
            footage_store.forget_marks(self._database)
            self._forgot_s = now_s


@contextmanager
def _another_time(task: str) -> Iterator[None]:
    """A deadlock or a cancelled statement is no reason to end the process: the task comes round again."""
    try:
        yield
    except psycopg2.OperationalError as error:
        log.warning("task-again task=%s reason=%s", task, str(error).strip())
