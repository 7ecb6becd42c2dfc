"""NanoDet (RangiLyu): likelihoods of classes and distances to a box's edges per cell.

Two layouts. The first version has an output of classes ``(batch, cells, classes)``, already between 0 and 1, and
one of distances ``(batch, cells, 4 × bins)`` for each of three strides. NanoDet-Plus has one output ``(batch,
cells, classes + 4 × bins)`` over four strides, its cells counted from their corners. Pictures go in
blue-green-red, less a mean, over a deviation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.detect.boxes import best, from_distances, grid, stacked
from analytics.detect.model import MIN_CONFIDENCE, Bgr, FamilyName, Found, Port, Signature, cells
from analytics.model import Floats

MEAN = np.array([103.53, 116.28, 123.675], np.float32)
DEVIATION = np.array([57.375, 57.12, 58.395], np.float32)
DISTANCES = 32
"""Four edges of eight bins each, in every published file of this family and of PicoDet."""


@dataclass(frozen=True, slots=True)
class Heads:
    """Which outputs hold classes and which distances, a pair per stride, finest stride first."""

    classes: tuple[str, ...]
    distances: tuple[str, ...]
    strides: tuple[int, ...]
    class_count: int


def heads(signature: Signature) -> Heads | None:
    """The pairs of outputs, told by their names where those say it, else by shape and order."""
    ports = [p for p in signature.outputs if len(p.shape) == 3 and None not in p.shape]
    if len(ports) != len(signature.outputs) or len(ports) not in (6, 8):
        return None
    strides = (8, 16, 32, 64)[: len(ports) // 2]
    wanted = [cells(signature.size_px, (s,)) for s in strides]

    def pick(chosen: list[Port]) -> list[Port] | None:
        by_cells = {p.shape[1] or 0: p for p in chosen}
        return [by_cells[n] for n in wanted] if sorted(by_cells) == sorted(wanted) else None

    distances = [p for p in ports if any(w in p.name for w in ("dis_pred", "dist", "reg"))]
    if len(distances) != len(strides):
        distances = [p for p in ports if p.shape[2] == DISTANCES]
    if len(distances) != len(strides):
        distances = ports[len(strides) :]  # 32 classes: then the order tells
    classes = pick([p for p in ports if p not in distances])
    edges = pick(distances)
    if classes is None or edges is None or any(p.shape[2] % 4 for p in edges if p.shape[2]):
        return None
    counts = {p.shape[2] for p in classes}
    if len(counts) != 1:
        return None
    return Heads(
        tuple(p.name for p in classes), tuple(p.name for p in edges), strides, counts.pop() or 0
    )


def decode_heads(
    outputs: Mapping[str, NDArray[Any]], of: Heads, size_px: tuple[int, int], picture: int
) -> Found:
    """What the heads say of one picture of the batch."""
    scores = np.concatenate([outputs[name][picture] for name in of.classes])
    edges = np.concatenate([outputs[name][picture] for name in of.distances])
    return decode_cells(scores, edges, size_px, of.strides, 0.5)


def decode_cells(
    scores: Floats, edges: Floats, size_px: tuple[int, int], strides: tuple[int, ...], middle: float
) -> Found:
    """``scores`` ``(cells, classes)`` and ``edges`` ``(cells, 4 × bins)``; ``middle`` is where in a cell it stands."""
    classes = scores.argmax(axis=1)
    confidence = scores[np.arange(len(scores)), classes]
    sure = np.flatnonzero(confidence > MIN_CONFIDENCE)
    places, steps = grid(size_px, strides)
    step = steps[sure]
    boxes = from_distances(edges[sure], (places[sure] + np.float32(middle)) * step[:, None], step)
    return best(boxes, classes[sure], confidence[sure])


@dataclass(frozen=True, slots=True)
class NanoDet:
    """A NanoDet file: ``heads`` of the first version, or one ``output`` of NanoDet-Plus."""

    picture: str
    size_px: tuple[int, int]
    class_count: int
    heads: Heads | None = None
    output: str | None = None
    name: FamilyName = "nanodet"

    @staticmethod
    def of(signature: Signature, trial: Mapping[str, NDArray[Any]]) -> NanoDet | None:
        """The family where the file is of it."""
        if len(signature.inputs) != 1:
            return None
        found = heads(signature)
        name, size_px = signature.picture.name, signature.size_px
        if found is not None:
            return NanoDet(name, size_px, found.class_count, heads=found)
        port = signature.outputs[0]
        if len(signature.outputs) != 1 or len(port.shape) != 3:
            return None
        columns = port.shape[2]
        if port.shape[1] != cells(size_px, (8, 16, 32, 64)) or columns is None:
            return None
        return (
            NanoDet(name, size_px, columns - DISTANCES, output=port.name)
            if columns > DISTANCES
            else None
        )

    def prepare(self, pictures: Sequence[Bgr]) -> dict[str, NDArray[Any]]:
        batch = stacked(pictures)
        batch -= MEAN[:, None, None]
        batch /= DEVIATION[:, None, None]
        return {self.picture: batch}

    def decode(self, outputs: Mapping[str, NDArray[Any]], count: int) -> list[Found]:
        if self.heads is not None:
            return [decode_heads(outputs, self.heads, self.size_px, i) for i in range(count)]
        assert self.output is not None
        rows, n = outputs[self.output], self.class_count
        return [
            decode_cells(rows[i, :, :n], rows[i, :, n:], self.size_px, (8, 16, 32, 64), 0.0)
            for i in range(count)
        ]
