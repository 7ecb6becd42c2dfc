"""A picture with depth, larger than the camera's by :data:`SCALE`, on which the still scene is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.cameras.view import SUN, View

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Shader = Callable[[Floats32, Floats32], Floats32]
"""Local points ``(N, 3)`` and depths ``(N,)`` → BGR ``(N, 3)``."""

SCALE = 2
NEAR_M = 0.4


class Canvas:
    """``bgr`` float ``(H, W, 3)``; ``depth`` of anything, ``occluder`` of what is not ground, both along the view axis."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.width, self.height = view.width_px * SCALE, view.height_px * SCALE
        self.rays = view.rays(SCALE)
        self.bgr: Floats32 = np.zeros((self.height, self.width, 3), np.float32)
        self.depth: Floats32 = np.full((self.height, self.width), np.inf, np.float32)
        self.occluder: Floats32 = np.full((self.height, self.width), np.inf, np.float32)

    def face(self, corners: Floats, colour: Floats | Shader) -> None:
        """Draws a flat polygon of local points ``(N, 3)``, hidden by what is nearer; a plain colour is lit by the sun."""
        clipped = self._clip(corners)
        if len(clipped) < 3:
            return
        pixels, _ = self.view.project(clipped)
        pixels *= SCALE
        low = np.floor(pixels.min(axis=0)).astype(int)
        high = np.ceil(pixels.max(axis=0)).astype(int) + 1
        x0, y0 = max(int(low[0]), 0), max(int(low[1]), 0)
        x1, y1 = min(int(high[0]), self.width), min(int(high[1]), self.height)
        if x0 >= x1 or y0 >= y1:
            return
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        shifted = np.clip((pixels - (x0, y0)) * 16, -(1 << 26), 1 << 26)
        cv2.fillPoly(mask, [shifted.round().astype(np.int32)], 1, cv2.LINE_8, 4)
        y, x = np.nonzero(mask)
        if not len(y):
            return
        normal = _normal(corners)
        rays = self.rays[y + y0, x + x0]
        toward = rays @ normal.astype(np.float32)
        toward = np.where(np.abs(toward) < 1e-6, 1e-6, toward)
        depth = np.float32(normal @ (corners[0] - self.view.eye)) / toward
        seen = (depth > 0) & (depth < self.depth[y + y0, x + x0])
        y, x, depth, rays = y[seen], x[seen], depth[seen], rays[seen]
        if callable(colour):
            points = rays * depth[:, None] + self.view.eye.astype(np.float32)
            painted = colour(points, depth)
        else:
            facing = normal if normal @ (self.view.eye - corners[0]) > 0 else -normal
            light = 0.56 + 0.5 * max(0.0, float(facing @ SUN))
            painted = np.asarray(colour * light, dtype=np.float32)
        self.bgr[y + y0, x + x0] = painted
        self.depth[y + y0, x + x0] = depth
        self.occluder[y + y0, x + x0] = depth

    def _clip(self, corners: Floats) -> Floats:
        """The part of a polygon in front of the lens."""
        forward = self.view.ground.rotation[2]
        ahead = (corners - self.view.eye) @ forward - NEAR_M
        kept = []
        for i in range(len(corners)):
            j = (i + 1) % len(corners)
            if ahead[i] >= 0:
                kept.append(corners[i])
            if (ahead[i] >= 0) != (ahead[j] >= 0):
                kept.append(
                    corners[i] + ahead[i] / (ahead[i] - ahead[j]) * (corners[j] - corners[i])
                )
        return np.array(kept).reshape(-1, 3)

    def rod(self, a: Floats, b: Floats, thick_m: float, bgr: tuple[int, int, int]) -> None:
        """A thin round bar between two local points."""
        ends = np.stack([a, b])
        _pixels, depth = self.view.project(ends)
        if depth.min() < NEAR_M:
            return
        span = b - a
        sight = (a + b) / 2 - self.view.eye
        side = np.cross(span, sight)
        length = float(np.linalg.norm(side))
        if length < 1e-9:
            return
        # Never thinner than most of a pixel: a bar that is there is seen.
        thick = max(thick_m, float(depth.mean()) / (self.view.ground.focal_px * SCALE) * 0.9)
        side *= thick / 2 / length
        light = 0.62 + 0.4 * abs(float(side @ SUN) / max(float(np.linalg.norm(side)), 1e-9))
        colour = np.asarray(np.array(bgr) * light, dtype=np.float32)
        self.face(
            np.stack([a - side, a + side, b + side, b - side]),
            lambda p, _: np.tile(colour, (len(p), 1)),
        )

    def box(
        self, centre: Floats, size_m: Floats, heading: float, bgr: tuple[int, int, int]
    ) -> None:
        """An upright box on ``centre`` (its foot), size along, across and up; heading in radians from north, clockwise."""
        along = np.array([math.sin(heading), math.cos(heading), 0.0]) * size_m[0] / 2
        across = np.array([math.cos(heading), -math.sin(heading), 0.0]) * size_m[1] / 2
        up = np.array([0.0, 0.0, size_m[2]])
        low = [centre + s * along + t * across for s, t in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        high = [p + up for p in low]
        colour = np.array(bgr, dtype=np.float64)
        for i in range(4):
            j = (i + 1) % 4
            self.face(np.array([low[i], low[j], high[j], high[i]]), colour)
        self.face(np.array(high), colour)

    def sprite(self, picture: Bytes, foot_px: Floats, tall_px: float, depth_m: float) -> None:
        """A premultiplied square BGRA picture that stands on a pixel of the camera's picture."""
        size = round(tall_px * SCALE)
        if size < 2 or size > 4000:
            return
        x0 = round(float(foot_px[0]) * SCALE - size / 2)
        y0 = round(float(foot_px[1]) * SCALE - size)
        left, top = max(0, -x0), max(0, -y0)
        right, bottom = min(size, self.width - x0), min(size, self.height - y0)
        if left >= right or top >= bottom:
            return
        shown = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)[
            top:bottom, left:right
        ]
        area = (slice(y0 + top, y0 + bottom), slice(x0 + left, x0 + right))
        seen = self.depth[area] > depth_m
        alpha = shown[:, :, 3:4].astype(np.float32) / 255.0 * seen[:, :, None]
        self.bgr[area] = self.bgr[area] * (1 - alpha) + shown[:, :, :3] * seen[:, :, None]
        solid = alpha[:, :, 0] > 0.5
        self.depth[area][solid] = depth_m
        self.occluder[area][solid] = depth_m


def _normal(corners: Floats) -> Floats:
    normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    length = float(np.linalg.norm(normal))
    return normal / length if length > 1e-12 else np.array([0.0, 0.0, 1.0])
