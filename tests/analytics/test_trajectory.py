"""What is known of a track: where it heads and how long it stood."""

from __future__ import annotations

from uuid import uuid4

import numpy as np
import pytest

from analytics.locate import Locator
from analytics.model import Track
from analytics.track import TrackView
from analytics.trajectory import Trajectory, follow
from gis.ground import GroundCamera
from gis.model import LonLat, Pose

POSE = Pose(LonLat(120.98, 31.38), height_m=7.0, yaw_deg=0.0, pitch_deg=-20.0, hfov_deg=70.0)
CAMERA = GroundCamera(POSE, 1280, 720)
LOCATOR = Locator(POSE, 1280, 720)
UID = uuid4()


def _view(east: float, north: float, standing_s: float = 0.0, resting: bool = False) -> TrackView:
    corners = np.array([[east + x, north, z] for x in (-0.3, 0.3) for z in (0.0, 1.7)])
    pixels, _ = CAMERA.project(corners)
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
    return TrackView(UID, 0.0, box, (0.0, 0.0), True, False, (), standing_s, resting)


def _walk(
    to: tuple[float, float], seconds: float = 6.0, fps: float = 10.0
) -> tuple[Trajectory, Track]:
    """From 10 m ahead of the camera, which looks north."""
    start, n = np.array([0.0, 12.0]), int(seconds * fps)
    trajectory = Trajectory(1, _view(*start), 1280, 720)
    for i in range(n + 1):
        at = start + (np.array(to) - start) * i / n
        track = follow([trajectory], [_view(*at)], i / fps, LOCATOR)[0]
    return trajectory, track


@pytest.mark.parametrize(
    ("to", "heading_deg"),
    [((7.0, 12.0), 90.0), ((-7.0, 12.0), 270.0), ((0.0, 20.0), 0.0), ((6.0, 18.0), 45.0)],
)
@pytest.mark.parametrize("fps", [2.0, 12.5])
def test_it_heads_where_it_goes(to: tuple[float, float], heading_deg: float, fps: float) -> None:
    trajectory, track = _walk(to, fps=fps)
    for heading in (track.heading_deg, trajectory.record().heading_deg):
        assert heading is not None and 0 <= heading < 360
        assert abs((heading - heading_deg + 180) % 360 - 180) < 12
    way_m = float(np.hypot(*(np.array(to) - [0.0, 12.0])))
    assert trajectory.record().speed_ms == pytest.approx(way_m / 6.0, rel=0.2)


def test_who_stays_has_no_heading() -> None:
    trajectory, track = _walk((0.2, 12.1))
    assert track.heading_deg is None
    assert trajectory.record().heading_deg is None


def test_the_longest_stand_is_stored_and_parking_costs_no_samples() -> None:
    trajectory, _ = _walk((6.0, 12.0))
    for i in range(1, 3600):
        view = _view(6.0, 12.0, float(i), resting=True)
        track = follow([trajectory], [view], 6.0 + i, LOCATOR)[0]
    assert (track.standing_s, track.speed_ms, track.heading_deg) == (3599.0, 0.0, None)
    assert track.fix is not None
    follow([trajectory], [_view(6.0, 12.0, 0.0)], 3606.0, LOCATOR)
    record = trajectory.record()
    assert record.standing_s == 3599.0
    assert len(record.boxes) < 60
    assert record.t_ms[-1] == 3606000


def test_a_place_is_that_of_its_own_frame() -> None:
    """What drives at 12 m/s is over a metre further on at the next picture."""
    trajectory = Trajectory(1, _view(-6.0, 20.0), 1280, 720)
    for i in range(11):
        east = -6.0 + 1.2 * i
        track = follow([trajectory], [_view(east, 20.0)], i / 10, LOCATOR)[0]
        assert track.fix is not None
        assert LOCATOR.camera.frame.to_enu(track.fix.place.lon, track.fix.place.lat)[0] == (
            pytest.approx(east, abs=0.5)
        )
    assert track.speed_ms == pytest.approx(12.0, rel=0.05)


def test_many_are_followed_as_each_alone() -> None:
    starts = [(-6.0, 14.0), (0.0, 20.0), (5.0, 30.0)]
    together = [Trajectory(1, _view(*at), 1280, 720) for at in starts]
    alone = [Trajectory(1, _view(*at), 1280, 720) for at in starts]
    for i in range(15):
        views = [_view(east + 0.15 * i, north) for east, north in starts]
        tracks = follow(together, views, i / 10, LOCATOR)
        for life, view, track in zip(alone, views, tracks, strict=True):
            assert follow([life], [view], i / 10, LOCATOR)[0] == track


def test_two_in_one_box_are_as_uncertain_as_they_are_long_in_it() -> None:
    """Both are carried along by their own ways; each one's ellipse grows until its own foot is seen again."""
    lives = [Trajectory(1, _view(at, 20.0), 1280, 720) for at in (-1.0, 1.0)]
    majors: list[tuple[float, ...]] = []
    for i in range(40):
        t, merged = i / 10, 15 <= i < 30
        own_s = (i - 14) / 10 if merged else 0.0
        views = [
            _view(at + way * t, 20.0)._replace(shared=merged, own_foot_s=own_s)
            for at, way in ((-1.0, 0.5), (1.0, -0.5))
        ]
        tracks = follow(lives, views, t, LOCATOR)
        majors.append(tuple(track.fix.ellipse.major_m for track in tracks if track.fix))
    before, late, after = majors[14], majors[29], majors[39]
    for k in (0, 1):
        assert majors[15][k] > before[k] and late[k] > 2 * before[k]
        assert after[k] < 1.2 * before[k]


def test_what_stands_still_points_where_it_went() -> None:
    trajectory, track = _walk((7.0, 12.0))
    assert track.heading_deg is not None
    for i in range(60):
        track = follow([trajectory], [_view(7.0, 12.0)], 6.0 + i / 10, LOCATOR)[0]
    assert track.heading_deg is None, "it goes nowhere now"
    assert trajectory.facing_rad == pytest.approx(np.pi / 2, abs=0.2)


def test_a_car_that_crawls_is_still_the_vehicle_that_drove_up() -> None:
    def car(north: float) -> TrackView:
        corners = np.array(
            [[x, north + y, z] for x in (-0.95, 0.95) for y in (0, 3) for z in (0.0, 1.4)]
        )
        pixels, _ = CAMERA.project(corners)
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        box = (float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
        return TrackView(UID, 0.0, box, (0.0, 0.0), True, False, (), 0.0, False)

    north, trajectory = 45.0, Trajectory(1, car(45.0), 1280, 720)
    for i in range(120):
        track = follow([trajectory], [car(north)], i / 10, LOCATOR)[0]
        north -= 0.8 if i < 35 else 0.1
        assert i < 20 or track.kind == "vehicle"
    assert track.speed_ms is not None and track.speed_ms < 1.5
