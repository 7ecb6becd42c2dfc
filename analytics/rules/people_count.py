"""People count: as many people in an area as the limit, for as long as the dwell."""

from __future__ import annotations

from collections import deque
from statistics import median_low

from analytics.model import Firing, Scene, Zone
from analytics.rules.hysteresis import Hysteresis, end_of
from analytics.rules.stays import Stays
from analytics.wording import things
from analytics.zone import around

SMOOTH_S = 1.0
"""The number is the median over so long: one is covered by another for a moment, or taken for two."""


class PeopleCount:
    """Fires when ``threshold`` people have been in the area for the dwell; over when there were no more than ``clear``.

    One who is out of sight for a moment counts on. It can count only whom it can tell apart: for dense crowds there is
    the rule about density.
    """

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._stays: Stays[None] = Stays(zone, lambda: None)
        self._limit = Hysteresis(zone)
        self._recent: deque[tuple[float, int]] = deque()

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        seen = self._stays.follow(scene)
        within = {track.uid for track, _ in seen}
        within |= {
            track.uid
            for track in scene.tracks
            if track.coasting
            and track.kind in self.zone.classes
            and self._stays.all[track.uid].since is not None
        }
        at_s = scene.at.timestamp()
        self._recent.append((at_s, len(within)))
        while at_s - self._recent[0][0] > SMOOTH_S:
            self._recent.popleft()
        people = median_low([n for _, n in self._recent])
        fires = self._limit.update(scene.at, float(people))
        if self._limit.ended:
            return [end_of(self.zone, "person")]
        if not fires or not seen:
            return []
        assert self._limit.since is not None
        for_s = (scene.at - self._limit.since).total_seconds()
        words = things.people_count(self.zone, people, self._limit.threshold, for_s)
        confidence = sum(track.confidence for track, _ in seen) / len(seen)
        surrounding = around([track.box for track, _ in seen])
        return [
            Firing.of_scene(
                self.zone, "person", confidence, surrounding, *words, value=float(people)
            )
        ]
