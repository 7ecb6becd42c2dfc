"""Which cameras see a spot: the picture decides, distance only where no pose is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from command.seeing import MIN_PX_PER_M, Sight, cameras_seeing, rank
from gis.ground import GroundCamera, LocalFrame
from gis.model import LonLat, Pose

SPOT = LonLat(120.98, 31.38)


def at(east_m: float, north_m: float) -> LonLat:
    return LonLat(*LocalFrame(SPOT).to_lonlat(east_m, north_m))


def sight(number: int, place: LonLat, yaw_deg: float | None) -> Sight:
    pose = None if yaw_deg is None else Pose(place, 8.0, yaw_deg, -15.0, 70.0)
    return Sight(number, f"C{number}", place, pose, 1280, 720)


def test_the_largest_picture_of_the_spot_comes_first() -> None:
    near, far = sight(1, at(-25, 0), 90.0), sight(2, at(0, 60), 180.0)
    found = rank([far, near], SPOT)
    assert [c.camera_id for c in found] == [1, 2]
    assert found[0].distance_m == pytest.approx(25, abs=0.1)
    assert near.pose is not None
    assert found[0].px_per_m == GroundCamera(near.pose, 1280, 720).px_per_m(SPOT)


def test_a_camera_that_looks_elsewhere_or_from_too_far_does_not_see_it() -> None:
    assert rank([sight(1, at(-25, 0), 270.0)], SPOT) == []
    assert rank([sight(1, at(-300, 0), 90.0)], SPOT) == []
    assert rank([sight(1, at(-4, 0), 90.0)], SPOT) == []  # under the picture's lower edge
    seen = rank([sight(1, at(-110, 0), 90.0)], SPOT)
    assert seen[0].px_per_m == pytest.approx(MIN_PX_PER_M, abs=1)


def test_without_a_pose_nearness_counts_and_ranks_last() -> None:
    known, unknown, away = (
        sight(1, at(-60, 0), 90.0),
        sight(2, at(10, 0), None),
        sight(3, at(61, 0), None),
    )
    assert [c.camera_id for c in rank([unknown, away, known], SPOT)] == [1, 2]


def test_an_impossible_pose_counts_as_unknown() -> None:
    place = at(10, 0)
    broken = replace(sight(1, place, 90.0), pose=Pose(place, 0.0, 90.0, -15.0, 70.0))
    assert [c.camera_id for c in rank([broken], SPOT)] == [1]


def test_only_cameras_that_are_on_and_may_be_seen(town: Any) -> None:
    west = at(-25, 0)
    one, two = town.camera("C1", west), town.camera("C2", west)
    town.camera("OFF", west, enabled=False)
    assert [c.code for c in cameras_seeing(town.database, SPOT)] == ["C1", "C2"]
    assert [c.camera_id for c in cameras_seeing(town.database, SPOT, [two])] == [two]
    assert cameras_seeing(town.database, SPOT, []) == []
    assert one != two
