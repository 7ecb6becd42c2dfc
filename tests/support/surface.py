"""An area as a camera sees it, look by look, for the rules over a surface."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics import rules
from analytics.model import Firing, Frame, Scene, Zone

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
Bgr = NDArray[np.uint8]


class Painted:
    """A picture in colour."""

    def __init__(self, bgr: Bgr) -> None:
        self._bgr = bgr

    def bgr(self) -> Bgr:
        """See :class:`analytics.model.Picture`."""
        return self._bgr


def paved(height: int = 270, width: int = 480) -> Bgr:
    """A wall with windows over paving with joints."""
    rng = np.random.default_rng(6)
    picture = np.full((height, width, 3), 125, np.uint8)
    picture[::12] = 95
    picture[:, ::16] = 100
    for _ in range(120):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        w, h, level = int(rng.integers(3, 14)), int(rng.integers(3, 10)), int(rng.integers(60, 180))
        cv2.rectangle(picture, (x, y), (x + w, y + h), (level, level, level), -1)
    return picture


def run(
    zone: Zone,
    paint: Callable[[Bgr, float], Bgr],
    seconds: float,
    every_s: float = 1.0,
    noise: float = 1.5,
    still: Bgr | None = None,
    levels: list[float] | None = None,
) -> list[tuple[float, Firing]]:
    """What the zone's rule says and when; ``paint`` changes a copy of the picture."""
    rule = rules.make(zone)
    rng = np.random.default_rng(1)
    picture = paved() if still is None else still
    said: list[tuple[float, Firing]] = []
    for number in range(round(seconds / every_s)):
        at_s = number * every_s
        bgr = paint(picture.copy(), at_s)
        grain = rng.normal(0, noise, bgr.shape[:2])[:, :, None]
        bgr = np.clip(bgr + grain, 0, 255).astype(np.uint8)
        gray = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), np.uint8)
        at = START + timedelta(seconds=at_s)
        frame = Frame(1, 1, at, gray, bgr.shape[1], bgr.shape[0], 0.0, Painted(bgr))
        said += [(at_s, firing) for firing in rule.update(Scene(at, frame=frame))]
        if levels is not None:
            levels += [reading.level_m for reading in rule.levels()]
    return said
