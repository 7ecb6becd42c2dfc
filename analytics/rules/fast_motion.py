"""Fast motion: a thing is faster than the limit, with its error, and keeps it up."""

from __future__ import annotations

from analytics.model import Firing, Scene, Track, Zone
from analytics.rules.area import Area
from analytics.rules.hysteresis import Hysteresis
from analytics.rules.stays import Stays
from analytics.rules.way import Way, frame_of
from analytics.wording import things
from gis.ground import LocalFrame

OVER_S = 1.0
"""A speed is measured over so long."""


class FastMotion:
    """Fires when the speed less one sigma has been at ``threshold`` for the dwell, in the area.

    A racer is through a street in a second or two: how fast it comes is measured before it is in the area already, and one
    who is seen again counts at once, because a place that is off makes the speed less sure. What it did before it was
    believed counts as soon as it is.

    The same thing is told of again when it was down to ``clear``, and after ``rearm_s``.
    """

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._area = Area(zone)
        self._stays: Stays[tuple[Way, Hysteresis]] = Stays(
            zone, lambda: (Way(), Hysteresis(zone)), again_s=0.0
        )

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        frame = frame_of(scene)
        fired: list[Firing] = []
        here = self._stays.follow(scene)
        for track in scene.tracks:
            way, limit = self._stays.all[track.uid].data
            if track.trail and not track.coasting:
                self._catch_up(track, way, limit, scene, frame)
            way.add(track, scene, frame)
        for track, stay in here:
            way, limit = stay.data
            speed = way.speed(OVER_S)
            if speed is None:
                continue
            over = limit.update(track.at, speed.ms - speed.sigma_ms)
            if stay.told and not limit.on:
                self._stays.untell(stay, scene.at)
            if not over or not self._stays.tell(stay, scene.at):
                continue
            words = things.fast_motion(
                self.zone, track, speed.ms, speed.sigma_ms, limit.threshold, speed.on_ground
            )
            fired.append(Firing.of(self.zone, track, *words, value=speed.ms))
        return fired

    def _catch_up(
        self, track: Track, way: Way, limit: Hysteresis, scene: Scene, frame: LocalFrame | None
    ) -> None:
        """Takes in how it went before it was believed; whether that was too fast is told with the next speed."""
        for at, foot in way.begin(track, scene, frame):
            speed = way.speed(OVER_S)
            if speed is not None and self._area.of_foot(foot) == "in":
                limit.note(at, speed.ms - speed.sigma_ms)
