"""Crowd density: people per square metre of ground, also where they cannot be told apart.

With a pose people are counted as for the rule about their number, and divided by the ground of the area. Without one the share
of the area's picture that moving things fill is converted.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray
from shapely import Polygon, contains_xy

from analytics.model import Firing, Scene, Zone
from analytics.rules.headcount import Headcount
from analytics.rules.hysteresis import Hysteresis, end_of
from analytics.wording import things
from analytics.zone import around
from gis.ground import GroundCamera

FULL_PER_M2 = 4.0
"""Without a pose the share of the area that people fill is converted: a full one counts as so many a square metre."""
SMOOTH_S = 2.0
MAX_M2 = 20_000.0
SURE_OF_COUNT, SURE_OF_ESTIMATE, SURE_WITHOUT_POSE = 0.85, 0.65, 0.45


class CrowdDensity:
    """Fires when the density has been at ``threshold`` for the dwell; over when it was down to ``clear`` for as long."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._heads = Headcount(zone)
        self._limit = Hysteresis(zone)
        self._shape = Polygon(zone.points)
        self._recent: deque[tuple[float, float]] = deque()
        self._camera: GroundCamera | None = None
        self._area_m2: float | None = None

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        if scene.ground is not self._camera:
            self._camera = scene.ground
            self._area_m2 = None if scene.ground is None else self._measured(scene.ground)
        heads = self._heads.update(scene)
        if scene.motion is not None and scene.motion.blind:
            return []
        filled = 0.0
        if self._area_m2 is None:
            filled = min(1.0, self._covered(scene) / self._shape.area)
            per_m2 = filled * FULL_PER_M2
        else:
            per_m2 = heads.people / self._area_m2
        at_s = scene.at.timestamp()
        self._recent.append((at_s, per_m2))
        while at_s - self._recent[0][0] > SMOOTH_S:
            self._recent.popleft()
        value = float(np.median([each for _, each in self._recent]))
        fires = self._limit.update(scene.at, value)
        if self._limit.ended:
            return [end_of(self.zone, "person")]
        if not fires:
            return []
        assert self._limit.since is not None
        for_s = (scene.at - self._limit.since).total_seconds()
        words = things.crowd_density(
            self.zone,
            value,
            self._limit.threshold,
            heads.people,
            heads.sigma,
            self._area_m2,
            filled,
            for_s,
        )
        confidence = SURE_OF_ESTIMATE if heads.estimated else SURE_OF_COUNT
        if self._area_m2 is None:
            confidence = SURE_WITHOUT_POSE
        surrounding = around(heads.boxes or [around_points(self.zone)])
        return [Firing.of_scene(self.zone, "person", confidence, surrounding, *words, value=value)]

    def _covered(self, scene: Scene) -> float:
        """The share of the picture that moving things cover within the area; what is known to be a vehicle is left out."""
        if scene.motion is None or scene.frame is None or not len(scene.motion.detections):
            boxes = np.array([t.box for t in scene.tracks if t.kind == "person"]).reshape(-1, 4)
            fill = np.full(len(boxes), 0.7)
        else:
            size = np.array([scene.frame.width_px, scene.frame.height_px] * 2)
            boxes = scene.motion.detections.boxes_px / size
            fill = np.clip(scene.motion.detections.confidence**2, 0.3, 1.0)
        others = np.array([t.box for t in scene.tracks if t.kind == "vehicle"]).reshape(-1, 4)
        covered = 0.0
        for (x, y, w, h), share in zip(boxes.tolist(), fill.tolist(), strict=True):
            if _mostly_in(np.array([x, y, w, h]), others):
                continue
            outline = Polygon([(x, y), (x + w, y), (x + w, y + h), (x, y + h)])
            inside = outline.intersection(self._shape).area
            if inside > 0:
                # People stand in the area by their feet; the parts of them above it are theirs as well.
                covered += share * (w * h if _foot_in(self._shape, x + w / 2, y + h) else inside)
        return covered

    def _measured(self, camera: GroundCamera) -> float | None:
        """The area on the ground, square metres; None where it is not all in sight on the ground, or no area for people."""
        places = [
            camera.locate(x * camera.width_px, y * camera.height_px) for x, y in self.zone.points
        ]
        ring = [camera.frame.to_enu(p.place.lon, p.place.lat) for p in places if p is not None]
        if len(ring) < len(places):
            return None
        area_m2 = float(Polygon(ring).area)
        return area_m2 if 0.5 <= area_m2 <= MAX_M2 else None


def around_points(zone: Zone) -> tuple[float, float, float, float]:
    """The box around a zone."""
    return around([(x, y, 0.0, 0.0) for x, y in zone.points])


def _mostly_in(box: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    if not len(others):
        return False
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[:2] + box[2:], others[:, :2] + others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    return bool(shared.max() > 0.5 * box[2] * box[3])


def _foot_in(shape: Polygon, x: float, y: float) -> bool:
    return bool(contains_xy(shape, x, y))
