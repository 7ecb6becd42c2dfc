"""Zones and lines in the picture: checking what was drawn, and where a foot is against them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from shapely import Polygon
from shapely.validation import explain_validity

from analytics.model import Point, RuleName
from gis.errors import InvalidInput

MIN_AREA = 1e-4
MIN_LENGTH = 0.01
MAX_POINTS = 64


def check_points(rule: RuleName, points: Sequence[Point]) -> None:
    """Raises :class:`InvalidInput` on field ``points`` for anything that is no area or no line."""
    for number, (x, y) in enumerate(points, 1):
        if not (math.isfinite(x) and math.isfinite(y)):
            raise InvalidInput(f"point {number} is ({x}, {y}): both must be numbers", "points")
        if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
            raise InvalidInput(
                f"point {number} is ({x:g}, {y:g}), outside the picture: both must lie in 0..1",
                "points",
            )
    if len(points) > MAX_POINTS:
        raise InvalidInput(f"{len(points)} points are too many: at most {MAX_POINTS}", "points")
    if rule == "line_crossing":
        if len(points) != 2:
            raise InvalidInput(f"a line has 2 points, got {len(points)}", "points")
        if math.dist(points[0], points[1]) < MIN_LENGTH:
            raise InvalidInput("the line's two points are the same: draw it longer", "points")
        return
    if len(set(points)) < 3:
        raise InvalidInput(
            f"an area needs at least 3 different points, got {len(set(points))}", "points"
        )
    polygon = Polygon(points)
    if not polygon.is_valid:
        reason = explain_validity(polygon)
        where = reason[reason.find("[") + 1 : reason.find("]")] if "[" in reason else ""
        raise InvalidInput(
            f"the area's outline crosses or touches itself near ({where.replace(' ', ', ')}): "
            "move a point so that it goes round once",
            "points",
        )
    if polygon.area < MIN_AREA:
        raise InvalidInput(
            f"the area is {polygon.area * 100:.4f} % of the picture, too small to stand in: draw it larger",
            "points",
        )


def inside(points: Sequence[Point], foot: Point) -> bool:
    """Whether a foot stands in the polygon (even-odd rule).

    >>> inside([(0, 0), (1, 0), (1, 1), (0, 1)], (0.5, 0.5))
    True
    """
    x, y = foot
    result = False
    ax, ay = points[-1]
    for bx, by in points:
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            result = not result
        ax, ay = bx, by
    return result


def distance(points: Sequence[Point], foot: Point) -> float:
    """From a foot to the outline of the polygon, in shares of the picture."""
    return min(_to_segment(foot, points[i - 1], points[i]) for i in range(len(points)))


def signed_distance(line: Sequence[Point], foot: Point) -> float:
    """From a foot to the endless line; positive on the left, seen from its first point to its second."""
    (ax, ay), (bx, by) = line[0], line[1]
    dx, dy = bx - ax, by - ay
    # The picture's y runs down, so the left-hand side of (dx, dy) is (dy, -dx).
    return ((foot[0] - ax) * dy - (foot[1] - ay) * dx) / math.hypot(dx, dy)


def segments_cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the way from ``a`` to ``b`` crosses the line from ``c`` to ``d``.

    Touching an end counts; going along the line does not.
    """

    def turn(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    sides = turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)
    return any(sides) and sides[0] * sides[1] <= 0 and sides[2] * sides[3] <= 0


def _to_segment(p: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    t = 0.0 if length == 0 else ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length
    t = min(max(t, 0.0), 1.0)
    return math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy)
