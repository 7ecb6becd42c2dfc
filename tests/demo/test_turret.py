from __future__ import annotations

import itertools
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from demo.cameras.scene import Scene
from demo.cameras.turret import SPEED_PER_S, Turret, wide, window
from gis.ground import GroundCamera
from tests.support.scenes import CACHE, city
from tests.support.scenes import scene as make_scene

CAMERA = next(camera for camera in city().cameras if camera.code == "cam-square")
T = 1_795_246_020.0
axis = st.floats(-1, 1)


class _Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_move_ends_by_itself_at_its_time_and_at_its_range() -> None:
    clock = _Clock()
    turret = Turret(clock)
    turret.move((1.0, -0.5, 0.2), 1.0)
    clock.now_s += 0.5
    assert turret.where() == pytest.approx((0.25, -0.125, 0.05)) and turret.moving
    clock.now_s += 5
    assert turret.where() == pytest.approx((0.5, -0.25, 0.1)) and not turret.moving
    turret.move((1.0, 0.0, -1.0), 60.0)
    clock.now_s += 30
    assert turret.where() == pytest.approx((1.0, -0.25, 0.0))
    turret.stop()
    assert not turret.moving


@given(st.lists(st.tuples(axis, axis, axis, st.floats(0, 3), st.floats(0, 3)), max_size=12))
def test_it_never_jumps_and_never_leaves_its_range(
    moves: list[tuple[float, float, float, float, float]],
) -> None:
    clock = _Clock()
    turret = Turret(clock)
    for pan, tilt, zoom, for_s, after_s in moves:
        before = turret.where()
        turret.move((pan, tilt, zoom), for_s)
        clock.now_s += after_s
        after = turret.where()
        way = SPEED_PER_S * min(for_s, after_s) + 1e-9
        assert all(abs(b - a) <= way for a, b in zip(before, after, strict=True))
        assert all(low <= value <= 1.0 for low, value in zip((-1.0, -1.0, 0.0), after, strict=True))


def test_at_home_it_sends_what_a_fixed_camera_would() -> None:
    fixed = GroundCamera(CAMERA.pose, CAMERA.width_px, CAMERA.height_px)
    sensor = wide(CAMERA)
    turned = GroundCamera(sensor.pose, sensor.width_px, sensor.height_px)
    home = window(CAMERA, (0.0, 0.0, 0.0))
    assert (home.width_px, home.height_px, home.scale) == (CAMERA.width_px, CAMERA.height_px, 1.0)
    points = np.array([[x, y, 0.0] for x, y in itertools.product((-5, 0, 12), (15, 30, 60))])
    yaw = np.radians(CAMERA.pose.yaw_deg)
    spin = np.array([[np.cos(yaw), np.sin(yaw), 0], [-np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    points = points @ spin.T
    expected, depth = fixed.project(points)
    assert (depth > 0).all()
    sent = [home.sent(x, y) for x, y in turned.project(points)[0]]
    np.testing.assert_allclose(sent, expected, atol=1e-6)


@given(axis, axis, st.floats(0, 1))
def test_the_window_stays_in_the_wide_picture(pan: float, tilt: float, zoom: float) -> None:
    sensor, found = wide(CAMERA), window(CAMERA, (pan, tilt, zoom))
    assert found.x_px >= 0 and found.x_px + found.width_px <= sensor.width_px
    assert found.y_px >= 0 and found.y_px + found.height_px <= sensor.height_px
    assert found.width_px / found.height_px == pytest.approx(16 / 9, rel=0.01)


def test_up_is_up_and_in_is_closer() -> None:
    home, up = window(CAMERA, (0, 0, 0)), window(CAMERA, (0, 1, 0))
    right, near = window(CAMERA, (1, 0, 0)), window(CAMERA, (0, 0, 1))
    assert up.y_px < home.y_px and right.x_px > home.x_px
    assert near.scale == pytest.approx(4, rel=0.01) and near.width_px < home.width_px


@pytest.fixture(scope="module")
def turning() -> Iterator[tuple[Scene, Turret]]:
    turret = Turret()
    yield Scene(city(), CAMERA, CACHE, turret), turret


def test_the_turned_picture_shows_what_lies_there(turning: tuple[Scene, Turret]) -> None:
    scene, turret = turning
    fixed = make_scene(CAMERA.code)
    turret.go((0.0, 0.0, 0.0))
    home = scene.picture(T, []).copy()
    assert home.shape == (CAMERA.height_px, CAMERA.width_px, 3)
    below = slice(40, None)  # the caption lies above
    # Light and noise differ, for the picture was rendered at another size; what stands where does not.
    likeness = {by: _likeness(fixed.picture(T, [])[below], home[below], by) for by in (-2, 0, 2)}
    assert likeness[0] > 0.995 and likeness[0] == max(likeness.values())
    shift = window(CAMERA, (0.2, 0.0, 0.0)).x_px - window(CAMERA, (0.0, 0.0, 0.0)).x_px
    turret.go((0.2, 0.0, 0.0))
    right = scene.picture(T, [])
    moved = np.abs(right[below, :-shift].astype(int) - home[below, shift:]).mean()
    assert moved < 0.5 and shift > 40


def _likeness(one: NDArray[np.uint8], other: NDArray[np.uint8], by_px: int) -> float:
    """Correlation of two pictures' shapes of a few pixels, the second moved right."""
    first, second = (
        cv2.GaussianBlur(grey, (0, 0), 3) - cv2.GaussianBlur(grey, (0, 0), 20)
        for grey in (cv2.cvtColor(p, cv2.COLOR_BGR2GRAY).astype(np.float32) for p in (one, other))
    )
    inner = (slice(None), slice(10, -10))
    moved = np.roll(second, by_px, axis=1)
    return float(np.corrcoef(first[inner].ravel(), moved[inner].ravel())[0, 1])


def test_the_truth_turns_with_the_picture(turning: tuple[Scene, Turret]) -> None:
    scene, turret = turning
    found = scene.seen(T)
    assert found
    turret.go((0.0, 0.0, 0.0))
    scene.frame(T, found)
    home = {each.id: each.box_px for each in scene.truth(found)}
    turret.go((0.0, 0.0, 1.0))
    scene.frame(T, found)
    near = {each.id: each.box_px for each in scene.truth(found)}
    cut = window(CAMERA, (0.0, 0.0, 1.0))
    for name, (_, _, width, _) in home.items():
        assert near[name][2] == pytest.approx(width * cut.scale)
