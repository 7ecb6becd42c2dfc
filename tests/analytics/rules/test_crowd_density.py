"""People a square metre: counted, by the moving part of the picture, and without a pose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analytics.model import Detections, Frame, Motion, Scene, Track
from analytics.rules.crowd_density import CrowdDensity
from tests.support.crowds import scene as picture_of
from tests.support.crowds import spots
from tests.support.zones import CAMERA, START, area_of, foot_of, placed, played, scene_of, zone

AREA = area_of((-3, 16), (3, 16), (3, 22), (-3, 22))  # 36 m²


def rule(**changes: Any) -> CrowdDensity:
    values = {"rule": "crowd_density", "points": AREA, "threshold": 0.5, "dwell_s": 3.0}
    return CrowdDensity(zone(**(values | changes)))


def people(n: int, t: float) -> list[Track]:
    return [placed(i, t, -2.5 + (i % 6), 17 + i // 6) for i in range(n)]


def blob(east_m: tuple[float, float], north_m: float) -> Scene:
    """One moving part of the picture as wide as a row of people; no tracks."""
    left, right = foot_of(east_m[0], north_m), foot_of(east_m[1], north_m)
    head = foot_of(0, north_m, 1.7)
    top, bottom = head[1] * 720, left[1] * 720
    box = np.array([[left[0] * 1280, top, (right[0] - left[0]) * 1280, bottom - top]], np.float32)
    frame = Frame(1, 1, START, np.zeros((27, 48), np.uint8), 1280, 720, 0.0, None)  # type: ignore[arg-type]
    return scene_of(0.0, frame=frame, motion=Motion(Detections(box, np.ones(1, np.float32)), False))


def test_people_that_can_be_counted() -> None:
    ((at_s, firing),) = played(rule(), 10, lambda t: people(20, t))
    assert 3.0 <= at_s <= 4.5
    assert firing.value == pytest.approx(20 / 36, rel=0.05)
    assert "on 36 m²" in firing.why_en
    assert not played(rule(), 10, lambda t: people(12, t))


def test_a_crowd_that_cannot_be_told_apart_is_estimated_and_said_so() -> None:
    found = rule(points=area_of((-5, 15), (5, 15), (5, 25), (-5, 25)), threshold=0.06, dwell_s=1.0)
    crowd = spots(12, 0.8)
    fired = [
        firing
        for i in range(45)
        for firing in found.update(picture_of(i / 5, crowd if i >= 15 else ()))
    ]
    (firing,) = fired
    assert firing.value == pytest.approx(12 / 100, rel=0.3)
    assert "(estimated, ±" in firing.why_en and "估算" in firing.why


def test_vehicles_are_no_crowd() -> None:
    found = rule()
    empty = blob((-2.5, 2.5), 19)
    assert empty.motion is not None
    box = empty.motion.detections.boxes_px[0] / np.array([1280, 720, 1280, 720])
    car = placed(1, 0, 0, 19, kind="vehicle", box=tuple(float(v) for v in box))
    assert found._covered(scene_of(0.0, frame=empty.frame, motion=empty.motion)) > 0
    assert found._covered(scene_of(0.0, car, frame=empty.frame, motion=empty.motion)) == 0


def test_without_a_pose_the_share_of_the_area_counts_and_is_said() -> None:
    def crowd(t: float) -> list[Track]:
        return [
            placed(i, t, -2.8 + 0.28 * (i % 20), 16.2 + 1.0 * (i // 20), fixed=False)
            for i in range(60)
        ]

    ((_, firing),) = played(rule(threshold=1.0), 10, crowd, posed=False)
    assert "no pose" in firing.why_en and firing.confidence < 0.5
    assert CAMERA is not None
