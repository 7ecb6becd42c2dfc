"""What stands in an area and did not before, and what is gone that stood there. Pure.

Twice a second at most, on key frames alone as well, the area is held against a slow picture of itself. What differs and has
not changed for a while is a candidate; its outline says which it is: where a thing stands the edge is in the present picture,
where one left it is in the remembered one. A change of light that leaves the texture below as it was is neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analytics.model import Box, Frame, Gray, Point
from analytics.opencv import cv2

Floats32 = NDArray[np.float32]
Nature = Literal["thing", "gap"]

EVERY_S = 0.45
LEARN_LOOKS = 12
"""The median of so many first looks is the remembered picture: who passes then is not in it."""
FOLLOW_S = 30.0
LEAST_LEVELS = 14.0
NOISE_FACTOR = 4.0
STILL_LEVELS = 8.0
STILL_S = 2.0
"""So long must a difference have stood before it is looked at."""
LEAST_AREA_PX = 24
LEAST_SIDE_PX = 4
SLIVER = 5.0
"""What is longer than so many times its width is the edge of a thing that was pushed a little."""
JOIN_PX = 5
MOST_SHARE = 0.6
"""Of the area: with more of it changed the light or the camera has changed, and all is learnt anew."""
ANEW_S = 6.0
THING, GAP = 0.6, 0.4
"""Of the difference's edge that the present picture explains: above it a thing, below it a gap."""
SAME_TEXTURE = 0.75
ABSORB_S = 1800.0
LOST_S = 3.0
MARGIN = 0.08
"""The crop reaches so much of the picture beyond the area: things stand up out of it."""


@dataclass(slots=True, eq=False)
class Standing:
    """A candidate. ``box`` is normalised; ``since`` is when it stopped changing; ``seen_at`` when it was there last."""

    nature: Nature
    box: Box
    since: datetime
    seen_at: datetime
    edge: float
    told: bool = False

    @property
    def foot(self) -> Point:
        """The middle of its lower edge."""
        x, y, w, h = self.box
        return x + w / 2, y + h

    def stands_s(self, at: datetime) -> float:
        """For how long it has."""
        return (at - self.since).total_seconds()


class StandingThings:
    """One area's candidates. Feed frames in order; :attr:`all` are those that stand now, :attr:`gone` those that have gone."""

    def __init__(self, points: Sequence[Point]) -> None:
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        self._span = (
            max(0.0, min(xs) - MARGIN), max(0.0, min(ys) - 2 * MARGIN),
            min(1.0, max(xs) + MARGIN), min(1.0, max(ys) + MARGIN),
        )  # fmt: skip
        self._at: datetime | None = None
        self._shape: tuple[int, int] | None = None
        self._anew_s = 0.0
        self.all: list[Standing] = []
        self.gone: list[Standing] = []

    def update(self, frame: Frame, moving: Sequence[Box]) -> bool:
        """Takes a frame; False when it comes too soon after the last. ``moving`` are boxes of what moves, normalised: nothing
        is learnt there."""
        if self._at is not None and (frame.at - self._at).total_seconds() < EVERY_S:
            return False
        dt_s = EVERY_S if self._at is None else min(10.0, (frame.at - self._at).total_seconds())
        self._at = frame.at
        self.gone = []
        if self._shape != frame.gray.shape:
            self._begin(frame)
        left, top, right, bottom = self._window
        gray: Gray = np.asarray(cv2.blur(frame.gray[top:bottom, left:right], (3, 3)), np.uint8)
        if len(self._first) < LEARN_LOOKS:
            self._first.append(gray)
            if len(self._first) == LEARN_LOOKS:
                self._restart(np.median(np.stack(self._first), axis=0).astype(np.float32), gray)
            return True
        mask = self._differs(gray, dt_s)
        if np.count_nonzero(mask) > MOST_SHARE * mask.size:
            self._anew_s += dt_s
            if self._anew_s >= ANEW_S:
                self._restart(gray.astype(np.float32), gray)
                self.gone, self.all = self.all, []
            return True
        self._anew_s = 0.0
        still = np.where((mask > 0) & (self._still_s >= STILL_S), 255, 0).astype(np.uint8)
        still = cv2.morphologyEx(still, cv2.MORPH_CLOSE, np.ones((JOIN_PX, JOIN_PX), np.uint8))
        still = cv2.morphologyEx(still, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        found = self._candidates(gray, still, frame)
        self._follow(found, frame.at)
        self._learn(gray, mask, dt_s, moving)
        return True

    def _begin(self, frame: Frame) -> None:
        height, width = frame.gray.shape
        self._shape = (height, width)
        left, top, right, bottom = self._span
        self._window = (
            int(left * width), int(top * height), max(int(left * width) + 8, round(right * width)),
            max(int(top * height) + 8, round(bottom * height)),
        )  # fmt: skip
        self._first: list[Gray] = []
        self.gone, self.all = self.all, []

    def _restart(self, picture: Floats32, gray: Gray) -> None:
        self._then = picture
        self._last = gray
        self._noise = np.full(gray.shape, 2.0, np.float32)
        self._still_s = np.zeros(gray.shape, np.float32)
        self._anew_s = 0.0

    def _differs(self, gray: Gray, dt_s: float) -> Gray:
        """255 where the picture is otherwise than remembered, the light of the whole taken out."""
        now = gray.astype(np.float32)
        ratio = float(np.median((now + 8.0) / (self._then + 8.0)))
        expected = (self._then + 8.0) * np.float32(ratio) - 8.0
        step = np.abs(now - self._last)
        changed = step > np.maximum(STILL_LEVELS, 3.0 * self._noise)
        self._still_s = np.where(changed, 0.0, self._still_s + np.float32(dt_s)).astype(np.float32)
        quiet = ~changed
        self._noise[quiet] += (step[quiet] - self._noise[quiet]) * np.float32(0.05)
        self._last = gray
        limit = np.maximum(LEAST_LEVELS, NOISE_FACTOR * self._noise)
        mask = np.where(np.abs(now - expected) > limit, 255, 0).astype(np.uint8)
        self._still_s[mask == 0] = 0.0
        return np.asarray(cv2.medianBlur(mask, 3), np.uint8)

    def _candidates(self, gray: Gray, still: Gray, frame: Frame) -> list[tuple[Nature, Box, float]]:
        count, labels, stats, _ = cv2.connectedComponentsWithStats(still, connectivity=8)
        height, width = frame.gray.shape
        found: list[tuple[Nature, Box, float]] = []
        for label in range(1, count):
            x, y, w, h, area = (int(v) for v in stats[label])
            if area < max(LEAST_AREA_PX, 0.3 * w * h):
                continue
            if min(w, h) < LEAST_SIDE_PX or max(w, h) > SLIVER * min(w, h):
                continue
            edge = self._explained(gray, labels == label, (x, y, w, h))
            if edge is None:
                continue
            box = (
                (x + self._window[0]) / width, (y + self._window[1]) / height, w / width, h / height,
            )  # fmt: skip
            if edge >= THING:
                found.append(("thing", box, edge))
            elif edge <= GAP:
                found.append(("gap", box, edge))
        return found

    def _explained(
        self, gray: Gray, blob: NDArray[np.bool_], rect: tuple[int, int, int, int]
    ) -> float | None:
        """How much of the difference's edge is in the present picture; None for a mere change of light."""
        x, y, w, h = rect
        rows = slice(max(0, y - 3), min(gray.shape[0], y + h + 3))
        columns = slice(max(0, x - 3), min(gray.shape[1], x + w + 3))
        part = blob[rows, columns].astype(np.uint8)
        now, then = gray[rows, columns].astype(np.float32), self._then[rows, columns]
        inner = cv2.erode(part, np.ones((3, 3), np.uint8)) > 0
        if np.count_nonzero(inner) >= 12:
            a, b = now[inner] - now[inner].mean(), then[inner] - then[inner].mean()
            spread = float(np.sqrt((a * a).mean() * (b * b).mean()))
            if spread > 9.0 and float((a * b).mean()) > SAME_TEXTURE * spread:
                return None
        ring = cv2.morphologyEx(part, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
        slopes_now, slopes_then = _slopes(now)[:, ring], _slopes(then)[:, ring]
        step = slopes_now - slopes_then
        strength = float((step * step).sum())
        if strength < 4.0 * np.count_nonzero(ring):
            return None  # no edge to speak of: a soft shadow, a light that grows
        return float((slopes_now * step).sum()) / strength

    def _follow(self, found: list[tuple[Nature, Box, float]], at: datetime) -> None:
        for nature, box, edge in found:
            known = max(
                (s for s in self.all if s.nature == nature),
                key=lambda s: _overlap(s.box, box),
                default=None,
            )
            if known is not None and _overlap(known.box, box) > 0.4:
                known.seen_at, known.edge = at, edge
                if not known.told:
                    known.box = box
            else:
                before_s = self._stood_s(box)
                self.all.append(Standing(nature, box, at - timedelta(seconds=before_s), at, edge))
        kept: list[Standing] = []
        for each in self.all:
            lost_s = (at - each.seen_at).total_seconds()
            gone = lost_s > LOST_S and not self._covered(each.box)
            (self.gone if gone else kept).append(each)
        self.all = kept

    def _stood_s(self, box: Box) -> float:
        window = self._pixels(box)
        part = self._still_s[window]
        stood = part[part >= STILL_S]
        return float(np.median(stood)) if stood.size else STILL_S

    def _covered(self, box: Box) -> bool:
        """Whether something moves before it, so that nobody can say whether it still stands."""
        part = self._still_s[self._pixels(box)]
        last = np.abs(
            self._last[self._pixels(box)].astype(np.float32) - self._then[self._pixels(box)]
        )
        return bool(part.size) and bool(((part < STILL_S) & (last > LEAST_LEVELS)).mean() > 0.3)

    def _pixels(self, box: Box) -> tuple[slice, slice]:
        assert self._shape is not None
        height, width = self._shape
        left, top = (
            round(box[0] * width) - self._window[0],
            round(box[1] * height) - self._window[1],
        )
        return (
            slice(max(0, top), max(0, top) + max(1, round(box[3] * height))),
            slice(max(0, left), max(0, left) + max(1, round(box[2] * width))),
        )

    def _learn(self, gray: Gray, mask: Gray, dt_s: float, moving: Sequence[Box]) -> None:
        rate = np.float32(min(0.5, dt_s / FOLLOW_S))
        learn = mask == 0
        for box in moving:
            learn[self._pixels(box)] = False
        step = (gray.astype(np.float32) - self._then) * rate
        self._then[learn] += step[learn]
        old = (mask > 0) & (self._still_s > ABSORB_S)
        self._then[old] = gray[old]


def _slopes(image: Floats32) -> Floats32:
    pair = [
        cv2.Sobel(image, cv2.CV_32F, 1, 0, scale=1 / 8),
        cv2.Sobel(image, cv2.CV_32F, 0, 1, scale=1 / 8),
    ]
    return np.stack(pair)


def _overlap(a: Box, b: Box) -> float:
    """Intersection over the smaller one's area."""
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    return w * h / max(1e-9, min(a[2] * a[3], b[2] * b[3]))
