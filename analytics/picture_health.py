"""What a camera's own picture says about the camera: covered, out of focus, turned away, dark, standing still, broken. Pure.

About once a second the frame is held against a remembered picture of the same view; of a quiet camera that is well, every
:data:`QUIET_EVERY_S`, while a picture of a few hundred pixels stays as it was. The remembered one is a slow average of
what the camera shows while it is well, so it follows the day, and the noise averages out of it. Compared are slopes, not
brightness: a light that is switched changes how steep an edge is, not where it lies. Key frames alone are enough.

How much of the remembered slope the present picture shows is its projection on it, ``sum(now · then) / sum(then · then)``; noise
does not correlate and falls out. Displacement is by phase correlation (Kuglin and Hines, 1975) of the slopes' strength.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analytics.model import Box, Frame, Gray
from analytics.opencv import cv2
from analytics.slopes import (
    COARSE,
    FINE,
    Floats32,
    Ints16,
    Slopes,
    displaced,
    levels,
    projection,
    shifted,
    slopes_of,
)  # fmt: skip

EVERY_S = 0.8
"""A frame sooner after the last one is not measured."""
QUIET_EVERY_S = 3.8
"""The same of a quiet camera whose picture was well and has not changed."""
UNCHANGED_LEVELS = 3.0
"""Mean difference of two small pictures without noise, up to which nothing has befallen the camera."""
WELL_SHARPNESS, WELL_LOST = 0.75, 0.2
CELLS = (18, 32)
"""Rows and columns of the grid in which it is told what is missing."""
LEARN_S = 150.0
LEARN_LOOKS = 5
"""A new view is remembered after so many looks, and then follows with this time constant."""
LEARN_MOST_S = 10.0
"""A longer time between two looks teaches no more than this."""
FAST_LEARN_LOOKS = 20
STRUCTURE = 4.0
"""Gray levels per pixel of slope: a cell with less has nothing that could be missing."""
LOST = 0.3
"""Of its slopes a cell must still show, against what the rest of the picture shows."""
LEARN_LOST_MOST = 0.3
"""With more of the picture missing nothing is learnt where it is: what covers the lens must not become the view."""
FITS = 0.55
"""Of the remembered slopes; below it the view may have shifted."""
SHOWS = 0.15
"""With less of them there is no telling how sharp it is."""
SAME_LEVELS = 0.02
SAME_MOST = 1
"""Mean and largest difference of two key frames that are the same one; a sensor's noise alone is more."""
ALIVE_LEVELS = 1.5
"""Mean difference from the last key frame that shows that something new has come since."""
REMEMBERED = 8
"""So many looks back a repetition is found: a stuck encoder sends its group of pictures again and again."""
BROKEN_RUN = 12
"""A block of so many equal rows and columns does not come from a lens."""
BLACK_LUMA, BLACK_SPREAD = 40.0, 12.0
"""So dark and even, a picture shows nothing that could be missing."""
BURNT_OUT = 225  # the sun, a lamp and a fire are flat as well
VIEWS = 24
LUMA_BINS = 16
BIN_S = 30.0
USUAL_S = 8 * 3600.0
"""Slow on purpose: what detail is usual is the matter of days, dirt of hours."""
FALLS_SLOWER = 6.0
_SAMPLED_ROWS = 4
_FINE_UNIT = 32
"""Remembered slopes are kept as whole numbers of 1/256 gray level per pixel, those of a picture come as 1/8."""
_SPREAD_STEP = 2


@dataclass(frozen=True, slots=True)
class Look:
    """One measurement. None means that nothing can be said: no memory yet, nothing to see, or broken.

    ``luma`` is the mean and ``spread`` from the 1st to the 99.7th percentile, gray levels. ``shown`` is how much of the
    remembered slopes the picture shows (1: all). ``sharpness`` is detail against what this camera shows at this
    brightness (1: as usual). ``lost`` is the share of the structured picture that is missing, within ``lost_box``;
    ``detail`` how much slope there is in its place, against what was. ``shift`` is how far the view has moved as a
    share of its width; 1 is another view altogether. ``same_s`` and ``same_keys`` say for how long, and over how many
    key frames, the same pictures have come. ``broken`` is the share that is one flat colour, as after lost packets.
    """

    at: datetime
    luma: float
    spread: float
    shown: float | None = None
    sharpness: float | None = None
    lost: float | None = None
    lost_box: Box = (0.0, 0.0, 1.0, 1.0)
    detail: float = 0.0
    shift: float | None = None
    same_s: float = 0.0
    same_keys: int = 0
    broken: float = 0.0


@dataclass(slots=True, eq=False)
class _View:
    """What is remembered of one view: slopes as in :class:`Slopes` (``fine`` in smaller units), the usual detail by
    brightness and from how many seconds it is known."""

    fine: Ints16
    coarse: Floats32
    at: datetime
    looks: int = 1
    detail: Floats32 = field(default_factory=lambda: np.zeros(LUMA_BINS, np.float32))
    detail_s: Floats32 = field(default_factory=lambda: np.zeros(LUMA_BINS, np.float32))


class PictureHealth:
    """One camera's picture, fed in order."""

    def __init__(self) -> None:
        self._views: dict[Hashable, _View] = {}
        self._last_at: datetime | None = None
        self._well = False
        self._small: Gray | None = None
        self._recent: deque[Gray] = deque(maxlen=REMEMBERED)
        self._same_since: datetime | None = None
        self._same_keys = 0
        self._flat_usual: float | None = None

    def look(
        self, frame: Frame, view: Hashable = None, turning: bool = False, quiet: bool = False
    ) -> Look | None:
        """Measures a frame; None when it comes too soon after the last, or the camera is turning.

        ``view`` is where a camera that turns looks: each view has a memory of its own. ``quiet``: one of the few frames
        of a camera before which nothing moves.
        """
        if turning:
            self._recent.clear()
            self._same_since, self._same_keys = None, 0
            self._well = False
            return None
        since_s = (frame.at - self._last_at).total_seconds() if self._last_at else None
        early = since_s is not None and since_s < EVERY_S
        if early and not frame.key:
            return None
        gray = frame.gray
        if gray.shape != FINE[::-1]:
            gray = cv2.resize(gray, FINE, interpolation=cv2.INTER_AREA)
        self._repeat(frame, np.ascontiguousarray(gray[::_SAMPLED_ROWS]))
        if early:
            return None
        if quiet and since_s is not None and since_s < QUIET_EVERY_S and self._unchanged(gray):
            return None
        self._last_at = frame.at
        look, knows = self._measure(frame, gray, view)
        self._well = (
            knows
            and look is not None
            and look.sharpness is not None
            and look.sharpness > WELL_SHARPNESS
            and (look.lost or 0.0) < WELL_LOST
            and not look.shift
        )
        self._small = _small(gray) if self._well else None
        return look

    def _unchanged(self, gray: Gray) -> bool:
        """Whether the picture was well when it was measured last and looks as it did then."""
        if not self._well or self._small is None or self._same_keys > 0:
            return False
        difference = cv2.norm(_small(gray), self._small, cv2.NORM_L1) / self._small.size
        return bool(difference < UNCHANGED_LEVELS)

    def _measure(self, frame: Frame, gray: Gray, view: Hashable) -> tuple[Look | None, bool]:
        """The measurement, and whether the view is known well enough to judge it seldom."""
        seen = self._seen(frame)
        total = FINE[0] * FINE[1] if seen is None else cv2.countNonZero(seen)
        if not total:
            return None, False
        luma = float(cv2.mean(gray, seen)[0])
        low, high = _range(gray, seen)
        since = self._same_since
        same_s = (frame.at - since).total_seconds() if since else 0.0
        broken = self._broken(gray, seen, total)
        plain = Look(
            frame.at, luma, high - low, same_s=same_s, same_keys=self._same_keys, broken=broken
        )
        black = luma < BLACK_LUMA and high - low < BLACK_SPREAD
        if broken > 0.02 or self._same_keys > 0 or black:
            return plain, False
        look = self._compare(plain, gray, seen, view)
        return look, self._views[view].looks > FAST_LEARN_LOOKS

    @staticmethod
    def _seen(frame: Frame) -> Gray | None:
        """255 where no privacy mask hides the picture; None where none does anywhere."""
        if frame.hidden is None:
            return None
        hidden = cv2.resize(frame.hidden, FINE, interpolation=cv2.INTER_AREA)
        grown = cv2.dilate(hidden, np.ones((5, 5), np.uint8))
        return np.asarray(cv2.compare(grown, 0, cv2.CMP_EQ), np.uint8)

    def _repeat(self, frame: Frame, rows: Gray) -> None:
        """Notes whether a key frame has come before. Between two of them an encoder copies what stands, noise and all, so
        what lies between says nothing but that the picture is alive. ``rows`` are some of the picture's."""
        if frame.key:
            same = any(_same(rows, before) for before in self._recent)
            self._recent.append(rows)
        else:
            same = (
                self._same_keys == 0
                or cv2.norm(rows, self._recent[-1], cv2.NORM_L1) < ALIVE_LEVELS * rows.size
            )
            if same:
                return
        if not same:
            self._same_since, self._same_keys = None, 0
            return
        self._same_since = self._same_since or frame.at
        self._same_keys += 1

    def _broken(self, gray: Gray, seen: Gray | None, total: int) -> float:
        """The share that is flat to the last level, beyond what is usual of this camera (a black border, a clear sky)."""
        kernel = np.ones((BROKEN_RUN, BROKEN_RUN), np.uint8)
        flat = cv2.compare(cv2.dilate(gray, kernel), cv2.erode(gray, kernel), cv2.CMP_EQ)
        share = 0.0
        if cv2.countNonZero(flat):
            flat = cv2.bitwise_and(flat, cv2.compare(gray, BURNT_OUT, cv2.CMP_LE))
            if seen is not None:
                flat = cv2.bitwise_and(flat, seen)
            share = cv2.countNonZero(flat) / total
        if self._flat_usual is None:
            self._flat_usual = share
        excess = max(0.0, share - self._flat_usual - 0.02)
        self._flat_usual += (share - self._flat_usual) * (0.02 if excess else 0.2)
        return excess

    def _compare(self, plain: Look, gray: Gray, seen: Gray | None, key: Hashable) -> Look:
        now = slopes_of(gray, seen)
        remembered = self._views.pop(key, None)
        if remembered is None:
            remembered = _View(now.fine * np.int16(_FINE_UNIT), now.coarse, plain.at)
            while len(self._views) >= VIEWS:
                del self._views[next(iter(self._views))]
            self._views[key] = remembered
            return plain
        self._views[key] = remembered  # the one used last stands last
        if remembered.looks < LEARN_LOOKS:
            _learn(remembered, now, plain)
            return plain
        fine = levels(remembered.fine, _FINE_UNIT)
        shown = projection(levels(now.fine), fine)
        shown_coarse = projection(now.coarse, remembered.coarse)
        shift = 0.0
        if shown_coarse < FITS or shown < 0.6 * shown_coarse:
            moved = displaced(now.coarse, remembered.coarse)
            if moved is not None:
                aligned = slopes_of(*shifted(gray, seen, -2 * moved[0], -2 * moved[1]))
                again = projection(aligned.coarse, remembered.coarse)
                shown_again = projection(levels(aligned.fine), fine)
                if again > max(1.3 * shown_coarse, 0.3) or shown_again > 1.3 * shown:
                    shift = float(np.hypot(*moved)) / COARSE[0]
                    now, shown, shown_coarse = aligned, shown_again, again
        lost, cells, detail = _lost(now.coarse, remembered.coarse, shown_coarse)
        if lost is None:
            _learn(remembered, now, plain)
            return plain
        if lost >= 0.6 and shift == 0.0 and detail >= 0.6:
            shift = 1.0  # as much to see as before, but none of it where it was
        sharpness = None
        if shown_coarse >= SHOWS:
            usual = _usual_detail(remembered, fine, plain.luma)
            sharpness = min(2.0, max(0.0, shown / shown_coarse) * usual)
        if shift <= 0.004 and (sharpness is None or sharpness > 0.6):
            _learn(remembered, now, plain, cells if lost > LEARN_LOST_MOST else None)
        return Look(
            plain.at, plain.luma, plain.spread, shown_coarse, sharpness, lost, _box(cells), detail,
            shift, plain.same_s, plain.same_keys, plain.broken,
        )  # fmt: skip


def _range(gray: Gray, seen: Gray | None) -> tuple[float, float]:
    """The 1st and the 99.7th percentile, of every fourth pixel."""
    step = _SPREAD_STEP
    mask = None if seen is None else np.ascontiguousarray(seen[::step, ::step])
    part = np.ascontiguousarray(gray[::step, ::step])
    counts = cv2.calcHist([part], [0], mask, [256], [0, 256]).cumsum()
    low, high = np.searchsorted(counts, counts[-1] * np.array([0.01, 0.997]))
    return float(low), float(high)


def _same(one: Gray, two: Gray) -> bool:
    if cv2.norm(one, two, cv2.NORM_INF) > SAME_MOST:
        return False
    return bool(cv2.norm(one, two, cv2.NORM_L1) <= SAME_LEVELS * one.size)


def _lost(
    now: Floats32, then: Floats32, shown: float
) -> tuple[float | None, NDArray[np.bool_], float]:
    """The share of the structured cells that is missing, which they are, and how much there is in their place."""
    rows, columns = _cell_weights()
    power, both, present = (
        rows @ (a[0] * b[0] + a[1] * b[1]) @ columns
        for a, b in ((then, then), (now, then), (now, now))
    )
    structured = power > (STRUCTURE * STRUCTURE)
    if np.count_nonzero(structured) < 0.05 * structured.size:
        return None, structured & False, 0.0
    ratio = np.where(structured, both / np.maximum(power, 1e-6), 1.0)
    # A light that fades takes from all alike: what still shows fairly is the measure for the rest.
    fair = max(
        0.25, min(1.0, float(np.percentile(ratio[structured], 80)), 1.5 * max(shown, 0.0) + 0.1)
    )
    missing = structured & (ratio < LOST * fair)
    if not missing.any():
        return 0.0, missing, 0.0
    detail = float(np.sqrt(present[missing].sum() / power[missing].sum()))
    return float(missing.sum() / structured.sum()), missing, detail


def _detail(fine: Floats32, coarse: Floats32) -> float:
    """Fine slopes against coarse ones; falls with blur, not with light."""
    power = float(np.vdot(coarse, coarse))
    return float(np.sqrt(float(np.vdot(fine, fine)) / power)) if power > 0 else 0.0


def _usual_detail(view: _View, fine: Floats32, luma: float) -> float:
    """The remembered picture's detail against what it usually is at this brightness: falls as dirt gathers slowly."""
    place = _bin(luma)
    if view.detail_s[place] < BIN_S or view.detail[place] <= 0:
        return 1.0
    return min(1.2, _detail(fine, view.coarse) / float(view.detail[place]))


def _learn(view: _View, now: Slopes, look: Look, but: NDArray[np.bool_] | None = None) -> None:
    """Lets the view follow the picture, all of it or all ``but`` those cells."""
    passed_s = min(LEARN_MOST_S, max(0.0, (look.at - view.at).total_seconds()))
    view.at = look.at
    view.looks += 1
    if view.looks <= FAST_LEARN_LOOKS:
        rate = max(passed_s / LEARN_S, 1.0 / view.looks)
    else:
        rate = passed_s / LEARN_S
    size = (FINE[0], FINE[1] - FINE[1] // 2)
    kept = _cells_at(but, size) if but is not None else None
    before = view.fine[:, kept] if kept is not None else None
    for then, fine in zip(view.fine, now.fine, strict=True):
        cv2.addWeighted(then, 1.0 - rate, fine, _FINE_UNIT * rate, 0.0, dst=then)
    if before is not None:
        view.fine[:, kept] = before
    step = (now.coarse - view.coarse) * np.float32(rate)
    if but is not None:
        step[:, _cells_at(but, COARSE)] = 0.0
    view.coarse += step
    if view.looks <= FAST_LEARN_LOOKS:
        return
    place = _bin(look.luma)
    view.detail_s[place] = min(USUAL_S, view.detail_s[place] + passed_s)
    detail = _detail(levels(view.fine, _FINE_UNIT), view.coarse)
    # What falls is more likely dirt than what has always been so.
    known_s = float(view.detail_s[place])
    if detail < view.detail[place]:
        known_s *= FALLS_SLOWER
    view.detail[place] += (detail - view.detail[place]) * passed_s / max(passed_s, known_s, 1e-9)


def _bin(luma: float) -> int:
    return min(LUMA_BINS - 1, int(luma * LUMA_BINS / 256))


def _small(gray: Gray) -> Gray:
    return np.asarray(cv2.resize(gray, CELLS[::-1], interpolation=cv2.INTER_AREA), np.uint8)


@lru_cache(maxsize=1)
def _cell_weights() -> tuple[Floats32, Floats32]:
    """What averages a coarse picture's pixels over cells: ``rows @ picture @ columns``."""
    rows = cv2.resize(
        np.eye(COARSE[1], dtype=np.float32), (COARSE[1], CELLS[0]), interpolation=cv2.INTER_AREA
    )
    columns = cv2.resize(
        np.eye(COARSE[0], dtype=np.float32), (CELLS[1], COARSE[0]), interpolation=cv2.INTER_AREA
    )
    return rows, columns


def _cells_at(cells: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    """The marked cells as pixels of a picture of that width and height."""
    marked = cv2.resize(cells.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(marked > 0, np.bool_)


def _box(cells: NDArray[np.bool_]) -> Box:
    """The box round the marked cells; all of the picture where none is."""
    rows, columns = np.nonzero(cells)
    if not len(rows):
        return (0.0, 0.0, 1.0, 1.0)
    top, left = rows.min() / CELLS[0], columns.min() / CELLS[1]
    bottom, right = (rows.max() + 1) / CELLS[0], (columns.max() + 1) / CELLS[1]
    return (float(left), float(top), float(right - left), float(bottom - top))
