"""Congestion: the vehicles on a carriageway hardly move, for longer than a red light."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from shapely import Polygon
from shapely import box as rectangle

from analytics.model import Firing, Scene, Track, Zone
from analytics.rules.arrow import Arrow
from analytics.rules.hysteresis import Hysteresis, end_of
from analytics.rules.stays import Stays
from analytics.rules.way import Speed, Way, frame_of
from analytics.wording import things
from analytics.zone import around

LEAST_VEHICLES = 3
LEAST_FILLED = 0.3
"""Fewer vehicles that fill less of the area are no jam, however slow: one that parks, two at a light."""
OVER_S = 2.0
SMOOTH_S = 10.0
"""The median speed is that over the vehicles and over so long."""
FREE_MS = 99.0


@dataclass(slots=True)
class _Drive:
    way: Way = field(default_factory=lambda: Way(OVER_S + 1.0))


class Congestion:
    """Fires when the median speed has been at or below ``threshold`` for the dwell.

    The median is over all vehicles in the area, going the arrow's way where there is one, and over the last
    :data:`SMOOTH_S`. It is over when the median has been at or above ``clear`` for as long, or the vehicles are gone.
    Below half the threshold it is called heavy.
    """

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._stays: Stays[_Drive] = Stays(zone, _Drive)
        self._limit = Hysteresis(zone)
        self._shape = Polygon(zone.points)
        self._recent: deque[tuple[float, float]] = deque()
        self._arrow = Arrow(zone.arrow) if zone.arrow else None

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        frame = frame_of(scene)
        there: list[tuple[Track, Speed]] = []
        for track, stay in self._stays.follow(scene):
            stay.data.way.add(track, scene, frame)
            speed = stay.data.way.speed(OVER_S)
            if speed is not None and self._right_way(scene, speed):
                there.append((track, speed))
        filled = self._filled([track for track, _ in there])
        enough = len(there) >= LEAST_VEHICLES or (there and filled >= LEAST_FILLED)
        now_ms = float(np.median([s.ms for _, s in there])) if enough else FREE_MS
        at_s = scene.at.timestamp()
        self._recent.append((at_s, now_ms))
        while at_s - self._recent[0][0] > SMOOTH_S:
            self._recent.popleft()
        ms = float(np.median([each for _, each in self._recent]))
        fires = self._limit.update(scene.at, ms)
        if self._limit.ended:
            return [end_of(self.zone, "vehicle")]
        if not fires or not there:
            return []
        assert self._limit.since is not None
        for_s = (scene.at - self._limit.since).total_seconds()
        words = things.congestion(self.zone, ms, self._limit.threshold, len(there), filled, for_s)
        confidence = float(np.mean([track.confidence for track, _ in there]))
        surrounding = around([track.box for track, _ in there])
        return [Firing.of_scene(self.zone, "vehicle", confidence, surrounding, *words, value=ms)]

    def _right_way(self, scene: Scene, speed: Speed) -> bool:
        if self._arrow is None or speed.ms < 1.0:
            return True
        east, north = self._arrow.along(scene, speed.on_ground)
        return speed.east_ms * east + speed.north_ms * north > 0

    def _filled(self, tracks: list[Track]) -> float:
        """The share of the area that the vehicles' boxes cover in the picture."""
        if not tracks or not self._shape.area:
            return 0.0
        covered = sum(
            rectangle(x, y, x + w, y + h).intersection(self._shape).area
            for x, y, w, h in (t.box for t in tracks)
        )
        return min(1.0, float(covered / self._shape.area))
