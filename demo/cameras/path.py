"""A line on the ground with stations along it: what lanes, markings and walkers follow."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Path:
    """A polyline of local metres. Stations are metres from its start; aside is metres to the right of it."""

    __slots__ = ("_legs", "_points", "_starts", "_stations", "length_m")

    def __init__(self, points: Floats | Sequence[tuple[float, float]]) -> None:
        array = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        keep = np.ones(len(array), dtype=bool)
        keep[1:] = np.hypot(*np.diff(array, axis=0).T) > 1e-6
        array = array[keep]
        if len(array) < 2:
            raise ValueError("a path needs two different points")
        steps = np.diff(array, axis=0)
        self._points = array
        self._stations = np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
        # Tangents at the corners are the mean of both sides, so that offsets and headings turn smoothly.
        unit = steps / np.hypot(steps[:, 0], steps[:, 1])[:, None]
        corner = np.concatenate([unit[:1], unit[:-1] + unit[1:], unit[-1:]])
        course = corner / np.maximum(np.hypot(corner[:, 0], corner[:, 1]), 1e-9)[:, None]
        # Plain floats: a single place is asked for many times a second.
        self._starts: list[float] = self._stations[:-1].tolist()
        self._legs: list[tuple[float, ...]] = np.column_stack(
            [
                array[:-1],
                steps,
                np.hypot(steps[:, 0], steps[:, 1]),
                course[:-1],
                course[1:] - course[:-1],
            ]
        ).tolist()
        self.length_m = float(self._stations[-1])

    def at(self, station_m: float, aside_m: float = 0.0) -> tuple[float, float, float]:
        """East, north and heading (degrees clockwise from north); stations outside run on straight."""
        index = max(0, bisect.bisect_right(self._starts, station_m) - 1)
        x, y, step_x, step_y, long, course_x, course_y, turn_x, turn_y = self._legs[index]
        share = (station_m - self._starts[index]) / long
        bounded = min(max(share, 0.0), 1.0)
        dx, dy = course_x + turn_x * bounded, course_y + turn_y * bounded
        length = math.hypot(dx, dy) or 1.0
        dx, dy = dx / length, dy / length
        return (
            x + step_x * share + dy * aside_m,
            y + step_y * share - dx * aside_m,
            math.degrees(math.atan2(dx, dy)) % 360.0,
        )

    def offset(
        self, aside_m: float, start_m: float = 0.0, end_m: float | None = None, step_m: float = 2.0
    ) -> Floats:
        """Points every ``step_m`` from one station to another, ``aside_m`` to the right."""
        end = self.length_m if end_m is None else end_m
        count = max(2, int((end - start_m) / step_m) + 1)
        return np.array([self.at(s, aside_m)[:2] for s in np.linspace(start_m, end, count)])

    def band(
        self, inner_m: float, outer_m: float, start_m: float, end_m: float, step_m: float = 2.0
    ) -> Floats:
        """The ring of the strip between two asides from one station to another."""
        return np.concatenate(
            [
                self.offset(inner_m, start_m, end_m, step_m),
                self.offset(outer_m, start_m, end_m, step_m)[::-1],
            ]
        )

    def reversed(self) -> Path:
        """The same line walked the other way."""
        return Path(self._points[::-1])

    def project(self, x: float, y: float) -> tuple[float, float]:
        """Station and distance of the nearest point of the line."""
        a, step = self._points[:-1], np.diff(self._points, axis=0)
        share = np.clip(
            ((x - a[:, 0]) * step[:, 0] + (y - a[:, 1]) * step[:, 1]) / (step**2).sum(axis=1), 0, 1
        )
        near = a + share[:, None] * step
        distance = np.hypot(near[:, 0] - x, near[:, 1] - y)
        best = int(distance.argmin())
        station = self._stations[best] + share[best] * math.hypot(step[best, 0], step[best, 1])
        return float(station), float(distance[best])

    @property
    def points(self) -> Floats:
        return self._points


def smooth(points: Floats, rounds: int = 3) -> Floats:
    """Corners cut by Chaikin's rule; the ends stay."""
    for _ in range(rounds):
        a, b = points[:-1], points[1:]
        cut = np.empty((2 * len(a), 2))
        cut[0::2] = 0.75 * a + 0.25 * b
        cut[1::2] = 0.25 * a + 0.75 * b
        points = np.concatenate([points[:1], cut, points[-1:]])
    return points
