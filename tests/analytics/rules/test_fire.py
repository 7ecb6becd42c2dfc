"""Fire: flames, and what has their colour only."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.support.surface import Bgr, run
from tests.support.zones import zone

AREA = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.95), (0.1, 0.95))
FIRE = zone(rule="fire", points=AREA, dwell_s=2.0)
RNG = np.random.default_rng(8)


def flames(picture: Bgr, at_s: float) -> Bgr:
    """Tongues of changing height over a bed that stays, from white through yellow to red."""
    if at_s < 4:
        return picture
    for x in range(220, 262, 6):
        tall = 20 + 22 * RNG.random()
        for share, bgr in ((1.0, (30, 70, 215)), (0.7, (40, 150, 245)), (0.4, (120, 225, 255))):
            points = np.array(
                [
                    (x - 6 * share, 190),
                    (x + RNG.normal(0, 2), 190 - tall * share),
                    (x + 6 * share, 190),
                ]
            )
            cv2.fillPoly(picture, [points.astype(np.int32)], bgr)
    return cv2.GaussianBlur(picture, (3, 3), 0)  # type: ignore[return-value]


def test_flames_are_told_once_with_their_figures() -> None:
    said = run(FIRE, flames, 14.0, every_s=0.16)
    assert [f.over for _, f in said] == [False]
    at_s, fired = said[0]
    assert at_s < 12 and fired.kind == "scene"
    x, y, w, h = fired.box
    assert 0.4 < x + w / 2 < 0.6 and 0.5 < y + h / 2 < 0.75
    assert "flickering about" in fired.why_en and "疑似明火" in fired.why


def _lamp(picture: Bgr, at_s: float) -> Bgr:
    cv2.circle(picture, (240, 170), 14, (90, 190, 255), -1)
    return picture


def _blinker(picture: Bgr, at_s: float) -> Bgr:
    if int(at_s * 3) % 2:
        cv2.circle(picture, (240, 170), 10, (60, 160, 255), -1)
    return picture


def _headlight(picture: Bgr, at_s: float) -> Bgr:
    cv2.circle(picture, (round(60 + at_s * 30) % 480, 170), 12, (120, 215, 255), -1)
    return picture


def _vest(picture: Bgr, at_s: float) -> Bgr:
    x = round(200 + 30 * np.sin(at_s / 3))
    cv2.rectangle(picture, (x, 130), (x + 16, 160), (20, 120, 250), -1)
    return picture


def _sunset(picture: Bgr, at_s: float) -> Bgr:
    warm = picture.astype(np.float32) * np.array([0.5, 0.9, 1.6]) + np.array([0, 10, 40])
    return np.clip(warm, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("paint", [_lamp, _blinker, _headlight, _vest, _sunset])
def test_what_has_the_colour_alone_is_none(paint: Callable[[Bgr, float], Bgr]) -> None:
    assert run(FIRE, paint, 12.0, every_s=0.16) == []
