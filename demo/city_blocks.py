"""What stands between the streets: parks, squares, works, and buildings on every other block."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely import affinity
from shapely.geometry import LineString, Polygon
from shapely.geometry import Point as ShapelyPoint

from demo import city_plan as plan
from demo.city_lines import Waters, bounds
from demo.city_model import (
    Area,
    AreaKind,
    Building,
    BuildingKind,
    Fence,
    NamedPlace,
    Point,
    Ring,
    Street,
    Tree,
)
from demo.city_sites import ESTATE_SUFFIXES, SITES, Site

YARD_M = (54.0, 38.0)
"""The guarded yard behind the waterworks: a fenced, empty rectangle."""


@dataclass(frozen=True, slots=True)
class Block:
    """Land inside the back edges of the sidewalks round it, and what it is used for."""

    ground: Polygon
    use: str
    site: Site | None


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything that stands or grows between the streets."""

    areas: tuple[Area, ...]
    buildings: tuple[Building, ...]
    fences: tuple[Fence, ...]
    trees: tuple[Tree, ...]
    places: tuple[NamedPlace, ...]
    yard: Ring


@dataclass(frozen=True, slots=True)
class _Row:
    """How one use is built up: footprint, gaps and height, all in metres."""

    kind: BuildingKind
    length_m: tuple[float, float]
    depth_m: tuple[float, float]
    gap_m: float
    row_gap_m: float
    height_m: tuple[float, float]
    setback_m: float
    keep: float


_ROWS: dict[str, _Row] = {
    "old": _Row("house", (12, 22), (9, 12), 2.5, 6.0, (4, 11), 2.0, 0.93),
    "slab": _Row("slab", (38, 58), (11.5, 13), 9.0, 17.0, (15, 21), 7.0, 0.94),
    "tower": _Row("tower", (24, 32), (15, 18), 22.0, 34.0, (33, 78), 10.0, 0.9),
    "office": _Row("office", (34, 56), (22, 34), 14.0, 18.0, (14, 62), 6.0, 0.9),
    "industrial": _Row("hall", (50, 90), (24, 40), 14.0, 16.0, (7, 13), 9.0, 0.88),
    "works": _Row("hall", (22, 36), (14, 20), 16.0, 18.0, (5, 9), 9.0, 0.55),
    "public": _Row("public", (38, 60), (15, 20), 16.0, 26.0, (12, 26), 12.0, 0.85),
    "school": _Row("public", (44, 62), (12, 15), 16.0, 26.0, (12, 19), 12.0, 0.62),
    "hospital": _Row("public", (46, 66), (17, 22), 14.0, 22.0, (18, 56), 10.0, 0.85),
    "hall": _Row("hall", (40, 60), (26, 36), 10.0, 12.0, (7, 10), 8.0, 0.95),
    "mall": _Row("office", (42, 64), (30, 42), 12.0, 14.0, (18, 30), 8.0, 1.0),
    "stadium": _Row("public", (44, 60), (24, 34), 30.0, 40.0, (9, 16), 16.0, 0.4),
}


def build(streets: Sequence[Street], water: Waters, rng: random.Random) -> Ground:
    """Fills the blocks between ``streets``."""
    blocks = _blocks(streets, water)
    blocks = _assign(blocks)
    areas: list[Area] = []
    buildings: list[Building] = []
    places: list[NamedPlace] = []
    fences: list[Fence] = []
    trees: list[Tree] = []
    yard: Ring = ()
    names = _estate_names(rng)
    for block in blocks:
        ground = block.ground
        site = block.site
        if site is not None:
            at = ground.representative_point()
            places.append(
                NamedPlace(site.key, site.kind, site.name, site.name_en, _point(at.x, at.y))
            )
            kept_free: Polygon | None = None
            if site.key == "waterworks":
                kept_free = _yard(ground)
                yard = _ring(kept_free)
                fences.append(Fence(yard, 2.4, closed=True))
                areas.append(Area("land", "自来水厂后院", "Waterworks Yard", yard, use="yard"))
            kind: AreaKind = "park" if site.use == "park" else "land"
            areas.append(Area(kind, site.name, site.name_en, _ring(ground), use=site.use))
            if site.use in ("park", "square"):
                trees.extend(_wood(ground, rng, 26.0 if site.use == "park" else 3.0))
            if site.use in _ROWS:
                buildings.extend(_fill(ground, _ROWS[site.use], rng, site, kept_free))
            if site.use in ("works", "industrial", "school"):
                fences.append(Fence(_ring(ground.buffer(-1.0)), 2.2, closed=True))
        elif block.use == "green":
            areas.append(Area("park", None, None, _ring(ground), use="park"))
            trees.extend(_wood(ground, rng, 18.0))
        else:
            made = _fill(ground, _ROWS[block.use], rng, None, None)
            buildings.extend(made)
            use = "residential" if block.use in ("old", "slab", "tower") else "commercial"
            use = "industrial" if block.use == "industrial" else use
            name: str | None = None
            name_en: str | None = None
            if block.use in ("slab", "tower") and len(made) >= 4 and ground.area > 14_000:
                name, name_en = names.pop()
                at = ground.representative_point()
                places.append(
                    NamedPlace(f"estate-{len(places)}", "estate", name, name_en, _point(at.x, at.y))
                )
            areas.append(Area("land", name, name_en, _ring(ground), use=use))
    areas.extend(_water_areas(water))
    areas.extend(_districts())
    trees.extend(_street_trees(streets))
    numbered = tuple(
        Building(i, b.kind, b.ring, b.height_m, b.tint, b.name, b.name_en)
        for i, b in enumerate(buildings, start=1)
    )
    return Ground(
        tuple(areas), numbered, tuple(fences), tuple(trees), tuple(places), yard
    )  # fmt: skip


def _blocks(streets: Sequence[Street], water: Waters) -> list[Block]:
    lines = [LineString(s.line) for s in streets]
    noded = shapely.union_all([*lines, bounds().exterior], grid_size=0.05)
    faces = shapely.get_parts(shapely.polygonize([*shapely.get_parts(noded)]))
    corridors = [
        line.buffer(s.width_m / 2 + s.sidewalk_m, cap_style="flat")
        for s, line in zip(streets, lines, strict=True)
    ]
    tree = shapely.STRtree(corridors)
    wet = water.everything.buffer(5.0)
    found: list[Block] = []
    for face in sorted(faces, key=lambda f: (round(f.centroid.x, 1), round(f.centroid.y, 1))):
        taken = shapely.union_all([corridors[i] for i in tree.query(face)])
        land = face.difference(taken).difference(wet).buffer(-0.5).buffer(0.5)
        for part in shapely.get_parts(land):
            if part.area < 900.0:
                continue
            part = Polygon(part.exterior).simplify(0.3)
            narrow = part.buffer(-14.0).is_empty or part.area < 2_500.0
            near_water = face.intersection(water.everything).area > 0.1 * face.area
            found.append(Block(part, "green" if narrow or near_water else _use(part), None))
    return found


def _use(ground: Polygon) -> str:
    """What an ordinary block is used for, from where it lies."""
    at = ground.centroid
    # A steady choice per place that no other block's draw can shift.
    toss = random.Random(f"{at.x:.0f} {at.y:.0f}").random()
    if at.y < -1250 or (at.x < -1500 and at.y < -900):
        return "industrial" if toss < 0.8 else "slab"
    from_centre_m = math.hypot(at.x, at.y - 100)
    if from_centre_m < 620:
        return "old" if toss < 0.45 else "office" if toss < 0.8 else "slab"
    if at.x > 1350 and toss < 0.25:
        return "industrial"
    if from_centre_m < 1300:
        return (
            "slab" if toss < 0.62 else "tower" if toss < 0.82 else "old" if toss < 0.9 else "office"
        )
    return "tower" if toss < 0.42 else "slab" if toss < 0.86 else "green"


def _assign(blocks: list[Block]) -> list[Block]:
    """Gives each site the nearest free block of its size."""
    taken: dict[int, Site] = {}
    # How far in from its edge a block still has ground.
    holds = {m: [not b.ground.buffer(-m).is_empty for b in blocks] for m in (16.0, 30.0)}
    for site in SITES:
        spot = ShapelyPoint(site.near)
        fitting = [
            i
            for i, b in enumerate(blocks)
            if i not in taken and site.min_m2 <= b.ground.area <= site.max_m2
            and holds[30.0 if site.key == "waterworks" else 16.0][i]
            and (b.use != "green" or site.use == "park")
        ]  # fmt: skip
        taken[min(fitting, key=lambda i: blocks[i].ground.centroid.distance(spot))] = site
    return [
        Block(b.ground, taken[i].use, taken[i]) if i in taken else b for i, b in enumerate(blocks)
    ]


def _fill(
    ground: Polygon,
    row: _Row,
    rng: random.Random,
    site: Site | None,
    kept_free: Polygon | None,
) -> list[Building]:
    """Rows of buildings that face south as nearly as the block allows."""
    buildable = ground.buffer(-row.setback_m)
    if kept_free is not None:
        buildable = buildable.difference(kept_free.buffer(6.0))
    if buildable.is_empty:
        return []
    tilt_deg = _tilt_deg(ground)
    pivot = ground.centroid
    turned = affinity.rotate(buildable, -tilt_deg, origin=pivot)
    shapely.prepare(turned)
    west, south, east, north = turned.bounds
    found: list[Building] = []
    block_height = rng.uniform(*row.height_m)
    y = south + rng.uniform(0.0, 3.0)
    while y < north:
        depth = rng.uniform(*row.depth_m)
        x = west + rng.uniform(0.0, 4.0)
        while x < east:
            length = rng.uniform(*row.length_m)
            for share in (1.0, 0.7):
                footprint = shapely.box(x, y, x + length * share, y + depth)
                if turned.contains(footprint):
                    break
            else:
                x += 4.0
                continue
            if rng.random() < row.keep:
                placed = affinity.rotate(footprint, tilt_deg, origin=pivot)
                height = block_height if row.kind == "slab" else rng.uniform(*row.height_m)
                first = site is not None and not found
                found.append(
                    Building(
                        0,
                        row.kind,
                        _ring(placed),
                        round(height, 1),
                        round(rng.random(), 3),
                        site.name if first and site else None,
                        site.name_en if first and site else None,
                    )
                )
            x += length * share + row.gap_m
        y += depth + row.row_gap_m
    return found


def _tilt_deg(ground: Polygon) -> float:
    """The direction, within ±45° of east, of the block's longest straight side."""
    ring = list(ground.simplify(4.0).exterior.coords)
    a, b = max(itertools.pairwise(ring), key=lambda s: math.dist(*s))
    angle = math.degrees(math.atan2(b[1] - a[1], b[0] - a[0])) % 90.0
    return angle - 90.0 if angle > 45.0 else angle


def _yard(ground: Polygon) -> Polygon:
    """The guarded yard: the first place in the block, from its south-east corner on, where it fits."""
    inside = ground.buffer(-7.0)
    tilt_deg = _tilt_deg(ground)
    pivot = ground.centroid
    turned = affinity.rotate(inside, -tilt_deg, origin=pivot)
    shapely.prepare(turned)
    west, south, east, north = turned.bounds
    for y in _steps(south, north - YARD_M[1]):
        for x in reversed(_steps(west, east - YARD_M[0])):
            place = shapely.box(x, y, x + YARD_M[0], y + YARD_M[1])
            if turned.contains(place):
                return affinity.rotate(place, tilt_deg, origin=pivot)
    raise ValueError("the waterworks' block is too small for its yard: choose another block")


def _steps(low: float, high: float) -> list[float]:
    return [low + i * 3.0 for i in range(max(0, int((high - low) / 3.0) + 1))]


def _wood(ground: Polygon, rng: random.Random, per_ha: float) -> list[Tree]:
    inside = ground.buffer(-5.0)
    shapely.prepare(inside)
    west, south, east, north = ground.bounds
    found: list[Tree] = []
    for _ in range(int((east - west) * (north - south) / 1e4 * per_ha)):
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        if inside.contains(ShapelyPoint(x, y)):
            height = rng.uniform(6.0, 13.0)
            found.append(Tree(_point(x, y), round(height, 1), round(height * 0.55, 1)))
    return found


def _street_trees(streets: Sequence[Street]) -> list[Tree]:
    """A row on each sidewalk of the wider streets, clear of crossings and bridges."""
    found: list[Tree] = []
    for street in streets:
        if street.road_class == "residential" or street.bridge or street.length_m < 70.0:
            continue
        line = LineString(street.line)
        aside = street.width_m / 2 + 1.0
        for side in (aside, -aside):
            row = line.offset_curve(side)
            if row.is_empty or row.length < 60.0:
                continue
            for at_m in range(28, int(row.length) - 27, 15):
                p = row.interpolate(at_m)
                found.append(Tree(_point(p.x, p.y), 7.5, 4.2))
    return found


def _water_areas(water: Waters) -> list[Area]:
    areas = [
        Area("water", plan.RIVER.name, plan.RIVER.name_en, _ring(water.river), use="river"),
        Area("water", plan.LAKE.name, plan.LAKE.name_en, _ring(water.lake), use="lake"),
    ]
    for course, canal in zip(plan.CANALS, water.canals, strict=True):
        areas.append(Area("water", course.name, course.name_en, _ring(canal), use="canal"))
    return areas


def _districts() -> list[Area]:
    """The city's square shared out among the districts' seats, each point to the nearest."""
    seats = [ShapelyPoint(at) for _, _, at in plan.DISTRICTS]
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(seats), extend_to=bounds())
    )
    areas: list[Area] = []
    for (name, name_en, _), seat in zip(plan.DISTRICTS, seats, strict=True):
        cell = next(c for c in cells if c.contains(seat)).intersection(bounds())
        areas.append(Area("district", name, name_en, _ring(cell)))
    return areas


def _estate_names(rng: random.Random) -> list[tuple[str, str]]:
    names = [
        (f"{name}{suffix}", f"{name_en} {suffix_en}")
        for name, name_en in plan.STREET_NAMES
        for suffix, suffix_en in ESTATE_SUFFIXES
    ]
    rng.shuffle(names)
    return names


def _point(x: float, y: float) -> Point:
    return (round(x, 2), round(y, 2))


def _ring(polygon: Polygon) -> Ring:
    return tuple(_point(x, y) for x, y in polygon.exterior.coords[:-1])
