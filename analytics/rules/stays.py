"""Who is in an area and since when: what the rules about single things have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from analytics.model import Scene, Track, Zone
from analytics.rules.area import Area
from analytics.rules.cause import Cause

T = TypeVar("T")

OUT_S = 1.0
"""One who is in is out when clearly beyond the edge for so long."""
MIN_CONFIDENCE = 0.5
FORGET_S = 10.0
AGAIN_S = 0.25
"""One who was out of sight must be seen for so long again: the first sight of one who climbs over a fence or comes from
behind a car is a head and an arm, and its lower end stands nowhere on the ground."""


@dataclass(slots=True)
class Stay(Generic[T]):
    """One track and this area; ``data`` is what the rule keeps of it."""

    data: T
    since: datetime | None = None
    outside_since: datetime | None = None
    told: bool = False
    told_at: datetime | None = None
    here_at: datetime | None = None  # alive as a track, though perhaps only predicted
    seen_at: datetime | None = None
    was_lost: bool = False
    again_since: datetime | None = None  # seen without a break since then, after having been lost


class Stays(Generic[T]):
    """The tracks in one zone's area.

    A track that was told of may be told of again once it has left and the zone's ``rearm_s`` is over. One who was out of
    sight counts again when seen for ``again_s``.
    """

    def __init__(self, zone: Zone, data: Callable[[], T], again_s: float = AGAIN_S) -> None:
        self._zone = zone
        self._again_s = again_s
        self._data = data
        self._area = Area(zone)
        self._cause = Cause(zone.rearm_s)
        self.all: dict[UUID, Stay[T]] = {}

    def follow(self, scene: Scene) -> list[tuple[Track, Stay[T]]]:
        """Takes one frame's tracks; returns those in the area, seen now and of a class the zone asks for."""
        found: list[tuple[Track, Stay[T]]] = []
        for track in scene.tracks:
            stay = self.all.get(track.uid)
            if stay is None:
                stay = self.all[track.uid] = Stay(self._data())
            stay.here_at = scene.at
            if not track.coasting:
                stay.seen_at = scene.at
            self._move(track, stay)
            sure = _sees(track, stay, self._again_s)
            if stay.since is None or track.coasting or not sure:
                continue
            if track.kind in self._zone.classes and track.confidence >= MIN_CONFIDENCE:
                found.append((track, stay))
        self._forget(scene.at)
        return found

    def tell(self, stay: Stay[T], at: datetime) -> bool:
        """Whether telling of one in the area is an event, and not one of a cause told of just now."""
        others = sum(
            1 for s in self.all.values() if s.told and s.since is not None and s.seen_at == at
        )
        stay.told, stay.told_at = True, at
        return self._cause.tell(at, others)

    def untell(self, stay: Stay[T], at: datetime) -> None:
        """What it was told of is over, though it may still be in the area."""
        if stay.told_at is None or _age_s(stay.told_at, at) >= self._zone.rearm_s:
            stay.told = False

    def _move(self, track: Track, stay: Stay[T]) -> None:
        if stay.since is None and not track.coasting:
            for at, foot in track.trail:
                if self._area.of_foot(foot) != "in":
                    stay.since = None
                elif stay.since is None:
                    stay.since = at
        where = self._area.where(track)
        if where == "in":
            stay.outside_since = None
            if stay.since is None and not track.coasting:
                stay.since = track.at
            return
        if stay.since is None or where == "edge":
            return
        if not stay.told and stay.outside_since is None:
            # Nobody was told yet: a passer-by at the edge must not gather dwell.
            stay.since = None
            return
        stay.outside_since = stay.outside_since or track.at
        if _age_s(stay.outside_since, track.at) >= OUT_S:
            stay.since = stay.outside_since = None
            self.untell(stay, track.at)

    def _forget(self, at: datetime) -> None:
        for uid, stay in list(self.all.items()):
            if stay.here_at is not None and _age_s(stay.here_at, at) > FORGET_S:
                del self.all[uid]


def _sees(track: Track, stay: Stay[Any], again_s: float) -> bool:
    """Notes whether the track is seen; False while it was lost and is not surely back."""
    if track.coasting:
        stay.was_lost, stay.again_since = True, None
    elif stay.was_lost:
        stay.again_since = stay.again_since or track.at
        stay.was_lost = _age_s(stay.again_since, track.at) < again_s
    return not stay.was_lost


def _age_s(then: datetime, now: datetime) -> float:
    return (now - then).total_seconds()
