"""Privacy masks: what analytics must not see is blacked out before anything is made of the picture. Pure.

The frame that leaves here is all that detectors, snapshots, the motion index and the rules ever get: small picture and
colour picture are both masked, so no later step can forget. The recording is another path and is not touched.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely import Polygon

from analytics.model import Frame, Gray, Picture, Point, PrivacyMask
from gis.errors import InvalidInput

MOST_POINTS = 64
LEAST_AREA = 1e-5
GROWN_PX = 1
"""A mask reaches so much further, in analysis pixels: making the picture small mixes what lies at its edge."""
LEVEL = 0


@dataclass(frozen=True, slots=True, eq=False)
class MaskedPicture:
    """A picture whose regions are black. ``polygons`` are normalised; None: all of it is."""

    picture: Picture
    polygons: tuple[tuple[Point, ...], ...] | None
    grown: float  # of the picture's width

    def bgr(self) -> NDArray[np.uint8]:
        """See :class:`analytics.model.Picture`."""
        bgr = np.array(self.picture.bgr(), np.uint8)  # a copy: the decoder's own must stay whole
        height, width = bgr.shape[:2]
        if self.polygons is None:
            bgr[:] = LEVEL
        else:
            bgr[_cover(self.polygons, width, height, math.ceil(self.grown * width)) > 0] = LEVEL
        return bgr


class Privacy:
    """One camera's masks, those that hold where it looks now. While it is ``turning`` nobody knows what lies where, so with
    any mask the whole picture is black."""

    def __init__(self, masks: Sequence[PrivacyMask] = (), turning: bool = False) -> None:
        self.masks = tuple(masks)
        self.turning = turning
        self._polygons = tuple(mask.points for mask in masks)
        self._cover: Gray | None = None
        self._keep: Gray | None = None

    def cover(self, frame: Frame) -> Frame:
        """The frame with every region blacked out; the very same frame where there is no mask."""
        if not self.masks:
            return frame
        if self.turning:
            hidden = np.full(frame.gray.shape, 255, np.uint8)
            black = MaskedPicture(frame.picture, None, 0.0)
            return replace(frame, gray=np.zeros_like(frame.gray), picture=black, hidden=hidden)
        if self._cover is None or self._keep is None or self._cover.shape != frame.gray.shape:
            height, width = frame.gray.shape
            self._cover = _cover(self._polygons, width, height, GROWN_PX)
            self._keep = np.asarray(cv2.bitwise_not(self._cover), np.uint8)
        return replace(
            frame,
            gray=np.asarray(cv2.bitwise_and(frame.gray, self._keep), np.uint8),
            picture=MaskedPicture(frame.picture, self._polygons, GROWN_PX / frame.gray.shape[1]),
            hidden=self._cover,
        )


def check_mask(points: Sequence[Point]) -> None:
    """Raises :class:`InvalidInput` on field ``points`` for what is no region of the picture."""
    for number, (x, y) in enumerate(points, 1):
        if not (math.isfinite(x) and math.isfinite(y) and 0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
            raise InvalidInput(
                f"point {number} is ({x:g}, {y:g}), outside the picture: both must lie in 0..1",
                "points",
            )
    if len(points) > MOST_POINTS:
        raise InvalidInput(f"{len(points)} points are too many: at most {MOST_POINTS}", "points")
    if len(set(points)) < 3:
        raise InvalidInput(
            f"a privacy mask needs at least 3 different points, got {len(set(points))}", "points"
        )
    polygon = Polygon(points)
    if not polygon.is_valid:
        raise InvalidInput(
            "the mask's outline crosses itself: what is inside would be uncertain; move a point so that it goes round once",
            "points",
        )
    if polygon.area < LEAST_AREA:
        raise InvalidInput(
            f"the mask covers {polygon.area * 100:.5f} % of the picture, too little to hide anything: draw it larger",
            "points",
        )


def _cover(
    polygons: Sequence[Sequence[Point]], width_px: int, height_px: int, grown_px: int
) -> Gray:
    """``(h, w)``, 255 in the polygons and ``grown_px`` around them."""
    cover = np.zeros((height_px, width_px), np.uint8)
    for polygon in polygons:
        corners = np.array(polygon, np.float64) * (width_px, height_px) - 0.5
        cv2.fillPoly(cover, [np.round(corners * 16).astype(np.int32)], (255,), cv2.LINE_8, 4)
    size = 2 * grown_px + 1
    return np.asarray(cv2.dilate(cover, np.ones((size, size), np.uint8)), np.uint8)
