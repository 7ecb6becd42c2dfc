"""A picture of any shape on a model's canvas, and boxes back from there."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from analytics.detect.model import Bgr, Found

PAD = 114


@dataclass(frozen=True, slots=True)
class Fit:
    """How a picture lies on a canvas: ``scale`` canvas pixels per picture pixel, its top left at ``x``, ``y``."""

    scale: float
    x: int = 0
    y: int = 0


def letterbox(picture: Bgr, size_px: tuple[int, int]) -> tuple[Bgr, Fit]:
    """``picture`` on a canvas of ``size_px`` (w, h), its shape kept, at the top left, the rest gray."""
    canvas = np.full((size_px[1], size_px[0], 3), PAD, np.uint8)
    height, width = picture.shape[:2]
    scale = min(size_px[0] / width, size_px[1] / height)
    paste(canvas, picture, 0, 0, scale)
    return canvas, Fit(scale)


def paste(canvas: Bgr, picture: Bgr, x: int, y: int, scale: float) -> None:
    """Lays a picture, made larger or smaller by ``scale``, on the canvas with its top left at ``x``, ``y``."""
    height, width = picture.shape[:2]
    across = min(max(1, round(width * scale)), canvas.shape[1] - x)
    down = min(max(1, round(height * scale)), canvas.shape[0] - y)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    canvas[y : y + down, x : x + across] = cv2.resize(picture, (across, down), interpolation=way)


def back(found: Found, fit: Fit, width_px: int, height_px: int) -> Found:
    """What was found on a canvas, in pixels of the picture of ``width_px`` × ``height_px``, cut to it."""
    low = (found.boxes_px[:, :2] - np.array([fit.x, fit.y], np.float32)) / np.float32(fit.scale)
    high = low + found.boxes_px[:, 2:] / np.float32(fit.scale)
    limit = np.array([width_px, height_px], np.float32)
    low, high = np.clip(low, 0, limit), np.clip(high, 0, limit)
    size = high - low
    kept = (size > 0.5).all(axis=1)
    boxes = np.concatenate([low, size], axis=1)[kept].astype(np.float32)
    return Found(boxes, found.classes[kept], found.confidence[kept])
