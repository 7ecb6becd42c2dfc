"""Places against the truth, counted as they should be."""

from __future__ import annotations

from bench.ground import SCENES, Placed, figures_of
from demo.cameras.conditions import CONDITIONS


def _placed(distance_m: float, held: float, camera: str = "cam-yard") -> Placed:
    return Placed(camera, "rain", distance_m, 2.0, 0.5, (1.0, 2.0), held)


def test_every_weather_is_measured_on_every_camera() -> None:
    cameras = {camera for camera, _ in SCENES}
    assert {(c, w) for c in cameras for w in CONDITIONS} == set(SCENES)


def test_coverage_is_counted_by_scene_weather_and_distance() -> None:
    near = [_placed(10.0, 1.0)] * 2 + [_placed(10.0, 0.5)] * 2
    far = [_placed(50.0, 1.0, "cam-square")] * 4
    held = {
        f.case: f.value
        for f in figures_of(near + far, (("cam-yard", "rain"), ("cam-square", "rain")))
        if f.metric == "95 % ellipse holds the truth"
    }
    assert held == {
        "cam-yard, rain": 75.0,
        "cam-square, rain": 100.0,
        "rain": 87.5,
        "0-15 m": 75.0,
        "40-80 m": 100.0,
        "held out": 75.0,
        "all": 87.5,
    }
