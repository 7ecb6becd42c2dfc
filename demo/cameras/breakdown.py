"""A vehicle that breaks down in its lane now and then, and the traffic that goes round it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from demo.cameras.actors import Actor, Placement, StopAndGo
from demo.cameras.path import Path
from demo.cameras.view import Floats

BREAKDOWN_EVERY_S = 1800.0
BREAKDOWN_AT_S = 1200.0
BREAKDOWN_STANDS_S = 300.0
"""A car comes to a stop before the school when Unix time modulo 1800 s is 1200, and stands so long."""
FROM_EDGE_M = 0.6
COMES_M = 230.0
CLEAR_M = 2.4
"""From middle to middle of one that stands and one that passes it."""
SWERVES_M = 22.0
_WALKS = ("person", "bag", "boat")


@dataclass(frozen=True, slots=True)
class GoesRound(Actor):
    """One who moves over by ``over_m`` to the right while it passes ``standing`` at station ``at_m``."""

    standing: Actor | None = None
    at_m: float = 0.0
    over_m: float = 0.0

    def at(self, t: float) -> Placement | None:
        """See :meth:`Actor.at`."""
        placement = Actor.at(self, t)
        there = self.standing.at(t) if self.standing else None
        if placement is None or there is None or there.speed_ms > 0.5:
            return placement
        near = max(0.0, 1.0 - abs(placement.gone_m - self.at_m) / SWERVES_M)
        over_m = self.over_m * near * near * (3.0 - 2.0 * near)
        east, north, _ = self.path.at(placement.gone_m, self.aside_m + over_m)
        return replace(placement, east_m=east, north_m=north)


def breakdown(ring: Floats) -> Actor:
    """The car that stops half way along a carriageway ``(4, 2)``: from its near inner corner on to the far inner, the far
    outer and the near outer one."""
    ahead, across = ring[1] - ring[0], ring[3] - ring[0]
    along, right = ahead / math.hypot(*ahead), across / math.hypot(*across)
    spot = ring[0] + ahead / 2 + right * (math.hypot(*across) - FROM_EDGE_M)
    path = Path([tuple(spot - along * COMES_M), tuple(spot + along * COMES_M)])
    motion = StopAndGo(9.0, path.length_m, COMES_M, BREAKDOWN_STANDS_S)
    phase = (BREAKDOWN_AT_S - motion.arrives_s) % BREAKDOWN_EVERY_S
    return Actor("breakdown", "sedan", 77, path, motion, BREAKDOWN_EVERY_S, phase)


def round_it(actors: Sequence[Actor], standing: Actor) -> list[Actor]:
    """The same actors; those whose lane it stands in go round it."""
    x, y, heading = standing.path.at(COMES_M)
    made: list[Actor] = []
    for actor in actors:
        station, away = actor.path.project(x, y)
        here_x, here_y, course = actor.path.at(station)
        turned = abs((course - heading + 180.0) % 360.0 - 180.0)
        if actor.body in _WALKS or away >= CLEAR_M or turned > 45.0:
            made.append(actor)
            continue
        bearing = math.radians(heading)
        right_m = (here_x - x) * math.cos(bearing) - (here_y - y) * math.sin(bearing)
        over_m = math.copysign(CLEAR_M, right_m) - right_m
        given = {f.name: getattr(actor, f.name) for f in fields(Actor)}
        made.append(GoesRound(**given, standing=standing, at_m=station, over_m=over_m))
    return made
