"""What the background model does with whole planes of the picture: shared constants, thresholds, windows. Pure."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analytics.model import Gray
from analytics.opencv import cv2

Rect = tuple[int, int, int, int]
"""Left, top, width, height in analysis pixels."""
SHIFTS = 64


@lru_cache(maxsize=16)
def chances(shape: tuple[int, int], *shares: float) -> tuple[Gray, ...]:
    """For each share a plane with that share of its pixels 255, at random but always the same; larger than the picture by
    :data:`SHIFTS`, so that a window of it can be drawn from anywhere."""
    chance = np.random.default_rng(7).random((shape[0] + SHIFTS, shape[1] + SHIFTS))
    return tuple(np.where(chance < s, 255, 0).astype(np.uint8) for s in shares)


@lru_cache(maxsize=16)
def zeros(shape: tuple[int, int]) -> NDArray[np.uint16]:
    """Zeros, not to be changed."""
    return np.zeros(shape, np.uint16)


def marked(where: NDArray[np.bool_]) -> Gray:
    """255 where it is so, in the same memory."""
    out: Gray = where.view(np.uint8)
    return np.negative(out, out=out)


def over(shares: NDArray[np.uint16], limit: float) -> Gray:
    """255 where a share of 65535 is above ``limit``."""
    return marked(np.greater(shares, np.uint16(65535 * limit)))


def gradient(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """``(2, h, w)``: the slope to the right and down."""
    return np.stack([cv2.Sobel(image, cv2.CV_32F, 1, 0), cv2.Sobel(image, cv2.CV_32F, 0, 1)])


def window_of(rect: Rect) -> tuple[slice, slice]:
    """The rows and columns of a rectangle."""
    x, y, w, h = rect
    return slice(y, y + h), slice(x, x + w)


def widened(rect: Rect, by: int, shape: tuple[int, int]) -> Rect:
    """The rectangle with so many pixels more on each side, within the picture."""
    x, y, w, h = rect
    left, top = max(0, x - by), max(0, y - by)
    return left, top, min(shape[1], x + w + by) - left, min(shape[0], y + h + by) - top
