"""The camera's geometry: by hand where a hand can, by simulation where the ellipse claims a probability."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon

from gis.errors import InvalidInput
from gis.ground import CAMBER_SIGMA_M, HEIGHT_SIGMA_M, GroundCamera, LocalFrame, ellipse_95
from gis.model import POSE_VALUES, LonLat, Pose

PLACE = LonLat(120.98, 31.38)
SIZE = (960, 540)


def pose(
    yaw: float = 0.0,
    pitch: float = -20.0,
    hfov: float = 70.0,
    roll: float = 0.0,
    height: float = 8.0,
    k1: float = 0.0,
    k2: float = 0.0,
) -> Pose:
    return Pose(PLACE, height, yaw, pitch, hfov, roll, k1=k1, k2=k2)


poses = st.builds(
    pose,
    yaw=st.floats(0, 360),
    pitch=st.floats(-80, -8),
    hfov=st.floats(30, 100),
    roll=st.floats(-20, 20),
    height=st.floats(3, 40),
)
bent_poses = st.builds(
    pose,
    yaw=st.floats(0, 360),
    pitch=st.floats(-80, -8),
    hfov=st.floats(30, 90),
    roll=st.floats(-20, 20),
    height=st.floats(3, 40),
    k1=st.floats(-0.1, 0.2),
    k2=st.floats(0, 0.05),
)


def test_a_degree_of_latitude_and_longitude_at_kunshan() -> None:
    # Meridian 110 876 m and parallel 95 113 m per degree, by the WGS-84 series of Snyder (1987), eqs. 3-21, 3-22.
    frame = LocalFrame(PLACE)
    phi = math.radians(31.38)
    series_lat = 111132.92 - 559.82 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
    series_lon = 111412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi) + 0.118 * math.cos(5 * phi)
    assert frame.to_enu(121.98, 32.38) == pytest.approx((series_lon, series_lat), rel=1e-5)


def test_frame_takes_arrays() -> None:
    frame = LocalFrame(PLACE)
    e, n = np.array([0.0, 50.0, -70.0]), np.array([10.0, -20.0, 30.0])
    back = frame.to_enu(*frame.to_lonlat(e, n))
    assert np.allclose(back, (e, n), atol=1e-6)


def test_the_view_axis_meets_the_ground_where_trigonometry_says() -> None:
    camera = GroundCamera(pose(yaw=90.0, pitch=-45.0, height=10.0), *SIZE)
    fix = camera.locate(480.0, 270.0)
    assert fix is not None
    assert camera.frame.to_enu(fix.place.lon, fix.place.lat) == pytest.approx((10.0, 0.0), abs=1e-6)


def test_right_is_right_and_down_is_near() -> None:
    camera = GroundCamera(pose(), *SIZE)  # looks north
    pixels, depth_m = camera.project(
        np.array(
            [[5.0, 25.0, 0.0], [-5.0, 25.0, 0.0], [0.0, 15.0, 0.0], [0.0, 25.0, 2.0], [0, -5, 0]]
        )
    )
    right, left, near, head, behind = pixels
    assert right[0] > 480 > left[0]
    assert near[1] > right[1] > head[1]
    assert depth_m[4] <= 0 and np.isnan(behind).all()


def test_roll_turns_the_picture_against_the_camera() -> None:
    # What lies right of the middle of a camera turned clockwise moves up in its picture.
    level = GroundCamera(pose(roll=0.0), *SIZE)
    turned = GroundCamera(pose(roll=10.0), *SIZE)
    point = np.array([[6.0, 25.0, 0.0]])
    (before,), _ = level.project(point)
    (after,), _ = turned.project(point)
    assert after[1] < before[1]


@settings(max_examples=80, deadline=None)
@given(poses | bent_poses, st.floats(0, 960), st.floats(0, 540))
def test_project_undoes_locate(given_pose: Pose, x: float, y: float) -> None:
    camera = GroundCamera(given_pose, *SIZE)
    fix = camera.locate(x, y)
    assume(fix is not None)
    assert fix is not None
    east, north = camera.frame.to_enu(fix.place.lon, fix.place.lat)
    pixels, depth_m = camera.project(np.array([[east, north, 0.0]]))
    assert depth_m[0] > 0
    assert tuple(pixels[0]) == pytest.approx((x, y), abs=0.01)
    assert fix.ellipse.major_m >= fix.ellipse.minor_m > 0
    assert 0 <= fix.ellipse.angle_deg < 180


@settings(max_examples=60, deadline=None)
@given(bent_poses, st.floats(100, 860), st.floats(100, 440), st.integers(0, 8))
def test_a_spot_moves_with_each_value_as_the_covariance_says(
    given_pose: Pose, x: float, y: float, value: int
) -> None:
    """One value alone in doubt: the ellipse is the way the spot goes when that value is moved."""
    sigma = (0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05, 1e-3, 1e-3)[value]
    covariance = [0.0] * 81
    covariance[value * 10] = sigma**2
    camera = GroundCamera(replace(given_pose, covariance=tuple(covariance)), *SIZE)
    at = np.array([[x, y]])
    spots = camera.spots(at, np.array([0.0]))
    assume(spots.falls[0] and np.hypot(*spots.enu[0]) < 80)
    name = POSE_VALUES[value]
    ways = []
    for sign in (-1, 1):
        if name in ("east_m", "north_m"):
            # Moves the camera's own frame, in which the spot would stand still.
            ways.append(sign * sigma * np.array([name == "east_m", name == "north_m"]))
            continue
        moved = replace(given_pose, **{name: getattr(given_pose, name) + sign * sigma})
        ways.append(GroundCamera(moved, *SIZE).spots(at, np.array([0.0])).enu[0])
    way = (ways[1] - ways[0]) / 2
    camber = np.outer(spots.enu[0], spots.enu[0]) * (CAMBER_SIGMA_M / given_pose.height_m) ** 2
    size = float(way @ way)
    assert np.allclose(spots.covariance[0] - camber, np.outer(way, way), atol=0.03 * size + 1e-9)


def test_many_spots_are_the_spots_one_by_one() -> None:
    camera = GroundCamera(pose(k1=-0.1, k2=0.02), *SIZE)
    pixels = np.random.default_rng(2).uniform(0, 500, (20, 2))
    sigma = np.linspace(1, 5, 20)
    together = camera.spots(pixels, sigma)
    for i in range(20):
        alone = camera.spots(pixels[i : i + 1], sigma[i : i + 1])
        assert np.allclose(together.enu[i], alone.enu[0])
        assert np.allclose(together.covariance[i], alone.covariance[0])
        assert together.falls[i] == alone.falls[0]


def test_the_ellipse_holds_95_percent_of_simulated_errors() -> None:
    truth = pose(yaw=30.0, pitch=-18.0, roll=2.0)
    x, y, sigma_px = 700.0, 330.0, 2.0
    fix = GroundCamera(truth, *SIZE).locate(x, y, sigma_px)
    assert fix is not None
    frame = LocalFrame(PLACE)
    centre = np.array(frame.to_enu(fix.place.lon, fix.place.lat))
    angle = math.radians(fix.ellipse.angle_deg)
    major = np.array([math.sin(angle), math.cos(angle)])
    minor = np.array([math.cos(angle), -math.sin(angle)])
    rng = np.random.default_rng(5)
    inside = total = 0
    for _ in range(3000):
        a, b, c = rng.normal(0, truth.sigma_deg, 3)
        wrong = replace(
            truth,
            yaw_deg=truth.yaw_deg + a,
            pitch_deg=truth.pitch_deg + b,
            roll_deg=truth.roll_deg + c,
            height_m=truth.height_m + rng.normal(0, HEIGHT_SIGMA_M),
        )
        moved = GroundCamera(wrong, *SIZE).locate(
            x + rng.normal(0, sigma_px), y + rng.normal(0, sigma_px)
        )
        assert moved is not None
        off = np.array(frame.to_enu(moved.place.lon, moved.place.lat)) - centre
        share = (off @ major / fix.ellipse.major_m) ** 2 + (off @ minor / fix.ellipse.minor_m) ** 2
        inside += share <= 1.0
        total += 1
    assert 0.935 < inside / total < 0.962


def test_a_known_covariance_gives_its_ellipse() -> None:
    ellipse = ellipse_95(np.array([[4.0, 0.0], [0.0, 1.0]]))
    assert (ellipse.major_m, ellipse.minor_m) == pytest.approx((2 * 2.4477, 2.4477), abs=1e-3)
    assert ellipse.angle_deg == pytest.approx(90.0)


def test_no_fix_above_the_horizon_or_too_far() -> None:
    camera = GroundCamera(pose(pitch=-5.0), *SIZE)
    horizon_px = 270.0 - camera.focal_px * math.tan(math.radians(5.0))
    assert camera.locate(480.0, horizon_px - 5) is None
    assert camera.locate(480.0, horizon_px + 2) is None  # kilometres away: the ellipse is too long
    near = camera.locate(480.0, 520.0)
    assert near is not None and near.ellipse.major_m < 2.0


@settings(max_examples=50, deadline=None)
@given(poses | bent_poses, st.floats(-100, 100), st.floats(-100, 100))
def test_field_of_view_holds_just_the_ground_in_the_picture(
    given_pose: Pose, east: float, north: float
) -> None:
    camera = GroundCamera(given_pose, *SIZE)
    ring = camera.field_of_view(90.0)
    shape = Polygon([camera.frame.to_enu(*p) for p in ring])
    if ring:
        assert ring[0] == ring[-1]
        assert shape.is_valid
    assume(shape.exterior.distance(Point(east, north)) > 0.8)
    place = LonLat(*camera.frame.to_lonlat(east, north))
    expected = camera.px_per_m(place) is not None and math.hypot(east, north) < 90.0
    assert shape.contains(Point(east, north)) == expected


def test_field_of_view_of_a_camera_that_sees_no_ground_is_empty() -> None:
    assert GroundCamera(pose(pitch=40.0), *SIZE).field_of_view() == []


def test_px_per_m_falls_with_distance_and_ends_at_the_border() -> None:
    camera = GroundCamera(pose(), *SIZE)

    def at(n: float, e: float = 0.0) -> float | None:
        return camera.px_per_m(LonLat(*camera.frame.to_lonlat(e, n)))

    near, far = at(15.0), at(60.0)
    assert near is not None and far is not None and near > far > 5.0
    assert at(-10.0) is None
    assert at(20.0, 60.0) is None
    assert camera.sees(LonLat(*camera.frame.to_lonlat(0.0, 60.0)))
    assert not camera.sees(LonLat(*camera.frame.to_lonlat(0.0, 400.0)), min_px_per_m=4.0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"height_m": 0.0}, "height_m"),
        ({"hfov_deg": 180.0}, "hfov_deg"),
        ({"k1": -0.9}, "k1"),
        ({"covariance": (1.0, 2.0)}, "covariance"),
    ],
)
def test_a_pose_that_makes_no_camera_is_refused(change: dict[str, float], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        GroundCamera(replace(pose(), **change), *SIZE)  # type: ignore[arg-type]
    assert refused.value.field == field
