"""Several regions of several cameras on one of a model's canvases, and what was found there back to each.

Models of a fixed batch of one are the rule, and a region alone on a canvas is blown up so far that models mistake it:
measured on ten real clips, nine regions a canvas gave more right answers and two fifths of the wrong ones of
a region alone, in a ninth of the runs (``docs/design/0006-analytics.md``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.detect.letterbox import PAD, Fit, back, paste
from analytics.detect.model import Bgr, Found
from analytics.model import Box

SIDE_PX = 120
"""A cell of a canvas is about so large: three by three at 416, two by two at 192."""
GROWN = 2.0
"""A region is this many times its thing: models know things by their surroundings too."""
LEAST_SIDE_PX = 48
"""Of the camera's picture: a smaller region would be blown up beyond all shape."""
MOST_ENLARGED = 4.0
MATCH_IOU = 0.2
_GAP_PX = 2


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A part of a camera's picture: ``cut``, its top left there (``x``, ``y``), and the thing asked about in it."""

    cut: Bgr
    x: int
    y: int
    box_px: Box


@dataclass(frozen=True, slots=True)
class Seen:
    """What a model sees at the place asked about: ``index`` of the class, and its own box in the camera's picture."""

    index: int
    confidence: float
    box_px: Box


def region(picture: Bgr, box_px: Box) -> Region | None:
    """The part of ``picture`` around a thing, about square; None where nothing of it lies within."""
    height, width = picture.shape[:2]
    x, y, w, h = box_px
    side = max(w, h, LEAST_SIDE_PX / GROWN) * GROWN
    left, top = int(max(0.0, x + w / 2 - side / 2)), int(max(0.0, y + h / 2 - side / 2))
    right, bottom = int(min(width, x + w / 2 + side / 2)), int(min(height, y + h / 2 + side / 2))
    if right - left < 8 or bottom - top < 8:
        return None
    return Region(np.ascontiguousarray(picture[top:bottom, left:right]), left, top, box_px)


def per_side(size_px: tuple[int, int]) -> int:
    """How many cells lie side by side on a canvas."""
    return max(1, round(min(size_px) / SIDE_PX))


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """A model's picture with regions laid on it, and where each lies."""

    picture: Bgr
    regions: tuple[Region, ...]
    fits: tuple[Fit, ...]

    def answers(self, found: Found) -> list[Seen | None]:
        """What was seen at the place of each region's thing; None where nothing was."""
        return [_answer(found, r, fit) for r, fit in zip(self.regions, self.fits, strict=True)]


def lay(
    regions: Sequence[Region], size_px: tuple[int, int], side: int | None = None
) -> list[Canvas]:
    """As many canvases as the regions need, ``side`` by ``side`` on each, :func:`per_side` if None."""
    side = side or per_side(size_px)
    canvases = []
    for first in range(0, len(regions), side * side):
        part = regions[first : first + side * side]
        cell_w, cell_h = size_px[0] // side, size_px[1] // side
        picture = np.full((size_px[1], size_px[0], 3), PAD, np.uint8)
        fits = []
        for i, r in enumerate(part):
            height, width = r.cut.shape[:2]
            scale = min((cell_w - _GAP_PX) / width, (cell_h - _GAP_PX) / height, MOST_ENLARGED)
            x, y = i % side * cell_w, i // side * cell_h
            paste(picture, r.cut, x, y, scale)
            fits.append(Fit(scale, x, y))
        canvases.append(Canvas(picture, tuple(part), tuple(fits)))
    return canvases


def _answer(found: Found, asked: Region, fit: Fit) -> Seen | None:
    height, width = asked.cut.shape[:2]
    own = back(found, fit, width, height)
    best, best_iou = None, MATCH_IOU
    x, y, w, h = asked.box_px
    for i, box in enumerate(own.boxes_px.tolist()):
        left, top = box[0] + asked.x, box[1] + asked.y
        shared_w = min(x + w, left + box[2]) - max(x, left)
        shared_h = min(y + h, top + box[3]) - max(y, top)
        shared = max(0.0, shared_w) * max(0.0, shared_h)
        overlap = shared / (w * h + box[2] * box[3] - shared)
        if overlap > best_iou:
            best_iou = overlap
            best = Seen(int(own.classes[i]), float(own.confidence[i]), (left, top, box[2], box[3]))
    return best
