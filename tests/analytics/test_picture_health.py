"""What is measured of a camera's picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import cv2
import numpy as np
import pytest

from analytics.model import Frame
from analytics.picture_health import Look, PictureHealth
from tests.support.health import START, Change, Gray, Unseen, street, watch


def last(looks: list[Look]) -> Look:
    assert looks
    return looks[-1]


def test_a_picture_as_usual() -> None:
    looks: list[Look] = []
    watch(40, looks=looks)
    look = last(looks)
    assert look.lost == 0.0 and look.shift == 0.0
    assert look.shown == pytest.approx(1.0, abs=0.05)
    assert look.sharpness == pytest.approx(1.0, abs=0.05)
    assert looks[0].sharpness is None, "nothing is known of a camera at its first picture"


@pytest.mark.parametrize(("sigma_px", "low", "high"), [(1.0, 0.6, 0.8), (4.0, 0.15, 0.35)])
def test_blur_takes_sharpness(sigma_px: float, low: float, high: float) -> None:
    looks: list[Look] = []
    watch(40, lambda g, t: cv2.GaussianBlur(g, (0, 0), sigma_px) if t >= 38 else g, looks=looks)
    sharpness = last(looks).sharpness
    assert sharpness is not None and low < sharpness < high


@pytest.mark.parametrize("right_px", [3, 24, 60, -40])
def test_a_shift_is_measured(right_px: int) -> None:
    looks: list[Look] = []
    watch(40, lambda g, t: np.roll(g, right_px, 1) if t >= 38 else g, looks=looks)
    assert last(looks).shift == pytest.approx(abs(right_px) / 480, abs=0.004)


def test_what_is_hidden_is_told_with_its_place() -> None:
    def cover(gray: Gray, at_s: float) -> Gray:
        if at_s >= 38:
            gray[:, :240] = 70
        return gray

    looks: list[Look] = []
    watch(40, cover, looks=looks)
    look = last(looks)
    assert look.lost is not None and 0.35 < look.lost < 0.6
    assert look.lost_box[0] == 0.0 and look.lost_box[2] == pytest.approx(0.5, abs=0.07)


def test_flat_colour_of_lost_packets_is_broken() -> None:
    health = PictureHealth()
    rng = np.random.default_rng(1)
    found = []
    for second in range(12):
        gray = np.clip(street() + rng.normal(0, 2, (270, 480)), 0, 255).astype(np.uint8)
        if second >= 10:
            gray[120:] = 128
        frame = Frame(1, 1, START + timedelta(seconds=second), gray, 960, 540, 0.0, Unseen())
        look = health.look(frame)
        assert look is not None
        found.append(look.broken)
    assert max(found[:10]) < 0.02 and min(found[10:]) > 0.4


def test_what_a_privacy_mask_hides_counts_for_nothing() -> None:
    hidden = np.zeros((270, 480), np.uint8)
    hidden[:, :240] = 255
    lumas, losts = [], []
    for masked in (None, hidden):
        health = PictureHealth()
        rng = np.random.default_rng(1)
        for second in range(12):
            gray = np.clip(street() + rng.normal(0, 2, (270, 480)), 0, 255).astype(np.uint8)
            if masked is not None:
                gray[:, :240] = 0
            frame = Frame(1, 1, START + timedelta(seconds=second), gray, 960, 540, 0.0, Unseen())
            look = health.look(replace(frame, hidden=masked))
            assert look is not None
        lumas.append(look.luma)
        losts.append(look.lost)
    assert abs(lumas[0] - lumas[1]) < 25 and losts == [0.0, 0.0]


def test_frames_close_together_are_measured_once_and_turning_is_not_measured() -> None:
    looks: list[Look] = []
    watch(4, every_s=0.1, looks=looks)
    assert len(looks) == 5
    looks.clear()
    watch(10, looks=looks, turning=lambda t: t >= 5)
    assert len(looks) == 5


def test_each_view_of_a_camera_that_turns_has_its_own_memory() -> None:
    health = PictureHealth()
    rng = np.random.default_rng(1)
    shifts = []
    for second in range(40):
        view = "1" if second // 10 % 2 == 0 else "2"
        still = street() if view == "1" else street()[::-1, ::-1]
        gray = np.clip(still + rng.normal(0, 2, (270, 480)), 0, 255).astype(np.uint8)
        frame = Frame(1, 1, START + timedelta(seconds=second), gray, 960, 540, 0.0, Unseen())
        look = health.look(frame, view)
        assert look is not None
        shifts.append(look.shift)
    assert {s for s in shifts if s is not None} == {0.0}
    assert shifts[20] == 0.0, "the first view is remembered"


def test_a_quiet_camera_is_measured_seldom_and_at_once_when_something_befalls_it() -> None:
    health = PictureHealth()
    rng = np.random.default_rng(1)

    def measured(second: float, change: Change = lambda gray, _: gray) -> bool:
        gray = np.clip(change(street(), second) + rng.normal(0, 3, (270, 480)), 0, 255)
        at = START + timedelta(seconds=second)
        frame = Frame(1, 1, at, gray.astype(np.uint8), 960, 540, 0.0, Unseen(), key=True)
        return health.look(frame, quiet=True) is not None

    assert all(measured(2 * i) for i in range(21)), "a new view is learnt first"
    assert [measured(42 + 2 * i) for i in range(6)] == [False, True] * 3
    assert not measured(54)

    def covered(gray: Gray, _: float) -> Gray:
        gray[:, :400] = 70
        return gray

    assert measured(56, covered) and measured(58, covered) and measured(60, covered)


def test_how_fast_a_view_is_followed_does_not_hang_on_how_often_it_is_looked_at() -> None:
    shown = []
    for every_s in (1.0, 4.0):
        looks: list[Look] = []
        watch(
            300,
            lambda g, t: (120 + (g - 120.0) * (1 if t < 100 else 0.6)).astype(np.uint8),
            every_s=every_s,
            looks=looks,
        )
        shown.append(last(looks).shown)
    assert shown[0] == pytest.approx(shown[1], abs=0.03)
