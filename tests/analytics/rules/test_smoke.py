"""Smoke: a wavering veil, not a thing, a shadow, or mist over all."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.support.surface import Bgr, run
from tests.support.zones import zone

SMOKE = zone(
    rule="smoke", points=((0.05, 0.05), (0.95, 0.05), (0.95, 0.95), (0.05, 0.95)), dwell_s=4.0
)


def plume(picture: Bgr, at_s: float) -> Bgr:
    """Grows from a spot upward from 20 s on, thin at its edge."""
    if at_s < 20:
        return picture
    rng = np.random.default_rng(int(at_s * 10))
    coarse = cv2.resize(
        rng.random((12, 20)).astype(np.float32), (480, 270), interpolation=cv2.INTER_CUBIC
    )
    y, x = np.mgrid[0:270, 0:480]
    tall = min(150.0, 25 + (at_s - 20) * 10)
    near = np.exp(-(((x - 240 - 0.2 * (200 - y)) / (25 + (200 - y) * 0.25)) ** 2))
    alpha = np.clip(near * (y < 205) * (y > 205 - tall) * (0.55 + 0.5 * coarse), 0, 0.85)[
        :, :, None
    ]
    return (picture * (1 - alpha) + 190 * alpha).astype(np.uint8)


def test_a_plume_is_told_with_its_figures_and_its_end() -> None:
    said = run(SMOKE, lambda p, t: plume(p, t) if t < 50 else p, 75.0)
    assert [f.over for _, f in said] == [False, True]
    at_s, fired = said[0]
    assert 24 <= at_s <= 40
    assert "of its outlines through" in fired.why_en and "疑似烟雾" in fired.why
    assert 0.3 < fired.box[0] + fired.box[2] / 2 < 0.7


def _shadow(picture: Bgr, at_s: float) -> Bgr:
    if at_s >= 20:
        picture[100:200, 150:300] = (picture[100:200, 150:300] * 0.6).astype(np.uint8)
    return picture


def _lorry(picture: Bgr, at_s: float) -> Bgr:
    if at_s >= 20:
        x = round((at_s - 20) * 12)
        cv2.rectangle(picture, (x, 90), (x + 120, 180), (60, 90, 160), -1)
        cv2.rectangle(picture, (x + 10, 100), (x + 60, 130), (220, 220, 220), -1)
    return picture


def _mist(picture: Bgr, at_s: float) -> Bgr:
    alpha = min(0.7, max(0.0, (at_s - 20) / 60))
    return (picture * (1 - alpha) + 190 * alpha).astype(np.uint8)


def _light(picture: Bgr, at_s: float) -> Bgr:
    return (picture * (0.7 + 0.2 * np.sin(at_s / 2))).astype(np.uint8)


@pytest.mark.parametrize("paint", [_shadow, _lorry, _mist, _light])
def test_what_is_no_smoke(paint: Callable[[Bgr, float], Bgr]) -> None:
    assert run(SMOKE, paint, 70.0) == []
