"""Smoke, flames and water painted into a demo camera's pictures: what those cannot show by themselves.

A painter takes a BGR picture and the seconds since the scene began. ``light`` is 1 by day; at night less of it falls on smoke
and water, while flames shine by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.model import Point
from bench.scenes import Paint
from demo.cameras.conditions import Condition

Bgr = NDArray[np.uint8]
LIGHT: dict[Condition, float] = {"sun": 1.0, "rain": 0.8, "night": 0.35}


def smoke(foot: Point, from_s: float, light: float) -> Paint:
    """A plume that grows from ``foot`` (share of the picture), widens upwards and wavers."""

    def paint(picture: Bgr, at_s: float) -> Bgr:
        if at_s < from_s:
            return picture
        height, width = picture.shape[:2]
        rng = np.random.default_rng(round(at_s * 10))
        coarse = rng.random((12, 20)).astype(np.float32)
        waver = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        up = foot[1] * height - y
        tall = min(0.6, 0.08 + 0.04 * (at_s - from_s)) * height
        wide = 0.05 * width + 0.3 * np.maximum(up, 0.0)
        near = np.exp(-(((x - foot[0] * width - 0.2 * up) / wide) ** 2))
        thick = near * ((up > 0) & (up < tall)) * (0.55 + 0.5 * waver)
        alpha = np.clip(cv2.GaussianBlur(thick, (0, 0), 4.0), 0.0, 0.85)[:, :, None]
        return np.asarray(picture * (1 - alpha) + 195 * light * alpha, np.uint8)

    return paint


def flames(foot: Point, tall: float, from_s: float) -> Paint:
    """Tongues of changing height, ``tall`` of the picture's height, over a bed that stays."""

    def paint(picture: Bgr, at_s: float) -> Bgr:
        if at_s < from_s:
            return picture
        height, width = picture.shape[:2]
        rng = np.random.default_rng(round(at_s * 100))
        bottom, middle, most = foot[1] * height, foot[0] * width, tall * height
        layer = picture.copy()
        for step in range(-3, 4):
            x = middle + step * most * 0.14
            up = most * (0.45 + 0.55 * rng.random())
            for share, bgr in ((1.0, (30, 70, 215)), (0.7, (40, 150, 245)), (0.4, (120, 225, 255))):
                half = most * 0.14 * share
                tip = (x + rng.normal(0, most * 0.05), bottom - up * share)
                corners = np.array([(x - half, bottom), tip, (x + half, bottom)])
                cv2.fillPoly(layer, [np.round(corners).astype(np.int32)], bgr)
        return np.asarray(cv2.GaussianBlur(layer, (3, 3), 0), np.uint8)

    return paint


def water(ring: Sequence[Point], from_s: float, light: float) -> Paint:
    """A still sheet over a part of the road that mirrors the sky and, faintly, what stands beyond it."""

    def paint(picture: Bgr, at_s: float) -> Bgr:
        if at_s < from_s:
            return picture
        height, width = picture.shape[:2]
        mask = np.zeros((height, width), np.uint8)
        corners = np.round(np.array(ring) * (width, height)).astype(np.int32)
        cv2.fillPoly(mask, [corners], 255)
        beyond = cv2.GaussianBlur(picture[::-1], (0, 0), 9.0)
        sky = np.full_like(picture, round(175 * light))
        sheet = cv2.addWeighted(beyond, 0.25, sky, 0.75, 0.0)
        alpha = cv2.GaussianBlur(mask, (0, 0), 2.0)[:, :, None] / 255.0
        return np.asarray(picture * (1 - alpha) + sheet * alpha, np.uint8)

    return paint
