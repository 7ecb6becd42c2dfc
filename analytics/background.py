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
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.blobs import Blob
from analytics.exposure import Light, light_between, night_share
from analytics.model import Gray
from analytics.opencv import cv2
from analytics.planes import (
    SHIFTS,
    Rect,
    chances,
    gradient,
    marked,
    over,
    widened,
    window_of,
    zeros,
)

SAMPLES = 14
NEEDED = 2
MIN_DISTANCE = 18.0
NIGHT_DISTANCE, NIGHT_RESTLESS_DISTANCE = 9.0, 12.0
"""The least distance at night, where things differ from the ground by half as much as by day, and where it flickers then."""
MAX_DISTANCE = 48.0
NOISE_FACTOR = 4.0
LEARN_SHARE = 1 / 8  # of background pixels that renew one sample each frame
BOOT_S = 2.0  # at the start every pixel learns fast, moving or not
NOISE_S = 2.5
NOISE_EVERY = 8  # frames; it takes all samples of all pixels
MEAN_S = 2.0
MEAN_EVERY = 4
FIRST_SAMPLES = 3
GATHER_SHARE = 0.015
"""With more of the picture in doubt after the first samples, all pixels are gone through."""
OCCUPIED_S = 4.0
OCCUPIED_EVERY = 4
OCCUPIED_LIMIT = 0.25  # share of time a restless pixel may differ before it learns anyway
FLICKER_S = 2.4
FLICKER_LIMIT = 0.06
FLICKER_RUN_S = 0.25
"""A difference that is gone again this soon is flicker, not a passing thing; at few frames a second what is gone at the next."""
RESTLESS_LIMIT = 0.015
QUIET_AROUND_PX = 15
QUIET_LIMIT = 0.004
QUIET_EVERY = 8
BLIND_SHARE = 0.55
JUMP_SHARE = 0.25
"""No thing covers so much more of the picture from one frame to the next; another view does."""
BLIND_S = 1.5
SOLID_MARGIN_PX = 6
STILL_S = 1.5
STILL_LEVELS = 9
MOVING_S = 0.4
MOVES, STANDS = np.uint8(255), np.uint8(128)
STANDS_S = 1.0
"""What differs and has not changed for so long is no flicker, however restless it was there before."""
ABSORB_S = 120.0
GHOST_SHARE = 0.3
QUIET_SAMPLES = 3
"""So many samples are renewed at each look at a quiet camera, whose frames are seconds apart."""
CHANGED_LEVELS = 24.0
"""What stands still but changes by more is not what stood there before."""
TICK_S = 0.01
_MOST_TICKS = 40_000
_TICKS_UNCHECKED = 10_000
_GRID = 8
_MEAN_UNIT = 256
_NOISE_UNIT = 16
_NOISE_AT_FIRST = round(_NOISE_UNIT * MIN_DISTANCE / NOISE_FACTOR)


@dataclass(frozen=True, slots=True, eq=False)
class Foreground:
    """``mask`` is ``(h, w)``, 255 where the picture differs, nowhere outside of ``rect``. ``blind``: the whole picture
    changed, wait."""

    mask: Gray
    rect: Rect
    blind: bool


@dataclass(slots=True, eq=False)
class _Looked:
    """What a look at a frame has worked out that learning from the same frame needs again."""

    gray: Gray
    smooth: Gray
    mask: Gray | None = None


class Background:
    """The model of one camera at one analysis size. Feed frames in order."""

    def __init__(self, height: int, width: int, seed: int = 7) -> None:
        self.shape = (height, width)
        self._random = Random(seed)
        self._samples = np.zeros((SAMPLES, height, width), np.uint8)
        self._mean = np.zeros(self.shape, np.uint16)  # in 1/256 of a gray level
        self._noise = np.full(self.shape, _NOISE_AT_FIRST, np.uint8)  # in 1/16 of a gray level
        self._distance = np.full(self.shape, MIN_DISTANCE, np.uint8)
        self._occupied = np.zeros(self.shape, np.uint8)  # of 255: share of time it differs
        self._flicker = np.zeros(self.shape, np.uint16)  # of 65535: share of time in brief changes
        self._still = np.zeros(self.shape, np.uint16)  # since it changed, in TICK_S
        self._ended = np.zeros(self.shape, np.uint8)
        self._run = np.zeros(self.shape, np.uint8)  # for how long it has differed, in TICK_S
        self._quiet = np.full(self.shape, 255, np.uint8)
        self._previous = np.zeros(self.shape, np.uint8)
        self._last = np.zeros(self.shape, np.uint8)
        self._looked: _Looked | None = None
        self._age_s = -1.0
        self._frames = 0
        self._blind_s = 0.0
        self._share = 0.0
        self._steps = 0
        self._unfaded_s = 0.0
        self._flickers = False
        self._all_quiet = True
        self._ticks = 0

    @property
    def ready(self) -> bool:
        """Whether the first seconds of learning are over."""
        return self._age_s >= BOOT_S

    def apply(
        self, gray: Gray, dt_s: float, held: Sequence[Rect] = (), rare: bool = False
    ) -> Foreground:
        """Compares a frame with the model, then learns from it.

        ``gray`` is ``(h, w)`` as given at construction, ``dt_s`` the time since the last frame. ``held`` are
        boxes of known things, in analysis pixels: what stands in them is not learnt as restless background.
        ``rare``: one of the few frames of a quiet camera, too far apart to tell what flickers.
        """
        known, self._looked = self._looked, None
        if known is None or known.gray is not gray:
            known = _Looked(gray, cv2.blur(gray, (3, 3)))
        gray = known.smooth
        passed_s, dt_s = dt_s, min(max(dt_s, 0.01), 1.0)
        if self._age_s < 0:
            self._restart(gray)
        self._age_s += dt_s
        self._frames += 1
        model_steps, passing = self._fit_exposure(gray)
        if known.mask is not None and passing is None and not model_steps:
            mask = known.mask
        else:
            mask = self._compare(gray if passing is None else cv2.LUT(gray, passing))
        if self.ready and self._is_blinding(mask):
            return self._blind(gray, dt_s)
        self._blind_s = 0.0
        if passing is None:
            if not rare:
                self._watch_flicker(mask, dt_s)
            flickers = self._learn(gray, mask, dt_s, held, rare)
            self._stand(gray, mask, passed_s)
            if flickers is not None:
                mask = cv2.bitwise_and(mask, cv2.bitwise_not(flickers))
        self._last, rect = self._solid(mask)
        return Foreground(self._last, rect, blind=False)

    def differs(self, gray: Gray) -> Foreground:
        """Where a frame is otherwise than the last one that was applied; learns nothing.

        What stood there then and stands there now does not count, what came, left or moved does.
        """
        whole = (0, 0, self.shape[1], self.shape[0])
        if not self.ready:
            return Foreground(np.full(self.shape, 255, np.uint8), whole, blind=True)
        look = self._looked = _Looked(gray, cv2.blur(gray, (3, 3)))
        light = self._light(look.smooth)
        gray = look.smooth if light is None else cv2.LUT(look.smooth, light.undo())
        mask = self._compare(gray)
        if light is None:
            look.mask = mask
        if cv2.countNonZero(mask) > BLIND_SHARE * mask.size:
            return Foreground(mask, whole, blind=True)
        if self._flickers:
            mask = cv2.bitwise_and(mask, cv2.bitwise_not(over(self._flicker, FLICKER_LIMIT)))
        solid, _ = self._solid(mask)
        rect = cv2.boundingRect(cv2.bitwise_or(solid, self._last))
        changed = np.zeros(self.shape, np.uint8)
        if rect[2]:
            part = window_of(rect)
            moved = cv2.absdiff(gray[part], self._previous[part])
            moved = cv2.threshold(moved, CHANGED_LEVELS, 255, cv2.THRESH_BINARY)[1]
            came_or_left = cv2.bitwise_xor(solid[part], self._last[part])
            both = cv2.bitwise_or(came_or_left, cv2.bitwise_and(solid[part], moved))
            changed[part] = cv2.morphologyEx(both, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        return Foreground(changed, rect, blind=False)

    def stir(self, blobs: Sequence[Blob]) -> Gray:
        """:data:`MOVES` in those pixels of blobs that changed within the last :data:`MOVING_S`, :data:`STANDS` in the
        others of them, 0 elsewhere."""
        stir = np.zeros(self.shape, np.uint8)
        for blob in blobs:
            window = window_of(blob.rect)
            lately = self._still[window] <= MOVING_S / TICK_S
            np.copyto(stir[window], np.where(lately, MOVES, STANDS), where=blob.part)
        return stir

    def mean(self, rect: Rect) -> NDArray[np.float32]:
        """``(h, w)``: the remembered picture within ``rect``, gray levels."""
        return np.multiply(
            self._mean[window_of(rect)], np.float32(1 / _MEAN_UNIT), dtype=np.float32
        )

    def still_s(self, blob: Blob) -> float:
        """How long a blob has not changed: the median over its pixels, seconds."""
        ticks = self._still[window_of(blob.rect)][blob.part]
        return float(np.partition(ticks, len(ticks) // 2)[len(ticks) // 2]) * TICK_S

    def is_ghost(self, gray: Gray, mask: Gray, rect: Rect) -> bool:
        """Whether a still blob is the hole left by something that went away.

        The difference between the present picture and the remembered one has an edge along the blob's outline.
        Where a thing stands, that edge is in the present picture; where one left, it is in the remembered one.
        The share of it that the present picture explains is its gradients' projection on the difference's.
        ``mask`` is the whole picture's, 255 in the blob.
        """
        grown = widened(rect, 3, self.shape)
        window = window_of(grown)
        outline = cv2.morphologyEx(mask[window], cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
        now = gradient(cv2.blur(gray[window], (3, 3)).astype(np.float32))[:, outline]
        before = gradient(self.mean(grown))[:, outline]
        step = now - before
        strength = float((step * step).sum())
        return strength > 0 and float((now * step).sum()) < GHOST_SHARE * strength

    def absorb(self, gray: Gray, mask: Gray, rect: Rect) -> None:
        """Takes the blob as it stands into the background."""
        window = window_of(widened(rect, 2, self.shape))
        part = cv2.dilate(mask[window], np.ones((5, 5), np.uint8)) > 0
        patch = cv2.blur(gray, (3, 3))[window]
        for sample in self._samples:
            sample[window][part] = patch[part]
        self._mean[window][part] = patch[part].astype(np.uint16) * _MEAN_UNIT
        self._still[window][part] = 0

    def _restart(self, gray: Gray) -> None:
        padded = cv2.copyMakeBorder(gray, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
        height, width = self.shape
        for sample in self._samples:
            dy, dx = self._random.randrange(3), self._random.randrange(3)
            sample[:] = padded[dy : dy + height, dx : dx + width]
        np.multiply(gray, _MEAN_UNIT, out=self._mean, dtype=np.uint16)
        self._previous[:] = gray
        self._noise[:] = _NOISE_AT_FIRST
        self._distance[:] = int(MIN_DISTANCE)
        for state in (
            self._occupied,
            self._flicker,
            self._still,
            self._ended,
            self._run,
            self._last,
        ):
            state[:] = 0
        self._age_s = 0.0
        self._blind_s = self._share = self._unfaded_s = 0.0
        self._steps = 0
        self._flickers = False
        self._all_quiet = True
        self._quiet[:] = 255

    def _is_blinding(self, mask: Gray) -> bool:
        """Whether most of the picture changed, or a good part of it did from one frame to the next and stays so."""
        share = cv2.countNonZero(mask) / mask.size
        jumped = share - self._share > JUMP_SHARE or (self._blind_s > 0 and share > JUMP_SHARE)
        self._share = share
        return bool(share > BLIND_SHARE or jumped)

    def _blind(self, gray: Gray, dt_s: float) -> Foreground:
        self._blind_s += dt_s
        if self._blind_s >= BLIND_S:
            self._restart(gray)
        self._previous[:] = gray
        return Foreground(np.zeros(self.shape, np.uint8), (0, 0, 0, 0), blind=True)

    def _light(self, gray: Gray) -> Light | None:
        now = gray[::_GRID, ::_GRID].astype(np.float32).ravel()
        then = self._mean[::_GRID, ::_GRID].astype(np.float32).ravel()
        then *= np.float32(1 / _MEAN_UNIT)
        return light_between(now, then)

    def _fit_exposure(self, gray: Gray) -> tuple[bool, Gray | None]:
        """Takes a step of the whole picture's brightness into the model; says whether it did.

        A step is taken in only when it is seen on two frames: a single flash would clip the model's bright
        values for good. On the first one the table that takes the step out of the frame is returned instead.
        """
        light = self._light(gray)
        if light is None:
            self._steps = 0
            return False, None
        self._steps += 1
        if self._steps < 2:
            return False, light.undo()
        table = light.redo()
        for sample in self._samples:
            cv2.LUT(sample, table, dst=sample)
        changed = self._mean * np.float32(light.gain) + np.float32(light.offset * _MEAN_UNIT)
        self._mean[:] = np.clip(changed, 0, 255 * _MEAN_UNIT)
        self._steps = 0
        return True, None

    def _compare(self, gray: Gray) -> Gray:
        """255 where fewer than :data:`NEEDED` samples are near.

        Most pixels are near the first samples; the others are gone through for what is left, where that is little.
        """
        low, high = cv2.subtract(gray, self._distance), cv2.add(gray, self._distance)
        found = np.zeros(self.shape, np.uint8)
        for sample in self._samples[:FIRST_SAMPLES]:
            np.subtract(found, cv2.inRange(sample, low, high), out=found)  # 255 is -1: up by one
        doubtful = np.less(found, NEEDED)
        count = np.count_nonzero(doubtful)
        if not count:
            return np.zeros(self.shape, np.uint8)
        if count > GATHER_SHARE * found.size:
            for sample in self._samples[FIRST_SAMPLES:]:
                np.subtract(found, cv2.inRange(sample, low, high), out=found)
            return marked(np.less(found, NEEDED))
        places = np.flatnonzero(doubtful)
        lowest, reach = low.take(places), (high - low).take(places)
        samples = self._samples.reshape(SAMPLES, -1).take(places, axis=1)
        samples -= lowest  # what is below comes round to far above
        near = np.add.reduce((samples <= reach).view(np.uint8), axis=0, dtype=np.uint8)
        doubtful.ravel()[places[near >= NEEDED]] = False
        return marked(doubtful)

    def _watch_flicker(self, mask: Gray, dt_s: float) -> None:
        """Takes note of pixels that differ for moments only."""
        ticks = round(dt_s / TICK_S)
        longest = min(254, max(ticks, round(FLICKER_RUN_S / TICK_S)))
        ended = cv2.bitwise_and(cv2.inRange(self._run, 1, longest), cv2.bitwise_not(mask))
        self._ended = cv2.bitwise_or(self._ended, ended)
        self._unfaded_s += dt_s
        while self._unfaded_s >= FLICKER_S / 16:
            self._unfaded_s -= FLICKER_S / 16
            self._flicker -= self._flicker >> 4
        if self._frames % 2 == 0:  # no change can end in two frames one after the other
            if cv2.countNonZero(self._ended):
                more = round(257 * min(0.5, dt_s / FLICKER_S))
                cv2.add(
                    self._flicker,
                    np.multiply(self._ended, more, dtype=np.uint16),
                    dst=self._flicker,
                )
            self._ended[:] = 0
        self._run = cv2.bitwise_and(cv2.add(self._run, float(max(1, ticks))), mask)
        if self._frames % OCCUPIED_EVERY == 0:
            rate = min(0.5, OCCUPIED_EVERY * dt_s / OCCUPIED_S)
            cv2.addWeighted(self._occupied, 1 - rate, mask, rate, 0, dst=self._occupied)

    def _learn(
        self, gray: Gray, mask: Gray, dt_s: float, held: Sequence[Rect], rare: bool
    ) -> Gray | None:
        """Renews samples; returns 255 where the pixel flickers, None where none does."""
        background = cv2.bitwise_not(mask)
        noise_every = NOISE_EVERY if self._age_s > 2 * BOOT_S else 2
        if self._frames % noise_every == 0:
            self._learn_noise(gray, background, min(0.5, noise_every * dt_s / NOISE_S))
        learn, flickers = background, None
        unrest = over(self._flicker, RESTLESS_LIMIT)
        self._flickers = cv2.countNonZero(unrest) > 0
        if self._flickers:
            flickers = over(self._flicker, FLICKER_LIMIT)
            limit = 255 * OCCUPIED_LIMIT
            occupied = cv2.threshold(self._occupied, limit, 255, cv2.THRESH_BINARY)[1]
            restless = cv2.bitwise_and(occupied, unrest)
            # What has come to stand where others flitted by is neither.
            stands = marked(self._still >= np.uint16(STANDS_S / TICK_S))
            flickers[stands > 0] = 0
            restless[stands > 0] = 0
            learn = cv2.bitwise_or(background, cv2.bitwise_or(flickers, restless))
        for x, y, w, h in held:
            if flickers is not None:
                flickers[y : y + h, x : x + w] = 0
            # Around a thing that stands, half-covered edge pixels would otherwise be learnt and eat into it.
            learn[y : y + h, x : x + w] = 0
        if not self.ready:
            learn[:] = 255
        sparse, dense = chances(self.shape, LEARN_SHARE, 0.5)
        for _ in range(QUIET_SAMPLES if rare else 1):
            self._renew(gray, learn, dense if rare or not self.ready else sparse)
        if rare or self._frames % MEAN_EVERY == 0:
            rate = min(0.5, (1 if rare else MEAN_EVERY) * dt_s / MEAN_S)
            now = np.multiply(gray, _MEAN_UNIT, dtype=np.uint16)
            mean = cv2.addWeighted(self._mean, 1 - rate, now, rate, 0)
            cv2.copyTo(mean, learn, self._mean)
        return flickers

    def _learn_noise(self, gray: Gray, background: Gray, rate: float) -> None:
        nearest = cv2.absdiff(self._samples[0], gray)
        for sample in self._samples[1:]:
            cv2.min(nearest, cv2.absdiff(sample, gray), dst=nearest)
        noise = cv2.addWeighted(self._noise, 1 - rate, nearest, _NOISE_UNIT * rate, 0)
        cv2.copyTo(noise, background, self._noise)
        scaled = cv2.convertScaleAbs(self._noise, alpha=NOISE_FACTOR / _NOISE_UNIT)
        self._distance = cv2.min(cv2.max(scaled, self._least_distance(gray)), MAX_DISTANCE)

    def _least_distance(self, gray: Gray) -> Any:
        night = night_share(gray)
        if night == 0.0:
            return MIN_DISTANCE
        quiet, restless = (
            np.uint8(MIN_DISTANCE + night * (least - MIN_DISTANCE))
            for least in (NIGHT_DISTANCE, NIGHT_RESTLESS_DISTANCE)
        )
        return np.where(self._quiet, quiet, restless)

    def _stand(self, gray: Gray, mask: Gray, passed_s: float) -> None:
        """Counts how long each pixel that differs has not changed."""
        moved = cv2.absdiff(gray, self._previous)
        moved = cv2.threshold(moved, STILL_LEVELS, 255, cv2.THRESH_BINARY)[1]
        ticks = min(_TICKS_UNCHECKED, round(max(0.0, passed_s) / TICK_S))
        self._ticks += ticks
        if self._ticks > _TICKS_UNCHECKED:
            np.minimum(self._still, np.uint16(_MOST_TICKS), out=self._still)
            self._ticks = ticks
        self._still += np.uint16(ticks)
        cv2.copyTo(zeros(self.shape), cv2.bitwise_or(moved, cv2.bitwise_not(mask)), self._still)
        self._previous[:] = gray

    def _solid(self, mask: Gray) -> tuple[Gray, Rect]:
        """Takes lone pixels away and closes gaps; also says within what rectangle there is anything.

        Where nothing flickers around, the majority of 3×3 is enough and leaves heads and legs of far people
        standing; elsewhere it takes the majority of 7×7.
        """
        if self._frames % QUIET_EVERY == 0:
            self._quiet = self._quiet_around()
            self._all_quiet = cv2.countNonZero(self._quiet) == self._quiet.size
        solid = np.zeros(self.shape, np.uint8)
        fine = cv2.medianBlur(mask, 3)
        rect = widened(cv2.boundingRect(fine), SOLID_MARGIN_PX, self.shape)
        if not cv2.countNonZero(fine):
            return solid, (0, 0, 0, 0)
        part = window_of(rect)
        side = 5 if self._all_quiet else 7
        coarse = cv2.threshold(cv2.blur(mask[part], (side, side)), 127, 255, cv2.THRESH_BINARY)[1]
        chosen = cv2.bitwise_or(coarse, cv2.bitwise_and(fine[part], self._quiet[part]))
        solid[part] = cv2.morphologyEx(chosen, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        return solid, rect

    def _quiet_around(self) -> Gray:
        """255 where next to nothing flickers for :data:`QUIET_AROUND_PX` around."""
        if not self._flickers:
            return np.full(self.shape, 255, np.uint8)
        around = cv2.blur(self._flicker, (QUIET_AROUND_PX, QUIET_AROUND_PX))
        return np.asarray(cv2.bitwise_not(over(around, QUIET_LIMIT)), np.uint8)

    def _renew(self, gray: Gray, learn: Gray, chance: Gray) -> None:
        height, width = self.shape
        sample = self._samples[self._random.randrange(SAMPLES)]
        cv2.copyTo(gray, cv2.bitwise_and(learn, self._drawn(chance)), sample)
        # A pixel also teaches one neighbour, so that a camera that shakes a little stays quiet.
        dy, dx = self._random.randrange(-1, 2), self._random.randrange(-1, 2)
        inner = (slice(1 + dy, height - 1 + dy), slice(1 + dx, width - 1 + dx))
        chosen = cv2.bitwise_and(learn, self._drawn(chance))
        sample = self._samples[self._random.randrange(SAMPLES)]
        cv2.copyTo(gray[inner], chosen[inner], sample[1:-1, 1:-1])

    def _drawn(self, chance: Gray) -> Gray:
        y, x = self._random.randrange(SHIFTS), self._random.randrange(SHIFTS)
        window: Gray = chance[y : y + self.shape[0], x : x + self.shape[1]]
        return window
