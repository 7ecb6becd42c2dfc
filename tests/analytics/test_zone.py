"""Zones that are none are refused with a sentence; feet are where they are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon

from analytics.zone import check_points, distance, inside, segments_cross, signed_distance
from gis.errors import InvalidInput

SQUARE = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)]
unit = st.floats(0, 1)
points = st.tuples(unit, unit)


@pytest.mark.parametrize(
    ("rule", "shape", "message"),
    [
        ("intrusion", [(0.1, 0.1), (0.9, 0.9)], "at least 3 different points, got 2"),
        ("intrusion", [(0.1, 0.1), (0.9, 0.9), (0.1, 0.1)], "got 2"),
        (
            "intrusion",
            [(0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)],
            r"crosses .* near \(0.5, 0.5\)",
        ),
        ("intrusion", [(0.1, 0.1), (1.2, 0.1), (0.5, 0.9)], r"point 2 is \(1.2, 0.1\), outside"),
        ("intrusion", [(0.1, float("nan")), (0.9, 0.1), (0.5, 0.9)], "must be numbers"),
        ("intrusion", [(0.5, 0.5), (0.501, 0.5), (0.5, 0.501)], "too small"),
        ("line_crossing", [(0.1, 0.1)], "2 points, got 1"),
        ("line_crossing", [(0.1, 0.1), (0.2, 0.2), (0.3, 0.1)], "2 points, got 3"),
        ("line_crossing", [(0.5, 0.5), (0.5, 0.5)], "longer"),
    ],
)
def test_wrong_shapes(rule: str, shape: list[tuple[float, float]], message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as error:
        check_points(rule, shape)  # type: ignore[arg-type]
    assert error.value.field == "points"


def test_right_shapes() -> None:
    check_points("intrusion", SQUARE)
    check_points("line_crossing", [(0.1, 0.5), (0.9, 0.5)])


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
