"""Dark: a picture that goes black at once, not a night that falls."""

from __future__ import annotations

import numpy as np

from tests.support.health import Gray, told, watch


def lights_out(gray: Gray, at_s: float) -> Gray:
    return (gray * (0.03 if 40 <= at_s < 60 else 1.0)).astype(np.uint8)


def test_sudden_darkness_is_told_with_its_figures_and_its_end() -> None:
    said = watch(90, lights_out)
    assert told(said) == [("camera_dark", False), ("camera_dark", True)]
    begins = next(s for s in said if not s.over)
    assert 48 <= begins.at_s <= 54
    assert "mean brightness is 3 of 255" in begins.why_en and "1 s before it was 1" in begins.why_en
    assert "画面平均亮度 3" in begins.why


def test_an_evening_is_not() -> None:
    said = watch(1500, lambda g, t: (g * max(0.08, 1 - t / 1200)).astype(np.uint8), every_s=5.0)
    assert told(said) == []


def test_a_night_with_lamps_is_not() -> None:
    def night(gray: Gray, at_s: float) -> Gray:
        dark = (gray * (0.05 if at_s >= 40 else 1.0)).astype(np.uint8)
        if at_s >= 40:
            for left in range(60, 400, 30):
                dark[100:112, left : left + 8] = 230
        return dark

    assert [r for r, _ in told(watch(80, night)) if r == "camera_dark"] == []


def test_a_cap_on_the_lens_is_told_from_the_start() -> None:
    said = watch(30, lambda g, t: np.full_like(g, 4), noise=0.5)
    assert ("camera_dark", False) in told(said)


def test_after_a_start_a_bright_picture_ends_what_an_earlier_run_told_of() -> None:
    assert [(s.rule, s.over) for s in watch(5) if s.rule == "camera_dark"] == [
        ("camera_dark", True)
    ]
