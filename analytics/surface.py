"""One area's surface, cell by cell, against how it usually looks: what lies over it lets how much of it through. Pure.

The remembered surface is a slow average of its slopes; where something lies over it nothing is learnt. Smoke lets a part of them
through and has none of its own, water mirrors others instead, a thing shows its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.model import Box, Gray, Point
from analytics.opencv import cv2

Floats32 = NDArray[np.float32]
Bools = NDArray[np.bool_]

WIDTH_PX = 256
CELL_PX = 8
STRUCTURE = 1.6
"""Gray levels per pixel of slope that a cell needs for anything to be said about it."""
LEARN_LOOKS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """What one look shows; all arrays are ``(rows, columns)``.

    ``known``: inside the area and with structure enough. ``through``: the share of the remembered slopes that shows.
    ``own``: slope there is, against what was remembered. ``level``: mean brightness less the remembered one. ``upright``:
    how much stronger slopes to the side are than slopes down, against the remembered; streaks that hang down raise it.
    """

    known: Bools
    through: Floats32
    own: Floats32
    level: Floats32
    upright: Floats32


class Surface:
    """Feed small gray pictures of one area, all of one size (:meth:`cut`)."""

    def __init__(self, points: Sequence[Point]) -> None:
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        self._points = np.array(points, np.float64)
        self.span: Box = (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
        self._slopes: Floats32 | None = None
        self._mean: Floats32 | None = None
        self._inside: Bools | None = None
        self.looks = 0

    @property
    def ready(self) -> bool:
        """Whether the surface is known."""
        return self.looks > LEARN_LOOKS

    def cut(self, gray: Gray) -> Gray:
        """The area's part of a picture, at the size in which it is judged."""
        height, width = gray.shape
        left, top, w, h = self.span
        part = gray[
            int(top * height) : max(int(top * height) + 2 * CELL_PX, round((top + h) * height)),
            int(left * width) : max(int(left * width) + 2 * CELL_PX, round((left + w) * width)),
        ]
        scale = min(1.0, WIDTH_PX / part.shape[1])
        size = tuple(max(2, round(v * scale / CELL_PX)) * CELL_PX for v in part.shape[::-1])
        return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)

    def look(self, gray: Gray) -> Cells | None:
        """Compares one picture, as :meth:`cut` gives it; None until the surface is known."""
        now = _slopes(gray)
        mean = _cells(gray.astype(np.float32))
        if self._slopes is None or self._slopes.shape != now.shape or self._mean is None:
            self._slopes, self._mean, self.looks = now, mean, 1
            self._inside = self._area(mean.shape)
            return None
        if not self.ready:
            self.looks += 1
            self._slopes += (now - self._slopes) / self.looks
            self._mean += (mean - self._mean) / self.looks
            return None
        then = self._slopes
        power = _cells((then * then).sum(0))
        known = (power > STRUCTURE * STRUCTURE) & (
            self._inside if self._inside is not None else True
        )
        safe = np.maximum(power, 1e-3)
        through = _cells((now * then).sum(0)) / safe
        own = np.sqrt(_cells((now * now).sum(0)) / safe)
        ratio_now = (_cells(now[0] ** 2) + 0.3) / (_cells(now[1] ** 2) + 0.3)
        ratio_then = (_cells(then[0] ** 2) + 0.3) / (_cells(then[1] ** 2) + 0.3)
        return Cells(
            known, through.astype(np.float32), own.astype(np.float32), mean - self._mean,
            (ratio_now / ratio_then).astype(np.float32),
        )  # fmt: skip

    def learn(self, gray: Gray, covered: Bools, rate: float) -> None:
        """Follows the surface where it is not ``covered`` (cells), by the share ``rate``."""
        if self._slopes is None or self._mean is None:
            return
        free = ~covered
        size = (gray.shape[1], gray.shape[0])
        where = cv2.resize(free.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        step = (_slopes(gray) - self._slopes) * np.float32(rate)
        step[:, ~where] = 0.0
        self._slopes += step
        change = (_cells(gray.astype(np.float32)) - self._mean) * np.float32(rate)
        self._mean[free] += change[free]

    def box(self, cells: Bools) -> Box:
        """The box round marked cells, in shares of the whole picture."""
        rows, columns = np.nonzero(cells)
        left, top, w, h = self.span
        if not len(rows):
            return self.span
        y0, y1 = rows.min() / cells.shape[0], (rows.max() + 1) / cells.shape[0]
        x0, x1 = columns.min() / cells.shape[1], (columns.max() + 1) / cells.shape[1]
        return left + x0 * w, top + y0 * h, (x1 - x0) * w, (y1 - y0) * h

    def under(self, boxes: Sequence[Box], shape: tuple[int, ...]) -> Bools:
        """The cells that boxes of the whole picture cover."""
        found = np.zeros(shape, np.bool_)
        left, top, w, h = self.span
        for x, y, bw, bh in boxes:
            x0, y0 = (x - left) / max(w, 1e-6), (y - top) / max(h, 1e-6)
            x1, y1 = x0 + bw / max(w, 1e-6), y0 + bh / max(h, 1e-6)
            found[
                max(0, int(y0 * shape[0])) : max(0, int(np.ceil(y1 * shape[0]))),
                max(0, int(x0 * shape[1])) : max(0, int(np.ceil(x1 * shape[1]))),
            ] = True
        return found

    def _area(self, shape: tuple[int, ...]) -> Bools:
        left, top, w, h = self.span
        corners = (self._points - (left, top)) / (max(w, 1e-6), max(h, 1e-6))
        mask = np.zeros(shape, np.uint8)
        size = (shape[1] - 1, shape[0] - 1)
        cv2.fillPoly(mask, [np.round(corners * size).astype(np.int32)], 1)
        return np.asarray(mask > 0, np.bool_)


def _slopes(gray: Gray) -> Floats32:
    pair = [
        cv2.Sobel(gray, cv2.CV_32F, 1, 0, scale=0.125),
        cv2.Sobel(gray, cv2.CV_32F, 0, 1, scale=0.125),
    ]
    return np.stack(pair)


def _cells(values: Floats32) -> Floats32:
    rows, columns = values.shape[0] // CELL_PX, values.shape[1] // CELL_PX
    return np.asarray(cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
