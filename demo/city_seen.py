"""How ground lies in a demo camera's picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from shapely.geometry import Polygon

from demo.city_model import DemoCamera, Point, Ring
from gis.ground import GroundCamera, LocalFrame

RANGE_M = 120.0


def ground_camera(camera: DemoCamera) -> GroundCamera:
    """The camera's geometry."""
    return GroundCamera(camera.pose, camera.width_px, camera.height_px)


def seen_polygon(frame: LocalFrame, camera: DemoCamera, ring: Ring) -> tuple[Point, ...]:
    """A ground polygon as it lies in the picture, normalised, cut off where the picture ends."""
    geometry = ground_camera(camera)
    view = Polygon([frame.to_enu(lon, lat) for lon, lat in geometry.field_of_view(RANGE_M)])
    seen = Polygon(ring).intersection(view)
    # Ground edges are straight in the picture too, so that the corners alone are enough.
    corners = seen.simplify(0.05).exterior.coords[:-1]
    return seen_points(frame, camera, tuple((x, y) for x, y in corners))


def seen_points(
    frame: LocalFrame, camera: DemoCamera, points: Sequence[Point]
) -> tuple[Point, ...]:
    """Ground points in the picture, normalised. Raises :class:`ValueError` where one is behind the camera."""
    geometry = ground_camera(camera)
    lonlat = [frame.to_lonlat(x, y) for x, y in points]
    local = np.array([(*geometry.frame.to_enu(lon, lat), 0.0) for lon, lat in lonlat])
    pixels, depth_m = geometry.project(local)
    if (depth_m <= 0.0).any():
        raise ValueError(f"{camera.code}: a zone reaches behind the camera")
    size = np.array([camera.width_px, camera.height_px])
    normal = np.clip(pixels / size, 0.0, 1.0)
    return tuple((round(float(x), 4), round(float(y), 4)) for x, y in normal)
