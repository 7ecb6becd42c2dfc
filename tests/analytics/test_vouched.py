"""One of whom a model says that it is a person is believed sooner, but not for another's sake, nor where nothing is real."""

from __future__ import annotations

from uuid import uuid4

import numpy as np
import pytest

from analytics.followed import VOUCHED
from analytics.model import Detections
from analytics.track import NOBODY, Tracker

DT_S = 0.08
STANDS = (300.0, 200.0, 30.0, 80.0)


def seen(*boxes: tuple[float, float, float, float]) -> Detections:
    array = np.array(boxes, np.float32).reshape(-1, 4)
    return Detections(array, np.ones(len(array), np.float32))


def test_who_stands_is_told_of_when_seen_again_after_a_model_s_word() -> None:
    tracker = Tracker(960, 540)
    assert not tracker.update(seen(STANDS), 0.0).alive
    (one,) = tracker.doubtful()
    assert one.due and one.box_px == pytest.approx(STANDS)
    tracker.vouch(one.uid, VOUCHED)
    out = tracker.update(seen(STANDS), DT_S)
    assert [(v.uid, v.doubted, v.fresh) for v in out.alive] == [(one.uid, one.uid, True)]
    assert out.alive[0].history == ((0.0, STANDS),)
    assert not tracker.doubtful() and out.tentative == 0
    assert tracker.update(seen(STANDS), 2 * DT_S).alive[0].doubted == NOBODY


def test_a_word_is_not_enough_for_what_is_not_seen_again() -> None:
    tracker = Tracker(960, 540)
    tracker.update(seen(STANDS), 0.0)
    tracker.vouch(tracker.doubtful()[0].uid, 1.0)
    assert not tracker.update(Detections.none(), DT_S).alive
    assert not tracker.doubtful()[0].due


@pytest.mark.parametrize("confidence", [0.0, VOUCHED - 0.01])
def test_a_doubtful_word_changes_nothing(confidence: float) -> None:
    tracker = Tracker(960, 540)
    for i in range(40):
        assert not tracker.update(seen(STANDS), i * DT_S).alive
        tracker.vouch(tracker.doubtful()[0].uid, confidence)
        tracker.vouch(uuid4(), 1.0)  # of one that is gone


@pytest.mark.parametrize(
    ("beside", "told"),
    [((270.0, 225.0, 20.0, 50.0), 1), ((310.0, 225.0, 20.0, 50.0), 2)],
    ids=["a part of the walker", "somebody else"],
)
def test_the_word_is_not_taken_that_may_be_of_another(
    beside: tuple[float, float, float, float], told: int
) -> None:
    """A walker who is known has come to stand; what shows beside him lies for the most part within his box, or apart."""
    tracker = Tracker(960, 540)
    for i in range(20):
        tracker.update(seen((100.0 + 8 * i, 200, 30, 80)), i * DT_S)
    walker = (252.0, 200.0, 30.0, 80.0)
    for i in range(20, 40):
        out = tracker.update(seen(walker, *[beside] * (i >= 28)), i * DT_S)
        for one in tracker.doubtful():
            tracker.vouch(one.uid, 1.0)
    assert len(out.alive) == told


def test_where_things_fail_all_the_time_a_word_needs_more_sights() -> None:
    tracker, rng = Tracker(960, 540), np.random.default_rng(3)
    asked_at = []
    for i in range(200):
        if i % 8 < 2:  # a leaf that shows twice and is gone
            x, y = rng.normal(0, 2, 2)
            out = tracker.update(seen((500 + x, 60 + y, 40, 30)), i * DT_S)
            asked_at += [i for one in tracker.doubtful() if one.due]
        else:
            out = tracker.update(Detections.none(), i * DT_S)
        assert not out.alive
    assert min(asked_at) == 0
    assert max(asked_at) < 120, "nobody is asked about leaves for ever"
