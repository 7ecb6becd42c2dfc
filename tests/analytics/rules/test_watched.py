"""A schedule and a least size hold for every rule."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from analytics.model import Scene, Size
from analytics.rules import make
from analytics.schedule import WEEK_MIN, minute_of_week, watches_at
from tests.support.zones import START, track, zone

CHINA = ZoneInfo("Asia/Shanghai")
NOW_MIN = minute_of_week(START, CHINA)  # START is a Monday, 16:00 there
IN = (0.5, 0.5)


def scene(t_s: float, *feet: tuple[float, float], **changes: object) -> Scene:
    tracks = tuple(track(i, t_s, foot, **changes) for i, foot in enumerate(feet, 1))
    return Scene(START + timedelta(seconds=t_s), tracks)


def test_outside_the_schedule_nothing_fires_and_no_dwell_is_kept() -> None:
    rule = make(zone(schedule=((NOW_MIN + 1, NOW_MIN + 2),), dwell_s=10.0), CHINA)
    fired = [t for t in range(150) if rule.update(scene(t, IN))]
    assert fired == [70], "dwell counts from the beginning of the span at 60 s"


@given(
    st.lists(st.tuples(st.integers(0, WEEK_MIN - 1), st.integers(1, 3000)), min_size=1, max_size=3),
    st.lists(st.integers(0, WEEK_MIN * 60), min_size=1, max_size=30),
)
def test_no_rule_fires_outside_its_schedule(
    spans: list[tuple[int, int]], seconds: list[int]
) -> None:
    schedule = tuple((start, start + length) for start, length in spans)
    rule = make(zone(schedule=schedule, rearm_s=0.0), CHINA)
    for number, t_s in enumerate(sorted(seconds)):
        here = Scene(START + timedelta(seconds=t_s), (track(number + 1, t_s, IN),))
        fired = rule.update(here)
        assert not fired or watches_at(schedule, minute_of_week(here.at, CHINA))


def test_small_things_do_not_count_and_unknown_ones_do() -> None:
    rule = make(zone(min_size_m=1.0, rearm_s=0.0))
    assert not rule.update(scene(0, IN, size=Size(0.7, 0.9)))
    assert rule.update(scene(1, IN, size=None))
    other = make(zone(min_size_m=1.0))
    assert other.update(scene(0, IN, size=Size(0.7, 1.2))), "the larger of both counts"


def test_one_that_grows_to_its_size_brings_its_dwell_along() -> None:
    rule = make(zone(min_size_m=1.5, dwell_s=5.0))
    fired = [
        t for t in range(10) if rule.update(scene(t, IN, size=Size(1.7 if t >= 3 else 0.8, 0.5)))
    ]
    assert fired == [5]


def test_a_size_that_wavers_loses_nobody() -> None:
    rule = make(zone(min_size_m=1.5, dwell_s=5.0))
    fired = [t for t in range(10) if rule.update(scene(t, IN, size=Size(1.6 - 0.2 * (t % 2), 0.5)))]
    assert fired == [5]
