"""Happenings put into the demo's scenes with known truth: what is staged, where it is watched for, and when it is so.

Places are metres to the right of and ahead of the camera's foot, or along the carriageway that a zone of the demo covers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from analytics.model import Point, RuleName, Zone
from analytics.rules.catalogue import CATALOGUE
from bench.scenes import Scene, TruthFrame
from demo.cameras.actors import Act, Actor, Motion, Script, Steady
from demo.cameras.breakdown import BREAKDOWN_AT_S
from demo.cameras.path import Path
from demo.cameras.scene import demo_city
from demo.cameras.view import Floats, View
from demo.cameras.walkers import INTRUSION_AT_S

DAY = datetime(2026, 3, 2, tzinfo=UTC)
ONCE_S = 1e7
"""A guest's period: it comes once."""
SEEN = 0.3
"""Of its outline that must be in sight for something to be there."""


@dataclass(frozen=True, slots=True)
class Happening:
    """``zone_id``'s rule is to fire between ``from_s`` and ``until_s`` of the scene."""

    zone_id: int
    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Staged:
    """One scene, its zones, who is in it, and what the truth says should be told of."""

    camera: str
    start: datetime
    seconds: float
    zones: tuple[Zone, ...]
    known: Callable[[Scene], list[Happening]]
    guests: tuple[Actor, ...] = ()
    without: Callable[[Actor], bool] | None = None
    line: Floats | None = None


@cache
def view_of(code: str) -> View:
    return View(demo_city(), next(c for c in demo_city().cameras if c.code == code))


def staged() -> tuple[Staged, ...]:
    """Every scene."""
    return street(), jam(), square(), yard()


# --- a street: one breaks down, one comes the wrong way, one races ------------------------------------------------------


def street() -> Staged:
    """Before the school: the demo's broken-down car, and two guests in the inner lane."""
    view = view_of("cam-school")
    start = DAY + timedelta(seconds=BREAKDOWN_AT_S - 15.0)
    ring = _ground("cam-school", "stopped_vehicle")
    lane = _Lane(ring)
    wrong = _vehicle("wrong", "van", lane.path(1.0, back=True), Steady(8.0, 230.0), start, 80.0)
    racer = _vehicle("racer", "sedan", lane.path(1.0), Steady(25.0, 230.0), start, 96.0)
    drawn = _drawn("cam-school", "stopped_vehicle")
    way = next(z for z in demo_city().zones if z.rule == "wrong_way")
    zones = (
        zone(1, "stopped_vehicle", drawn, dwell_s=60.0),
        zone(2, "wrong_way", drawn, dwell_s=way.dwell_s, threshold=way.threshold, arrow=way.arrow),
        zone(3, "fast_motion", drawn),
        zone(4, "congestion", drawn, dwell_s=30.0),
    )

    inner = lane.path(1.0)

    def in_the_way(actor: Actor) -> bool:
        """Whoever drives in the inner lane, so that the guests run into nobody."""
        x, y, _ = inner.at(115.0)
        return actor.body not in ("person", "bag") and actor.path.project(x, y)[1] < 1.2

    def known(scene: Scene) -> list[Happening]:
        stands = [at for at, o in _of(scene, "breakdown") if o.speed_ms < 0.1]
        return [
            Happening(1, stands[0] + 57.0, scene_s(scene)),
            *_inside(view, scene, 2, ring, ("wrong",), after_s=1.0),
            *_inside(view, scene, 3, ring, ("racer",), after_s=0.3),
        ]

    return Staged("cam-school", start, 112.0, zones, known, (wrong, racer), in_the_way)


def jam() -> Staged:
    """At the coach station two lanes stand in a queue that creeps on twice; the other half flows, and all is counted."""
    view = view_of("cam-station")
    start = DAY + timedelta(seconds=3 * 3600.0)
    ring = _ground("cam-station", "congestion")
    lane = _Lane(ring)
    x, y = (float(v) for v in ring.mean(axis=0))
    guests = []
    for row in range(8):
        aside, place = (1.0, 4.3)[row % 2], 42.0 - 4.0 * row
        comes_m = 120.0 + place - 14.0
        script = Script(
            [
                Act(comes_m / 8.0, comes_m, 0.0, "walk"),
                Act(16.0, 0.0, 0.0, "stand"),
                Act(3.0, 4.0, 0.0, "walk"),
                Act(14.0, 0.0, 0.0, "stand"),
                Act(3.0, 4.0, 0.0, "walk"),
                Act(12.0, 0.0, 0.0, "stand"),
                Act(20.0, 160.0, 0.0, "walk"),
            ]
        )
        body = ("sedan", "suv", "van", "taxi")[row % 4]
        comes_s = 1.8 * row - 2.0
        guests.append(_vehicle(f"jam{row}", body, lane.path(aside, 120.0), script, start, comes_s))
    line = next(
        z for z in demo_city().zones if z.rule == "line_crossing" and z.camera == "cam-station"
    )
    drawn = _drawn("cam-station", "congestion")
    zones = (
        zone(1, "congestion", drawn, dwell_s=30.0),
        zone(2, "stopped_vehicle", drawn, dwell_s=30.0),
        zone(3, "fast_motion", drawn),
        zone(4, "line_crossing", line.points, classes=line.classes, threshold=0.0),
    )  # fmt: skip

    def ordinary(actor: Actor) -> bool:
        """Whoever drives on the queue's half."""
        return actor.body not in ("person", "bag") and actor.path.project(x, y)[1] < 4.6

    def known(scene: Scene) -> list[Happening]:
        slow = [at for at, o in _of(scene, "jam4") if o.speed_ms < 0.1]
        return [Happening(1, slow[0] + 27.0, slow[-1] + 15.0)]

    return Staged(
        "cam-station", start, 80.0, zones, known, tuple(guests), ordinary, view.local(line.ground)
    )


# --- a square: one stays about, a crowd gathers, people walk across a line and into a bed of flowers --------------------


def square() -> Staged:
    """The square by day, with a loiterer and sixteen who gather for half a minute."""
    view = view_of("cam-square")
    start = DAY + timedelta(seconds=5 * 3600.0)
    about = ring_of(view, -10.0, 24.0, 14.0)
    crowd = ring_of(view, 9.0, 26.0, 12.0)
    bed = ring_of(view, -1.0, 34.0, 9.0)
    line = at_metres(view, [(-24.0, 44.0), (24.0, 44.0)])
    loiterer = Actor(
        "loiterer", "person", 12, Path(_to_and_fro(at_metres(view, [(-13.0, 24.0), (-7.0, 25.0)]), 16)),
        Steady(1.0, 96.0), ONCE_S, (start.timestamp() + 2.0) % ONCE_S,
    )  # fmt: skip
    guests = [loiterer, *_gathering(view, (9.0, 26.0), start, 25.0, 40.0)]
    zones = (
        zone(1, "loitering", picture_of(view, about), dwell_s=60.0),
        zone(2, "crowd_density", picture_of(view, crowd), threshold=0.08),
        zone(3, "people_count", picture_of(view, crowd), threshold=8.0),
        zone(4, "intrusion", picture_of(view, bed), dwell_s=1.0, rearm_s=3.0),
        zone(5, "line_crossing", picture_of(view, line), threshold=0.0),
    )

    def known(scene: Scene) -> list[Happening]:
        stays = [at for at, _ in _of(scene, "loiterer")]
        many = [_s(scene, frame) for frame in scene.truth if len(_people(view, frame, crowd)) >= 12]
        return [
            Happening(1, stays[0] + 50.0, stays[-1]),
            Happening(2, many[0] - 4.0, many[-1] + 5.0),
            Happening(3, many[0] - 4.0, many[-1] + 5.0),
            *_inside(view, scene, 4, bed, None, after_s=0.5),
        ]

    return Staged("cam-square", start, 95.0, zones, known, tuple(guests), line=line)


def yard() -> Staged:
    """The guarded yard, as the demo has it: one comes over the fence."""
    view = view_of("cam-yard")
    drawn = next(z for z in demo_city().zones if z.camera == "cam-yard")
    start = DAY + timedelta(seconds=INTRUSION_AT_S - 12.0)
    zones = (
        zone(1, "intrusion", drawn.points, dwell_s=drawn.dwell_s),
        zone(2, "loitering", drawn.points),
    )
    ring = view.local(drawn.ground)
    return Staged(
        "cam-yard", start, 42.0, zones, lambda scene: _inside(view, scene, 1, ring, None, 0.0)
    )


def counted(each: Staged, scene: Scene) -> list[tuple[float, str]]:
    """When the feet of somebody in sight go over the scene's line, and in which direction."""
    if each.line is None:
        return []
    view = view_of(scene.camera)
    persons = each.camera == "cam-square"
    return _crossed(view, scene, each.line[0], each.line[1], persons)


def scene_s(scene: Scene) -> float:
    """How long a scene is."""
    return len(scene.packets) / scene.fps


def zone(number: int, rule: RuleName, points: Sequence[Point], **changes: Any) -> Zone:
    """A zone of a rule as the catalogue has it, but for ``changes``."""
    facts = CATALOGUE[rule]
    values: dict[str, Any] = {
        "id": number, "camera_id": 1, "name": rule, "name_en": rule, "rule": rule, "points": tuple(points),
        "classes": facts.classes, "dwell_s": facts.dwell_s, "direction": "both", "priority": 3, "rearm_s": 30.0,
        "enabled": True, "version": 1,
    }  # fmt: skip
    return Zone(**(values | changes))


# --- how they move --------------------------------------------------------------------------------------------------


class _Lane:
    """A carriageway ``(4, 2)`` of a zone of the demo, and ways along it."""

    def __init__(self, ring: Floats) -> None:
        ahead, across = ring[1] - ring[0], ring[3] - ring[0]
        self._along, self._right = ahead / math.hypot(*ahead), across / math.hypot(*across)
        self._near, self._long = ring[0], float(math.hypot(*ahead))

    def path(self, aside_m: float, before_m: float = 100.0, back: bool = False) -> Path:
        """230 m along it, ``aside_m`` from its inner edge, from ``before_m`` before it (or from beyond it back)."""
        first = self._near + self._right * aside_m - self._along * before_m
        path = Path([tuple(first), tuple(first + self._along * 230.0)])
        return path.reversed() if back else path


def _vehicle(
    name: str, body: Any, path: Path, motion: Motion, start: datetime, enters_s: float
) -> Actor:
    return Actor(name, body, 31, path, motion, ONCE_S, (start.timestamp() + enters_s) % ONCE_S)


def _to_and_fro(ends: Floats, times: int) -> Floats:
    return np.array([ends[i % 2] for i in range(times + 1)])


def _gathering(
    view: View, middle: Point, start: datetime, comes_s: float, stays_s: float
) -> list[Actor]:
    """Sixteen who come from all sides, stand about within five metres, and go again."""
    made = []
    rng = np.random.default_rng(5)
    for number in range(16):
        angle = number * 2.399963
        out_m = 1.2 * math.sqrt(number + 0.5)
        spot = (middle[0] + out_m * math.cos(angle), middle[1] + out_m * math.sin(angle))
        edge = (middle[0] + 15.0 * math.cos(angle), middle[1] + 15.0 * math.sin(angle))
        path = Path(at_metres(view, [edge, spot, (edge[0] + 2.0, edge[1] + 3.0)]))
        comes_m = math.dist(edge, spot)
        script = Script(
            [
                Act(comes_m / 1.3, comes_m, 0.0, "walk"),
                Act(stays_s + float(rng.uniform(0.0, 4.0)), 0.0, 0.0, "stand"),
                Act((path.length_m - comes_m) / 1.3, path.length_m - comes_m, 0.0, "walk"),
            ]
        )
        enters_s = comes_s - comes_m / 1.3 + float(rng.uniform(0.0, 5.0))
        phase = (start.timestamp() + enters_s) % ONCE_S
        made.append(Actor(f"crowd{number}", "person", 40 + number, path, script, ONCE_S, phase))
    return made


# --- where and when -------------------------------------------------------------------------------------------------


def at_metres(view: View, points: Sequence[Point]) -> Floats:
    """Metres to the right and ahead as local metres."""
    return np.array([view.right * side + view.ahead * ahead for side, ahead in points])


def ring_of(view: View, side_m: float, ahead_m: float, wide_m: float) -> Floats:
    half = wide_m / 2
    corners = ((-half, -half), (half, -half), (half, half), (-half, half))
    return at_metres(view, [(side_m + a, ahead_m + b) for a, b in corners])


def picture_of(view: View, points: Floats) -> tuple[Point, ...]:
    pixels, _ = view.project(np.column_stack([points, np.zeros(len(points))]))
    shares = np.clip(pixels / (view.width_px, view.height_px), 0.0, 1.0)
    return tuple((float(x), float(y)) for x, y in shares)


def _ground(camera: str, rule: RuleName) -> Floats:
    found = next(z for z in demo_city().zones if z.camera == camera and z.rule == rule)
    return view_of(camera).local(found.ground)


def _drawn(camera: str, rule: RuleName) -> tuple[Point, ...]:
    return next(z for z in demo_city().zones if z.camera == camera and z.rule == rule).points


def _s(scene: Scene, frame: TruthFrame) -> float:
    return (frame.at - scene.truth[0].at).total_seconds()


def _of(scene: Scene, name: str) -> list[tuple[float, Any]]:
    """One's moments in sight."""
    return [
        (_s(scene, f), o) for f in scene.truth for o in f.objects if o.id == name and o.visible > 0
    ]


def _people(view: View, frame: TruthFrame, ring: Floats) -> list[str]:
    return [o.id for o in frame.objects if o.kind == "person" and within(ring, *enu_of(view, o))]


def enu_of(view: View, thing: Any) -> tuple[float, float]:
    east, north = view.ground.frame.to_enu(thing.lon, thing.lat)
    return float(east), float(north)


def within(ring: Floats, x: float, y: float) -> bool:
    """For a convex ring."""
    step = np.roll(ring, -1, axis=0) - ring
    side = step[:, 0] * (y - ring[:, 1]) - step[:, 1] * (x - ring[:, 0])
    return bool((side > 0).all() or (side < 0).all())


def _inside(
    view: View, scene: Scene, number: int, ring: Floats, names: Sequence[str] | None, after_s: float
) -> list[Happening]:
    """From ``after_s`` after somebody comes into a ring (people, or those named) until shortly after they leave."""
    stays: dict[str, list[float]] = {}
    for frame in scene.truth:
        for o in frame.objects:
            mine = o.kind == "person" if names is None else o.id in names
            if mine and o.visible >= SEEN and within(ring, *enu_of(view, o)):
                stays.setdefault(o.id, []).append(_s(scene, frame))
    made = []
    for times in stays.values():
        breaks = [0, *[i + 1 for i, d in enumerate(np.diff(times)) if d > 2.0], len(times)]
        for first, last in pairwise(breaks):
            come, gone = times[first], times[last - 1]
            if gone - come > after_s:
                made.append(Happening(number, come + after_s * 0.5, gone + 4.0))
    return made


def _crossed(
    view: View, scene: Scene, a: Floats, b: Floats, persons: bool
) -> list[tuple[float, str]]:
    """Left and right as one sees them who looks along the line from its first point."""
    before: dict[str, tuple[float, float]] = {}
    found = []
    along = b - a
    for frame in scene.truth:
        here: dict[str, tuple[float, float]] = {}
        for o in frame.objects:
            if o.kind == "thing" or o.visible < SEEN or (persons and o.kind != "person"):
                continue
            x, y = enu_of(view, o)
            side = float(along[0] * (y - a[1]) - along[1] * (x - a[0]))
            share = float(((x - a[0]) * along[0] + (y - a[1]) * along[1]) / (along @ along))
            here[o.id] = (side, share)
            if o.id in before and before[o.id][0] * side < 0 and 0.02 < share < 0.98:
                found.append((_s(scene, frame), "left_to_right" if side < 0 else "right_to_left"))
        before = here
    return found
