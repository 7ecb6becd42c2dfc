"""Which cells moved, and whether a quiet camera's picture is as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.model import Frame
from analytics.motion import MotionDetector

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
NOBODY = np.empty((0, 4), np.float32)
Gray = NDArray[np.uint8]


class _Picture:
    """Never asked for here."""

    def bgr(self) -> Gray:
        raise NotImplementedError


def _ground() -> Gray:
    coarse = np.random.default_rng(1).integers(60, 200, (9, 16)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (480, 270), interpolation=cv2.INTER_CUBIC), np.uint8)


def _frame(t_s: float, *things: tuple[int, int, int, int], gain: float = 1.0) -> Frame:
    picture = _ground().astype(np.float32)
    for x, y, w, h in things:
        picture[y : y + h, x : x + w] = 20
    noise = np.random.default_rng(round(t_s * 100)).normal(0, 2.5, picture.shape)
    gray = np.clip(picture * gain + noise, 0, 255).astype(np.uint8)
    return Frame(1, 1, START + timedelta(seconds=t_s), gray, 1920, 1080, 0.0, _Picture())


def _trained(*things: tuple[int, int, int, int]) -> MotionDetector:
    detector = MotionDetector()
    for i in range(60):
        detector.detect(_frame(i / 10), NOBODY)
    for i in range(60, 80):
        detector.detect(_frame(i / 10, *things), NOBODY)
    return detector


def test_cells_say_where_something_moves_and_not_where_it_stands() -> None:
    detector = _trained()
    for i in range(20):
        x = 100 + 6 * i
        motion = detector.detect(_frame(8 + i / 10, (x, 60, 20, 60)), NOBODY)
        assert motion.cells.shape == (9, 16)
        rows, columns = np.nonzero(motion.cells)
        assert {*rows.tolist()} <= {1, 2, 3, 4} and len(rows) > 0
        assert {*columns.tolist()} <= {x // 30 - 1, x // 30, x // 30 + 1}
    for i in range(10):
        motion = detector.detect(_frame(10 + i / 10, (x, 60, 20, 60)), NOBODY)
    assert len(motion.detections) == 1, "it stands there"
    assert not motion.cells.any()
    assert not detector.detect(_frame(11.1), NOBODY).cells[5:].any()


def test_a_quiet_picture_is_quiet_in_any_light() -> None:
    detector = _trained()
    for i, gain in enumerate((1.0, 1.0, 0.8, 1.2)):
        assert detector.is_quiet(_frame(9 + 2 * i, gain=gain)), gain


def test_what_comes_leaves_or_moves_is_no_quiet_and_what_stands_is() -> None:
    standing = (200, 100, 16, 40)
    detector = _trained(standing)
    assert detector.is_quiet(_frame(10.0, standing))
    assert not detector.is_quiet(_frame(12.0, standing, (300, 150, 10, 24)))
    assert not detector.is_quiet(_frame(14.0))
    assert not detector.is_quiet(_frame(16.0, (210, 100, 16, 40)))
    assert detector.is_quiet(_frame(18.0, standing)), "looking teaches nothing"


def test_who_stirs_where_he_stands_is_no_news_and_who_leaves_is() -> None:
    body, arm = (200, 100, 16, 40), (216, 110, 6, 5)
    detector = _trained(body)
    held = np.array([[200, 100, 22, 40]], np.float32) * 4  # picture pixels
    assert not detector.is_quiet(_frame(10.0, body, arm))
    assert detector.is_quiet(_frame(12.0, body, arm), held)
    assert not detector.is_quiet(_frame(14.0), held), "gone"
    assert not detector.is_quiet(_frame(16.0, (207, 100, 16, 40)), held), "half a step beside"
    assert not detector.is_quiet(_frame(18.0, body, (300, 150, 10, 24)), held), "somebody else"


def test_a_frame_of_another_size_and_a_picture_gone_black_are_looked_into() -> None:
    detector = _trained()
    frame = _frame(10.0)
    black = Frame(1, 1, frame.at, np.zeros_like(frame.gray), 1920, 1080, 0.0, frame.picture)
    small = Frame(
        1, 1, frame.at, np.ascontiguousarray(frame.gray[::2, ::2]), 960, 540, 0.0, frame.picture
    )
    assert not detector.is_quiet(black)
    assert not detector.is_quiet(small)


def test_where_looks_were_in_vain_a_larger_spot_is_needed() -> None:
    leaf, person = (300, 150, 5, 5), (300, 150, 12, 30)
    detector = _trained()
    assert not detector.is_quiet(_frame(10.0, leaf))
    for i in range(5):
        detector.is_quiet(_frame(12.0 + 2 * i, leaf))
        detector.was_in_vain()
    assert detector.is_quiet(_frame(30.0, leaf))
    assert not detector.is_quiet(_frame(32.0, person)), "one as large as a person always wakes"
    assert not detector.is_quiet(_frame(34.0, (100, 150, 5, 5))), "elsewhere nothing has changed"


def _night(t_s: float, lamp_x: int, car: bool) -> Frame:
    """A dark street; a lamp's pool of light goes over it from ``lamp_x`` on, with or without the car behind it."""
    picture = _ground().astype(np.float32) * 0.45
    pool = np.zeros_like(picture)
    cv2.ellipse(pool, (lamp_x + 70, 150), (50, 22), 0, 0, 360, 1.2, -1)
    picture *= 1.0 + cv2.GaussianBlur(pool, (0, 0), 6)
    if car:
        picture[130:165, lamp_x - 40 : lamp_x] = 12
        picture[135:145, lamp_x - 34 : lamp_x - 6] = 90
        picture[150:155, lamp_x - 8 : lamp_x] = 240
    noise = np.random.default_rng(round(t_s * 100)).normal(0, 2.0, picture.shape)
    gray = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return Frame(1, 1, START + timedelta(seconds=t_s), gray, 480, 270, 0.0, _Picture())


def _boxes_at_night(car: bool) -> list[NDArray[np.float32]]:
    detector = MotionDetector()
    for i in range(40):
        detector.detect(_night(i / 10, -300, car=False), NOBODY)
    return [
        detector.detect(_night(4 + i / 10, 80 + 12 * i, car), NOBODY).detections.boxes_px
        for i in range(12)
    ]


def test_the_light_of_a_lamp_is_no_thing() -> None:
    assert all(len(boxes) == 0 for boxes in _boxes_at_night(car=False))


def test_a_car_at_night_is_found_without_the_light_before_it() -> None:
    for i, boxes in enumerate(_boxes_at_night(car=True)):
        x, y, w, h = max(boxes.tolist(), key=lambda box: box[2] * box[3])
        assert abs(x - (40 + 12 * i)) <= 5 and abs(x + w - (80 + 12 * i)) <= 10
        assert abs(y - 130) <= 5 and abs(y + h - 165) <= 5
