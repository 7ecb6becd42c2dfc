"""Hardly moving, for longer than a red light, and over again."""

from __future__ import annotations

from typing import Any

from analytics.model import Track
from analytics.rules.congestion import Congestion
from tests.support.zones import area_of, foot_of, placed, played, zone

ROAD = area_of((-25, 12), (25, 12), (25, 40), (-25, 40))


def rule(**changes: Any) -> Congestion:
    values = {
        "rule": "congestion", "points": ROAD, "classes": ("vehicle",), "threshold": 2.5, "dwell_s": 30.0, "rearm_s": 0.0
    }  # fmt: skip
    return Congestion(zone(**(values | changes)))


def flow(t: float, speed_ms: float, n: int = 5, lane_m: float = 25.0) -> list[Track]:
    """A column of cars that drives round and round through the picture."""
    out = []
    for i in range(n):
        way_m = i * 9 + speed_ms * t
        lap, east = divmod(way_m, 44)
        out.append(placed((int(lap) + 1000) * 50 + i, t, east - 22, lane_m, kind="vehicle"))
    return out


def test_a_jam_fires_once_with_its_level() -> None:
    ((at_s, firing),) = played(rule(), 90, lambda t: flow(t, 2.0))
    assert 30 <= at_s <= 42
    assert firing.kind == "vehicle" and firing.value is not None and 1.5 <= firing.value <= 2.5
    assert "Congestion on" in firing.why_en and "Heavy" not in firing.why_en
    ((_, heavy),) = played(rule(), 90, lambda t: flow(t, 0.5))
    assert "Heavy congestion" in heavy.why_en and "严重拥堵" in heavy.why


def test_a_red_light_and_a_single_slow_car_are_none() -> None:
    def lights(t: float) -> list[Track]:
        cycles, phase = divmod(t, 40)
        return flow(0.0, 0.0) if phase < 20 else flow(phase - 20 + cycles * 0, 9.0)

    assert not played(rule(), 120, lights)
    assert not played(rule(), 120, lambda t: flow(t, 0.5, n=1))
    assert not played(rule(), 60, lambda t: flow(t, 9.0))
    assert not played(rule(), 60, lambda t: [])


def test_over_when_it_flows_and_then_again() -> None:
    def twice(t: float) -> list[Track]:
        return flow(t, 1.0) if t % 120 < 60 else flow(t, 10.0)

    assert len(played(rule(), 240, twice, fps=3)) == 2


def test_the_other_way_does_not_count() -> None:
    east = (foot_of(-3, 25), foot_of(3, 25))

    def both(t: float) -> list[Track]:
        against = flow(t, -1.2, lane_m=32.0)
        return flow(t, 9.0) + against

    assert len(played(rule(dwell_s=20), 60, lambda t: flow(t, -1.2, lane_m=32.0))) == 1
    assert not played(rule(dwell_s=20, arrow=east), 60, both)
