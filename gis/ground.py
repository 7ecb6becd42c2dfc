"""From a camera's picture to the ground and back: a pinhole on a pole over a flat plane.

Local coordinates are east, north, up in metres with the origin on the ground under the camera. Pixels are
continuous: (0, 0) is the top left corner of the picture, (width, height) the bottom right one. The camera has
square pixels, its principal point in the middle and no lens distortion.
"""

from __future__ import annotations

import math
from typing import Any, overload

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import InvalidInput
from gis.model import Ellipse, GroundFix, LonLat, Pose

Floats = NDArray[np.float64]

WGS84_A_M = 6378137.0
WGS84_E2 = 6.69437999014e-3
CHI2_95_2DOF = 5.991464547107979
"""95 % of a two-dimensional normal distribution lies within this squared Mahalanobis distance."""
HEIGHT_SIGMA_M = 0.15
"""One sigma of the lens's height over the ground at the spot: the pole's survey and the road's camber."""
MAX_MAJOR_M = 25.0
"""A fix less certain than this is no fix."""
MIN_DROP = 1e-4
"""Rays falling less than this per metre of view axis count as level: they meet no ground."""
_ARC_SEGMENTS = 32  # of a quarter circle


class LocalFrame:
    """A tangent plane at ``origin`` by WGS-84's radii of curvature there.

    Linear in longitude and latitude, so exact to invert. Against the geodesic it is wrong by less than
    1 mm at 120 m and about 0.5 m at 3 km.
    """

    def __init__(self, origin: LonLat) -> None:
        self.origin = origin
        latitude = math.radians(origin.lat)
        w2 = 1.0 - WGS84_E2 * math.sin(latitude) ** 2
        meridian_m = WGS84_A_M * (1.0 - WGS84_E2) / w2**1.5
        normal_m = WGS84_A_M / math.sqrt(w2)
        self.m_per_deg_lon = math.radians(1.0) * normal_m * math.cos(latitude)
        self.m_per_deg_lat = math.radians(1.0) * meridian_m

    @overload
    def to_enu(self, lon: float, lat: float) -> tuple[float, float]: ...
    @overload
    def to_enu(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]: ...
    def to_enu(self, lon: Any, lat: Any) -> Any:
        """Metres east and north of the origin; takes floats or arrays of one shape."""
        return (
            (lon - self.origin.lon) * self.m_per_deg_lon,
            (lat - self.origin.lat) * self.m_per_deg_lat,
        )

    @overload
    def to_lonlat(self, e_m: float, n_m: float) -> tuple[float, float]: ...
    @overload
    def to_lonlat(self, e_m: Floats, n_m: Floats) -> tuple[Floats, Floats]: ...
    def to_lonlat(self, e_m: Any, n_m: Any) -> Any:
        """Longitude and latitude of a point in metres from the origin; the inverse of :meth:`to_enu`."""
        return (
            self.origin.lon + e_m / self.m_per_deg_lon,
            self.origin.lat + n_m / self.m_per_deg_lat,
        )


def ellipse_95(covariance: Floats) -> Ellipse:
    """The 95 % ellipse of a 2×2 covariance in (east, north) square metres."""
    values, vectors = np.linalg.eigh(covariance)
    minor, major = np.sqrt(np.maximum(values, 0.0) * CHI2_95_2DOF)
    east, north = vectors[:, 1]
    angle_deg = math.degrees(math.atan2(float(east), float(north))) % 180.0
    return Ellipse(float(major), float(minor), angle_deg)


class GroundCamera:
    """A :class:`gis.model.Pose` with a picture size. Raises :class:`InvalidInput` on values that make no camera."""

    def __init__(self, pose: Pose, width_px: int, height_px: int) -> None:
        if width_px <= 0 or height_px <= 0:
            raise InvalidInput(
                f"a picture of {width_px}×{height_px} pixels has no inside", "width_px"
            )
        if not 0.0 < pose.hfov_deg < 180.0:
            raise InvalidInput(f"field of view {pose.hfov_deg!r}° is outside 0..180", "hfov_deg")
        if pose.height_m <= 0.0:
            raise InvalidInput(
                f"a lens {pose.height_m!r} m above the ground sees no ground: give its height over it",
                "height_m",
            )
        self.pose = pose
        self.width_px = width_px
        self.height_px = height_px
        self.frame = LocalFrame(pose.place)
        self.focal_px = width_px / 2.0 / math.tan(math.radians(pose.hfov_deg) / 2.0)
        yaw, pitch, roll = (math.radians(a) for a in (pose.yaw_deg, pose.pitch_deg, pose.roll_deg))
        ahead = np.array([math.sin(yaw), math.cos(yaw), 0.0])
        up = np.array([0.0, 0.0, 1.0])
        level_right = np.array([math.cos(yaw), -math.sin(yaw), 0.0])
        forward = math.cos(pitch) * ahead + math.sin(pitch) * up
        level_down = math.sin(pitch) * ahead - math.cos(pitch) * up
        right = math.cos(roll) * level_right + math.sin(roll) * level_down
        down = -math.sin(roll) * level_right + math.cos(roll) * level_down
        # Rows: the picture's right, its down, and the view axis, each in east, north, up.
        self.rotation: Floats = np.stack([right, down, forward])
        self._level_right = level_right
        self._eye = np.array([0.0, 0.0, pose.height_m])
        self._centre_px = np.array([width_px / 2.0, height_px / 2.0])

    def project(self, enu: Floats) -> tuple[Floats, Floats]:
        """Where points appear: ``(N, 3)`` local metres → ``(N, 2)`` pixels and ``(N,)`` depth in metres.

        Depth is along the view axis. Points at or behind the lens have depth ≤ 0 and NaN pixels; points
        outside the picture have pixels outside it.
        """
        seen = (np.asarray(enu, dtype=np.float64).reshape(-1, 3) - self._eye) @ self.rotation.T
        depth_m = seen[:, 2]
        scale = np.where(depth_m > 0.0, depth_m, np.nan)
        return self._centre_px + self.focal_px * seen[:, :2] / scale[:, None], depth_m

    def locate(self, x_px: float, y_px: float, pixel_sigma_px: float = 2.0) -> GroundFix | None:
        """The ground point under a pixel with its 95 % ellipse.

        First-order propagation of one-sigma errors: ``pixel_sigma_px`` in both picture axes, the pose's
        ``sigma_deg`` in yaw, pitch and roll, :data:`HEIGHT_SIGMA_M` in height. None where the pixel is at or
        above the horizon, and where the semi-major axis exceeds :data:`MAX_MAJOR_M`.
        """
        ray = self._rays(np.array([[x_px, y_px]]))[0]
        if ray[2] > -MIN_DROP:
            return None
        height_m = self.pose.height_m
        foot = height_m * ray[:2] / -ray[2]
        # How the foot moves with the ray, then how the ray moves with each error.
        by_ray = (height_m / -ray[2]) * np.array(
            [[1.0, 0.0, ray[0] / -ray[2]], [0.0, 1.0, ray[1] / -ray[2]]]
        )
        turn = math.radians(self.pose.sigma_deg)
        ray_errors = np.stack(
            [
                turn * np.array([ray[1], -ray[0], 0.0]),  # yaw, clockwise about up
                turn * np.cross(self._level_right, ray),
                turn * np.cross(self.rotation[2], ray),
                pixel_sigma_px / self.focal_px * self.rotation[0],
                pixel_sigma_px / self.focal_px * self.rotation[1],
            ],
            axis=1,
        )
        errors = np.column_stack([by_ray @ ray_errors, foot / height_m * HEIGHT_SIGMA_M])
        ellipse = ellipse_95(errors @ errors.T)
        if ellipse.major_m > MAX_MAJOR_M:
            return None
        lon, lat = self.frame.to_lonlat(float(foot[0]), float(foot[1]))
        return GroundFix(LonLat(lon, lat), ellipse)

    def field_of_view(self, range_m: float = 120.0) -> list[tuple[float, float]]:
        """The ground in the picture out to ``range_m`` from the foot: a closed ring of (lon, lat).

        Empty when the picture shows no ground that near.
        """
        corners = np.array(
            [[0, self.height_px], [0, 0], [self.width_px, 0], [self.width_px, self.height_px]],
            dtype=np.float64,
        )
        below = _clip_below(corners, self._rays(corners)[:, 2] + 10 * MIN_DROP)
        if len(below) < 3:
            return []
        rays = self._rays(below)
        # A convex picture below the horizon is a convex patch of ground, with its corners where the picture's are.
        patch = shapely.Polygon(self.pose.height_m * rays[:, :2] / -rays[:, 2:])
        seen = patch.intersection(shapely.Point(0.0, 0.0).buffer(range_m, quad_segs=_ARC_SEGMENTS))
        if not isinstance(seen, shapely.Polygon) or seen.is_empty:
            return []
        ground = shapely.get_coordinates(seen)
        lon, lat = self.frame.to_lonlat(ground[:, 0], ground[:, 1])
        return [(float(x), float(y)) for x, y in zip(lon, lat, strict=True)]

    def px_per_m(self, place: LonLat) -> float | None:
        """How many pixels a metre across the view takes at a ground point; None when out of the picture."""
        east, north = self.frame.to_enu(place.lon, place.lat)
        pixels, depth_m = self.project(np.array([[east, north, 0.0]]))
        if depth_m[0] <= 0.0:
            return None
        x, y = pixels[0]
        if not (0.0 <= x <= self.width_px and 0.0 <= y <= self.height_px):
            return None
        return float(self.focal_px / depth_m[0])

    def sees(self, place: LonLat, min_px_per_m: float = 4.0) -> bool:
        """Whether a ground point is in the picture and large enough there to tell a person."""
        scale = self.px_per_m(place)
        return scale is not None and scale >= min_px_per_m

    def _rays(self, pixels: Floats) -> Floats:
        """View rays of ``(N, 2)`` pixels in east, north, up; their length is 1 along the view axis."""
        offset = (pixels - self._centre_px) / self.focal_px
        rays: Floats = offset @ self.rotation[:2] + self.rotation[2]
        return rays


def _clip_below(polygon: Floats, rise: Floats) -> Floats:
    """The part of a convex polygon where ``rise``, linear in the plane and given at the corners, is ≤ 0."""
    kept: list[Floats] = []
    for i in range(len(polygon)):
        j = (i + 1) % len(polygon)
        if rise[i] <= 0.0:
            kept.append(polygon[i])
        if (rise[i] <= 0.0) != (rise[j] <= 0.0):
            share = rise[i] / (rise[i] - rise[j])
            kept.append(polygon[i] + share * (polygon[j] - polygon[i]))
    return np.array(kept).reshape(-1, 2)
