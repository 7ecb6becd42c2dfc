"""Stopped vehicle: one stands on the carriageway, and it is no queue."""

from __future__ import annotations

from dataclasses import dataclass, field

from analytics.model import Firing, Scene, Track, Zone
from analytics.rules.stays import Stays
from analytics.rules.way import Standing, Way, frame_of
from analytics.wording import things

RADIUS_M = 1.5
QUEUE_S = 5.0
"""One that stands for so long is part of a queue, if there is one."""
MOVING_MS = 1.5
DROVE_S = 0.5
ALONE_TIMES = 2.0
"""Where nothing drove past meanwhile it may be alone at a red light: it must stand this many dwells."""


@dataclass(slots=True)
class _Stop:
    way: Way = field(default_factory=Way)
    standing: Standing = field(default_factory=lambda: Standing(RADIUS_M))
    standing_s: float = 0.0
    drove_s: float = float("-inf")  # when it was last seen moving
    passed: set[int] = field(default_factory=set)  # ids of others that drove by while it stood


class StoppedVehicle:
    """Fires when a vehicle has stood in the area for the dwell.

    It is a queue, and nothing is told, while more than half of the vehicles there stand and there are two or more of
    them: that is for the rule about congestion. Where no other vehicle drove past meanwhile it must stand twice as long. One
    that was told of is told of again after it drove on.
    """

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._stays: Stays[_Stop] = Stays(zone, _Stop)

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        there = self._stays.follow(scene)
        for track, stay in there:
            _look(track, stay.data, scene)
        moving = {track.uid.int for track, stay in there if stay.data.standing_s == 0.0}
        standing = sum(1 for _, stay in there if stay.data.standing_s >= QUEUE_S)
        queue = standing >= 2 and standing > len(there) / 2
        fired: list[Firing] = []
        for track, stay in there:
            stop = stay.data
            if stop.standing_s < QUEUE_S:
                stop.passed.clear()
                if stay.told:
                    self._stays.untell(stay, scene.at)
                continue
            stop.passed |= moving
            if stay.told or queue:
                continue
            needed_s = self.zone.dwell_s * (1.0 if stop.passed else ALONE_TIMES)
            if stop.standing_s >= needed_s and self._stays.tell(stay, scene.at):
                words = things.stopped_vehicle(self.zone, track, stop.standing_s, len(stop.passed))
                fired.append(Firing.of(self.zone, track, *words, value=stop.standing_s))
        return fired


def _look(track: Track, stop: _Stop, scene: Scene) -> None:
    stop.way.add(track, scene, frame_of(scene))
    here, at_s = stop.way.here, track.at.timestamp()
    if here is None:
        return
    slack_m = track.fix.ellipse.minor_m / 4 if track.fix is not None else 0.0
    stood_s = stop.standing.update(at_s, here, slack_m)
    speed = stop.way.speed(1.5)
    if speed is not None and speed.ms - speed.sigma_ms >= MOVING_MS:
        stop.drove_s = at_s
    stop.standing_s = 0.0 if at_s - stop.drove_s < DROVE_S else max(stood_s, track.standing_s)
