"""Things that stand: known by their picture, looked at seldom, found when they move."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from analytics import parked
from analytics.parked import Parked, patch_of, sought, still_there

SCALE = 2.0
CAR = (200.0, 160.0, 80.0, 50.0)


def _picture(car_at: tuple[float, float] | None = CAR[:2], gain: float = 1.0) -> np.ndarray:
    """Analysed at half the camera's size."""
    rng = np.random.default_rng(2)
    gray = cv2.resize(rng.integers(90, 160, (18, 24)).astype(np.uint8), (320, 180))
    if car_at is not None:
        x, y = round(car_at[0] / SCALE), round(car_at[1] / SCALE)
        w, h = round(CAR[2] / SCALE), round(CAR[3] / SCALE)
        gray[y : y + h, x : x + w] = 40
        gray[y + 4 : y + 10, x + 6 : x + w - 6] = 200
        gray[y + h - 6 : y + h, x + 4 : x + 12] = 15
    return np.clip(gray * gain, 0, 255).astype(np.uint8)


def test_it_is_there_in_other_light_and_not_when_it_left() -> None:
    patch = patch_of(_picture(), CAR, SCALE)
    assert patch is not None
    assert still_there(patch, _picture(gain=0.5), CAR, SCALE)
    assert still_there(patch, _picture(gain=1.4), CAR, SCALE)
    assert not still_there(patch, _picture(None), CAR, SCALE)


def test_one_that_moved_is_found() -> None:
    patch = patch_of(_picture(), CAR, SCALE)
    assert patch is not None
    found = sought(patch, _picture((236.0, 170.0)), CAR, SCALE)
    assert found is not None
    assert found == pytest.approx((236.0, 170.0, 80.0, 50.0), abs=2 * SCALE)
    assert sought(patch, _picture(None), CAR, SCALE) is None


def test_too_small_to_be_known_again() -> None:
    assert patch_of(_picture(), (10, 10, 5, 5), SCALE) is None


def _parked() -> Parked[str]:
    things: Parked[str] = Parked()
    patch = patch_of(_picture(), CAR, SCALE)
    assert patch is not None
    things.add("car", CAR, 0.0, patch, 0.0)
    return things


def test_hours_cost_a_look_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    monkeypatch.setattr(
        parked, "still_there", lambda *a: looks.append(1) is None and still_there(*a)
    )
    things, gray, none = _parked(), _picture(), np.empty((0, 4))
    for i in range(25 * 60):
        assert things.changed(gray, SCALE, i / 25, none, none) == []
    assert len(looks) <= 60


def test_who_passes_in_front_does_not_take_it_away() -> None:
    things, none = _parked(), np.empty((0, 4))
    passer = np.array([[210.0, 140.0, 40.0, 90.0]])
    gray = _picture()
    gray[70:115, 105:125] = 250
    for i in range(20):
        assert things.changed(gray, SCALE, 1.0 + i, passer, passer) == []
    assert things.changed(gray, SCALE, 30.0, none, none) == []  # one look is not enough
    ((thing, box),) = things.changed(_picture(None), SCALE, 31.5, none, none)
    assert (thing.owner, box) == ("car", CAR)
    assert len(things) == 0


def test_nothing_leaves_without_anything_that_moves() -> None:
    """Rain, dusk or a lamp change how it looks; who drives away is detected on its place."""
    things, none = _parked(), np.empty((0, 4))
    for i in range(parked.DOUBTS_UNTOUCHED - 1):
        assert things.changed(_picture(None), SCALE, 2.0 * i, none, none) == []
    assert things.changed(_picture(), SCALE, 30.0, none, none) == []
    leaving = np.array([[230.0, 160.0, 80.0, 50.0]])
    assert things.changed(_picture(None), SCALE, 40.0, leaving, none) == []
    assert len(things.changed(_picture(None), SCALE, 42.0, none, none)) == 1
    towed = _parked()
    looks = [towed.changed(_picture(None), SCALE, 2.0 * i, none, none) for i in range(12)]
    assert [len(out) for out in looks].index(1) == parked.DOUBTS_UNTOUCHED


def test_its_own_box_is_taken_and_no_other() -> None:
    boxes = np.array(
        [[202.0, 158.0, 80.0, 52.0], [210.0, 165.0, 20.0, 40.0], [400.0, 0.0, 9.0, 9.0]]
    )
    assert _parked().take(boxes).tolist() == [True, False, False]
