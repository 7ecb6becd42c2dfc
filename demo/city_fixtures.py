"""What reports in the demo city: sixty vehicles with terminals, four hydrology stations, one factory's monitor."""

from __future__ import annotations

import math
from collections.abc import Sequence

from shapely.geometry import LineString
from shapely.geometry import Point as ShapelyPoint

from demo import city_plan as plan
from demo.city_lines import Waters
from demo.city_model import (
    Crossing,
    DemoStation,
    DemoThreshold,
    DemoVehicle,
    NamedPlace,
    Point,
    Service,
)

_TAXIS = 30
# service, how many, radio letter, names, crew, kinds of place they belong to
_FLEETS: tuple[tuple[Service, int, str, str, str, int, tuple[str, ...]], ...] = (
    ("police", 12, "P", "巡逻警车", "Patrol", 2, ("police_station",)),
    ("fire", 6, "F", "消防车", "Engine", 6, ("fire_station",)),
    ("ambulance", 6, "A", "救护车", "Ambulance", 3, ("hospital",)),
    ("municipal", 6, "M", "抢修车", "Utility Crew", 4, ("depot", "waterworks", "gas_station")),
)


def vehicles(
    crossings: Sequence[Crossing], places: Sequence[NamedPlace]
) -> tuple[DemoVehicle, ...]:
    """Sixty vehicles: units at their stations in turn, taxis all over the city."""
    found: list[DemoVehicle] = []
    inner = [c for c in crossings if math.hypot(*c.at) < 1700.0]
    for i in range(_TAXIS):
        home = inner[(i * 97 + 13) % len(inner)]
        found.append(
            DemoVehicle(
                phone=_phone(len(found)),
                plate=f"苏E·T{1001 + i * 37}",
                service="taxi",
                code=None,
                name=f"出租车 T{i + 1:02d}",
                name_en=f"Taxi T{i + 1:02d}",
                home=home.id,
                station=None,
                crew=1,
            )
        )
    for service, count, letter, name, name_en, crew, kinds in _FLEETS:
        stations = [p for kind in kinds for p in places if p.kind == kind]
        for i in range(count):
            station = stations[i % len(stations)]
            found.append(
                DemoVehicle(
                    phone=_phone(len(found)),
                    plate=f"苏E·{letter}{2001 + i * 13}{'警' if service == 'police' else ''}",
                    service=service,
                    code=f"{letter}-{i + 1:02d}",
                    name=f"{name} {i + 1:02d}",
                    name_en=f"{name_en} {i + 1:02d}",
                    home=min(crossings, key=lambda c: math.dist(c.at, station.at)).id,
                    station=station.key,
                    crew=crew,
                )
            )
    return tuple(found)


def stations(water: Waters, places: Sequence[NamedPlace]) -> tuple[DemoStation, ...]:
    """Three water levels, a rain gauge and a factory's waste water monitor, with what calls for people."""
    at = {p.key: p.at for p in places}
    river = LineString(plan.smooth(plan.RIVER))
    bank = river.offset_curve(plan.RIVER_WIDTH_M / 2 + 1.0)
    canal = LineString(plan.smooth(plan.CANALS[0]))
    side = canal.offset_curve(plan.CANAL_WIDTH_M / 2 + 1.0)
    shore = water.lake.exterior.interpolate(water.lake.exterior.project(ShapelyPoint(560, 800)))
    return (
        _level("0032058301", "澄江水位站", "Cheng River Gauge", _near(bank, (-900, -430)), 3.8, 4.2),
        _level("0032058302", "玉带河水位站", "Yudai Canal Gauge", _near(side, (-330, 500)), 3.3, 3.6),
        _level("0032058303", "明月湖水位站", "Mingyue Lake Gauge", (round(shore.x, 2), round(shore.y, 2)), 3.4, 3.7),
        DemoStation(
            "sl651", "0032058304", "rain", "城北雨量站", "Chengbei Rain Gauge", at["park-4"],
            # Rainstorm and heavy rainstorm: 50 and 100 mm in a day (GB/T 28592).
            (DemoThreshold("rain_mm", 50.0, 5.0, 3), DemoThreshold("rain_mm", 100.0, 5.0, 2)),
        ),
        DemoStation(
            "hj212", "32058300000000DEMO000001", "enterprise",
            "江南化工厂废水总排口", "Jiangnan Chemical Plant Outlet", at["chemical"],
            # COD and ammonia nitrogen, mg/L, as the plant's own permit limits them.
            (DemoThreshold("w01018", 60.0, 5.0, 2), DemoThreshold("w21003", 5.0, 0.5, 3)),
        ),
    )  # fmt: skip


def _level(
    key: str, name: str, name_en: str, at: Point, warning_m: float, guaranteed_m: float
) -> DemoStation:
    """A gauge with its warning (警戒) and guaranteed (保证) water level."""
    return DemoStation(
        protocol="sl651",
        key=key,
        kind="water_level",
        name=name,
        name_en=name_en,
        at=at,
        thresholds=(
            DemoThreshold("water_level_m", warning_m, 0.05, 3),
            DemoThreshold("water_level_m", guaranteed_m, 0.05, 2),
        ),
    )


def _near(line: LineString, to: Point) -> Point:
    at = line.interpolate(line.project(ShapelyPoint(to)))
    return (round(at.x, 2), round(at.y, 2))


def _phone(index: int) -> str:
    return f"0139{index + 1:08d}"
