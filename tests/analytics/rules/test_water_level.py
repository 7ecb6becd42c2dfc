"""Water level: a gauge read through waves and light, told at its threshold, kept as a curve."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.support.surface import Bgr, run
from tests.support.zones import zone

ARROW = ((0.5, 0.9), (0.5, 0.2))
TOP_PX, BOTTOM_PX = 0.2 * 270, 0.9 * 270
RNG = np.random.default_rng(1)


@pytest.fixture(autouse=True)
def _same_waves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has the same waves, whichever ran before it."""
    monkeypatch.setattr("tests.analytics.rules.test_water_level.RNG", np.random.default_rng(1))


def gauge(level_m: float, light: float = 1.0) -> Bgr:
    """A staff of 0 to 4 m with marks each 10 cm before a wall, water below with waves and a broken mirror image."""
    picture = np.full((270, 480, 3), 140, np.uint8)
    picture[::9] = 120
    cv2.rectangle(picture, (228, 20), (252, 260), (225, 225, 225), -1)
    for number in range(41):
        y = round(BOTTOM_PX - number / 40 * (BOTTOM_PX - TOP_PX))
        wide = 24 if number % 10 == 0 else 12
        cv2.rectangle(picture, (228, y - 1), (228 + wide, y + 1), (30, 30, 160), -1)
    line = BOTTOM_PX - level_m / 4 * (BOTTOM_PX - TOP_PX)
    for x in range(480):
        y = round(line + 1.5 * np.sin(x / 7 + RNG.random() * 0.8) + RNG.normal(0, 0.8))
        above = picture[max(0, 2 * y - 270) : y, x][::-1].astype(np.float32)
        mirrored = above[np.minimum(np.arange(270 - y), len(above) - 1)]
        water = 62.0 + 0.12 * mirrored
        water += RNG.normal(0, 6, (270 - y, 1))
        picture[y:, x] = np.clip(water, 0, 255).astype(np.uint8)
    return np.clip(picture * light, 0, 255).astype(np.uint8)


def staff(**changes: object) -> object:
    return zone(
        **(
            {
                "rule": "water_level",
                "points": (),
                "arrow": ARROW,
                "gauge_m": (0.0, 4.0),
                "dwell_s": 5.0,
            }
            | changes
        )
    )


@pytest.mark.parametrize(("level_m", "light"), [(1.0, 1.0), (2.35, 1.0), (3.4, 0.5), (1.7, 1.3)])
def test_it_reads_within_a_mark(level_m: float, light: float) -> None:
    levels: list[float] = []
    zone_of = staff()
    run(zone_of, lambda _, t: gauge(level_m, light), 16.0, levels=levels)  # type: ignore[arg-type]
    assert levels and levels[-1] == pytest.approx(level_m, abs=0.1)


def test_it_tells_at_the_threshold_and_when_it_has_fallen() -> None:
    levels: list[float] = []
    zone_of = staff(threshold=2.5, clear=2.3)

    def tide(_: Bgr, at_s: float) -> Bgr:
        return gauge(2.0 if at_s < 20 else 2.8 if at_s < 50 else 1.8)

    said = run(zone_of, tide, 80.0, levels=levels)  # type: ignore[arg-type]
    assert [f.over for _, f in said] == [False, True]
    at_s, fired = said[0]
    assert 25 <= at_s <= 40 and fired.value == pytest.approx(2.8, abs=0.12)
    assert "at or above 2.50 m" in fired.why_en and "水位" in fired.why
    assert 3 <= len(levels) <= 16 and max(levels) == pytest.approx(2.8, abs=0.12)


def test_a_bare_wall_is_not_read() -> None:
    levels: list[float] = []
    zone_of = staff()
    wall = np.full((270, 480, 3), 140, np.uint8)
    run(zone_of, lambda p, t: p, 20.0, still=wall, levels=levels)  # type: ignore[arg-type]
    assert levels == []
