"""Tracks keep their identity, begin when they are real, and end when they are gone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from analytics.assign import match
from analytics.model import Detections
from analytics.plane import GroundPlane, PicturePlane
from analytics.track import Tracked, Tracker
from gis.ground import GroundCamera
from gis.model import LonLat, Pose

DT_S = 0.1


def _seen(*boxes: tuple[float, float, float, float]) -> Detections:
    array = np.array(boxes, np.float32).reshape(-1, 4)
    return Detections(array, np.ones(len(array), np.float32))


def _walk(tracker: Tracker, frames: range, *, x: float = 100, step: float = 6) -> list[Tracked]:
    return [tracker.update(_seen((x + i * step, 200, 30, 80)), i * DT_S) for i in frames]


def test_a_walker_is_confirmed_within_four_frames_and_stays_itself() -> None:
    tracker = Tracker(960, 540)
    frames = _walk(tracker, range(60))
    first = next(i for i, f in enumerate(frames) if f.alive)
    assert first <= 4
    assert frames[first].alive[0].fresh
    assert len(frames[first].alive[0].history) == first
    assert len({v.uid for f in frames for v in f.alive}) == 1
    x, _, _, _ = frames[-1].alive[0].box_px
    assert x == pytest.approx(100 + 59 * 6, abs=4)
    assert frames[-1].alive[0].velocity_px_s[0] == pytest.approx(60, abs=6)


def test_what_goes_nowhere_is_never_confirmed() -> None:
    tracker = Tracker(960, 540)
    rng = np.random.default_rng(3)
    for i in range(300):
        jitter = rng.normal(0, 3, 2)
        size = 40 + rng.normal(0, 6)
        out = tracker.update(_seen((500 + jitter[0], 60 + jitter[1], size, 20)), i * DT_S)
        assert not out.alive


def test_growing_alone_is_no_movement() -> None:
    tracker = Tracker(960, 540)
    for i in range(20):
        assert not tracker.update(_seen((300, 200, 40 + 4 * i, 60)), i * DT_S).alive


def test_a_patch_that_swells_at_the_border_is_no_thing() -> None:
    tracker = Tracker(960, 540)
    for i in range(60):
        swell = 6 * min(1.0, i / 10)
        assert not tracker.update(_seen((0, 300, 10 + swell, 9 + swell)), i * DT_S).alive


def test_hidden_behind_something_it_comes_back_as_itself() -> None:
    tracker = Tracker(960, 540)
    before = _walk(tracker, range(20))[-1].alive[0].uid
    for i in range(20, 28):
        out = tracker.update(Detections.none(), i * DT_S)
        assert [(v.uid, v.seen) for v in out.alive] == [(before, False)]
    after = _walk(tracker, range(28, 40))[-1]
    assert [v.uid for v in after.alive] == [before]


def test_gone_for_long_it_ends() -> None:
    tracker = Tracker(960, 540)
    uid = _walk(tracker, range(20))[-1].alive[0].uid
    told = [tracker.update(Detections.none(), i * DT_S) for i in range(20, 140)]
    assert [u for frame in told for u in frame.vanished] == [uid]
    assert [u for frame in told for u in frame.ended] == [uid]
    assert len(tracker) == 0


def test_blind_frames_are_not_held_against_it() -> None:
    tracker = Tracker(960, 540)
    uid = _walk(tracker, range(20), step=0.0 + 6)[-1].alive[0].uid
    for i in range(20, 60):
        out = tracker.update(Detections.none(), i * DT_S, blind=True)
        assert uid in [v.uid for v in out.alive]


def test_two_that_cross_keep_their_names() -> None:
    tracker = Tracker(960, 540)
    names: dict[str, set[object]] = {"right": set(), "left": set()}
    for i in range(60):
        a, b = 100 + 10 * i, 700 - 10 * i
        boxes = [(a, 200, 30, 80), (b, 230, 30, 90)]
        if abs(a - b) < 28:  # one blob while one hides the other
            left = min(a, b)
            boxes = [(left, 200, abs(a - b) + 30, 120)]
        out = tracker.update(_seen(*boxes), i * DT_S)
        for view in out.alive:
            if not 24 <= i <= 38:
                names["right" if abs(view.box_px[0] - a) < abs(view.box_px[0] - b) else "left"].add(
                    view.uid
                )
    assert {k: len(v) for k, v in names.items()} == {"right": 1, "left": 1}
    assert not names["right"] & names["left"]


def test_pieces_of_a_thing_are_the_thing() -> None:
    tracker = Tracker(960, 540)
    _walk(tracker, range(20))
    for i in range(20, 40):
        x = 100 + i * 6
        pieces = _seen((x, 200, 30, 30), (x + 2, 238, 26, 42))
        out = tracker.update(pieces, i * DT_S)
    assert len(out.alive) == 1
    assert out.alive[0].box_px[3] == pytest.approx(80, abs=6)
    assert out.tentative == 0


def _vouch(tracker: Tracker, out: Tracked) -> None:
    for view in out.alive:
        tracker.vouch(view.uid, 1.0)


def test_two_who_part_become_two_and_neither_grows() -> None:
    """Seen as one box they enter; then each has its own, and they walk apart."""
    tracker = Tracker(960, 540)
    for i in range(20):
        _vouch(tracker, tracker.update(_seen((100 + 6 * i, 200, 62, 80)), i * DT_S))
    for i in range(20, 60):
        x, apart = 100 + 6 * i, 1.5 * (i - 20)
        out = tracker.update(
            _seen((x - apart, 200, 30, 80), (x + 32 + apart, 200, 30, 80)), i * DT_S
        )
        assert all(view.box_px[2] < 62 * 1.15 for view in out.alive)
    assert sorted(view.box_px[0] for view in out.alive) == pytest.approx(
        [100 + 6 * 59 - 58.5, 100 + 6 * 59 + 90.5], abs=6
    )


def test_who_comes_nearer_in_pieces_grows() -> None:
    tracker = Tracker(960, 540)
    for i in range(20):
        _vouch(tracker, tracker.update(_seen((100 + 6 * i, 200, 60, 80)), i * DT_S))
    for i in range(20, 60):
        share = 1.0 + 0.02 * (i - 20)
        x, y, w, h = 100 + 6 * i, 200, 60 * share, 80 * share
        pieces = _seen((x, y, w, 0.45 * h), (x, y + 0.55 * h, w, 0.45 * h))
        out = tracker.update(pieces, i * DT_S)
    (view,) = out.alive
    assert view.box_px[2:] == pytest.approx((60 * 1.78, 80 * 1.78), rel=0.08)


def test_a_person_who_grows_is_followed_sooner_than_one_who_wavers() -> None:
    grows, wavers = Tracker(960, 540), Tracker(960, 540)
    for i in range(40):
        large = 40 + 2 * max(0, i - 20)
        one = grows.update(_seen((100 + 6 * i, 400 - large, large, large)), i * DT_S)
        wide = 40 + 8 * (-1) ** i
        other = wavers.update(_seen((100 + 6 * i, 360, wide, 40)), i * DT_S)
        _vouch(grows, one)
        _vouch(wavers, other)
    assert 78 - one.alive[0].box_px[2] < 2.5, "little more than a step behind"
    assert other.alive[0].box_px[2] == pytest.approx(40, abs=1.7), "a fifth of how it wavers"


@pytest.mark.parametrize("step", [3, 6])
def test_who_passes_close_by_a_thing_in_pieces_is_none_of_them(step: int) -> None:
    tracker = Tracker(960, 540)
    for i in range(30):
        tracker.update(_seen((100 + min(i, 20) * 10, 100, 210, 250)), i * DT_S)
    passing = []
    for i in range(30, 70):
        beside = (280.0, 60.0 + (i - 30) * step, 24.0, 44.0)
        pieces = _seen((300, 100, 180, 250), (485, 100, 25, 80), beside)
        out = tracker.update(pieces, i * DT_S)
        large = max(out.alive, key=lambda view: view.box_px[2])
        assert large.box_px == pytest.approx((300, 100, 210, 250), abs=8)
        passing += [view.uid for view in out.alive if view is not large]
    assert len(set(passing)) == 1
    assert len(passing) > 30


def test_one_that_leaves_the_picture_ends_soon() -> None:
    tracker = Tracker(960, 540)
    _walk(tracker, range(30), x=780)
    gone = [bool(tracker.update(Detections.none(), i * DT_S).vanished) for i in range(30, 38)]
    assert any(gone)


@pytest.mark.parametrize("fps", [2, 5, 25])
def test_it_is_followed_at_any_rate_and_at_uneven_intervals(fps: float) -> None:
    tracker, rng, t_s = Tracker(960, 540), np.random.default_rng(8), 0.0
    names: dict[str, set[object]] = {"right": set(), "left": set()}
    while t_s < 12.0:
        t_s += float(rng.uniform(0.6, 1.4)) / fps
        a, b = 100 + 50 * t_s, 800 - 45 * t_s
        out = tracker.update(_seen((a, 200, 30, 80), (b, 320, 30, 90)), t_s)
        for view in out.alive:
            names["right" if view.box_px[1] < 260 else "left"].add(view.uid)
    assert {k: len(v) for k, v in names.items()} == {"right": 1, "left": 1}


@pytest.mark.parametrize("gone_s", [2.0, 4.0])
def test_behind_a_truck_for_seconds_it_comes_out_as_itself(gone_s: float) -> None:
    tracker = Tracker(960, 540)
    uid = _walk(tracker, range(30))[-1].alive[0].uid
    frames = round(gone_s / DT_S)
    told = [tracker.update(Detections.none(), (30 + i) * DT_S) for i in range(frames)]
    after = _walk(tracker, range(30 + frames, 50 + frames))[-1]
    assert [v.uid for v in after.alive] == [uid]
    assert not [u for frame in told for u in frame.ended]


def test_one_who_comes_in_where_another_went_out_is_another() -> None:
    tracker = Tracker(960, 540)
    uid = _walk(tracker, range(30), x=755)[-1].alive[0].uid
    for i in range(30, 45):
        tracker.update(Detections.none(), i * DT_S)
    for i in range(45, 70):
        out = tracker.update(_seen((930 - 6 * (i - 45), 205, 30, 80)), i * DT_S)
    assert len(out.alive) == 1 and out.alive[0].uid != uid


def test_two_in_one_box_stay_two() -> None:
    tracker = Tracker(960, 540)
    before: dict[str, object] = {}
    for i in range(80):
        a, b = (
            100 + 6 * i,
            340 - 2 * i,
        )  # they meet, walk on as one blob for a second, and part again
        if 24 <= i <= 36:
            left, right = min(a, b), max(a, b)
            boxes = [(left, 200, right - left + 30, 80)]
        else:
            boxes = [(a, 200, 30, 80), (b, 200, 30, 80)]
        out = tracker.update(_seen(*boxes), i * DT_S)
        if i == 20:
            before = {"a": _nearest(out, a), "b": _nearest(out, b)}
        if 24 <= i <= 36:
            assert len(out.alive) == 2
            assert all(v.box_px[2] < 45 for v in out.alive)
    assert _nearest(out, 100 + 6 * 79) == before["a"]
    assert _nearest(out, 340 - 2 * 79) == before["b"]


def test_whose_foot_is_its_own_is_told() -> None:
    tracker = Tracker(960, 540)
    for i in range(50):
        a, b = 100 + 6 * i, 340 - 2 * i
        together = 24 <= i <= 36
        left, right = min(a, b), max(a, b)
        boxes = [(a, 200, 30, 80), (b, 200, 30, 80)]
        if together:
            boxes = [(left, 200, right - left + 30, 80)]
        out = tracker.update(_seen(*boxes), i * DT_S)
        if 10 <= i < 24 or i > 40:
            assert {v.measured_px for v in out.alive} == {tuple(map(float, b)) for b in boxes}
            assert not any(v.shared or v.clipped or v.own_foot_s for v in out.alive)
        if 27 <= i <= 33 and right - left >= 16:
            assert all(v.shared and v.measured_px is None for v in out.alive)
        if i == 28:
            assert all(v.own_foot_s > 0.2 for v in out.alive)


def test_who_is_cut_by_the_border_or_unseen_is_told() -> None:
    tracker = Tracker(960, 540)
    frames = _walk(tracker, range(28), x=780)
    assert [frame.alive[0].clipped for frame in frames[18:22] + frames[26:]] == [False] * 4 + [
        True
    ] * 2
    tracker = Tracker(960, 540)
    _walk(tracker, range(20))
    unseen = tracker.update(Detections.none(), 20 * DT_S).alive[0]
    assert unseen.measured_px is None and not unseen.shared
    assert unseen.own_foot_s == pytest.approx(DT_S)


def test_a_blob_that_falls_into_two_never_swallows_them() -> None:
    """Two come into view as one, and part: what held both must not go on holding both."""
    tracker = Tracker(960, 540)
    for i in range(40):
        a, b = 400 - 5 * i, 410 + 5 * i
        boxes = [(a, 200, 30, 80), (b, 210, 30, 80)]
        if i < 3:
            boxes = [(a, 200, b - a + 30, 90)]
        out = tracker.update(_seen(*boxes), i * DT_S)
        if i > 15:
            assert len(out.alive) == 2
            assert all(view.box_px[2] < 50 for view in out.alive)


def _nearest(out: Tracked, x: float) -> object:
    return min(out.alive, key=lambda v: abs(v.box_px[0] - x)).uid


def test_on_the_ground_who_walks_away_is_expected_smaller_and_higher() -> None:
    pose = Pose(LonLat(120.98, 31.38), height_m=6.0, yaw_deg=0.0, pitch_deg=-15.0, hfov_deg=60.0)
    camera = GroundCamera(pose, 1280, 720)

    def box(t_s: float) -> tuple[float, float, float, float]:
        ahead = 14.0 + 2.0 * t_s
        corners = np.array([[x, ahead, z] for x in (-0.3, 0.3) for z in (0.0, 1.75)])
        pixels, _ = camera.project(corners)
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        return (low[0], low[1], high[0] - low[0], high[1] - low[1])

    missed = {}
    for name, plane in (("ground", GroundPlane(camera)), ("picture", PicturePlane())):
        tracker = Tracker(1280, 720, plane)
        for i in range(40):
            tracker.update(_seen(box(i * DT_S)), i * DT_S)
        for i in range(40, 50):
            out = tracker.update(Detections.none(), i * DT_S)
        _, y, _, h = out.alive[0].box_px
        true = box(49 * DT_S)
        missed[name] = abs(y + h - true[1] - true[3]) + abs(h - true[3])
    assert missed["ground"] < 0.7 * missed["picture"]


CAR = (300.0, 260.0, 90.0, 60.0)


def _street(*cars: tuple[float, float]) -> Any:
    """The analysed picture, half the camera's size, with a car at each place."""
    rng = np.random.default_rng(2)
    gray = np.repeat(np.repeat(rng.integers(90, 150, (27, 48)).astype(np.uint8), 10, 0), 10, 1)
    for x, y in cars:
        left, top = round(x / 2), round(y / 2)
        gray[top : top + 30, left : left + 45] = 45
        gray[top + 4 : top + 12, left + 8 : left + 36] = 190
    return gray


def _car_parks(tracker: Tracker, until_s: float) -> Any:
    """It drives in, stops after 5 s, and is detected until it is taken into the background after 120 s."""
    for i in range(round(until_s / DT_S)):
        t_s = i * DT_S
        x = CAR[0] - 40 * max(0.0, 5.0 - t_s)
        seen = _seen((x, *CAR[1:])) if t_s < 125 else Detections.none()
        out = tracker.update(seen, t_s, gray=_street((x, CAR[1])))
    return out


def test_a_parked_car_stays_for_hours_outside_the_assignment() -> None:
    tracker = Tracker(960, 540)
    (car,) = _car_parks(tracker, 60.0).alive
    assert car.resting and not tracker.busy
    street = _street(CAR[:2])
    for i in range(2, 4 * 3600, 2):
        out = tracker.update(Detections.none(), 60.0 + i, gray=street)
    assert [v.uid for v in out.alive] == [car.uid]
    assert out.alive[0].standing_s == pytest.approx(4 * 3600 + 55, abs=5)
    assert not tracker.busy and len(tracker) == 1
    # It is towed away while nobody looks.
    gone = [tracker.update(Detections.none(), 15000 + i * DT_S, gray=_street()) for i in range(300)]
    assert [u for frame in gone for u in frame.vanished] == [car.uid]


def test_a_parked_car_that_drives_off_is_itself() -> None:
    tracker = Tracker(960, 540)
    (car,) = _car_parks(tracker, 140.0).alive
    for i in range(50):
        x = CAR[0] + 2 * i + 0.4 * i * i
        # Where it stood, the background still shows it: a ghost is detected beside the car.
        boxes = [(x, *CAR[1:])] if x > CAR[0] + 95 else [(CAR[0], CAR[1], x + 90 - CAR[0], 60)]
        boxes += [CAR] if x > CAR[0] + 95 and i < 35 else []
        out = tracker.update(_seen(*boxes), 140 + i * DT_S, gray=_street((x, CAR[1])))
        if x > 860:
            break
    assert car.uid in [v.uid for v in out.alive if v.box_px[0] > CAR[0] + 300]


def _crowd(tracker: Tracker, n: int, frames: int) -> Tracked:
    """``n`` things spread over the picture, each going its own way, now and then one not seen."""
    rng = np.random.default_rng(1)
    grid = np.arange(n)
    place = np.stack([grid % 15 * 120.0 + 50, grid // 15 * 68.0 + 60], axis=1)
    speed = rng.normal(0, 18, (n, 2))
    size = np.tile([28.0, 64.0], (n, 1))
    for i in range(frames):
        place += speed * DT_S
        boxes = np.concatenate([place + rng.normal(0, 0.7, (n, 2)), size], axis=1)
        boxes = boxes[rng.random(n) > 0.05].astype(np.float32)
        out = tracker.update(Detections(boxes, np.ones(len(boxes), np.float32)), i * DT_S)
    return out


def test_200_objects_are_followed_and_few_of_their_pairs_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pairs: list[int] = []
    tables: list[int] = []

    def counted(*args: Any) -> Any:
        pairs.append(len(args[0]))
        return match(*args)

    def solved(table: Any) -> Any:
        tables.append(table.size)
        return linear_sum_assignment(table)

    monkeypatch.setattr("analytics.pairs.match", counted)
    monkeypatch.setattr("analytics.assign.linear_sum_assignment", solved)
    work = []
    for n in (50, 200):
        pairs.clear()
        tables.clear()
        out = _crowd(Tracker(1920, 1080), n, 40)
        assert len(out.alive) > 0.95 * n
        work.append((sum(pairs), sum(tables)))
    assert work[1][0] < 6 * work[0][0]  # four times the things: a square would be sixteen times
    assert work[1][1] < 40 * 200 * 200 / 10  # the table of all with all, at each frame
