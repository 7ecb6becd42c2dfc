"""From the drawn plan to a street graph: arterials, riverside and canal streets, then blocks split in turn."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from shapely.geometry import LineString, Polygon
from shapely.geometry import Point as ShapelyPoint

from demo import city_plan as plan
from demo.city_joins import weld
from demo.city_lines import Centreline, Waters, bounds, longest
from demo.city_model import ROAD_SHAPES, Crossing, Point, RoadClass, Street

_GRID_M = 0.05
_SNAP_M = 34.0  # a new street that would end this near a crossing goes to the crossing itself
_MIN_SIDE_M = 95.0


class _Namer:
    """Gives out street names, each once; a long street is a 路, a short one a 街, 巷 or 弄."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._left: dict[str, list[tuple[str, str]]] = {}
        self._kinds = {"路": "Rd", "街": "St", "巷": "Ln", "弄": "Alley"}
        for kind in self._kinds:
            names = list(plan.STREET_NAMES)
            rng.shuffle(names)
            self._left[kind] = names
        self._round = 0

    def take(self, length_m: float) -> tuple[str, str]:
        kinds = ["路", "街"] if length_m > 260 else ["街", "巷", "弄"]
        kind = self._rng.choice(kinds)
        if not self._left[kind]:
            kind = max(self._left, key=lambda k: len(self._left[k]))
        name, name_en = self._left[kind].pop()
        return f"{name}{kind}", f"{name_en} {self._kinds[kind]}"


def split_blocks(
    drawn: Sequence[Centreline], water: Waters, rng: random.Random
) -> list[Centreline]:
    """Streets between the arterials: each large block is cut across its long side, and so on."""
    noded = shapely.union_all([*(c.line for c in drawn), bounds().exterior], grid_size=_GRID_M)
    junctions = _junctions(noded)
    namer = _Namer(rng)
    streets: list[Centreline] = []
    todo = [
        (face, 0)
        for face in sorted(
            shapely.get_parts(shapely.polygonize([*shapely.get_parts(noded)])),
            key=lambda f: (round(f.centroid.x, 1), round(f.centroid.y, 1)),
        )
    ]
    while todo:
        face, depth = todo.pop()
        wet = face.intersection(water.everything).area / face.area
        if wet > 0.12 or face.area < _target_m2(face.centroid, rng):
            continue
        cut = _cut(face, junctions, rng)
        if cut is None:
            continue
        halves = [
            part
            for part in shapely.get_parts(shapely.polygonize([*shapely.get_parts(shapely.union_all([face.exterior, cut], grid_size=_GRID_M))]))
            if part.area > 50.0
        ]  # fmt: skip
        if len(halves) < 2:
            continue
        road_class: RoadClass = "tertiary" if face.area > 230_000 and depth < 2 else "residential"
        name, name_en = namer.take(cut.length)
        one_way = road_class == "residential" and cut.length > 150 and rng.random() < 0.08
        streets.append(Centreline(name, name_en, road_class, cut, one_way))
        junctions.extend([cut.coords[0], cut.coords[-1]])
        todo.extend((half, depth + 1) for half in halves)
    return streets


def _target_m2(at: ShapelyPoint, rng: random.Random) -> float:
    """How large a block may stay: small in the old town, large where the factories are."""
    from_centre_m = math.hypot(at.x, at.y)
    if from_centre_m < 800:
        size = 30_000
    elif from_centre_m < 1500:
        size = 46_000
    else:
        size = 70_000
    if at.y < -1300:
        size = max(size, 85_000)
    return size * rng.uniform(0.75, 1.35)


def _cut(face: Polygon, junctions: list[Point], rng: random.Random) -> LineString | None:
    """A slightly bent line across the middle of a block, or None when the block is too narrow for two."""
    frame = list(face.minimum_rotated_rectangle.exterior.coords)
    sides = [(frame[0], frame[1]), (frame[1], frame[2])]
    long, short = sorted(sides, key=lambda s: math.dist(*s), reverse=True)
    if math.dist(*long) < 2 * _MIN_SIDE_M:
        return None
    ux, uy = _unit(*long)
    vx, vy = _unit(*short)
    centre = face.minimum_rotated_rectangle.centroid
    reach_m = math.dist(*long) + math.dist(*short)
    roomy = face.buffer(0.5)
    shapely.prepare(roomy)
    west, south, east, north = roomy.bounds
    corners = [
        j
        for j in junctions
        if west <= j[0] <= east and south <= j[1] <= north
        and face.exterior.distance(ShapelyPoint(j)) < 0.2
    ]  # fmt: skip
    best: tuple[float, LineString] | None = None
    for _ in range(7):
        along_m = rng.uniform(-0.11, 0.11) * math.dist(*long)
        turn = math.radians(rng.gauss(0.0, 4.0))
        wx = vx * math.cos(turn) - vy * math.sin(turn)
        wy = vx * math.sin(turn) + vy * math.cos(turn)
        x, y = centre.x + ux * along_m, centre.y + uy * along_m
        straight = LineString(
            [(x - wx * reach_m, y - wy * reach_m), (x + wx * reach_m, y + wy * reach_m)]
        )
        inside = longest(straight.intersection(face))
        if inside.is_empty or inside.length < 40.0:
            continue
        ends = [inside.coords[0], inside.coords[-1]]
        snapped = [_snap(end, corners) for end in ends]
        start, end = snapped
        if math.dist(start, end) < 60.0:
            continue
        bend = rng.gauss(0.0, 0.025) * math.dist(start, end)
        dx, dy = _unit(start, end)
        share = rng.uniform(0.35, 0.65)
        middle = (
            start[0] + (end[0] - start[0]) * share - dy * bend,
            start[1] + (end[1] - start[1]) * share + dx * bend,
        )
        line = LineString([start, middle, end])
        if not roomy.contains(line):
            line = LineString([start, end])
        if not roomy.contains(line) or _too_flat(line, face):
            continue
        # Whole crossings are better than two T-junctions side by side.
        score = sum(a != b for a, b in zip(ends, snapped, strict=True)) - abs(along_m) / 200.0
        if best is None or score > best[0]:
            best = (score, line)
    return best[1] if best else None


def _too_flat(line: LineString, face: Polygon) -> bool:
    """Whether the line leaves so thin a slice of the block that nothing can stand on it."""
    parts = _sides(face, line)
    return len(parts) < 2 or min(p.buffer(-26).area for p in parts) < 400.0


def _sides(face: Polygon, line: LineString) -> list[Polygon]:
    noded = shapely.union_all([face.exterior, line], grid_size=_GRID_M)
    return [
        p
        for p in shapely.get_parts(shapely.polygonize([*shapely.get_parts(noded)]))
        if p.area > 50.0
    ]


def _snap(end: Point, corners: list[Point]) -> Point:
    near = min(corners, key=lambda j: math.dist(end, j), default=end)
    return near if math.dist(end, near) < _SNAP_M else end


def _junctions(noded: shapely.Geometry) -> list[Point]:
    count: dict[Point, int] = defaultdict(int)
    for part in shapely.get_parts(noded):
        for end in (part.coords[0], part.coords[-1]):
            count[end] += 1
    return [at for at, n in count.items() if n > 2]


def graph(
    lines: Sequence[Centreline], water: Waters
) -> tuple[tuple[Crossing, ...], tuple[Street, ...]]:
    """Cuts all streets where they meet, none left shorter than 5 m. The largest connected part is the city; the rest is dropped."""
    noded = shapely.union_all([c.line for c in lines], grid_size=_GRID_M)
    tree = shapely.STRtree([c.line for c in lines])
    pieces: list[tuple[Centreline, LineString]] = []
    for part in shapely.get_parts(noded):
        middle = part.interpolate(0.5, normalized=True)
        near = min(tree.query(middle.buffer(1.0)), key=lambda i: lines[i].line.distance(middle))
        owner = lines[near]
        if owner.one_way and owner.line.project(ShapelyPoint(part.coords[0])) > owner.line.project(
            ShapelyPoint(part.coords[-1])
        ):
            part = part.reverse()
        pieces.append((owner, part))
    pieces = _join_through(weld(pieces))
    pieces = _connected(pieces)
    pieces.sort(key=lambda p: (p[0].name_en, p[1].coords[0], p[1].coords[-1]))
    number: dict[Point, int] = {}
    meeting: dict[int, set[Centreline]] = defaultdict(set)
    streets: list[Street] = []
    for owner, part in pieces:
        ends = []
        for at in (part.coords[0], part.coords[-1]):
            ends.append(number.setdefault((at[0], at[1]), len(number)))
            meeting[ends[-1]].add(owner)
        streets.append(
            Street(
                id=len(streets) + 1,
                source=ends[0],
                target=ends[1],
                road_class=owner.road_class,
                name=owner.name,
                name_en=owner.name_en,
                one_way=owner.one_way,
                bridge=part.intersection(water.everything).length > 5.0,
                line=tuple((round(x, 2), round(y, 2)) for x, y in part.coords),
                length_m=round(part.length, 2),
            )
        )
    streets = _all_reached(streets, len(number))
    order = list(ROAD_SHAPES)
    crossings = []
    for at, i in number.items():
        owners = sorted(meeting[i], key=lambda c: (order.index(c.road_class), c.name_en))
        large = sum(c.road_class in ("primary", "secondary") for c in owners)
        names = tuple(dict.fromkeys((c.name, c.name_en) for c in owners))
        crossings.append(Crossing(i, (round(at[0], 2), round(at[1], 2)), names, signals=large >= 2))
    return tuple(crossings), tuple(streets)


def _all_reached(streets: list[Street], crossings: int) -> list[Street]:
    """Opens one-way streets to both ways where some crossing could else not be driven to or not be left."""
    while True:
        forward = [(s.source, s.target) for s in streets]
        backward = [(s.target, s.source) for s in streets if not s.one_way]
        starts, ends = np.array(forward + backward).T
        graph = csr_matrix((np.ones(len(starts)), (starts, ends)), shape=(crossings, crossings))
        _, part = connected_components(graph, connection="strong")
        if part.max() == 0:
            return streets
        streets = [
            replace(s, one_way=s.one_way and bool(part[s.source] == part[s.target]))
            for s in streets
        ]


def _join_through(
    pieces: list[tuple[Centreline, LineString]],
) -> list[tuple[Centreline, LineString]]:
    """Joins two pieces of one street where nothing else meets them."""
    at_node: dict[Point, list[int]] = defaultdict(list)
    for i, (_, part) in enumerate(pieces):
        for end in (part.coords[0], part.coords[-1]):
            at_node[end].append(i)
    parts: list[tuple[Centreline, LineString] | None] = list(pieces)
    for at, ids in at_node.items():
        if len(ids) != 2 or ids[0] == ids[1]:
            continue
        first, second = parts[ids[0]], parts[ids[1]]
        if first is None or second is None or first[0] is not second[0]:
            continue
        a, b = list(first[1].coords), list(second[1].coords)
        if a[0] == at and b[-1] == at:
            a, b = b, a
        elif not (a[-1] == at and b[0] == at):
            if first[0].one_way:
                continue
            a = a if a[-1] == at else a[::-1]
            b = b if b[0] == at else b[::-1]
        joined = LineString(a + b[1:])
        parts[ids[0]] = (first[0], joined)
        parts[ids[1]] = None
        for far in (joined.coords[0], joined.coords[-1]):
            at_node[far] = [ids[0] if i == ids[1] else i for i in at_node[far]]
    return [p for p in parts if p is not None]


def _connected(pieces: list[tuple[Centreline, LineString]]) -> list[tuple[Centreline, LineString]]:
    parent: dict[Point, Point] = {}

    def find(p: Point) -> Point:
        while parent.setdefault(p, p) != p:
            parent[p] = parent[parent[p]]
            p = parent[p]
        return p

    for _, part in pieces:
        parent[find(part.coords[0])] = find(part.coords[-1])
    length: dict[Point, float] = defaultdict(float)
    for _, part in pieces:
        length[find(part.coords[0])] += part.length
    main = max(length, key=lambda p: length[p])
    return [p for p in pieces if find(p[1].coords[0]) == main]


def _unit(a: Point, b: Point) -> Point:
    length = math.dist(a, b)
    return ((b[0] - a[0]) / length, (b[1] - a[1]) / length)
