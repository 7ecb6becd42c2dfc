"""How light the whole picture is, and a step of that, found against a remembered picture. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.model import Gray

STEP_LEVELS = 5.0
STEP_INLIERS = 0.6
FITS_LEVELS = 18.0
DAY_LEVEL, NIGHT_LEVEL = 85.0, 66.0
"""Mean gray levels from which on it is day, and down to which it is night."""


@dataclass(frozen=True, slots=True)
class Light:
    """How the whole picture's brightness differs from the remembered one's: ``now = gain * then + offset``."""

    gain: float
    offset: float

    def undo(self) -> Gray:
        """The table that takes it out of a picture."""
        levels = np.arange(256, dtype=np.float32)
        table: Gray = np.clip((levels - self.offset) / self.gain, 0, 255).astype(np.uint8)
        return table

    def redo(self) -> Gray:
        """The table that puts it into the model."""
        levels = np.arange(256, dtype=np.float32)
        table: Gray = np.clip(levels * self.gain + self.offset, 0, 255).astype(np.uint8)
        return table


def night_share(gray: Gray) -> float:
    """0 by day to 1 where a picture is as dark as under a street's lamps."""
    mean = float(gray[::8, ::8].mean())
    return min(1.0, max(0.0, (DAY_LEVEL - mean) / (DAY_LEVEL - NIGHT_LEVEL)))


def light_between(now: NDArray[np.float32], then: NDArray[np.float32]) -> Light | None:
    """The step from ``then`` to ``now``, gray levels of the same places; None where there is none or it is not one light
    for all of them."""
    shift = _median(now - then)
    if abs(shift) <= STEP_LEVELS:
        return None
    gain, offset = 1.0, shift
    for _ in range(4):
        error = np.abs(gain * then + offset - now)
        near = error <= max(4.0, _median(error) * 1.5)
        centred = then[near] - then[near].mean()
        spread = float(centred @ centred)
        if spread > 1e3:
            gain = float(centred @ now[near]) / spread
        offset = float(now[near].mean() - gain * then[near].mean())
    fits = np.abs(gain * then + offset - now) <= FITS_LEVELS
    if not 0.3 <= gain <= 3.0 or fits.mean() < STEP_INLIERS:
        # What differs shows in the mask, and too much of it is waited out.
        return None
    return Light(gain, offset)


def _median(values: NDArray[np.float32]) -> float:
    middle = len(values) // 2
    return float(np.partition(values, middle)[middle])
