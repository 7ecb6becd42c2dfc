"""A box's place on the ground against where the thing really stood."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analytics.locate import Locator, ground_speed_ms
from gis.errors import InvalidInput
from gis.ground import GroundCamera, LocalFrame
from gis.model import LonLat, Pose

POSE = Pose(LonLat(120.98, 31.38), 7.0, 30.0, -20.0, 70.0)
W, H = 960, 540


def _block(
    east: float, north: float, course: float, length: float, width: float, height: float
) -> NDArray[np.float64]:
    along = np.array([math.sin(course), math.cos(course)]) * length / 2
    across = np.array([math.cos(course), -math.sin(course)]) * width / 2
    return np.array(
        [
            [*(np.array([east, north]) + a * along + b * across), z]
            for a in (-1, 1)
            for b in (-1, 1)
            for z in (0.0, height)
        ]
    )


def _box(pose: Pose, block: NDArray[np.float64]) -> tuple[float, float, float, float] | None:
    pixels, depth = GroundCamera(pose, W, H).project(block)
    if (depth < 1).any():
        return None
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    if (low < 5).any() or high[0] > W - 5 or high[1] > H - 5:
        return None
    return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])


def _at(right_m: float, ahead_m: float) -> tuple[float, float]:
    yaw = math.radians(POSE.yaw_deg)
    return (
        ahead_m * math.sin(yaw) + right_m * math.cos(yaw),
        ahead_m * math.cos(yaw) - right_m * math.sin(yaw),
    )


@settings(max_examples=60, deadline=None)
@given(st.floats(-8, 8), st.floats(12, 40))
def test_a_person_is_placed_within_30_cm_of_the_truth(right_m: float, ahead_m: float) -> None:
    east, north = _at(right_m, ahead_m)
    box = _box(POSE, _block(east, north, 0.3, 0.35, 0.5, 1.75))
    if box is None:
        return
    found = Locator(POSE, W, H).locate(box, "person")
    assert found is not None
    assert math.hypot(found.east_m - east, found.north_m - north) < 0.3
    assert found.size.height_m == pytest.approx(1.75, abs=0.25)
    assert 0.35 < found.size.width_m < 1.1, (
        "seen from its corner and from above a block looks wider"
    )


@settings(max_examples=60, deadline=None)
@given(st.floats(-12, 12), st.floats(18, 40), st.floats(0, 2 * math.pi))
def test_a_car_is_placed_at_its_middle_from_any_side(
    right_m: float, ahead_m: float, course: float
) -> None:
    east, north = _at(right_m, ahead_m)
    box = _box(POSE, _block(east, north, course, 4.4, 1.8, 1.5))
    if box is None:
        return
    found = Locator(POSE, W, H).locate(box, "vehicle", course)
    assert found is not None
    assert math.hypot(found.east_m - east, found.north_m - north) < 0.35


def test_the_ellipse_holds_the_truth_as_often_as_it_says() -> None:
    """Poses drawn from their stated error, feet as ragged as the detector's: 93 to 98 % must be inside."""
    rng = np.random.default_rng(4)
    believed = replace(POSE, sigma_deg=0.5)
    locator, frame = Locator(believed, W, H), LocalFrame(POSE.place)
    inside = total = 0
    for _ in range(1500):
        true_pose = replace(
            POSE,
            yaw_deg=POSE.yaw_deg + rng.normal(0, 0.5),
            pitch_deg=POSE.pitch_deg + rng.normal(0, 0.5),
            roll_deg=rng.normal(0, 0.5),
            height_m=POSE.height_m + rng.normal(0, 0.15),
        )
        east, north = _at(rng.uniform(-8, 8), rng.uniform(12, 40))
        box = _box(true_pose, _block(east, north, rng.uniform(0, 6.3), 0.35, 0.5, 1.75))
        if box is None:
            continue
        x, y, w, h = box
        sigma_px = max(1.0, 0.03 * h)
        box = (x + rng.normal(0, sigma_px), y, w, h + rng.normal(0, sigma_px))
        found = locator.locate(box, "person")
        assert found is not None
        if found.fix is None:
            continue
        e, n = frame.to_enu(found.fix.place.lon, found.fix.place.lat)
        ellipse = found.fix.ellipse
        angle = math.radians(ellipse.angle_deg)
        major = (east - e) * math.sin(angle) + (north - n) * math.cos(angle)
        minor = (east - e) * math.cos(angle) - (north - n) * math.sin(angle)
        inside += (major / ellipse.major_m) ** 2 + (minor / ellipse.minor_m) ** 2 <= 1
        total += 1
    assert total > 1000
    assert 0.93 <= inside / total <= 0.98


def test_the_ellipse_grows_with_distance_until_there_is_no_fix() -> None:
    locator = Locator(POSE, W, H)
    majors: list[float | None] = []
    for ahead_m in (15, 25, 40, 60, 400):
        pixels, _ = GroundCamera(POSE, W, H).project(np.array([[*_at(0, ahead_m), 0.0]]))
        found = locator.locate((float(pixels[0, 0]) - 4, float(pixels[0, 1]) - 16, 8, 16), "person")
        majors.append(found.fix.ellipse.major_m if found and found.fix else None)
    near = [m for m in majors if m is not None]
    assert near == sorted(near) and len(near) == 4
    assert majors[-1] is None


def test_above_the_horizon_there_is_nothing() -> None:
    level = replace(POSE, pitch_deg=-5.0)
    assert Locator(level, W, H).locate((400, 100, 20, 60), "person") is None


def test_a_foot_below_the_picture_is_no_place() -> None:
    found = Locator(POSE, W, H).locate((400, 300, 80, 240), "person")
    assert found is not None and found.fix is None


def test_hidden_feet_are_allowed_for() -> None:
    """Behind a fence 0.7 m high only the upper body shows: the ellipse must reach where the feet are."""
    east, north = _at(2.0, 25.0)
    block = _block(east, north, 0.3, 0.35, 0.5, 1.75)
    block[block[:, 2] == 0.0, 2] = 0.7
    box = _box(POSE, block)
    assert box is not None
    found = Locator(POSE, W, H).locate(box, "person")
    assert found is not None and found.fix is not None
    away_m = math.hypot(found.east_m - east, found.north_m - north)
    assert 0.5 < away_m < found.fix.ellipse.major_m


@pytest.mark.parametrize(
    ("pose", "message"),
    [
        (replace(POSE, height_m=200.0), "200 m above the ground"),
        (replace(POSE, pitch_deg=60.0), "only sky"),
        (replace(POSE, height_m=-3.0), "sees no ground"),
    ],
)
def test_a_pose_that_cannot_be_is_refused(pose: Pose, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Locator(pose, W, H)


def test_speed_is_the_median_and_needs_time() -> None:
    t = np.arange(0, 5, 0.1)
    jitter = np.random.default_rng(2).normal(0, 0.05, (2, len(t)))
    assert ground_speed_ms(t, 1.4 * t + jitter[0], jitter[1]) == pytest.approx(1.4, abs=0.05)
    assert ground_speed_ms(t[:5], t[:5], t[:5]) is None


def test_opencv_agrees_on_the_projection() -> None:
    """The same block through OpenCV's own pinhole, so that the truth here is not our own camera's opinion."""
    camera = GroundCamera(POSE, W, H)
    block = _block(*_at(2, 20), 0.4, 4.4, 1.8, 1.5)
    matrix = np.array([[camera.focal_px, 0, W / 2], [0, camera.focal_px, H / 2], [0, 0, 1]])
    shift = -camera.rotation @ np.array([0, 0, POSE.height_m])
    theirs, _ = cv2.projectPoints(block, cv2.Rodrigues(camera.rotation)[0], shift, matrix, None)
    ours, _ = camera.project(block)
    assert np.allclose(theirs.reshape(-1, 2), ours, atol=1e-6)
