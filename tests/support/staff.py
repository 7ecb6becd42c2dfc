"""A made picture of a staff gauge in the water, for the reader of gauges and its rule."""

from __future__ import annotations

import cv2
import numpy as np

from tests.support.surface import Bgr

ARROW = ((0.5, 0.9), (0.5, 0.2))
"""Along the staff, from 0 to 4 m; analysis pixels of 270 x 480."""
TOP_PX, BOTTOM_PX = 0.2 * 270, 0.9 * 270
SPAN_M = 4.0


def gauge(
    level_m: float,
    rng: np.random.Generator,
    light: float = 1.0,
    waves: float = 1.0,
    image: float = 0.12,
    shade_over_m: float | None = None,
    columns: range = range(480),
) -> Bgr:
    """A staff of 0 to 4 m with marks each 10 cm before a wall, water below with ``waves`` and a broken mirror image.

    ``image`` is the mirror image's brightness of the staff's; a shadow may lie on what is over ``shade_over_m``. Water is
    painted in ``columns`` only.
    """
    picture = np.full((270, 480, 3), 140, np.uint8)
    picture[::9] = 120
    cv2.rectangle(picture, (228, 20), (252, 260), (225, 225, 225), -1)
    for number in range(41):
        y = round(_y(number / 10))
        wide = 24 if number % 10 == 0 else 12
        cv2.rectangle(picture, (228, y - 1), (228 + wide, y + 1), (30, 30, 160), -1)
    if shade_over_m is not None:
        shaded = picture[: round(_y(shade_over_m))]
        shaded[:] = (shaded * 0.45).astype(np.uint8)
    line = _y(level_m)
    for x in columns:
        y = round(line + waves * (1.5 * np.sin(x / 7 + rng.random() * 0.8) + rng.normal(0, 0.8)))
        above = picture[max(0, 2 * y - 270) : y, x][::-1].astype(np.float32)
        mirrored = above[np.minimum(np.arange(270 - y), len(above) - 1)]
        water = 62.0 + image * mirrored + rng.normal(0, 6 * waves, (270 - y, 1))
        picture[y:, x] = np.clip(water, 0, 255).astype(np.uint8)
    return np.clip(picture * light, 0, 255).astype(np.uint8)


def _y(level_m: float) -> float:
    return BOTTOM_PX - level_m / SPAN_M * (BOTTOM_PX - TOP_PX)
