"""A picture's slopes, fine and coarse, and how well they agree with those of another picture of the same view. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analytics.model import Gray
from analytics.opencv import cv2

Floats32 = NDArray[np.float32]
Ints16 = NDArray[np.int16]
FINE = (480, 270)
"""Width and height at which pictures are compared; detail is judged at this size, in every second row, place at half of it."""
COARSE = (FINE[0] // 2, FINE[1] // 2)
PEAK = 0.08
"""Of phase correlation's response, above which a displacement is believed."""


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """A picture's slopes to the right and down: ``fine`` ``(2, 135, 480)``, every second row, eighths of a gray level per pixel;
    ``coarse`` ``(2, 135, 240)``, without detail, gray levels per pixel of that size."""

    fine: Ints16
    coarse: Floats32


def slopes_of(gray: Gray, seen: Gray | None) -> Slopes:
    """The slopes of a picture of size :data:`FINE`; none where it is not ``seen`` (255), nor right beside that."""
    right, down = cv2.spatialGradient(gray)
    fine = np.stack([right[::2], down[::2]])
    half = cv2.boxFilter(cv2.resize(gray, COARSE, interpolation=cv2.INTER_AREA), cv2.CV_32F, (3, 3))
    coarse = np.stack(
        [cv2.Sobel(half, cv2.CV_32F, dx, 1 - dx, ksize=1, scale=0.5) for dx in (1, 0)]
    )
    if seen is not None:
        fine[:, seen[::2] == 0] = 0
        clear = cv2.erode(seen, np.ones((11, 11), np.uint8))
        coarse[:, cv2.resize(clear, COARSE, interpolation=cv2.INTER_NEAREST) == 0] = 0.0
    return Slopes(fine, coarse)


def shifted(gray: Gray, seen: Gray | None, right: float, down: float) -> tuple[Gray, Gray]:
    """The picture and what is seen of it, moved."""
    matrix = np.array([[1.0, 0.0, right], [0.0, 1.0, down]], np.float32)
    all_of_it = np.full(gray.shape, 255, np.uint8) if seen is None else seen
    moved = cv2.warpAffine(all_of_it, matrix, FINE, flags=cv2.INTER_NEAREST)
    return (
        cv2.warpAffine(gray, matrix, FINE, borderMode=cv2.BORDER_REPLICATE),
        cv2.erode(moved, np.ones((3, 3), np.uint8)),
    )


def levels(slopes: Ints16, unit: int = 1) -> Floats32:
    """Gray levels per pixel."""
    return np.multiply(slopes, np.float32(0.125 / unit), dtype=np.float32)


def projection(now: Floats32, then: Floats32) -> float:
    power = float(np.vdot(then, then))
    return float(np.vdot(now, then)) / power if power > 0 else 0.0


@lru_cache(maxsize=1)
def _window() -> Floats32:
    return np.asarray(cv2.createHanningWindow(COARSE, cv2.CV_32F), np.float32)


def displaced(now: Floats32, then: Floats32) -> tuple[float, float] | None:
    """How far the view has moved, right and down, in pixels of half size."""
    a, b = (np.hypot(s[0], s[1]).astype(np.float32) for s in (then, now))
    a, b = (np.minimum(s, 4 * max(1e-3, float(s.mean()))) for s in (a, b))
    (x, y), peak = cv2.phaseCorrelate(a, b, _window())
    return (x, y) if peak >= PEAK else None
