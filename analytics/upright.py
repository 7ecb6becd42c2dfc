"""How a standing person looks at every row of a part of the picture, and where he stands on the ground. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.planes import Rect
from gis.ground import GroundCamera

Floats = NDArray[np.float64]

TALL_M = 1.68
WIDE_M = 0.46
"""A person's usual height, and the breadth across shoulders and arms."""
BEYOND = 0.6
"""Of a person's height that the feet may be below the picture while he is seen in it."""
FARTHEST_M = 150.0


@dataclass(frozen=True, slots=True, eq=False)
class Upright:
    """``tall_px`` and ``wide_px``, ``(n,)``: a person whose feet are at that row of the part, analysed pixels; NaN: nobody can
    stand there. Rows go on below the part by :data:`BEYOND`."""

    tall_px: Floats
    wide_px: Floats
    scale: float
    rect: Rect
    camera: GroundCamera

    def feet_m(self, rows: Floats, columns: Floats) -> Floats:
        """``(n, 2)``: the ground, metres east and north of the camera, under feet at rows and columns of the part."""
        pixels = np.column_stack([columns + self.rect[0], rows + self.rect[1]]) * self.scale
        return self.camera.spots(pixels, np.ones(len(pixels))).enu


def upright(camera: GroundCamera, rect: Rect, scale: float) -> Upright:
    """For a part of the picture in analysed pixels, of ``scale`` picture pixels each, by its middle column."""
    x, y, w, h = rect
    more = round(h * BEYOND)
    rows = np.arange(h + more) + 1.0
    pixels = np.column_stack([np.full(len(rows), x + w / 2), rows + y]) * scale
    spots = camera.spots(pixels, np.ones(len(pixels)))
    foot = np.column_stack([np.where(spots.falls[:, None], spots.enu, 0.0), np.zeros(len(rows))])
    there = spots.falls & (np.hypot(foot[:, 0], foot[:, 1]) < FARTHEST_M)
    low, depth_m = camera.project(foot)
    high, _ = camera.project(foot + np.array([0.0, 0.0, TALL_M]))
    there &= depth_m > 0.5
    with np.errstate(invalid="ignore", divide="ignore"):
        tall = np.where(there, (low[:, 1] - high[:, 1]) / scale, np.nan)
        wide = np.where(there, WIDE_M * camera.focal_px / depth_m / scale, np.nan)
    return Upright(tall, wide, scale, rect, camera)
