"""People on foot: along pavements and round corners, over zebras, across the square, along the river."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from demo.cameras.actors import Act, Actor, Lies, Script, Steady, StopAndGo
from demo.cameras.path import Path, smooth
from demo.cameras.streetmap import ZEBRA_M, Arm
from demo.cameras.traffic import CYCLES, PERIOD_S, green_at
from demo.cameras.view import View
from demo.city_model import RoadShape

Floats = NDArray[np.float64]
WALK_MS = (1.1, 1.5)
EDGE_EVERY_S = 120.0


def _look(rng: random.Random) -> int:
    return rng.randrange(2000)


def _pair(rng: random.Random, name: str, path: Path, speed: float, at: float) -> list[Actor]:
    """One person, or two side by side."""
    motion = Steady(speed, path.length_m)
    if rng.random() < 0.3:
        return [
            Actor(f"{name}l", "person", _look(rng), path, motion, PERIOD_S, at, -0.4),
            Actor(f"{name}r", "person", _look(rng), path, motion, PERIOD_S, at + 0.15, 0.4),
        ]
    return [Actor(name, "person", _look(rng), path, motion, PERIOD_S, at)]


def pavement(
    name: str, middle: Path, shape: RoadShape, rng: random.Random, gap_s: float
) -> list[Actor]:
    """Walkers on both pavements of a street, clear of the trees at the kerb."""
    if shape.sidewalk_m < 1.5:
        return []
    low, high = _walk_strip(shape)
    actors: list[Actor] = []
    for side in (-1.0, 1.0):
        for way in (False, True):
            at = rng.uniform(0.0, gap_s)
            while at < PERIOD_S:
                aside = side * (shape.width_m / 2 + rng.uniform(low, high))
                path = Path(middle.offset(aside, step_m=5.0))
                path = path.reversed() if way else path
                tag = f"walk-{name}{'r' if side > 0 else 'l'}{int(way)}-{at:.0f}"
                actors += _pair(rng, tag, path, rng.uniform(*WALK_MS), at)
                at += rng.uniform(0.3, 1.7) * gap_s
    return actors


def _walk_strip(shape: RoadShape) -> tuple[float, float]:
    """Nearest and farthest from the kerb that people walk."""
    return min(1.8, shape.sidewalk_m * 0.6), shape.sidewalk_m - 0.5


def corners(arms: Sequence[Arm], rng: random.Random, reach_m: float, gap_s: float) -> list[Actor]:
    """Walkers who come along one arm's pavement and turn the corner into the next."""
    ordered = sorted(arms, key=lambda a: a.angle)
    actors: list[Actor] = []
    for one, two in zip(ordered, [*ordered[1:], ordered[0]], strict=True):
        between = (two.angle - one.angle) % (2 * math.pi)
        if not 0.6 < between < 2.6:
            continue
        at = rng.uniform(0.0, gap_s)
        while at < PERIOD_S:
            # Seen from the crossing, the corner lies left of the first arm and right of the next.
            a = _beside(one, -1.0, rng, reach_m)
            b = _beside(two, 1.0, rng, reach_m)
            points = np.concatenate([a[::-1], b])
            if rng.random() < 0.5:
                points = points[::-1]
            path = Path(smooth(points, 2))
            tag = f"walk-c{one.street.id}.{two.street.id}-{at:.0f}"
            actors += _pair(rng, tag, path, rng.uniform(*WALK_MS), at)
            at += rng.uniform(0.4, 1.6) * gap_s
    return actors


def _beside(arm: Arm, side: float, rng: random.Random, reach_m: float) -> Floats:
    """Along an arm's pavement from the corner outwards."""
    low, high = _walk_strip(arm.shape)
    aside = side * (arm.shape.width_m / 2 + rng.uniform(low, high))
    end = min(arm.path.length_m - 8.0, reach_m)
    return arm.path.offset(aside, min(arm.setback_m + 1.0, end - 3.0), end, 6.0)


def zebra(arm: Arm, axis: int, rng: random.Random) -> list[Actor]:
    """People who come along the pavement, wait at the kerb, and cross an arm while its own traffic stands."""
    actors: list[Actor] = []
    half = arm.shape.width_m / 2
    for cycle in range(CYCLES):
        walk_s = green_at(1 - axis, cycle)
        for number in range(rng.choice((1, 1, 2, 3, 4))):
            along = arm.setback_m + rng.uniform(0.6, ZEBRA_M - 0.6)
            side = rng.choice((-1.0, 1.0))
            come = min(arm.path.length_m - 6.0, along + rng.uniform(18.0, 45.0))
            leave = min(arm.path.length_m - 6.0, along + rng.uniform(25.0, 60.0))
            wait = half + rng.uniform(0.5, 1.2)
            far = half + rng.uniform(1.9, 2.6)
            before = np.array(
                [arm.path.at(come, side * far)[:2], arm.path.at(along + 2.5, side * far)[:2]]
            )
            after = np.array(
                [arm.path.at(along + 2.5, -side * far)[:2], arm.path.at(leave, -side * far)[:2]]
            )
            kerb = np.array(
                [arm.path.at(along, side * wait)[:2], arm.path.at(along, -side * wait)[:2]]
            )
            path = Path(smooth(np.concatenate([before, kerb, after]), 2))
            stop = path.project(*kerb[0])[0]
            speed = max(1.35, 2 * half / 19.0) * rng.uniform(0.98, 1.12)
            waits = rng.uniform(0.5, 18.0)
            motion = StopAndGo(speed, path.length_m, stop, waits, 2.0, 1.6)
            enters = walk_s + rng.uniform(0.3, 2.5) - waits - motion.arrives_s
            actors.append(
                Actor(
                    f"cross-{arm.street.id}{int(arm.outward)}-{cycle}.{number}", "person", _look(rng), path,
                    motion, PERIOD_S, enters % PERIOD_S,
                )
            )  # fmt: skip
    return actors


def square(ring: Floats, avoid: Floats, rng: random.Random) -> list[Actor]:
    """Walkers from side to side of a square, round what stands on it (``avoid`` ``(N, 2)``)."""
    centre = ring.mean(axis=0)
    inner = centre + (ring - centre) * 0.9
    actors: list[Actor] = []
    number = 0
    while number < 64:
        ends = [_on_edge(inner, rng) for _ in range(2)]
        if math.dist(*ends) < 30.0:
            continue
        middle = (ends[0] + ends[1]) / 2 + np.array([rng.uniform(-14, 14), rng.uniform(-14, 14)])
        path = Path(smooth(np.array([ends[0], middle, ends[1]]), 3))
        if any(path.project(float(x), float(y))[1] < 1.7 for x, y in avoid):
            continue
        speed = rng.uniform(2.4, 2.9) if rng.random() < 0.08 else rng.uniform(*WALK_MS)
        at = number / 64 * PERIOD_S + rng.uniform(0, 8)
        if speed > 2:
            motion = Steady(speed, path.length_m, "run")
            actors.append(
                Actor(f"jog-{number}", "person", _look(rng), path, motion, PERIOD_S, at % PERIOD_S)
            )
        else:
            actors += _pair(rng, f"walk-q{number}", path, speed, at % PERIOD_S)
        number += 1
    return actors


def _on_edge(ring: Floats, rng: random.Random) -> Floats:
    side = rng.randrange(len(ring))
    share = rng.random()
    place: Floats = ring[side] * share + ring[(side + 1) % len(ring)] * (1 - share)
    return place


def promenade(edge: Floats, rng: random.Random) -> list[Actor]:
    """Walkers and joggers well inside the edge line ``(2, 2)``, and one who steps over it every two minutes."""
    start, end = edge
    long = math.dist(start, end)
    along = (end - start) / long
    inland = np.array([-along[1], along[0]])
    if float(inland @ -start) < 0.0:  # the camera stands inland of the edge
        inland = -inland
    actors: list[Actor] = []
    for way in (False, True):
        at = rng.uniform(0.0, 9.0)
        while at < PERIOD_S:
            off = inland * rng.uniform(2.6, 7.2)
            points = np.stack([start - along * 24.0 + off, end + along * 70.0 + off])
            path = Path(points[::-1] if way else points)
            if rng.random() < 0.2:
                motion = Steady(rng.uniform(2.5, 3.0), path.length_m, "run")
                tag = f"jog-{int(way)}-{at:.0f}"
                actors.append(Actor(tag, "person", _look(rng), path, motion, PERIOD_S, at))
            else:
                actors += _pair(rng, f"walk-r{int(way)}-{at:.0f}", path, rng.uniform(0.9, 1.4), at)
            at += rng.uniform(14.0, 60.0)
    middle = start + along * long * 0.45
    path = Path(
        smooth(
            np.stack(
                [
                    middle - along * 22.0 + inland * 5.0,
                    middle - along * 6.0 + inland * 3.5,
                    middle - inland * 1.0,
                    middle + along * 5.0 - inland * 1.0,
                    middle + along * 10.0 + inland * 3.5,
                    middle + along * 40.0 + inland * 5.0,
                ]
            ),
            2,
        )
    )
    stop, _ = path.project(*(middle + along * 2.5 - inland * 1.0))
    pauses = StopAndGo(1.2, path.length_m, stop, 9.0, 2.0, 1.5)
    actors.append(Actor("edge", "person", 318, path, pauses, EDGE_EVERY_S, 45.0))
    return actors


def _intrusion(
    view: View, ring: Floats, share: float, approach_m: float
) -> tuple[Path, Script, float]:
    """A way over the fence, through the yard and out again; the third value is when the feet come over the fence."""
    centre = ring.mean(axis=0)
    sides = [(ring[i], ring[(i + 1) % len(ring)]) for i in range(len(ring))]
    # The side on the left: near enough to see the climb, and nothing in the yard hides it.
    a, b = min(
        (side for side in sides if view.ahead @ (side[0] + side[1]) > 10.0),
        key=lambda side: float(
            view.right @ (side[0] + side[1]) / (view.ahead @ (side[0] + side[1]))
        ),
    )
    if float(np.hypot(*a)) < float(np.hypot(*b)):
        a, b = b, a
    door = a * share + b * (1 - share)
    out = (door - centre) / math.dist(door, centre)
    along = (b - a) / math.dist(a, b)
    target = centre * 0.85
    turn = target - along * 7.0 - out * 1.0
    exit_door = a * (share + 0.2) + b * (0.8 - share)
    way = np.concatenate(
        [
            np.stack([door + out * approach_m, door + out * 0.45, door - out * 0.45]),
            smooth(np.stack([door - out * 1.2, (door + target) / 2 + along * 1.5, target]), 2),
            smooth(np.stack([target, turn, turn - along * 3.0 + out * 4.0]), 2)[1:],
            smooth(np.stack([turn - along * 3.0 + out * 4.0, (turn + exit_door) / 2, exit_door - out * 0.45]), 2)[1:],
            np.stack([exit_door + out * 0.45, exit_door + out * 9.0]),
        ]
    )  # fmt: skip
    path = Path(way)

    def station(point: Floats) -> float:
        return path.project(float(point[0]), float(point[1]))[0]

    before = approach_m - 0.45
    inside = station(target) - (approach_m + 0.45)
    on = station(turn - along * 3.0 + out * 4.0) - station(target)
    back = station(exit_door - out * 0.45) - station(turn - along * 3.0 + out * 4.0)
    acts = [
        Act(before / 1.4, before, 0.0, "walk"),
        Act(0.9, 0.10, 1.1, "climb"),
        Act(0.8, 0.35, 1.6, "climb"),
        Act(0.7, 0.35, 0.9, "climb"),
        Act(0.5, 0.10, 0.0, "climb"),
        Act(inside * 0.35 / 1.1, inside * 0.35, 0.0, "crouch"),
        Act(inside * 0.65 / 1.35, inside * 0.65, 0.0, "walk"),
        Act(6.0, 0.0, 0.0, "crouch"),
        Act(on / 1.3, on, 0.0, "walk"),
        Act(4.0, 0.0, 0.0, "stand"),
        Act(back / 3.0, back, 0.0, "run"),
        Act(0.9, 0.10, 1.1, "climb"),
        Act(0.8, 0.35, 1.6, "climb"),
        Act(0.7, 0.35, 0.9, "climb"),
        Act(0.5, 0.10, 0.0, "climb"),
        Act(8.0 / 3.0, 8.0, 0.0, "run"),
    ]
    return path, Script(acts), before / 1.4 + 0.9 + 0.8


BAG_EVERY_S = 1800.0
BAG_AT_S = 600.0
BAG_LIES_S = 150.0
"""Somebody puts a bag down on the coach station's pavement when Unix time modulo 1800 s is 600, and it lies so long."""


def forgetful(ring: Floats) -> list[Actor]:
    """One who comes along a pavement ``(4, 2)``, puts a bag down in its middle and goes on; and the bag."""
    spot, along = ring.mean(axis=0), ring[1] - ring[0]
    along = along / math.hypot(*along)
    aside = np.array([along[1], -along[0]]) * 0.55
    path = Path(np.stack([spot + aside - along * 24.0, spot + aside + along * 40.0]))
    walks = StopAndGo(1.3, path.length_m, 24.0, 4.0, 2.0, 1.5)
    phase = (BAG_AT_S - walks.arrives_s - 2.0) % BAG_EVERY_S
    place = Path(np.stack([spot, spot + along]))
    return [
        Actor("forgetful", "person", 841, path, walks, BAG_EVERY_S, phase),
        Actor("bag", "bag", 0, place, Lies(BAG_LIES_S), BAG_EVERY_S, BAG_AT_S),
    ]


INTRUSION_EVERY_S = 180.0
INTRUSION_AT_S = 20.0
"""Somebody comes over the yard's fence when Unix time modulo 180 s is this."""


def intruder(view: View, ring: Floats) -> Actor:
    """The one who comes by the clock, all dark, over the fence of the guarded yard ``(N, 2)``."""
    path, script, enters = _intrusion(view, ring, 0.5, 8.0)
    phase = (INTRUSION_AT_S - enters) % INTRUSION_EVERY_S
    return Actor("intruder", "person", -1, path, script, INTRUSION_EVERY_S, phase)


def intruder_asked(view: View, ring: Floats, number: int) -> tuple[Actor, float]:
    """One who comes on demand, to be asked by :meth:`Actor.since`, and how long after its start it is inside."""
    path, script, enters = _intrusion(view, ring, (0.45, 0.55, 0.4, 0.6)[number % 4], 1.6)
    return Actor(f"intruder-{number}", "person", -2, path, script, math.inf, 0.0), enters
