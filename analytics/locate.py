"""From a box in the picture to a thing on the ground: place with its error, size in metres, distance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.model import KINDS, Gray, Kind, Nowhere, Size
from analytics.plane import GroundPlane
from gis.errors import InvalidInput
from gis.ground import MAX_MAJOR_M, MIN_DROP, GroundCamera, ellipses_95
from gis.model import GroundFix, LonLat, Pose

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


MAX_HEIGHT_M = 150.0
ANALYSED_PX = 480
"""How wide the analysed picture usually is."""
BORDER_SHARE = 0.004
"""Of the picture's width: a box this near to the border is cut by it."""
FOOT_SIGMA_SHARE = 0.03
"""One sigma of a box's lower edge as a share of its height: shoes, soft shadows, the mask's own raggedness."""
FOOT_SIGMA_GRAINS = 0.6
"""The least it can be, in pixels of the analysed picture: finer than these nothing was measured."""
DARK_SHARE = 0.12
"""In the dark the lower part of what has no light on it is not seen, or its headlights' pool is taken for it: so much more of
its height."""
DARK_LOW = 0.06
"""And so much of its height lower than the box are its feet then, in the middle."""
DARK_LEVELS = (85.0, 60.0)
"""From which mean brightness of the picture on it is dark, and from which wholly."""
DARK_WIDTH = 0.5
"""And so much more of what a box is too wide or too narrow is the middle's error."""
OFF_SHARE = 0.7
"""How far what was detected lies from where the tracker has the foot is one sigma more in both axes."""
ASTRAY_MS, ASTRAY_MOST_M = 1.0, 4.0
"""Who is in one box with others goes on as before: so many metres a second it may be wrong, up to so many."""
ASTRAY_SHARE = 0.12
"""And its foot may be any lower edge within the box: so much of its height."""
LENGTH_M: dict[Kind, float] = {"person": 0.35, "vehicle": 4.4, "other": 1.0}
WIDTH_M: dict[Kind, float] = {"person": 0.45, "vehicle": 1.8, "other": 1.0}
SHAPE_M: dict[Kind, float] = {"person": 0.65, "other": 1.0}
"""How wide a thing appears; of a vehicle that depends on its course."""
VEHICLE_HEIGHT_M = 1.5
STANDING_M = 1.68
"""A person's height: measured shorter, its feet or head are hidden; taller, a shadow or a mirror image is in its box."""
FOOT_TRUST = (0.3, 0.5)
"""The share of such a difference that is the foot's: of a small one the lesser, of one of a quarter or more the larger, as
nobody knows then which end is wrong."""
HEIGHT_WRONG = 0.25
STAND_WRONG = 0.8
"""One sigma of that, as its share."""
SIZE_SIGMA = 0.15
"""One sigma of a class's length and width, as a share."""
ALONG_SIGMA_M: dict[Kind, float] = {"person": 0.15, "vehicle": 0.4, "other": 0.5}
ACROSS_SIGMA_M: dict[Kind, float] = {"person": 0.12, "vehicle": 0.25, "other": 0.35}
"""One sigma of where the ground contact is, along the view and across it: bicycles, bumpers, shadows on one side."""
WIDTH_WRONG = 0.35
"""What a box is wider or narrower than its thing ought to be lies on one side as likely as on both: its share in the
error of the middle."""
WIDTH_WRONG_MOST_M = 2.5
KIND_LEAST = 0.02
"""A kind less likely than this is left out of account."""
WHEELS_M, SILL_M = 3.4, 0.28
"""From the first wheel's front to the last one's back, and how high the body hangs over the ground before and behind."""
LARGE_M = (10.0, 2.5, 3.0)
LARGE_SIGMA_M = 1.0
"""Length, width and height of lorries and buses, between which and cars a box's height tells; one sigma of half their
length."""
LARGE_RATIO = (1.35, 1.9)
"""A box so many times as high as a car's would be is hardly one of these, and surely."""


def _corners(
    length_m: float, width_m: float, height_m: float, wheels_m: float
) -> NDArray[np.float64]:
    """Where the wheels stand, the body's lower edge and its upper one; ahead, right, up."""
    sides = [(a, b) for a in (-0.5, 0.5) for b in (-0.5, 0.5)]
    return np.array(
        [(a * wheels_m, b * width_m, 0.0) for a, b in sides]
        + [(a * length_m, b * width_m, up_m) for up_m in (SILL_M, height_m) for a, b in sides]
    )


_CAR = _corners(LENGTH_M["vehicle"], WIDTH_M["vehicle"], VEHICLE_HEIGHT_M, WHEELS_M)
_LARGE = _corners(*LARGE_M, LARGE_M[0] - LENGTH_M["vehicle"] + WHEELS_M)
NO_POSE = Nowhere("no_pose")
TURNED_AWAY = Nowhere("turned_away")
ABOVE_HORIZON = Nowhere("above_horizon")
FEET_HIDDEN = Nowhere("feet_hidden")


def too_far(major_m: float) -> Nowhere:
    """The place would be known to so many metres only."""
    return Nowhere("too_far", major_m)


@dataclass(frozen=True, slots=True, eq=False)
class Things:
    """What is to be placed. ``boxes_px`` ``(n, 4)``; ``odds`` ``(n, 3)``: how likely each is a person, a vehicle, something
    else (:data:`analytics.model.KINDS`), adding up to 1; ``course_rad`` ``(n,)`` clockwise from north, NaN unknown.

    ``off_px`` ``(n, 2)``: how far what was detected lies from the box, across and along the picture. ``astray_s`` ``(n,)``:
    how long it has had no foot of its own. ``dark``: 0 by day to 1 where it is as dark as under a street's lamps
    (:func:`darkness`).
    """

    boxes_px: Floats
    odds: Floats
    course_rad: Floats
    off_px: Floats
    astray_s: Floats
    dark: float = 0.0

    @staticmethod
    def sure(
        boxes_px: Floats, kinds: Sequence[Kind], courses_rad: Sequence[float | None]
    ) -> Things:
        """Things of known kinds, seen well."""
        n = len(boxes_px)
        odds = np.array([[float(kind == k) for k in KINDS] for kind in kinds]).reshape(n, 3)
        course = np.array([math.nan if c is None else c for c in courses_rad])
        return Things(np.asarray(boxes_px, np.float64), odds, course, np.zeros((n, 2)), np.zeros(n))


@dataclass(frozen=True, slots=True)
class Located:
    """Where a thing stands. ``fix`` is None when too uncertain, ``nowhere`` says why; ``size`` and ``distance_m`` may
    still be known.

    ``east_m`` and ``north_m`` are from the ground under the camera.
    """

    fix: GroundFix | None
    size: Size
    distance_m: float
    east_m: float
    north_m: float
    nowhere: Nowhere | None = None


class Locator:
    """One camera's picture on the ground. Raises :class:`InvalidInput` for a pose that sees no ground."""

    def __init__(
        self, pose: Pose, width_px: int, height_px: int, grain_px: float | None = None
    ) -> None:
        """``grain_px``: how many pixels of the picture one of the analysed picture is; None: as usual."""
        if pose.height_m > MAX_HEIGHT_M:
            raise InvalidInput(
                f"a camera {pose.height_m:g} m above the ground is beyond {MAX_HEIGHT_M:g} m: "
                "check the height; it is over the ground, not over sea level",
                "height_m",
            )
        self._camera = GroundCamera(pose, width_px, height_px)
        self._grain_px = width_px / ANALYSED_PX if grain_px is None else grain_px
        self.plane = GroundPlane(self._camera)
        if not self._camera.field_of_view(range_m=2000.0):
            raise InvalidInput(
                f"a camera pitched {pose.pitch_deg:g}° with a field of view of {pose.hfov_deg:g}° sees only "
                "sky: pitch is negative when it looks down",
                "pitch_deg",
            )

    @property
    def camera(self) -> GroundCamera:
        """The picture on the ground, for what has no box."""
        return self._camera

    def locate(
        self, box_px: tuple[float, float, float, float], kind: Kind, course_rad: float | None = None
    ) -> Located | None:
        """The middle of the thing in ``box_px`` on the ground; None at or above the horizon.

        The lower edge of a box shows the near side of a thing, so its middle lies half its depth behind: that of
        its kind, seen along ``course_rad`` (clockwise from north) where the course is known. A box cut by the
        picture's lower edge has no foot and gets no fix.
        """
        return self.locate_many(Things.sure(np.array([box_px]), (kind,), (course_rad,)))[0]

    def locate_many(self, things: Things) -> list[Located | None]:
        """:meth:`locate` for many at once: ten cost little more than one.

        Where a thing's kind is in doubt its place is the mean over the kinds, and what they differ by is in the ellipse.
        """
        if not len(things.boxes_px):
            return []
        camera, height_m = self._camera, self._camera.pose.height_m
        boxes = things.boxes_px
        x, y, w, h = boxes.T
        middle_px = x + w / 2
        feet_px = np.column_stack([middle_px, y + h * (1.0 + DARK_LOW * things.dark)])
        border_px = BORDER_SHARE * camera.width_px
        whole = (x >= border_px) & (x + w <= camera.width_px - border_px)
        footed = y + h < camera.height_px - border_px
        sigma_px = np.maximum(FOOT_SIGMA_GRAINS * self._grain_px, FOOT_SIGMA_SHARE * h)
        sigma_px = np.hypot(sigma_px, np.where(things.astray_s > 0, ASTRAY_SHARE * h, 0.0))
        sigma_px = np.hypot(sigma_px, DARK_SHARE * things.dark * h)
        sigma_px = np.hypot(sigma_px, OFF_SHARE * np.abs(things.off_px[:, 1]))
        spots = camera.spots(feet_px, sigma_px)
        near = spots.enu
        near_m = np.hypot(near[:, 0], near[:, 1])
        # Beyond a hundred heights a ray is as good as level.
        placed = spots.falls & (near_m <= height_m / (MIN_DROP * 100)) & (near_m >= 0.1)
        near_m = np.where(placed, near_m, 1.0)
        away = near / near_m[:, None]
        top = camera.rays(np.column_stack([middle_px, y]))
        reach = np.hypot(top[:, 0], top[:, 1])
        rise_m = np.where(reach > 1e-9, top[:, 2] / np.maximum(reach, 1e-9) * near_m, -height_m)
        tall_m = np.maximum(0.05, height_m + rise_m)
        axis_m = near @ camera.rotation[2, :2] - height_m * camera.rotation[2, 2]
        px_per_m = camera.focal_px / axis_m
        wide_m = np.maximum(0.05, w / px_per_m)

        depth_m, along_m = _half_depths(away, things.course_rad)
        middles = near + away * depth_m[:, :, None]
        across_m = np.empty((len(KINDS), len(boxes)))
        wrong = WIDTH_WRONG * (1 + DARK_WIDTH * things.dark)
        for k, kind in enumerate(KINDS):
            wrong_m = np.zeros(len(boxes))
            likely = placed & (things.odds[:, k] >= KIND_LEAST)
            if kind == "vehicle":
                likely &= ~np.isnan(things.course_rad)
                if likely.any():
                    fitted = self._fit_vehicles(
                        boxes[likely], middles[k][likely], near[likely], things.course_rad[likely]
                    )
                    middles[k][likely], wide_px, doubt_m = fitted
                    wrong_m[likely] = (w[likely] - wide_px) / px_per_m[likely]
                    along_m[k][likely] = np.hypot(along_m[k][likely], doubt_m)
            else:
                wrong_m = np.maximum(0.0, wide_m - SHAPE_M[kind])
            wrong_m = wrong * np.minimum(np.abs(wrong_m), WIDTH_WRONG_MOST_M)
            across_m[k] = np.hypot(ACROSS_SIGMA_M[kind], wrong_m)
            across_m[k] = np.where(whole, across_m[k], LENGTH_M[kind] / 4)
        shift = self._stand(boxes, near, tall_m, placed & (things.odds[:, 0] >= KIND_LEAST))
        middles[0] += shift
        along_m[0] = np.hypot(along_m[0], STAND_WRONG * np.hypot(*shift.T))

        odds = np.where(things.odds >= KIND_LEAST, things.odds, 0.0)
        odds = (odds / odds.sum(axis=1)[:, None]).T
        middle = np.einsum("kn,kni->ni", odds, middles)
        apart = middles - middle
        astray_m = np.minimum(ASTRAY_MS * things.astray_s, ASTRAY_MOST_M)
        off_m = np.hypot(astray_m, OFF_SHARE * things.off_px[:, 0] / px_per_m)
        deep = away * np.sqrt((odds * along_m**2).sum(axis=0) + astray_m**2)[:, None]
        side = np.sqrt((odds * across_m**2).sum(axis=0) + off_m**2)
        aside = away[:, ::-1] * np.array([1.0, -1.0]) * side[:, None]
        covariance = (
            spots.covariance
            + deep[:, :, None] * deep[:, None, :]
            + aside[:, :, None] * aside[:, None, :]
            + np.einsum("kn,kni,knj->nij", odds, apart, apart)
        )
        lon, lat = camera.frame.to_lonlat(middle[:, 0], middle[:, 1])
        found: list[Located | None] = []
        for (
            is_placed,
            is_footed,
            ellipse,
            tall,
            wide,
            away_m,
            east_m,
            north_m,
            at_lon,
            at_lat,
        ) in zip(
            placed.tolist(),
            footed.tolist(),
            ellipses_95(covariance),
            tall_m.tolist(),
            wide_m.tolist(),
            np.hypot(middle[:, 0], middle[:, 1]).tolist(),
            *middle.T.tolist(),
            lon.tolist(),
            lat.tolist(),
            strict=True,
        ):
            if not is_placed:
                found.append(None)
                continue
            fix, nowhere = None, None
            if not is_footed:
                nowhere = FEET_HIDDEN
            elif ellipse.major_m > MAX_MAJOR_M:
                nowhere = too_far(ellipse.major_m)
            else:
                fix = GroundFix(LonLat(at_lon, at_lat), ellipse)
            found.append(Located(fix, Size(tall, wide), away_m, east_m, north_m, nowhere))
        return found

    def _stand(self, boxes: Floats, near: Floats, tall_m: Floats, asked: Flags) -> Floats:
        """How far the feet of people lie from the lower edges of boxes too short or too tall for them, metres.

        A fence or a car may hide the feet: then they are lower in the picture, and nearer. Wet ground that mirrors them
        or a shadow lengthens the box downwards: then they are higher, and farther. The head may be hidden as well, so
        a part of the difference is taken.
        """
        shift = np.zeros_like(near)
        if not asked.any():
            return shift
        x, y, w, h = boxes[asked].T
        wrong = np.clip(STANDING_M / tall_m[asked] - 1.0, -0.5, 1.0)
        little, much = FOOT_TRUST
        trust = little + (much - little) * np.minimum(1.0, np.square(wrong / HEIGHT_WRONG))
        feet = np.column_stack([x + w / 2, y + h + trust * wrong * h])
        rays = self._camera.rays(feet)
        falls = rays[:, 2] <= -MIN_DROP * 100
        fall = np.where(falls, -rays[:, 2], 1.0)
        moved = self._camera.pose.height_m * rays[:, :2] / fall[:, None] - near[asked]
        shift[asked] = np.where(falls[:, None], moved, 0.0)
        return shift

    def _fit_vehicles(
        self, boxes: Floats, middle: Floats, near: Floats, course_rad: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Where cars stand whose feet lie over ``near``, how wide they appear there, pixels, and one sigma of not knowing
        whether it is a car: what is much higher than one is a lorry or a bus."""
        middle, size_px = self._fit(_CAR, middle, near, course_rad)
        few, many = LARGE_RATIO
        ratio = boxes[:, 3] / np.maximum(size_px[:, 1], 1.0)
        large = np.clip((ratio - few) / (many - few), 0.0, 1.0) * (size_px[:, 1] > 0)
        doubt_m = LARGE_SIGMA_M * large
        asked = large > 0
        if asked.any():
            share = large[asked]
            other, other_px = self._fit(_LARGE, middle[asked], near[asked], course_rad[asked])
            way = other - middle[asked]
            doubt_m[asked] = np.hypot(
                doubt_m[asked], np.sqrt(share * (1 - share)) * np.hypot(*way.T)
            )
            middle[asked] += share[:, None] * way
            size_px[asked] += share[:, None] * (other_px - size_px[asked])
        return middle, size_px[:, 0], doubt_m

    def _fit(
        self, corners: Floats, middle: Floats, near: Floats, course_rad: Floats
    ) -> tuple[Floats, Floats]:
        """Moves vehicles along their courses until the foot of each one's picture lies over ``near``; and their width and
        height there, pixels, 0 where they cannot be seen whole.

        A long thing seen at an angle has its box's lowest point at one corner, not under its middle.
        """
        camera, n, m = self._camera, len(middle), len(corners)
        sin, cos = np.sin(course_rad)[:, None], np.cos(course_rad)[:, None]
        ahead, right, up_m = corners.T
        block = np.empty((n, m, 3))
        block[:, :, 0] = sin * ahead + cos * right
        block[:, :, 1] = cos * ahead - sin * right
        block[:, :, 2] = up_m
        middle, going = middle.copy(), np.ones(n, np.bool_)
        for _ in range(2):
            standing = block.copy()
            standing[:, :, :2] += middle[:, None, :]
            flat, depth_m = camera.project(standing.reshape(-1, 3))
            pixels = flat.reshape(n, m, 2)
            going &= (depth_m.reshape(n, m) > 0.5).all(axis=1)
            low, high = pixels.min(axis=1), pixels.max(axis=1)
            foot_px = np.column_stack([(low[:, 0] + high[:, 0]) / 2, high[:, 1]])
            foot = camera.rays(np.where(going[:, None], foot_px, 0.0))
            going &= foot[:, 2] <= -MIN_DROP * 100
            fall = np.where(going, -foot[:, 2], 1.0)
            shift = near - camera.pose.height_m * foot[:, :2] / fall[:, None]
            middle += np.where(going[:, None], shift, 0.0)
        return middle, np.where(going[:, None], high - low, 0.0)


def darkness(gray: Gray) -> float:
    """How dark an analysed picture is: 0 by day, 1 at night."""
    light, dark = DARK_LEVELS
    return float(np.clip((light - gray[::8, ::8].mean()) / (light - dark), 0.0, 1.0))


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


def _half_depths(away: Floats, course: Floats) -> tuple[Floats, Floats]:
    """From the near side of things to their middles along the view, and one sigma of it, metres: ``(3, n)``, a row for
    each kind; NaN: no course."""
    along = np.abs(away[:, 0] * np.sin(course) + away[:, 1] * np.cos(course))
    across, known = np.sqrt(np.maximum(0.0, 1 - along * along)), ~np.isnan(course)
    length_m = np.array([[LENGTH_M[kind] / 2] for kind in KINDS])
    width_m = np.array([[WIDTH_M[kind] / 2] for kind in KINDS])
    blur_m = np.array([[ALONG_SIGMA_M[kind]] for kind in KINDS])
    half_m = length_m * along + width_m * across
    # The mean over all courses of |cos| and |sin| is 2/pi.
    depth_m = np.where(known, half_m, (length_m + width_m) * 2 / math.pi)
    sigma_m = np.hypot(np.where(known, SIZE_SIGMA * half_m, 0.25 * length_m), blur_m)
    return depth_m, sigma_m
