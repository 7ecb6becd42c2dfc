"""Too fast, with its error, and for long enough."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from analytics.rules.fast_motion import FastMotion
from tests.support.zones import SQUARE, START, area_of, foot_of, placed, played, zone

ROAD = area_of((-30, 12), (30, 12), (30, 60), (-30, 60))


def rule(**changes: Any) -> FastMotion:
    values = {
        "rule": "fast_motion",
        "points": ROAD,
        "classes": ("vehicle",),
        "dwell_s": 0.6,
        "threshold": 14.0,
    }
    return FastMotion(zone(**(values | changes)))  # fmt: skip


def driving(speed_ms: float, **changes: Any) -> Any:
    return lambda t: [placed(1, t, -25 + speed_ms * t, 30, kind="vehicle", **changes)]


def test_faster_than_the_limit_and_its_error_fires_once() -> None:
    ((at_s, firing),) = played(rule(), 3, driving(18.0), fps=10)
    assert 0.6 <= at_s <= 1.6
    assert firing.value == pytest.approx(18.0, abs=0.3)
    assert "18.0±" in firing.why_en and "14.0 m/s (50 km/h)" in firing.why_en


def test_slower_or_not_surely_faster_is_silent() -> None:
    assert not played(rule(), 4, driving(12.0), fps=10)
    assert not played(rule(), 4, driving(14.1), fps=10), "within its error of the limit"


def test_one_jump_is_no_speed() -> None:
    def jumping(t: float) -> list[Any]:
        return [placed(1, t, -10 + (4 if t > 2 else 0), 30, kind="vehicle")]

    assert not played(rule(), 5, jumping, fps=10)


def test_again_after_having_been_slow_and_rearm() -> None:
    def waves(t: float) -> list[Any]:
        phase = t % 8
        return [placed(1, t, -25 + (20 * min(phase, 2.0)), 30, kind="vehicle")]

    assert len(played(rule(rearm_s=0), 20, waves, fps=10)) == 3
    assert len(played(rule(rearm_s=60), 20, waves, fps=10)) == 1


def test_without_a_place_the_height_in_the_picture_tells() -> None:
    def running(t: float) -> list[Any]:
        return [placed(1, t, -8 + 6 * t, 20, fixed=False)]

    runner = rule(classes=("person",), threshold=3.0, points=((0, 0), (1, 0), (1, 1), (0, 1)))
    ((_, firing),) = played(runner, 2.5, running, fps=10, posed=False)
    assert firing.value == pytest.approx(6.0, rel=0.25)
    assert "estimated from its height" in firing.why_en


def test_outside_the_area_nothing_is_fast() -> None:
    assert not played(rule(points=SQUARE[:3]), 0.4, driving(18.0), fps=10)


def test_one_who_is_through_in_a_second_and_hidden_half_of_it_is_told_of() -> None:
    def racing(t: float) -> list[Any]:
        return [placed(1, t, -25 + 22 * t, 30, kind="vehicle", coasting=0.9 < t < 1.3)]

    short = area_of((-13, 12), (13, 12), (13, 60), (-13, 60))
    ((at_s, _),) = played(rule(points=short), 2.4, racing)
    assert 0.6 <= at_s <= 1.6


def racer(first_s: float, speed_ms: float) -> Any:
    """Believed at ``first_s`` after it was followed from the beginning, five times a second."""

    def things(t: float) -> list[Any]:
        if t < first_s - 1e-6:
            return []
        trail: Any = ()
        if t < first_s + 0.1:
            before = [i / 5 for i in range(round(first_s * 5))]
            trail = tuple(
                (START + timedelta(seconds=s), foot_of(-25 + speed_ms * s, 30)) for s in before
            )
        return [placed(1, t, -25 + speed_ms * t, 31, kind="vehicle", trail=trail)]

    return things


def test_what_it_did_before_it_was_believed_counts() -> None:
    ((at_s, firing),) = played(rule(), 2, racer(1.2, 22.0))
    assert at_s == pytest.approx(1.2), "it has been too fast for the dwell already"
    assert firing.value == pytest.approx(22.0, rel=0.05)


def test_before_it_was_believed_it_must_have_been_in_the_area_and_too_fast() -> None:
    beyond = area_of((-5, 12), (30, 12), (30, 60), (-5, 60))
    ((at_s, _),) = played(rule(points=beyond), 2.4, racer(1.0, 22.0))
    assert at_s > 1.2, "the dwell begins in the area"
    assert not played(rule(), 2, racer(1.2, 12.0))
