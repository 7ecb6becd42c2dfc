"""Vehicles and riders: lanes with their queues at a signal, and streets where traffic just flows."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np

from demo.cameras.actors import Actor, Body, Steady, StopAndGo
from demo.cameras.bodies import model
from demo.cameras.path import Path
from demo.cameras.streetmap import Arm, StreetMap
from demo.city_model import RoadShape

SIGNAL_S = 60.0
GREEN_S = 26.0
YELLOW_S = 3.0
CYCLES = 6
PERIOD_S = SIGNAL_S * CYCLES
"""After this the same traffic comes again."""
REACH_M = 230.0
# Shares of the traffic, added up.
_BODIES: tuple[tuple[Body, float], ...] = (
    ("sedan", 0.40), ("suv", 0.66), ("taxi", 0.78), ("van", 0.87), ("truck", 0.91), ("bus", 0.97),
    ("police", 1.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Approach:
    """Traffic that comes to the signalled crossing by one arm and goes straight on."""

    arm: Arm
    path: Path  # the middle line, in the direction of travel
    stop_m: float  # station of the stop line
    axis: int  # 0 or 1: whose green it moves on


def signal(axis: int, t: float) -> str:
    """``green``, ``yellow`` or ``red`` for the arms of an axis at Unix time ``t``."""
    into = (t - axis * SIGNAL_S / 2) % SIGNAL_S
    return "green" if into < GREEN_S else "yellow" if into < GREEN_S + YELLOW_S else "red"


def green_at(axis: int, cycle: int) -> float:
    """Start of an axis' green in a cycle, seconds after the period's start."""
    return cycle * SIGNAL_S + axis * SIGNAL_S / 2


def approaches(streets: StreetMap, crossing: int) -> list[Approach]:
    """All that come straight through a crossing."""
    arms = streets.arms[crossing]
    found = []
    for arm in arms:
        if streets.opposite(arm) is None or (arm.street.one_way and arm.outward):
            continue
        middle = streets.chain(arm.street, REACH_M)
        x, y, _ = arm.path.at(0.0)
        at, _ = middle.project(x, y)
        ahead = middle.at(at + 5.0)
        # The chain must run into the crossing on this arm.
        inward = math.cos(arm.angle) * (ahead[0] - x) + math.sin(arm.angle) * (ahead[1] - y) < 0
        if not inward:
            middle = middle.reversed()
            at = middle.length_m - at
        start, end = max(0.0, at - REACH_M), min(middle.length_m, at + REACH_M)
        path = Path(middle.offset(0.0, start, end, 4.0))
        axis = 0 if abs(math.cos(arm.angle - arms[0].angle)) > 0.7 else 1
        found.append(Approach(arm, path, at - start - arm.stop_m, axis))
    return found


def lanes_of(shape: RoadShape) -> list[float]:
    """Metres to the right of the middle line of every car lane of one direction, from the inside out."""
    return [(lane + 0.5) * shape.lane_m for lane in range(max(1, shape.lanes // 2))]


def bike_lane_of(shape: RoadShape) -> float | None:
    """The same of the lane for bicycles, None where there is none."""
    return shape.lanes / 2 * shape.lane_m + shape.bike_m / 2 if shape.bike_m else None


def through(approach: Approach, rng: random.Random) -> list[Actor]:
    """The traffic of every lane of an approach, bicycles too."""
    shape = approach.arm.shape
    lanes = lanes_of(shape)
    actors: list[Actor] = []
    for number, aside in enumerate(lanes):
        outside = number == len(lanes) - 1
        actors += _lane(approach, f"{number}", aside, rng, outside, rng.uniform(10.5, 12.5))
    bike = bike_lane_of(shape)
    if bike is not None:
        actors += _bikes(approach, bike, rng)
    return actors


def _lane(
    approach: Approach, name: str, aside: float, rng: random.Random, outside: bool, speed: float
) -> list[Actor]:
    path = Path(approach.path.offset(aside, step_m=4.0))
    stop = path.project(*approach.path.at(approach.stop_m, aside)[:2])[0] - 0.8
    actors: list[Actor] = []
    for cycle in range(CYCLES):
        green = green_at(approach.axis, cycle)
        clears = green
        back = stop
        stands = green - SIGNAL_S + GREEN_S + YELLOW_S + rng.uniform(2.0, 8.0)
        for place in range(rng.choice((0, 1, 1, 2, 2, 3))):
            body, look, length = _vehicle(rng, outside)
            front = back - length / 2
            back -= length + rng.uniform(1.6, 2.6)
            go = green + 0.9 + 1.15 * place
            stands = max(stands + rng.uniform(2.6, 6.0), 0.0 - SIGNAL_S)
            motion = StopAndGo(speed, path.length_m, front, max(0.5, go - stands))
            enters = min(stands, go - 0.5) - motion.arrives_s
            actors.append(
                _actor(approach, name, cycle, f"w{place}", body, look, path, motion, enters)
            )
            # When it would have crossed the line had it never slowed down: nobody behind may be sooner.
            clears = go + speed / (2 * motion.start_ms2) + (stop - front) / speed
        passes = clears + rng.uniform(2.2, 6.0)
        number = 0
        while passes < green + GREEN_S - 1.0:
            body, look, length = _vehicle(rng, outside)
            steady = Steady(speed, path.length_m)
            enters = passes + length / 2 / speed - stop / speed
            actors.append(
                _actor(approach, name, cycle, f"g{number}", body, look, path, steady, enters)
            )
            number += 1
            passes += length / speed + rng.uniform(1.8, 9.0)
    return actors


def _bikes(approach: Approach, aside: float, rng: random.Random) -> list[Actor]:
    path = Path(approach.path.offset(aside, step_m=4.0))
    stop = path.project(*approach.path.at(approach.stop_m, aside)[:2])[0] - 0.6
    actors: list[Actor] = []
    speed = 5.4
    for cycle in range(CYCLES):
        green = green_at(approach.axis, cycle)
        stands = green - SIGNAL_S + GREEN_S + YELLOW_S + rng.uniform(3.0, 12.0)
        clears = green
        for place in range(rng.choice((0, 0, 1, 2, 3))):
            body: Body = "scooter" if rng.random() < 0.7 else "bicycle"
            front = stop - 1.0 - place * 2.3
            go = green + 0.7 + 0.8 * place
            stands += rng.uniform(2.0, 5.0)
            motion = StopAndGo(speed, path.length_m, front, max(0.5, go - stands), 1.8, 1.3)
            enters = min(stands, go - 0.5) - motion.arrives_s
            look = rng.randrange(400)
            actors.append(
                _actor(approach, "b", cycle, f"w{place}", body, look, path, motion, enters)
            )
            clears = go + speed / (2 * motion.start_ms2) + (stop - front) / speed
        passes = clears + rng.uniform(1.5, 8.0)
        number = 0
        while passes < green + GREEN_S - 3.0:
            body = "scooter" if rng.random() < 0.7 else "bicycle"
            steady = Steady(speed, path.length_m)
            enters = passes - stop / speed
            look = rng.randrange(400)
            actors.append(
                _actor(approach, "b", cycle, f"g{number}", body, look, path, steady, enters)
            )
            number += 1
            passes += rng.uniform(2.5, 14.0)
    return actors


def _actor(
    approach: Approach, lane: str, cycle: int, place: str, body: Body, look: int,
    path: Path, motion: StopAndGo | Steady, enters_s: float,
) -> Actor:  # fmt: skip
    name = f"{body}-{approach.arm.street.id}{'o' if approach.arm.outward else 'i'}{lane}-{cycle}{place}"
    return Actor(name, body, look, path, motion, PERIOD_S, enters_s % PERIOD_S)


def _vehicle(rng: random.Random, outside: bool) -> tuple[Body, int, float]:
    """A body, its look and its length; buses and trucks keep to the outside lane."""
    while True:
        toss = rng.random()
        body = next(b for b, upto in _BODIES if toss < upto)
        if outside or body not in ("bus", "truck"):
            look = rng.randrange(400)
            return body, look, model(body, look).length_m


def flow(
    name: str,
    middle: Path,
    shape: RoadShape,
    speed_ms: float,
    one_way: bool,
    rng: random.Random,
    gap: float,
) -> list[Actor]:
    """Traffic without a signal: one speed for each lane, so that nobody runs into anybody; ``gap`` thins it out."""
    actors: list[Actor] = []
    for way, line in (("a", middle),) if one_way else (("a", middle), ("b", middle.reversed())):
        lanes = lanes_of(shape)
        for number, aside in enumerate(lanes):
            speed = speed_ms * rng.uniform(0.75, 0.95)
            path = Path(line.offset(aside, step_m=4.0))
            at = rng.uniform(0.0, 8.0)
            while at < PERIOD_S - 4.0:
                body, look, length = _vehicle(rng, number == len(lanes) - 1)
                motion = Steady(speed, path.length_m)
                tag = f"{body}-{name}{way}{number}-{at:.0f}"
                actors.append(Actor(tag, body, look, path, motion, PERIOD_S, at))
                at += length / speed + rng.uniform(2.5, 24.0) * gap
        bike = bike_lane_of(shape)
        if bike is not None:
            path = Path(line.offset(bike, step_m=4.0))
            motion = Steady(5.2, path.length_m)
            at = rng.uniform(0.0, 8.0)
            while at < PERIOD_S - 3.0:
                rider: Body = "scooter" if rng.random() < 0.65 else "bicycle"
                tag = f"{rider}-{name}{way}b-{at:.0f}"
                actors.append(Actor(tag, rider, rng.randrange(400), path, motion, PERIOD_S, at))
                at += rng.uniform(6.0, 48.0) * gap
    return actors


def barges(river: Path, width_m: float, rng: random.Random) -> list[Actor]:
    """Barges up and down the river, each on its own right."""
    actors = []
    for way, line in (("down", river), ("up", river.reversed())):
        path = Path(line.offset(width_m * 0.17, step_m=8.0))
        motion = Steady(3.2, path.length_m)
        for at in np.arange(rng.uniform(0, 60), PERIOD_S - 60, 150.0):
            actors.append(
                Actor(f"barge-{way}-{at:.0f}", "boat", 0, path, motion, PERIOD_S, float(at))
            )
    return actors
