"""The paint of what moves: outlines from back to front, laid over the still picture with soft edges and shadows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.cameras.actors import Placement
from demo.cameras.view import SHADE, SHADOW_PER_M, SUN, View

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Bgr = tuple[int, int, int]
Area = tuple[int, int, int, int]
_DARKENS = np.array([*(1 - SHADE), 0.0])
TINY_PX = 17
"""Figures smaller than this are drawn straight into the picture."""
FINE_PX = 140
"""Figures smaller than this are drawn at twice their size and shrunk, which makes their edges soft."""


@dataclass(frozen=True, slots=True)
class Ink:
    """One coat of paint: corners ``start`` to ``end`` of the drawing, a colour, and a stroke's width.

    Width 0 is a filled polygon; one corner alone is a disc of that diameter.
    """

    start: int
    end: int
    bgr: Bgr
    width_px: float = 0.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """An actor projected: ink over ``points`` ``(N, 2)`` px from back to front, its shadow's outline, depth and box."""

    placement: Placement
    points: Floats
    inks: tuple[Ink, ...]
    shadow: Floats
    depth_m: float
    box_px: tuple[float, float, float, float]  # x0, y0, x1, y1, not cut to the picture


def axes_of(placement: Placement) -> tuple[Floats, Floats]:
    """The foot point ``(3,)`` and the body's axes ahead, right and up ``(3, 3)``."""
    turn = math.radians(placement.heading_deg)
    sine, cosine = math.sin(turn), math.cos(turn)
    foot = np.array([placement.east_m, placement.north_m, placement.up_m])
    return foot, np.array([[sine, cosine, 0.0], [cosine, -sine, 0.0], [0.0, 0.0, 1.0]])


def light_on(normals: Floats) -> Floats:
    """Brightness of faces ``(N, 3)`` under the day's sun and sky."""
    bright: Floats = 0.58 + 0.44 * np.maximum(0.0, normals @ SUN) + 0.06 * normals[..., 2]
    return bright


def lit(bgr: Bgr, light: float) -> Bgr:
    """A colour under a light."""
    return (
        min(255, int(bgr[0] * light)),
        min(255, int(bgr[1] * light)),
        min(255, int(bgr[2] * light)),
    )


def shadow_of(view: View, points: Floats) -> Floats:
    """The outline in the picture of the shadow that local points ``(N, 3)`` throw on the ground; may be empty."""
    ground = np.zeros((len(points), 3))
    ground[:, :2] = points[:, :2] + points[:, 2:3] * SHADOW_PER_M
    pixels, depth = view.project(ground)
    if depth.min() < 0.5:
        return np.zeros((0, 2))
    hull: Floats = cv2.convexHull(pixels.astype(np.float32))[:, 0, :].astype(np.float64)
    return hull


def bounds(points: Floats, half_px: Floats) -> tuple[float, float, float, float]:
    """The box round discs of radii ``half_px`` ``(N,)`` at points ``(N, 2)``."""
    x0, y0 = (points - half_px[:, None]).min(axis=0).tolist()
    x1, y1 = (points + half_px[:, None]).max(axis=0).tolist()
    return x0, y0, x1, y1


def cast_shadow(picture: Bytes, drawing: Drawing) -> Area | None:
    """Darkens the ground under an actor, soft at the edge. Returns the touched area x0, y0, x1, y1."""
    outline = drawing.shadow
    if len(outline) < 3:
        return None
    low, high = outline.min(axis=0), outline.max(axis=0)
    span = float(high[1] - low[1])
    soft = int(max(1, min(13, span * 0.14))) | 1
    area = cut(picture, (low[0] - soft, low[1] - soft, high[0] + soft, high[1] + soft))
    if area is None:
        return None
    x0, y0, x1, y1 = area
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    cv2.fillConvexPoly(
        mask, np.round((outline - (x0, y0)) * 16).astype(np.int32), 255, cv2.LINE_AA, 4
    )
    if soft > 1:
        mask = np.asarray(cv2.blur(mask, (soft, soft)), np.uint8)
    part = picture[y0:y1, x0:x1]
    dark = cv2.multiply(part, _DARKENS)
    cv2.subtract(part, cv2.multiply(dark, cv2.merge([mask, mask, mask]), scale=1 / 255), dst=part)
    return area


def paint(picture: Bytes, drawing: Drawing) -> Area | None:
    """Draws an actor's ink. Returns the touched area x0, y0, x1, y1, None when it is out of the picture."""
    x0f, y0f, x1f, y1f = drawing.box_px
    area = cut(picture, (x0f - 1, y0f - 1, x1f + 1, y1f + 1))
    if area is None:
        return None
    x0, y0, x1, y1 = area
    if y1f - y0f < TINY_PX and x1f - x0f < TINY_PX:
        corners = np.round(drawing.points * 16).astype(np.int32)
        _lay(picture, corners, drawing.inks, 1, cv2.LINE_AA, 3)
        return area
    scale = 2 if y1f - y0f < FINE_PX else 1
    line = cv2.LINE_8 if scale == 2 else cv2.LINE_AA
    layer = np.zeros(((y1 - y0) * scale, (x1 - x0) * scale, 4), np.uint8)
    corners = np.round((drawing.points - (x0, y0)) * (scale * 16.0)).astype(np.int32)
    _lay(layer, corners, drawing.inks, scale, line, 4)
    if scale == 2:
        layer = np.asarray(
            cv2.resize(layer, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA), np.uint8
        )
    part = picture[y0:y1, x0:x1]
    blue, green, red, alpha = cv2.split(layer)
    rest = cv2.bitwise_not(alpha)
    # What lies below shines through where the ink is thin; the ink itself is already weighed by its share.
    cv2.multiply(part, cv2.merge([rest, rest, rest]), dst=part, scale=1 / 255)
    cv2.add(part, cv2.merge([blue, green, red]), dst=part)
    return area


def _lay(
    layer: Bytes,
    corners: NDArray[np.int32],
    inks: tuple[Ink, ...],
    scale: int,
    line: int,
    channels: int,
) -> None:
    for ink in inks:
        colour = (*ink.bgr, 255)[:channels]
        if ink.width_px == 0.0:
            cv2.fillPoly(layer, [corners[ink.start : ink.end]], colour, line, 4)
        elif ink.end - ink.start == 1:
            radius = max(8, round(ink.width_px * scale * 8))
            cv2.circle(layer, corners[ink.start].tolist(), radius, colour, -1, line, 4)
        else:
            a, b = corners[ink.start : ink.end].tolist()
            cv2.line(layer, a, b, colour, max(1, round(ink.width_px * scale)), line, 4)


def cut(picture: Bytes, box: tuple[float, float, float, float]) -> Area | None:
    """A box cut to the picture, None when nothing of it is inside."""
    height, width = picture.shape[:2]
    x0, y0 = max(0, math.floor(box[0])), max(0, math.floor(box[1]))
    x1, y1 = min(width, math.ceil(box[2])), min(height, math.ceil(box[3]))
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None
