"""The ground that a headlamp lights up at night, which is no part of a thing. Pure.

Light on the ground multiplies what is remembered of it, so the ratio of the picture and the remembered one is smooth there,
while the edges of a thing make it rough. In what differs from the background all that is smoothly brighter is taken for
light, and what is left is cut anew. The smooth side of a white van goes with the light, its edges and windows stay.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analytics.blobs import Blob, blobs_of
from analytics.model import Gray
from analytics.opencv import cv2

LIT_RATIO = 1.06
LIT_FROM = 110.0
"""Ground that was brighter already is paint or another's light: where it is lit as well, the ratio says little."""
ROUGHNESS = 0.004
"""The variance of the ratio over 5×5 pixels, as a share of its square, up to which it is smooth."""
NOISE_LEVELS = 3.0
STEEP = 0.02
"""Squared slope of the ratio, as a share of its square: what is steeper is the edge of a thing."""
LIT_SHARE = 0.15
"""Less of a blob stays in it."""
EDGE_PX = 3
"""What is left must be as thick: light that fades has a thin rim that is not smooth."""


def lit(gray: Gray, remembered: NDArray[np.float32]) -> NDArray[np.bool_]:
    """``(h, w)``: True where the picture ``gray`` is the ``remembered`` one, gray levels, under more light."""
    before = np.maximum(remembered, np.float32(4.0))
    ratio = cv2.divide(cv2.blur(gray, (3, 3)).astype(np.float32), before)
    mean = cv2.blur(ratio, (5, 5))
    square = cv2.multiply(mean, mean)
    variance = cv2.blur(cv2.multiply(ratio, ratio), (5, 5)) - square
    across = cv2.Sobel(mean, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(mean, cv2.CV_32F, 0, 1, scale=1 / 8)
    slope = cv2.multiply(across, across) + cv2.multiply(down, down)
    allowed = np.float32(ROUGHNESS) * square + np.square(np.float32(NOISE_LEVELS) / before)
    # Light that fades evenly has, over 5×5 pixels, twice its squared slope as variance.
    smooth = (variance - 2 * slope < allowed) & (slope < STEEP * square)
    light: NDArray[np.bool_] = smooth & (mean > LIT_RATIO) & (before < LIT_FROM)
    return light


def without_light(blob: Blob, light: NDArray[np.bool_], least_px: int) -> list[Blob]:
    """What is left of ``blob`` without the ``light`` ``(h, w)`` within its rectangle: pieces of at least so many pixels,
    none of what was light alone."""
    light = blob.part & light
    if np.count_nonzero(light) < LIT_SHARE * blob.area_px:
        return [blob]
    left = np.where(blob.part & ~light, np.uint8(255), np.uint8(0))
    left = cv2.morphologyEx(left, cv2.MORPH_OPEN, np.ones((EDGE_PX, EDGE_PX), np.uint8))
    x, y, w, h = blob.rect
    return [
        Blob((x + piece.rect[0], y + piece.rect[1], *piece.rect[2:]), piece.part, piece.area_px)
        for piece in blobs_of(left, (0, 0, w, h), least_px)
    ]
