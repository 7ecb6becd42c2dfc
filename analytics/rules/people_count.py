"""People count: as many people in an area as the limit, for as long as the dwell."""

from __future__ import annotations

from analytics.model import Firing, Scene, Zone
from analytics.rules.headcount import Headcount, Heads
from analytics.rules.hysteresis import Hysteresis, end_of
from analytics.wording import things
from analytics.zone import around

SURE_OF_ESTIMATE = 0.65


class PeopleCount:
    """Fires when ``threshold`` people have been in the area for the dwell; over when there were no more than ``clear``.

    One who is out of sight for a moment counts on. Where people merge in the picture their number is estimated, and the
    event says so; without a pose only those count who can be told apart.
    """

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._count = Headcount(zone)
        self.heads: Heads | None = None  # what was counted last
        self._limit = Hysteresis(zone)

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        heads = self.heads = self._count.update(scene)
        if scene.motion is not None and scene.motion.blind:
            return []
        people = float(round(heads.people))
        fires = self._limit.update(scene.at, people)
        if self._limit.ended:
            return [end_of(self.zone, "person")]
        if not fires or not heads.boxes:
            return []
        assert self._limit.since is not None
        for_s = (scene.at - self._limit.since).total_seconds()
        words = things.people_count(
            self.zone, int(people), heads.sigma, self._limit.threshold, for_s
        )
        confidence = SURE_OF_ESTIMATE
        if not heads.estimated:
            confidence = sum(track.confidence for track in heads.seen) / len(heads.seen)
        return [
            Firing.of_scene(
                self.zone, "person", confidence, around(heads.boxes), *words, value=people
            )
        ]
