"""What happens in the demo's scenes now and then: a bag is left, a car breaks down, the river rises at its gauge."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from shapely.geometry import Point, Polygon

from demo import weather
from demo.cameras import staff
from demo.cameras.breakdown import BREAKDOWN_AT_S, BREAKDOWN_STANDS_S
from demo.cameras.cast import cast
from demo.cameras.streetmap import StreetMap
from demo.cameras.view import View
from demo.cameras.walkers import BAG_AT_S, BAG_EVERY_S, BAG_LIES_S
from demo.city_picture_zones import STAFF_READS_M
from tests.support.scenes import city, scene

DAY = datetime(2026, 3, 2, tzinfo=UTC).timestamp()


def test_a_bag_lies_at_the_coach_station_at_its_time_and_is_in_the_truth() -> None:
    assert DAY % BAG_EVERY_S == 0
    station = scene("cam-station")
    zone = next(z for z in city().zones if z.rule == "left_object")
    xs, ys = zip(*zone.points, strict=True)
    for into_s, there in (
        (BAG_AT_S - 3, False),
        (BAG_AT_S + 60, True),
        (BAG_AT_S + BAG_LIES_S + 3, False),
    ):
        truth = station.truth(station.seen(DAY + into_s))
        bags = [each for each in truth if each.kind == "thing"]
        assert len(bags) == there
        for bag in bags:
            x, y, w, h = bag.box_px
            assert (
                min(xs) * 960 < x + w / 2 < max(xs) * 960 and min(ys) * 540 < y + h < max(ys) * 540
            )


def test_the_staff_stands_in_the_water_as_the_station_measures() -> None:
    station = next(s for s in city().stations if s.key == "0032058301")
    warning = min(t.limit_value for t in station.thresholds)
    assert warning == staff.WARNING_M
    assert staff.level_m(DAY + 77.0) == weather.water_level_m(DAY + 77.0, warning, 0.0)
    zone = next(z for z in city().zones if z.rule == "water_level")
    assert zone.arrow is not None and zone.gauge_m == STAFF_READS_M
    river = scene("cam-river")
    low = river.picture(DAY + 100.0, []).copy()
    high = river.picture(DAY + 240.0, []).copy()
    (x, bottom), (_, top) = ((round(a * 960), round(b * 540)) for a, b in zone.arrow)
    changed = (
        np.abs(low.astype(int) - high.astype(int))
        .sum(axis=2)[top:bottom, x - 4 : x + 5]
        .mean(axis=1)
    )
    rows = np.flatnonzero(changed > 40)
    share = 1 - rows / (bottom - top)
    # What changed is the part of the staff between the two levels.
    reads = STAFF_READS_M[0] + share * (STAFF_READS_M[1] - STAFF_READS_M[0])
    assert staff.level_m(DAY + 100.0) - 0.25 < reads.max() < staff.level_m(DAY + 240.0) + 0.25


def test_a_car_breaks_down_before_the_school_and_the_traffic_goes_round_it() -> None:
    view = View(city(), next(c for c in city().cameras if c.code == "cam-school"))
    zone = next(z for z in city().zones if z.rule == "stopped_vehicle")
    ring = Polygon(view.local(zone.ground))
    actors = cast(view, StreetMap(view))
    begins = DAY + BREAKDOWN_AT_S
    passed: set[str] = set()
    for t in np.arange(begins + 1.0, begins + BREAKDOWN_STANDS_S - 1.0, 0.5):
        there = {p.id: p for p in actors.at(float(t)) if p.kind == "vehicle"}
        stands = there.pop("breakdown")
        assert stands.speed_ms == 0.0
        assert ring.contains(Point(stands.east_m, stands.north_m))
        for other in there.values():
            away_m = np.hypot(other.east_m - stands.east_m, other.north_m - stands.north_m)
            assert away_m > 2.0, f"{other.id} drives through it"
            if away_m < 6.0:
                passed.add(other.id)
    assert len(passed) > 10
    driving = [p for p in actors.at(begins - 12.0) if p.id == "breakdown"]
    assert driving and driving[0].speed_ms > 5.0
