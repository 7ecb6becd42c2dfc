"""Where tracks are followed: on the ground in metres where the camera's pose is known, in the picture otherwise.

On the ground a person far away moves few pixels and many metres an error of one pixel; near the camera it is the
other way round. Followed there, one model of motion fits both, and the error of a foot in the picture becomes the
error ellipse on the ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from analytics.kalman import inverted, turned
from gis.ground import GroundCamera

Floats = NDArray[np.float64]

FARTHEST_HEIGHTS = 25.0
"""Beyond so many of the lens's heights, and above the horizon, the ground is taken to go on as steeply as there:
what is seen on a hill or a bridge has no place, but can be followed."""
_STEP_PX = 0.5
_MOST_PX = 400.0
_SAME = np.eye(2)


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Points of a plane: ``at`` ``(n, 2)``; ``by_px`` ``(n, 2, 2)``, how each moves with a pixel right and down, and
    ``to_px``, its inverse; ``unit`` ``(n,)``, the plane's units per pixel across the view."""

    at: Floats
    by_px: Floats
    to_px: Floats
    unit: Floats


class Plane(Protocol):
    """What feet stand on."""

    least_size: float
    most_size: float

    def places(self, feet_px: Floats) -> Places:
        """``(n, 2)`` pixels to places."""
        ...

    def feet_px(self, at: Floats, near_px: Floats) -> tuple[Floats, Places]:
        """Where places are seen, sought from ``near_px``, not far from there; and the places by there."""
        ...


class PicturePlane:
    """The picture itself: its units are pixels."""

    least_size = 0.0
    most_size = np.inf

    def places(self, feet_px: Floats) -> Places:
        same = np.empty((len(feet_px), 2, 2))
        same[:] = _SAME
        return Places(feet_px, same, same, np.ones(len(feet_px)))

    def feet_px(self, at: Floats, near_px: Floats) -> tuple[Floats, Places]:
        return at.copy(), self.places(at)


class GroundPlane:
    """The ground around a camera: its units are metres east and north."""

    least_size = 0.6
    most_size = 3.0

    def __init__(self, camera: GroundCamera) -> None:
        self._camera = camera

    def places(self, feet_px: Floats) -> Places:
        n = len(feet_px)
        around = np.concatenate([feet_px, feet_px, feet_px, feet_px, feet_px])
        around[n : 2 * n, 0] += _STEP_PX
        around[2 * n : 3 * n, 0] -= _STEP_PX
        around[3 * n : 4 * n, 1] += _STEP_PX
        around[4 * n :, 1] -= _STEP_PX
        at, right, left, down, up = self._ground(around).reshape(5, n, 2)
        by_px = np.stack([right - left, down - up], axis=2) / (2 * _STEP_PX)
        return Places(at, by_px, inverted(by_px), np.hypot(by_px[:, 0, 0], by_px[:, 1, 0]))

    def feet_px(self, at: Floats, near_px: Floats) -> tuple[Floats, Places]:
        here = self.places(near_px)
        away = turned(here.to_px, at - here.at)
        return near_px + np.minimum(np.maximum(away, -_MOST_PX), _MOST_PX), here

    def _ground(self, pixels: Floats) -> Floats:
        rays = self._camera.rays(pixels)
        fall = -rays[:, 2]
        least = 1.0 / FARTHEST_HEIGHTS
        far = np.where(fall >= least, 1.0 / np.maximum(fall, least), (2.0 - fall / least) / least)
        ground: Floats = rays[:, :2] * (self._camera.pose.height_m * far)[:, None]
        return ground
