"""Light on the ground is told from things, and taken out of them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.blobs import Blob
from analytics.headlamps import lit, without_light

Floats32 = NDArray[np.float32]
Bools = NDArray[np.bool_]
SIZE = (90, 160)
CAR = (slice(20, 50), slice(30, 75))


def _ground() -> Floats32:
    """Asphalt at night, with a lane's mark and a kerb."""
    rng = np.random.default_rng(3)
    ground = cv2.resize(rng.integers(45, 65, (9, 16)).astype(np.float32), SIZE[::-1])
    ground[:, 100:104] = 90
    ground[70:, :] = 40
    return np.asarray(cv2.blur(ground, (3, 3)), np.float32)


def _pool() -> Floats32:
    """How much lighter a lamp makes it: twice in the middle, fading out."""
    pool = np.zeros(SIZE, np.float32)
    cv2.ellipse(pool, (95, 50), (45, 24), 0, 0, 360, 1.0, -1)
    return np.asarray(1.0 + cv2.GaussianBlur(pool, (0, 0), 5), np.float32)


def _seen(picture: Floats32) -> NDArray[np.uint8]:
    noise = np.random.default_rng(5).normal(0, 1.2, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def _car(picture: Floats32) -> Floats32:
    """A car, as bright as the lit ground, with windows, lamps and wheels."""
    out = picture.copy()
    out[CAR] = 110
    out[24:32, 36:69] = 30
    out[38:42, 32:38] = out[38:42, 67:73] = 230
    out[47:50, 33:40] = out[47:50, 65:72] = 15
    return out


def _differs(picture: NDArray[np.uint8], ground: Floats32) -> Bools:
    return np.abs(cv2.blur(picture, (3, 3)).astype(np.float32) - ground) > 9


def _blob(part: Bools) -> Blob:
    return Blob((0, 0, SIZE[1], SIZE[0]), part, int(np.count_nonzero(part)))


def test_a_pool_of_light_is_light_and_a_car_is_not() -> None:
    ground = _ground()
    pool = _seen(ground * _pool())
    differs = _differs(pool, ground)
    assert lit(pool, ground)[differs].mean() > 0.85
    car = _seen(_car(ground))
    assert lit(car, ground)[CAR].mean() < 0.4
    same = _seen(ground)
    assert not lit(same, ground).any(), "what is as it was is under no more light"


def test_what_is_left_of_light_alone_is_nothing() -> None:
    ground = _ground()
    pool = _seen(ground * _pool())
    blob = _blob(_differs(pool, ground))
    assert not without_light(blob, lit(pool, ground), 18)


def test_a_car_in_a_pool_of_light_is_left() -> None:
    ground = _ground()
    picture = _seen(_car(ground * _pool()))
    blob = _blob(_differs(picture, ground))
    x = np.nonzero(blob.part)[1]
    assert x.max() > 130, "the light reaches far beyond the car"
    pieces = without_light(blob, lit(picture, ground), 18)
    left = min(p.rect[0] for p in pieces)
    top = min(p.rect[1] for p in pieces)
    right = max(p.rect[0] + p.rect[2] for p in pieces)
    bottom = max(p.rect[1] + p.rect[3] for p in pieces)
    assert abs(left - 30) <= 4 and abs(right - 75) <= 6
    assert abs(top - 20) <= 4 and abs(bottom - 50) <= 4
    assert sum(p.area_px for p in pieces) < blob.area_px / 2


def test_a_blob_with_hardly_any_light_in_it_stays_as_it_is() -> None:
    part = np.ones((20, 30), np.bool_)
    light = np.zeros_like(part)
    light[:4, :20] = True
    blob = Blob((7, 5, 30, 20), part, 600)
    assert without_light(blob, light, 18) == [blob]
    light[:8, :20] = True
    (piece,) = without_light(blob, light, 18)
    assert piece.rect == (7, 5, 30, 20) and piece.area_px == 600 - 160
