"""What stands on the ground besides buildings and trees: lamps, signals, fences, railings, benches, tanks."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from demo.cameras.canvas import Canvas
from demo.cameras.path import Path
from demo.cameras.streetmap import Arm, StreetMap
from demo.cameras.view import View

Floats = NDArray[np.float64]
STEEL = (150, 150, 146)
DARK = (70, 72, 74)
WHITE = (214, 216, 216)


def draw(canvas: Canvas, streets: StreetMap) -> None:
    """Draws all of it."""
    for fence in canvas.view.city.fences:
        ring = canvas.view.local(fence.line)
        line = np.concatenate([ring, ring[:1]]) if fence.closed else ring
        if canvas.view.in_sight(line, 40.0, 160.0) or canvas.view.camera.views == "yard":
            _fence(canvas, line, fence.height_m)
    for street in streets.streets:
        if street.road_class != "residential":
            _lamps(canvas, streets.lines[street.id], street.width_m / 2 + 0.7)
    for arms in streets.arms.values():
        for arm in arms:
            if streets.crossings[arm.crossing].signals and arm.zebra:
                _signal(canvas, arm)
    {"square": _square, "river": _river, "yard": _yard}.get(canvas.view.camera.views, _nothing)(
        canvas
    )


def _nothing(canvas: Canvas) -> None:
    del canvas


def _point(at: tuple[float, float, float] | Floats, up: float) -> Floats:
    return np.array([at[0], at[1], up])


def _near(canvas: Canvas, at: tuple[float, float, float], reach_m: float) -> bool:
    point = np.array([[at[0], at[1]]])
    return math.hypot(at[0], at[1]) > 4.0 and canvas.view.in_sight(point, 3.0, reach_m)


def _fence(canvas: Canvas, line: Floats, height_m: float) -> None:
    """Posts each 2.5 m, rails, and upright bars where they can be told apart."""
    path = Path(line)
    count = max(2, int(path.length_m / 2.5))
    stations = np.linspace(0, path.length_m, count + 1)
    posts = [path.at(s) for s in stations]
    for i, post in enumerate(posts[:-1]):
        after = posts[i + 1]
        away = math.hypot(post[0], post[1])
        if not canvas.view.in_sight(np.array([post[:2], after[:2]]), 4.0, 170.0):
            continue
        canvas.rod(_point(post, 0), _point(post, height_m + 0.1), 0.08, DARK)
        for up in (0.25, height_m - 0.15):
            canvas.rod(_point(post, up), _point(after, up), 0.05, DARK)
        bars = 10 if away < 28 else 5 if away < 60 else 0
        for share in np.arange(1, bars) / max(bars, 1):
            foot = np.array(post) * (1 - share) + np.array(after) * share
            canvas.rod(_point(foot, 0.25), _point(foot, height_m), 0.022, (84, 88, 88))


def _lamp_stations(path: Path) -> Iterator[tuple[float, float]]:
    """Station and side (-1 left, 1 right) of every lamp along a street."""
    for index, station in enumerate(np.arange(20.0, path.length_m - 15.0, 34.0)):
        yield float(station), 1.0 if index % 2 else -1.0


def lamp_heads(view: View, streets: StreetMap, reach_m: float = 200.0) -> Floats:
    """Where street lamps, and those of a square, give light: ``(N, 3)`` local metres."""
    heads = []
    for street in streets.streets:
        path, aside_m = streets.lines[street.id], street.width_m / 2 + 0.7
        for station, side in _lamp_stations(path):
            x, y, _ = path.at(station, side * (aside_m - 3.0))
            heads.append((x, y, 9.15 if street.road_class != "residential" else 5.5))
    if view.camera.views == "square":
        heads += [(at[0], at[1], 4.1) for index, at in _square_ring(view) if index % 3 == 0]
    if view.camera.views == "yard":
        ring = view.local(next(a for a in view.city.areas if a.use == "yard").ring)
        heads += [(float(x), float(y), 6.0) for x, y in ring]
    near = [head for head in heads if math.hypot(head[0], head[1]) < reach_m]
    return np.array(near, dtype=np.float64).reshape(-1, 3)


def _lamps(canvas: Canvas, path: Path, aside_m: float) -> None:
    for station, side in _lamp_stations(path):
        foot = path.at(station, side * aside_m)
        if not _near(canvas, foot, 240.0):
            continue
        arm = path.at(station, side * (aside_m - 2.2))
        canvas.rod(_point(foot, 0.0), _point(foot, 8.6), 0.15, STEEL)
        canvas.rod(_point(foot, 8.5), _point(arm, 9.1), 0.09, STEEL)
        head = path.at(station, side * (aside_m - 3.0))
        canvas.rod(_point(arm, 9.1), _point(head, 9.15), 0.28, (206, 206, 200))


def signal_head(arm: Arm) -> tuple[Floats, Floats]:
    """Middle of the box with lamps over an arm, and the way it faces; both ``(3,)``.

    It hangs beyond the crossing, for the traffic that comes from the other side and leaves by this arm.
    """
    at = arm.path.at(arm.stop_m + 1.0, arm.street.width_m / 2 - 3.4)
    turn = math.radians(at[2] + 180.0)
    return _point(at, 5.55), np.array([math.sin(turn), math.cos(turn), 0.0])


def _signal(canvas: Canvas, arm: Arm) -> None:
    foot = arm.path.at(arm.stop_m + 1.0, arm.street.width_m / 2 + 0.8)
    if not _near(canvas, foot, 200.0):
        return
    centre, facing = signal_head(arm)
    canvas.rod(_point(foot, 0.0), _point(foot, 6.4), 0.18, DARK)
    canvas.rod(_point(foot, 6.3), centre + np.array([0.0, 0.0, 0.7]), 0.12, DARK)
    heading = math.atan2(facing[0], facing[1])
    low = centre - np.array([0.0, 0.0, 0.6])
    canvas.box(low, np.array([0.24, 0.46, 1.2]), heading, (44, 46, 46))


def _square_ring(view: View) -> Iterator[tuple[int, tuple[float, float, float]]]:
    """Where benches, lamps and planters stand on the square, in turn."""
    area = next(a for a in view.city.areas if a.use == "square")
    shape = Polygon(view.local(area.ring))
    for inset, step in ((6.0, 11.0), (20.0, 14.0)):
        ring = shape.buffer(-inset)
        if ring.is_empty:
            continue
        path = Path(np.array(ring.exterior.coords))
        for index, station in enumerate(np.arange(0.0, path.length_m, step)):
            at = path.at(station)
            if math.hypot(at[0], at[1]) >= 12.0:
                yield index, at


def square_spots(view: View) -> Floats:
    """The middles of what stands on the square, ``(N, 2)``."""
    return np.array([at[:2] for _, at in _square_ring(view)])


def _square(canvas: Canvas) -> None:
    view = canvas.view
    for index, at in _square_ring(view):
        if not _near(canvas, at, 150.0):
            continue
        heading = math.radians(at[2])
        if index % 3 == 0:
            _lamp_post(canvas, at)
        elif index % 3 == 1:
            _bench(canvas, at, heading)
        else:
            _planter(canvas, at, heading)
    area = next(a for a in view.city.areas if a.use == "square")
    centre = Polygon(view.local(area.ring)).centroid
    _flagpoles(canvas, view, centre.x, centre.y)


def _lamp_post(canvas: Canvas, at: tuple[float, float, float]) -> None:
    canvas.rod(_point(at, 0), _point(at, 3.8), 0.10, DARK)
    canvas.box(_point(at, 3.8), np.array([0.34, 0.34, 0.42]), 0.0, (222, 226, 226))


def _bench(canvas: Canvas, at: tuple[float, float, float], heading: float) -> None:
    canvas.box(_point(at, 0.40), np.array([1.8, 0.45, 0.07]), heading, (72, 108, 150))
    canvas.box(_point(at, 0.0), np.array([1.5, 0.30, 0.40]), heading, (120, 122, 124))


def _planter(canvas: Canvas, at: tuple[float, float, float], heading: float) -> None:
    canvas.box(_point(at, 0.0), np.array([2.6, 1.3, 0.45]), heading, (176, 182, 188))
    canvas.box(_point(at, 0.45), np.array([2.3, 1.0, 0.32]), heading, (58, 118, 84))
    rng = np.random.default_rng(int(abs(at[0] * 7 + at[1] * 13)))
    for _ in range(16):
        along, across = rng.uniform(-1.05, 1.05), rng.uniform(-0.42, 0.42)
        x = at[0] + math.sin(heading) * along + math.cos(heading) * across
        y = at[1] + math.cos(heading) * along - math.sin(heading) * across
        colour = ((90, 80, 214), (120, 190, 236), (190, 120, 210))[int(rng.integers(0, 3))]
        canvas.box(np.array([x, y, 0.74]), np.array([0.2, 0.2, 0.12]), heading, colour)


def _flagpoles(canvas: Canvas, view: View, x: float, y: float) -> None:
    for index in (-1, 0, 1):
        side = np.array([x, y]) + view.right * 3.0 * index
        top = 12.0 if index == 0 else 10.5
        canvas.rod(_point(side, 0), _point(side, top), 0.12, WHITE)
        flag = np.array(
            [
                _point(side, top - 0.2),
                _point(side + view.right * 2.2, top - 0.3),
                _point(side + view.right * 2.1, top - 1.7),
                _point(side, top - 1.6),
            ]
        )
        colour = np.array([40.0, 40.0, 205.0]) if index == 0 else np.array([170.0, 120.0, 50.0])
        canvas.face(flag, colour)
    canvas.box(
        _point((x, y, 0.0), 0.0),
        np.array([9.0, 4.0, 0.5]),
        math.atan2(*view.ahead) + math.pi / 2,
        (190, 196, 200),
    )


def _river(canvas: Canvas) -> None:
    """A stone balustrade along both banks, with a gap where the steps go down to the landing."""
    view = canvas.view
    for area in view.city.areas:
        if area.kind != "water":
            continue
        shape = Polygon(view.local(area.ring))
        line = Path(np.array(shape.buffer(0.6).exterior.coords))
        stations = np.arange(0.0, line.length_m, 2.0)
        for station in stations:
            at, after = line.at(station), line.at(station + 2.0)
            if not _near(canvas, at, 260.0) or math.hypot(at[0], at[1]) < 5.0:
                continue
            canvas.rod(_point(at, 0.0), _point(at, 1.1), 0.16, (186, 192, 196))
            canvas.rod(_point(at, 0.95), _point(after, 0.95), 0.10, (190, 196, 200))
            if math.hypot(at[0], at[1]) < 90:
                canvas.rod(_point(at, 0.5), _point(after, 0.5), 0.07, (180, 186, 190))


def _yard_plan(view: View) -> tuple[Floats, Floats, Floats, float]:
    """The guarded yard's middle, its long axis, the direction away from the camera across it, and its heading."""
    ring = view.local(next(a for a in view.city.areas if a.use == "yard").ring)
    centre = ring.mean(axis=0)
    edges = np.roll(ring, -1, axis=0) - ring
    long = edges[int(np.hypot(edges[:, 0], edges[:, 1]).argmax())]
    along = long / np.hypot(*long)
    across = np.array([along[1], -along[0]])
    away = across if (centre + across) @ centre > centre @ centre else -across
    return centre, along, away, math.atan2(long[0], long[1])


_TANKS_M = (-9.0, 3.5)
_TANK_M = (4.6, 5.2)  # radius, height
_HOUSE_M = (9.0, 6.0, 3.4)


def shadow_casters(view: View) -> list[tuple[Floats, float]]:
    """Footprint ``(N, 2)`` and height of what stands large enough to throw a shadow of its own."""
    found: list[tuple[Floats, float]] = []
    if view.camera.views == "yard":
        centre, along, away, _ = _yard_plan(view)
        angle = np.linspace(0, 2 * math.pi, 24, endpoint=False)
        circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        for offset in _TANKS_M:
            middle = centre + along * offset + away * 9.0
            found.append((middle + _TANK_M[0] * circle, _TANK_M[1]))
        house = centre + along * 17.0 + away * 10.0
        half = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]) * _HOUSE_M[:2]
        found.append((house + half[:, :1] * along + half[:, 1:] * away, _HOUSE_M[2]))
    if view.camera.views == "square":
        for index, at in _square_ring(view):
            if index % 3 and math.hypot(at[0], at[1]) < 90.0:
                heading = math.radians(at[2])
                along = np.array([math.sin(heading), math.cos(heading)])
                across = np.array([along[1], -along[0]])
                size = (1.3, 0.65) if index % 3 == 2 else (0.9, 0.2)
                corners = [
                    np.array(at[:2]) + s * size[0] * along + t * size[1] * across
                    for s, t in ((-1, -1), (1, -1), (1, 1), (-1, 1))
                ]
                found.append((np.array(corners), 0.7 if index % 3 == 2 else 0.45))
    return found


def _yard(canvas: Canvas) -> None:
    """A tank, pipes and a pump house in the guarded yard."""
    centre, along, away, heading = _yard_plan(canvas.view)
    for offset in _TANKS_M:
        _tank(canvas, centre + along * offset + away * 9.0, *_TANK_M)
    house = centre + along * 17.0 + away * 10.0
    length, depth, height = _HOUSE_M
    canvas.box(_point((*house, 0.0), 0.0), np.array(_HOUSE_M), heading, (196, 204, 210))
    roof = np.array([length + 0.6, depth + 0.6, 0.35])
    canvas.box(_point((*house, 0.0), height), roof, heading, (120, 112, 104))
    front = house - away * (depth / 2 + 0.02)
    canvas.box(_point((*front, 0.0), 0.0), np.array([1.2, 0.06, 2.2]), heading, (140, 104, 70))
    for side in (-3.0, 2.6):
        window = front + along * side
        canvas.box(
            _point((*window, 0.0), 1.2), np.array([1.5, 0.06, 1.1]), heading, (120, 112, 100)
        )
    for lane in (0.0, 0.9):
        start = centre + along * -20.0 + away * (2.6 + lane)
        end = centre + along * 12.0 + away * (2.6 + lane)
        canvas.rod(_point((*start, 0.0), 0.5), _point((*end, 0.0), 0.5), 0.42, (176, 128, 66))
        for share in np.linspace(0.05, 0.95, 8):
            foot = start * (1 - share) + end * share
            canvas.box(
                _point((*foot, 0.0), 0.0), np.array([0.3, 0.5, 0.3]), heading, (150, 154, 156)
            )


def _tank(canvas: Canvas, at: Floats, radius_m: float, height_m: float) -> None:
    angle = np.linspace(0, 2 * math.pi, 40, endpoint=False)
    ring = at + radius_m * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    colour = np.array([206.0, 206.0, 200.0])
    for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        canvas.face(np.array([[*a, 0], [*b, 0], [*b, height_m], [*a, height_m]]), colour)
    for low, high in ((0.3, 0.6), (height_m - 0.9, height_m - 0.5)):
        wide = at + (radius_m + 0.02) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        for a, b in zip(wide, np.roll(wide, -1, axis=0), strict=True):
            canvas.face(
                np.array([[*a, low], [*b, low], [*b, high], [*a, high]]),
                np.array([170.0, 120.0, 60.0]),
            )
    canvas.face(
        np.column_stack([ring, np.full(len(ring), height_m)]), np.array([190.0, 192.0, 190.0])
    )
    for up in np.arange(0.3, height_m, 0.35):
        toward = at - at / np.hypot(*at) * (radius_m + 0.12)
        side = np.array([toward[1], -toward[0]]) / np.hypot(*toward) * 0.25
        canvas.rod(_point(toward - side, up), _point(toward + side, up), 0.03, DARK)
