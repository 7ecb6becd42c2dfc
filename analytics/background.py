"""What a camera's picture looks like when nothing moves, learnt pixel by pixel.

A sample-based model: each pixel keeps :data:`SAMPLES` past values and is background while at least
:data:`NEEDED` of them are near it (after ViBe: Barnich and Van Droogenbroeck, IEEE TIP 20(6), 2011), with the
distance allowed growing with each pixel's own noise (after PBAS: Hofmann, Tiefenbacher and Rigoll, CVPRW 2012).
What this model adds: exposure steps are taken out of the model by one look-up table; a picture that changes
everywhere at once is waited out; leaves and water learn even while they differ; ghosts of things that left
are told from things that stand by whose edges the present picture shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2 as opencv
import numpy as np
from numpy.typing import NDArray

from analytics.model import Gray

cv2: Any = opencv  # its stubs leave out scalar operands, which its arithmetic takes

Rect = tuple[int, int, int, int]
"""Left, top, width, height in analysis pixels."""

SAMPLES = 14
NEEDED = 2
MIN_DISTANCE = 18.0
MAX_DISTANCE = 48.0
NOISE_FACTOR = 4.0
LEARN_SHARE = 1 / 8  # of background pixels that renew one sample each frame
BOOT_S = 2.0  # at the start every pixel learns fast, moving or not
NOISE_S = 2.5
OCCUPIED_S = 4.0
OCCUPIED_LIMIT = 0.25  # share of time a restless pixel may differ before it learns anyway
FLICKER_S = 2.4
FLICKER_LIMIT = 0.06
FLICKER_RUN_S = 0.25  # a difference that is gone again this soon is flicker, not a passing thing
RESTLESS_LIMIT = 0.015
QUIET_AROUND_PX = 15
QUIET_LIMIT = 0.004
QUIET_EVERY = 8
BLIND_SHARE = 0.55
BLIND_S = 1.5
STEP_LEVELS = 5.0
STEP_INLIERS = 0.6
STILL_S = 1.5
STILL_LEVELS = 9
ABSORB_S = 120.0
GHOST_SHARE = 0.3
_GRID = 8


@dataclass(frozen=True, slots=True, eq=False)
class Foreground:
    """``mask`` is ``(h, w)``, 255 where the picture differs. ``blind``: the whole picture changed, wait."""

    mask: Gray
    blind: bool


class Background:
    """The model of one camera at one analysis size. Feed frames in order."""

    def __init__(self, height: int, width: int, seed: int = 7) -> None:
        self.shape = (height, width)
        self._rng = np.random.default_rng(seed)
        chance = self._rng.random((height + 64, width + 64))
        self._sparse = np.where(chance < LEARN_SHARE, 255, 0).astype(np.uint8)
        self._dense = np.where(chance < 0.5, 255, 0).astype(np.uint8)
        self._samples = np.zeros((SAMPLES, height, width), np.uint8)
        self._mean = np.zeros(self.shape, np.float32)
        self._noise = np.full(self.shape, MIN_DISTANCE / NOISE_FACTOR, np.float32)
        self._occupied = np.zeros(self.shape, np.float32)
        self._flicker = np.zeros(self.shape, np.float32)
        self._still_s = np.zeros(self.shape, np.float32)
        self._zero = np.zeros(self.shape, np.float32)
        self._distance = np.full(self.shape, MIN_DISTANCE, np.uint8)
        self._run = np.zeros(self.shape, np.uint8)
        self._quiet = np.full(self.shape, 255, np.uint8)
        self._previous = np.zeros(self.shape, np.uint8)
        self._difference = np.zeros(self.shape, np.uint8)
        self._match = np.zeros(self.shape, np.uint8)
        self._nearest = np.zeros(self.shape, np.uint8)
        self._age_s = -1.0
        self._frames = 0
        self._blind_s = 0.0
        self._steps = 0

    @property
    def ready(self) -> bool:
        """Whether the first seconds of learning are over."""
        return self._age_s >= BOOT_S

    def apply(self, gray: Gray, dt_s: float, held: Sequence[Rect] = ()) -> Foreground:
        """Compares a frame with the model, then learns from it.

        ``gray`` is ``(h, w)`` as given at construction, ``dt_s`` the time since the last frame. ``held`` are
        boxes of known things, in analysis pixels: what stands in them is not learnt as restless background.
        """
        gray = cv2.blur(gray, (3, 3))
        dt_s = min(max(dt_s, 0.01), 1.0)
        if self._age_s < 0:
            self._restart(gray)
        self._age_s += dt_s
        self._frames += 1
        passing = self._fit_exposure(gray)
        mask = self._compare(gray if passing is None else cv2.LUT(gray, passing))
        if self.ready and cv2.countNonZero(mask) > BLIND_SHARE * mask.size:
            return self._blind(gray, dt_s)
        self._blind_s = 0.0
        if passing is not None:
            return Foreground(self._solid(mask), blind=False)
        calm = self._learn(gray, mask, dt_s, held)
        return Foreground(self._solid(cv2.bitwise_and(mask, calm)), blind=False)

    @property
    def mean(self) -> NDArray[np.float32]:
        """``(h, w)``: the remembered picture, gray levels."""
        return self._mean

    def still_s(self, labels: NDArray[np.uint16], label: int, rect: Rect) -> float:
        """How long a blob has not changed: the median over its pixels, seconds."""
        x, y, w, h = rect
        part = labels[y : y + h, x : x + w] == label
        return float(np.median(self._still_s[y : y + h, x : x + w][part])) if part.any() else 0.0

    def is_ghost(self, gray: Gray, mask: Gray, rect: Rect) -> bool:
        """Whether a still blob is the hole left by something that went away.

        The difference between the present picture and the remembered one has an edge along the blob's outline.
        Where a thing stands, that edge is in the present picture; where one left, it is in the remembered one.
        The share of it that the present picture explains is its gradients' projection on the difference's.
        """
        x, y, w, h = _grown(rect, 3, self.shape)
        window = (slice(y, y + h), slice(x, x + w))
        outline = cv2.morphologyEx(mask[window], cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
        now = _gradient(cv2.blur(gray[window], (3, 3)).astype(np.float32))[:, outline]
        before = _gradient(self._mean[window])[:, outline]
        step = now - before
        strength = float((step * step).sum())
        return strength > 0 and float((now * step).sum()) < GHOST_SHARE * strength

    def absorb(self, gray: Gray, mask: Gray, rect: Rect) -> None:
        """Takes the blob as it stands into the background."""
        x, y, w, h = _grown(rect, 2, self.shape)
        window = (slice(y, y + h), slice(x, x + w))
        part = cv2.dilate(mask[window], np.ones((5, 5), np.uint8)) > 0
        patch = cv2.blur(gray, (3, 3))[window]
        for sample in self._samples:
            sample[window][part] = patch[part]
        self._mean[window][part] = patch[part]
        self._still_s[window][part] = 0.0

    def _restart(self, gray: Gray) -> None:
        padded = cv2.copyMakeBorder(gray, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
        height, width = self.shape
        for sample in self._samples:
            dy, dx = (int(v) for v in self._rng.integers(0, 3, 2))
            sample[:] = padded[dy : dy + height, dx : dx + width]
        self._mean[:] = gray
        self._previous[:] = gray
        self._noise[:] = MIN_DISTANCE / NOISE_FACTOR
        self._distance[:] = int(MIN_DISTANCE)
        for state in (self._occupied, self._flicker, self._still_s, self._run):
            state[:] = 0
        self._age_s = 0.0
        self._blind_s = 0.0
        self._steps = 0

    def _blind(self, gray: Gray, dt_s: float) -> Foreground:
        self._blind_s += dt_s
        if self._blind_s >= BLIND_S:
            self._restart(gray)
        self._previous[:] = gray
        return Foreground(np.zeros(self.shape, np.uint8), blind=True)

    def _fit_exposure(self, gray: Gray) -> Gray | None:
        """Takes a step of the whole picture's brightness into the model.

        A step is taken in only when it is seen on two frames: a single flash would clip the model's bright
        values for good. On the first one the table that takes the step out of the frame is returned instead.
        """
        now = gray[::_GRID, ::_GRID].astype(np.float32).ravel()
        model = self._mean[::_GRID, ::_GRID].ravel()
        shift = float(np.median(now - model))
        if abs(shift) <= STEP_LEVELS:
            self._steps = 0
            return None
        gain, offset = 1.0, shift
        for _ in range(4):
            error = np.abs(gain * model + offset - now)
            near = error <= max(4.0, float(np.median(error)) * 1.5)
            centred = model[near] - model[near].mean()
            spread = float(centred @ centred)
            if spread > 1e3:
                gain = float(centred @ now[near]) / spread
            offset = float(now[near].mean() - gain * model[near].mean())
        fits = np.abs(gain * model + offset - now) <= MIN_DISTANCE
        if not 0.3 <= gain <= 3.0 or fits.mean() < STEP_INLIERS:
            # Not one light for all: what differs shows in the mask, and too much of it is waited out.
            return None
        levels = np.arange(256, dtype=np.float32)
        self._steps += 1
        if self._steps < 2:
            undo: Gray = np.clip((levels - offset) / gain, 0, 255).astype(np.uint8)
            return undo
        table = np.clip(levels * gain + offset, 0, 255).astype(np.uint8)
        for sample in self._samples:
            cv2.LUT(sample, table, dst=sample)
        np.clip(self._mean * np.float32(gain) + np.float32(offset), 0, 255, out=self._mean)
        self._steps = 0
        return None

    def _compare(self, gray: Gray) -> Gray:
        """255 where fewer than :data:`NEEDED` samples are near; learns each pixel's noise on the way."""
        near = np.zeros(self.shape, np.uint8)
        nearest: Gray | None = None
        measure = self._frames % 2 == 0
        for sample in self._samples:
            cv2.absdiff(sample, gray, dst=self._difference)
            cv2.compare(self._difference, self._distance, cv2.CMP_LE, dst=self._match)
            np.subtract(near, self._match, out=near)  # 255 is -1: counts up by one
            if not measure:
                continue
            if nearest is None:
                nearest = self._difference.copy()
            else:
                cv2.min(nearest, self._difference, dst=nearest)
        mask: Gray = cv2.compare(near, NEEDED, cv2.CMP_LT)
        if nearest is not None:
            self._nearest = nearest
        return mask

    def _learn(self, gray: Gray, mask: Gray, dt_s: float, held: Sequence[Rect]) -> Gray:
        """Renews samples; returns 255 where the pixel does not flicker."""
        background = cv2.bitwise_not(mask)
        ended = cv2.bitwise_and(cv2.compare(self._run, 0, cv2.CMP_GT), background)
        longest = max(2, round(FLICKER_RUN_S / dt_s))
        brief = cv2.bitwise_and(ended, cv2.compare(self._run, longest, cv2.CMP_LE))
        cv2.accumulateWeighted(brief, self._flicker, min(0.5, dt_s / FLICKER_S))
        self._run = cv2.bitwise_and(cv2.add(self._run, 1), mask)
        if self._frames % 2 == 0:
            rate = min(0.5, 2 * dt_s / NOISE_S)
            cv2.accumulateWeighted(self._nearest, self._noise, rate, mask=background)
            scaled = cv2.convertScaleAbs(self._noise, alpha=NOISE_FACTOR)
            self._distance = cv2.min(cv2.max(scaled, MIN_DISTANCE), MAX_DISTANCE)
            cv2.accumulateWeighted(mask, self._occupied, min(0.5, 2 * dt_s / OCCUPIED_S))
        flickers = cv2.compare(self._flicker, 255 * FLICKER_LIMIT, cv2.CMP_GT)
        restless = cv2.bitwise_and(
            cv2.compare(self._occupied, 255 * OCCUPIED_LIMIT, cv2.CMP_GT),
            cv2.compare(self._flicker, 255 * RESTLESS_LIMIT, cv2.CMP_GT),
        )
        learn = cv2.bitwise_or(background, cv2.bitwise_or(flickers, restless))
        for x, y, w, h in held:
            flickers[y : y + h, x : x + w] = 0
            # Around a thing that stands, half-covered edge pixels would otherwise be learnt and eat into it.
            learn[y : y + h, x : x + w] = 0
        if not self.ready:
            learn[:] = 255
        self._renew(gray, learn)
        cv2.accumulateWeighted(gray, self._mean, min(0.5, dt_s / 2.0), mask=learn)
        cv2.absdiff(gray, self._previous, dst=self._difference)
        moved = cv2.compare(self._difference, STILL_LEVELS, cv2.CMP_GT)
        cv2.add(self._still_s, dt_s, dst=self._still_s, dtype=cv2.CV_32F)
        cv2.copyTo(self._zero, cv2.bitwise_or(moved, background), self._still_s)
        self._previous[:] = gray
        steady: Gray = cv2.bitwise_not(flickers)
        return steady

    def _solid(self, mask: Gray) -> Gray:
        """Takes lone pixels away and closes gaps.

        Where nothing flickers around, the majority of 3×3 is enough and leaves heads and legs of far people
        standing; elsewhere it takes the majority of 7×7.
        """
        if self._frames % QUIET_EVERY == 0:
            around = cv2.blur(self._flicker, (QUIET_AROUND_PX, QUIET_AROUND_PX))
            self._quiet = cv2.compare(around, 255 * QUIET_LIMIT, cv2.CMP_LT)
        fine = cv2.compare(cv2.blur(mask, (3, 3)), 127, cv2.CMP_GT)
        coarse = cv2.compare(cv2.blur(mask, (7, 7)), 127, cv2.CMP_GT)
        chosen = cv2.bitwise_or(coarse, cv2.bitwise_and(fine, self._quiet))
        closed: Gray = cv2.morphologyEx(chosen, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        return closed

    def _renew(self, gray: Gray, learn: Gray) -> None:
        height, width = self.shape
        chance = self._sparse if self.ready else self._dense
        sample = self._samples[int(self._rng.integers(SAMPLES))]
        cv2.copyTo(gray, cv2.bitwise_and(learn, self._window(chance)), sample)
        # A pixel also teaches one neighbour, so that a camera that shakes a little stays quiet.
        dy, dx = (int(v) for v in self._rng.integers(-1, 2, 2))
        inner = (slice(1 + dy, height - 1 + dy), slice(1 + dx, width - 1 + dx))
        chosen = cv2.bitwise_and(learn, self._window(chance))
        sample = self._samples[int(self._rng.integers(SAMPLES))]
        cv2.copyTo(gray[inner], chosen[inner], sample[1:-1, 1:-1])

    def _window(self, chance: Gray) -> Gray:
        y, x = (int(v) for v in self._rng.integers(0, 64, 2))
        window: Gray = chance[y : y + self.shape[0], x : x + self.shape[1]]
        return window


def _gradient(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """``(2, h, w)``: the slope to the right and down."""
    return np.stack([cv2.Sobel(image, cv2.CV_32F, 1, 0), cv2.Sobel(image, cv2.CV_32F, 0, 1)])


def _grown(rect: Rect, by: int, shape: tuple[int, int]) -> Rect:
    x, y, w, h = rect
    left, top = max(0, x - by), max(0, y - by)
    return left, top, min(shape[1], x + w + by) - left, min(shape[0], y + h + by) - top
