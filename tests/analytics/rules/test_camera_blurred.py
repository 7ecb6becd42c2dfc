"""Blurred: fires on lost focus, once, and is over with it; not on light, rain, fog or shaking."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.support.health import Change, Gray, told, watch


def out_of_focus(gray: Gray, at_s: float) -> Gray:
    return cv2.GaussianBlur(gray, (0, 0), 4.0) if 30 <= at_s < 60 else gray  # type: ignore[return-value]


def test_lost_focus_is_told_once_with_its_figure_and_its_end() -> None:
    said = watch(90, out_of_focus)
    assert told(said) == [("camera_blurred", False), ("camera_blurred", True)]
    begins = next(s for s in said if not s.over)
    assert 36 <= begins.at_s <= 45
    assert begins.why_en.startswith("Sharpness fell to 2")
    assert "of what this camera shows at this brightness for 10 s" in begins.why_en
    assert "清晰度降至" in begins.why and "2" in begins.why


def test_what_comes_slowly_is_told_as_dirt_or_mist() -> None:
    def dirty(gray: Gray, at_s: float) -> Gray:
        if at_s <= 60:
            return gray
        return cv2.GaussianBlur(gray, (0, 0), (at_s - 60) / 200)  # type: ignore[return-value]

    said = watch(1000, dirty, every_s=4.0)
    assert told(said) == [("camera_blurred", False)]
    assert "gradually over" in said[-1].why_en and "逐渐" in said[-1].why


@pytest.mark.parametrize(
    "change",
    [
        lambda g, t: (g * (0.35 if t >= 40 else 1.0)).astype(np.uint8),
        lambda g, t: (120 + (g - 120.0) * max(0.2, 1 - t / 100)).astype(np.uint8),
        lambda g, t: (150 + (g - 120.0) * (0.3 if t >= 40 else 1.0)).clip(0, 255).astype(np.uint8),
        lambda g, t: np.roll(g, round(3 * np.sin(2 * t)), 1),
        lambda g, t: np.full_like(g, 250) if t in (40, 60, 61) else g,
    ],
    ids=["light goes", "fog comes", "fog at once", "pole shakes", "flash"],
)
def test_what_is_no_blur(change: Change) -> None:
    assert told(watch(100, change)) == []
