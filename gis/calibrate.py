"""A camera's pose fitted to control points: spots clicked in its picture and on the map. Pure.

Errors are weighed by what a click is worth in the picture and on the map; a point that does not agree with the others
is left out and named; every point is also foretold by a fit without it, which is the honest error. What the points
cannot tell is said instead of a number.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from gis import calibrate_problem as problems
from gis.calibrate_problem import Problem
from gis.errors import InvalidInput
from gis.ground import GroundCamera, LocalFrame
from gis.model import LonLat, Pose
from gis.resection import HIGH, Bools, Floats, Sights, covariance, robust_cost, solve

Value = Literal["yaw", "pitch", "roll", "hfov", "height", "position", "k1", "k2"]
VALUES: tuple[Value, ...] = get_args(Value)
_AT: dict[Value, tuple[int, ...]] = {
    "position": (0, 1),
    "height": (2,),
    "yaw": (3,),
    "pitch": (4,),
    "roll": (5,),
    "hfov": (6,),
    "k1": (7,),
    "k2": (8,),
}
MAX_HEIGHT_M = 150.0
FAR_M = 1500.0
MAP_SIGMA_M = 0.3
"""One sigma of a click on the map, and of a camera's place taken from it."""
UP_SIGMA_M = 0.1
HEIGHT_HELD_SIGMA_M = 0.15
HFOV_HELD_SIGMA_DEG = 0.5
PIXEL_SIGMA_SHARE = 0.0015
PIXEL_SIGMA_MIN_PX = 1.5
"""One sigma of a click in the picture, as a share of its width, but not less."""
PRIOR_POINTS = 6.0
"""How much the stated sigmas weigh against what the residuals say of them, in degrees of freedom."""
SUSPECT = 6.0
WRONG = 4.0
"""Whitened errors: of a point that a robust fit leaves so far out, and of one that a fit without it foretells so badly."""
CONTRADICTORY = 3.0
GOOD_COST = 0.25
"""Cauchy's loss per point of a fit that needs no other start."""
LENS_SIGMA = np.array([*[math.inf] * 7, 0.15, 0.06])
"""What lenses of surveillance cameras have of k1 and k2, one sigma: a few points alone would make any of it."""
LINE_SHARE = 0.02
CORNER_SHARE = 0.06
_UNSURE: dict[Value, float] = {
    "yaw": 3.0,
    "pitch": 2.0,
    "roll": 4.0,
    "hfov": 5.0,
    "height": 1.5,
    "position": 3.0,
    "k1": 0.12,
    "k2": 0.12,
}
"""One sigma from which on a value counts as not told by the points; four times that, and there is no pose."""


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """One spot: where it is in the picture (normalised), on the map, and how high above the ground there."""

    number: int
    x: float
    y: float
    place: LonLat
    up_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Guess:
    """What is known of the camera before: values to keep, or to start from. None: nothing is known."""

    place: LonLat
    height_m: float | None = None
    yaw_deg: float | None = None
    pitch_deg: float | None = None
    hfov_deg: float | None = None
    roll_deg: float = 0.0
    k1: float = 0.0
    k2: float = 0.0
    sigma_deg: float = 0.5

    @staticmethod
    def of(pose: Pose) -> Guess:
        """A pose to start from."""
        return Guess(
            pose.place,
            pose.height_m,
            pose.yaw_deg,
            pose.pitch_deg,
            pose.hfov_deg,
            pose.roll_deg,
            pose.k1,
            pose.k2,
            pose.sigma_deg,
        )


@dataclass(frozen=True, slots=True)
class Residual:
    """How far the fit is from one point. ``x``, ``y`` is where the fit sees it (normalised), None behind the camera.

    ``px`` is the distance in the picture, ``m`` on the ground or at its height, None where its pixel meets neither.
    ``held_px`` and ``held_m`` are the same by a fit without this point. ``wrong``: it was left out.
    """

    number: int
    x: float | None
    y: float | None
    px: float
    m: float | None
    held_px: float | None
    held_m: float | None
    wrong: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """``pose`` is None where a problem is fatal. ``sigmas`` is one sigma of each fitted value, in its unit (degrees,
    metres; of a position the larger axis). ``held_out_*`` is the median over the points used."""

    pose: Pose | None
    residuals: tuple[Residual, ...]
    problems: tuple[Problem, ...]
    rms_px: float | None = None
    held_out_px: float | None = None
    held_out_m: float | None = None
    sigmas: tuple[tuple[Value, float], ...] = ()


def fit(
    points: Sequence[ControlPoint],
    guess: Guess,
    values: Collection[Value],
    width_px: int,
    height_px: int,
    map_sigma_m: float = MAP_SIGMA_M,
    pixel_sigma_px: float | None = None,
) -> Calibration:
    """Fits ``values`` to the points and keeps the rest of ``guess``. Raises :class:`InvalidInput` for an unknown value,
    a doubled number or an empty picture; everything else that is wrong is among the problems."""
    wanted = _checked(points, values, width_px, height_px)
    early = _early(points, guess, wanted)
    if any(p.fatal for p in early):
        return Calibration(None, (), tuple(early))
    frame = LocalFrame(guess.place)
    enu = np.array([[*frame.to_enu(p.place.lon, p.place.lat), p.up_m] for p in points])
    pixels = np.array([[p.x * width_px, p.y * height_px] for p in points])
    sigma_px = pixel_sigma_px or max(PIXEL_SIGMA_MIN_PX, PIXEL_SIGMA_SHARE * width_px)
    prior = np.array([0, 0, 0, 0, 0, 0, 0, guess.k1, guess.k2])
    sights = Sights(
        enu, pixels, width_px, height_px, sigma_px, map_sigma_m, UP_SIGMA_M, prior, LENS_SIGMA
    )
    free = np.zeros(9, np.bool_)
    for value in wanted:
        free[list(_AT[value])] = True
    best = _from_anywhere(sights, guess, free)
    use = _trusted(sights, best, free)
    best, errors = solve(sights, best, free, use)
    dof = 2 * int(use.sum()) - int(free.sum())
    chi2 = float((errors[use] ** 2).sum())
    held = _held_sigmas(guess, map_sigma_m)
    spread = covariance(sights, best, free, use, held)
    # What the residuals say of the clicks' worth, leaning on what was stated the less the more points there are.
    own = np.outer(free, free)
    # The second factor is what a variance estimated from so few has over a known one (Student's).
    weight = PRIOR_POINTS + dof
    spread[own] *= (PRIOR_POINTS + chi2) / (weight - 2.0)
    found = _pose(frame, best, guess.sigma_deg, spread)
    said = list(early)
    try:
        camera = GroundCamera(found, width_px, height_px)
    except InvalidInput:
        again = tuple(value for value in wanted if value not in ("k1", "k2"))
        if again == wanted or not again:
            return Calibration(None, (), (*said, problems.no_lens(True)))
        without = fit(points, guess, again, width_px, height_px, map_sigma_m, pixel_sigma_px)
        return replace(without, problems=(*without.problems, problems.no_lens(False)))
    residuals = _residuals(points, sights, best, free, use, dof)
    sigmas = tuple((value, _sigma(spread, value)) for value in wanted)
    said += _late(points, sights, camera, best, wanted, sigmas, use, residuals, chi2, dof)
    checked = [r for r in residuals if not r.wrong and r.held_px is not None]
    return Calibration(
        None if any(p.fatal for p in said) else found,
        residuals,
        tuple(said),
        math.sqrt(float(np.mean([r.px**2 for r in residuals if not r.wrong]))),
        float(np.median([r.held_px for r in checked])) if checked else None,
        float(np.median([r.held_m for r in checked if r.held_m is not None]))
        if any(r.held_m is not None for r in checked)
        else None,
        sigmas,
    )


def _checked(
    points: Sequence[ControlPoint], values: Collection[Value], width_px: int, height_px: int
) -> tuple[Value, ...]:
    unknown = sorted(set(values) - set(VALUES))
    if unknown:
        raise InvalidInput(
            f"{unknown[0]!r} is none of the values of a pose: {', '.join(VALUES)}", "solve"
        )
    if not values:
        raise InvalidInput("choose at least one value to fit", "solve")
    if width_px <= 0 or height_px <= 0:
        raise InvalidInput(f"a picture of {width_px}×{height_px} pixels has no inside", "width_px")
    numbers = [p.number for p in points]
    doubled = [n for n in numbers if numbers.count(n) > 1]
    if doubled:
        raise InvalidInput(f"there are two points {doubled[0]}: number each once", "points")
    return tuple(value for value in VALUES if value in values)


def _early(
    points: Sequence[ControlPoint], guess: Guess, wanted: tuple[Value, ...]
) -> list[Problem]:
    """What can be said before anything is fitted."""
    said: list[Problem] = []
    frame = LocalFrame(guess.place)
    for p in points:
        if not (0.0 <= p.x <= 1.0 and 0.0 <= p.y <= 1.0):
            said.append(problems.outside_picture(p.number, p.x, p.y))
        distance_m = math.hypot(*frame.to_enu(p.place.lon, p.place.lat))
        if distance_m > FAR_M:
            said.append(problems.too_far(p.number, distance_m))
    known = {
        "height": guess.height_m,
        "yaw": guess.yaw_deg,
        "pitch": guess.pitch_deg,
        "hfov": guess.hfov_deg,
    }
    said += [problems.missing_value(v) for v in known if known[v] is None and v not in wanted]
    if "height" not in wanted and (guess.height_m or 0.0) > MAX_HEIGHT_M:
        said.append(problems.camera_high(guess.height_m or 0.0, MAX_HEIGHT_M))
    unknowns = sum(len(_AT[value]) for value in wanted)
    need = math.ceil(unknowns / 2)
    if len(points) < need:
        said.append(problems.too_few(len(points), need, wanted))
    return said


def _thinness(points: Sequence[ControlPoint]) -> float:
    """The width across of the points in the picture by their length; 0 on a line."""
    xy = np.array([[p.x, p.y * 9 / 16] for p in points])
    spans = np.linalg.svd(xy - xy.mean(axis=0), compute_uv=False)
    return float(spans[1] / spans[0]) if len(spans) > 1 and spans[0] > 0 else 0.0


def _from_anywhere(sights: Sights, guess: Guess, free: Bools) -> Floats:
    """The best robust fit from the believed pose and from a grid over what is to be fitted."""
    tried = {
        2: (guess.height_m, (4.0, 6.0, 9.0, 14.0, 25.0)),
        3: (guess.yaw_deg, tuple(range(0, 360, 15))),
        4: (guess.pitch_deg, (-4.0, -12.0, -22.0, -35.0, -55.0, -80.0)),
        6: (guess.hfov_deg, (20.0, 40.0, 60.0, 80.0, 105.0)),
    }
    axes = []
    for i, (believed, others) in tried.items():
        known = () if believed is None else (believed,)
        axes.append((*known, *others) if free[i] else known)
    grid = np.zeros((math.prod(len(axis) for axis in axes), 9))
    grid[:, list(tried)] = list(itertools.product(*axes))
    grid[:, 5], grid[:, 7], grid[:, 8] = guess.roll_deg, guess.k1, guess.k2
    off = (sights.picture(grid) - sights.pixels) / (4 * sights.pixel_sigma_px)
    order = np.argsort(robust_cost(off), kind="stable")
    starts = [grid[0], *(grid[i] for i in order[:5])]
    use = np.ones(len(sights.pixels), np.bool_)
    best: Floats = grid[0]
    least = math.inf
    for start in starts:
        if least < GOOD_COST * len(use):
            break  # what was believed was right: no need to look elsewhere
        value, errors = solve(sights, start, free, use, robust=True)
        cost = float(robust_cost(errors))
        if cost < least - 1e-9:
            best, least = value, cost
    return best


def _trusted(sights: Sights, best: Floats, free: Bools) -> Bools:
    """Which points to use: all but those that a robust fit leaves out and that the others, alone, foretell badly."""
    n, unknowns = len(sights.pixels), int(free.sum())
    use = np.ones(n, np.bool_)
    _, errors = solve(sights, best, free, use, robust=True)
    far = np.hypot(errors[:, 0], errors[:, 1])
    for i in np.argsort(-far)[: n // 3]:
        # At least two more equations than unknowns must be left, or anything would fit.
        if far[i] < SUSPECT or 2 * (int(use.sum()) - 1) - unknowns < 2:
            break
        use[i] = False
    value, errors = solve(sights, best, free, use)
    for i in np.flatnonzero(~use):
        use[i] = math.hypot(*errors[i]) < WRONG
    # One that pulls the whole fit to itself hides well: it shows by how much better the rest agrees without it.
    while 2 * (int(use.sum()) - 1) - unknowns >= 2 and int((~use).sum()) < n // 3:
        value, errors = solve(sights, value, free, use)
        worst_of_all = float((errors[use] ** 2).sum()) / max(1, 2 * int(use.sum()) - unknowns)
        if worst_of_all < CONTRADICTORY:
            break
        trials = []
        for i in np.flatnonzero(use):
            without = use.copy()
            without[i] = False
            _, left = solve(sights, value, free, without, reweights=1)
            rest = float((left[without] ** 2).sum()) / (2 * int(without.sum()) - unknowns)
            trials.append((rest, int(i), math.hypot(*left[i])))
        rest, i, away = min(trials)
        if rest > worst_of_all / 3 or away < WRONG:
            break
        use[i] = False
    return use


def _residuals(
    points: Sequence[ControlPoint],
    sights: Sights,
    best: Floats,
    free: Bools,
    use: Bools,
    dof: int,
) -> tuple[Residual, ...]:
    out = []
    for i, point in enumerate(points):
        held = best if not use[i] else None
        if use[i] and dof >= 2:
            without = use.copy()
            without[i] = False
            held, _ = solve(sights, best, free, without, reweights=1)
        x, y, px, m = _off(sights, best, i)
        held_px, held_m = _off(sights, held, i)[2:] if held is not None else (None, None)
        out.append(Residual(point.number, x, y, px, m, held_px, held_m, not use[i]))
    return tuple(out)


def _off(
    sights: Sights, value: Floats, i: int
) -> tuple[float | None, float | None, float, float | None]:
    """Where a pose sees a point, and how far off that is in the picture and at the point's height."""
    seen = sights.picture(value[None])[0, i]
    px = float(np.hypot(*(seen - sights.pixels[i])))
    camera = _camera(value, sights)
    east, north, up = sights.enu[i] - np.array([value[0], value[1], 0.0])
    _, depth_m = camera.project(np.array([[east, north, up]]))
    if depth_m[0] <= 0:
        px = math.hypot(
            sights.width_px, sights.height_px
        )  # behind the camera it is nowhere in the picture
    at = None if depth_m[0] <= 0 else seen / (sights.width_px, sights.height_px)
    ray = camera.rays(sights.pixels[i : i + 1])[0]
    reach = (up - value[2]) / ray[2] if abs(ray[2]) > 1e-9 else -1.0
    m = float(np.hypot(*(ray[:2] * reach - (east, north)))) if reach > 0 else None
    return (
        None if at is None else float(at[0]),
        None if at is None else float(at[1]),
        px,
        m if m is not None and m < FAR_M else None,
    )


def _camera(value: Floats, sights: Sights) -> GroundCamera:
    pose = _pose(LocalFrame(LonLat(0.0, 0.0)), np.array([0.0, 0.0, *value[2:]]), 0.5, None)
    try:
        return GroundCamera(pose, sights.width_px, sights.height_px)
    except InvalidInput:
        # A fit without one point may bend the lens beyond reason; its error is told by a straight one.
        straight = np.array([0.0, 0.0, *value[2:7], 0.0, 0.0])
        return GroundCamera(
            _pose(LocalFrame(LonLat(0.0, 0.0)), straight, 0.5, None),
            sights.width_px,
            sights.height_px,
        )


def _late(
    points: Sequence[ControlPoint],
    sights: Sights,
    camera: GroundCamera,
    best: Floats,
    wanted: tuple[Value, ...],
    sigmas: tuple[tuple[Value, float], ...],
    use: Bools,
    residuals: tuple[Residual, ...],
    chi2: float,
    dof: int,
) -> list[Problem]:
    """What the fit itself shows."""
    said: list[Problem] = []
    wrong = [r for r in residuals if r.wrong]
    said += [problems.wrong_point(r.number, r.m, r.px) for r in wrong]
    rise = camera.rays(sights.pixels)[:, 2]
    said += [
        problems.above_horizon(p.number)
        for p, up in zip(points, rise, strict=True)
        if p.up_m < 0.5 and up >= 0.0
    ]
    if dof > 0 and math.sqrt(chi2 / dof) > CONTRADICTORY:
        rms_px = math.sqrt(float(np.mean([r.px**2 for r in residuals if not r.wrong])))
        said.append(problems.contradictory(rms_px))
    if best[2] > MAX_HEIGHT_M or best[2] >= HIGH[2] - 1:
        said.append(problems.camera_high(float(best[2]), MAX_HEIGHT_M))
    vague = [(value, sigma / _UNSURE[value]) for value, sigma in sigmas]
    hopeless = [value for value, by in vague if by > 4.0]
    unsure = [value for value, by in vague if by > 1.0]
    kept = [p for p, used in zip(points, use, strict=True) if used]
    if len(kept) > 2 and _thinness(kept) < LINE_SHARE:
        said.append(problems.on_a_line(hopeless or unsure, bool(hopeless)))
    elif hopeless or unsure:
        said.append(problems.unsure(hopeless or unsure, bool(hopeless)))
    elif len(kept) > 2 and _hull_share(kept) < CORNER_SHARE:
        said.append(problems.one_corner())
    if dof < 2:
        said.append(problems.no_check())
    return said


def _hull_share(points: Sequence[ControlPoint]) -> float:
    """The share of the picture that the points span, their box's."""
    xs, ys = [p.x for p in points], [p.y for p in points]
    return (max(xs) - min(xs)) * (max(ys) - min(ys))


def _sigma(spread: Floats, value: Value) -> float:
    at = list(_AT[value])
    return math.sqrt(float(np.linalg.eigvalsh(spread[np.ix_(at, at)])[-1]))


def _held_sigmas(guess: Guess, map_sigma_m: float) -> Floats:
    angle = guess.sigma_deg
    return np.array(
        [
            map_sigma_m,
            map_sigma_m,
            HEIGHT_HELD_SIGMA_M,
            angle,
            angle,
            angle,
            HFOV_HELD_SIGMA_DEG,
            0,
            0,
        ]
    )


def _pose(frame: LocalFrame, value: Floats, sigma_deg: float, spread: Floats | None) -> Pose:
    lon, lat = frame.to_lonlat(float(value[0]), float(value[1]))
    return Pose(
        LonLat(lon, lat),
        float(value[2]),
        float(value[3]) % 360.0,
        float(value[4]),
        float(value[6]),
        float(value[5]),
        sigma_deg,
        float(value[7]),
        float(value[8]),
        None if spread is None else tuple(float(v) for v in spread.ravel()),
    )
