"""Zones and lines in the picture, or in any other plane: where a foot is against them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from analytics.model import Box, Point


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


def around(boxes: Sequence[Box]) -> Box:
    """The box around some boxes.

    >>> around([(0.5, 0.5, 0.25, 0.25), (0.25, 0.5, 0.125, 0.375)])
    (0.25, 0.5, 0.5, 0.375)
    """
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, bottom = max(b[0] + b[2] for b in boxes), max(b[1] + b[3] for b in boxes)
    return left, top, right - left, bottom - top


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
