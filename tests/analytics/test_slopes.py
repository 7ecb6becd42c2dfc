"""Slopes of a picture, and how far another one is moved against it."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.slopes import displaced, levels, projection, shifted, slopes_of
from tests.support.health import street


def test_a_ramp_has_its_slope_at_both_sizes() -> None:
    ramp = np.tile((np.arange(480) // 2).astype(np.uint8), (270, 1))
    found = slopes_of(ramp, None)
    assert found.fine.shape == (2, 135, 480) and found.coarse.shape == (2, 135, 240)
    right, down = levels(found.fine)
    assert right[:, 2:-2].mean() == pytest.approx(0.5, abs=0.01) and not down.any()
    assert found.coarse[0][:, 4:-4].mean() == pytest.approx(1.0, abs=0.02), "a pixel is two"


def test_a_picture_shows_all_of_itself_half_of_it_at_half_contrast_and_nothing_of_another() -> None:
    one = street()
    here = levels(slopes_of(one, None).fine)
    faint = levels(slopes_of((60 + one / 2).astype(np.uint8), None).fine)
    other = levels(slopes_of(one[::-1, ::-1].copy(), None).fine)
    assert projection(here, here) == pytest.approx(1.0)
    assert projection(faint, here) == pytest.approx(0.5, abs=0.03)
    assert abs(projection(other, here)) < 0.1


def test_a_displacement_is_found_and_taken_out() -> None:
    one = street()
    moved = np.roll(one, (6, 20), (0, 1))
    then, now = slopes_of(one, None), slopes_of(moved, None)
    found = displaced(now.coarse, then.coarse)
    assert found is not None
    assert found == (pytest.approx(10, abs=0.5), pytest.approx(3, abs=0.5))
    back = slopes_of(*shifted(moved, None, -20, -6))
    assert projection(back.coarse, then.coarse) > 0.85 > projection(now.coarse, then.coarse)


def test_nothing_slopes_where_the_picture_is_hidden() -> None:
    seen = np.full((270, 480), 255, np.uint8)
    seen[:, :240] = 0
    found = slopes_of(street(), seen)
    assert not found.fine[:, :, :240].any() and not found.coarse[:, :, :121].any()
    assert found.fine[:, :, 240:].any() and found.coarse[:, :, 130:].any()
