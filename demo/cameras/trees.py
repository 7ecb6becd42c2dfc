"""Trees as pictures: crowns of leaf clumps lit from the sun's side."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.cameras.view import SUN, View

Bytes = NDArray[np.uint8]
SIZE_PX = 320
VARIANTS = 6
CROWN_SHARE = 0.72  # of the tree's height


@lru_cache(maxsize=64)
def _sprite(variant: int, sun_right: float, sun_front: float) -> Bytes:
    """A tree ``SIZE_PX`` high and wide, premultiplied BGRA; its foot is in the middle of the lower edge."""
    rng = np.random.default_rng(100 + variant)
    canvas = np.zeros((SIZE_PX, SIZE_PX, 4), np.uint8)
    half = SIZE_PX // 2
    trunk = np.array(
        [
            [half - 5, SIZE_PX],
            [half - 4, SIZE_PX * 0.5],
            [half + 4, SIZE_PX * 0.5],
            [half + 6, SIZE_PX],
        ]
    )
    cv2.fillPoly(canvas, [trunk.astype(np.int32)], (58, 70, 82, 255), cv2.LINE_AA)
    cv2.line(
        canvas, (half + 3, SIZE_PX), (half + 2, SIZE_PX // 2), (78, 92, 104, 255), 3, cv2.LINE_AA
    )
    centre_y, radius_x, radius_y = SIZE_PX * 0.36, SIZE_PX * 0.30, SIZE_PX * 0.34
    lobes = np.array(
        [[0.0, 0.0, 0.0, 0.72]]
        + [
            [
                rng.uniform(-0.55, 0.55),
                rng.uniform(-0.6, 0.5),
                rng.uniform(-0.4, 0.5),
                rng.uniform(0.35, 0.5),
            ]
            for _ in range(9)
        ]
    )
    count = 1500
    lobe = lobes[rng.integers(0, len(lobes), count)]
    direction = rng.normal(size=(count, 3))
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    reach = rng.uniform(0.55, 1.0, count)[:, None]
    at = lobe[:, :3] + direction * lobe[:, 3:] * reach  # right, up (down positive), towards us
    normal = direction * 0.7 + at * 0.6
    sun = np.array([sun_right, -SUN[2], sun_front])
    light = 0.5 + 0.5 * (normal @ sun) / np.maximum(np.linalg.norm(normal, axis=1), 1e-6)
    light *= 0.72 + 0.28 * np.clip(0.6 - at[:, 1] * 0.6, 0, 1)
    order = np.argsort(at[:, 2])
    hue = rng.uniform(-1, 1)
    for i in order:
        x = half + at[i, 0] * radius_x
        y = centre_y + at[i, 1] * radius_y
        level = 0.34 + 0.82 * light[i] + rng.uniform(-0.07, 0.07)
        bgr = np.array([52 + 6 * hue, 112 - 6 * hue, 84 + 14 * hue]) * level
        b, g, r = (int(v) for v in np.clip(bgr, 0, 255))
        axes = (int(rng.uniform(4, 10)), int(rng.uniform(3, 7)))
        cv2.ellipse(
            canvas,
            (int(x), int(y)),
            axes,
            rng.uniform(0, 180),
            0,
            360,
            (b, g, r, 255),
            -1,
            cv2.LINE_AA,
        )
    return canvas


def sprite(view: View, variant: int) -> Bytes:
    """The tree's picture under the sun as this camera sees it."""
    # Rounded, so that cameras that look the same way share the pictures.
    right = round(float(SUN[:2] @ view.right), 1)
    front = round(float(-(SUN[:2] @ view.ahead)), 1)
    return _sprite(variant % VARIANTS, right, front)
