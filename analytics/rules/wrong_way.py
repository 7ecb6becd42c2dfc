"""Wrong way: a thing goes against the arrow for some metres and some time, not by the jitter of a turn."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

from analytics.model import Firing, Scene, Zone
from analytics.rules.arrow import Arrow
from analytics.rules.catalogue import threshold_of
from analytics.rules.stays import Stays
from analytics.rules.way import Way, frame_of
from analytics.wording import things

LEAST_SHARE = 0.5
"""Of its way since it turned, so much must lead against the arrow: within 60° of it."""


@dataclass(slots=True)
class _Course:
    way: Way = field(default_factory=Way)
    since: datetime | None = None  # the visit that this was gathered in
    on_ground: bool = False
    turned: tuple[float, float] | None = None  # the place furthest along the right way
    turned_s: float = 0.0
    back: tuple[float, float] | None = (
        None  # after having been told of: the place furthest against it
    )


class WrongWay:
    """Fires when a thing in the area has gone ``threshold`` metres against the arrow for at least the dwell.

    It is measured from the place furthest along the right way, so that standing, jitter and a sidestep add nothing. One
    that was told of is told of again only after it went the right way as far, and ``rearm_s``.
    """

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._stays: Stays[_Course] = Stays(zone, _Course)
        threshold = threshold_of(zone)
        assert threshold is not None and zone.arrow is not None
        self._threshold_m = threshold
        self._arrow = Arrow(zone.arrow)

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        frame = frame_of(scene)
        fired: list[Firing] = []
        for track, stay in self._stays.follow(scene):
            course = stay.data
            course.way.add(track, scene, frame)
            here = course.way.here
            if here is None:
                continue
            if course.since != stay.since or course.on_ground != course.way.on_ground:
                course.since, course.on_ground = stay.since, course.way.on_ground
                course.turned = course.back = None
            along = self._arrow.along(scene, course.on_ground)
            at_s = track.at.timestamp()
            if course.turned is None or _dot(here, along) >= _dot(course.turned, along):
                course.turned, course.turned_s = here, at_s
            if stay.told:
                self._back(course, here, along)
                if course.back is None:
                    self._stays.untell(stay, scene.at)
                continue
            against_m = _dot(course.turned, along) - _dot(here, along)
            for_s = at_s - course.turned_s
            if against_m < self._threshold_m or for_s < self.zone.dwell_s:
                continue
            if against_m < LEAST_SHARE * math.dist(course.turned, here):
                continue
            course.back = here
            if self._stays.tell(stay, scene.at):
                words = things.wrong_way(self.zone, track, against_m, for_s, course.on_ground)
                fired.append(Firing.of(self.zone, track, *words, value=against_m))
        return fired

    def _back(self, course: _Course, here: tuple[float, float], along: tuple[float, float]) -> None:
        """Notes that one that was told of goes the right way again; what it does next is measured from there."""
        if course.back is None or _dot(here, along) < _dot(course.back, along):
            course.back = here
        elif _dot(here, along) - _dot(course.back, along) >= self._threshold_m:
            course.back, course.turned = None, here


def _dot(place: tuple[float, float], along: tuple[float, float]) -> float:
    return place[0] * along[0] + place[1] * along[1]
