"""Moving things as boxes: the background's mask cut into blobs, fragments joined, shadows and ghosts put aside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analytics.background import ABSORB_S, MOVES, STILL_S, Background
from analytics.blobs import Blob, blobs_of, join_fragments
from analytics.exposure import night_share
from analytics.headlamps import lit, without_light
from analytics.model import Detections, Frame, Gray, Motion
from analytics.motion_index import COLUMNS, ROWS, mask_grid
from analytics.opencv import cv2
from analytics.planes import Rect, widened, window_of

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
SHADOW_MARGIN_PX = 3
LAMPS_FROM = 0.25
"""Share of night from which on headlamps light up the ground."""
LOOK_AREA_PX = 10.0
"""A changed spot of a quiet camera's picture that is worth waking up for."""
STIRS_SHARE = 0.3
"""Of a standing thing's box that may be otherwise than at the last look without its having gone anywhere."""
NOTHING_HELD: NDArray[np.float32] = np.empty((0, 4), np.float32)
IN_VAIN_MOST = 5.0
"""Where looks woke the camera in vain, the spot must be up to so many times larger; a person at 60 m still is."""
IN_VAIN_FADES = 0.97
_STILL_EVERY = 4
HELD_MARGIN_PX = 3


class MotionDetector:
    """Finds moving things in the frames of one camera, fed in order. A frame of another size starts afresh."""

    def __init__(self) -> None:
        self._background: Background | None = None
        self._last_s: float | None = None
        self._frames = 0
        self._vain = np.zeros((ROWS, COLUMNS), np.float32)
        self._woke: NDArray[np.float32] = np.zeros((ROWS, COLUMNS), np.float32)

    @property
    def ready(self) -> bool:
        """Whether it has seen enough to tell what moves."""
        return self._background is not None and self._background.ready

    def is_quiet(
        self, frame: Frame, held_px: NDArray[np.float32] = NOTHING_HELD, again: bool = False
    ) -> bool:
        """Whether the picture is as it was at the last frame of :meth:`detect`; learns nothing from it.

        ``held_px`` is ``(k, 4)``: things that stand there, in picture pixels. One that stirs within its own box, as who
        sits at a table does, is no news; one that leaves it, or that is replaced, is. ``again``: what woke is known
        already, this is another picture of the same disturbance.
        """
        background, gray = self._background, frame.gray
        if background is None or background.shape != gray.shape:
            return False
        seen = background.differs(gray)
        if seen.blind:
            return False
        if not again:
            self._vain *= IN_VAIN_FADES
            self._woke = np.zeros((ROWS, COLUMNS), np.float32)
        if not cv2.countNonZero(seen.mask):
            return True
        _, _, stats, centres = cv2.connectedComponentsWithStats(seen.mask, connectivity=8)
        rows = np.minimum(centres[1:, 1] * ROWS / gray.shape[0], ROWS - 1).astype(int)
        columns = np.minimum(centres[1:, 0] * COLUMNS / gray.shape[1], COLUMNS - 1).astype(int)
        needed = LOOK_AREA_PX * (1.0 + self._vain[rows, columns])
        lower = stats[1:, cv2.CC_STAT_TOP] + stats[1:, cv2.CC_STAT_HEIGHT]
        worth = (stats[1:, cv2.CC_STAT_AREA] >= needed) & (lower > TOP_SHARE * gray.shape[0])
        for x, y, w, h in (_clip(box / frame.scale, gray.shape, HELD_MARGIN_PX) for box in held_px):
            left, top = stats[1:, cv2.CC_STAT_LEFT], stats[1:, cv2.CC_STAT_TOP]
            right = left + stats[1:, cv2.CC_STAT_WIDTH]
            within = (left >= x) & (top >= y) & (right <= x + w) & (lower <= y + h)
            if stats[1:, cv2.CC_STAT_AREA][within].sum() <= STIRS_SHARE * w * h:
                worth &= ~within
        if not again:
            self._woke[rows[worth], columns[worth]] = 1.0
        return not worth.any()

    def was_in_vain(self) -> None:
        """What the last look found was followed by nothing: leaves, or light."""
        self._vain = np.minimum(self._vain + self._woke, IN_VAIN_MOST)

    def detect(self, frame: Frame, held_px: NDArray[np.float32], rare: bool = False) -> Motion:
        """``held_px`` is ``(k, 4)``: boxes of the things known, in picture pixels, kept out of the background.

        ``rare``: one of the few frames of a quiet camera.
        """
        gray = frame.gray
        if self._background is None or self._background.shape != gray.shape:
            self._background = Background(*gray.shape)
            self._last_s = None
        now_s = frame.at.timestamp()
        dt_s = 0.1 if self._last_s is None else now_s - self._last_s
        self._last_s = now_s
        self._frames += 1
        held = [_clip(box / frame.scale, gray.shape, HELD_MARGIN_PX) for box in held_px]
        seen = self._background.apply(gray, dt_s, held, rare)
        if seen.blind or not self._background.ready:
            return Motion(Detections.none(), seen.blind)
        lowest = TOP_SHARE * gray.shape[0]
        blobs = [
            blob
            for blob in blobs_of(seen.mask, seen.rect, MIN_AREA_PX)
            if blob.rect[1] + blob.rect[3] > lowest
        ]
        if len(blobs) > MAX_BLOBS:
            return Motion(Detections.none(), blind=True)
        if rare or self._frames % _STILL_EVERY == 0:
            blobs = [blob for blob in blobs if not self._settle(gray, blob)]
        if night_share(gray) > LAMPS_FROM:
            blobs = [piece for blob in blobs for piece in self._unlit(gray, blob)]
        tight = [(blob, self._tight(gray, blob)) for blob in blobs]
        kept = [(blob, box) for blob, box in tight if box is not None]
        if not kept:
            return Motion(Detections.none(), blind=False)
        boxes = np.array([box for _, box in kept], np.float32)
        areas = np.array([blob.area_px for blob, _ in kept], np.float32)
        boxes, areas = join_fragments(boxes, areas)
        fill = np.clip(areas / (boxes[:, 2] * boxes[:, 3]), 0.05, 1.0)
        large = boxes[:, 2] * boxes[:, 3] / (boxes[:, 2] * boxes[:, 3] + 60.0)
        confidence = np.sqrt(fill * large).astype(np.float32)
        stir = self._background.stir([blob for blob, _ in kept])
        moving = cv2.medianBlur(
            np.where(stir == MOVES, MOVES, np.uint8(0)), 3
        )  # lone pixels are left out
        return Motion(
            Detections(boxes * np.float32(frame.scale), confidence),
            blind=False,
            cells=mask_grid(moving),
            stir=stir,
        )

    def _settle(self, gray: Gray, blob: Blob) -> bool:
        """Takes ghosts, and things that stood for very long, into the background."""
        assert self._background is not None
        still_s = self._background.still_s(blob)
        if still_s < STILL_S:
            return False
        mask = np.zeros(gray.shape, np.uint8)
        mask[window_of(blob.rect)][blob.part] = 255
        if still_s < ABSORB_S and not self._background.is_ghost(gray, mask, blob.rect):
            return False
        self._background.absorb(gray, mask, blob.rect)
        return True

    def _tight(self, gray: Gray, blob: Blob) -> Rect | None:
        """The blob's box without its shadow, where it has one: where a good part, but not most, is evenly dimmed.

        None for what is flat and all dimmed: a shadow by itself, cut off from its thing by a pole or a trunk.
        """
        x, y, w, h = rect = blob.rect
        dim = blob.part & self._shadow(gray, rect)
        share = np.count_nonzero(dim) / blob.area_px
        if share > SHADOW_ALONE and h < 0.6 * w:
            return None
        low, high = SHADOW_SHARE
        if not low < share < high:
            return rect
        kept = blob.part & ~dim
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

    def _unlit(self, gray: Gray, blob: Blob) -> list[Blob]:
        """What is left of a blob without the ground in it that a headlamp lights up."""
        window, before, inner = self._around(gray, blob.rect)
        return without_light(blob, lit(gray[window], before)[inner], MIN_AREA_PX)

    def _around(
        self, gray: Gray, rect: Rect
    ) -> tuple[tuple[slice, slice], NDArray[np.float32], tuple[slice, slice]]:
        """A little more of the picture than ``rect``, what is remembered of that, and where in it ``rect`` is."""
        assert self._background is not None
        around = left, top, _, _ = widened(rect, SHADOW_MARGIN_PX, gray.shape)
        inner = window_of((rect[0] - left, rect[1] - top, rect[2], rect[3]))
        return window_of(around), self._background.mean(around), inner

    def _shadow(self, gray: Gray, rect: Rect) -> NDArray[np.bool_]:
        """True where the picture, within ``rect``, is an evenly dimmed background."""
        window, remembered, inner = self._around(gray, rect)
        np.maximum(remembered, np.float32(4.0), out=remembered)
        ratio = cv2.divide(cv2.blur(gray[window], (3, 3)).astype(np.float32), remembered)
        mean = cv2.blur(ratio, (5, 5))
        variance = cv2.blur(cv2.multiply(ratio, ratio), (5, 5)) - mean * mean
        # On dark ground the camera's noise alone makes the dimming rough.
        allowed = SHADOW_ROUGHNESS + np.square(SHADOW_NOISE_LEVELS / remembered)
        low, high = SHADOW_RATIO
        dim: NDArray[np.bool_] = (mean > low) & (mean < high) & (variance < allowed)
        return dim[inner]


def _clip(box: NDArray[np.float32], shape: tuple[int, ...], margin: int) -> Rect:
    left, top = max(0, int(box[0]) - margin), max(0, int(box[1]) - margin)
    right = min(shape[1], int(np.ceil(box[0] + box[2])) + margin)
    bottom = min(shape[0], int(np.ceil(box[1] + box[3])) + margin)
    return left, top, max(0, right - left), max(0, bottom - top)
