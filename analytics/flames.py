"""Fire by how it looks and moves: colour, place and flicker. Pure, without a model.

Flames are yellow to red and brighter than what is around, they stay where they are, and their outline changes several times a
second (Töreyin et al., Pattern Recognition Letters 27(1), 2006, use the same three). Lamps and vests have the colour and no
flicker, headlights move on, a blinker goes on and off as a whole.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from analytics.model import Box, Gray
from analytics.opencv import cv2

Bgr = NDArray[np.uint8]
Bools = NDArray[np.bool_]

WINDOW_S = 3.0
LEAST_LOOKS = 8
GAP_S = 1.2
"""Looks further apart than this cannot show flicker: all begins anew."""
LEAST_AREA_PX = 12
COLOUR_RED = 170
SEED_RED, SEED_SPREAD, SEED_PX = 205, 80, 4
"""A flame is somewhere as bright and as coloured as this, in most looks: lit leaves and grass seldom are."""
AMPLITUDE = (4.0, 12.0)
"""Of a restless pixel's brightness, one sigma in gray levels: flames leap, a threshold's noise does not."""
PRESENT = (0.35, 0.12)
"""Of the looks in which a pixel burns: where the flames are, and how far they reach."""
FLICKER_HZ = (0.7, 9.0)
EDGE_FLICKER = (0.05, 0.2)
"""How much of its outline is restless, against its area."""
RESTLESS = 1.2
"""Changes a second that make a pixel restless."""
DRIFT = 0.45
SWELL_MOST = 0.75
WHOLE_MOST = 0.5


@dataclass(frozen=True, slots=True)
class Flame:
    """A place that burns. ``box`` is in shares of the picture that was given; ``confidence`` 0..1.

    ``flicker_hz`` is how often a second its brightness turns; ``edge`` which share of its outline changes from look to look.
    """

    box: Box
    confidence: float
    flicker_hz: float
    edge: float
    area_share: float
    amplitude: float


def fire_coloured(bgr: Bgr) -> Bools:
    """``(h, w)``: where the picture has the colour of flames: red above green above blue, bright, saturated or burnt out warm."""
    blue, green, red = (bgr[:, :, i].astype(np.int16) for i in range(3))
    spread = red - blue
    warm = (red >= COLOUR_RED) & (red >= green) & (green > blue - 8) & (spread >= 65)
    # The core of a flame is nearly white; it counts where warm colour is around it.
    core = (red >= 225) & (green >= 170) & (red >= green) & (green >= blue) & (spread >= 18)
    near = cv2.dilate(warm.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    # A vest, a brick wall: red, but no brighter than what is around.
    luma = (red * 3 + green * 6 + blue) // 10
    bright = luma >= np.percentile(luma, 60)
    found: Bools = (warm | (core & near)) & bright
    return found


class FlameFinder:
    """One area's flames, fed at least three times a second with small colour pictures of one size."""

    def __init__(self) -> None:
        self._looks: deque[tuple[datetime, Bools, Gray, Bools]] = deque()

    def update(self, at: datetime, bgr: Bgr) -> list[Flame]:
        """The flames that burn now, the surest first; empty until some seconds have been seen."""
        if self._looks and (
            (at - self._looks[-1][0]).total_seconds() > GAP_S
            or self._looks[-1][1].shape != bgr.shape[:2]
        ):
            self._looks.clear()
        gray = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), np.uint8)
        red, blue = bgr[:, :, 2].astype(np.int16), bgr[:, :, 0].astype(np.int16)
        coloured = fire_coloured(bgr)
        seed = coloured & (red >= SEED_RED) & (red - blue >= SEED_SPREAD)
        self._looks.append((at, coloured, gray, seed))
        while (at - self._looks[0][0]).total_seconds() > WINDOW_S:
            self._looks.popleft()
        if len(self._looks) < LEAST_LOOKS:
            return []
        masks = np.stack([mask for _, mask, _, _ in self._looks])
        often = masks.mean(axis=0)
        core = often >= PRESENT[0]
        if np.count_nonzero(core) < LEAST_AREA_PX:
            return []
        joined = cv2.dilate((often >= PRESENT[1]).astype(np.uint8), np.ones((5, 5), np.uint8))
        count, labels = cv2.connectedComponents(joined, connectivity=8)
        span_s = (at - self._looks[0][0]).total_seconds()
        flames = [
            flame
            for label in range(1, count)
            if (flame := self._judge(masks, labels == label, core, span_s)) is not None
        ]
        return sorted(flames, key=lambda f: -f.confidence)

    def _judge(self, masks: Bools, place: Bools, core: Bools, span_s: float) -> Flame | None:
        if np.count_nonzero(core & place) < LEAST_AREA_PX:
            return None
        rows, columns = np.nonzero(place)
        window = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
        part = masks[:, window[0], window[1]] & place[window]
        areas = part.sum(axis=(1, 2)).astype(np.float64)
        mean = float(areas.mean())
        if mean < LEAST_AREA_PX:
            return None
        flips = part[1:] ^ part[:-1]
        changed = flips.sum(axis=(1, 2)).astype(np.float64)
        # Who passes before something warm changes a pixel twice; flames change it again and again.
        restless = flips.sum(axis=0) >= RESTLESS * span_s
        edge = float(np.count_nonzero(restless)) / mean
        swell = float(areas.std()) / mean
        # Changes that are nothing but the area's own going up and down are a blinker's.
        whole = float(np.abs(np.diff(areas)).sum()) / max(1.0, float(changed.sum()))
        seeds = [np.count_nonzero(seed[window] & place[window]) for _, _, _, seed in self._looks]
        if float(np.percentile(seeds, 30)) < SEED_PX:
            return None
        values = np.stack([gray[window] for _, _, gray, _ in self._looks]).astype(np.float32)
        lumas = values[:, place[window]].mean(axis=1)
        amplitude = (
            float(np.percentile(values[:, restless].std(axis=0), 75)) if restless.any() else 0.0
        )
        turns = float(np.count_nonzero(np.diff(np.sign(np.diff(lumas))))) / 2 / max(0.1, span_s)
        drift = _drift(part, mean)
        score = (
            _grade(edge, *EDGE_FLICKER)
            * _grade(-drift, -1.6 * DRIFT, -0.6 * DRIFT)
            * _grade(-swell, -1.3 * SWELL_MOST, -0.7 * SWELL_MOST)
            * _grade(-whole, -0.9, -WHOLE_MOST)
            * _grade(turns, 0.3, FLICKER_HZ[0])
            * _grade(amplitude, *AMPLITUDE)
        )
        ys, xs = np.nonzero(core & place)
        height, width = place.shape
        box = (
            float(xs.min()) / width, float(ys.min()) / height,
            float(xs.max() + 1 - xs.min()) / width, float(ys.max() + 1 - ys.min()) / height,
        )  # fmt: skip
        return Flame(
            box, score ** (1 / 3) if score > 0 else 0.0, turns, edge, mean / place.size, amplitude
        )


def _grade(value: float, low: float, high: float) -> float:
    """0 at ``low`` and below, 1 at ``high`` and above."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _drift(part: Bools, mean: float) -> float:
    """How far the middle of it has gone within the window, against its size."""
    height, width = part.shape[1:]
    weights = part.sum(axis=(1, 2)).astype(np.float64)
    seen = weights > 0.2 * mean
    if np.count_nonzero(seen) < 2:
        return 9.0
    y = (part.sum(axis=2) @ np.arange(height))[seen] / weights[seen]
    x = (part.sum(axis=1) @ np.arange(width))[seen] / weights[seen]
    third = max(1, len(x) // 3)
    way = np.hypot(x[-third:].mean() - x[:third].mean(), y[-third:].mean() - y[:third].mean())
    return float(way) / max(2.0, float(np.sqrt(mean)))
