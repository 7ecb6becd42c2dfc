"""One area's part of the picture, held against a slow memory of it: where somebody may be, however long he stands there.

The background of the whole picture (:mod:`analytics.background`) has to take in what stands; a crowd that stands must not
be taken in, and with people of a known size to look for, a much weaker difference says something. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from analytics.model import Box, Frame, Gray
from analytics.opencv import cv2
from analytics.planes import Rect

Floats32 = NDArray[np.float32]

EVERY_S = 0.17
TOGETHER_S = 1.0
"""Of three looks within so long the middle value of each pixel is taken: rain and noise are gone, a walker is not."""
LEARN_LOOKS = 12
FOLLOW_S = 30.0
LEAST_LEVELS = 4.0
NOISE_FACTOR = 4.0
RESTLESS_S = 30.0
SURELY = 0.5
"""Of what a pixel that is somebody usually differs by here: with it, it surely is one."""
SHADE = (0.45, 0.95)
SHADE_ROUGHNESS = 0.0025
SHADE_LEVELS = 60.0
"""On ground darker than this, dark clothes and a shadow are one."""
STILL_LEVELS = 8.0
STILL_S = 2.0
GHOST = 0.25
"""Of the difference's outline that the present picture explains: with less, what stood there has gone."""
ABSORB_S = 600.0
JUMP = (0.3, 0.6)
JUMP_S = 6.0
"""From less than the one share to more than the other between two looks is another light: after so long it is learnt anew."""


@dataclass(frozen=True, slots=True, eq=False)
class Different:
    """What of the area's part of the picture is otherwise than remembered; all are ``(h, w)`` of ``rect``, analysed pixels.

    ``likely`` is 0..1; ``levels`` by how many gray levels it differs, ``steps`` how much that changes from each pixel to the next
    one on its right.
    """

    rect: Rect
    likely: Floats32
    levels: Floats32
    steps: Floats32


class AreaPicture:
    """The memory of one part of the picture; ``rect`` in analysed pixels. Feed frames in order."""

    def __init__(self, rect: Rect) -> None:
        self.rect = rect
        self._at: datetime | None = None
        self._recent: list[tuple[datetime, Gray]] = []
        self._learn: list[Gray] = []
        self._then: Floats32 | None = None

    def due(self, at: datetime) -> bool:
        """Whether it is time for another look."""
        return self._at is None or (at - self._at).total_seconds() >= EVERY_S

    def forget(self) -> None:
        """The view is another one: all is learnt anew."""
        self._recent, self._learn, self._then = [], [], None

    def look(self, frame: Frame, known: Sequence[Box]) -> Different | None:
        """Takes a frame; None while nothing can be said. ``known`` are boxes of things followed, normalised: what is restless
        elsewhere is leaves or water."""
        x, y, w, h = self.rect
        dt_s = EVERY_S if self._at is None else min(10.0, (frame.at - self._at).total_seconds())
        self._at = frame.at
        gray: Gray = np.asarray(cv2.blur(frame.gray[y : y + h, x : x + w], (3, 3)), np.uint8)
        self._recent = [*self._recent, (frame.at, gray)][-3:]
        if self._then is None:
            self._learn.append(gray)
            if len(self._learn) >= LEARN_LOOKS:
                self._begin()
            return None
        now = self._steady(frame.at)
        differs = self._differs(now)
        mask = differs > self._limit
        share = np.count_nonzero(mask) / mask.size
        if self._other_light(share, dt_s):
            return None
        self._settle(now, mask, dt_s, frame, known)
        return self._as_seen(now, differs, mask)

    def drop_ghosts(self, boxes: NDArray[np.intp]) -> NDArray[np.bool_]:
        """``(n,)``: in which of ``boxes`` ``(n, 4)``, left, top, right, bottom within :attr:`rect`, only a hole is seen that
        somebody left who was taken for background; they are learnt at once."""
        gone = np.zeros(len(boxes), np.bool_)
        assert self._then is not None
        still = cv2.integral(np.where(self._still_s >= STILL_S, np.float32(1), np.float32(0)))
        left, top, right, bottom = boxes.T
        inside = still[bottom, right] - still[top, right] - still[bottom, left] + still[top, left]
        stands = inside >= 0.7 * (right - left) * (bottom - top)
        for i in np.flatnonzero(stands).tolist():
            x0, y0, x1, y1 = (int(v) for v in boxes[i])
            part = (slice(max(0, y0 - 2), y1 + 2), slice(max(0, x0 - 2), x1 + 2))
            now, then = _slopes(self._now[part]), _slopes(self._then[part])
            step = now - then
            strength = float((step * step).sum())
            gone[i] = strength > 0 and float((now * step).sum()) < GHOST * strength
            if gone[i]:
                self._then[part] = self._now[part] / self._light
        return gone

    def _begin(self) -> None:
        looks = np.stack(self._learn)
        self._then = np.median(looks, axis=0).astype(np.float32)
        noise = float(np.abs(looks - self._then).mean())
        self._noise = np.full(self._then.shape, noise, np.float32)
        self._still_s = np.zeros(self._then.shape, np.float32)
        self._now = self._then.copy()
        self._bare = np.ones(self._then.shape, np.bool_)
        self._light = np.float32(1.0)
        self._share, self._jumped_s = 0.0, -1.0
        self._learn = []

    def _steady(self, at: datetime) -> Floats32:
        if len(self._recent) < 3 or (at - self._recent[0][0]).total_seconds() > TOGETHER_S:
            return self._recent[-1][1].astype(np.float32)
        a, b, c = (gray for _, gray in self._recent)
        middle = cv2.max(cv2.min(a, b), cv2.min(cv2.max(a, b), c))
        return np.asarray(middle, np.float32)

    def _differs(self, now: Floats32) -> Floats32:
        """By how many gray levels, the light of the whole taken out."""
        assert self._then is not None
        bare = self._bare[::2, ::2]
        if np.count_nonzero(bare) > 0.15 * bare.size:
            ratio = (now[::2, ::2] + 8.0) / (self._then[::2, ::2] + 8.0)
            self._light = np.float32(np.median(ratio[bare]))
        self._expected: Floats32 = (self._then + 8.0) * self._light - np.float32(8.0)
        self._limit = np.maximum(np.float32(LEAST_LEVELS), NOISE_FACTOR * self._noise)
        return np.asarray(cv2.absdiff(now, self._expected), np.float32)

    def _other_light(self, share: float, dt_s: float) -> bool:
        low, high = JUMP
        if share > high and (self._share < low or self._jumped_s >= 0):
            self._jumped_s = max(0.0, self._jumped_s) + dt_s
            if self._jumped_s > JUMP_S:
                self.forget()
            return True
        self._share, self._jumped_s = share, -1.0
        return False

    def _settle(
        self,
        now: Floats32,
        mask: NDArray[np.bool_],
        dt_s: float,
        frame: Frame,
        known: Sequence[Box],
    ) -> None:
        """Follows the light where nothing is, and takes in what has stood for very long."""
        assert self._then is not None
        step = np.abs(now - self._now)
        self._still_s = np.where(step > STILL_LEVELS, 0, self._still_s + np.float32(dt_s))
        self._still_s[~mask] = 0.0
        self._now, self._bare = now, ~mask
        rate = np.float32(min(0.5, dt_s / FOLLOW_S))
        self._then += np.where(mask, np.float32(0), (now / self._light - self._then) * rate)
        old = self._still_s > ABSORB_S
        self._then[old] = now[old] / self._light
        unknown = mask
        if len(known):
            unknown = mask.copy()
            height, width = frame.gray.shape
            for x, y, w, h in known:
                left, top = int(x * width) - self.rect[0], int(y * height) - self.rect[1]
                right, bottom = left + int(w * width) + 2, top + int(h * height) + 2
                unknown[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = False
        restless = np.where(unknown, step, 0.8 * self._noise)
        self._noise += (restless - self._noise) * np.float32(min(0.5, dt_s / RESTLESS_S))
        np.maximum(self._noise, np.float32(0.25), out=self._noise)

    def _as_seen(self, now: Floats32, differs: Floats32, mask: NDArray[np.bool_]) -> Different:
        few = 0.5 * self._limit
        usual = float(np.median(differs[mask])) if np.count_nonzero(mask) > 20 else 0.0
        surely = np.maximum(2.0 * self._limit, np.float32(SURELY * usual))
        likely = np.clip((differs - few) / (surely - few), 0.0, 1.0)
        likely[self._shade(now)] = 0.0
        smooth = cv2.medianBlur((likely * 255).astype(np.uint8), 3)
        steps = np.zeros_like(differs)
        signed = now - self._expected
        steps[:, :-1] = np.abs(np.diff(signed, axis=1)) - 0.5 * self._noise[:, :-1]
        return Different(
            self.rect,
            np.multiply(smooth, np.float32(1 / 255), dtype=np.float32),
            differs,
            np.maximum(steps, np.float32(0)),
        )

    def _shade(self, now: Floats32) -> NDArray[np.bool_]:
        """Where the same ground is evenly dimmed."""
        ratio = cv2.divide(cv2.blur(now, (3, 3)), np.maximum(self._expected, np.float32(4)))
        mean = cv2.blur(ratio, (5, 5))
        variance = cv2.blur(ratio * ratio, (5, 5)) - mean * mean
        low, high = SHADE
        even: NDArray[np.bool_] = (mean > low) & (mean < high) & (variance < SHADE_ROUGHNESS)
        return even & (self._expected > SHADE_LEVELS)


def _slopes(image: Floats32) -> Floats32:
    pair = [
        cv2.Sobel(image, cv2.CV_32F, 1, 0, scale=1 / 8),
        cv2.Sobel(image, cv2.CV_32F, 0, 1, scale=1 / 8),
    ]
    return np.stack(pair)
