"""How well the background model tells moving pixels from the rest, beside OpenCV's MOG2 and KNN, on clips with a truth for
every pixel. Counted as CDnet 2014 does: only inside the region of interest, unknown pixels left out, shadow is background."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.background import Background
from analytics.opencv import cv2

Gray = NDArray[np.uint8]
CLIPS = (
    ("cdnet_highway.mp4", "cdnet_highway_masks.npz", "motorway"),
    ("cdnet_fall_801_1600.mp4", "cdnet_fall_masks.npz", "restless leaves"),
)
FPS = 12.5
_KERNEL = np.ones((5, 5), np.uint8)


@dataclass(slots=True)
class Score:
    """Pixels counted."""

    hit: int = 0
    extra: int = 0
    missed: int = 0

    def add(self, got: NDArray[np.bool_], wanted: Gray, roi: Gray) -> None:
        """One judged picture: ``wanted`` holds CDnet's labels."""
        moving = wanted == 255
        judged = (roi > 0) & ((wanted == 0) | (wanted == 50) | moving)
        self.hit += int(np.count_nonzero(got & moving & judged))
        self.extra += int(np.count_nonzero(got & ~moving & judged))
        self.missed += int(np.count_nonzero(~got & moving & judged))

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0..1."""
        return 2 * self.hit / max(1, 2 * self.hit + self.extra + self.missed)


def pixel_f1(folder: Path) -> dict[str, dict[str, float]]:
    """By clip and by method, every second picture; clips that are not in ``folder`` are left out."""
    out: dict[str, dict[str, float]] = {}
    for clip, masks, name in CLIPS:
        if (folder / clip).exists() and (folder / masks).exists():
            out[name] = _clip(folder / clip, folder / masks)
    return out


def _clip(clip: Path, truth: Path) -> dict[str, float]:
    data = np.load(truth)
    masks, first, roi = data["masks"], int(data["first_frame_index"]), data["roi"]
    methods: dict[str, Callable[[Gray], Gray]] = {}
    scores: dict[str, Score] = {}
    for number, gray in _pictures(clip):
        if not methods:
            methods = _methods(gray.shape)
            scores = {name: Score() for name in methods}
        found = {name: apply(gray) for name, apply in methods.items()}
        if not 0 <= number - first < len(masks):
            continue
        wanted = masks[number - first]
        for name, mask in found.items():
            size = wanted.shape[::-1]
            got = cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST) > 127
            scores[name].add(got, wanted, roi)
    return {name: score.f1 for name, score in scores.items()}


def _pictures(clip: Path) -> Iterator[tuple[int, Gray]]:
    video = cv2.VideoCapture(str(clip))
    number = 0
    while video.grab():
        if number % 2 == 0:
            _, frame = video.retrieve()
            yield number, cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        number += 1


def _methods(shape: tuple[int, ...]) -> dict[str, Callable[[Gray], Gray]]:
    width = min(480, shape[1])
    height = round(shape[0] * width / shape[1])
    model = Background(height, width)
    mog2, knn = cv2.createBackgroundSubtractorMOG2(), cv2.createBackgroundSubtractorKNN()

    def ours(gray: Gray) -> Gray:
        small = cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA)
        return model.apply(small, 1 / FPS).mask

    def cleaned(other: Any) -> Callable[[Gray], Gray]:
        def apply(gray: Gray) -> Gray:
            moving = np.where(other.apply(gray) == 255, 255, 0).astype(np.uint8)
            solid: Gray = cv2.morphologyEx(cv2.medianBlur(moving, 5), cv2.MORPH_CLOSE, _KERNEL)
            return solid

        return apply

    return {"ours": ours, "MOG2": cleaned(mog2), "KNN": cleaned(knn)}
