"""Moved: another direction, not shaking, nor a turn that somebody makes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.health import Gray, street, told, watch


@pytest.mark.parametrize("right_px", [24, 60])
def test_a_shifted_view_is_told_with_how_far(right_px: int) -> None:
    said = watch(90, lambda g, t: np.roll(g, right_px, 1) if 40 <= t < 60 else g)
    assert told(said) == [("camera_moved", False), ("camera_moved", True)]
    begins = next(s for s in said if not s.over)
    assert 42 <= begins.at_s <= 46
    assert f"shifted by {right_px / 4.8:.1f} %" in begins.why_en and "整体偏移" in begins.why


def test_another_view_altogether_is_told() -> None:
    other = np.roll(street()[::-1, ::-1], 77, 0)
    said = watch(80, lambda g, t: other if t >= 40 else g)
    assert told(said) == [("camera_moved", False)]
    assert "looks elsewhere" in said[-1].why_en


def test_a_turn_on_purpose_is_not() -> None:
    def turned(gray: Gray, at_s: float) -> Gray:
        return np.roll(gray, round(at_s * 20) % 480, 1) if 40 <= at_s < 60 else gray

    assert told(watch(80, turned, turning=lambda t: 40 <= t < 62)) == []


def test_shaking_is_not() -> None:
    assert told(watch(80, lambda g, t: np.roll(g, round(6 * np.sin(2 * t)), 1))) == []
