"""What is worked out of rows: windows of days, stretches of motion, passing and standing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from analytics.motion_index import MotionMinute, pack
from analytics.search import (
    CUT_S,
    Cursor,
    Daily,
    Hit,
    PictureShape,
    When,
    motion_hits,
    page_of,
    passing,
)
from gis.errors import InvalidInput

MINUTE = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ALL = np.ones((9, 16), np.bool_)
EVER = [(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))]


def _at(seconds: float) -> datetime:
    return MINUTE + timedelta(seconds=seconds)


def test_every_night_is_a_window_of_the_places_own_clock() -> None:
    when = When(
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 4, tzinfo=UTC),
        Daily(22 * 60, 5 * 60, "Asia/Shanghai"),
    )
    assert [(a.isoformat()[5:16], b.isoformat()[5:16]) for a, b in when.windows()] == [
        ("03-01T14:00", "03-01T21:00"),
        ("03-02T14:00", "03-02T21:00"),
        ("03-03T14:00", "03-03T21:00"),
    ]


def test_a_window_stays_at_its_hour_over_a_change_to_summer_time() -> None:
    when = When(
        datetime(2026, 3, 28, tzinfo=UTC),
        datetime(2026, 3, 31, tzinfo=UTC),
        Daily(12 * 60, 13 * 60, "Europe/Berlin"),
    )
    assert [a.hour for a, _ in when.windows()] == [11, 10, 10]


def test_bad_times_are_told() -> None:
    with pytest.raises(InvalidInput, match="not after its beginning"):
        When(MINUTE, MINUTE).windows()
    with pytest.raises(InvalidInput, match="200 days long"):
        When(MINUTE, MINUTE + timedelta(days=200)).windows()
    with pytest.raises(InvalidInput, match="no time zone 'Mars/Base'"):
        When(MINUTE, _at(60), Daily(0, 60, "Mars/Base")).windows()
    with pytest.raises(InvalidInput, match="from_min 2000"):
        When(MINUTE, _at(60), Daily(2000, 60, "UTC")).windows()


def _minute(moved: dict[int, tuple[int, int]], number: int = 0) -> MotionMinute:
    grids = []
    for row, column in moved.values():
        grid = np.zeros((9, 16), np.bool_)
        grid[row, column] = True
        grids.append(pack(grid))
    return MotionMinute(7, MINUTE + timedelta(minutes=number), tuple(moved), b"".join(grids), ())


def test_motion_close_together_is_one_find_with_its_box() -> None:
    minutes = [_minute({10: (0, 0), 12: (2, 3), 40: (8, 15), 58: (4, 4)}), _minute({2: (4, 5)}, 1)]
    hits, total = motion_hits(7, minutes, ALL, EVER, 10)
    assert total == 3
    assert [(h.from_at, h.to_at) for h in hits] == [
        (_at(58), _at(63)),
        (_at(40), _at(41)),
        (_at(10), _at(13)),
    ]
    assert hits[2].box == pytest.approx((0, 0, 4 / 16, 3 / 9))
    assert hits[2].cells == 2


def test_motion_outside_the_area_or_the_time_is_no_find() -> None:
    minutes = [_minute({10: (0, 0), 40: (8, 15)})]
    area = np.zeros((9, 16), np.bool_)
    area[8] = True
    assert [h.at for h in motion_hits(7, minutes, area, EVER, 10)[0]] == [_at(40)]
    assert [h.at for h in motion_hits(7, minutes, ALL, [(_at(0), _at(20))], 10)[0]] == [_at(10)]
    assert motion_hits(7, minutes, area, [(_at(0), _at(20))], 10) == ([], 0)


def test_pages_of_motion_leave_nothing_out_and_repeat_nothing() -> None:
    busy = [_minute(dict.fromkeys(range(60), (1, 1)), n) for n in range(14)]
    hits, total = motion_hits(7, busy, ALL, EVER, 100)
    assert total == 3 and all((h.to_at - h.from_at).total_seconds() <= CUT_S for h in hits)
    seen: list[Hit] = []
    before = None
    while True:
        some, count = motion_hits(7, busy, ALL, EVER, 2, before)
        page = page_of(some, True, 1, total=count)
        seen += page.hits
        if page.next is None:
            break
        before = Cursor.of(page.next)
    assert seen == hits


def test_the_best_motion_fills_most_of_the_area_at_once() -> None:
    minutes = [
        _minute({10: (0, 0), 11: (0, 1)}),
        _minute({10: (0, 0)}, 1),
        _minute({9: (8, 15)}, 2),
    ]
    area = np.zeros((9, 16), np.bool_)
    area[0, :2] = True
    minutes.append(MotionMinute(7, MINUTE + timedelta(minutes=3), (30,), pack(area), ()))
    hits, total = motion_hits(7, minutes, area, EVER, 10, order="best")
    assert total == 3
    assert [(h.at, h.score) for h in hits] == [(_at(210), 1.0), (_at(70), 0.5), (_at(10), 0.5)]
    found: list[Hit] = []
    before: Cursor | None = None
    while True:
        some, count = motion_hits(7, minutes, area, EVER, 2, before, "best")
        page = page_of(some, True, 1, total=count, order="best")
        found += page.hits
        if page.next is None:
            break
        before = Cursor.of(page.next, "best")
    assert found == hits


def test_beyond_the_best_of_those_looked_at_there_is_nothing() -> None:
    hit = Hit("track", "track:1", _at(0), _at(1), _at(0), score=0.5)
    page = page_of([hit], False, 10, order="best", looked_from=_at(-60))
    assert (page.next, page.exact, page.looked_from) == (None, False, _at(-60))
    assert page_of([hit], False, 10).next is not None


def test_a_cursor_of_another_order_is_told() -> None:
    best = Cursor.after(Hit("track", "track:1", _at(0), _at(1), _at(0), score=0.1 + 0.2), "best")
    assert Cursor.of(best.text(), "best") == best
    with pytest.raises(InvalidInput, match="another order than 'newest'"):
        Cursor.of(best.text())
    with pytest.raises(InvalidInput, match="another order than 'best'"):
        Cursor.of(Cursor(MINUTE, "track:5").text(), "best")


def test_a_cursor_that_is_none_is_told() -> None:
    assert Cursor.of(Cursor(MINUTE, "track:5").text()) == Cursor(MINUTE, "track:5")
    for text in ("nonsense", "", "MjAyNi0wMy0wMVQwODowMDowMCB4"):
        with pytest.raises(InvalidInput):
            Cursor.of(text)


def _walk(*feet: tuple[float, float], every_ms: int = 200) -> tuple[list[int], np.ndarray]:
    boxes = np.array([(x - 0.02, y - 0.1, 0.04, 0.1) for x, y in feet])
    return [i * every_ms for i in range(len(feet))], boxes


LINE = ((0.5, 0.1), (0.5, 0.9))  # downwards: its left is the picture's right


def test_a_line_is_crossed_one_way_or_the_other() -> None:
    right = _walk((0.3, 0.5), (0.45, 0.5), (0.55, 0.5), (0.7, 0.5))
    assert passing(*right, PictureShape(LINE, False)) == (200, 400)
    assert passing(*right, PictureShape(LINE, False, "right_to_left")) == (200, 400)
    assert passing(*right, PictureShape(LINE, False, "left_to_right")) is None
    beside = _walk((0.3, 0.95), (0.7, 0.95))
    assert passing(*beside, PictureShape(LINE, False)) is None


def test_an_area_is_passed_also_between_two_samples() -> None:
    area = PictureShape(((0.45, 0.4), (0.55, 0.4), (0.55, 0.6), (0.45, 0.6)))
    assert passing(*_walk((0.1, 0.5), (0.48, 0.5), (0.5, 0.5), (0.9, 0.5)), area) == (200, 400)
    assert passing(*_walk((0.1, 0.5), (0.9, 0.5)), area) == (0, 200)
    assert passing(*_walk((0.1, 0.1), (0.9, 0.1)), area) is None
