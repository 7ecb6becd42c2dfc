"""What one person alone makes differ besides himself: his shadow on the ground, his mirror image in the wet. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analytics.opencv import cv2

Floats32 = NDArray[np.float32]

SIDE, ABOVE, BELOW = 1.5, 1.1, 0.9
"""How far from the feet is looked at, in a person's heights."""
CELLS = 12
"""To a height."""
LEARN = 0.04
LEAST = 0.25
"""What is seen of fewer of those who were alone is chance."""


class Besides:
    """One place's, learnt from people who stand or walk there alone, at all distances alike."""

    def __init__(self) -> None:
        self._usual = np.zeros(
            (round((ABOVE + BELOW) * CELLS), round(2 * SIDE * CELLS)), np.float32
        )
        self._seen = 0

    def learn(self, likely: Floats32, column: float, foot: float, tall_px: float) -> None:
        """Takes one who is alone: ``likely`` ``(h, w)`` is what differs, his feet are at ``column`` and ``foot``."""
        x0, y0, x1, y1 = _window(column, foot, tall_px)
        window = np.zeros((y1 - y0, x1 - x0), np.float32)
        height, width = likely.shape
        part = likely[max(0, y0) : max(0, min(height, y1)), max(0, x0) : max(0, min(width, x1))]
        top, left = max(0, -y0), max(0, -x0)
        window[top : top + part.shape[0], left : left + part.shape[1]] = part
        small = cv2.resize(window, self._usual.shape[::-1], interpolation=cv2.INTER_AREA)
        self._seen += 1
        self._usual += (small - self._usual) * np.float32(max(LEARN, 1.0 / (self._seen + 4)))

    def take_from(self, left_over: Floats32, column: float, foot: float, tall_px: float) -> None:
        """Takes what belongs to one found there out of what is ``left_over``, in place."""
        if not self._seen:
            return
        x0, y0, x1, y1 = _window(column, foot, tall_px)
        height, width = left_over.shape
        mine = cv2.resize(self._usual, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
        mine[mine < LEAST] = 0.0
        bottom, right = max(0, min(height, y1)), max(0, min(width, x1))
        part = left_over[max(0, y0) : bottom, max(0, x0) : right]
        top, left = max(0, -y0), max(0, -x0)
        part -= mine[top : top + part.shape[0], left : left + part.shape[1]]
        np.maximum(part, np.float32(0), out=part)


def _window(column: float, foot: float, tall_px: float) -> tuple[int, int, int, int]:
    x0, y0 = round(column - SIDE * tall_px), round(foot - ABOVE * tall_px)
    return (
        x0,
        y0,
        x0 + max(2, round(2 * SIDE * tall_px)),
        y0 + max(2, round((ABOVE + BELOW) * tall_px)),
    )
