"""Zones drawn on the map: what each camera sees of them, and one event of a thing that several cameras see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import shapely
from numpy.typing import NDArray

from analytics.model import Firing, Point, Zone
from gis.ground import GroundCamera, LocalFrame
from gis.model import GroundFix, LonLat

REACH_M = 120.0
"""So far out a camera watches: beyond it a person is a speck."""
EDGE_M = 1.0
EDGE_MOST = 400
"""Edges are cut into pieces of the first length, into no more than the second in all, before they are projected."""
SIMPLER = 0.001
"""Of the picture: points nearer than this to the line without them are left out again."""
MIN_AREA = 1e-4
MIN_LENGTH = 0.01
ARROW_M = 3.0
MIN_PX_PER_M = 4.0

Floats = NDArray[np.float64]


def near(zones: Sequence[Zone], place: LonLat) -> tuple[Zone, ...]:
    """The zones on the map that come within a camera's reach."""
    here = LocalFrame(place)
    found = []
    for zone in zones:
        spots = [here.to_enu(spot.lon, spot.lat) for spot in zone.ground]
        shape = shapely.Polygon(spots) if len(spots) > 2 else shapely.LineString(spots)
        if zone.ground and shape.distance(shapely.Point(0.0, 0.0)) <= REACH_M:
            found.append(zone)
    return tuple(found)


def in_picture(zone: Zone, camera_id: int, camera: GroundCamera) -> Zone | None:
    """What a camera sees of a zone on the map, under the same id; None where it sees nothing of it.

    Edges are cut fine, clipped to the ground in the picture and within :data:`REACH_M`, and projected. Of several
    separate pieces the largest is taken. An arrow keeps its direction and is drawn in the middle of what is seen.
    ``ground`` stays, so that rules can judge by places on the ground.
    """
    view = shapely.Polygon(
        [camera.frame.to_enu(lon, lat) for lon, lat in camera.field_of_view(REACH_M)]
    )
    if view.is_empty or not view.is_valid:
        return None
    spots = [camera.frame.to_enu(spot.lon, spot.lat) for spot in zone.ground]
    line = zone.rule == "line_crossing"
    shape = shapely.LineString(spots) if line else shapely.Polygon(spots)
    seen = _largest(shape.intersection(view), shapely.LineString if line else shapely.Polygon)
    if seen is None:
        return None
    middle = seen.interpolate(0.5, normalized=True) if line else seen.representative_point()
    lon, lat = camera.frame.to_lonlat(middle.x, middle.y)
    if not camera.sees(LonLat(lon, lat), MIN_PX_PER_M):
        return None
    fine = shapely.segmentize(seen, max(EDGE_M, seen.length / EDGE_MOST))
    places = shapely.get_coordinates(fine if line else fine.exterior)
    points = _project(places, camera)
    if points is None:
        return None
    if line:
        points = points[[0, -1]]
        if math.dist(points[0], points[1]) < MIN_LENGTH:
            return None
    else:
        drawn = shapely.Polygon(points).simplify(SIMPLER)
        if drawn.is_empty or not drawn.is_valid or drawn.area < MIN_AREA:
            return None
        points = shapely.get_coordinates(drawn.exterior)[:-1]
    arrow = None
    if zone.arrow is not None:
        arrow = _arrow(zone.arrow, (middle.x, middle.y), camera)
        if arrow is None:
            return None
    return replace(
        zone,
        camera_id=camera_id,
        points=tuple((float(x), float(y)) for x, y in points),
        arrow=arrow,
    )


def _largest(shape: shapely.Geometry, kind: type[shapely.Geometry]) -> shapely.Geometry | None:
    parts = [p for p in shapely.get_parts(shape) if isinstance(p, kind) and not p.is_empty]
    return max(parts, key=lambda p: p.length if p.area == 0 else p.area, default=None)


def _project(places: Floats, camera: GroundCamera) -> Floats | None:
    """Normalised places in the picture of ``(n, 2)`` places on the ground; None where one is behind the lens."""
    pixels, depth_m = camera.project(np.column_stack([places, np.zeros(len(places))]))
    if (depth_m <= 0.0).any():
        return None
    return np.clip(pixels / [camera.width_px, camera.height_px], 0.0, 1.0)


def _arrow(
    arrow: tuple[Point, Point], middle: tuple[float, float], camera: GroundCamera
) -> tuple[Point, Point] | None:
    (e0, n0), (e1, n1) = (camera.frame.to_enu(*end) for end in arrow)
    length_m = math.hypot(e1 - e0, n1 - n0)
    step = np.array([e1 - e0, n1 - n0]) / length_m
    for half_m in (ARROW_M / 2, ARROW_M / 6):
        ends = np.stack([middle - step * half_m, middle + step * half_m])
        drawn = _project(ends, camera)
        if drawn is not None and math.dist(drawn[0], drawn[1]) > 1e-4:
            (x0, y0), (x1, y1) = drawn.tolist()
            return (x0, y0), (x1, y1)
    return None


# --- one thing, several cameras ---------------------------------------------------------------------------------

SAME_S = 10.0
SAME_M = 1.5
SLOWEST_MS = 1.5
"""Two cameras tell of one thing within so long, as far apart as their ellipses and this allow, and as it may have gone
meanwhile."""


@dataclass(slots=True)
class _Told:
    zone: int
    camera_id: int
    kind: str
    at: datetime
    fix: GroundFix | None
    speed_ms: float
    seen_by: set[int] = field(default_factory=set)


class Together:
    """Events of zones on the map, as several cameras tell them: of one thing the first is kept."""

    def __init__(self) -> None:
        self._told: list[_Told] = []

    def admit(self, firing: Firing, camera_id: int, at: datetime) -> bool:
        """Whether an event is a new one. False when another camera told of the same thing: at a place that agrees
        within both ellipses, or, for what has no track (a crowd, a jam), in the same zone within its ``rearm_s``.
        """
        zone = firing.zone
        if zone is None or not zone.ground:
            return True
        self._told = [t for t in self._told if abs((at - t.at).total_seconds()) <= 3600.0]
        for told in self._told:
            if (
                told.zone == zone.id
                and told.camera_id != camera_id
                and camera_id not in told.seen_by
            ) and _same(told, firing, at):
                told.seen_by.add(camera_id)
                return False
        speed_ms = firing.track.speed_ms if firing.track else None
        self._told.append(
            _Told(zone.id, camera_id, firing.kind, at, firing.fix, speed_ms or SLOWEST_MS)
        )
        return True


def _same(told: _Told, firing: Firing, at: datetime) -> bool:
    apart_s = abs((at - told.at).total_seconds())
    if firing.track is None:
        assert firing.zone is not None
        return apart_s <= max(firing.zone.rearm_s, SAME_S)
    if apart_s > SAME_S or firing.fix is None or told.fix is None:
        return False
    east, north = LocalFrame(told.fix.place).to_enu(firing.fix.place.lon, firing.fix.place.lat)
    speed_ms = max(told.speed_ms, firing.track.speed_ms or 0.0, SLOWEST_MS)
    allowed_m = (
        SAME_M + told.fix.ellipse.major_m + firing.fix.ellipse.major_m + speed_ms * apart_s * 1.3
    )
    return math.hypot(east, north) <= allowed_m
