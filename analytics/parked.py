"""Things that stand for long: out of the assignment, looked at now and then by their picture, kept for hours.

A car that parks is taken into the background after a while and is then not detected any more. What says that it is
still there is the picture: the patch where it stands looks as it did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from analytics.boxes import iou_of, near, share_of
from analytics.model import Gray
from analytics.opencv import cv2

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
T = TypeVar("T")

CHECK_S = 1.0
CHECK_TOUCHED_S = 0.2
"""How often one is looked at: seldom, and often while something is detected that overlaps it."""
CHECKS_A_FRAME = 6
DOUBTS, DOUBTS_UNTOUCHED = 2, 10
"""So many checks in a row must find it changed; the second where nothing was detected on it meanwhile, for what drives away
moves: rain, dusk or a lamp alone change how it looks."""
CROP_PX = 40
LEAST_PX = 4
SHAKE_PX = 2
ALIKE = 0.7
FLAT_LEVELS = 6.0
FLAT_CHANGE = 10.0
"""A patch of less contrast than the first (standard deviation) is compared by its brightness."""
RENEW = 0.1
SOUGHT = 1.0
"""Of its size: so far around it is sought when its place looks different."""
FOUND = 0.75
ITSELF, SURELY_ITSELF = 0.6, 0.9
"""A box that overlaps so much (intersection over union) is the parked thing itself; below the second it may be leaving."""
HIDDEN = 0.15


@dataclass(slots=True, eq=False)
class Patch:
    """How a place looks: ``picture`` is at most 40×40, ``shrunk`` how many analysed pixels one of it is."""

    picture: Gray
    shrunk: float


@dataclass(slots=True, eq=False)
class Standing(Generic[T]):
    """One parked thing: whose it is, its box, since when it has stood, how it looks; ``touched``: whether anything was detected
    on it since it last looked so."""

    owner: T
    box_px: Box
    since_s: float
    patch: Patch
    checked_s: float
    doubts: int = 0
    touched: bool = False


class Parked(Generic[T]):
    """The parked things of one camera. ``scale`` is the camera's pixels per pixel of the analysed picture."""

    def __init__(self) -> None:
        self.things: list[Standing[T]] = []
        self._boxes = np.empty((0, 4))

    def __len__(self) -> int:
        return len(self.things)

    @property
    def boxes(self) -> Floats:
        """``(n, 4)`` in picture pixels."""
        return self._boxes

    def add(self, owner: T, box_px: Box, since_s: float, patch: Patch, now_s: float) -> None:
        """Takes a thing in."""
        self.things.append(Standing(owner, box_px, since_s, patch, now_s))
        self._list()

    def take(self, boxes: Floats) -> NDArray[np.bool_]:
        """``(len(boxes),)``: which of the detected boxes are parked things themselves."""
        itself = np.zeros(len(boxes), bool)
        if len(boxes) and self.things:
            box, thing = near(boxes, self._boxes)
            itself[box[iou_of(boxes[box], self._boxes[thing]) >= ITSELF]] = True
        return itself

    def changed(
        self, gray: Gray, scale: float, now_s: float, detected: Floats, moving: Floats
    ) -> list[tuple[Standing[T], Box]]:
        """The things that stand there no longer, with where they are seen now; they are parked no more.

        A thing whose place looks different and that is not found near by is given at its old place: whoever follows
        it will see whether it is there. ``detected`` are the boxes of this frame, ``moving`` those of known things: a place behind one of these says nothing.
        """
        if not self.things:
            return []
        touched = np.zeros(len(self.things), bool)
        which, by = near(self._boxes, detected)
        touched[which[iou_of(self._boxes[which], detected[by]) < SURELY_ITSELF]] = True
        for index in np.flatnonzero(touched).tolist():
            self.things[index].touched = True
        due = [
            thing
            for thing, often in zip(self.things, touched.tolist(), strict=True)
            if now_s - thing.checked_s >= (CHECK_TOUCHED_S if often else CHECK_S)
        ]
        due = sorted(due, key=lambda t: t.checked_s)[:CHECKS_A_FRAME]
        out: list[tuple[Standing[T], Box]] = []
        for thing in due:
            thing.checked_s = now_s
            here = np.array([thing.box_px])
            if len(moving) and share_of(np.repeat(here, len(moving), 0), moving).max() > HIDDEN:
                continue
            if still_there(thing.patch, gray, thing.box_px, scale):
                thing.doubts, thing.touched = 0, False
                continue
            thing.doubts += 1
            if thing.doubts >= (DOUBTS if thing.touched else DOUBTS_UNTOUCHED):
                out.append((thing, sought(thing.patch, gray, thing.box_px, scale) or thing.box_px))
        if out:
            gone = {id(thing) for thing, _ in out}
            self.things = [t for t in self.things if id(t) not in gone]
            self._list()
        return out

    def _list(self) -> None:
        self._boxes = np.array([t.box_px for t in self.things], np.float64).reshape(-1, 4)


def patch_of(gray: Gray, box_px: Box, scale: float) -> Patch | None:
    """How a box looks in the analysed picture; None where it is too small to be known again."""
    part = _cut(gray, box_px, scale)
    if part is None:
        return None
    shrunk = max(1.0, max(part.shape) / CROP_PX)
    return Patch(_small(part, shrunk), shrunk)


def still_there(patch: Patch, gray: Gray, box_px: Box, scale: float) -> bool:
    """Whether the place looks as the patch says; if so, the patch learns a little of how it looks now."""
    now = _cut(gray, box_px, scale)
    if now is None:
        return False
    here = _small(now, patch.shrunk)
    if here.shape != patch.picture.shape:
        return False
    if float(patch.picture.std()) < FLAT_LEVELS:
        same = float(cv2.absdiff(here, patch.picture).mean()) < FLAT_CHANGE
    else:
        wide = cv2.copyMakeBorder(here, *[SHAKE_PX] * 4, cv2.BORDER_REPLICATE)
        same = float(cv2.matchTemplate(wide, patch.picture, cv2.TM_CCOEFF_NORMED).max()) >= ALIKE
    if same:
        patch.picture = cv2.addWeighted(patch.picture, 1 - RENEW, here, RENEW, 0.0)
    return same


def sought(patch: Patch, gray: Gray, box_px: Box, scale: float) -> Box | None:
    """Where around its place the patch is seen now; None where it is not."""
    x, y, w, h = box_px
    reach = SOUGHT * max(w, h)
    left, top = max(0.0, x - reach), max(0.0, y - reach)
    wide = (left, top, x + w + reach - left, y + h + reach - top)
    part = _cut(gray, wide, scale)
    if part is None or float(patch.picture.std()) < FLAT_LEVELS:
        return None
    window = _small(part, patch.shrunk)
    if window.shape[0] < patch.picture.shape[0] or window.shape[1] < patch.picture.shape[1]:
        return None
    _, best, _, (column, row) = cv2.minMaxLoc(
        cv2.matchTemplate(window, patch.picture, cv2.TM_CCOEFF_NORMED)
    )
    if best < FOUND:
        return None
    step = patch.shrunk * scale
    return left + column * step, top + row * step, w, h


def _cut(gray: Gray, box_px: Box, scale: float) -> Gray | None:
    x, y, w, h = (v / scale for v in box_px)
    left, top = max(0, round(x)), max(0, round(y))
    right, bottom = min(gray.shape[1], round(x + w)), min(gray.shape[0], round(y + h))
    if right - left < LEAST_PX or bottom - top < LEAST_PX:
        return None
    part: Gray = gray[top:bottom, left:right]
    return part


def _small(part: Gray, shrunk: float) -> Gray:
    if shrunk <= 1.0:
        return part.copy()
    height, width = part.shape
    size = (max(1, round(width / shrunk)), max(1, round(height / shrunk)))
    small: Gray = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    return small
