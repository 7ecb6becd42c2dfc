"""What stands close together is one blob in the end; each of it stays what it was, for as long as it stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from analytics.model import Frame
from analytics.motion import MotionDetector
from analytics.track import Tracked, Tracker

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
Gray = NDArray[np.uint8]
Place = tuple[float, float]
WIDTH, HEIGHT = 46, 24
STOPS = (300.0, 256.0, 212.0)
"""Where the three stand: each behind the one before, nearer than a box is wide."""
COMES_S = (4.0, 7.0, 10.0)
SPEED_PX_S = 40.0
LEAVES_S = 80.0


class _Picture:
    """Never asked for here."""

    def bgr(self) -> Gray:
        raise NotImplementedError


def _ground() -> Gray:
    coarse = np.random.default_rng(1).integers(90, 170, (9, 16)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (480, 270), interpolation=cv2.INTER_CUBIC), np.uint8)


def _frame(t_s: float, places: list[Place]) -> Frame:
    picture = _ground().astype(np.float32)
    rng = np.random.default_rng(7)
    for i, (x, y) in enumerate(places):
        texture = cv2.resize(
            rng.integers(0, 60, (4, 8)).astype(np.float32), (WIDTH, HEIGHT)
        ) + 190.0 * (i == 1)
        left, right = max(0, round(x)), min(480, round(x) + WIDTH)
        if right > left:
            part = texture[:, left - round(x) : right - round(x)]
            picture[round(y) : round(y) + HEIGHT, left:right] = part
    picture += np.random.default_rng(round(t_s * 100)).normal(0, 2.0, picture.shape)
    gray = np.clip(picture, 0, 255).astype(np.uint8)
    return Frame(1, 1, START + timedelta(seconds=t_s), gray, 480, 270, 0.0, _Picture())


def _queue(t_s: float) -> list[Place]:
    """Three drive up one after the other and stand; the first leaves in the end."""
    x = [
        min(stop, (t_s - comes) * SPEED_PX_S - WIDTH)
        for stop, comes in zip(STOPS, COMES_S, strict=True)
    ]
    if t_s > LEAVES_S:
        x[0] += (t_s - LEAVES_S) * SPEED_PX_S
    return [(each, 120.0) for each in x]


class _Camera:
    """The motion detector and the tracker, as a pipeline uses them."""

    def __init__(self) -> None:
        self.detector, self.tracker = MotionDetector(), Tracker(480, 270)

    def see(self, t_s: float, places: list[Place]) -> tuple[int, Tracked]:
        """How many boxes were detected, and who is followed."""
        frame = _frame(t_s, places)
        motion = self.detector.detect(frame, self.tracker.boxes_px())
        at_s = frame.at.timestamp()
        tracked = self.tracker.update(
            motion.detections, at_s, motion.blind, frame.gray, motion.stir
        )
        return len(motion.detections), tracked


@pytest.mark.parametrize("fps", [5, 10])
def test_a_queue_of_three_that_merges_and_stands_for_a_minute_stays_three(fps: int) -> None:
    camera = _Camera()
    stood: list[set[str]] = []
    boxes: list[int] = []
    for i in range(round(90 * fps)):
        t_s = i / fps
        seen, tracked = camera.see(t_s, _queue(t_s))
        if 18.0 <= t_s <= LEAVES_S:
            boxes.append(seen)
            standing = [v for v in tracked.alive if v.seen]
            stood.append({str(v.uid) for v in standing})
            middles = sorted(v.box_px[0] + v.box_px[2] / 2 for v in standing)
            assert middles == pytest.approx(sorted(s + WIDTH / 2 for s in STOPS), abs=WIDTH * 0.7)
    assert boxes[0] == 1, "they are one blob"
    assert all(uids == stood[0] for uids in stood) and len(stood[0]) == 3
    left = {str(v.uid) for v in tracked.alive}
    assert len(left & stood[0]) == 2, "the first has driven off, two stand"
