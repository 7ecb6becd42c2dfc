"""YOLOX (Megvii, arXiv 2107.08430): one output ``(batch, cells, 5 + classes)``, cells of strides 8, 16, 32.

Each row is centre x and y, width and height, whether there is anything, and a likelihood per class. Centres are
in cells from the cell's own corner and sizes the logarithm of cells, unless the file was exported with
``--decode_in_inference``: then both are pixels. Pictures go in as they are, blue-green-red, 0..255.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.detect.boxes import best, grid, stacked
from analytics.detect.model import MIN_CONFIDENCE, Bgr, FamilyName, Found, Signature, cells
from analytics.model import Floats
from gis.errors import InvalidInput

STRIDES = (8, 16, 32)
_PIXELS_FROM = 8.0
"""Centres relative to a cell lie within a few cells; in pixels they fill the picture."""


@dataclass(frozen=True, slots=True)
class YoloX:
    """A YOLOX file. ``in_pixels``: its boxes are decoded already."""

    picture: str
    output: str
    size_px: tuple[int, int]
    class_count: int
    in_pixels: bool
    name: FamilyName = "yolox"

    @staticmethod
    def of(signature: Signature, trial: Mapping[str, NDArray[Any]]) -> YoloX | None:
        """The family where the file is of it; ``trial`` is what a trial run gave."""
        if len(signature.outputs) != 1 or len(signature.inputs) != 1:
            return None
        port = signature.outputs[0]
        if len(port.shape) != 3 or port.shape[1] != cells(signature.size_px, STRIDES):
            return None
        columns = port.shape[2]
        if columns is None or columns < 6:
            return None
        in_pixels = bool(np.abs(trial[port.name][..., :2]).max() > _PIXELS_FROM)
        return YoloX(signature.picture.name, port.name, signature.size_px, columns - 5, in_pixels)

    def prepare(self, pictures: Sequence[Bgr]) -> dict[str, NDArray[Any]]:
        return {self.picture: stacked(pictures)}

    def decode(self, outputs: Mapping[str, NDArray[Any]], count: int) -> list[Found]:
        rows = outputs[self.output]
        if rows.shape[0] < count or rows.shape[2] != 5 + self.class_count:
            raise InvalidInput(
                f"output '{self.output}' has shape {rows.shape}, expected ({count}, …, {5 + self.class_count})"
            )
        return [self._decode(rows[i]) for i in range(count)]

    def _decode(self, rows: Floats) -> Found:
        # Whatever is sure enough as a class is at least as sure to be anything.
        likely = np.flatnonzero(rows[:, 4] > MIN_CONFIDENCE)
        rows = rows[likely]
        classes = rows[:, 5:].argmax(axis=1)
        confidence = rows[:, 4] * rows[np.arange(len(rows)), 5 + classes]
        sure = confidence > MIN_CONFIDENCE
        likely, rows, classes, confidence = (
            likely[sure],
            rows[sure],
            classes[sure],
            confidence[sure],
        )
        centre, size = rows[:, :2], rows[:, 2:4]
        if not self.in_pixels:
            places, strides = grid(self.size_px, STRIDES)
            step = strides[likely][:, None]
            centre, size = (centre + places[likely]) * step, np.exp(np.minimum(size, 10.0)) * step
        return best(np.concatenate([centre - size / 2, size], axis=1), classes, confidence)
