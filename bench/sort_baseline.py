"""A plain SORT to measure against: a Kalman filter per box and the Hungarian method on overlap, nothing else.

Written after Bewley, Ge, Ott, Ramos and Upcroft, "Simple online and realtime tracking", ICIP 2016, with the values
given there: the state is the box's middle, area and aspect with the rates of the first three; a pair needs an
intersection over union of 0.3; a track is shown after three hits in a row and ends after one miss.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Floats = NDArray[np.float64]

IOU_LEAST = 0.3
MAX_AGE = 1
MIN_HITS = 3

_MOVE = np.eye(7)
_MOVE[0, 4] = _MOVE[1, 5] = _MOVE[2, 6] = 1.0
_SEE = np.eye(4, 7)
_DRIVE = np.diag([1, 1, 1, 1, 0.01, 0.01, 0.0001])
_NOISE = np.diag([1.0, 1, 10, 10])


class _Track:
    def __init__(self, number: int, box: Floats) -> None:
        self.number = number
        self.state = np.concatenate([_seen(box), np.zeros(3)])
        self.cov = np.diag([10.0, 10, 10, 10, 1e4, 1e4, 1e4])
        self.streak = 0
        self.unseen = 0

    def predict(self) -> Floats:
        if self.state[2] + self.state[6] <= 0:
            self.state[6] = 0.0
        self.state = _MOVE @ self.state
        self.cov = _MOVE @ self.cov @ _MOVE.T + _DRIVE
        if self.unseen > 0:
            self.streak = 0
        self.unseen += 1
        return self.box()

    def correct(self, box: Floats) -> None:
        self.unseen = 0
        self.streak += 1
        gain = self.cov @ _SEE.T @ np.linalg.inv(_SEE @ self.cov @ _SEE.T + _NOISE)
        self.state = self.state + gain @ (_seen(box) - _SEE @ self.state)
        self.cov = (np.eye(7) - gain @ _SEE) @ self.cov

    def box(self) -> Floats:
        x, y, area, aspect = self.state[:4]
        w = np.sqrt(max(area * aspect, 1e-9))
        h = area / w
        return np.array([x - w / 2, y - h / 2, w, h])


class Sort:
    """One sequence's tracks. Boxes are ``(n, 4)``: left, top, width, height."""

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._frames = 0
        self._numbers = 0

    def update(self, boxes: Floats) -> list[tuple[int, Floats]]:
        """The numbers and boxes shown at this frame."""
        self._frames += 1
        predicted = [track.predict() for track in self._tracks]
        self._tracks = [
            t for t, box in zip(self._tracks, predicted, strict=True) if np.isfinite(box).all()
        ]
        predicted = [box for box in predicted if np.isfinite(box).all()]
        taken: set[int] = set()
        if predicted and len(boxes):
            overlap = _iou(boxes, np.array(predicted))
            for i, j in zip(*linear_sum_assignment(-overlap), strict=True):
                if overlap[i, j] >= IOU_LEAST:
                    self._tracks[j].correct(boxes[i])
                    taken.add(int(i))
        for i in range(len(boxes)):
            if i not in taken:
                self._numbers += 1
                self._tracks.append(_Track(self._numbers, boxes[i]))
        shown = [
            (t.number, t.box())
            for t in self._tracks
            if t.unseen < 1 and (t.streak >= MIN_HITS or self._frames <= MIN_HITS)
        ]
        self._tracks = [t for t in self._tracks if t.unseen <= MAX_AGE]
        return shown


def _seen(box: Floats) -> Floats:
    return np.array([box[0] + box[2] / 2, box[1] + box[3] / 2, box[2] * box[3], box[2] / box[3]])


def _iou(a: Floats, b: Floats) -> Floats:
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, :2] + a[:, None, 2:], b[None, :, :2] + b[None, :, 2:])
    shared = np.maximum(high - low, 0.0).prod(axis=2)
    out: Floats = shared / (a[:, 2:].prod(axis=1)[:, None] + b[:, 2:].prod(axis=1) - shared)
    return out
