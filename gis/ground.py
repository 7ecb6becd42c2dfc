"""From a camera's picture to the ground and back: a pinhole on a pole over a flat plane.

Local coordinates are east, north, up in metres with the origin on the ground under the camera. Pixels are
continuous: (0, 0) is the top left corner of the picture, (width, height) the bottom right one. The camera has
square pixels and its principal point in the middle; its lens bends lines as :mod:`gis.lens` says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import InvalidInput
from gis.lens import Lens
from gis.model import POSE_VALUES, Ellipse, GroundFix, LonLat, Pose

Floats = NDArray[np.float64]

WGS84_A_M = 6378137.0
WGS84_E2 = 6.69437999014e-3
CHI2_95_2DOF = 5.991464547107979
"""95 % of a two-dimensional normal distribution lies within this squared Mahalanobis distance."""
HEIGHT_SIGMA_M = 0.15
"""One sigma of the lens's height over the ground at the spot: the pole's survey and the road's camber."""
CAMBER_SIGMA_M = 0.1
"""The road's part of it, which no fit of the pose takes away."""
MAX_MAJOR_M = 25.0
"""A fix less certain than this is no fix."""
MIN_DROP = 1e-4
"""Rays falling less than this per metre of view axis count as level: they meet no ground."""
_ARC_SEGMENTS = 32  # of a quarter circle
_BORDER_POINTS = 24  # of one side of the picture, where the lens bends it


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
    return ellipses_95(covariance[None])[0]


def ellipses_95(covariances: Floats) -> list[Ellipse]:
    """:func:`ellipse_95` of each of ``(n, 2, 2)``."""
    ee, en, nn = covariances[:, 0, 0], covariances[:, 0, 1], covariances[:, 1, 1]
    mean, half = (ee + nn) / 2.0, np.hypot((ee - nn) / 2.0, en)
    major = np.sqrt(np.maximum(0.0, mean + half) * CHI2_95_2DOF)
    minor = np.sqrt(np.maximum(0.0, mean - half) * CHI2_95_2DOF)
    # Twice the major axis's angle from north.
    angle_deg = np.degrees(np.arctan2(2.0 * en, nn - ee) / 2.0) % 180.0
    return [
        Ellipse(*values)
        for values in zip(major.tolist(), minor.tolist(), angle_deg.tolist(), strict=True)
    ]


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """The ground under some pixels: ``enu`` ``(N, 2)`` metres, ``covariance`` ``(N, 2, 2)`` square metres.

    ``falls`` ``(N,)`` says whether a pixel's ray meets the ground at all; where not, the rest means nothing.
    """

    enu: Floats
    covariance: Floats
    falls: NDArray[np.bool_]


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
        self.lens = Lens(pose.k1, pose.k2, math.hypot(width_px, height_px) / 2.0 / self.focal_px)
        self.spread = _spread(pose)
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
        plane = self.lens.bend(seen[:, :2] / scale[:, None])
        return self._centre_px + self.focal_px * plane, depth_m

    def locate(self, x_px: float, y_px: float, pixel_sigma_px: float = 2.0) -> GroundFix | None:
        """The ground point under a pixel with its 95 % ellipse, as :meth:`spots` gives it.

        None where the pixel is at or above the horizon, and where the semi-major axis exceeds :data:`MAX_MAJOR_M`.
        """
        spots = self.spots(np.array([[x_px, y_px]]), np.array([pixel_sigma_px]))
        if not spots.falls[0]:
            return None
        ellipse = ellipse_95(spots.covariance[0])
        if ellipse.major_m > MAX_MAJOR_M:
            return None
        lon, lat = self.frame.to_lonlat(float(spots.enu[0, 0]), float(spots.enu[0, 1]))
        return GroundFix(LonLat(lon, lat), ellipse)

    def spots(self, pixels: Floats, pixel_sigma_px: Floats) -> Spots:
        """The ground under ``(N, 2)`` pixels, each known to ``(N,)`` one sigma in both picture axes.

        First-order propagation of the pixel's error and of the pose's: its fitted covariance, or where it has none
        its ``sigma_deg`` in yaw, pitch and roll and :data:`HEIGHT_SIGMA_M` in height.
        """
        bent = (pixels - self._centre_px) / self.focal_px
        plane = self.lens.unbend(bent)
        rays = plane @ self.rotation[:2] + self.rotation[2]
        falls = rays[:, 2] <= -MIN_DROP
        reach = self.pose.height_m / np.where(falls, -rays[:, 2], 1.0)
        foot = reach[:, None] * rays[:, :2]
        by_value, by_pixel = self._foot_slopes(bent, plane, rays, reach, foot)
        by_pixel *= (pixel_sigma_px / self.focal_px)[:, None, None]
        spread = by_value @ self.spread
        covariance = np.einsum("nij,nkj->nik", spread, spread)
        covariance += np.einsum("nij,nkj->nik", by_pixel, by_pixel)
        return Spots(foot, covariance, falls)

    def _foot_slopes(
        self, bent: Floats, plane: Floats, rays: Floats, reach: Floats, foot: Floats
    ) -> tuple[Floats, Floats]:
        """How the ground points move: ``(N, 2, 9)`` with each of :data:`POSE_VALUES` and ``(N, 2, 2)`` with the
        picture's axes, per focal length."""
        n = len(rays)
        ray_by = np.empty((n, 3, 8))  # yaw, pitch, roll, hfov, k1, k2, picture x, picture y
        ray_by[:, 0, 0], ray_by[:, 1, 0], ray_by[:, 2, 0] = rays[:, 1], -rays[:, 0], 0.0
        ray_by[:, :, 1] = np.einsum("ij,nj->ni", _cross(self._level_right), rays)
        ray_by[:, :, 2] = np.einsum("ij,nj->ni", _cross(self.rotation[2]), rays)
        half = math.radians(self.pose.hfov_deg) / 2.0
        plane_by = np.empty((n, 2, 5))
        plane_by[:, :, 0] = bent / (2.0 * math.sin(half) * math.cos(half))  # by half a radian twice
        r2 = np.einsum("ij,ij->i", plane, plane)
        plane_by[:, :, 1] = -plane * r2[:, None]
        plane_by[:, :, 2] = -plane * (r2 * r2)[:, None]
        plane_by[:, :, 3] = (1.0, 0.0)
        plane_by[:, :, 4] = (0.0, 1.0)
        if not self.lens.straight:
            plane_by[:] = np.linalg.solve(self.lens.slope(plane), plane_by)
        ray_by[:, :, 3:] = np.einsum("ki,nkj->nij", self.rotation[:2], plane_by)
        ray_by[:, :, :4] *= math.radians(1.0)
        by = np.empty((n, 2, 11))
        by[:, :, 0], by[:, :, 1] = (1.0, 0.0), (0.0, 1.0)
        by[:, :, 2] = foot / self.pose.height_m
        # foot = reach · ray: its level part moves along, its fall stretches the way.
        fall = np.where(rays[:, 2] <= -MIN_DROP, rays[:, 2], -1.0)
        stretch = ray_by[:, 2, :] / -fall[:, None]
        by[:, :, 3:] = reach[:, None, None] * ray_by[:, :2, :]
        by[:, :, 3:] += foot[:, :, None] * stretch[:, None, :]
        return by[:, :, :9], by[:, :, 9:]

    def field_of_view(self, range_m: float = 120.0) -> list[tuple[float, float]]:
        """The ground in the picture out to ``range_m`` from the foot: a closed ring of (lon, lat).

        Empty when the picture shows no ground that near.
        """
        # Straight in the pinhole's plane is straight on the ground; the picture's border is bent there.
        border = self._plane(self._border())
        border = _clip_below(border, self._rise(border) + 10 * MIN_DROP)
        if len(border) < 3:
            return []
        rays = border @ self.rotation[:2] + self.rotation[2]
        patch = shapely.Polygon(self.pose.height_m * rays[:, :2] / -rays[:, 2:])
        if not patch.is_valid:
            patch = shapely.make_valid(patch)
        seen = patch.intersection(shapely.Point(0.0, 0.0).buffer(range_m, quad_segs=_ARC_SEGMENTS))
        if not isinstance(seen, shapely.Polygon):
            parts = [p for p in getattr(seen, "geoms", ()) if isinstance(p, shapely.Polygon)]
            seen = max(parts, key=lambda p: p.area, default=shapely.Polygon())
        if seen.is_empty:
            return []
        ground = shapely.get_coordinates(seen.exterior)
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
        gain = 1.0
        if not self.lens.straight:
            bent = (pixels[0] - self._centre_px) / self.focal_px
            gain = float(np.hypot(*bent) / max(1e-9, np.hypot(*self.lens.unbend(bent[None])[0])))
        return gain * float(self.focal_px / depth_m[0])

    def sees(self, place: LonLat, min_px_per_m: float = 4.0) -> bool:
        """Whether a ground point is in the picture and large enough there to tell a person."""
        scale = self.px_per_m(place)
        return scale is not None and scale >= min_px_per_m

    def rays(self, pixels: Floats) -> Floats:
        """View rays of ``(N, 2)`` pixels in east, north, up; their length is 1 along the view axis."""
        rays: Floats = self._plane(pixels) @ self.rotation[:2] + self.rotation[2]
        return rays

    def _plane(self, pixels: Floats) -> Floats:
        return self.lens.unbend((pixels - self._centre_px) / self.focal_px)

    def _rise(self, plane: Floats) -> Floats:
        rise: Floats = plane @ self.rotation[:2, 2] + self.rotation[2, 2]
        return rise

    def _border(self) -> Floats:
        """The picture's border from its lower left corner clockwise, in pixels."""
        w, h = float(self.width_px), float(self.height_px)
        corners = np.array([[0.0, h], [0.0, 0.0], [w, 0.0], [w, h]])
        if self.lens.straight:
            return corners
        share = np.arange(_BORDER_POINTS)[:, None] / _BORDER_POINTS
        following = np.roll(corners, -1, axis=0)
        return np.concatenate(
            [a + share * (b - a) for a, b in zip(corners, following, strict=True)]
        )


def _spread(pose: Pose) -> Floats:
    """A square root of the pose's covariance, ``(9, k)``: its columns are independent errors of one sigma."""
    n = len(POSE_VALUES)
    if pose.covariance is None:
        out: Floats = np.zeros((n, 4))
        out[2, 0] = HEIGHT_SIGMA_M
        out[3, 1] = out[4, 2] = out[5, 3] = pose.sigma_deg
        return out
    if len(pose.covariance) != n * n:
        raise InvalidInput(
            f"a pose's covariance has {n} × {n} values, got {len(pose.covariance)}", "covariance"
        )
    covariance = np.array(pose.covariance).reshape(n, n)
    covariance[2, 2] += CAMBER_SIGMA_M**2
    # Scaled to its diagonal first: the values' units differ by orders of magnitude.
    scale = np.sqrt(np.maximum(np.diag(covariance), 1e-30))
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    root: Floats = scale[:, None] * vectors * np.sqrt(np.maximum(values, 0.0))
    return root


def _cross(axis: Floats) -> Floats:
    """The matrix that turns a vector by its cross product with ``axis``."""
    x, y, z = axis
    return np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])


def _clip_below(polygon: Floats, rise: Floats) -> Floats:
    """The part of a polygon where ``rise``, linear in the plane and given at the corners, is ≤ 0."""
    kept: list[Floats] = []
    for i in range(len(polygon)):
        j = (i + 1) % len(polygon)
        if rise[i] <= 0.0:
            kept.append(polygon[i])
        if (rise[i] <= 0.0) != (rise[j] <= 0.0):
            share = rise[i] / (rise[i] - rise[j])
            kept.append(polygon[i] + share * (polygon[j] - polygon[i]))
    return np.array(kept).reshape(-1, 2)
