"""A number fires at one limit, is over at another, and never chatters."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from analytics.rules.hysteresis import Hysteresis
from tests.support.zones import START, zone


def fired(values: list[float | None], step_s: float = 1.0, **changes: Any) -> list[float]:
    """At which steps it fired."""
    settings = {
        "rule": "people_count",
        "threshold": 10.0,
        "clear": 6.0,
        "dwell_s": 3.0,
        "rearm_s": 0.0,
    }
    number = Hysteresis(zone(**(settings | changes)))
    return [
        i * step_s
        for i, value in enumerate(values)
        if number.update(START + timedelta(seconds=i * step_s), value)
    ]  # fmt: skip


def test_fires_once_after_its_dwell() -> None:
    assert fired([0, 10, 10, 10, 10, 12, 12]) == [4]


def test_a_short_dip_breaks_no_dwell_but_the_clear_value_does() -> None:
    assert fired([10, 10, 8, 10, 10]) == [3]
    assert fired([10, 10, 6, 10, 10, 10, 10]) == [] or fired([10, 10, 5, 10, 10, 10, 10]) == [6]
    assert fired([10, 8, 8, 8, 10, 10, 10, 10]) == [7], "a long dip does, too"


def test_is_over_below_clear_for_its_dwell_and_fires_again() -> None:
    over = [10.0] * 5 + [7.0] * 5 + [10.0] * 5
    assert fired(over) == [3], "between the limits it is neither"
    again = [10.0] * 5 + [5.0] * 4 + [10.0] * 5
    assert fired(again) == [3, 12]
    assert fired([10.0] * 5 + [5.0] * 2 + [10.0] * 5) == [3], "not for long enough"


def test_does_not_fire_again_within_rearm_but_does_then() -> None:
    again = [10.0] * 5 + [5.0] * 4 + [10.0] * 20
    assert fired(again, rearm_s=15.0) == [3, 18]


def test_fires_below_where_the_rule_does() -> None:
    slow = [20.0, 2.0, 2.0, 2.0, 2.0]
    assert fired(slow, rule="congestion", threshold=2.5, clear=4.0) == [4]


def test_what_cannot_be_read_says_nothing() -> None:
    assert fired([10, 10, None, None, 10]) == [4]


@given(st.lists(st.floats(0, 20), max_size=60), st.floats(0, 5), st.floats(0, 30))
def test_between_two_firings_it_was_over_and_rested(
    values: list[float], dwell_s: float, rearm_s: float
) -> None:
    times = fired(list(values), dwell_s=dwell_s, rearm_s=rearm_s)
    for first, second in itertools.pairwise(times):
        assert second - first >= rearm_s
        assert min(values[int(first) : int(second) + 1]) <= 6.0
    for at in times:
        assert values[int(at)] >= 10.0
