"""To and fro for long, also with a break; not at a bus stop, not walking past."""

from __future__ import annotations

import math
from typing import Any

from analytics.model import Track
from analytics.rules.loitering import Loitering
from tests.support.zones import area_of, placed, played, zone

SQUARE_M = area_of((-14, 12), (14, 12), (14, 40), (-14, 40))


def rule(**changes: Any) -> Loitering:
    values = {"rule": "loitering", "points": SQUARE_M, "dwell_s": 30.0}
    return Loitering(zone(**(values | changes)))


def pacing(t: float, number: int = 1, **changes: Any) -> Track:
    return placed(number, t, 5 * math.sin(t / 5), 22 + math.cos(t / 7), **changes)


def test_pacing_to_and_fro_fires_once() -> None:
    ((at_s, firing),) = played(rule(), 90, lambda t: [pacing(t)])
    assert 29.5 <= at_s <= 32
    assert firing.value is not None and firing.value >= 30
    assert "stayed 3" in firing.why_en and "walking about" in firing.why_en


def test_also_without_a_pose() -> None:
    fired = played(rule(), 60, lambda t: [pacing(t, fixed=False)], posed=False)
    assert len(fired) == 1


def test_waiting_at_a_stop_does_not_count_unless_asked() -> None:
    def waiting(t: float) -> list[Track]:
        return [placed(1, t, 3 + 0.15 * math.sin(t * 1.7), 20 + 0.15 * math.cos(t))]

    assert not played(rule(), 120, waiting)
    assert len(played(rule(threshold=0.0), 120, waiting)) == 1


def test_walking_past_slowly_is_no_loitering() -> None:
    wide = rule(points=area_of((-40, 12), (40, 12), (40, 60), (-40, 60)))
    assert not played(wide, 70, lambda t: [placed(1, t, -30 + 0.9 * t, 45)])


def test_one_who_leaves_for_a_moment_counts_on() -> None:
    def leaving(t: float) -> list[Track]:
        if 15 <= t < 25:
            return [placed(1, t, 20, 22)]
        return [pacing(t)]

    ((at_s, firing),) = played(rule(), 60, leaving)
    assert 38 <= at_s <= 43
    assert "over 2 visits" in firing.why_en


def test_one_who_is_lost_and_found_under_another_number_counts_on() -> None:
    def broken(t: float) -> list[Track]:
        if t < 18:
            return [pacing(t)]
        return [pacing(t, 2, first_at=pacing(22.0).at)] if t >= 22 else []

    ((at_s, _),) = played(rule(), 60, broken)
    assert 32 <= at_s <= 38


def test_two_people_one_after_the_other_are_two() -> None:
    def changing(t: float) -> list[Track]:
        if t < 18:
            return [placed(1, t, -12 + math.sin(t), 15)]
        return [placed(2, t, 12 + math.sin(t), 38, first_at=pacing(18.0).at)] if t < 40 else []

    assert not played(rule(), 60, changing)


def test_away_for_long_begins_anew() -> None:
    def away(t: float) -> list[Track]:
        return [placed(1, t, 20, 22)] if 20 <= t < 50 else [pacing(t)]

    assert not played(rule(), 70, away)
