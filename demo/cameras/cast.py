"""Who comes through a camera's scene, by what it looks at."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import numpy as np
from shapely.geometry import LineString

from demo import city_plan as plan
from demo.cameras import breakdown, furniture, traffic, walkers
from demo.cameras.actors import Actor, Cast
from demo.cameras.path import Path
from demo.cameras.streetmap import StreetMap
from demo.cameras.traffic import PERIOD_S, Approach
from demo.cameras.view import Floats, View
from demo.city_model import Street

_FLOW_M = 260.0


def cast(
    view: View,
    streets: StreetMap,
    guests: Sequence[Actor] = (),
    without: Callable[[Actor], bool] | None = None,
) -> Cast:
    """Everybody who comes by the clock, but for those ``without`` says True of, and ``guests`` besides."""
    rng = random.Random(f"cast {view.camera.code}")
    kind = view.camera.views
    actors: list[Actor] = []
    used: list[Path] = []
    if kind == "crossing":
        crossing = main_crossing(view, streets)
        for approach in traffic.approaches(streets, crossing):
            actors += traffic.through(approach, rng)
            used.append(approach.path)
        arms = streets.arms[crossing]
        actors += walkers.corners(arms, rng, 90.0, 40.0)
        for arm in arms:
            if arm.zebra:
                axis = 0 if abs(math.cos(arm.angle - arms[0].angle)) > 0.7 else 1
                actors += walkers.zebra(arm, axis, rng)
    for street in _near(view, streets):
        middle = _cut(streets.chain(street, _FLOW_M), _FLOW_M)
        if any(_meet(middle, other) for other in used):
            continue
        used.append(middle)
        speed = street.speed_kmh / 3.6
        name = f"{street.id}"
        # What lies behind is quieter, as it would be too small to tell apart.
        main = kind == "street" and len(used) == 1
        gap = 1.0 if main else 2.2
        actors += traffic.flow(name, middle, street.shape, speed, street.one_way, rng, gap)
        actors += walkers.pavement(name, middle, street.shape, rng, 34.0 if main else 130.0)
    if kind == "square":
        actors += walkers.square(_area(view, "square"), furniture.square_spots(view), rng)
    if kind == "river":
        zone = next(z for z in view.city.zones if z.camera == view.camera.code)
        actors += walkers.promenade(view.local(zone.ground), rng)
        river = _cut(Path(view.local(plan.smooth(plan.RIVER))), 420.0)
        actors += traffic.barges(river, plan.RIVER_WIDTH_M, rng)
    for zone in view.city.zones:
        if zone.camera == view.camera.code and zone.rule == "left_object":
            actors += walkers.forgetful(view.local(zone.ground))
        if zone.camera == view.camera.code and zone.rule == "stopped_vehicle":
            stands = breakdown.breakdown(view.local(zone.ground))
            actors = [*breakdown.round_it(actors, stands), stands]
    if kind == "yard":
        actors.append(walkers.intruder(view, guarded(view)))
    there = [actor for actor in actors if without is None or not without(actor)]
    return Cast([*there, *guests], PERIOD_S)


def guarded(view: View) -> Floats:
    """The ring of the ground that the camera guards, local metres."""
    zone = next(z for z in view.city.zones if z.camera == view.camera.code)
    return view.local(zone.ground)


def signals(view: View, streets: StreetMap) -> list[Approach]:
    """The signalled approaches in the picture."""
    if view.camera.views != "crossing":
        return []
    return traffic.approaches(streets, main_crossing(view, streets))


def main_crossing(view: View, streets: StreetMap) -> int:
    """The crossing that the camera looks at: the nearest one with three arms or more."""
    near = [c for c in streets.arms if len(streets.arms[c]) >= 3]
    return min(near, key=lambda c: math.dist(streets.crossings[c].at, view.camera.at))


def _area(view: View, use: str) -> Floats:
    return view.local(next(a for a in view.city.areas if a.use == use).ring)


def _near(view: View, streets: StreetMap) -> list[Street]:
    """Streets in sight, nearest first."""
    found = []
    for street in streets.streets:
        path = streets.lines[street.id]
        _, away = path.project(0.0, 0.0)
        if away < 170.0 and view.in_sight(path.offset(0.0, step_m=5.0), reach_m=200.0):
            found.append((away, street.id, street))
    return [street for _, _, street in sorted(found, key=lambda f: f[:2])]


def _cut(path: Path, reach_m: float) -> Path:
    """The part of a path within reach of the camera's foot, measured along it."""
    at, _ = path.project(0.0, 0.0)
    start, end = max(0.0, at - reach_m), min(path.length_m, at + reach_m)
    return Path(path.offset(0.0, start, end, 5.0))


def _meet(one: Path, two: Path) -> bool:
    """Whether two paths come so near each other in the camera's neighbourhood that their traffic would collide."""
    a, b = LineString(one.points), LineString(two.points)
    if a.distance(b) > 9.0:
        return False
    shared = a.intersection(b.buffer(9.0))
    return bool(np.hypot(shared.centroid.x, shared.centroid.y) < 200.0 or shared.length > 60.0)
