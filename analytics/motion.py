"""Moving things as boxes: the background's mask cut into blobs, fragments joined, shadows and ghosts put aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2 as opencv
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from analytics.background import ABSORB_S, STILL_S, Background, Rect
from analytics.model import Detections, Frame, Gray

cv2: Any = opencv  # its stubs leave out scalar operands, which its arithmetic takes

MIN_AREA_PX = 18
"""Analysis pixels; at 480 wide about a person at 70 m with a usual lens."""
MAX_BLOBS = 250
TOP_SHARE = 0.03
"""What does not reach below this share of the picture is no thing on the ground: it is text, or a tree's top."""
SHADOW_RATIO = (0.45, 0.95)
SHADOW_ROUGHNESS = 0.0025
"""A shadow dims evenly: the variance of the dimming over 5×5 pixels stays below this."""
SHADOW_NOISE_LEVELS = 5.0
SHADOW_SHARE = (0.08, 0.7)
SHADOW_ALONE = 0.9
_STILL_EVERY = 4
HELD_MARGIN_PX = 3


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """What moved in one frame. ``blind``: the whole picture changed, so nothing can be said."""

    detections: Detections
    blind: bool


class MotionDetector:
    """Finds moving things in the frames of one camera, fed in order. A frame of another size starts afresh."""

    def __init__(self) -> None:
        self._background: Background | None = None
        self._last_s: float | None = None
        self._frames = 0

    def detect(self, frame: Frame, held_px: NDArray[np.float32]) -> Motion:
        """``held_px`` is ``(k, 4)``: boxes of the things known, in picture pixels, kept out of the background."""
        gray = frame.gray
        if self._background is None or self._background.shape != gray.shape:
            self._background = Background(*gray.shape)
            self._last_s = None
        now_s = frame.at.timestamp()
        dt_s = 0.1 if self._last_s is None else now_s - self._last_s
        self._last_s = now_s
        self._frames += 1
        held = [_clip(box / frame.scale, gray.shape, HELD_MARGIN_PX) for box in held_px]
        seen = self._background.apply(gray, dt_s, held)
        if seen.blind or not self._background.ready:
            return Motion(Detections.none(), seen.blind)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(
            seen.mask, connectivity=8, ltype=cv2.CV_16U
        )
        blobs = [
            i
            for i in range(1, count)
            if stats[i, cv2.CC_STAT_AREA] >= MIN_AREA_PX
            and stats[i, cv2.CC_STAT_TOP] + stats[i, cv2.CC_STAT_HEIGHT] > TOP_SHARE * gray.shape[0]
        ]
        if len(blobs) > MAX_BLOBS:
            return Motion(Detections.none(), blind=True)
        if self._frames % _STILL_EVERY == 0:
            blobs = [i for i in blobs if not self._settle(gray, labels, i, _rect(stats[i]))]
        if not blobs:
            return Motion(Detections.none(), blind=False)
        shadow = self._shadow(gray)
        tight = [(i, _tight(labels, i, _rect(stats[i]), shadow)) for i in blobs]
        kept = [(i, box) for i, box in tight if box is not None]
        if not kept:
            return Motion(Detections.none(), blind=False)
        boxes = np.array([box for _, box in kept], np.float32)
        areas = stats[[i for i, _ in kept], cv2.CC_STAT_AREA].astype(np.float32)
        boxes, areas = join_fragments(boxes, areas)
        fill = np.clip(areas / (boxes[:, 2] * boxes[:, 3]), 0.05, 1.0)
        large = boxes[:, 2] * boxes[:, 3] / (boxes[:, 2] * boxes[:, 3] + 60.0)
        confidence = np.sqrt(fill * large).astype(np.float32)
        return Motion(Detections(boxes * np.float32(frame.scale), confidence), blind=False)

    def _settle(self, gray: Gray, labels: NDArray[np.uint16], label: int, rect: Rect) -> bool:
        """Takes ghosts, and things that stood for very long, into the background."""
        assert self._background is not None
        still_s = self._background.still_s(labels, label, rect)
        if still_s < STILL_S:
            return False
        mask = np.where(labels == label, 255, 0).astype(np.uint8)
        if still_s < ABSORB_S and not self._background.is_ghost(gray, mask, rect):
            return False
        self._background.absorb(gray, mask, rect)
        return True

    def _shadow(self, gray: Gray) -> NDArray[np.bool_]:
        """True where the picture is an evenly dimmed background."""
        assert self._background is not None
        remembered = cv2.max(self._background.mean, 4.0)
        ratio = cv2.divide(cv2.blur(gray, (3, 3)).astype(np.float32), remembered)
        mean = cv2.blur(ratio, (5, 5))
        variance = cv2.blur(cv2.multiply(ratio, ratio), (5, 5)) - mean * mean
        # On dark ground the camera's noise alone makes the dimming rough.
        allowed = SHADOW_ROUGHNESS + np.square(SHADOW_NOISE_LEVELS / remembered)
        low, high = SHADOW_RATIO
        dim: NDArray[np.bool_] = (mean > low) & (mean < high) & (variance < allowed)
        return dim


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
    number, group = connected_components(csr_array(joined), directed=False)
    if number == len(boxes):
        return boxes, areas
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


def _tight(
    labels: NDArray[np.uint16], label: int, rect: Rect, shadow: NDArray[np.bool_]
) -> Rect | None:
    """The blob's box without its shadow, where it has one: where a good part, but not most, is evenly dimmed.

    None for what is flat and all dimmed: a shadow by itself, cut off from its thing by a pole or a trunk.
    """
    x, y, w, h = rect
    part = labels[y : y + h, x : x + w] == label
    dim = part & shadow[y : y + h, x : x + w]
    total = int(np.count_nonzero(part))
    share = np.count_nonzero(dim) / total
    if share > SHADOW_ALONE and h < 0.6 * w:
        return None
    low, high = SHADOW_SHARE
    if not low < share < high:
        return rect
    kept = part & ~dim
    # A column or row belongs to the thing when a fair share of what is left lies in it.
    columns = np.flatnonzero(kept.sum(axis=0) > 0.12 * h)
    rows = np.flatnonzero(kept.sum(axis=1) > 0.12 * w)
    if not len(columns) or not len(rows):
        return rect
    return (
        x + int(columns[0]),
        y + int(rows[0]),
        int(columns[-1] - columns[0]) + 1,
        int(rows[-1] - rows[0]) + 1,
    )


def _rect(stats: NDArray[np.int32]) -> Rect:
    return (
        int(stats[cv2.CC_STAT_LEFT]),
        int(stats[cv2.CC_STAT_TOP]),
        int(stats[cv2.CC_STAT_WIDTH]),
        int(stats[cv2.CC_STAT_HEIGHT]),
    )


def _clip(box: NDArray[np.float32], shape: tuple[int, ...], margin: int) -> Rect:
    left, top = max(0, int(box[0]) - margin), max(0, int(box[1]) - margin)
    right = min(shape[1], int(np.ceil(box[0] + box[2])) + margin)
    bottom = min(shape[0], int(np.ceil(box[1] + box[3])) + margin)
    return left, top, max(0, right - left), max(0, bottom - top)
