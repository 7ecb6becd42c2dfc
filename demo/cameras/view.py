"""One camera's geometry, its part of the city in the camera's own metres, and the light of the day."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from demo.city_model import City, DemoCamera, Point
from gis.ground import GroundCamera

Floats = NDArray[np.float64]

SUN_AZIMUTH_DEG = 262.0
SUN_ELEVATION_DEG = 41.0
_AZIMUTH, _ELEVATION = math.radians(SUN_AZIMUTH_DEG), math.radians(SUN_ELEVATION_DEG)
SUN: Floats = np.array(
    [
        math.sin(_AZIMUTH) * math.cos(_ELEVATION),
        math.cos(_AZIMUTH) * math.cos(_ELEVATION),
        math.sin(_ELEVATION),
    ]
)
"""Towards the sun, east, north, up; an afternoon."""
SHADOW_PER_M: Floats = -SUN[:2] / SUN[2]
"""Where the shadow of a point one metre up falls, east and north of its foot."""
SHADE: Floats = np.array([0.66, 0.60, 0.56])
"""What is left of the light in full shadow, blue, green, red: the sky still shines."""
HAZE: Floats = np.array([226.0, 218.0, 208.0])
"""Colour of the far air, BGR."""
HAZE_M = 900.0


class View:
    """A camera looking at the city. Points here are east, north (and up) metres from the camera's foot."""

    def __init__(self, city: City, camera: DemoCamera) -> None:
        self.city = city
        self.camera = camera
        self.ground = GroundCamera(camera.pose, camera.width_px, camera.height_px)
        self.width_px, self.height_px = camera.width_px, camera.height_px
        self.eye: Floats = np.array([0.0, 0.0, camera.pose.height_m])
        self._turned: Floats = np.ascontiguousarray(self.ground.rotation.T)
        self._middle_px: Floats = np.array([camera.width_px / 2.0, camera.height_px / 2.0])
        yaw = math.radians(camera.pose.yaw_deg)
        self.right: Floats = np.array([math.cos(yaw), -math.sin(yaw)])
        self.ahead: Floats = np.array([math.sin(yaw), math.cos(yaw)])

    def local(self, points: Sequence[Point] | Floats) -> Floats:
        """City points ``(N, 2)`` as metres from the camera's foot."""
        array = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        lon, lat = self.city.frame.to_lonlat(array[:, 0], array[:, 1])
        east, north = self.ground.frame.to_enu(lon, lat)
        return np.stack([east, north], axis=1)

    def lonlat(self, east_m: float, north_m: float) -> tuple[float, float]:
        """A local point on the earth."""
        return self.ground.frame.to_lonlat(east_m, north_m)

    def side_ahead(self, points: Floats) -> Floats:
        """Local ``(N, 2)`` points as metres to the right of and ahead of the camera."""
        return np.stack([points[:, :2] @ self.right, points[:, :2] @ self.ahead], axis=1)

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """``(N, 3)`` local points → pixels and depth, as :meth:`gis.ground.GroundCamera.project` does.

        Leaner than that one, for it runs thousands of times a second: the pixels of points at or behind the lens
        mean nothing.
        """
        seen = (points - self.eye) @ self._turned
        depth = seen[:, 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            pixels = self._middle_px + seen[:, :2] * (self.ground.focal_px / depth)[:, None]
        return pixels, depth

    def rays(self, scale: int) -> NDArray[np.float32]:
        """Rays through every pixel of the picture at ``scale`` times its size, ``(h, w, 3)``, length 1 in depth."""
        x = (np.arange(self.width_px * scale) + 0.5) / scale - self.width_px / 2
        y = (np.arange(self.height_px * scale) + 0.5) / scale - self.height_px / 2
        right, down, forward = self.ground.rotation
        focal = self.ground.focal_px
        rays = forward + (x / focal)[None, :, None] * right + (y / focal)[:, None, None] * down
        return np.asarray(rays, dtype=np.float32)

    def in_sight(self, points: Floats, margin_m: float = 0.0, reach_m: float = 500.0) -> bool:
        """Whether any of the local points lies ahead, within reach and roughly inside the picture's angle."""
        flat = self.side_ahead(points)
        wide = math.tan(math.radians(self.camera.pose.hfov_deg / 2 + 4.0))
        # A picture tilted down sees wider beside its foot than along its horizon.
        inside = (
            (flat[:, 1] > -6.0 - margin_m)
            & (flat[:, 1] < reach_m)
            & (np.abs(flat[:, 0]) < np.maximum(flat[:, 1], 0.0) * wide * 1.05 + 12.0 + margin_m)
        )
        return bool(inside.any())
