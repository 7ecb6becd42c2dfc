"""Arithmetic that the families share: where a model looks, boxes of distances, one box per thing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analytics.detect.model import Found
from analytics.model import Floats

NMS_IOU = 0.5
MOST_CANDIDATES = 300
OTHER_CLASS_IOU = 0.8
"""Boxes of different classes this much alike are one thing; the surer name stays."""


@lru_cache(maxsize=16)
def grid(size_px: tuple[int, int], strides: tuple[int, ...]) -> tuple[Floats, Floats]:
    """``(n, 2)`` columns and rows of all cells, stride by stride, row by row; and ``(n,)`` strides in pixels."""
    places, steps = [], []
    for stride in strides:
        across, down = -(-size_px[0] // stride), -(-size_px[1] // stride)
        y, x = np.divmod(np.arange(across * down, dtype=np.float32), np.float32(across))
        places.append(np.stack([x, y], axis=1))
        steps.append(np.full(across * down, stride, np.float32))
    return np.concatenate(places), np.concatenate(steps)


def from_distances(distances: Floats, centres: Floats, strides: Floats) -> Floats:
    """Boxes of generalised focal loss heads (Li et al. 2020).

    ``distances`` is ``(n, 4 × bins)``: for left, top, right, bottom the logits of being 0, 1, … strides away from
    ``centres``, ``(n, 2)`` pixels; the expected distance counts. Returns ``(n, 4)`` left, top, width, height.
    """
    logits = distances.reshape(len(distances), 4, distances.shape[1] // 4)
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    away = weights @ np.arange(logits.shape[2], dtype=np.float32) * strides[:, None]
    boxes = np.concatenate([centres - away[:, :2], away[:, :2] + away[:, 2:]], axis=1)
    return np.asarray(boxes, np.float32)


def best(boxes: Floats, classes: NDArray[np.intp], confidence: Floats) -> Found:
    """One box per thing (non-maximum suppression): of overlapping boxes of a class the surest stays.

    ``boxes`` is ``(n, 4)`` left, top, width, height. Boxes without an area or with values that are no numbers go.
    """
    sound = (
        np.isfinite(boxes).all(axis=1) & (boxes[:, 2:] > 0).all(axis=1) & np.isfinite(confidence)
    )
    order = np.flatnonzero(sound)[np.argsort(-confidence[sound], kind="stable")][:MOST_CANDIDATES]
    boxes, classes, confidence = boxes[order], classes[order], confidence[order]
    if len(order) > 1:
        low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
        shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
        shared = np.maximum(shared, 0.0).prod(axis=2)
        area = boxes[:, 2:].prod(axis=1)
        overlap = shared / (area[:, None] + area - shared)
        same = classes[:, None] == classes
        rivals = overlap > np.where(same, NMS_IOU, OTHER_CLASS_IOU)
        kept = np.ones(len(order), bool)
        for i in range(len(order)):
            if kept[i]:
                kept[i + 1 :] &= ~rivals[i, i + 1 :]
        boxes, classes, confidence = boxes[kept], classes[kept], confidence[kept]
    confidence = np.clip(confidence, 0.0, 1.0)
    return Found(boxes.astype(np.float32), classes.astype(np.intp), confidence.astype(np.float32))


def stacked(pictures: Sequence[NDArray[np.uint8]]) -> Floats:
    """``(batch, 3, height, width)`` float32 of pictures of one size, colours in their order, 0..255."""
    return np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2), dtype=np.float32)
