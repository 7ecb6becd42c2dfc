"""The drawn lines of the demo city: water, arterials, the streets along the water and the bridges between them."""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from demo import city_plan as plan
from demo.city_model import RoadClass


@dataclass(frozen=True, slots=True)
class Centreline:
    """A street before it is cut at its crossings."""

    name: str
    name_en: str
    road_class: RoadClass
    line: LineString
    one_way: bool = False


@dataclass(frozen=True, slots=True)
class Waters:
    """The city's water as polygons, and all of it together."""

    river: Polygon
    lake: Polygon
    canals: tuple[Polygon, ...]
    everything: MultiPolygon


def bounds() -> Polygon:
    """The city's square."""
    return box(-plan.HALF_M, -plan.HALF_M, plan.HALF_M, plan.HALF_M)


def waters() -> Waters:
    """River, lake and canals; a canal ends where it meets the river or the lake."""
    river = (
        LineString(plan.smooth(plan.RIVER)).buffer(plan.RIVER_WIDTH_M / 2).intersection(bounds())
    )
    lake = Polygon(plan.smooth(plan.LAKE))
    canals = tuple(
        _largest(
            LineString(plan.smooth(course))
            .buffer(plan.CANAL_WIDTH_M / 2, cap_style="flat")
            .intersection(bounds())
            .difference(river)
            .difference(lake)
        )
        for course in plan.CANALS
    )
    together = shapely.union_all([river, lake, *canals])
    if isinstance(together, Polygon):
        together = MultiPolygon([together])
    return Waters(river, lake, canals, together)


def arterials(water: Waters) -> list[Centreline]:
    """The drawn streets, those along the water, and the bridges over the canals."""
    square = bounds()
    river = LineString(plan.smooth(plan.RIVER))
    bank_m = plan.RIVER_WIDTH_M / 2 + plan.EMBANKMENT_M
    lake_road = water.lake.buffer(plan.LAKE_ROAD_M)
    # Nothing but bridges runs in the strip between the riverside roads, and nothing at all in the lake.
    strip = river.buffer(bank_m - 1.0)
    lines = [
        Centreline(c.name, c.name_en, c.road_class, LineString(plan.smooth(c)))
        for c in plan.ARTERIALS
    ]
    lines.append(
        Centreline("滨江北路", "Binjiang North Rd", "tertiary", river.offset_curve(bank_m))
    )
    lines.append(
        Centreline("滨江南路", "Binjiang South Rd", "tertiary", river.offset_curve(-bank_m))
    )
    lines.append(Centreline("环湖路", "Huanhu Rd", "tertiary", lake_road.exterior))
    for course, (west, east) in zip(
        plan.CANALS,
        (
            (("玉带西街", "Yudai West St"), ("玉带东街", "Yudai East St")),
            (("菱塘西街", "Lingtang West St"), ("菱塘东街", "Lingtang East St")),
            (("西塘西街", "Xitang West St"), ("西塘东街", "Xitang East St")),
        ),
        strict=True,
    ):
        canal = LineString(plan.smooth(course))
        sides = (canal.offset_curve(-plan.CANAL_STREET_M), canal.offset_curve(plan.CANAL_STREET_M))
        dry = [side.difference(strip).difference(lake_road.buffer(-1.0)) for side in sides]
        # Canals are drawn from north to south: the right hand of the line is its west side.
        lines.append(Centreline(*west, "residential", longest(dry[0]), one_way=True))
        lines.append(Centreline(*east, "residential", longest(dry[1]), one_way=True))
        lines.extend(_canal_bridges(canal, dry[0], dry[1], west[0][:2], west[1].split()[0]))
    return [
        Centreline(c.name, c.name_en, c.road_class, longest(c.line.intersection(square)), c.one_way)
        if c.name != "环城路"
        else c
        for c in lines
    ]


def _canal_bridges(
    canal: LineString, west: LineString, east: LineString, name: str, name_en: str
) -> list[Centreline]:
    """Short streets from one canal street to the other, about every 260 m."""
    found: list[Centreline] = []
    reach = shapely.union_all([west, east])
    for number, at_m in enumerate(range(180, int(canal.length) - 150, 260), start=1):
        a, b = canal.interpolate(at_m - 1.0), canal.interpolate(at_m + 1.0)
        dx, dy = (b.x - a.x) / 2.0, (b.y - a.y) / 2.0
        long = LineString([(a.x + dy * 40, a.y - dx * 40), (a.x - dy * 40, a.y + dx * 40)])
        ends = list(shapely.get_parts(long.intersection(reach)))
        if len(ends) == 2:
            found.append(
                Centreline(
                    f"{name}{_chinese(number)}桥", f"{name_en} Bridge {number}", "residential",
                    LineString(ends),
                )
            )  # fmt: skip
    return found


def _chinese(number: int) -> str:
    digits = "零一二三四五六七八九"
    if number < 10:
        return digits[number]
    return (
        ("" if number < 20 else digits[number // 10])
        + "十"
        + (digits[number % 10] if number % 10 else "")
    )


def longest(geometry: shapely.Geometry) -> LineString:
    lines = [
        g for g in shapely.get_parts(shapely.line_merge(geometry)) if isinstance(g, LineString)
    ]
    return max(lines, key=lambda g: g.length) if lines else LineString()


def _largest(geometry: shapely.Geometry) -> Polygon:
    return max(
        (g for g in shapely.get_parts(geometry) if isinstance(g, Polygon)), key=lambda g: g.area
    )
