"""Poses fitted to control points: known ones found again as surely as said, and what points cannot tell."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.calibrate import Calibration, ControlPoint, Guess, Value, fit
from gis.errors import InvalidInput
from gis.ground import CHI2_95_2DOF, GroundCamera
from gis.model import POSE_VALUES, LonLat, Pose

SIZE = (1280, 720)
TRUTH = Pose(LonLat(120.98, 31.38), 7.3, 40.0, -21.0, 68.0, 1.5)
ANGLES: tuple[Value, ...] = ("yaw", "pitch", "hfov")


def _points(
    truth: Pose,
    rng: np.random.Generator,
    n: int = 10,
    sigma_px: float = 1.5,
    sigma_m: float = 0.3,
    box: tuple[float, float, float, float] = (40, 150, 1240, 700),
    reach_m: float = 70.0,
    lamps: bool = True,
) -> list[ControlPoint]:
    """Spots on the ground anywhere in a part of the picture, clicked as well as stated; every third is a lamp's top."""
    camera = GroundCamera(truth, *SIZE)
    out: list[ControlPoint] = []
    while len(out) < n:
        px = rng.uniform(box[:2], box[2:])
        up_m = 3.0 if lamps and len(out) % 3 == 2 else 0.0
        ray = camera.rays(px[None])[0]
        reach = (up_m - truth.height_m) / ray[2] if ray[2] < -1e-3 else math.inf
        east_north = ray[:2] * min(reach, 1e6)
        if np.hypot(*east_north) > reach_m:
            continue
        lon, lat = camera.frame.to_lonlat(*(east_north + rng.normal(0, sigma_m, 2)))
        x, y = np.clip((px + rng.normal(0, sigma_px, 2)) / SIZE, 0, 1)
        out.append(ControlPoint(len(out) + 1, float(x), float(y), LonLat(lon, lat), up_m))
    return out


def _fit(
    points: list[ControlPoint],
    values: Collection[Value] = ANGLES,
    truth: Pose = TRUTH,
    blind: bool = True,
) -> Calibration:
    """By a guess that is right in what is kept and, where ``blind``, knows nothing of what is fitted."""
    guess = Guess.of(truth)
    for value, field in (("yaw", "yaw_deg"), ("pitch", "pitch_deg"), ("hfov", "hfov_deg")):
        if blind and value in values:
            guess = replace(guess, **{field: None})
    if "k1" in values:
        guess = replace(guess, k1=0.0)
    if "roll" in values:
        guess = replace(guess, roll_deg=0.0)
    return fit(points, guess, values, *SIZE, pixel_sigma_px=1.5)


def _codes(found: Calibration) -> set[str]:
    return {problem.code for problem in found.problems}


def _fatal(found: Calibration) -> set[str]:
    assert found.pose is None
    return {problem.code for problem in found.problems if problem.fatal}


@settings(max_examples=12, deadline=None)
@given(
    st.floats(0, 359),
    st.floats(-40, -12),
    st.floats(45, 85),
    st.floats(4, 15),
    st.integers(0, 10_000),
)
def test_exact_points_give_the_pose_back_from_no_idea_of_it(
    yaw: float, pitch: float, hfov: float, height: float, seed: int
) -> None:
    truth = replace(
        TRUTH, yaw_deg=yaw, pitch_deg=pitch, hfov_deg=hfov, height_m=height, roll_deg=0.0
    )
    points = _points(truth, np.random.default_rng(seed), 8, 0.0, 0.0)
    found = _fit(points, truth=truth).pose
    assert found is not None
    assert math.remainder(found.yaw_deg - yaw, 360.0) == pytest.approx(0, abs=0.02)
    assert (found.pitch_deg, found.hfov_deg) == pytest.approx((pitch, hfov), abs=0.02)


def test_height_roll_place_and_lens_are_found_too() -> None:
    truth = replace(TRUTH, k1=-0.08)
    points = _points(truth, np.random.default_rng(4), 24, 0.2, 0.02, box=(0, 60, 1280, 720))
    moved = replace(truth, place=LonLat(truth.place.lon + 1.5e-5, truth.place.lat - 1e-5))
    values: tuple[Value, ...] = (*ANGLES, "roll", "height", "position", "k1")
    found = fit(
        points, replace(Guess.of(moved), k1=0.0, height_m=9.0), values, *SIZE, 0.02, 0.3
    ).pose
    assert found is not None
    for name, off in (("yaw_deg", 0.3), ("pitch_deg", 0.3), ("roll_deg", 0.3), ("hfov_deg", 0.5)):
        assert getattr(found, name) == pytest.approx(getattr(truth, name), abs=off)
    assert found.k1 == pytest.approx(-0.08, abs=0.02)
    east, north = GroundCamera(truth, *SIZE).frame.to_enu(found.place.lon, found.place.lat)
    assert math.hypot(east, north) < 0.3


def _distance(found: Pose, truth: Pose, free: list[int]) -> float:
    """Squared, in sigmas, between what was found and the truth."""
    assert found.covariance is not None
    covariance = np.array(found.covariance).reshape(9, 9)[np.ix_(free, free)]
    frame = GroundCamera(truth, *SIZE).frame
    own: list[float] = [*frame.to_enu(found.place.lon, found.place.lat)]
    off = np.array(own + [getattr(found, name) - getattr(truth, name) for name in POSE_VALUES[2:]])[
        free
    ]
    return float(off @ np.linalg.solve(covariance, off))


@pytest.mark.parametrize(
    ("values", "free", "limit"),
    [(ANGLES, [3, 4, 6], 7.815), ((*ANGLES, "roll", "height"), [2, 3, 4, 5, 6], 11.070)],
)
def test_the_pose_lies_within_its_stated_covariance_as_often_as_it_should(
    values: tuple[Value, ...], free: list[int], limit: float
) -> None:
    """Chi-squared at 95 % with as many degrees of freedom as values; what is kept is as wrong as it is said to be."""
    rng = np.random.default_rng(8)
    inside = total = 0
    for _ in range(70):
        points = _points(TRUTH, rng, 9)
        held = replace(
            TRUTH,
            height_m=TRUTH.height_m + (0 if "height" in values else rng.normal(0, 0.15)),
            roll_deg=TRUTH.roll_deg + (0 if "roll" in values else rng.normal(0, 0.5)),
        )
        east, north = rng.normal(0, 0.3, 2)
        lon, lat = GroundCamera(TRUTH, *SIZE).frame.to_lonlat(east, north)
        held = replace(held, place=LonLat(lon, lat))
        found = fit(points, Guess.of(held), values, *SIZE, pixel_sigma_px=1.5)
        if found.pose is None:
            continue
        inside += _distance(found.pose, TRUTH, free) <= limit
        total += 1
    assert total >= 68
    assert inside / total >= 0.87


def test_the_ellipse_of_a_fitted_camera_holds_the_truth() -> None:
    """Fitted poses, then spots all over the picture: 93 to 98 % of the true places lie in their ellipses."""
    rng = np.random.default_rng(21)
    inside: list[bool] = []
    truth_camera = GroundCamera(TRUTH, *SIZE)
    for _ in range(40):
        found = fit(
            _points(TRUTH, rng, 9), Guess.of(TRUTH), (*ANGLES, "roll"), *SIZE, pixel_sigma_px=1.5
        ).pose
        assert found is not None
        camera = GroundCamera(found, *SIZE)
        pixels = rng.uniform((0, 180), (1280, 720), (12, 2))
        real = truth_camera.spots(pixels, np.zeros(12))
        seen = camera.spots(pixels + rng.normal(0, 2, (12, 2)), np.full(12, 2.0))
        for i in range(12):
            if not (real.falls[i] and seen.falls[i]) or np.hypot(*real.enu[i]) > 60:
                continue
            camber: NDArray[np.float64] = real.enu[i] * rng.normal(0, 0.1) / TRUTH.height_m
            off = seen.enu[i] - real.enu[i] - camber
            inside.append(float(off @ np.linalg.solve(seen.covariance[i], off)) <= CHI2_95_2DOF)
    assert len(inside) > 330
    assert 0.92 <= np.mean(inside) <= 0.985


def test_a_point_in_the_wrong_place_is_named_and_left_out() -> None:
    points = _points(TRUTH, np.random.default_rng(5), 10)
    points[3] = replace(points[3], x=min(1.0, points[3].x + 0.15))
    points[7] = replace(points[7], y=max(0.0, points[7].y - 0.12))
    found = _fit(points)
    assert found.pose is not None and found.pose.yaw_deg == pytest.approx(40, abs=1.5)
    wrong = [p for p in found.problems if p.code == "wrong_point"]
    assert sorted(p.points[0] for p in wrong) == [4, 8]
    assert [r.number for r in found.residuals if r.wrong] == [4, 8]
    assert "Point 4 does not agree with the others" in wrong[0].en
    assert found.held_out_m is not None and found.held_out_m < 2.0


def test_good_points_are_hardly_ever_called_wrong() -> None:
    rng = np.random.default_rng(6)
    called = sum(
        "wrong_point" in _codes(_fit(_points(TRUTH, rng, 8), blind=False)) for _ in range(30)
    )
    assert called <= 1


def test_residuals_say_where_the_fit_sees_each_point() -> None:
    points = _points(TRUTH, np.random.default_rng(9), 8)
    found = _fit(points)
    assert found.pose is not None
    camera = GroundCamera(found.pose, *SIZE)
    for point, residual in zip(points, found.residuals, strict=True):
        east, north = camera.frame.to_enu(point.place.lon, point.place.lat)
        (seen,), _ = camera.project(np.array([[east, north, point.up_m]]))
        assert (residual.x, residual.y) == pytest.approx(tuple(seen / SIZE), abs=1e-6)
        assert residual.px == pytest.approx(
            math.dist(seen, (point.x * 1280, point.y * 720)), abs=1e-3
        )
        assert residual.held_px is not None and residual.held_px >= residual.px * 0.99
        assert residual.m is not None


def test_too_few_points() -> None:
    found = _fit(
        _points(TRUTH, np.random.default_rng(1), 3), (*ANGLES, "roll", "height", "position")
    )
    assert _fatal(found) == {"too_few"}
    assert "takes at least 4 points, there are 3" in found.problems[0].en


def test_just_enough_points_are_not_checked_and_say_so() -> None:
    found = _fit(_points(TRUTH, np.random.default_rng(1), 2), ANGLES, blind=False)
    assert "no_check" in _codes(found)
    assert found.held_out_m is None and all(r.held_m is None for r in found.residuals)


def test_points_on_a_line_tell_too_little() -> None:
    middle = (640, 200, 640.1, 700)
    line = _points(TRUTH, np.random.default_rng(2), 8, 0, 0, middle, lamps=False)
    found = _fit(line, (*ANGLES, "roll", "height", "position"), blind=False)
    assert _fatal(found) == {"on_a_line"}
    assert "on one line in the picture, which leaves" in found.problems[-1].en
    warned = _fit(line, ("yaw", "pitch"))
    assert warned.pose is not None
    assert "off it, it is a guess" in next(p.en for p in warned.problems if p.code == "on_a_line")


def test_points_in_one_corner_are_warned_of() -> None:
    corner = _points(TRUTH, np.random.default_rng(3), 8, 1, 0.1, box=(900, 520, 1150, 690))
    found = _fit(corner, ("yaw", "pitch"))
    assert found.pose is not None and "one_corner" in _codes(found)
    far = _fit(corner, (*ANGLES, "roll", "height", "position"), blind=False)
    assert "unsure" in _codes(far)


def test_a_spot_in_the_sky_cannot_be_on_the_ground() -> None:
    level = replace(TRUTH, pitch_deg=-8.0)
    points = _points(level, np.random.default_rng(4), 8, box=(40, 330, 1240, 700))
    points[0] = replace(points[0], x=0.5, y=0.05, up_m=0.0)
    found = _fit(points, ANGLES, level)
    assert {("above_horizon", (1,)), ("wrong_point", (1,))} <= {
        (p.code, p.points) for p in found.problems
    }


def test_points_that_contradict_each_other_give_no_pose() -> None:
    points = _points(TRUTH, np.random.default_rng(7), 8)
    places = [p.place for p in points]
    shuffled = [replace(p, place=places[(i + 3) % 8]) for i, p in enumerate(points)]
    assert "contradictory" in _fatal(_fit(shuffled))


def test_a_camera_200_m_up_is_none() -> None:
    high = replace(TRUTH, height_m=200.0)
    assert _fatal(_fit(_points(TRUTH, np.random.default_rng(1)), truth=high)) == {"camera_high"}


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"x": 1.2}, "outside_picture", "Point 2 lies outside the picture (1.200"),
        ({"place": LonLat(31.38, 59.0)}, "too_far", "check that longitude comes first"),
    ],
)
def test_a_point_that_cannot_be_is_named(change: dict[str, object], code: str, words: str) -> None:
    points = _points(TRUTH, np.random.default_rng(1))
    points[1] = replace(points[1], **change)  # type: ignore[arg-type]
    found = _fit(points)
    assert _fatal(found) == {code}
    assert words in found.problems[0].en and found.problems[0].points == (2,)


def test_a_value_neither_known_nor_fitted_is_asked_for() -> None:
    found = fit(
        _points(TRUTH, np.random.default_rng(1)), Guess(TRUTH.place, 7.3), ("yaw", "pitch"), *SIZE
    )
    assert _fatal(found) == {"missing_value"}
    assert "field of view is not known" in found.problems[0].en


@pytest.mark.parametrize(
    ("values", "twice", "field"),
    [((), False, "solve"), (("zoom",), False, "solve"), (ANGLES, True, "points")],
)
def test_what_makes_no_question_is_refused(
    values: tuple[Value, ...], twice: bool, field: str
) -> None:
    points = _points(TRUTH, np.random.default_rng(1))
    with pytest.raises(InvalidInput) as refused:
        fit([*points, points[0]] if twice else points, Guess.of(TRUTH), values, *SIZE)
    assert refused.value.field == field
