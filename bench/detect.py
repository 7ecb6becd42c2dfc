"""``./run bench detect``: how regions are best shown to a model, on real clips whose moving things are of one kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from analytics.detect import mosaic
from analytics.detect.letterbox import Fit, letterbox
from analytics.detect.model import Bgr, kind_of
from analytics.detect.onnx_file import Model, open_model, read
from analytics.model import Box, Frame, Kind
from analytics.motion import MotionDetector
from analytics.track import Tracker
from bench.report import Figure

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
MODELS = ("yolox_nano_416.onnx", "nanodet_m_416.onnx", "light_person_detector.onnx")
CLIPS: tuple[tuple[str, Kind], ...] = (
    ("vtest_480x360.avi", "person"),
    ("tud_campus_25.mp4", "person"),
    ("intel_one-by-one-person-detection.mp4", "person"),
    ("sobral_vehicle_counting.avi", "vehicle"),
    ("cdnet_highway.mp4", "vehicle"),
    ("intel_car-detection.mp4", "vehicle"),
    ("traffic_cameras/625_201707211410.mp4", "vehicle"),
    ("traffic_cameras/625_201707221316.mp4", "vehicle"),
    ("traffic_cameras/625_201708101101.mp4", "vehicle"),
    ("traffic_cameras/625_201708311636.mp4", "vehicle"),
)
FRAMES = 500
EVERY = 5
MOST_PICTURES = 60
WAYS: tuple[tuple[str, int], ...] = (("alone", 1), ("2x2", 2), ("3x3", 3), ("4x4", 4))


class _Shown:
    """A picture in memory; see :class:`analytics.model.Picture`."""

    def __init__(self, picture: Bgr) -> None:
        self._picture = picture

    def bgr(self) -> Bgr:
        return self._picture


@dataclass(frozen=True, slots=True, eq=False)
class Moving:
    """One picture, what all moving things in it are, and where the tracker has them."""

    picture: Bgr
    kind: Kind
    boxes_px: tuple[Box, ...]


def measure() -> list[Figure]:
    """Right, wrong and no answers of each model, whole pictures beside cells of several sizes."""
    if not DATA.is_dir():
        return []
    cv2.setNumThreads(1)
    shown = [m for clip, kind in CLIPS for m in _moving(DATA / "video" / clip, kind)]
    figures: list[Figure] = []
    for name in MODELS:
        model = open_model(read(DATA / "models" / name), name)
        for way, tally, runs in _ways(model, shown):
            figures += [
                Figure("detect", f"{name} {way}", what, float(tally[what]), "regions")
                for what in ("right", "wrong", "none")
            ]
            figures.append(Figure("detect", f"{name} {way}", "runs", float(runs), "runs"))
    return figures


def _moving(path: Path, kind: Kind) -> Iterator[Moving]:
    """Pictures with confirmed tracks seen in them, found without any model."""
    clip = cv2.VideoCapture(str(path))
    fps = clip.get(cv2.CAP_PROP_FPS) or 10.0
    motion, given = MotionDetector(), 0
    tracker: Tracker | None = None
    for i in range(FRAMES):
        done, raw = clip.read()
        if not done:
            return
        picture = np.asarray(raw, np.uint8)
        height, width = picture.shape[:2]
        if tracker is None:
            tracker = Tracker(width, height)
        gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
        if width > 480:
            size = (480, round(height * 480 / width))
            gray = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=i / fps)
        seen = motion.detect(
            Frame(1, 1, at, gray, width, height, 0.0, _Shown(picture)), tracker.boxes_px()
        )
        tracked = tracker.update(seen.detections, at.timestamp(), seen.blind)
        boxes = tuple(view.box_px for view in tracked.alive if view.seen)
        if boxes and i % EVERY == 0 and given < MOST_PICTURES:
            given += 1
            yield Moving(picture, kind, boxes)


def _ways(model: Model, shown: Sequence[Moving]) -> Iterator[tuple[str, Counter[str], int]]:
    size_px = (model.facts.width_px, model.facts.height_px)
    tally: Counter[str] = Counter()
    for one in shown:
        canvas, fit = letterbox(one.picture, size_px)
        whole = [mosaic.Region(one.picture, 0, 0, box) for box in one.boxes_px]
        fits = (Fit(fit.scale),) * len(whole)
        answers = mosaic.Canvas(canvas, tuple(whole), fits).answers(model.find([canvas])[0])
        tally.update(_judged(model, one.kind, a) for a in answers)
    yield "whole", tally, len(shown)
    asked = [(m.kind, r) for m in shown for b in m.boxes_px if (r := mosaic.region(m.picture, b))]
    order = np.random.default_rng(0).permutation(len(asked)).tolist()
    mixed = [asked[i] for i in order]  # as when many cameras ask
    for way, side in WAYS:
        tally = Counter()
        canvases = mosaic.lay([r for _, r in mixed], size_px, side)
        place = 0
        for laid in canvases:
            for answer in laid.answers(model.find([laid.picture])[0]):
                tally[_judged(model, mixed[place][0], answer)] += 1
                place += 1
        yield way, tally, len(canvases)


def _judged(model: Model, kind: Kind, answer: mosaic.Seen | None) -> str:
    if answer is None:
        return "none"
    return "right" if kind_of(model.facts.classes[answer.index]) == kind else "wrong"
