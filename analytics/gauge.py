"""Reading a water gauge: where along a drawn arrow the water begins. Pure.

Along the arrow, from its lower end to its upper one, a narrow strip of the picture is kept for some looks. Its median over time
takes waves, drops and passing birds out. The water begins where the strip's statistics change once for all: the likeliest single
change point of a Gaussian's mean and spread (Chen and Gupta, Parametric Statistical Change Point Analysis, 2000), over brightness
and over unrest. A gauge's marks have much spread, water has its own mean, and it is never as still as a wall.

In the water stands the staff's image, and its end may be the greater change. So a second change above the first is the water's if what
lies between moves as the water does, or, where nothing moves, if it is the image of what stands above: upside down and dimmer. It is
the staff's own (dirt, a shadow) if what lies between is as still as the staff. Else nothing is said.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.model import Gray, Point
from analytics.opencv import cv2

Floats = NDArray[np.float64]
LOOKS = 9
ACROSS_PX = 4
"""Half the strip's width, analysis pixels."""
LEAST_STATIONS = 48
END_SHARE = 0.04
"""A change so near to an end of the arrow cannot be told."""
SURE = 0.25
"""Log likelihood per station that the change must gain over none."""
LEAST_PART = 3
"""Stations."""
MOVES = 2.0
"""Spreads of a part's unrest that water must differ by from what is still."""
MOVES_LEAST = 0.3
"""Of the logarithm: bright parts of a still staff are a little less still than dark ones."""
STILL = 1 / 3
"""Of the way from the staff's unrest to the water's."""
IMAGE = 0.8
"""Correlation of what lies below a water line with what stands above, upside down; twice as many stations as pixels, so the line
may be found ``IMAGE_SHIFT`` beside its place."""
IMAGE_SHIFT = 2
IMAGE_LEAST = 12
IMAGE_DIM = 0.75
"""Its contrast at the most, of the staff's."""


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
        line = _waterline(level, unrest, round(place))
        return None if line is None else GaugeLook(line / len(level), gain)

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


def _waterline(level: Floats, unrest: Floats, first: int) -> int | None:
    """The station at which the water ends, of the likeliest change and one above it; None where that cannot be told."""
    count = len(level)
    ends = _ends(count)
    if first > 2 * LEAST_PART:
        _, place = _change(level[:first], unrest[:first], ends=LEAST_PART)
        lower = round(place)
        if lower >= ends and _is_wet(unrest[:lower], unrest[lower:first], unrest[first:]) is False:
            return lower
    if count - first <= 2 * LEAST_PART:
        return first
    gain, place = _change(level[first:], unrest[first:], ends=LEAST_PART)
    if gain < SURE:
        return first
    second = first + round(place)
    if second - first <= ends:
        return first
    wet = _is_wet(unrest[:first], unrest[first:second], unrest[second:])
    if wet is None:
        wet = _is_image(level[first:second], level[second:])
    if wet is None or (wet and second > count - ends):
        return None
    return second if wet else first


def _is_wet(water: Floats, between: Floats, above: Floats) -> bool | None:
    """Whether the part between moves as the water does, or is as still as what stands above; None where unrest does not tell."""
    spread = max(0.05, float(np.median([part.std() for part in (water, between, above)])))
    moves = float(water.mean() - above.mean())
    if moves < max(MOVES * spread, MOVES_LEAST):
        return None
    share = float(between.mean() - above.mean()) / moves
    return True if share >= 1 - STILL else False if share <= STILL else None


def _is_image(between: Floats, above: Floats) -> bool | None:
    """Whether the part below a line is the dimmed image of the part above it; None where it is dim and something else."""
    near = min(len(between), len(above))
    if between[-near:].std() > IMAGE_DIM * above[:near].std():
        return False
    below = between[::-1]
    for shift in range(-IMAGE_SHIFT, IMAGE_SHIFT + 1):
        image, stands = below[max(0, shift) :], above[max(0, -shift) :]
        length = min(len(image), len(stands))
        image, stands = image[:length], stands[:length]
        if length < IMAGE_LEAST or image.std() == 0.0 or stands.std() == 0.0:
            continue
        if float(np.corrcoef(image, stands)[0, 1]) >= IMAGE:
            return True
    return None


def _ends(count: int) -> int:
    return max(LEAST_PART, round(END_SHARE * count))


def _change(*series: Floats, ends: int | None = None) -> tuple[float, float]:
    """The likeliest change point of several series together: its gain per station, and where it lies."""
    count = len(series[0])
    ends = _ends(count) if ends is None else ends
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
