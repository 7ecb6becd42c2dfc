"""The same things followed alike however often the camera is looked at: 3 to 12.5 frames a second, changing at any time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.model import Detections
from analytics.plane import GroundPlane
from analytics.track import Tracked, Tracker
from gis.ground import GroundCamera
from gis.model import LonLat, Pose

Box = tuple[float, float, float, float]
Scene = Callable[[float], Sequence[Box]]
"""What is seen at a moment."""

RATES = [12.5, 6.0, 4.0, 3.0]
STEPS_S = st.lists(st.sampled_from([1 / rate for rate in RATES]), min_size=8, max_size=20)
PACE = settings(max_examples=25, deadline=None, derandomize=True)


def _follow(
    tracker: Tracker, scene: Scene, times: Sequence[float], jitter_px: float = 1.0
) -> list[tuple[float, Tracked]]:
    rng = np.random.default_rng(7)
    told = []
    for t_s in times:
        boxes = np.array(scene(t_s), np.float64).reshape(-1, 4)
        boxes += rng.normal(0, jitter_px, boxes.shape)
        seen = Detections(boxes.astype(np.float32), np.ones(len(boxes), np.float32))
        told.append((t_s, tracker.update(seen, t_s)))
    return told


def _steady(fps: float, until_s: float) -> list[float]:
    return [i / fps for i in range(round(until_s * fps))]


def _uneven(steps_s: Sequence[float], until_s: float) -> list[float]:
    """Each rate held for a second or so, then the next, over and over."""
    times, t_s, i = [], 0.0, 0
    while t_s < until_s:
        times.append(t_s)
        t_s += steps_s[i // 4 % len(steps_s)]
        i += 1
    return times


def _names(told: Sequence[tuple[float, Tracked]]) -> set[UUID]:
    return {view.uid for _, frame in told for view in frame.alive}


def _walker(t_s: float) -> list[Box]:
    return [(100 + 55 * t_s, 200, 30, 80)]


@pytest.mark.parametrize("fps", RATES)
def test_a_walk_is_one_track_confirmed_as_soon_as_it_is_seen_to_go(fps: float) -> None:
    told = _follow(Tracker(960, 540), _walker, _steady(fps, 12.0))
    assert len(_names(told)) == 1
    first_s = next(t for t, frame in told if frame.alive)
    assert first_s <= max(0.6, 3 / fps + 1e-9)
    t_s, last = told[-1]
    assert last.alive[0].box_px[0] == pytest.approx(_walker(t_s)[0][0], abs=5)
    assert last.alive[0].velocity_px_s[0] == pytest.approx(55, abs=8)


@PACE
@given(STEPS_S)
def test_rates_that_change_all_the_time_are_no_matter(steps_s: list[float]) -> None:
    def scene(t_s: float) -> list[Box]:
        return [*_walker(t_s), (820 - 48 * t_s, 330, 30, 90)]

    told = _follow(Tracker(960, 540), scene, _uneven(steps_s, 12.0))
    assert len(_names(told)) == 2
    assert {len(frame.alive) for t, frame in told if t > 2.0} == {2}


@PACE
@given(STEPS_S)
def test_a_fast_car_is_one_track_from_its_first_sight_on(steps_s: list[float]) -> None:
    def scene(t_s: float) -> list[Box]:
        return [(20 + 260 * t_s, 300, 90, 50)] if t_s > 0.3 else []

    told = _follow(Tracker(1920, 1080), scene, _uneven(steps_s, 6.0))
    assert len(_names(told)) == 1
    (fresh,) = [view for _, frame in told for view in frame.alive if view.fresh]
    assert len(fresh.history) <= 4


@PACE
@given(STEPS_S)
def test_who_is_missed_at_single_frames_stays_itself(steps_s: list[float]) -> None:
    times = _uneven(steps_s, 12.0)
    missed = {t for i, t in enumerate(times) if i % 5 == 4}

    def scene(t_s: float) -> list[Box]:
        return [] if t_s in missed else _walker(t_s)

    told = _follow(Tracker(960, 540), scene, times)
    assert len(_names(told)) == 1


@pytest.mark.parametrize("fps", RATES)
def test_who_is_gone_is_told_of_after_the_same_time(fps: float) -> None:
    def scene(t_s: float) -> list[Box]:
        return _walker(t_s) if t_s < 6.0 else []

    told = _follow(Tracker(960, 540), scene, _steady(fps, 20.0))
    (vanished_s,) = [t for t, frame in told if frame.vanished]
    (ended_s,) = [t for t, frame in told if frame.ended]
    seen_s = max(t for t, _ in told if t < 6.0)
    assert 1.5 < vanished_s - seen_s <= 1.5 + 1.01 / fps
    assert 8.0 < ended_s - seen_s <= 8.0 + 1.01 / fps


@pytest.mark.parametrize("seen", [2, 5, 12])
def test_when_frames_become_rare_one_may_still_be_missed(seen: int) -> None:
    """Under load only key frames are looked at, two seconds apart."""
    times = [i / 12.5 for i in range(seen)]
    times += [times[-1] + 2.0 * i for i in range(1, 5)]
    missed = times[seen]

    def scene(t_s: float) -> list[Box]:
        return [] if t_s == missed else _walker(t_s)

    told = _follow(Tracker(1920, 1080), scene, times)
    assert len(_names(told)) == 1
    last = told[-1][1]
    assert len(last.alive) == 1 and last.tentative == 0 and not last.vanished


def test_who_is_unseen_goes_as_far_in_one_long_step_as_in_many_short_ones() -> None:
    where = []
    for steps in (1, 12):
        tracker = Tracker(1920, 1080)
        _follow(tracker, _walker, _steady(12.5, 4.0), 0.0)
        began_s = 4.0 - 1 / 12.5 + 1e-3  # the step from the last sight on is at full speed
        tracker.update(Detections.none(), began_s)
        for i in range(1, steps + 1):
            out = tracker.update(Detections.none(), began_s + 0.9 * i / steps)
        where.append(out.alive[0].box_px[0])
    assert where[0] == pytest.approx(where[1], abs=1.0)


@pytest.mark.parametrize("fps", RATES)
def test_a_wavering_leaf_is_nothing_at_any_rate(fps: float) -> None:
    rng = np.random.default_rng(5)

    def scene(t_s: float) -> list[Box]:
        x, y = rng.normal(0, 3, 2)
        return [(500 + x, 160 + y, 40 + rng.normal(0, 5), 25)]

    assert not _names(_follow(Tracker(960, 540), scene, _steady(fps, 40.0)))


@PACE
@given(STEPS_S)
def test_on_the_ground_who_walks_towards_the_camera_is_one(steps_s: list[float]) -> None:
    pose = Pose(LonLat(120.98, 31.38), height_m=6.0, yaw_deg=0.0, pitch_deg=-15.0, hfov_deg=60.0)
    camera = GroundCamera(pose, 1280, 720)

    def scene(t_s: float) -> list[Box]:
        ahead = 38.0 - 1.6 * t_s
        corners = np.array([[x, ahead, z] for x in (-0.3, 0.3) for z in (0.0, 1.75)])
        pixels, _ = camera.project(corners)
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        return [(low[0], low[1], high[0] - low[0], high[1] - low[1])]

    told = _follow(Tracker(1280, 720, GroundPlane(camera)), scene, _uneven(steps_s, 14.0), 0.7)
    assert len(_names(told)) == 1
    assert all(len(frame.alive) == 1 for t, frame in told if t > 5.0)
