"""Where and how long a track stood."""

from __future__ import annotations

import pytest

from analytics.model import Box
from analytics.stands import MOST_STANDS, longest, stands


def _walk(*feet: tuple[float, float], every_ms: int = 200) -> tuple[list[int], list[Box]]:
    boxes: list[Box] = [(x - 0.02, y - 0.1, 0.04, 0.1) for x, y in feet]
    return [i * every_ms for i in range(len(feet))], boxes


def _still(x: float, samples: int) -> list[tuple[float, float]]:
    return [(x + 0.001 * (i % 3), 0.5) for i in range(samples)]


def _from_to(begin: float, end: float) -> list[tuple[float, float]]:
    return [(begin + (end - begin) * i / 20, 0.5) for i in range(20)]


def test_a_stand_is_found_where_and_as_long_as_it_was() -> None:
    t_ms, boxes = _walk(*_from_to(0.1, 0.5), *_still(0.5, 400), *_from_to(0.52, 0.9))
    (stand,) = stands(t_ms, boxes)
    assert stand.from_s == pytest.approx(4, abs=0.5) and stand.to_s == pytest.approx(84, abs=0.5)
    assert (stand.x, stand.y) == pytest.approx((0.501, 0.5), abs=0.005)
    assert stand.box == pytest.approx((0.481, 0.4, 0.04, 0.1), abs=0.005)


def test_two_stands_of_one_track_are_two() -> None:
    t_ms, boxes = _walk(*_still(0.2, 100), *_from_to(0.2, 0.7), *_still(0.7, 200))
    first, second = stands(t_ms, boxes)
    assert (first.lasted_s, second.lasted_s) == pytest.approx((20, 40), abs=1)
    flat = [*first, *second]
    assert longest(flat, None, 10) == second
    left = [(0.0, 0.0), (0.4, 0.0), (0.4, 1.0), (0.0, 1.0)]
    assert longest(flat, left, 10) == first
    assert longest(flat, left, 30) is None
    assert longest(None, None, 10) is None


def test_one_who_strolls_or_only_stops_briefly_does_not_stand() -> None:
    assert stands(*_walk(*[(0.1 + 0.002 * i, 0.5) for i in range(400)])) == []
    assert stands(*_walk(*_from_to(0.1, 0.5), *_still(0.5, 30), *_from_to(0.5, 0.9))) == []
    assert stands([], []) == []
    assert stands(*_walk((0.5, 0.5))) == []


def test_a_long_restless_track_keeps_its_longest_stands() -> None:
    feet = [foot for n in range(70) for foot in (*_still(0.2 + 0.4 * (n % 2), 51 + n), (0.9, 0.9))]
    found = stands(*_walk(*feet))
    assert len(found) == MOST_STANDS
    assert found == sorted(found) and min(each.lasted_s for each in found) > 13
