"""Who moves in a scene: each actor's place is a function of time alone, so the truth is known at every moment."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from demo.cameras.path import Path

Kind = Literal["person", "vehicle", "thing"]
Body = Literal[
    "person",
    "bicycle",
    "scooter",
    "sedan",
    "taxi",
    "suv",
    "van",
    "truck",
    "bus",
    "police",
    "boat",
    "bag",
]
Pose = Literal["walk", "stand", "run", "climb", "crouch"]
_PEOPLE = ("person", "bicycle", "scooter")


@dataclass(frozen=True, slots=True)
class Placement:
    """One actor at one moment: a place on the ground in local metres, where it goes and how fast.

    ``gone_m`` is how far it has come, which sets the swing of legs and wheels; ``up_m`` is above the ground only
    while it climbs; ``look`` picks colours and build. Whoever rides a bicycle or a scooter counts as a person.
    """

    id: str
    body: Body
    look: int
    east_m: float
    north_m: float
    heading_deg: float
    speed_ms: float
    gone_m: float = 0.0
    up_m: float = 0.0
    pose: Pose = "walk"

    @property
    def kind(self) -> Kind:
        if self.body == "bag":
            return "thing"
        return "person" if self.body in _PEOPLE else "vehicle"


@dataclass(frozen=True, slots=True)
class Step:
    """How far along its path an actor is."""

    station_m: float
    speed_ms: float
    up_m: float = 0.0
    pose: Pose = "walk"


class Motion(Protocol):
    """How an actor moves along its path; ``lasts_s`` after entering it is gone."""

    @property
    def lasts_s(self) -> float: ...

    def at(self, elapsed_s: float) -> Step: ...


@dataclass(frozen=True, slots=True)
class Steady:
    """One speed from the path's start to its end."""

    speed_ms: float
    length_m: float
    pose: Pose = "walk"

    @property
    def lasts_s(self) -> float:
        return self.length_m / self.speed_ms

    def at(self, elapsed_s: float) -> Step:
        return Step(elapsed_s * self.speed_ms, self.speed_ms, 0.0, self.pose)


@dataclass(frozen=True, slots=True)
class Lies:
    """Lies where its path begins."""

    lasts_s: float

    def at(self, elapsed_s: float) -> Step:
        return Step(0.0, 0.0, 0.0, "stand")


@dataclass(frozen=True, slots=True)
class StopAndGo:
    """Brakes evenly to a stop at ``stop_m``, waits, speeds up evenly and goes on."""

    speed_ms: float
    length_m: float
    stop_m: float
    wait_s: float
    brake_ms2: float = 2.2
    start_ms2: float = 1.7

    @property
    def arrives_s(self) -> float:
        """When it stands."""
        return self.stop_m / self.speed_ms + self.speed_ms / (2 * self.brake_ms2)

    @property
    def lasts_s(self) -> float:
        rest = self.length_m - self.stop_m
        run_up = self.speed_ms**2 / (2 * self.start_ms2)
        if rest < run_up:
            return self.arrives_s + self.wait_s + math.sqrt(2 * rest / self.start_ms2)
        return (
            self.arrives_s
            + self.wait_s
            + self.speed_ms / self.start_ms2
            + (rest - run_up) / self.speed_ms
        )

    def at(self, elapsed_s: float) -> Step:
        v, brake, start = self.speed_ms, self.brake_ms2, self.start_ms2
        left_s = self.arrives_s - elapsed_s
        if left_s > v / brake:
            return Step(self.stop_m - v * left_s + v * v / (2 * brake), v)
        if left_s > 0:
            return Step(self.stop_m - brake / 2 * left_s**2, brake * left_s)
        going_s = -left_s - self.wait_s
        if going_s <= 0:
            return Step(self.stop_m, 0.0, 0.0, "stand")
        if going_s < v / start:
            return Step(self.stop_m + start / 2 * going_s**2, start * going_s)
        return Step(self.stop_m + v * going_s - v * v / (2 * start), v)


@dataclass(frozen=True, slots=True)
class Act:
    """One piece of a script: so long, so far along the path, to that height, in that pose."""

    lasts_s: float
    goes_m: float
    up_to_m: float
    pose: Pose


class Script:
    """Acts one after another; height changes evenly within each."""

    __slots__ = ("_acts", "lasts_s")

    def __init__(self, acts: Sequence[Act]) -> None:
        self._acts = tuple(acts)
        self.lasts_s = sum(act.lasts_s for act in acts)

    def at(self, elapsed_s: float) -> Step:
        station, up = 0.0, 0.0
        for act in self._acts:
            if elapsed_s < act.lasts_s:
                share = elapsed_s / act.lasts_s
                return Step(
                    station + act.goes_m * share,
                    act.goes_m / act.lasts_s,
                    up + (act.up_to_m - up) * share,
                    act.pose,
                )
            elapsed_s -= act.lasts_s
            station += act.goes_m
            up = act.up_to_m
        return Step(station, 0.0, up, "stand")


@dataclass(frozen=True, slots=True)
class Actor:
    """Enters its path at ``phase_s`` of every ``period_s`` of Unix time; ``aside_m`` is to the right of the path."""

    id: str
    body: Body
    look: int
    path: Path
    motion: Motion
    period_s: float
    phase_s: float
    aside_m: float = 0.0

    def at(self, t: float) -> Placement | None:
        """The placement at Unix time ``t``, or None while it is not in the scene."""
        return self.since((t - self.phase_s) % self.period_s)

    def since(self, elapsed_s: float) -> Placement | None:
        """The placement ``elapsed_s`` after entering."""
        if not 0.0 <= elapsed_s < self.motion.lasts_s:
            return None
        step = self.motion.at(elapsed_s)
        east, north, heading = self.path.at(step.station_m, self.aside_m)
        return Placement(
            self.id, self.body, self.look, east, north, heading, step.speed_ms,
            step.station_m, step.up_m, step.pose,
        )  # fmt: skip


class Cast:
    """Many actors, asked for those who are there at a moment without asking each."""

    def __init__(self, actors: Sequence[Actor], period_s: float) -> None:
        self._period = round(period_s)
        self._by_second: list[list[Actor]] = [[] for _ in range(self._period)]
        self._others: list[Actor] = []
        for actor in actors:
            if actor.period_s != self._period or actor.motion.lasts_s + 2 > self._period:
                self._others.append(actor)
                continue
            first = math.floor(actor.phase_s)
            for second in range(first, math.ceil(actor.phase_s + actor.motion.lasts_s) + 1):
                self._by_second[second % self._period].append(actor)

    def at(self, t: float) -> list[Placement]:
        """Everybody on stage at Unix time ``t``."""
        there = self._by_second[int(t % self._period)]
        found = [actor.at(t) for actor in (*there, *self._others)]
        return [placement for placement in found if placement is not None]
