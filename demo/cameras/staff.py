"""The staff gauge in the river, and the water that stands at it: as high as the water-level station says."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from demo import weather
from demo.cameras.view import View
from demo.city_picture_zones import STAFF_M, STAFF_READS_M

Bytes = NDArray[np.uint8]
WARNING_M = 3.8
"""Of the station on the same river; its level is the staff's."""
_WIDE_M = 0.42
_MARK_M = 0.1
_RIPPLE_M = 0.015


def level_m(t: float) -> float:
    """What the staff reads at Unix time ``t``: the truth."""
    return weather.water_level_m(t, WARNING_M, 0.0)


class Staff:
    """Draws the gauge of one camera's view."""

    def __init__(self, view: View) -> None:
        zone = next(
            z for z in view.city.zones if z.rule == "water_level" and z.camera == view.camera.code
        )
        self._view = view
        self._foot = view.local(zone.ground)[0]

    def draw(self, picture: Bytes, t: float) -> None:
        """Into ``(h, w, 3)`` BGR: the dry part with its marks, and below the water its broken image."""
        low_m, high_m = STAFF_READS_M
        scale = STAFF_M / (high_m - low_m)
        water = (level_m(t) - low_m) * scale + _RIPPLE_M * math.sin(2.3 * t)
        self._bar(picture, 0.0, min(water, STAFF_M), (98, 104, 84), 1.0)
        for number in range(round((high_m - low_m) / _MARK_M)):
            bottom, top = number * _MARK_M * scale, (number + 1) * _MARK_M * scale
            if top <= water:
                continue
            bgr = (236, 238, 238) if number % 2 else (40, 40, 190) if number % 10 else (40, 40, 44)
            self._bar(picture, max(bottom, water), top, bgr, 1.0)
            # The image in the water: the same distance below the waterline, only its first part, and dull.
            image_top, image_bottom = 2 * water - max(bottom, water), 2 * water - top
            if image_bottom > 0.0:
                dull = tuple(int(0.35 * c + 60) for c in bgr)
                wobble = 1.0 + 0.12 * math.sin(5.1 * t + 9.0 * number)
                self._bar(picture, image_bottom, image_top, (dull[0], dull[1], dull[2]), wobble)

    def _bar(
        self, picture: Bytes, bottom_m: float, top_m: float, bgr: tuple[int, int, int], wide: float
    ) -> None:
        if top_m <= bottom_m:
            return
        half = self._view.right * _WIDE_M * wide / 2
        a, b = self._foot - half, self._foot + half
        corners = np.array([[*a, bottom_m], [*b, bottom_m], [*b, top_m], [*a, top_m]])
        pixels, depth = self._view.project(corners)
        if depth.min() < 1.0:
            return
        cv2.fillConvexPoly(picture, np.round(pixels * 16).astype(np.int32), bgr, cv2.LINE_AA, 4)
