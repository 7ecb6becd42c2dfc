"""Pictures of people on a square, as the camera of :mod:`tests.support.zones` sees them, small enough for analysis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.model import Detections, Frame, Motion, Scene, Track
from tests.support.zones import CAMERA, START, scene_of

WIDTH_PX, HEIGHT_PX = 480, 270
GROUND, CLOTHES = 140, 60
Spot = tuple[float, float]


def picture(people: Iterable[Spot], seed: int, light: float = 1.0) -> NDArray[np.uint8]:
    """People of 1.68 m by 0.46 m at metres east and north, with a narrower head, on ground with texture and noise."""
    ground = np.random.default_rng(1).normal(GROUND, 4, (HEIGHT_PX, WIDTH_PX)) * light
    scale = CAMERA.width_px / WIDTH_PX
    for east_m, north_m in sorted(people, key=lambda spot: -spot[1]):
        pixels, depth_m = CAMERA.project(
            np.array([[east_m, north_m, 0.0], [east_m, north_m, 1.68]])
        )
        (x, low), (_, high) = pixels / scale
        px_per_m = CAMERA.focal_px / float(depth_m[0]) / scale
        tall = low - high
        for half_m, top, bottom in ((0.1, 0.0, 0.15), (0.2, 0.15, 0.55), (0.14, 0.55, 1.0)):
            half = max(1.0, half_m * px_per_m)
            corners = (
                (round(x - half), round(high + top * tall)),
                (round(x + half), round(high + bottom * tall)),
            )
            cv2.rectangle(ground, *corners, float(CLOTHES - 25 * (top > 0.5)), cv2.FILLED)
    noise = np.random.default_rng(seed).normal(0, 1.5, ground.shape)
    return np.clip(ground + noise, 0, 255).astype(np.uint8)


def scene(
    t_s: float,
    people: Sequence[Spot],
    tracks: Sequence[Track] = (),
    light: float = 1.0,
    blind: bool = False,
) -> Scene:
    """One frame with its picture. The tracks are what the tracker makes of it."""
    gray = picture(people, int(t_s * 1000), light)
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
