"""What a thing looks like: a short description to know it again by, and the colour of its own pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.model import COLOURS, Colour, Gray, Kind
from analytics.opencv import cv2

Floats = NDArray[np.float32]
Bgr = NDArray[np.uint8]

LOOK_BANDS, LOOK_LEVELS = 4, 8
"""A look is the gray levels of so many bands from top to bottom: hair, upper body, legs, feet; roof, doors, wheels."""
LOOK_MIDDLE = 0.7
"""Of a box's width: further out is mostly background."""
EVERY_PX = 8
"""One pixel in so many, each way, tells of the whole picture's light."""
NIGHT_CHROMA = 1.5
"""The whole picture's 95th percentile of chroma (CIELAB) below which it has no colour: infrared at night."""
CAST_MOST = 25.0
"""No more of the light's own colour (CIELAB a and b) is taken out of the picture."""
DARK_PICTURE = 14.0
"""The whole picture's median lightness (0..100) below which black and gray say nothing of a thing."""
GRAY_CHROMA, PALE_CHROMA = 13.0, 22.0
BLACK, WHITE = 27.0, 74.0
"""Less chroma than the first is black, gray or white by its lightness; what is pale may have more and is white."""
NO_HUE = 15.0
"""Nothing so dark has a hue."""
BROWN_CHROMA, BROWN_LIGHTNESS = 42.0, 52.0
VIVID = 1.6
"""How much more a pixel with a hue counts: windows, tyres, shade and road have none."""
PARTS: dict[Kind, tuple[float, float, float, float]] = {
    "person": (0.27, 0.16, 0.73, 0.52),
    "vehicle": (0.14, 0.25, 0.86, 0.8),
    "other": (0.25, 0.25, 0.75, 0.75),
}
"""Which part of a box is the thing's own: left, top, right, bottom; of a person the upper body."""
_HUES: tuple[tuple[float, Colour], ...] = (
    (43.0, "red"),
    (68.0, "orange"),
    (106.0, "yellow"),
    (196.0, "green"),
    (300.0, "blue"),
    (342.0, "purple"),
    (360.0, "red"),
)
"""Hue angles in CIELAB, degrees, up to which each colour reaches."""


@dataclass(frozen=True, slots=True)
class Light:
    """What a whole picture says of its light: its cast (CIELAB a and b), and which colours can be told at all."""

    cast: tuple[float, float]
    coloured: bool
    bright: bool

    @staticmethod
    def of(bgr: Bgr) -> Light:
        """The light of a picture ``(h, w, 3)``: most of a scene is taken for gray."""
        lab = _lab(np.ascontiguousarray(bgr[::EVERY_PX, ::EVERY_PX])).reshape(-1, 3)
        lightness, a, b = np.median(lab, axis=0).tolist()
        spread = np.hypot(lab[:, 1] - a, lab[:, 2] - b)
        return Light(
            (float(np.clip(a, -CAST_MOST, CAST_MOST)), float(np.clip(b, -CAST_MOST, CAST_MOST))),
            float(np.percentile(spread, 95)) >= NIGHT_CHROMA,
            lightness >= DARK_PICTURE,
        )


def colour_votes(crop: Bgr, kind: Kind, light: Light) -> NDArray[np.float64]:
    """How much of a thing's picture ``(h, w, 3)`` is of each of :data:`COLOURS`; all zero where none can be told."""
    votes = np.zeros(len(COLOURS))
    if not light.coloured:
        return votes
    left, top, right, bottom = PARTS[kind]
    height, width = crop.shape[:2]
    part = crop[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]
    if not part.size:
        return votes
    lab = _lab(cv2.resize(part, (16, 16), interpolation=cv2.INTER_AREA)).reshape(-1, 3)
    lightness = lab[:, 0]
    a, b = lab[:, 1] - light.cast[0], lab[:, 2] - light.cast[1]
    chroma, hue = np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360.0
    named = np.searchsorted(np.array([upto for upto, _ in _HUES]), hue)
    index = np.array([COLOURS.index(colour) for _, colour in _HUES])[np.minimum(named, 6)]
    earth = (hue > 30.0) & (hue < 106.0)
    earth &= (chroma < BROWN_CHROMA) & (lightness < BROWN_LIGHTNESS)
    index[earth] = COLOURS.index("brown")
    plain = (chroma < np.where(lightness > WHITE, PALE_CHROMA, GRAY_CHROMA)) | (lightness < NO_HUE)
    level = np.searchsorted([BLACK, WHITE], lightness)
    shades = np.array([COLOURS.index(shade) for shade in ("black", "gray", "white")])
    index[plain] = shades[level][plain]
    weight = np.where(plain, 1.0 if light.bright else 0.0, VIVID)
    votes += np.bincount(index, weight, len(COLOURS)) / len(index)
    return votes


def colour_of(votes: NDArray[np.float64]) -> Colour | None:
    """The colour with the most votes; None where there are none."""
    return COLOURS[int(votes.argmax())] if votes.any() else None


def _lab(bgr: Bgr) -> Floats:
    """CIELAB: lightness 0..100, a and b about -100..100."""
    lab: Floats = cv2.cvtColor(bgr.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    return lab


def look_of(gray: Gray, box_px: tuple[float, float, float, float], scale: float) -> Floats | None:
    """``(4 × 8,)``, sum 1: the gray levels of a box, band by band. None where the box has too few pixels.

    ``gray`` is the analysed picture, ``scale`` the camera's pixels per pixel of it.
    """
    x, y, w, h = (v / scale for v in box_px)
    inset = w * (1 - LOOK_MIDDLE) / 2
    left, right = max(0, round(x + inset)), min(gray.shape[1], round(x + w - inset))
    top, bottom = max(0, round(y)), min(gray.shape[0], round(y + h))
    if right - left < 2 or bottom - top < LOOK_BANDS:
        return None
    part = cv2.resize(
        gray[top:bottom, left:right], (8, 8 * LOOK_BANDS), interpolation=cv2.INTER_AREA
    )
    # Each level counts for the two bins it lies between.
    level = part.reshape(LOOK_BANDS, -1).astype(np.float32) / 255 * (LOOK_LEVELS - 1)
    low = np.minimum(level.astype(np.intp), LOOK_LEVELS - 2)
    share = level - low
    bins = low + LOOK_LEVELS * np.arange(LOOK_BANDS)[:, None]
    look = np.bincount(bins.ravel(), (1 - share).ravel(), LOOK_BANDS * LOOK_LEVELS)
    look += np.bincount((bins + 1).ravel(), share.ravel(), LOOK_BANDS * LOOK_LEVELS)
    out: Floats = (look / look.sum()).astype(np.float32)
    return out


def alike(one: Floats, other: Floats) -> float:
    """0..1, 1 for the same look: the Bhattacharyya coefficient, lines of levels one bin apart counted as near."""
    a = np.cumsum(one.reshape(LOOK_BANDS, LOOK_LEVELS), axis=1) * LOOK_BANDS
    b = np.cumsum(other.reshape(LOOK_BANDS, LOOK_LEVELS), axis=1) * LOOK_BANDS
    # The mean way that gray has to go, in levels, per band (the earth mover's distance in one dimension).
    return float(1.0 - min(1.0, np.abs(a - b).sum(axis=1).mean() / 3.0))
