"""What moves: a state at one moment, and the ink it is drawn with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.cameras.view import SHADE, SHADOW_PER_M, SUN, View

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Bgr = tuple[int, int, int]
Kind = Literal["person", "vehicle"]
Body = Literal[
    "person", "bicycle", "scooter", "sedan", "taxi", "suv", "van", "truck", "bus", "police", "boat"
]
Pose = Literal["walk", "stand", "run", "climb", "crouch"]
FINE_PX = 150
"""Figures smaller than this are drawn at twice their size and shrunk, which makes their edges soft."""


@dataclass(frozen=True, slots=True)
class State:
    """One actor at one moment: a place on the ground in local metres, where it goes and how fast.

    ``gone_m`` is how far it has come, which sets the swing of legs and wheels; ``up_m`` is above the ground
    only while it climbs; ``look`` picks colours and build.
    """

    id: str
    body: Body
    look: int
    east_m: float
    north_m: float
    heading_deg: float
    speed_ms: float
    gone_m: float = 0.0
    up_m: float = 0.0
    pose: Pose = "walk"

    @property
    def kind(self) -> Kind:
        return "person" if self.body in ("person", "bicycle", "scooter") else "vehicle"


@dataclass(frozen=True, slots=True)
class Ink:
    """One coat of paint in the picture's pixels: a polygon, a stroke of some width, or a disc."""

    points: Floats  # (N, 2); a stroke has two, a disc one
    bgr: Bgr
    width_px: float = 0.0  # stroke's width or disc's diameter; 0: a filled polygon


@dataclass(frozen=True, slots=True)
class Drawing:
    """An actor projected: its ink from back to front, its shadow's outline, depth and bounding box."""

    state: State
    inks: tuple[Ink, ...]
    shadow: Floats
    depth_m: float
    box_px: tuple[float, float, float, float]  # x0, y0, x1, y1


def frame_of(state: State) -> tuple[Floats, Floats, Floats]:
    """The foot point, the direction ahead and the direction to the right, each ``(3,)``."""
    turn = math.radians(state.heading_deg)
    foot = np.array([state.east_m, state.north_m, state.up_m])
    ahead = np.array([math.sin(turn), math.cos(turn), 0.0])
    right = np.array([math.cos(turn), -math.sin(turn), 0.0])
    return foot, ahead, right


def light_on(normal: Floats) -> float:
    """Brightness of a face under the day's sun and sky."""
    return 0.58 + 0.44 * max(0.0, float(normal @ SUN)) + 0.06 * float(normal[2])


def lit(bgr: Bgr, light: float) -> Bgr:
    """A colour under a light."""
    b, g, r = (min(255, max(0, int(c * light))) for c in bgr)
    return b, g, r


def shadow_of(view: View, points: Floats) -> Floats:
    """The outline in the picture of the shadow that local points ``(N, 3)`` throw on the ground; may be empty."""
    ground = np.zeros((len(points), 3))
    ground[:, :2] = points[:, :2] + points[:, 2:3] * SHADOW_PER_M
    pixels, depth = view.project(ground)
    if depth.min() < 0.5:
        return np.zeros((0, 2))
    hull: Floats = cv2.convexHull(pixels.astype(np.float32))[:, 0, :].astype(np.float64)
    return hull


def bounds(inks: list[Ink]) -> tuple[float, float, float, float]:
    """The box round all ink."""
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for ink in inks:
        half = ink.width_px / 2
        low = np.minimum(low, ink.points.min(axis=0) - half)
        high = np.maximum(high, ink.points.max(axis=0) + half)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def cast_shadow(picture: Bytes, outline: Floats) -> tuple[int, int, int, int] | None:
    """Darkens the ground under an outline, soft at its edge. Returns the touched area x0, y0, x1, y1."""
    if len(outline) < 3:
        return None
    span = float(np.ptp(outline[:, 1]))
    soft = int(max(3, min(15, span * 0.12))) | 1
    area = _area(picture, (*(outline.min(axis=0) - soft), *(outline.max(axis=0) + soft)))
    if area is None:
        return None
    x0, y0, x1, y1 = area
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    cv2.fillConvexPoly(
        mask, np.round((outline - (x0, y0)) * 16).astype(np.int32), 255, cv2.LINE_AA, 4
    )
    mask = cv2.blur(mask, (soft, soft))
    part = picture[y0:y1, x0:x1]
    dark = cv2.multiply(part, (*(1 - SHADE), 0.0))
    three = cv2.merge([mask, mask, mask])
    cv2.subtract(part, cv2.multiply(dark, three, scale=1 / 255), dst=part)
    return area


def paint(picture: Bytes, drawing: Drawing) -> tuple[int, int, int, int] | None:
    """Draws an actor's ink. Returns the touched area x0, y0, x1, y1, None when it is out of the picture."""
    x0f, y0f, x1f, y1f = drawing.box_px
    area = _area(picture, (x0f - 1, y0f - 1, x1f + 1, y1f + 1))
    if area is None:
        return None
    x0, y0, x1, y1 = area
    scale = 2 if y1f - y0f < FINE_PX else 1
    line = cv2.LINE_8 if scale == 2 else cv2.LINE_AA
    layer = np.zeros(((y1 - y0) * scale, (x1 - x0) * scale, 4), np.uint8)
    origin = np.array([x0, y0], dtype=np.float64)
    factor = scale * 16.0
    for ink in drawing.inks:
        colour = (*ink.bgr, 255)
        points = np.round((ink.points - origin) * factor).astype(np.int32)
        if ink.width_px == 0.0:
            cv2.fillPoly(layer, [points], colour, line, 4)
        elif len(points) == 1:
            radius = max(8, round(ink.width_px * factor / 2))
            cv2.circle(layer, points[0].tolist(), radius, colour, -1, line, 4)
        else:
            thick = max(1, round(ink.width_px * scale))
            cv2.line(layer, points[0].tolist(), points[1].tolist(), colour, thick, line, 4)
    if scale == 2:
        layer = cv2.resize(layer, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    part = picture[y0:y1, x0:x1]
    alpha = layer[:, :, 3]
    rest = cv2.bitwise_not(cv2.merge([alpha, alpha, alpha]))
    cv2.multiply(part, rest, dst=part, scale=1 / 255)
    cv2.add(part, layer[:, :, :3], dst=part)
    return area


def _area(
    picture: Bytes, box: tuple[float, float, float, float]
) -> tuple[int, int, int, int] | None:
    """A box cut to the picture and widened to even pixels, so that it can be turned to YUV by itself."""
    height, width = picture.shape[:2]
    x0, y0 = max(0, int(math.floor(box[0]))) & ~1, max(0, int(math.floor(box[1]))) & ~1
    x1 = min(width, (int(math.ceil(box[2])) + 1) & ~1)
    y1 = min(height, (int(math.ceil(box[3])) + 1) & ~1)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None
