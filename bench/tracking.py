"""What the tracker costs, and how well it keeps identities, against a plain SORT on the same boxes.

``tracker_cost`` runs on made scenes of 1, 10, 50 and 200 things; ``identities`` on sequences with known truth, by
py-motmetrics.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator
from uuid import UUID

import motmetrics
import numpy as np
from numpy.typing import NDArray

from analytics.boxes import iou_of
from analytics.detect.asking import FIRST_EVERY_S
from analytics.model import Detections
from analytics.plane import GroundPlane
from analytics.track import Tracked, Tracker
from bench.report import Figure
from bench.scenes import render
from bench.sequences import Sequence, Sight, made, own, tud_campus
from bench.sort_baseline import Sort
from demo.cameras.conditions import Condition
from gis.ground import GroundCamera
from gis.model import LonLat, Pose

Floats = NDArray[np.float64]
Ways = dict[int | UUID, dict[int, Floats]]
"""Each track's boxes by frame."""

OBJECTS = (1, 10, 50, 200)
FRAMES, SKIPPED, RUNS = 150, 30, 5
FPS = 12.5
PICTURE = (1920, 1080)
POSE = Pose(LonLat(120.98, 31.38), height_m=9.0, yaw_deg=20.0, pitch_deg=-28.0, hfov_deg=80.0)
SCENE_S = 20.0
MADE: tuple[tuple[str, Condition], ...] = (("cam-people-dongmen", "sun"), ("cam-square", "sun"))
OWN: tuple[tuple[str, Condition], ...] = (("cam-people-dongmen", "sun"), ("cam-school", "sun"))
OVERLAP, IGNORED = 0.5, 0.3
"""Intersection over union that makes a pair, and with what counts for nothing."""


def tracker_cost() -> list[Figure]:
    """Processor time a frame, in milliseconds: the median of the quickest of several runs, and the least of all."""
    figures = []
    for n in OBJECTS:
        for case, plane in (("picture", False), ("ground", True)):
            median_ms, least_ms = _cost_ms(n, plane)
            name = f"{n} objects, {case}"
            figures.append(Figure("tracker", name, "cost", median_ms, "ms/frame"))
            figures.append(Figure("tracker", name, "cost at best", least_ms, "ms/frame"))
    return figures


def crowd(n: int, frames: int, fps: float = FPS) -> Iterator[Detections]:
    """Things spread over a picture, each going its own way and turning back at its cell's border; one in twenty is not
    seen at a frame."""
    rng = np.random.default_rng(1)
    grid = np.arange(n)
    home = np.stack([grid % 20 * 95.0 + 40, grid // 20 * 95.0 + 90], axis=1)
    phase, way = rng.uniform(0, 6.28, (2, n))
    size = np.tile([28.0, 64.0], (n, 1))
    for i in range(frames):
        swing = 45.0 * np.sin(phase + 0.8 * i / fps)
        foot = home + np.stack([swing * np.cos(way), swing * np.sin(way)], axis=1)
        left_top = foot - size * (0.5, 1.0) + rng.normal(0, 0.7, (n, 2))
        boxes = np.concatenate([left_top, size], axis=1)[rng.random(n) > 0.05]
        yield Detections(boxes.astype(np.float32), np.ones(len(boxes), np.float32))


def _cost_ms(n: int, ground: bool) -> tuple[float, float]:
    took = [_run_ms(n, ground) for _ in range(RUNS)]
    return min(median for median, _ in took), min(least for _, least in took)


def _run_ms(n: int, ground: bool) -> tuple[float, float]:
    plane = None
    if ground:
        plane = GroundPlane(GroundCamera(POSE, *PICTURE))
    tracker, spent_s = Tracker(*PICTURE, plane), []
    for i, seen in enumerate(crowd(n, FRAMES)):
        began_s = time.thread_time()
        tracker.update(seen, i / FPS)
        spent_s.append(time.thread_time() - began_s)
    spent = np.array(spent_s[SKIPPED:]) * 1000
    return float(np.median(spent)), float(spent.min())


def sequences() -> list[Sequence]:
    """All that identities are measured on."""
    found = [tud_campus()]
    for camera, condition in MADE:
        found.append(made(render(camera, condition, SCENE_S, seed=3)))
    for camera, condition in OWN:
        found.append(own(render(camera, condition, SCENE_S, seed=3)))
    return [each for each in found if each is not None]


def identities(on: Iterable[Sequence] | None = None) -> list[Figure]:
    """IDF1, MOTA and identity switches on sequences with truth (all of them), ours beside the plain SORT's.

    ``live`` is what a tracker says at each frame; ``stored`` what is known in the end, with what came before a track
    was confirmed and with straight lines over the frames at which it was not seen, for both. Where a detector says how
    sure it is, ours asks it about what was seen.
    """
    figures = []
    for each in sequences() if on is None else on:
        for case, stored in (("live", False), ("stored", True)):
            ours = score(each, ours_shows(each, stored))
            sort = score(each, sort_shows(each, stored))
            for metric, unit in (("IDF1", ""), ("MOTA", ""), ("switches", "count")):
                value, base = ours[metric], sort[metric]
                ratio = value / base if base > 0 else None
                figures.append(
                    Figure("identities", f"{each.name}, {case}", metric, value, unit, base, ratio)
                )
    return figures


def ours_shows(sequence: Sequence, stored: bool) -> Ways:
    """What this project's tracker makes of it."""
    tracker, ways = Tracker(*sequence.picture, sequence.plane()), Ways()
    frames = {round(sight.at_s, 3): i for i, sight in enumerate(sequence.sights)}
    asked: dict[UUID, float] = {}
    for i, sight in enumerate(sequence.sights):
        boxes = sight.boxes.astype(np.float32)
        seen = Detections(boxes, np.ones(len(boxes), np.float32))
        out = tracker.update(seen, sight.at_s, sight.blind, sight.gray)
        if sight.sure is not None:
            _ask(tracker, sight, out, asked)
        for view in out.alive:
            if view.seen:
                ways.setdefault(view.uid, {})[i] = np.array(view.box_px)
            for then_s, box in view.history if stored else ():
                ways.setdefault(view.uid, {})[frames[round(then_s, 3)]] = np.array(box)
    return _joined(ways) if stored else ways


def _ask(tracker: Tracker, sight: Sight, out: Tracked, asked: dict[UUID, float]) -> None:
    """Asks the detector that found the boxes about all that was seen, as the pipeline asks a model, and no more often: its
    word counts from the next frame on. ``asked``: when about whom."""
    assert sight.sure is not None
    seen = [(view.uid, view.box_px) for view in out.alive if view.seen]
    seen += [(one.uid, one.box_px) for one in tracker.doubtful() if one.due]
    for uid, box in seen:
        if sight.at_s - asked.get(uid, -1e9) >= FIRST_EVERY_S:
            asked[uid] = sight.at_s
            overlap = iou_of(np.tile(box, (len(sight.boxes), 1)), sight.boxes)
            tracker.vouch(uid, float(sight.sure[overlap.argmax()]))


def sort_shows(sequence: Sequence, stored: bool) -> Ways:
    """What SORT makes of it."""
    sort, ways = Sort(), Ways()
    for i, sight in enumerate(sequence.sights):
        for number, box in sort.update(sight.boxes):
            ways.setdefault(number, {})[i] = box
    return _joined(ways) if stored else ways


def _joined(ways: Ways) -> Ways:
    """Straight lines where nothing was seen."""
    for way in ways.values():
        for before, after in itertools.pairwise(sorted(way)):
            for frame in range(before + 1, after):
                share = (frame - before) / (after - before)
                way[frame] = way[before] + share * (way[after] - way[before])
    return ways


def score(sequence: Sequence, ways: Ways) -> dict[str, float]:
    """IDF1 and MOTA (1 is perfect) and identity switches; a pair needs an overlap of one half."""
    events = motmetrics.MOTAccumulator(auto_id=True)
    numbers: dict[str, int] = {}
    for i, sight in enumerate(sequence.sights):
        found = [(n, way[i]) for n, way in enumerate(ways.values()) if i in way]
        boxes = np.array([box for _, box in found]).reshape(-1, 4)
        overlap = _overlaps(sight.truth, boxes)
        of_none = overlap.max(axis=0, initial=0.0) < OVERLAP
        counts = ~(of_none & (_overlaps(sight.ignored, boxes).max(axis=0, initial=0.0) > IGNORED))
        away = 1.0 - overlap[:, counts]
        away[away > 1.0 - OVERLAP] = np.nan
        events.update(
            [numbers.setdefault(who, len(numbers)) for who in sight.ids],
            [n for (n, _), one in zip(found, counts, strict=True) if one],
            away,
        )
    row = (
        motmetrics.metrics.create()
        .compute(events, metrics=["idf1", "mota", "num_switches"])
        .iloc[0]
    )
    return {
        "IDF1": float(row["idf1"]),
        "MOTA": float(row["mota"]),
        "switches": float(row["num_switches"]),
    }


def _overlaps(a: Floats, b: Floats) -> Floats:
    """``(len(a), len(b))``: intersection over union."""
    i, j = np.divmod(np.arange(len(a) * len(b)), max(1, len(b)))
    return iou_of(a[i], b[j]).reshape(len(a), len(b))
