"""Water level: a gauge read through waves and light, told at its threshold, kept as a curve."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support import staff as staff_picture
from tests.support.staff import ARROW
from tests.support.surface import Bgr, run
from tests.support.zones import zone

RNG = np.random.default_rng(1)


@pytest.fixture(autouse=True)
def _same_waves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has the same waves, whichever ran before it."""
    monkeypatch.setattr("tests.analytics.rules.test_water_level.RNG", np.random.default_rng(1))


def gauge(level_m: float, light: float = 1.0) -> Bgr:
    """A look at the staff."""
    return staff_picture.gauge(level_m, RNG, light)


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
