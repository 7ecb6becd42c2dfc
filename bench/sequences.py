"""Footage with known truth for the tracker: what was seen at each frame, and what was there.

``tud_campus`` are a public detector's boxes on real footage; ``made`` the demo's truth with the errors that detectors make;
``own`` what this project's motion detector sees of the same scene.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analytics.model import Frame, Gray, Motion, Watch
from analytics.pipeline import Pipeline
from analytics.plane import GroundPlane, Plane
from analytics.track import Tracked
from bench.scenes import Scene, TruthFrame
from gis.clock import SystemClock
from gis.ground import GroundCamera
from gis.model import Pose

Floats = NDArray[np.float64]

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "video"
SURE = 0.3
"""Boxes that the public detector is less sure of are left out."""
LEAST_HEIGHT, MOVES_MS, LEARN_S = 0.04, 0.3, 3.0
"""Of a demo scene's picture; what is smaller, slower, hidden by half or seen before a camera has learnt its view need not be
found, and is no mistake when it is."""
MISSED = 0.08
EDGES_SHARE, EDGES_MIN_PX = 0.03, 0.7
SPOTS, SPOT_SHOWS, SPOT_WAVERS_PX = 3, 0.5, 3.0
"""Made boxes: so many are missed, their edges waver by so much of their size, and so many spots flicker where nothing is."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """One frame: ``boxes`` ``(n, 4)`` were seen; ``truth`` ``(m, 4)`` was there, ``ids`` says who; ``ignored`` ``(k, 4)``
    counts for nothing. ``sure`` ``(n,)``: how sure of each box the detector is, where a detector of people found them."""

    at_s: float
    boxes: Floats
    ids: tuple[str, ...]
    truth: Floats
    ignored: Floats
    gray: Gray | None = None
    blind: bool = False
    sure: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """Sights in order, of a picture of this width and height; ``pose`` is None where it is not known."""

    name: str
    picture: tuple[int, int]
    pose: Pose | None
    sights: tuple[Sight, ...]

    def plane(self) -> Plane | None:
        """What its tracks are followed on."""
        return None if self.pose is None else GroundPlane(GroundCamera(self.pose, *self.picture))


def tud_campus() -> Sequence | None:
    """71 frames of people walking past; None where the footage is not there."""
    truth, seen = DATA / "tud_campus_gt.txt", DATA / "tud_campus_det.txt"
    if not truth.exists():
        return None
    real, found = (np.loadtxt(path, delimiter=",", ndmin=2) for path in (truth, seen))
    found = found[found[:, 6] >= SURE]
    sights = []
    for number in range(1, int(found[:, 0].max()) + 1):
        here = real[real[:, 0] == number]
        boxes, sure = found[found[:, 0] == number, 2:6], found[found[:, 0] == number, 6]
        ids = tuple(str(int(i)) for i in here[:, 1])
        sights.append(Sight(number / 25.0, boxes, ids, here[:, 2:6], np.empty((0, 4)), sure=sure))
    return Sequence("tud_campus", (640, 480), None, tuple(sights))


def made(scene: Scene, seed: int = 1) -> Sequence:
    """A demo scene's truth as a detector might see it."""
    rng = np.random.default_rng(seed)
    width, height = scene.width_px, scene.height_px
    spots = rng.uniform((0.1, 0.3), 0.9, (SPOTS, 2)) * (width, height)
    sights = []
    for frame in scene.truth:
        sight = _truth(frame, scene)
        boxes = sight.truth[rng.random(len(sight.truth)) >= MISSED]
        wavers = EDGES_SHARE * np.sqrt(boxes[:, 2:3] * boxes[:, 3:])
        boxes = boxes + rng.normal(0, 1, boxes.shape) * np.maximum(wavers, EDGES_MIN_PX)
        flicker = np.concatenate([spots, np.tile([28.0, 22.0], (SPOTS, 1))], axis=1)
        flicker += rng.normal(0, SPOT_WAVERS_PX, flicker.shape)
        boxes = np.concatenate([boxes, flicker[rng.random(SPOTS) < SPOT_SHOWS]])
        sights.append(replace(sight, boxes=boxes))
    name = f"{scene.camera}, {scene.condition}, made boxes"
    return Sequence(name, (width, height), scene.pose, tuple(sights))


def own(scene: Scene) -> Sequence:
    """A demo scene as this project's motion detector sees it."""
    pipeline = _Recorder(Watch(1, scene.camera, scene.pose, ()), SystemClock())
    for packet in scene.packets:
        pipeline.process(packet, 0.0)
    truth = {frame.at: frame for frame in scene.truth}
    sights = []
    for frame, motion in pipeline.seen:
        boxes = motion.detections.boxes_px.astype(np.float64)
        sight = _truth(truth[frame.at], scene)
        sights.append(replace(sight, boxes=boxes, gray=frame.gray, blind=motion.blind))
    name = f"{scene.camera}, {scene.condition}, own motion's boxes"
    return Sequence(name, (scene.width_px, scene.height_px), scene.pose, tuple(sights))


class _Recorder(Pipeline):
    """A pipeline that keeps what its tracker is given."""

    def __init__(self, watch: Watch, clock: SystemClock) -> None:
        super().__init__(watch, clock)
        self.seen: list[tuple[Frame, Motion]] = []

    def _follow(self, frame: Frame, motion: Motion) -> Tracked:
        self.seen.append((frame, motion))
        return super()._follow(frame, motion)


def _truth(frame: TruthFrame, scene: Scene) -> Sight:
    """What is in one picture, cut to it."""
    learning = (frame.at - scene.packets[0].capture_at).total_seconds() < LEARN_S
    ids: list[str] = []
    real: list[list[float]] = []
    ignored: list[list[float]] = []
    for each in frame.objects:
        x, y, w, h = each.box_px
        left, top = max(0.0, x), max(0.0, y)
        right, bottom = min(float(scene.width_px), x + w), min(float(scene.height_px), y + h)
        if right - left < 2 or bottom - top < 2:
            continue
        box = [left, top, right - left, bottom - top]
        small = h < LEAST_HEIGHT * scene.height_px or each.visible < 0.5
        if small or each.speed_ms < MOVES_MS or learning:
            ignored.append(box)
        else:
            ids.append(each.id)
            real.append(box)
    none = np.empty((0, 4))
    return Sight(frame.at.timestamp(), none, tuple(ids), _boxes(real), _boxes(ignored))


def _boxes(rows: list[list[float]]) -> Floats:
    return np.array(rows, np.float64).reshape(-1, 4)
