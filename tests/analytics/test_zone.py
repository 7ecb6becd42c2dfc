"""Feet are where they are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon

from analytics.zone import distance, inside, segments_cross, signed_distance

unit = st.floats(0, 1)
points = st.tuples(unit, unit)


@settings(max_examples=150, deadline=None)
@given(points)
def test_inside_and_distance_agree_with_shapely(foot: tuple[float, float]) -> None:
    shape = [(0.1, 0.1), (0.9, 0.2), (0.6, 0.5), (0.8, 0.9), (0.2, 0.7)]
    away = Polygon(shape).exterior.distance(Point(foot))
    assert distance(shape, foot) == pytest.approx(away, abs=1e-9)
    if away > 1e-9:
        assert inside(shape, foot) == Polygon(shape).contains(Point(foot))


@settings(max_examples=150, deadline=None)
@given(points, points, points, points)
def test_crossing_agrees_with_shapely(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]
) -> None:
    one, two = LineString([a, b]), LineString([c, d])
    if min(one.length, two.length) < 1e-3:
        return
    along = (b[0] - a[0]) * (d[1] - c[1]) - (b[1] - a[1]) * (d[0] - c[0])
    if abs(along) < 1e-9:
        return
    gaps = [one.distance(Point(p)) for p in (c, d)] + [two.distance(Point(p)) for p in (a, b)]
    if min(gaps) > 1e-6:
        assert segments_cross(a, b, c, d) == one.intersects(two)


def test_left_is_left_seen_along_the_line() -> None:
    up = [(0.5, 0.9), (0.5, 0.1)]  # drawn from the bottom of the picture to the top
    assert signed_distance(up, (0.3, 0.5)) == pytest.approx(0.2)
    assert signed_distance(up, (0.7, 0.5)) == pytest.approx(-0.2)


def test_along_the_line_is_not_over_it() -> None:
    assert not segments_cross((0.5, 0.0), (0.5, 0.5), (0.5, 0.75), (0.5, 1.0))
    assert not segments_cross((0.5, 0.0), (0.5, 0.9), (0.5, 0.2), (0.5, 1.0))
