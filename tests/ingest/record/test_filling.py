"""How full the disk is, as a level."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.record.filling import (
    CALM_S,
    LEVELS,
    REMIND_S,
    DiskLevel,
    DiskLimits,
    DiskUsage,
    DiskWatch,
    level_of,
)

LIMITS = DiskLimits(85, 95, 30)


@pytest.mark.parametrize(
    ("free", "early", "stuck", "level"),
    [
        (500, False, False, "ok"),
        (151, False, False, "ok"),
        (150, False, False, "warn"),
        (51, False, False, "warn"),
        (50, False, False, "alarm"),
        (30, False, False, "alarm"),
        (29, False, False, "short"),
        (500, True, False, "short"),
        (10, True, True, "locked"),
    ],
)
def test_the_level_by_what_is_free(free: int, early: bool, stuck: bool, level: DiskLevel) -> None:
    assert level_of(DiskUsage(1000 - free, free), LIMITS, early, stuck) == level


def test_it_rises_at_once_and_falls_when_calm() -> None:
    watch = DiskWatch()
    assert not watch.see("ok", 0)
    assert watch.see("warn", 1) and watch.level == "warn"
    assert not watch.see("warn", 2)
    assert watch.see("short", 3)
    # Deleting keeps a full disk at its edge: nobody is told twice.
    for second in range(4, 400, 10):
        assert not watch.see("alarm" if second % 20 == 4 else "short", second)
    assert watch.level == "short"
    assert not watch.see("ok", 1000)
    assert not watch.see("warn", 1900)
    assert not watch.see("ok", 1000 + CALM_S - 1) and watch.level == "short"
    assert not watch.see("ok", 1000 + CALM_S) and watch.level == "warn"  # the worst of the calm
    assert not watch.see("ok", 1001 + CALM_S)
    assert not watch.see("ok", 1001 + 2 * CALM_S) and watch.level == "ok"
    assert watch.see("warn", 9999)


def test_it_reminds_while_it_stays_bad_but_not_of_a_warning() -> None:
    watch = DiskWatch()
    assert watch.see("warn", 0)
    assert not watch.see("warn", 2 * REMIND_S)
    assert watch.see("locked", 2 * REMIND_S + 1)
    assert not watch.see("locked", 3 * REMIND_S)
    assert watch.see("locked", 3 * REMIND_S + 1)


@given(st.lists(st.tuples(st.sampled_from(LEVELS), st.floats(0.1, 400))))
def test_it_is_never_below_what_is_seen_and_tells_of_every_rise(
    seen: list[tuple[DiskLevel, float]],
) -> None:
    watch, now_s, before = DiskWatch(), 1e6, "ok"
    for level, step_s in seen:
        now_s += step_s
        told = watch.see(level, now_s)
        assert LEVELS.index(watch.level) >= LEVELS.index(level)
        assert watch.level in (before, *LEVELS[: LEVELS.index(before)], level)
        if LEVELS.index(watch.level) > LEVELS.index(before):
            assert told
        before = watch.level
