"""How full the recordings' disk is, as a level that operators are told of. Pure."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DiskLevel = Literal["ok", "warn", "alarm", "short", "locked"]
LEVELS: tuple[DiskLevel, ...] = ("ok", "warn", "alarm", "short", "locked")
CALM_S = 1800.0  # a level falls only after so long below it: deleting keeps a full disk at its edge
REMIND_S = 6 * 3600.0  # so often somebody is told again while it stays at alarm or worse


@dataclass(frozen=True, slots=True)
class DiskUsage:
    """What is used of a file system, by whomever, and what is free of it for us."""

    used_bytes: int
    free_bytes: int

    @property
    def total_bytes(self) -> int:
        """What could be used; what is reserved for root belongs to nobody."""
        return self.used_bytes + self.free_bytes

    @property
    def used_percent(self) -> float:
        """0 to 100, as ``df`` counts it."""
        return 100.0 * self.used_bytes / self.total_bytes if self.total_bytes > 0 else 0.0


@dataclass(frozen=True, slots=True)
class DiskLimits:
    """Above which share of the disk somebody is told, and how much must stay free whatever it costs."""

    warn_percent: float
    alarm_percent: float
    min_free_bytes: int


def usage(root: Path) -> DiskUsage:
    """The file system that ``root`` lies on. Raises :class:`OSError`."""
    found = shutil.disk_usage(root)
    return DiskUsage(found.used, found.free)


def level_of(now: DiskUsage, limits: DiskLimits, deleted_early: bool, stuck: bool) -> DiskLevel:
    """The level after a pass of retention. ``deleted_early``: footage went before its time; ``stuck``: none was left to
    delete though too little is free."""
    if stuck:
        return "locked"
    if deleted_early or now.free_bytes < limits.min_free_bytes:
        return "short"
    if now.used_percent >= limits.alarm_percent:
        return "alarm"
    if now.used_percent >= limits.warn_percent:
        return "warn"
    return "ok"


class DiskWatch:
    """Follows the level: up at once, down only after :data:`CALM_S`. Knows when to tell somebody."""

    def __init__(self) -> None:
        self.level: DiskLevel = "ok"
        self._lower_since_s: float | None = None
        self._lower: DiskLevel = "ok"
        self._told_s = 0.0

    def see(self, level: DiskLevel, now_s: float) -> bool:
        """Takes what was found at a monotonic time; True when somebody is to be told of :attr:`level`."""
        rank = LEVELS.index
        if rank(level) > rank(self.level):
            self.level, self._lower_since_s, self._told_s = level, None, now_s
            return True
        if level == self.level:
            self._lower_since_s = None
        elif self._lower_since_s is None:
            self._lower_since_s, self._lower = now_s, level
        else:
            self._lower = max(self._lower, level, key=rank)
            if now_s - self._lower_since_s >= CALM_S:
                self.level, self._lower_since_s = self._lower, None
        if rank(self.level) >= rank("alarm") and now_s - self._told_s >= REMIND_S:
            self._told_s = now_s
            return True
        return False
