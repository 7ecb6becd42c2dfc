"""Where and how long a track stood: worked out once, when it is written, so that a search need not go through its samples.

Pure. A foot stands as long as it stays within :data:`STILL_WIDTHS` of its box's width of the place where it came to rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from analytics.model import Box, Point
from analytics.zone import inside

STILL_WIDTHS = 0.6
STILL_LEAST = 0.015
"""Of the picture: jitter alone moves a small box by so much."""
LEAST_S = 10.0
MOST_STANDS = 50


class Stand(NamedTuple):
    """A foot that stood at ``(x, y)``, its box ``width`` × ``height``, normalised; seconds after the track's beginning."""

    from_s: float
    to_s: float
    x: float
    y: float
    width: float
    height: float

    @property
    def lasted_s(self) -> float:
        """How long."""
        return self.to_s - self.from_s

    @property
    def box(self) -> Box:
        """Left, top, width, height."""
        return self.x - self.width / 2, self.y - self.height, self.width, self.height


def stands(t_ms: Sequence[int], boxes: Sequence[Box]) -> list[Stand]:
    """The times of at least :data:`LEAST_S` that a track stood, in order, one after the other.

    ``boxes`` are normalised and go with ``t_ms``. At most :data:`MOST_STANDS`, the longest.
    """
    if not boxes or t_ms[-1] - t_ms[0] < LEAST_S * 1000:
        return []
    times = np.array(t_ms, np.float64) / 1000
    flat = np.array(boxes, np.float64)
    feet = np.stack([flat[:, 0] + flat[:, 2] / 2, np.minimum(1.0, flat[:, 1] + flat[:, 3])], axis=1)
    radius = np.maximum(STILL_WIDTHS * flat[:, 2], STILL_LEAST)
    # Whoever stands long enough from here on is still here halfway, and at the end of it.
    maybe = np.ones(len(feet), np.bool_)
    for share in (0.5, 1.0):
        later = np.searchsorted(times, times + share * LEAST_S)
        there = np.minimum(later, len(times) - 1)
        maybe &= (later < len(times)) & (np.hypot(*(feet[there] - feet).T) <= radius)
    found: list[Stand] = []
    done = 0
    for at in np.flatnonzero(maybe).tolist():
        if at < done:
            continue
        left = np.flatnonzero(np.hypot(*(feet[at:] - feet[at]).T) > radius[at])
        end = at + (int(left[0]) if len(left) else len(feet) - at)
        if times[end - 1] - times[at] < LEAST_S:
            continue
        x, y = (float(value) for value in np.median(feet[at:end], axis=0))
        width, height = (float(value) for value in np.median(flat[at:end, 2:], axis=0))
        found.append(Stand(float(times[at]), float(times[end - 1]), x, y, width, height))
        done = end
    longest = sorted(found, key=lambda each: -each.lasted_s)[:MOST_STANDS]
    return sorted(longest)


def longest(
    flat: Sequence[float] | None, area: Sequence[Point] | None, least_s: float
) -> Stand | None:
    """The longest of the stands as stored, at least ``least_s`` long and within ``area`` where there is one."""
    values = flat or ()
    all_of_them = [Stand(*values[i : i + 6]) for i in range(0, len(values), 6)]
    fits = [
        each
        for each in all_of_them
        if each.lasted_s >= least_s and (area is None or inside(area, (each.x, each.y)))
    ]
    return max(fits, key=lambda each: each.lasted_s, default=None)
