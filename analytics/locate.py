"""From a box in the picture to a thing on the ground: place with its error, size in metres, distance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.model import Kind, Size
from gis.errors import InvalidInput
from gis.ground import CHI2_95_2DOF, MAX_MAJOR_M, MIN_DROP, GroundCamera, ellipse_95
from gis.model import Ellipse, GroundFix, LonLat, Pose

Floats = NDArray[np.float64]


MAX_HEIGHT_M = 150.0
BORDER_SHARE = 0.004
"""Of the picture's width: a box this near to the border is cut by it."""
FOOT_SIGMA_SHARE = 0.035
"""One sigma of a box's lower edge as a share of its height: shoes, soft shadows, the mask's own raggedness."""
FOOT_SIGMA_MIN_PX = 1.2
LENGTH_M = {"person": 0.35, "vehicle": 4.4, "other": 1.0}
WIDTH_M = {"person": 0.45, "vehicle": 1.8, "other": 1.0}
VEHICLE_HEIGHT_M = 1.5
SHORT_M, STANDING_M = 1.4, 1.65
"""A person measured shorter than the first is taken for one of the second whose head or feet are hidden."""
SIZE_SIGMA = 0.2
"""One sigma of a class's length and width, as a share."""
ALONG_SIGMA_M = {"person": 0.25, "vehicle": 0.45, "other": 0.5}
ACROSS_SIGMA_M = {"person": 0.12, "vehicle": 0.4, "other": 0.35}
"""One sigma of where the ground contact is, along the view and across it: bicycles, bumpers, shadows on one side."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where a thing stands. ``fix`` is None when too uncertain; ``size`` and ``distance_m`` may still be known.

    ``east_m`` and ``north_m`` are from the ground under the camera.
    """

    fix: GroundFix | None
    size: Size
    distance_m: float
    east_m: float
    north_m: float


class Locator:
    """One camera's picture on the ground. Raises :class:`InvalidInput` for a pose that sees no ground."""

    def __init__(self, pose: Pose, width_px: int, height_px: int) -> None:
        if pose.height_m > MAX_HEIGHT_M:
            raise InvalidInput(
                f"a camera {pose.height_m:g} m above the ground is beyond {MAX_HEIGHT_M:g} m: "
                "check the height; it is over the ground, not over sea level",
                "height_m",
            )
        self._camera = GroundCamera(pose, width_px, height_px)
        if not self._camera.field_of_view(range_m=2000.0):
            raise InvalidInput(
                f"a camera pitched {pose.pitch_deg:g}° with a field of view of {pose.hfov_deg:g}° sees only "
                "sky: pitch is negative when it looks down",
                "pitch_deg",
            )

    def locate(
        self, box_px: tuple[float, float, float, float], kind: Kind, course_rad: float | None = None
    ) -> Located | None:
        """The middle of the thing in ``box_px`` on the ground; None at or above the horizon.

        The lower edge of a box shows the near side of a thing, so its middle lies half its depth behind: that of
        its kind, seen along ``course_rad`` (clockwise from north) where the course is known. A box cut by the
        picture's lower edge has no foot and gets no fix.
        """
        x, y, w, h = box_px
        camera = self._camera
        foot = self._ray(x + w / 2, y + h)
        if foot[2] > -MIN_DROP * 100:
            return None
        height_m = camera.pose.height_m
        near = height_m * foot[:2] / -foot[2]
        near_m = float(np.hypot(near[0], near[1]))
        if near_m < 0.1:
            return None
        away = near / near_m
        depth_m, depth_sigma_m = _half_depth(kind, away, course_rad)
        middle = near + away * depth_m
        if kind == "vehicle" and course_rad is not None:
            middle = self._fit_vehicle(middle, near, course_rad)
        top = self._ray(x + w / 2, y)
        reach = float(np.hypot(top[0], top[1]))
        rise = float(top[2]) / reach * near_m if reach > 1e-9 else -height_m
        axis_m = float(near @ camera.rotation[2, :2]) - height_m * float(camera.rotation[2, 2])
        size = Size(
            height_m=max(0.05, height_m + rise), width_m=max(0.05, w * axis_m / camera.focal_px)
        )
        if kind == "person" and size.height_m < SHORT_M:
            # A fence or a car may hide the feet: then they are lower in the picture, and nearer.
            hidden_px = min(h, h * (STANDING_M / size.height_m - 1.0))
            lower = self._ray(x + w / 2, y + h + hidden_px)
            shift = (height_m * lower[:2] / -lower[2] - near) / 2
            middle = middle + shift
            depth_sigma_m = math.hypot(depth_sigma_m, float(np.hypot(shift[0], shift[1])))
        fix = None
        border_px = BORDER_SHARE * camera.width_px
        if y + h < camera.height_px - border_px:
            fix = self._fix(
                x + w / 2,
                y + h,
                max(FOOT_SIGMA_MIN_PX, FOOT_SIGMA_SHARE * h),
                middle,
                away,
                depth_sigma_m,
                LENGTH_M[kind] / 4
                if x < border_px or x + w > camera.width_px - border_px
                else ACROSS_SIGMA_M[kind],
            )
        return Located(
            fix,
            size,
            math.hypot(float(middle[0]), float(middle[1])),
            float(middle[0]),
            float(middle[1]),
        )

    def _fix(
        self,
        x_px: float,
        y_px: float,
        sigma_px: float,
        middle: Floats,
        away: Floats,
        depth_sigma_m: float,
        across_sigma_m: float,
    ) -> GroundFix | None:
        near = self._camera.locate(x_px, y_px, sigma_px)
        if near is None:
            return None
        across = np.array([away[1], -away[0]])
        ellipse = _widened(near.ellipse, away * depth_sigma_m, across * across_sigma_m)
        if ellipse.major_m > MAX_MAJOR_M:
            return None
        lon, lat = self._camera.frame.to_lonlat(float(middle[0]), float(middle[1]))
        return GroundFix(LonLat(lon, lat), ellipse)

    def _fit_vehicle(self, middle: Floats, near: Floats, course_rad: float) -> Floats:
        """Moves a car-sized block along its course until the foot of its picture lies over ``near``.

        A long thing seen at an angle has its box's lowest point at one corner, not under its middle.
        """
        camera = self._camera
        along = np.array([math.sin(course_rad), math.cos(course_rad)]) * LENGTH_M["vehicle"] / 2
        across = np.array([math.cos(course_rad), -math.sin(course_rad)]) * WIDTH_M["vehicle"] / 2
        corners = np.array([a * along + b * across for a in (-1, 1) for b in (-1, 1)])
        block = np.concatenate(
            [np.column_stack([corners, np.full(4, up_m)]) for up_m in (0.0, VEHICLE_HEIGHT_M)]
        )
        for _ in range(2):
            pixels, depth_m = camera.project(block + np.array([middle[0], middle[1], 0.0]))
            if (depth_m <= 0.5).any():
                return middle
            low, high = pixels.min(axis=0), pixels.max(axis=0)
            foot = self._ray(float(low[0] + high[0]) / 2, float(high[1]))
            if foot[2] > -MIN_DROP * 100:
                return middle
            middle = middle + near - camera.pose.height_m * foot[:2] / -foot[2]
        return middle

    def _ray(self, x_px: float, y_px: float) -> Floats:
        camera = self._camera
        right = (x_px - camera.width_px / 2.0) / camera.focal_px
        down = (y_px - camera.height_px / 2.0) / camera.focal_px
        ray: Floats = right * camera.rotation[0] + down * camera.rotation[1] + camera.rotation[2]
        return ray


def ground_speed_ms(
    t_s: Floats, east_m: Floats, north_m: Floats, over_s: float = 0.8
) -> float | None:
    """Median speed over a path: each point against the first one at least ``over_s`` later.

    None where the path is shorter than that in time. The window keeps the foot's jitter out of the speed.
    """
    later = np.searchsorted(t_s, t_s + over_s)
    first = np.flatnonzero(later < len(t_s))
    if not len(first):
        return None
    second = later[first]
    way_m = np.hypot(east_m[second] - east_m[first], north_m[second] - north_m[first])
    return float(np.median(way_m / (t_s[second] - t_s[first])))


def _half_depth(kind: Kind, away: Floats, course_rad: float | None) -> tuple[float, float]:
    """From the near side of a thing to its middle along the view, and one sigma of it, metres."""
    length_m, width_m = LENGTH_M[kind] / 2, WIDTH_M[kind] / 2
    if course_rad is None:
        # The mean over all courses of |cos| and |sin| is 2/pi.
        mean_m = (length_m + width_m) * 2 / math.pi
        return mean_m, math.hypot(0.25 * length_m, ALONG_SIGMA_M[kind])
    along = abs(float(away[0]) * math.sin(course_rad) + float(away[1]) * math.cos(course_rad))
    across = math.sqrt(max(0.0, 1 - along * along))
    half_m = length_m * along + width_m * across
    return half_m, math.hypot(SIZE_SIGMA * half_m, ALONG_SIGMA_M[kind])


def _widened(ellipse: Ellipse, *errors_m: Floats) -> Ellipse:
    """An ellipse after independent errors were added, each a one-sigma vector (east, north)."""
    angle = math.radians(ellipse.angle_deg)
    major = np.array([math.sin(angle), math.cos(angle)])
    minor = np.array([math.cos(angle), -math.sin(angle)])
    covariance: Floats = (
        np.outer(major, major) * ellipse.major_m**2 + np.outer(minor, minor) * ellipse.minor_m**2
    ) / CHI2_95_2DOF
    for error_m in errors_m:
        covariance = covariance + np.outer(error_m, error_m)
    return ellipse_95(covariance)
