"""Rain and night over the rendered scenes, and footage of them for measurements."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from bench import scenes
from demo.cameras.conditions import Condition
from demo.cameras.scene import Scene
from tests.support.scenes import CACHE, city

CROSSING = "cam-people-dongmen"
T = datetime(2026, 3, 2, 1, 0, 7, tzinfo=UTC).timestamp()


@pytest.fixture(autouse=True)
def _kept_stills(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenes, "STILLS", CACHE)


def scene(condition: Condition) -> Scene:
    camera = {c.code: c for c in city().cameras}[CROSSING]
    return Scene(city(), camera, CACHE, condition=condition, seed=3)


def test_night_is_dark_but_for_lamps_and_noisy() -> None:
    day, night = scene("sun"), scene("night")
    by_day = day.picture(T).astype(float)
    one = night.picture(T).astype(float)
    two = night.picture(T).astype(float)
    assert one.mean() < 0.5 * by_day.mean()
    assert (one.max(axis=2) >= 250).sum() > 20  # headlamps
    assert np.std(one - two) > 4.0
    assert np.array_equal(day.picture(T), by_day)


def test_headlamps_shine_where_the_truth_has_a_vehicle_that_comes() -> None:
    night = scene("night")
    found = night.seen(T)
    picture = night.picture(T, found).max(axis=2)
    bright = 0
    for each in night.truth(found):
        x, y, w, h = (round(v) for v in each.box_px)
        if each.kind == "vehicle" and each.visible > 0.9 and h > 30:
            bright += int((picture[max(0, y) : y + h, max(0, x) : x + w] >= 250).sum() > 3)
    assert bright >= 1


def test_rain_falls_and_takes_the_shadows_away() -> None:
    rain = scene("rain")
    found = rain.seen(T)
    one = rain.picture(T, found).astype(int)
    two = rain.picture(T, found).astype(int)
    changed = np.abs(one - two).max(axis=2)[60:]
    assert 0.002 < (changed > 20).mean() < 0.2
    assert rain.truth(found) == scene("sun").truth(scene("sun").seen(T))


def test_rendered_footage_is_the_same_again_and_carries_its_truth() -> None:
    one = scenes.render(CROSSING, "night", 1.2, seed=2)
    two = scenes.render(CROSSING, "night", 1.2, seed=2)
    assert [p.data for p in one.packets] == [p.data for p in two.packets]
    assert [p.key for p in one.packets] == [i % 10 == 0 for i in range(12)]
    frames = list(one.frames(480))
    assert (
        [f.at for f in frames] == [t.at for t in one.truth] == [p.capture_at for p in one.packets]
    )
    assert (frames[0].width_px, frames[0].height_px) == (640, 360)
    assert all(o.box_px[0] < 640 and o.box_px[1] < 360 for o in one.truth[0].objects)
    assert one.truth[0].objects
    other = scenes.render(CROSSING, "night", 0.1, seed=3)
    assert other.packets[0].data != one.packets[0].data


def test_what_there_is_not_is_named() -> None:
    with pytest.raises(ValueError, match="no condition 'snow'"):
        scenes.render(CROSSING, "snow", 1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no camera 'cam-moon'"):
        scenes.render("cam-moon", "sun", 1.0)
