"""Reading a water gauge: where along a drawn arrow the water begins. Pure.

Along the arrow, from its lower end to its upper one, a narrow strip of the picture is kept for some looks. Its median over time
takes waves, drops and passing birds out. The water begins where the strip's statistics change once for all: the likeliest single
change point of a Gaussian's mean and spread (Chen and Gupta, Parametric Statistical Change Point Analysis, 2000), over brightness
and over unrest. A gauge's marks have much spread, water has its own mean, and it is never as still as a wall.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import cv2 as opencv
import numpy as np
from numpy.typing import NDArray

from analytics.model import Gray, Point

cv2: Any = opencv  # its stubs leave out scalar operands, which its arithmetic takes

Floats = NDArray[np.float64]
LOOKS = 9
ACROSS_PX = 4
"""Half the strip's width, analysis pixels."""
LEAST_STATIONS = 48
END_SHARE = 0.04
"""A change so near to an end of the arrow cannot be told."""
SURE = 0.25
"""Log likelihood per station that the change must gain over none."""


@dataclass(frozen=True, slots=True)
class GaugeLook:
    """``share`` of the arrow that stands in the water, from its lower end; ``gain`` is how sure, see :data:`SURE`."""

    share: float
    gain: float


class GaugeReader:
    """One gauge. ``arrow`` runs from its lower reading to its upper one, normalised."""

    def __init__(self, arrow: tuple[Point, Point]) -> None:
        self._arrow = arrow
        self._strips: deque[Floats] = deque(maxlen=LOOKS)
        self._maps: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
        self._shape: tuple[int, ...] | None = None

    def look(self, gray: Gray) -> GaugeLook | None:
        """Takes a small gray picture; None until there are looks enough, and where no waterline can be told."""
        if self._shape != gray.shape or self._maps is None:
            self._shape, self._maps = gray.shape, self._stations(gray.shape)
            self._strips.clear()
        strip = cv2.remap(gray, *self._maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        self._strips.append(strip.astype(np.float64))
        if len(self._strips) < LOOKS:
            return None
        looks = np.stack(self._strips)
        calm = np.median(looks, axis=0)
        level = calm.mean(axis=1)
        unrest = np.log1p(np.median(np.abs(looks - calm), axis=0).mean(axis=1))
        gain, place = _change(level, unrest)
        if gain < SURE:
            return None
        return GaugeLook(place / len(level), gain)

    def _stations(self, shape: tuple[int, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Pixels along the arrow (rows) and across it (columns)."""
        height, width = shape
        start, end = (np.array(p) * (width, height) for p in self._arrow)
        way = end - start
        length = max(1e-6, float(np.hypot(*way)))
        across = np.array([-way[1], way[0]]) / length
        count = max(LEAST_STATIONS, round(2 * length))
        shares = (np.arange(count) + 0.5) / count
        offsets = np.arange(-ACROSS_PX, ACROSS_PX + 1)
        x = start[0] + shares[:, None] * way[0] + offsets * across[0]
        y = start[1] + shares[:, None] * way[1] + offsets * across[1]
        return x.astype(np.float32), y.astype(np.float32)


def _change(*series: Floats) -> tuple[float, float]:
    """The likeliest change point of several series together: its gain per station, and where it lies."""
    count = len(series[0])
    ends = max(3, round(END_SHARE * count))
    splits = np.arange(ends, count - ends + 1)
    gain = np.zeros(len(splits))
    for values in series:
        floor = max(0.05, 0.02 * float(values.std())) ** 2
        total = np.concatenate([[0.0], np.cumsum(values)])
        square = np.concatenate([[0.0], np.cumsum(values * values)])
        first = square[splits] / splits - (total[splits] / splits) ** 2
        rest = count - splits
        second = (square[-1] - square[splits]) / rest - ((total[-1] - total[splits]) / rest) ** 2
        whole = max(floor, float(values.var()))
        gain += (
            count * np.log(whole)
            - splits * np.log(np.maximum(first, floor))
            - rest * np.log(np.maximum(second, floor))
        ) / 2
    best = int(gain.argmax())
    return float(gain[best]) / count, float(splits[best])
