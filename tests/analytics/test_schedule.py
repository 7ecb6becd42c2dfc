"""Spans of the local week, over midnight and over Sunday's end."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from analytics.schedule import WEEK_MIN, check_schedule, minute_of_week, watches_at


def test_the_week_is_local() -> None:
    china = ZoneInfo("Asia/Shanghai")
    assert minute_of_week(datetime(2026, 3, 1, 16, 0, tzinfo=UTC), china) == 0  # Monday there
    assert minute_of_week(datetime(2026, 3, 1, 15, 59, tzinfo=UTC), china) == WEEK_MIN - 1


def test_over_midnight_and_over_sundays_end() -> None:
    night = [(22 * 60, 30 * 60)]  # Monday 22:00 to Tuesday 06:00
    assert watches_at(night, 23 * 60) and watches_at(night, 29 * 60)
    assert not watches_at(night, 30 * 60) and not watches_at(night, 5 * 60)
    weekend = [(WEEK_MIN - 120, WEEK_MIN + 360)]  # Sunday 22:00 to Monday 06:00
    assert watches_at(weekend, WEEK_MIN - 1) and watches_at(weekend, 359)
    assert not watches_at(weekend, 360) and not watches_at(weekend, WEEK_MIN - 121)


@given(
    st.lists(st.tuples(st.integers(0, WEEK_MIN - 1), st.integers(1, WEEK_MIN)), min_size=1, max_size=5),
    st.integers(0, WEEK_MIN - 1),
)  # fmt: skip
def test_a_minute_is_watched_when_some_span_walks_over_it(
    spans: list[tuple[int, int]], minute: int
) -> None:
    schedule = [(start, start + length) for start, length in spans]
    check_schedule(schedule)
    expected = any((minute - start) % WEEK_MIN < length for start, length in spans)
    assert watches_at(schedule, minute) == expected
