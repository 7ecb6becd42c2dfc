"""Draws everybody into a picture in true perspective, behind what stands in front of them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.cameras import figures, vehicles
from demo.cameras.actors import Placement
from demo.cameras.ink import Area, Drawing, cast_shadow, cut, paint
from demo.cameras.view import View

Bytes = NDArray[np.uint8]
Floats32 = NDArray[np.float32]
FAR_M = {"vehicle": 260.0, "person": 130.0, "thing": 90.0}
_GRID = 7
_NO_SHADOW_PX = 10.0


def look(view: View, placement: Placement) -> Drawing | None:
    """How an actor appears, None when it is behind the camera, too far, or outside the picture."""
    right, _, forward = view.ground.rotation
    east, north = placement.east_m, placement.north_m
    up = placement.up_m + 1.0 - view.eye[2]
    depth = east * forward[0] + north * forward[1] + up * forward[2]
    if not 1.0 < depth < FAR_M[placement.kind]:
        return None
    # A quick test before the whole body is projected; no body reaches 16 m from its middle.
    slack_px = (16.0 if placement.kind == "vehicle" else 2.0) * view.ground.focal_px / depth
    x = (east * right[0] + north * right[1]) * view.ground.focal_px / depth
    if abs(x) > view.width_px / 2 + slack_px:
        return None
    draw = figures.draw if placement.kind == "person" else vehicles.draw
    drawing = draw(view, placement)
    if drawing is None:
        return None
    x0, y0, x1, y1 = drawing.box_px
    if x1 <= 0 or y1 <= 0 or x0 >= view.width_px or y0 >= view.height_px:
        return None
    return drawing


def visible(drawings: Sequence[Drawing], occluder_m: Floats32) -> list[float]:
    """The share of each outline that is inside the picture and hidden by nothing still or moving, 0..1.

    Sampled on a grid of 7 × 7 points in each box; a nearer actor hides its whole box.
    """
    height, width = occluder_m.shape
    steps = (np.arange(_GRID) + 0.5) / _GRID
    found = []
    for drawing in drawings:
        x0, y0, x1, y1 = drawing.box_px
        x, y = np.meshgrid(x0 + (x1 - x0) * steps, y0 + (y1 - y0) * steps)
        free = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        columns = x.clip(0, width - 1).astype(int)
        rows = y.clip(0, height - 1).astype(int)
        free &= occluder_m[rows, columns] > drawing.depth_m
        for other in drawings:
            if other.depth_m < drawing.depth_m - 0.2:
                a0, b0, a1, b1 = other.box_px
                if a0 < x1 and a1 > x0 and b0 < y1 and b1 > y0:
                    free &= (x < a0) | (x > a1) | (y < b0) | (y > b1)
        found.append(float(free.mean()))
    return found


def draw_all(
    picture: Bytes,
    still: Bytes,
    occluder_m: Floats32,
    drawings: Sequence[Drawing],
    shadows: bool = True,
) -> None:
    """Draws into ``picture`` ``(h, w, 3)``, a copy of ``still``: all shadows, then bodies from far to near."""
    for drawing in drawings if shadows else ():
        if drawing.box_px[3] - drawing.box_px[1] < _NO_SHADOW_PX:
            continue
        area = cast_shadow(picture, drawing)
        if area is not None:
            _behind(picture, still, occluder_m, area, drawing.depth_m + 0.5)
    for drawing in sorted(drawings, key=lambda d: -d.depth_m):
        area = paint(picture, drawing)
        if area is not None:
            _behind(picture, still, occluder_m, area, drawing.depth_m)


def _behind(picture: Bytes, still: Bytes, occluder_m: Floats32, area: Area, depth_m: float) -> None:
    """Puts the still picture back where something still stands nearer than ``depth_m``."""
    x0, y0, x1, y1 = area
    hidden = (occluder_m[y0:y1, x0:x1] < depth_m).view(np.uint8)
    if cv2.countNonZero(hidden):
        cv2.copyTo(still[y0:y1, x0:x1], hidden, picture[y0:y1, x0:x1])


def lamp(picture: Bytes, x: float, y: float, size_px: float, bgr: tuple[int, int, int]) -> None:
    """A lit lamp of a traffic signal with a faint glow."""
    area = cut(picture, (x - size_px * 3, y - size_px * 3, x + size_px * 3, y + size_px * 3))
    if area is None:
        return
    centre = (round(x * 16), round(y * 16))
    cv2.circle(picture, centre, round(size_px * 8), bgr, -1, cv2.LINE_AA, 4)
    core = tuple(min(255, c + 70) for c in bgr)
    cv2.circle(picture, centre, max(4, round(size_px * 4)), core, -1, cv2.LINE_AA, 4)
