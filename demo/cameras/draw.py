"""Draws actors into a picture in true perspective, behind what stands in front of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.cameras.actors import Colour, Placement
from demo.cameras.view import SHADE, SHADOW_PER_M, SUN, View

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
NEAR_M = 1.2
FAR_M = 190.0
_ROUND: Floats = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=np.float64)
_WHEEL: Floats = np.array(
    [(math.cos(k * math.pi / 4), math.sin(k * math.pi / 4)) for k in range(8)]
)
_UP: Floats = np.array([0.0, 0.0, 1.0])
_SHIFT = 4
_SUBPIXEL = 1 << _SHIFT


@dataclass(frozen=True, slots=True)
class Seen:
    """An actor as the camera sees it. ``box_px`` is x, y, w, h of its outline, unclipped; ``depth_m`` along the axis."""

    placement: Placement
    depth_m: float
    box_px: tuple[float, float, float, float]


def look(view: View, placement: Placement) -> Seen | None:
    """Where the actor appears, or None when it is behind the camera, too far, or outside the picture."""
    body = placement.actor.body
    corners = _corners(placement, body.length_m, body.width_m, 0.0, body.height_m)
    pixels, depth = view.project(corners)
    if depth.min() < NEAR_M or depth.max() > FAR_M:
        return None
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    if high[0] < 0 or high[1] < 0 or low[0] >= view.width_px or low[1] >= view.height_px:
        return None
    box = (float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
    return Seen(placement, float(depth.mean()), box)


def visible(seen: Seen, occluder_m: Floats32) -> float:
    """The share of the outline that is inside the picture and not hidden, 0..1."""
    x, y, w, h = seen.box_px
    x0, y0, x1, y1 = _clip(x, y, x + w, y + h, occluder_m.shape)
    if x0 >= x1 or y0 >= y1 or w <= 0 or h <= 0:
        return 0.0
    free = float((occluder_m[y0:y1, x0:x1] > seen.depth_m).mean())
    return min(1.0, free * (x1 - x0) * (y1 - y0) / (w * h))


def draw_all(picture: Bytes, occluder_m: Floats32, view: View, found: list[Seen]) -> None:
    """Draws everybody into ``picture`` ``(h, w, 3)`` in place: all shadows, then bodies from far to near."""
    for seen in found:
        _shadow(picture, occluder_m, view, seen)
    for seen in sorted(found, key=lambda s: -s.depth_m):
        _body(picture, occluder_m, view, seen)


def _body(picture: Bytes, occluder_m: Floats32, view: View, seen: Seen) -> None:
    x, y, w, h = seen.box_px
    margin = 3.0 + 0.12 * w
    x0, y0, x1, y1 = _clip(x - margin, y - margin, x + w + margin, y + h + margin, occluder_m.shape)
    if x0 >= x1 or y0 >= y1:
        return
    area = picture[y0:y1, x0:x1]
    hidden = occluder_m[y0:y1, x0:x1] < seen.depth_m
    before = area.copy() if hidden.any() else None
    origin = np.array([x0, y0], dtype=np.float64)
    if seen.placement.actor.body.kind == "person":
        _person(area, view, seen, origin)
    else:
        _vehicle(area, view, seen.placement, origin)
    if before is not None:
        area[hidden] = before[hidden]


def _shadow(picture: Bytes, occluder_m: Floats32, view: View, seen: Seen) -> None:
    placement = seen.placement
    body = placement.actor.body
    if body.kind == "person":
        length, width = 0.42, 0.42
    else:
        length, width = body.length_m, body.width_m
    base = _corners(placement, length, width, 0.0, 0.0)[:4]
    height = body.height_m * (0.95 if body.kind == "person" else 0.85)
    top = base.copy()
    top[:, :2] += SHADOW_PER_M * height
    hull = cv2.convexHull(np.concatenate([base, top])[:, :2].astype(np.float32))[:, 0, :]
    pixels, depth = view.project(np.column_stack([hull, np.zeros(len(hull))]))
    if depth.min() < NEAR_M:
        return
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    x0, y0, x1, y1 = _clip(low[0] - 2, low[1] - 2, high[0] + 2, high[1] + 2, occluder_m.shape)
    if x0 >= x1 or y0 >= y1:
        return
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    cv2.fillConvexPoly(mask, _fixed(pixels - (x0, y0)), 255, cv2.LINE_AA, _SHIFT)
    mask[occluder_m[y0:y1, x0:x1] < seen.depth_m + 0.5] = 0
    share = mask[:, :, None].astype(np.float32) / 255.0 * 0.85
    area = picture[y0:y1, x0:x1]
    dark = 1.0 - share * (1.0 - SHADE.astype(np.float32))
    area[:] = (area * dark).astype(np.uint8)


def _vehicle(area: Bytes, view: View, placement: Placement, origin: Floats) -> None:
    body = placement.actor.body
    if body.model == "bus":
        _box(area, view, placement, origin, (0.0, 1.0), 1.0, 0.35, body.height_m, body.colour)
        _box(area, view, placement, origin, (0.01, 0.99), 1.01, 1.25, 2.35, body.second)
        _wheels(area, view, placement, origin, 0.5)
        return
    low = 0.92 if body.model == "car" else 1.05
    _wheels(area, view, placement, origin, 0.33)
    _box(area, view, placement, origin, (0.0, 1.0), 1.0, 0.28, low, body.colour)
    span = (0.2, 0.78) if body.model == "car" else (0.03, 0.8)
    _box(area, view, placement, origin, span, 0.9, low, body.height_m - 0.1, body.second)
    _box(
        area,
        view,
        placement,
        origin,
        (span[0] + 0.05, span[1] - 0.08),
        0.84,
        body.height_m - 0.1,
        body.height_m,
        body.colour,
    )


def _box(
    area: Bytes,
    view: View,
    placement: Placement,
    origin: Floats,
    span: tuple[float, float],
    wide: float,
    low_m: float,
    high_m: float,
    colour: Colour,
) -> None:
    """One lit box of a vehicle; ``span`` is the part of its length from the back, ``wide`` of its width."""
    body = placement.actor.body
    corners = _corners(
        placement, body.length_m * (span[1] - span[0]), body.width_m * wide, low_m, high_m,
        forward_m=((span[0] + span[1]) / 2 - 0.5) * body.length_m,
    )  # fmt: skip
    pixels, depth = view.project(corners)
    if depth.min() < 0.5:
        return
    flat = pixels - origin
    turn = math.radians(placement.heading_deg)
    ahead, right = (
        np.array([math.sin(turn), math.cos(turn), 0.0]),
        np.array([math.cos(turn), -math.sin(turn), 0.0]),
    )
    for face, normal in (
        ((0, 1, 5, 4), -right), ((1, 2, 6, 5), ahead), ((2, 3, 7, 6), right), ((3, 0, 4, 7), -ahead),
        ((4, 5, 6, 7), _UP),
    ):  # fmt: skip
        if float(normal @ (view.eye - corners[face[0]])) <= 0.0:
            continue
        light = 0.58 + 0.48 * max(0.0, float(normal @ SUN))
        cv2.fillConvexPoly(
            area,
            _fixed(flat[list(face)]),
            [min(255.0, c * light) for c in colour],
            cv2.LINE_AA,
            _SHIFT,
        )


def _wheels(area: Bytes, view: View, placement: Placement, origin: Floats, radius_m: float) -> None:
    body = placement.actor.body
    for forward in (-0.31, 0.31):
        for side in (-0.5, 0.5):
            turn = math.radians(placement.heading_deg)
            along = forward * body.length_m + radius_m * _WHEEL[:, 0]
            east = placement.east_m + math.sin(turn) * along + math.cos(turn) * side * body.width_m
            north = (
                placement.north_m + math.cos(turn) * along - math.sin(turn) * side * body.width_m
            )
            pixels, depth = view.project(
                np.column_stack([east, north, radius_m * (1.0 + _WHEEL[:, 1])])
            )
            if depth.min() > 0.5:
                cv2.fillConvexPoly(area, _fixed(pixels - origin), (26, 24, 24), cv2.LINE_AA, _SHIFT)


def _person(area: Bytes, view: View, seen: Seen, origin: Floats) -> None:
    """A walking figure: legs and arms swing with the metres walked."""
    placement = seen.placement
    body = placement.actor.body
    tall = body.height_m
    stride = placement.walked_m * 2 * math.pi / 1.45
    swing = math.sin(stride)

    def at(forward: float, side: float, up: float) -> Floats:
        return _point(placement, forward, side, up * tall)

    points = np.array(
        [
            at(0.30 * swing, -0.08, 0.02), at(-0.30 * swing, 0.08, 0.02),  # feet
            at(0.10 * swing + 0.05, -0.08, 0.27), at(-0.10 * swing + 0.05, 0.08, 0.27),  # knees
            at(0.0, -0.09, 0.5), at(0.0, 0.09, 0.5),  # hips
            at(0.0, -0.2, 0.81), at(0.0, 0.2, 0.81),  # shoulders
            at(-0.24 * swing, -0.25, 0.48), at(0.24 * swing, 0.25, 0.48),  # hands
            at(0.02, 0.0, 0.925),  # head
            at(0.0, 0.0, 1.0), at(0.0, 0.0, 0.0),
        ]
    )  # fmt: skip
    pixels, depth = view.project(points)
    if depth.min() < 0.5:
        return
    p = _fixed(pixels - origin)
    height_px = float(np.hypot(*(pixels[11] - pixels[12])))
    limb = max(1, round(height_px * 0.075))
    lit = tuple(min(255.0, c * 1.02) for c in body.colour)
    dim = tuple(c * 0.78 for c in body.colour)
    for a, b, colour, thick in (
        (7, 9, dim, 0.7), (5, 3, body.second, 1.1), (3, 1, body.second, 0.9),
        (4, 2, body.second, 1.1), (2, 0, body.second, 0.9),
    ):  # fmt: skip
        cv2.line(area, p[a], p[b], colour, max(1, round(limb * thick)), cv2.LINE_AA, _SHIFT)
    wide = max(1.0, height_px * 0.10)
    torso = _torso(pixels, origin, wide)
    cv2.fillConvexPoly(area, _fixed(torso), lit, cv2.LINE_AA, _SHIFT)
    cv2.line(area, p[6], p[8], dim, max(1, round(limb * 0.7)), cv2.LINE_AA, _SHIFT)
    head = round(max(1.0, height_px * 0.068) * _SUBPIXEL)
    cv2.circle(area, p[10], head, (112, 142, 190), -1, cv2.LINE_AA, _SHIFT)
    hair = (int(p[10][0]), int(p[10][1] - head * 0.35))
    cv2.circle(area, hair, round(head * 0.82), (34, 30, 30), -1, cv2.LINE_AA, _SHIFT)


def _torso(pixels: Floats, origin: Floats, wide_px: float) -> Floats:
    """Shoulders to hips, never thinner than a person is deep."""
    ring = []
    for right, left, share in ((7, 6, 1.0), (5, 4, 0.85)):
        a, b = pixels[left] - origin, pixels[right] - origin
        middle, half = (a + b) / 2, (b - a) / 2
        length = float(np.hypot(*half))
        direction = half / length if length > 1e-6 else np.array([1.0, 0.0])
        ring.append((middle, direction * max(length, wide_px * share)))
    (top, wide), (low, narrow) = ring
    if wide @ narrow < 0:
        narrow = -narrow
    return np.array([top - wide, top + wide, low + narrow, low - narrow])


def _point(placement: Placement, forward_m: float, side_m: float, up_m: float) -> Floats:
    turn = math.radians(placement.heading_deg)
    east, north = math.sin(turn), math.cos(turn)
    return np.array(
        [
            placement.east_m + east * forward_m + north * side_m,
            placement.north_m + north * forward_m - east * side_m,
            up_m,
        ]
    )


def _corners(
    placement: Placement,
    length_m: float,
    width_m: float,
    low_m: float,
    high_m: float,
    forward_m: float = 0.0,
) -> Floats:
    """Eight corners, the lower four first, each four in order round the box."""
    half, side = length_m / 2, width_m / 2
    turn = math.radians(placement.heading_deg)
    forward = forward_m + _ROUND[:, 0] * half
    across = _ROUND[:, 1] * side
    corners = np.empty((8, 3))
    corners[:4, 0] = corners[4:, 0] = (
        placement.east_m + math.sin(turn) * forward + math.cos(turn) * across
    )
    corners[:4, 1] = corners[4:, 1] = (
        placement.north_m + math.cos(turn) * forward - math.sin(turn) * across
    )
    corners[:4, 2], corners[4:, 2] = low_m, high_m
    return corners


def _fixed(points: Floats) -> NDArray[np.int32]:
    return np.clip(points * _SUBPIXEL, -(1 << 24), 1 << 24).round().astype(np.int32)


def _clip(
    x0: float, y0: float, x1: float, y1: float, shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    return (
        max(0, math.floor(x0)), max(0, math.floor(y0)),
        min(shape[1], math.ceil(x1)), min(shape[0], math.ceil(y1)),
    )  # fmt: skip
