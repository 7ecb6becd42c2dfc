"""People a square metre: counted, by the moving part of the picture, and without a pose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analytics.model import Detections, Frame, Motion, Scene, Track
from analytics.rules.crowd_density import CrowdDensity
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


def test_a_crowd_that_is_one_blob() -> None:
    found = rule()
    covered = found._covered
    found.update(blob((-2.5, 2.5), 19))
    people_seen = float((covered(blob((-2.5, 2.5), 19)) * found._m2_per_row).sum()) / 0.62
    assert people_seen == pytest.approx(5.0 * 1.7 / 0.62, rel=0.2)


def test_vehicles_are_no_crowd() -> None:
    found = rule()
    empty = blob((-2.5, 2.5), 19)
    assert empty.motion is not None
    box = empty.motion.detections.boxes_px[0] / np.array([1280, 720, 1280, 720])
    car = placed(1, 0, 0, 19, kind="vehicle", box=tuple(float(v) for v in box))
    assert found._covered(scene_of(0.0, car, frame=empty.frame, motion=empty.motion)).sum() == 0


def test_without_a_pose_the_share_of_the_area_counts_and_is_said() -> None:
    def crowd(t: float) -> list[Track]:
        return [
            placed(i, t, -2.8 + 0.28 * (i % 20), 16.2 + 1.0 * (i // 20), fixed=False)
            for i in range(60)
        ]

    ((_, firing),) = played(rule(threshold=1.0), 10, crowd, posed=False)
    assert "no pose" in firing.why_en and firing.confidence < 0.5
    assert CAMERA is not None
