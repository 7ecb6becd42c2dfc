"""What every zone may ask for, whatever its rule: a schedule, a least size of what counts, areas that it ignores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Protocol, runtime_checkable
from uuid import UUID

from analytics.model import Crossing, Firing, LevelReading, Point, Scene, Track, Zone
from analytics.schedule import minute_of_week, watches_at
from analytics.zone import inside

KEEP_SHARE = 0.8
"""One that was large enough once counts on down to this share of the least size: measured sizes waver."""
HELD_MOST = 100
FORGET_S = 10.0


class Rule(Protocol):
    """One zone's state machine."""

    zone: Zone

    def update(self, scene: Scene) -> list[Firing]:
        """Takes all that is known at one frame; returns what fires now."""
        ...


@runtime_checkable
class Learner(Protocol):
    """A rule that learns what is usual, and goes on learning outside its schedule."""

    @property
    def learning(self) -> bool:
        """Whether it has not watched long enough to know."""
        ...

    def rest(self, scene: Scene) -> None:
        """Takes a frame outside the schedule: it learns, fires nothing and keeps no dwell."""
        ...


@runtime_checkable
class Counter(Protocol):
    """A rule that counts as well."""

    def counted(self) -> tuple[Crossing, ...]:
        """What was counted since it was asked last."""
        ...


@runtime_checkable
class Gauge(Protocol):
    """A rule that reads a level as well."""

    def levels(self) -> tuple[LevelReading, ...]:
        """What was read since it was asked last."""
        ...


class Watched:
    """A zone's rule, asked only within the zone's schedule, and only about things as large as the zone asks for.

    Outside the schedule nothing fires and no dwell is kept: when a span begins, the rule begins anew. A thing whose
    size is unknown, as on a camera without a pose, counts.
    """

    def __init__(self, zone: Zone, make: Callable[[Zone], Rule], local: tzinfo) -> None:
        self.zone = zone
        self._make = make
        self._local = local
        self._rule = make(zone)
        self._resting = False
        self._large: dict[UUID, datetime] = {}
        self._held: dict[UUID, list[tuple[datetime, Point]]] = {}

    @property
    def learning(self) -> bool:
        """Whether the rule does not know yet what is usual."""
        return isinstance(self._rule, Learner) and self._rule.learning

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`Rule`."""
        if not watches_at(self.zone.schedule, minute_of_week(scene.at, self._local)):
            if isinstance(self._rule, Learner):
                self._rule.rest(scene)
            elif not self._resting:
                self._rule = self._make(self.zone)
                self._large.clear()
                self._held.clear()
            self._resting = True
            return []
        self._resting = False
        if self.zone.ignored:
            scene = replace(scene, tracks=tuple(t for t in scene.tracks if not self._hidden(t)))
        if self.zone.min_size_m > 0:
            tracks = tuple(t for t in map(self._sized, scene.tracks) if t is not None)
            self._forget(scene.at)
            scene = replace(scene, tracks=tracks)
        return self._rule.update(scene)

    def counted(self) -> tuple[Crossing, ...]:
        """What the rule counted since it was asked last."""
        return self._rule.counted() if isinstance(self._rule, Counter) else ()

    def _hidden(self, track: Track) -> bool:
        """Whether it stands where the zone sees nothing: as if it were out of sight there."""
        return any(inside(area, track.foot) for area in self.zone.ignored)

    def levels(self) -> tuple[LevelReading, ...]:
        """What the rule read since it was asked last."""
        return self._rule.levels() if isinstance(self._rule, Gauge) else ()

    def _sized(self, track: Track) -> Track | None:
        """The track when it is large enough; with the way that it had come when that was not known yet."""
        if track.size is not None and track.uid not in self._large:
            size_m = max(track.size.height_m, track.size.width_m)
            if size_m < self.zone.min_size_m:
                held = self._held.setdefault(track.uid, [])
                held += [*track.trail, (track.at, track.foot)]
                del held[:-HELD_MOST]
                return None
        elif track.size is not None:
            size_m = max(track.size.height_m, track.size.width_m)
            if size_m < KEEP_SHARE * self.zone.min_size_m:
                self._large.pop(track.uid, None)
                self._held[track.uid] = [(track.at, track.foot)]
                return None
        self._large[track.uid] = track.at
        held_before = self._held.pop(track.uid, None)
        return track if held_before is None else replace(track, trail=tuple(held_before))

    def _forget(self, at: datetime) -> None:
        for uid, seen_at in list(self._large.items()):
            if (at - seen_at).total_seconds() > FORGET_S:
                del self._large[uid]
        for uid, held in list(self._held.items()):
            if (at - held[-1][0]).total_seconds() > FORGET_S:
                del self._held[uid]
