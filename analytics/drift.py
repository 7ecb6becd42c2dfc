"""Whether a thing goes anywhere as a whole: straight lines laid through the ways of its box's four edges.

Leaves, flags and the digits of a burnt-in clock change without going anywhere, and what grows is not going. Along
each axis the slower of two opposite edges counts, so that growing alone is no movement. An edge on the picture's
border is not the thing's own: then the other one tells alone. The lines come from running sums, for all things at
once; after :data:`LOOKS` sights the older half of what is known counts half.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.boxes import BORDER_SHARE

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LOOKS = 40
JITTER_WEIGHT = 4.0
"""How many sights the belief in an edge's jitter is worth."""
_N, _T, _TT = 0, 1, 2
_E, _TE, _EE = slice(3, 7), slice(7, 11), slice(11, 15)


@dataclass(frozen=True, slots=True, eq=False)
class Gone:
    """``(n,)`` each: how far a thing moved as a whole (px), how sure that is (standard errors), whether it is cut."""

    far_px: Floats
    sureness: Floats
    cut: Flags


class Drift:
    """The sums of ``n`` things. ``edges`` are ``(n, 4)``: left, top, right, bottom."""

    def __init__(self, edges: Floats, now_s: float) -> None:
        n = len(edges)
        self._first = edges.copy()
        self._first_s = np.full(n, now_s)
        self._sums = np.zeros((n, 15))
        self._sums[:, _N] = 1.0
        self._reach = edges.copy()

    def add(self, rows: NDArray[np.intp], edges: Floats, now_s: float) -> None:
        """Takes the edges that ``rows`` were seen with."""
        t = (now_s - self._first_s[rows])[:, None]
        e = edges - self._first[rows]
        sums = self._sums[rows]
        full = sums[:, _N] >= LOOKS
        sums[full] *= 0.5
        sums += np.concatenate([np.ones_like(t), t, t * t, e, t * e, e * e], axis=1)
        self._sums[rows] = sums
        reach = self._reach[rows]
        reach[full] = edges[full]
        low, high = np.minimum(reach, edges), np.maximum(reach, edges)
        self._reach[rows] = np.concatenate([low[:, :2], high[:, 2:]], axis=1)

    def gone(self, rows: NDArray[np.intp], picture: tuple[int, int], jitter_px: Floats) -> Gone:
        """How far ``rows`` went; ``jitter_px`` is what an edge's jitter is taken for before it was seen."""
        sums = self._sums[rows]
        n = sums[:, _N : _N + 1]
        mean_t, mean_e = sums[:, _T : _T + 1] / n, sums[:, _E] / n
        spread = np.maximum(sums[:, _TT : _TT + 1] - n * mean_t**2, 1e-9)
        slope = (sums[:, _TE] - n * mean_t * mean_e) / spread
        rest = np.maximum(sums[:, _EE] - n * mean_e**2 - slope**2 * spread, 0.0)
        variance = (rest + JITTER_WEIGHT * np.square(jitter_px)[:, None]) / (n - 2 + JITTER_WEIGHT)
        sureness = slope / np.sqrt(variance / spread)
        # As long as even sights of this spread take from first to last.
        span = np.sqrt(12 * spread / n * (n - 1) / (n + 1))[:, 0]
        border = BORDER_SHARE * np.array(picture, np.float64)
        reach = self._reach[rows]
        cut_low = reach[:, :2] <= border
        cut_high = reach[:, 2:] >= np.array(picture) - border
        low, high = slope[:, :2], slope[:, 2:]
        own_low, own_high = np.where(cut_low, high, low), np.where(cut_high, low, high)
        counts = (own_low * own_high > 0) & ~(cut_low & cut_high)
        slower = np.minimum(np.abs(own_low), np.abs(own_high)) * counts
        sure_low = np.where(cut_low, sureness[:, 2:], sureness[:, :2])
        sure_high = np.where(cut_high, sureness[:, :2], sureness[:, 2:])
        sure = np.minimum(np.abs(sure_low), np.abs(sure_high)) * counts
        return Gone(
            np.hypot(*slower.T) * span,
            np.hypot(*sure.T),
            np.asarray((cut_low | cut_high).any(axis=1)),
        )

    def keep(self, kept: Flags) -> None:
        self._first, self._first_s = self._first[kept], self._first_s[kept]
        self._sums, self._reach = self._sums[kept], self._reach[kept]

    def append(self, more: Drift) -> None:
        self._first = np.concatenate([self._first, more._first])
        self._first_s = np.concatenate([self._first_s, more._first_s])
        self._sums = np.concatenate([self._sums, more._sums])
        self._reach = np.concatenate([self._reach, more._reach])
