"""Fills a scene: traffic that keeps its lane and its signal, walkers on the pavements, the intruder in the yard."""

from __future__ import annotations

import math
import random

import numpy as np

from demo.cameras.actors import Actor, Body, person, vehicle
from demo.cameras.path import Path, smooth
from demo.cameras.streetmap import ZEBRA_M, Arm, StreetMap
from demo.cameras.view import View
from demo.city_model import Street

SIGNAL_S = 60.0
GREEN_S = 24.0
CYCLES = 4
PERIOD_S = SIGNAL_S * CYCLES  # after this the same traffic comes again
REACH_M = 130.0
WALK_MS = (1.1, 1.5)
INTRUSION_EVERY_S = 180.0
INTRUDER = Body("person", "person", 0.45, 0.5, 1.76, (52, 50, 58), (44, 40, 40))


def cast(view: View, streets: StreetMap) -> list[Actor]:
    """Everybody who comes through this camera's scene on the clock."""
    rng = random.Random(f"cast {view.camera.code}")
    kind = view.camera.views
    actors: list[Actor] = []
    main = _main_crossing(view, streets) if kind == "crossing" else None
    taken: set[int] = set()
    if main is not None:
        arms = streets.arms[main]
        taken = {arm.street.id for arm in arms}
        actors += _crossing_traffic(streets, arms, rng)
        actors += _zebra_walkers(streets, arms, rng)
        for arm in arms:
            actors += _pavement(arm.street, arm.path, arm.setback_m, rng, 3)
    for street in _near(view, streets, 60.0 if kind in ("street", "crossing") else 160.0):
        if street.id not in taken:
            path = streets.lines[street.id]
            actors += _street_traffic(street, path, rng)
            if kind == "street":
                actors += _pavement(street, path, 0.0, rng, 4)
    if kind == "square":
        actors += _square_walkers(view, rng)
    if kind == "river":
        actors += _promenade(view, rng)
    if kind == "yard":
        actors.append(intruder(view))
    return actors


def _main_crossing(view: View, streets: StreetMap) -> int:
    """The crossing that the camera looks at: the nearest one with three arms or more."""
    near = [c for c in streets.arms if len(streets.arms[c]) >= 3]
    return min(near, key=lambda c: math.dist(streets.crossings[c].at, view.camera.at))


def _near(view: View, streets: StreetMap, reach_m: float) -> list[Street]:
    found = []
    for street in streets.streets:
        path = streets.lines[street.id]
        _, away = path.project(0.0, 0.0)
        if away < reach_m and view.in_sight(path.offset(0.0, step_m=5.0), reach_m=220.0):
            found.append(street)
    return found


def _lanes(street: Street) -> list[float]:
    """Metres to the right of the middle line of every lane of one direction."""
    shape = street.shape
    per_side = max(1, shape.lanes // 2)
    return [(lane + 0.5) * shape.lane_m for lane in range(per_side)]


def _straight(inbound: Arm, outbound: Arm, aside_in: float, aside_out: float) -> Path:
    """From :data:`REACH_M` before the crossing to as much behind it, keeping right."""
    come = inbound.path.reversed()
    start = max(0.0, come.length_m - REACH_M)
    before = come.offset(aside_in, start, max(start + 2.0, come.length_m - inbound.setback_m), 4.0)
    away = outbound.path
    end = min(away.length_m, REACH_M)
    behind = away.offset(aside_out, min(outbound.setback_m, end - 2.0), end, 4.0)
    return Path(np.concatenate([before, behind]))


def _axis(arm: Arm, first: Arm) -> int:
    """0 for the arms that go with ``first``, 1 for those across."""
    return 0 if abs(math.cos(arm.angle - first.angle)) > 0.7 else 1


def _crossing_traffic(streets: StreetMap, arms: list[Arm], rng: random.Random) -> list[Actor]:
    actors: list[Actor] = []
    for arm in arms:
        out = streets.opposite(arm)
        if out is None or (arm.street.one_way and arm.outward):
            continue
        lanes_in, lanes_out = _lanes(arm.street), _lanes(out.street)
        for lane, aside in enumerate(lanes_in):
            path = _straight(arm, out, aside, lanes_out[min(lane, len(lanes_out) - 1)])
            speed = rng.uniform(9.0, 12.0)
            to_middle_s = (min(arm.path.length_m, REACH_M) - 10.0) / speed
            for cycle in range(CYCLES):
                green = cycle * SIGNAL_S + (0.0 if _axis(arm, arms[0]) == 0 else SIGNAL_S / 2)
                arrives = green + rng.uniform(1.0, 4.0)
                while arrives < green + GREEN_S - 4.0:
                    if rng.random() < 0.6:
                        body = vehicle(rng)
                        name = f"v{arm.street.id}.{int(arm.outward)}.{lane}.{cycle}.{arrives:.0f}"
                        actors.append(
                            Actor(
                                name,
                                body,
                                path,
                                speed,
                                PERIOD_S,
                                (arrives - to_middle_s) % PERIOD_S,
                            )
                        )
                    arrives += rng.uniform(3.0, 6.0)
    return actors


def _zebra_walkers(streets: StreetMap, arms: list[Arm], rng: random.Random) -> list[Actor]:
    """People who cross an arm while its own traffic stands."""
    actors: list[Actor] = []
    for arm in arms:
        if not arm.zebra:
            continue
        half = arm.street.width_m / 2 + 2.5
        x, y, heading = arm.path.at(arm.setback_m + ZEBRA_M / 2)
        across = math.radians(heading + 90.0)
        a = (x + math.sin(across) * half, y + math.cos(across) * half)
        b = (x - math.sin(across) * half, y - math.cos(across) * half)
        for cycle in range(CYCLES):
            red = cycle * SIGNAL_S + (SIGNAL_S / 2 if _axis(arm, arms[0]) == 0 else 0.0)
            for index in range(rng.choice((0, 1, 1, 2, 3))):
                line = Path([a, b] if rng.random() < 0.5 else [b, a])
                body = person(rng)
                actors.append(
                    Actor(
                        f"z{arm.street.id}.{cycle}.{index}", body, line, max(1.3, 2 * half / 21.0), PERIOD_S,
                        (red + rng.uniform(0.0, 2.5)) % PERIOD_S, rng.uniform(-1.6, 1.6),
                    )
                )  # fmt: skip
    return actors


def _pavement(
    street: Street, path: Path, setback_m: float, rng: random.Random, count: int
) -> list[Actor]:
    """People along both pavements, both ways."""
    wide = street.sidewalk_m
    if wide < 1.0 or path.length_m - setback_m < 20.0:
        return []
    end = min(path.length_m, setback_m + REACH_M)
    actors: list[Actor] = []
    for index in range(count):
        side = rng.choice((-1.0, 1.0))
        line = Path(path.offset(side * (street.width_m / 2 + wide / 2), setback_m, end, 4.0))
        if rng.random() < 0.5:
            line = line.reversed()
        actors.append(
            Actor(
                f"p{street.id}.{path.at(0)[0]:.0f}.{index}", person(rng), line, rng.uniform(*WALK_MS), PERIOD_S,
                rng.uniform(0.0, PERIOD_S), rng.uniform(-0.35, 0.35) * wide,
            )
        )  # fmt: skip
    return actors


def _street_traffic(street: Street, path: Path, rng: random.Random) -> list[Actor]:
    """One speed for each lane, so that nobody runs into anybody."""
    actors: list[Actor] = []
    for way in (path,) if street.one_way else (path, path.reversed()):
        for lane, aside in enumerate(_lanes(street)):
            speed = street.speed_kmh / 3.6 * rng.uniform(0.7, 0.85)
            line = Path(way.offset(aside, step_m=4.0))
            at = rng.uniform(0.0, 12.0)
            while at < PERIOD_S - 8.0:
                actors.append(
                    Actor(
                        f"s{street.id}.{int(way is path)}.{lane}.{at:.0f}",
                        vehicle(rng),
                        line,
                        speed,
                        PERIOD_S,
                        at,
                    )
                )
                at += rng.uniform(7.0, 26.0)
    return actors


def _square_walkers(view: View, rng: random.Random) -> list[Actor]:
    ring = view.local(next(a for a in view.city.areas if a.use == "square").ring)
    centre = ring.mean(axis=0)
    actors: list[Actor] = []
    for index in range(26):
        a, b = rng.sample(range(len(ring)), 2) if len(ring) > 2 else (0, 1)
        share = rng.random()
        start = ring[a] * share + ring[(a + 1) % len(ring)] * (1 - share)
        end = ring[b] * (1 - share) + ring[(b + 1) % len(ring)] * share
        if math.dist(start, end) < 15.0:
            continue
        inside = 0.9
        start, end = centre + (start - centre) * inside, centre + (end - centre) * inside
        bend = (start + end) / 2 + np.array([rng.uniform(-12, 12), rng.uniform(-12, 12)])
        line = Path(smooth(np.array([start, bend, end])))
        actors.append(
            Actor(
                f"q{index}",
                person(rng),
                line,
                rng.uniform(*WALK_MS),
                PERIOD_S,
                rng.uniform(0.0, PERIOD_S),
            )
        )
    return actors


def _promenade(view: View, rng: random.Random) -> list[Actor]:
    """Walkers well inside the edge, and one who steps up to it every few minutes."""
    zone = next(z for z in view.city.zones if z.camera == view.camera.code)
    start, end = (np.array(p) for p in view.local(zone.ground))
    along = (end - start) / math.dist(start, end)
    inland = np.array([-along[1], along[0]])
    if float(inland @ -start) < 0.0:  # the camera stands inland of the edge
        inland = -inland
    actors: list[Actor] = []
    for index in range(14):
        off = inland * rng.uniform(4.0, 8.5)
        line = Path(np.stack([start - along * 22.0 + off, end + along * 55.0 + off]))
        if rng.random() < 0.5:
            line = line.reversed()
        actors.append(
            Actor(
                f"r{index}",
                person(rng),
                line,
                rng.uniform(*WALK_MS),
                PERIOD_S,
                rng.uniform(0.0, PERIOD_S),
            )
        )
    middle = start + along * math.dist(start, end) * 0.45
    line = Path(
        smooth(
            np.stack(
                [
                    middle - along * 16.0 + inland * 6.0,
                    middle + inland * 3.5,
                    middle + along * 2.0 - inland * 1.1,
                    middle + along * 5.0 - inland * 1.1,
                    middle + along * 8.0 + inland * 3.5,
                    middle + along * 24.0 + inland * 6.0,
                ]
            ),
            2,
        )
    )
    actors.append(Actor("edge", person(rng), line, 1.2, INTRUSION_EVERY_S, 70.0))
    return actors


def intruder(view: View) -> Actor:
    """Over the far fence, across the yard, and out again; every three minutes by the clock."""
    zone = next(z for z in view.city.zones if z.camera == view.camera.code)
    ring = view.local(zone.ground)
    centre = ring.mean(axis=0)
    edges = [(ring[i], ring[(i + 1) % len(ring)]) for i in range(len(ring))]
    # Neither the nearest side, under the camera, nor the farthest, behind the tanks.
    sides = sorted(edges, key=lambda e: -float(np.hypot(*((e[0] + e[1]) / 2))))
    a, b = sides[len(sides) // 2]
    door = a * 0.45 + b * 0.55
    out = (door - centre) / math.dist(door, centre)
    near = centre * 0.72
    other = centre + (centre - door) * 0.35
    line = Path(
        smooth(
            np.stack(
                [
                    door + out * 4.0,
                    door - out * 3.0,
                    centre,
                    near,
                    other,
                    centre,
                    door - out * 3.0,
                    door + out * 4.0,
                ]
            ),
            2,
        )
    )
    return Actor("intruder", INTRUDER, line, 1.45, INTRUSION_EVERY_S, 0.0)
