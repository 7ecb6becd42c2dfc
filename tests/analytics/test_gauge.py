"""Reading a gauge: the water's line, not the end of the staff's image in it nor what lies on the staff."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from analytics.gauge import LOOKS, GaugeReader
from tests.support.staff import ARROW, SPAN_M, gauge

COLUMNS = range(230, 251)
LEVELS_M = (0.4, 1.0, 1.7, 2.35, 3.2, 3.4, 3.6, 3.7)
SEEDS = (1, 2)


def read_m(level_m: float, seed: int, **look: float | None) -> float | None:
    """What the reader makes of as many looks as it needs; pictures have a camera's grain."""
    rng = np.random.default_rng(seed)
    reader = GaugeReader(ARROW)
    for _ in range(LOOKS):
        picture = gauge(level_m, rng, columns=COLUMNS, **look)  # type: ignore[arg-type]
        gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) + rng.normal(0, 1.5, picture.shape[:2])
        found = reader.look(np.clip(gray, 0, 255).astype(np.uint8))
    return None if found is None else found.share * SPAN_M


def near(level_m: float) -> object:
    """Within a mark."""
    return pytest.approx(level_m, abs=0.12)


@pytest.mark.parametrize("light", [0.3, 0.5, 1.0, 1.2])
@pytest.mark.parametrize("waves", [0.1, 0.5, 1.0, 2.0])
def test_a_level_is_right_or_not_said(light: float, waves: float) -> None:
    read = [(m, read_m(m, seed, light=light, waves=waves)) for m in LEVELS_M for seed in SEEDS]
    said = [(level_m, found) for level_m, found in read if found is not None]
    assert all(found == near(level_m) for level_m, found in said), said
    assert len(said) >= 0.6 * len(read), "and it is mostly said"


@pytest.mark.parametrize("image", [0.0, 0.12, 0.3])
def test_by_day_with_waves_every_level_is_said(image: float) -> None:
    read = [(m, read_m(m, seed, image=image)) for m in LEVELS_M for seed in SEEDS]
    assert all(found == near(level_m) for level_m, found in read), read


def test_a_clear_image_in_moving_water_is_not_the_line() -> None:
    read = [(m, read_m(m, seed, image=0.5)) for m in LEVELS_M for seed in SEEDS]
    assert all(found is None or found == near(level_m) for level_m, found in read), read


@pytest.mark.parametrize("level_m", [0.4, 1.0, 1.7, 2.35, 2.8])
def test_a_shadow_on_the_staff_is_not_the_line(level_m: float) -> None:
    for seed in SEEDS:
        assert read_m(level_m, seed, shade_over_m=level_m + 0.5) == near(level_m)


def test_at_the_very_top_nothing_is_said() -> None:
    assert [read_m(3.9, seed, waves=waves) for seed in SEEDS for waves in (0.1, 1.0)] == [None] * 4
