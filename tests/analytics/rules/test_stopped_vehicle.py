"""One stands while others drive; a queue at a light is none of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from analytics.model import Track
from analytics.rules.stopped_vehicle import StoppedVehicle
from tests.support.zones import area_of, placed, played, zone

ROAD = area_of((-25, 12), (25, 12), (25, 40), (-25, 40))


def rule(**changes: Any) -> StoppedVehicle:
    values = {"rule": "stopped_vehicle", "points": ROAD, "classes": ("vehicle",), "dwell_s": 20.0}
    return StoppedVehicle(zone(**(values | changes)))


def car(number: int, t: float, east_m: float, north_m: float = 25.0, **changes: Any) -> Track:
    return placed(number, t, east_m, north_m, kind="vehicle", **changes)


def passing(t: float) -> Track:
    return car(100 + int(t // 6), t, -20 + 7 * (t % 6), 32.0)


def stopping(number: int, t: float, at_m: float, stops_s: float = 2.0) -> Track:
    return car(number, t, at_m - 8 * max(0.0, stops_s - t))


def test_one_stands_while_others_pass() -> None:
    ((at_s, firing),) = played(rule(), 60, lambda t: [stopping(1, t, 0), passing(t)])
    assert 21 <= at_s <= 24
    assert "drove past meanwhile" in firing.why_en and "停驶" in firing.why


def test_alone_it_must_stand_twice_as_long() -> None:
    ((at_s, firing),) = played(rule(), 60, lambda t: [stopping(1, t, 0)])
    assert 41 <= at_s <= 44
    assert "nothing else drove there" in firing.why_en


def test_a_queue_is_no_stopped_vehicle() -> None:
    def queue(t: float) -> list[Track]:
        return [stopping(i, t, -7.0 * i, 2.0 + i) for i in range(3)]

    assert not played(rule(), 120, queue)


def test_a_place_that_wavers_still_stands_and_a_crawl_does_not() -> None:
    rng = np.random.default_rng(2)
    sway = rng.normal(0, 0.25, 600)
    assert len(played(rule(), 60, lambda t: [car(1, t, sway[int(t * 5)]), passing(t)])) == 1
    assert not played(rule(), 60, lambda t: [car(1, t, -20 + 0.6 * t), passing(t)])


def test_again_after_it_drove_on() -> None:
    def stop_and_go(t: float) -> list[Track]:
        if t < 30:
            return [car(1, t, -15), passing(t)]
        return [car(1, t, min(10.0, -15 + 4 * (t - 30))), passing(t)]

    assert len(played(rule(rearm_s=0), 80, stop_and_go)) == 2
