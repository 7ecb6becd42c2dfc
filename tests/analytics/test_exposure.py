"""Steps of the whole picture's brightness."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.exposure import light_between, night_share

THEN = np.random.default_rng(3).uniform(40, 160, 2000).astype(np.float32)


@pytest.mark.parametrize(("gain", "offset"), [(1.4, 0.0), (0.6, 0.0), (1.0, 25.0), (0.8, -10.0)])
def test_gain_and_offset_are_found_though_a_fifth_of_the_picture_is_something_else(
    gain: float, offset: float
) -> None:
    now = THEN * np.float32(gain) + np.float32(offset)
    now[:400] = 15
    light = light_between(now, THEN)
    assert light is not None
    assert light.gain == pytest.approx(gain, abs=0.03)
    assert light.offset == pytest.approx(offset, abs=3)
    # What the one table does the other takes back.
    assert int(light.undo()[light.redo()[100]]) == pytest.approx(100, abs=2)


def test_no_step_and_no_single_light_are_nothing() -> None:
    assert light_between(THEN + 3, THEN) is None
    other = np.random.default_rng(4).uniform(120, 250, 2000).astype(np.float32)
    assert light_between(other, THEN) is None


def test_night_is_told_from_day_by_the_mean() -> None:
    levels = [140, 90, 75, 60, 20]
    shares = [night_share(np.full((64, 64), level, np.uint8)) for level in levels]
    assert shares[:2] == [0.0, 0.0] and shares[3:] == [1.0, 1.0]
    assert 0.3 < shares[2] < 0.7
