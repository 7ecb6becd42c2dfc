"""Against the arrow for some metres: not standing, not the jitter of a turn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from analytics.model import Track
from analytics.rules.wrong_way import WrongWay
from tests.support.zones import area_of, foot_of, placed, played, zone

ROAD = area_of((-6, 12), (6, 12), (6, 45), (-6, 45))
AWAY = (foot_of(0, 20), foot_of(0, 26))  # the right way leads away from the camera


def rule(**changes: Any) -> WrongWay:
    values = {
        "rule": "wrong_way",
        "points": ROAD,
        "arrow": AWAY,
        "classes": ("vehicle",),
        "dwell_s": 1.5,
    }
    return WrongWay(zone(**(values | changes)))  # fmt: skip


def car(number: int, t_s: float, north_m: float, east_m: float = 0.0, **changes: Any) -> Track:
    return placed(number, t_s, east_m, north_m, kind="vehicle", **changes)


@pytest.mark.parametrize("fixed", [True, False])
def test_the_wrong_way_fires_once_and_the_right_way_never(fixed: bool) -> None:
    fired = played(rule(), 6, lambda t: [car(1, t, 40 - 4 * t, fixed=fixed)], posed=fixed)
    ((at_s, firing),) = fired
    assert 1.4 <= at_s <= (2.2 if fixed else 5.0)
    assert firing.value is not None and firing.value >= 6.0
    assert "against the way of “East gate”" in firing.why_en and "逆行" in firing.why
    assert ("estimated" in firing.why_en) is not fixed
    assert not played(rule(), 6, lambda t: [car(1, t, 14 + 4 * t, fixed=fixed)], posed=fixed)


def test_standing_jitter_and_a_sidestep_do_not_fire() -> None:
    rng = np.random.default_rng(7)
    jitter = rng.normal(0, 0.5, 400)
    assert not played(rule(), 60, lambda t: [car(1, t, 25 + jitter[int(t * 5)])])
    across = played(rule(), 4, lambda t: [car(1, t, 25 - 0.4 * t, -5 + 2.4 * t)])
    assert not across, "it crosses the road"


def test_a_turn_within_a_few_metres_does_not_fire() -> None:
    def turning(t: float) -> list[Track]:
        turn = min(t, 3.0) / 3.0 * math.pi
        return [car(1, t, 25 + 2 * math.sin(turn), -3 + 4 * (1 - math.cos(turn)) / 2)]

    assert not played(rule(), 10, turning)


def test_one_that_reversed_and_drove_on_may_fire_again() -> None:
    def reversing(t: float) -> list[Track]:
        phase = t % 20
        return [car(1, t, 40 - 2 * phase if phase < 10 else 20 + 2 * (phase - 10))]

    assert len(played(rule(rearm_s=0), 20, reversing)) == 1
    assert len(played(rule(rearm_s=0), 40, reversing)) == 2
    assert len(played(rule(rearm_s=60), 40, reversing)) == 1
