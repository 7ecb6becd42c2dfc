"""The way that a zone's arrow shows, in the plane that a thing's way is measured in."""

from __future__ import annotations

import math

from analytics.model import Point, Scene
from analytics.rules.way import aspect
from gis.ground import GroundCamera


class Arrow:
    """One zone's arrow, drawn in the picture."""

    def __init__(self, arrow: tuple[Point, Point]) -> None:
        self._arrow = arrow
        self._camera: GroundCamera | None = None
        self._on_ground: tuple[float, float] | None = None

    def along(self, scene: Scene, on_ground: bool) -> tuple[float, float]:
        """Its unit vector: east and north on the ground, right and down in the picture."""
        if on_ground and scene.ground is not None:
            if self._on_ground is None or self._camera is not scene.ground:
                self._camera, self._on_ground = scene.ground, self._from(scene.ground)
            if self._on_ground is not None:
                return self._on_ground
        (x0, y0), (x1, y1) = self._arrow
        return _unit((x1 - x0) * aspect(scene), y1 - y0)

    def _from(self, camera: GroundCamera) -> tuple[float, float] | None:
        """On the ground under the arrow; None where it is drawn too far out to be placed."""
        ends = [camera.locate(x * camera.width_px, y * camera.height_px) for x, y in self._arrow]
        if ends[0] is None or ends[1] is None:
            return None
        (e0, n0), (e1, n1) = (
            camera.frame.to_enu(end.place.lon, end.place.lat) for end in ends if end is not None
        )
        return _unit(e1 - e0, n1 - n0)


def _unit(x: float, y: float) -> tuple[float, float]:
    length = math.hypot(x, y) or 1.0
    return x / length, y / length
