"""Places on the ground and back, near, far and beyond the horizon."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.kalman import turned
from analytics.plane import GroundPlane, PicturePlane
from gis.ground import GroundCamera
from gis.model import LonLat, Pose

POSE = Pose(LonLat(120.98, 31.38), height_m=8.0, yaw_deg=70.0, pitch_deg=-12.0, hfov_deg=65.0)
CAMERA = GroundCamera(POSE, 1280, 720)


def test_a_foot_is_where_the_camera_says() -> None:
    feet = np.array([[640.0, 700], [100, 500], [1200, 400]])
    places = GroundPlane(CAMERA).places(feet)
    pixels, _ = CAMERA.project(np.column_stack([places.at, np.zeros(3)]))
    assert pixels == pytest.approx(feet, abs=1e-6)


def test_there_and_back_wherever_in_the_picture() -> None:
    plane = GroundPlane(CAMERA)
    x, y = np.meshgrid([5.0, 640.0, 1275.0], [2.0, 180.0, 240.0, 300.0, 715.0])
    feet = np.column_stack([x.ravel(), y.ravel()])
    found, at = feet + np.array([3.0, -2.0]), plane.places(feet).at
    for _ in range(2):
        found, _ = plane.feet_px(at, found)
    assert found == pytest.approx(feet, abs=0.3)


def test_a_pixel_far_away_is_more_metres() -> None:
    places = GroundPlane(CAMERA).places(np.array([[640.0, 700], [640, 300]]))
    near, far = np.abs(places.by_px[:, :, 1]).max(axis=1)
    assert far > 8 * near
    assert places.unit[1] > 2 * places.unit[0]


def test_steps_in_the_plane_are_steps_in_the_picture() -> None:
    feet = np.array([[300.0, 600], [900, 450]])
    for plane in (GroundPlane(CAMERA), PicturePlane()):
        here, there = plane.places(feet), plane.places(feet + np.array([0.5, -0.25]))
        assert turned(here.to_px, there.at - here.at) == pytest.approx(
            np.tile([0.5, -0.25], (2, 1)), abs=0.01
        )
