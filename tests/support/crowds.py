"""Pictures of people on a square, as the camera of :mod:`tests.support.zones` sees them, small enough for analysis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.model import Detections, Frame, Motion, Scene, Track
from tests.support.zones import CAMERA, START, scene_of

WIDTH_PX, HEIGHT_PX = 480, 270
GROUND = 140
Spot = tuple[float, float]


@cache
def _ground() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The square with nobody on it, and noise to take a part of."""
    rng = np.random.default_rng(1)
    ground = rng.normal(GROUND, 4, (HEIGHT_PX, WIDTH_PX)).astype(np.float32)
    return ground, rng.normal(0, 1.5, (HEIGHT_PX + 31, WIDTH_PX + 31)).astype(np.float32)


def picture(people: Iterable[Spot], seed: int, light: float = 1.0) -> NDArray[np.uint8]:
    """People of 1.68 m by 0.4 m at metres east and north, each in clothes of his own, on ground with texture and noise."""
    still, noise = _ground()
    ground = still * np.float32(light)
    scale = CAMERA.width_px / WIDTH_PX
    for east_m, north_m in sorted(people, key=lambda spot: -spot[1]):
        ends = np.array([[east_m, north_m, 0.0], [east_m, north_m, 1.68]])
        pixels, depth_m = CAMERA.project(ends)
        (x, low), (_, high) = pixels / scale
        px_per_m = CAMERA.focal_px / float(depth_m[0]) / scale
        tall = low - high
        clothes = 35.0 + 60.0 * ((east_m * 7.3 + north_m * 3.1) % 1.0)
        for half_m, top, bottom, level in (
            (0.1, 0.0, 0.15, 45.0),
            (0.2, 0.15, 0.55, clothes),
            (0.15, 0.55, 1.0, 110.0 - clothes),
        ):
            half = max(1.0, half_m * px_per_m)
            first = (round(x - half), round(high + top * tall))
            last = (round(x + half), round(high + bottom * tall))
            cv2.rectangle(ground, first, last, level, cv2.FILLED)
    row, column = seed * 7 % 31, seed * 13 % 31
    ground += noise[row : row + HEIGHT_PX, column : column + WIDTH_PX]
    return np.clip(ground, 0, 255).astype(np.uint8)


def scene(
    t_s: float,
    people: Sequence[Spot],
    tracks: Sequence[Track] = (),
    light: float = 1.0,
    blind: bool = False,
) -> Scene:
    """One frame with its picture. The tracks are what the tracker makes of it."""
    gray = picture(people, round(t_s * 5), light)
    at = START + timedelta(seconds=t_s)
    frame = Frame(1, 1, at, gray, CAMERA.width_px, CAMERA.height_px, 0.0, None)  # type: ignore[arg-type]
    return scene_of(t_s, *tracks, frame=frame, motion=Motion(Detections.none(), blind))


def spots(many: int, apart_m: float = 1.2, middle: Spot = (0.0, 20.0), seed: int = 3) -> list[Spot]:
    """Places about a middle, none nearer to another than ``apart_m``."""
    rng = np.random.default_rng(seed)
    within_m = apart_m * np.sqrt(many)
    found: list[Spot] = []
    while len(found) < many:
        east_m, north_m = rng.uniform(-within_m, within_m, 2) + middle
        spot = (float(east_m), float(north_m))
        if all(np.hypot(spot[0] - x, spot[1] - y) >= apart_m for x, y in found):
            found.append(spot)
    return found
