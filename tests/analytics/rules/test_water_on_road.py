"""Water on the road: lost texture and a mirror, not traffic, a shadow, or a parked lorry."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.support.surface import Bgr, paved, run
from tests.support.zones import zone

ROAD = zone(
    rule="water_on_road",
    points=((0.05, 0.3), (0.95, 0.3), (0.95, 0.98), (0.05, 0.98)),
    dwell_s=20.0,
)


def flood(picture: Bgr, at_s: float) -> Bgr:
    """From 60 s to 180 s the lower half mirrors the sky, with streaks that hang down."""
    if not 60 <= at_s < 180:
        return picture
    sky = np.linspace(200, 150, 120)[:, None] * np.ones((1, 480))
    streaks = 8 * np.sin(np.arange(480) / 9.0)[None, :]
    picture[150:] = np.clip(sky + streaks, 0, 255)[:, :, None].astype(np.uint8)
    return picture


def test_a_flood_is_told_with_its_share_and_its_end() -> None:
    said = run(ROAD, flood, 260.0, every_s=1.5)
    assert [f.over for _, f in said] == [False, True]
    at_s, fired = said[0]
    assert 80 <= at_s <= 110 and fired.value is not None and fired.value > 0.4
    assert "of its dry texture is left" in fired.why_en and "疑似积水" in fired.why


def _traffic(picture: Bgr, at_s: float) -> Bgr:
    if at_s >= 40:
        x = round(at_s * 57) % 480
        cv2.rectangle(picture, (x, 130), (x + 90, 190), (40, 40, 200), -1)
    return picture


def _lorry(picture: Bgr, at_s: float) -> Bgr:
    if at_s >= 60:
        other = paved()[::-1, ::-1]
        picture[120:240, 60:380] = other[120:240, 60:380]
    return picture


def _shade(picture: Bgr, at_s: float) -> Bgr:
    if at_s >= 60:
        picture[140:, :300] = (picture[140:, :300] * 0.55).astype(np.uint8)
    return picture


@pytest.mark.parametrize("paint", [_traffic, _lorry, _shade])
def test_what_is_no_water(paint: Callable[[Bgr, float], Bgr]) -> None:
    assert run(ROAD, paint, 160.0, every_s=1.5) == []
