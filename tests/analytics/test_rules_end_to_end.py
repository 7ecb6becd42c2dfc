"""Rules about things through a whole camera: packets in, events out, on scenes whose truth is known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from analytics.model import Firing, Watch, Zone
from analytics.pipeline import Pipeline
from gis.clock import SystemClock
from ingest.model import Packet
from tests.support.zones import zone


def watched(scene: Any, packets: Iterable[Packet], *zones: Zone) -> list[Firing]:
    pipeline = Pipeline(Watch(1, "C1", scene.pose, zones), SystemClock())
    return [f for packet in packets for f, _ in pipeline.process(packet, 0.0).firings]


def road(scene: Any, **changes: Any) -> Zone:
    corners = tuple(scene.foot(p) for p in ((-7, 30), (7, 30), (7, 12.5), (-7, 12.5)))
    return zone(points=corners, classes=("vehicle",), **changes)


def car(make_thing: Any, start: Any, end: Any, from_s: float, to_s: float) -> Any:
    return make_thing(start, end, from_s, to_s, width_m=1.8, length_m=4.4, height_m=1.5)


@pytest.mark.parametrize("wrong", [True, False])
def test_the_wrong_way_and_the_right_one(make_scene: Any, make_thing: Any, wrong: bool) -> None:
    ends = ((-14, 20), (14, 20))
    scene = make_scene([car(make_thing, *(ends[::-1] if wrong else ends), 3.0, 8.0)])
    arrow = (scene.foot((-3, 20)), scene.foot((3, 20)))
    fired = watched(
        scene, scene.packets(9.0), road(scene, rule="wrong_way", arrow=arrow, dwell_s=1.0)
    )
    assert len(fired) == wrong
    if wrong:
        assert fired[0].value is not None and 5.5 <= fired[0].value <= 12.0


def test_speed_is_told_with_its_error(make_scene: Any, make_thing: Any) -> None:
    scene = make_scene([car(make_thing, (-15, 20), (15, 20), 3.0, 6.0)])
    limit = {"rule": "fast_motion", "dwell_s": 0.4}
    (fired,) = watched(
        scene,
        scene.packets(7.0),
        road(scene, threshold=8.0, **limit),
        road(scene, id=2, threshold=13.0, **limit),
    )
    assert fired.zone is not None and fired.zone.id == 1
    assert fired.value == pytest.approx(10.0, rel=0.15)


def test_one_that_stops_and_is_passed(make_scene: Any, make_thing: Any) -> None:
    class Stopping(make_thing):  # type: ignore[misc]
        def at(self, t_s: float) -> tuple[float, float] | None:
            return None if t_s < 3 else (max(-14 + 5 * (t_s - 3), -14) if t_s < 5.8 else 0.0, 16)

        def corners(self, t_s: float) -> Any:
            place = self.at(t_s)
            if place is None:
                return None
            x, y = np.meshgrid([-2.2, 2.2], [-0.9, 0.9])
            flat = np.stack([x.ravel() + place[0], y.ravel() + place[1]], axis=1)
            return np.array([[*p, z] for p in flat for z in (0.0, 1.5)])

    passing = car(make_thing, (15, 24), (-15, 24), 10.0, 13.0)
    scene = make_scene([Stopping((-14, 16), (0, 16), 0, 99), passing])
    (fired,) = watched(
        scene, scene.packets(24.0), road(scene, rule="stopped_vehicle", dwell_s=12.0)
    )
    assert fired.value is not None and 12.0 <= fired.value <= 14.0
    assert "1 other drove past" in fired.why_en
