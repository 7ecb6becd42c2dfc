"""Arithmetic with many boxes at once: left, top, width, height in ``(n, 4)`` arrays of picture pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

BORDER_SHARE = 0.012
"""Of the picture's width or height: a box this near to the border is cut by it."""
SWEPT_FROM = 6000
"""Fewer pairs are compared all at once."""
_FOOT = np.array([0.5, 1.0])
"""Of a box's size, where its foot is from its left top corner."""


def feet_of(boxes: Floats) -> Floats:
    feet: Floats = boxes[:, :2] + boxes[:, 2:] * _FOOT
    return feet


def edges_of(boxes: Floats) -> Floats:
    """``(n, 4)``: left, top, right, bottom."""
    edges = boxes.copy()
    edges[:, 2:] += boxes[:, :2]
    return edges


def union(boxes: Floats) -> Floats:
    """``(4,)``: the box around all of them."""
    low, high = boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
    return np.concatenate([low, high - low])


def inside(boxes: Floats, around: Floats) -> Floats:
    """``boxes`` moved the least so that each lies within that of ``around`` in the same row, in the middle of one that
    is smaller; their sizes stay."""
    room = around[:, 2:] - boxes[:, 2:]
    low = around[:, :2] + np.minimum(room, 0.0) / 2
    high = around[:, :2] + np.maximum(room, room / 2)
    return np.concatenate([np.clip(boxes[:, :2], low, high), boxes[:, 2:]], axis=1)


def cut_by_border(boxes: Floats, picture: tuple[int, int]) -> NDArray[np.bool_]:
    """``(n,)``: whether a box reaches the border of a picture of this width and height."""
    width, height = picture
    end = boxes[:, :2] + boxes[:, 2:]
    cut: NDArray[np.bool_] = boxes[:, 0] <= BORDER_SHARE * width
    cut |= boxes[:, 1] <= BORDER_SHARE * height
    cut |= end[:, 0] >= (1 - BORDER_SHARE) * width
    cut |= end[:, 1] >= (1 - BORDER_SHARE) * height
    return cut


def boxes_at(feet: Floats, sizes: Floats) -> Floats:
    boxes = np.empty((len(feet), 4))
    boxes[:, :2] = feet - sizes * _FOOT
    boxes[:, 2:] = sizes
    return boxes


def grown(boxes: Floats, factor: float) -> Floats:
    extra = boxes[:, 2:] * (factor - 1.0)
    return np.concatenate([boxes[:, :2] - extra / 2, boxes[:, 2:] + extra], axis=1)


def near(a: Floats, b: Floats) -> tuple[Indices, Indices]:
    """The pairs of ``a`` and ``b`` that touch: an index into each, in step. All that follows works on these alone.

    Many boxes are swept from left to right, so that those far to the side are never compared.
    """
    if len(a) * len(b) > SWEPT_FROM:
        return _swept(a, b)
    a_end, b_end = a[:, :2] + a[:, 2:], b[:, :2] + b[:, 2:]
    touch = a[:, 0, None] <= b_end[:, 0]
    touch &= a_end[:, 0, None] >= b[:, 0]
    touch &= a[:, 1, None] <= b_end[:, 1]
    touch &= a_end[:, 1, None] >= b[:, 1]
    first, second = touch.nonzero()
    return first, second


def _swept(a: Floats, b: Floats) -> tuple[Indices, Indices]:
    order = np.argsort(b[:, 0])
    left = b[order, 0]
    # Whatever begins further left than the widest of them reaches is past.
    begin = np.searchsorted(left, a[:, 0] - b[:, 2].max())
    end = np.searchsorted(left, a[:, 0] + a[:, 2], side="right")
    many = end - begin
    first = np.repeat(np.arange(len(a)), many)
    second = order[np.arange(len(first)) - np.repeat(np.cumsum(many) - many - begin, many)]
    one, other = a[first], b[second]
    touch = one[:, 0] <= other[:, 0] + other[:, 2]
    touch &= one[:, 1] <= other[:, 1] + other[:, 3]
    touch &= one[:, 1] + one[:, 3] >= other[:, 1]
    return first[touch], second[touch]


def shared_of(a: Floats, b: Floats) -> Floats:
    """``(n,)``: the area that each of ``a`` shares with that of ``b`` in the same row."""
    high = np.minimum(a[:, :2] + a[:, 2:], b[:, :2] + b[:, 2:])
    high -= np.maximum(a[:, :2], b[:, :2])
    np.maximum(high, 0.0, out=high)
    area: Floats = high[:, 0] * high[:, 1]
    return area


def iou_of(a: Floats, b: Floats) -> Floats:
    """``(n,)``: shared over joint area, row by row."""
    shared = shared_of(a, b)
    total = a[:, 2] * a[:, 3] + b[:, 2] * b[:, 3] - shared
    out: Floats = shared / np.maximum(total, 1e-9)
    return out


def share_of(a: Floats, b: Floats) -> Floats:
    """``(n,)``: the share of each of ``a`` that lies within that of ``b`` in the same row."""
    out: Floats = shared_of(a, b) / np.maximum(a[:, 2] * a[:, 3], 1e-9)
    return out


def shares(a: Floats, b: Floats) -> Floats:
    """``(len(a), len(b))``: the share of each of ``a`` that lies within each of ``b``."""
    out = np.zeros((len(a), len(b)))
    first, second = near(a, b)
    out[first, second] = share_of(a[first], b[second])
    return out
