"""What to draw over a picture so that a person sees how a pose fits: the horizon, and a metre grid on the ground."""

from __future__ import annotations

import math

import numpy as np

from gis.ground import Floats, GroundCamera

Line = list[tuple[float, float]]
_STEP_DEG = 2.0
_FAR_M = 1e6
_AROUND = 0.15
"""Lines are drawn this far beyond the picture, so that they end at its border and not before."""


def horizon(camera: GroundCamera) -> Line:
    """The horizon from left to right, normalised; empty where it is out of the picture."""
    reach = max(60.0, camera.pose.hfov_deg)
    azimuth = np.radians(np.arange(-reach, reach + _STEP_DEG, _STEP_DEG) + camera.pose.yaw_deg)
    far = _FAR_M * np.column_stack([np.sin(azimuth), np.cos(azimuth), np.zeros_like(azimuth)])
    seen, depth_m = camera.project(far)
    return max(_pieces(seen, depth_m, camera), key=len, default=[])


def grid(camera: GroundCamera, step_m: float, reach_m: float) -> list[Line]:
    """Lines on the ground every ``step_m`` along east and north, out to ``reach_m`` from the camera; normalised."""
    lines: list[Line] = []
    along = np.arange(-reach_m, reach_m + 0.5, 1.0)
    for at in np.arange(-math.floor(reach_m / step_m) * step_m, reach_m + 0.5, step_m):
        across = np.full_like(along, at)
        for ground in (np.column_stack([along, across]), np.column_stack([across, along])):
            ground = ground[np.hypot(ground[:, 0], ground[:, 1]) <= reach_m]
            if len(ground) > 1:
                seen, depth_m = camera.project(np.column_stack([ground, np.zeros(len(ground))]))
                lines += _pieces(seen, depth_m, camera)
    return lines


def _pieces(seen: Floats, depth_m: Floats, camera: GroundCamera) -> list[Line]:
    """The stretches of a line that are in the picture or just beside it."""
    at = seen / (camera.width_px, camera.height_px)
    good = (depth_m > 0.1) & (np.nan_to_num(np.abs(at - 0.5), nan=9.0).max(axis=1) < 0.5 + _AROUND)
    out: list[Line] = []
    for i, ok in enumerate(good):
        if not ok:
            continue
        if i == 0 or not good[i - 1]:
            out.append([])
        out[-1].append((round(float(at[i, 0]), 4), round(float(at[i, 1]), 4)))
    return [line for line in out if len(line) > 1]
