"""Tracks keep their identity, begin when they are real, and end when they are gone."""

from __future__ import annotations

import time

import numpy as np
import pytest

from analytics.model import Detections
from analytics.track import Tracked, Tracker

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
    ended = [u for i in range(20, 60) for u in tracker.update(Detections.none(), i * DT_S).ended]
    assert ended == [uid]
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


def test_one_that_leaves_the_picture_ends_soon() -> None:
    tracker = Tracker(960, 540)
    _walk(tracker, range(30), x=780)
    ended = [bool(tracker.update(Detections.none(), i * DT_S).ended) for i in range(30, 38)]
    assert any(ended)


def test_200_objects_take_under_5_ms_a_frame() -> None:
    n, rng, tracker = 200, np.random.default_rng(1), Tracker(1920, 1080)
    grid = np.arange(n)
    place = np.stack([grid % 15 * 120.0 + 50, grid // 15 * 68.0 + 60], axis=1)
    speed = rng.normal(0, 18, (n, 2))
    size = np.tile([28.0, 64.0], (n, 1))
    spent_s = []
    for i in range(40):
        place += speed * DT_S
        boxes = np.concatenate([place + rng.normal(0, 0.7, (n, 2)), size], axis=1)
        boxes = boxes[rng.random(n) > 0.05].astype(np.float32)
        seen = Detections(boxes, np.ones(len(boxes), np.float32))
        start_s = time.thread_time()
        out = tracker.update(seen, i * DT_S)
        spent_s.append(time.thread_time() - start_s)
    assert len(out.alive) > 190
    assert float(np.median(spent_s[10:])) < 0.005
