"""A mask cut into blobs, and boxes of pieces joined. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.model import Gray
from analytics.opencv import cv2
from analytics.planes import Rect, window_of


@dataclass(frozen=True, slots=True, eq=False)
class Blob:
    """Pixels that touch each other. ``part`` is ``(h, w)`` of ``rect`` and marks them, ``area_px`` is how many."""

    rect: Rect
    part: NDArray[np.bool_]
    area_px: int


def blobs_of(mask: Gray, rect: Rect, least_px: int) -> list[Blob]:
    """The blobs of ``mask`` (above 0) within ``rect``, those of at least so many pixels.

    By their outlines, which costs a tenth of numbering all pixels of the picture.
    """
    if not rect[2]:
        return []
    part = mask[window_of(rect)]
    outlines, parents = cv2.findContours(
        part, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=rect[:2]
    )
    found: list[Blob] = []
    for number, outline in enumerate(outlines):
        if parents[0][number][3] >= 0:  # a hole
            continue
        box: Rect = cv2.boundingRect(outline)
        x, y, w, h = box
        if w * h < least_px:
            continue
        inside = np.zeros((h, w), np.uint8)
        cv2.drawContours(inside, [outline], 0, 1, cv2.FILLED, offset=(-x, -y))
        pixels = np.logical_and(inside, mask[y : y + h, x : x + w])
        area = int(np.count_nonzero(pixels))
        if area >= least_px:
            found.append(Blob(box, pixels, area))
    return found


def join_fragments(
    boxes: NDArray[np.float32], areas: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Joins pieces that stand over each other, as a head, a body and legs do when the body looks like the wall.

    ``boxes`` is ``(n, 4)`` left, top, width, height; two are joined when they share most of the narrower one's
    width and the gap between them is small against their heights. Returns the joined boxes and summed areas.
    """
    if len(boxes) < 2:
        return boxes, areas
    left, top = boxes[:, 0], boxes[:, 1]
    right, bottom = left + boxes[:, 2], top + boxes[:, 3]
    shared = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    gap = np.maximum(top[:, None], top) - np.minimum(bottom[:, None], bottom)
    narrow = np.minimum(boxes[:, 2][:, None], boxes[:, 2])
    small = np.minimum(boxes[:, 3][:, None], boxes[:, 3])
    tall = np.maximum(boxes[:, 3][:, None], boxes[:, 3])
    # Inside one another counts as one thing too.
    joined = (shared > 0.6 * narrow) & (gap < 0.35 * small + 0.1 * tall)
    if np.count_nonzero(joined) == len(boxes):  # each with itself alone
        return boxes, areas
    reached = joined | joined.T
    while not np.array_equal(further := reached @ reached, reached):
        reached = further
    firsts, group = np.unique(reached.argmax(axis=1), return_inverse=True)
    number = len(firsts)
    out = np.empty((number, 4), np.float32)
    for k in range(number):
        of = group == k
        out[k] = (
            left[of].min(),
            top[of].min(),
            right[of].max() - left[of].min(),
            bottom[of].max() - top[of].min(),
        )
    return out, np.bincount(group, weights=areas, minlength=number).astype(np.float32)
