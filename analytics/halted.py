"""What has come to stand though its box is not its own: the pixels where it was differ from the background and have not
changed lately."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.model import Gray
from analytics.opencv import cv2

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

FILLED = 0.35
"""Of a box, where a thing stands in it."""
STILL = 0.75
"""Of what differs there, that has not changed: others pass in front of it, and it shakes a little."""


@dataclass(frozen=True, slots=True, eq=False)
class Stir:
    """A frame's :attr:`analytics.model.Motion.stir` at ``scale`` picture pixels a pixel, and ``before`` ``(n, 4)``: where the
    tracks were at the frame before, in picture pixels."""

    picture: Gray
    scale: float
    before: Floats

    def halted(self, rows: Indices) -> Flags:
        """``(n,)``: which of the tracks ``rows`` stand where they were: something is there, and hardly any of it moves."""
        boxes = self.before[rows]
        height, width = self.picture.shape
        found = np.zeros(len(boxes), bool)
        for i, (x, y, w, h) in enumerate((boxes / self.scale).tolist()):
            left, top = max(0, round(x)), max(0, round(y))
            right, bottom = min(width, round(x + w)), min(height, round(y + h))
            if right <= left or bottom <= top:
                continue
            part = self.picture[top:bottom, left:right]
            seen = cv2.countNonZero(part)
            moves = np.count_nonzero(part == 255)
            found[i] = seen >= FILLED * part.size and moves <= (1.0 - STILL) * seen
        return found
