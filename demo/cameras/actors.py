"""Who moves in a scene: each actor's place is a function of time alone, so the truth is known at every moment."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Literal

from demo.cameras.path import Path

Kind = Literal["person", "vehicle"]
Model = Literal["person", "car", "van", "bus"]
Colour = tuple[int, int, int]

CARS: tuple[Colour, ...] = (
    (232, 232, 234), (40, 40, 44), (150, 152, 156), (44, 40, 150), (128, 74, 34), (70, 96, 60), (196, 200, 206),
)  # fmt: skip
CLOTHES: tuple[Colour, ...] = (
    (60, 60, 190), (150, 90, 40), (60, 130, 60), (40, 150, 210), (160, 60, 120), (70, 70, 76), (200, 200, 206),
)  # fmt: skip
TROUSERS: tuple[Colour, ...] = ((60, 50, 44), (40, 40, 42), (96, 80, 66), (58, 72, 92))


@dataclass(frozen=True, slots=True)
class Body:
    """What an actor looks like; sizes in metres, colours BGR."""

    kind: Kind
    model: Model
    length_m: float
    width_m: float
    height_m: float
    colour: Colour
    second: Colour


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an actor is: local metres from the camera's foot, heading clockwise from north."""

    actor: Actor
    east_m: float
    north_m: float
    heading_deg: float
    speed_ms: float
    walked_m: float


@dataclass(frozen=True, slots=True)
class Actor:
    """Walks ``path`` at ``speed_ms``, entering at ``phase_s`` of every ``period_s`` of Unix time."""

    id: str
    body: Body
    path: Path
    speed_ms: float
    period_s: float
    phase_s: float
    aside_m: float = 0.0

    def at(self, t: float) -> Placement | None:
        """The placement at Unix time ``t``, or None while it is not in the scene."""
        return self.since(math.fmod(t - self.phase_s, self.period_s))

    def since(self, elapsed_s: float) -> Placement | None:
        """The placement ``elapsed_s`` after entering."""
        walked = elapsed_s * self.speed_ms
        if walked < 0.0 or walked > self.path.length_m:
            return None
        east, north, heading = self.path.at(walked, self.aside_m)
        return Placement(self, east, north, heading, self.speed_ms, walked)


def person(rng: random.Random) -> Body:
    """Somebody between 1.6 and 1.82 m."""
    return Body(
        "person",
        "person",
        0.45,
        0.5,
        rng.uniform(1.6, 1.82),
        rng.choice(CLOTHES),
        rng.choice(TROUSERS),
    )


def vehicle(rng: random.Random) -> Body:
    """Mostly cars, some vans, a few buses."""
    draw = rng.random()
    if draw < 0.78:
        return Body(
            "vehicle", "car", rng.uniform(4.2, 4.8), 1.82, 1.46, rng.choice(CARS), (46, 42, 38)
        )
    if draw < 0.93:
        return Body(
            "vehicle", "van", rng.uniform(4.9, 5.6), 1.95, 2.1, rng.choice(CARS), (46, 42, 38)
        )
    return Body(
        "vehicle", "bus", 11.2, 2.5, 3.0, rng.choice(((60, 140, 40), (190, 120, 30))), (60, 54, 48)
    )
