"""PicoDet (PaddleDetection, arXiv 2111.00902), as ``paddle2onnx`` writes it.

Three layouts. *Raw*: for four strides an output of classes, already between 0 and 1, and one of distances, as
NanoDet has. *Boxes*: ``(batch, cells, 4)`` corners and ``(batch, classes, cells)`` likelihoods. *Whole*: ``(n, 6)``
rows of class, likelihood and corners with the overlapping ones gone, and how many rows. The latter two divide
corners by a second input, ``scale_factor``, which is always given as one. Pictures go in red-green-blue, less a
mean, over a deviation (``configs/picodet/_base_/picodet_416_reader.yml``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from analytics.detect.boxes import best, stacked
from analytics.detect.model import MIN_CONFIDENCE, Bgr, FamilyName, Found, Signature, cells
from analytics.detect.nanodet import DEVIATION, MEAN, Heads, decode_heads, heads
from analytics.model import Floats
from gis.errors import InvalidInput

Layout = Literal["raw", "boxes", "whole"]
STRIDES = (8, 16, 32, 64)


@dataclass(frozen=True, slots=True)
class PicoDet:
    """A PicoDet file. ``outputs``: of the layout *boxes* corners and likelihoods, of *whole* the rows alone."""

    picture: str
    size_px: tuple[int, int]
    class_count: int
    layout: Layout
    outputs: tuple[str, ...] = ()
    heads: Heads | None = None
    extra: tuple[str, ...] = ()
    name: FamilyName = "picodet"

    @staticmethod
    def of(signature: Signature, trial: Mapping[str, NDArray[Any]]) -> PicoDet | None:
        """The family where the file is of it."""
        extra = tuple(p.name for p in signature.inputs if p is not signature.picture)
        if not set(extra) <= {"scale_factor", "im_shape"}:
            return None
        name, size_px, ports = signature.picture.name, signature.size_px, signature.outputs
        rows = [p for p in ports if len(p.shape) == 2 and p.shape[1] == 6]
        if len(rows) == 1 and len(ports) <= 2:
            # How many classes such a file knows does not show in its outputs.
            return PicoDet(name, size_px, 0, "whole", (rows[0].name,), extra=extra)
        wanted = cells(size_px, STRIDES)
        corners = [p for p in ports if len(p.shape) == 3 and p.shape[1:] == (wanted, 4)]
        scores = [p for p in ports if len(p.shape) == 3 and p.shape[2] == wanted]
        if len(ports) == 2 and len(corners) == 1 and len(scores) == 1:
            outputs = (corners[0].name, scores[0].name)
            return PicoDet(name, size_px, scores[0].shape[1] or 0, "boxes", outputs, extra=extra)
        found = heads(signature)
        if found is None or len(found.strides) != len(STRIDES):
            return None
        return PicoDet(name, size_px, found.class_count, "raw", heads=found, extra=extra)

    def prepare(self, pictures: Sequence[Bgr]) -> dict[str, NDArray[Any]]:
        batch = stacked([p[..., ::-1] for p in pictures])
        batch -= MEAN[::-1, None, None]
        batch /= DEVIATION[::-1, None, None]
        given: dict[str, NDArray[Any]] = {self.picture: batch}
        width, height = self.size_px
        for name in self.extra:
            value = [1.0, 1.0] if name == "scale_factor" else [height, width]
            given[name] = np.array([value] * len(pictures), np.float32)
        return given

    def decode(self, outputs: Mapping[str, NDArray[Any]], count: int) -> list[Found]:
        if self.layout == "raw":
            assert self.heads is not None
            return [decode_heads(outputs, self.heads, self.size_px, i) for i in range(count)]
        if self.layout == "boxes":
            corners, scores = (outputs[name] for name in self.outputs)
            return [_boxes(corners[i], scores[i]) for i in range(count)]
        if count != 1:
            raise InvalidInput(f"a PicoDet with its own suppression takes one picture, got {count}")
        rows = outputs[self.outputs[0]]
        rows = rows[(rows[:, 0] >= 0) & (rows[:, 1] > MIN_CONFIDENCE)]
        return [best(_sides(rows[:, 2:]), rows[:, 0].astype(np.intp), rows[:, 1])]


def _boxes(corners: Floats, scores: Floats) -> Found:
    classes = scores.argmax(axis=0)
    confidence = scores[classes, np.arange(scores.shape[1])]
    sure = confidence > MIN_CONFIDENCE
    return best(_sides(corners[sure]), classes[sure], confidence[sure])


def _sides(corners: Floats) -> Floats:
    """Left, top, right, bottom to left, top, width, height."""
    return np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
