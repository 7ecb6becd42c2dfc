"""A crowd that grows to sixteen in the demo's scenes, one by one, with the number in an area known at every picture.

Places are metres to the right of and ahead of the camera's foot.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from analytics.model import Point
from bench.happenings import ONCE_S, at_metres, enu_of, picture_of, ring_of, view_of, within
from bench.scenes import TruthFrame
from demo.cameras.actors import Act, Actor, Script
from demo.cameras.path import Path
from demo.cameras.view import View

START = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
MOST = 16
FIRST_S, EVERY_S, LEAVE_S, SECONDS = 8.0, 2.6, 64.0, 60.0
"""The first comes so long after the beginning, one more each time after so long; nobody leaves before the end."""
WALK_MS = 1.3
APART_M = 0.65
"""People keep at least so far from one another where they stand."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """Where a crowd gathers: a square of ``wide_m`` about ``middle``, in which they stand within ``within_m`` of the middle."""

    camera: str
    middle: Point
    wide_m: float
    within_m: float
    seed: int
    guests: int = MOST


GATHERINGS = (
    Gathering("cam-square", (-6.0, 27.0), 12.0, 3.6, 11),
    Gathering("cam-yard", (1.0, 23.0), 10.0, 2.8, 12),
    Gathering("cam-people-dongmen", (2.0, 26.0), 16.0, 0.0, 3, guests=0),
)
"""The last is a crossing with its ordinary traffic, where hardly anybody is."""


def area_of(each: Gathering) -> tuple[Point, ...]:
    """The area as drawn in the picture, normalised."""
    view = view_of(each.camera)
    return picture_of(view, ring_of(view, *each.middle, each.wide_m))


def people_in(each: Gathering, frame: TruthFrame) -> int:
    """How many people stand in the area, hidden behind others or not."""
    view = view_of(each.camera)
    ring = ring_of(view, *each.middle, each.wide_m)
    return sum(o.kind == "person" and within(ring, *enu_of(view, o)) for o in frame.objects)


def guests_of(each: Gathering, start: datetime = START) -> list[Actor]:
    """Those who come: each walks in, stands, changes place now and then, and leaves."""
    view = view_of(each.camera)
    rng = np.random.default_rng(each.seed)
    standing: list[Point] = []
    made = []
    for number in range(each.guests):
        made.append(_guest(view, each, number, standing, rng, start))
    return made


def _guest(
    view: View,
    each: Gathering,
    number: int,
    standing: list[Point],
    rng: np.random.Generator,
    start: datetime,
) -> Actor:
    angle = float(rng.uniform(0.0, 2 * math.pi))
    out_m = each.wide_m / 2 + 5.0
    edge = _beside(each.middle, angle, out_m)
    enters_s = FIRST_S + EVERY_S * number
    way = [edge]
    acts = []
    now_s = enters_s
    spot = _free(each, standing, rng)
    while True:
        far_m = math.dist(way[-1], spot)
        stays_s = float(rng.uniform(9.0, 22.0))
        acts.append(Act(far_m / WALK_MS, far_m, 0.0, "walk"))
        now_s += far_m / WALK_MS
        way.append(spot)
        if now_s + stays_s >= LEAVE_S - 4.0:
            acts.append(Act(max(0.1, LEAVE_S - now_s), 0.0, 0.0, "stand"))
            break
        acts.append(Act(stays_s, 0.0, 0.0, "stand"))
        now_s += stays_s
        spot = _free(each, standing, rng)
    standing.append(spot)
    far_m = math.dist(spot, edge)
    way.append(edge)
    acts.append(Act(far_m / WALK_MS, far_m, 0.0, "walk"))
    phase = (start + timedelta(seconds=enters_s)).timestamp() % ONCE_S
    return Actor(
        f"crowd{number}", "person", 60 + 7 * number + each.seed, Path(at_metres(view, way)), Script(acts), ONCE_S, phase
    )  # fmt: skip


def _free(each: Gathering, standing: list[Point], rng: np.random.Generator) -> Point:
    """A place where nobody stands for good."""
    while True:
        out_m = each.within_m * math.sqrt(float(rng.uniform()))
        spot = _beside(each.middle, float(rng.uniform(0.0, 2 * math.pi)), out_m)
        if all(math.dist(spot, other) >= APART_M for other in standing):
            return spot


def _beside(middle: Point, angle: float, out_m: float) -> Point:
    return middle[0] + out_m * math.cos(angle), middle[1] + out_m * math.sin(angle)
