"""Crowd density: people per square metre of ground, also where they cannot be told apart.

Two estimates, the larger counts: how many tracks stand in the area, and how many people the moving part of the picture
is worth. For the second each row of the picture has its scale, square metres of an upright surface a pixel, by the
pose (A. Chan et al., "Privacy preserving crowd monitoring", CVPR 2008: foreground weighted by perspective).
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray
from shapely import Polygon, contains_xy

from analytics.model import Firing, Scene, Zone
from analytics.rules.hysteresis import Hysteresis, end_of
from analytics.rules.stays import Stays
from analytics.wording import things
from analytics.zone import around
from gis.ground import GroundCamera

PERSON_M2 = 0.62
"""What an upright person covers of a surface across the view: 1.7 m by about 0.5 m, rounded off."""
HIDDEN = 1.3
"""In a crowd one hides a part of the next: so many are behind what would be one."""
FULL_PER_M2 = 4.0
"""Without a pose the share of the area that people fill is converted: a full one counts as so many a square metre."""
SMOOTH_S = 2.0
ROWS = 48
MAX_M2 = 20_000.0
SURE_OF_COUNT, SURE_OF_AREA, SURE_WITHOUT_POSE = 0.85, 0.65, 0.45


class CrowdDensity:
    """Fires when the density has been at ``threshold`` for the dwell; over when it was down to ``clear`` for as long."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._stays: Stays[None] = Stays(zone, lambda: None)
        self._limit = Hysteresis(zone)
        self._shape = Polygon(zone.points)
        self._recent: deque[tuple[float, float]] = deque()
        self._camera: GroundCamera | None = None
        self._area_m2: float | None = None
        self._m2_per_row: NDArray[np.float64] = np.zeros(ROWS)

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        if scene.motion is not None and scene.motion.blind:
            return []
        if scene.ground is not self._camera:
            self._camera = scene.ground
            self._measure(scene.ground)
        seen = self._stays.follow(scene)
        covered = self._covered(scene)
        filled = min(1.0, float(covered.sum()) / self._shape.area)
        by_area = float((covered * self._m2_per_row).sum()) / PERSON_M2
        if len(seen) < by_area:
            by_area *= HIDDEN
        people = max(float(len(seen)), by_area)
        per_m2 = filled * FULL_PER_M2 if self._area_m2 is None else people / self._area_m2
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
            self.zone, value, self._limit.threshold, people, self._area_m2, filled, for_s
        )
        confidence = SURE_OF_COUNT if people == len(seen) else SURE_OF_AREA
        if self._area_m2 is None:
            confidence = SURE_WITHOUT_POSE
        surrounding = around([track.box for track, _ in seen] or [around_points(self.zone)])
        return [Firing.of_scene(self.zone, "person", confidence, surrounding, *words, value=value)]

    def _covered(self, scene: Scene) -> NDArray[np.float64]:
        """``(ROWS,)``: the share of the picture that moving things cover within the area, by the row of their foot.

        What is known to be a vehicle is left out.
        """
        covered = np.zeros(ROWS)
        if scene.motion is None or scene.frame is None or not len(scene.motion.detections):
            boxes = np.array([t.box for t in scene.tracks if t.kind == "person"]).reshape(-1, 4)
            fill = np.full(len(boxes), 0.7)
        else:
            size = np.array([scene.frame.width_px, scene.frame.height_px] * 2)
            boxes = scene.motion.detections.boxes_px / size
            fill = np.clip(scene.motion.detections.confidence**2, 0.3, 1.0)
        others = np.array([t.box for t in scene.tracks if t.kind == "vehicle"]).reshape(-1, 4)
        for (x, y, w, h), share in zip(boxes.tolist(), fill.tolist(), strict=True):
            if _mostly_in(np.array([x, y, w, h]), others):
                continue
            left, right = x, x + w
            outline = Polygon([(left, y), (right, y), (right, y + h), (left, y + h)])
            inside = outline.intersection(self._shape).area
            if inside <= 0:
                continue
            # People stand in the area by their feet; the parts of them above it are theirs as well.
            foot = min(ROWS - 1, int(min(y + h, 0.999) * ROWS))
            covered[foot] += share * (w * h if _foot_in(self._shape, x + w / 2, y + h) else inside)
        return covered

    def _measure(self, camera: GroundCamera | None) -> None:
        """The area on the ground, and what the whole picture would be in square metres at each row's distance."""
        self._area_m2, self._m2_per_row = None, np.zeros(ROWS)
        if camera is None:
            return
        places = [
            camera.locate(x * camera.width_px, y * camera.height_px) for x, y in self.zone.points
        ]
        if any(place is None for place in places):
            return
        ring = [camera.frame.to_enu(p.place.lon, p.place.lat) for p in places if p is not None]
        area_m2 = Polygon(ring).area
        if not 0.5 <= area_m2 <= MAX_M2:
            return
        self._area_m2 = float(area_m2)
        for row in range(ROWS):
            foot = camera.locate(camera.width_px / 2, (row + 0.5) / ROWS * camera.height_px)
            px_per_m = camera.px_per_m(foot.place) if foot is not None else None
            if px_per_m:
                self._m2_per_row[row] = camera.width_px * camera.height_px / px_per_m**2


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
