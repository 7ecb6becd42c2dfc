"""Vehicles in the picture: their faces lit, sorted, and mirrored in their windows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from demo.cameras.actors import Placement
from demo.cameras.bodies import model
from demo.cameras.ink import Drawing, Ink, axes_of, light_on, shadow_of
from demo.cameras.view import View

Floats = NDArray[np.float64]
MIN_DEPTH_M = 1.5
_TINY_PX = 13.0  # below this height nothing but the body is drawn
_FAR_PX = 26.0  # below this height hubs, lights and pillars are not drawn
_SKY: Floats = np.array([206.0, 190.0, 170.0])
_CORNERS: Floats = np.array([(s, t, u) for s in (-1, 1) for t in (-1, 1) for u in (0, 1)], float)


def draw(view: View, placement: Placement) -> Drawing | None:
    """The vehicle projected, None when it is behind or touches the lens."""
    shape = model(placement.body, placement.look)
    foot, axes = axes_of(placement)
    pixels, depth = view.project(shape.vertices @ axes + foot)
    if depth.min() < MIN_DEPTH_M:
        return None
    middle_m = float(depth.mean())
    tall_px = view.ground.focal_px * shape.height_m / middle_m
    normals = shape.normals @ axes
    to_eye = view.eye - (shape.centres @ axes + foot)
    away = np.sqrt(np.einsum("ij,ij->i", to_eye, to_eye))
    facing = np.einsum("ij,ij->i", normals, to_eye) / away
    shown = facing > 0.0
    if tall_px < _FAR_PX:
        shown &= shape.plain if tall_px < _TINY_PX else shape.few
    index = np.flatnonzero(shown)
    # What is farther first; windows, wheels and lights go over the face they lie on.
    index = index[np.argsort(0.42 * shape.lifts[index] - away[index])]
    if not len(index):
        return None
    normals, facing = normals[index], facing[index]
    colours = shape.colours[index] * light_on(normals)[:, None]
    # Glass mirrors the sky where it is seen at a slant and turned up.
    share = np.minimum(0.75, 0.57 - 0.45 * facing + 0.3 * np.maximum(0.0, normals[:, 2]))
    colours += (_SKY - colours) * (share * shape.shiny[index])[:, None]
    painted = np.minimum(colours, 255).astype(int).tolist()
    inks = tuple(
        Ink(shape.starts[i], shape.ends[i], (b, g, r))
        for i, (b, g, r) in zip(index.tolist(), painted, strict=True)
    )
    inset = 0.72 if shape.height_m < 1.8 else 0.97
    block = _CORNERS.copy()
    block[:, :2] *= (shape.length_m / 2, shape.width_m / 2)
    block[block[:, 2] == 1.0, :2] *= inset
    block[:, 2] = np.where(block[:, 2] == 1.0, shape.height_m, 0.12)
    return Drawing(
        placement, pixels, inks, shadow_of(view, block @ axes + foot), middle_m,
        (*pixels.min(axis=0).tolist(), *pixels.max(axis=0).tolist()),
    )  # fmt: skip
