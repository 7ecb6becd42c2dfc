"""Arithmetic with many boxes at once: left, top, width, height in ``(n, 4)`` arrays of picture pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BORDER_SHARE = 0.012
"""Of the picture's width or height: a box this near to the border is cut by it."""
JITTER_WEIGHT = 4.0
"""How many sights the belief in an edge's jitter is worth."""


def way(
    t_s: Floats, boxes: Floats, picture: tuple[int, int], jitter_px: float
) -> tuple[float, float, bool]:
    """How far a thing moved as a whole (px), how sure that is (standard errors), and whether it is cut.

    A straight line is laid through the way of each edge of ``boxes``, ``(n, 4)``. Along each axis the slower of
    the two edges counts, so that growing alone is no movement. An edge on the picture's border is not the
    thing's own: then the other one tells alone.
    """
    n = len(t_s)
    since = t_s - t_s.mean()
    spread = float(since @ since)
    edges = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)
    offset = edges - edges.mean(axis=0)
    slope = since @ offset / spread
    rest = offset - since[:, None] * slope
    variance = ((rest * rest).sum(axis=0) + JITTER_WEIGHT * jitter_px**2) / (n - 2 + JITTER_WEIGHT)
    sureness = slope / np.sqrt(variance / spread)
    gone2, sure2, any_cut = 0.0, 0.0, False
    for axis in (0, 1):
        border = BORDER_SHARE * picture[axis]
        cut_low = bool(edges[:, axis].min() <= border)
        cut_high = bool(edges[:, axis + 2].max() >= picture[axis] - border)
        any_cut = any_cut or cut_low or cut_high
        own = [e for e, cut in ((axis, cut_low), (axis + 2, cut_high)) if not cut]
        if not own or slope[own].min() * slope[own].max() <= 0:
            continue
        gone2 += float(np.abs(slope[own]).min() * (t_s[-1] - t_s[0])) ** 2
        sure2 += float(np.abs(sureness[own]).min()) ** 2
    return float(np.sqrt(gone2)), float(np.sqrt(sure2)), any_cut


def feet_of(boxes: Floats) -> Floats:
    return np.stack([boxes[:, 0] + boxes[:, 2] / 2, boxes[:, 1] + boxes[:, 3]], axis=1)


def boxes_at(feet: Floats, sizes: Floats) -> Floats:
    return np.concatenate([feet - sizes * np.array([0.5, 1.0]), sizes], axis=1)


def grown(boxes: Floats, factor: float) -> Floats:
    extra = boxes[:, 2:] * (factor - 1.0)
    return np.concatenate([boxes[:, :2] - extra / 2, boxes[:, 2:] + extra], axis=1)


def overlap(a: Floats, b: Floats) -> Floats:
    """``(len(a), len(b))``: the area shared by each pair. Axis by axis: a third axis in the arrays costs thrice."""
    area: Floats | None = None
    for axis in (0, 1):
        high = np.minimum.outer(a[:, axis] + a[:, axis + 2], b[:, axis] + b[:, axis + 2])
        high -= np.maximum.outer(a[:, axis], b[:, axis])
        np.maximum(high, 0.0, out=high)
        area = high if area is None else np.multiply(area, high, out=area)
    assert area is not None
    return area


def iou(a: Floats, b: Floats) -> Floats:
    shared = overlap(a, b)
    total = np.add.outer(a[:, 2] * a[:, 3], b[:, 2] * b[:, 3]) - shared
    iou: Floats = shared / np.maximum(total, 1e-9)
    return iou


def shares(a: Floats, b: Floats) -> Floats:
    """``(len(a), len(b))``: the share of each of ``a`` that lies within each of ``b``."""
    shares: Floats = overlap(a, b) / np.maximum(a[:, 2:].prod(axis=1), 1e-9)[:, None]
    return shares
