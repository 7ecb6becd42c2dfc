"""What a person looks like as a vector: models that tell whether two pictures show the same one (OSNet and its kind).

Pictures go in red-green-blue, 0..1, less ImageNet's mean, over its deviation (torchreid); out comes one vector a
picture, made length 1 here. The dot product of two is near 1 for one person and lower for two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.detect.boxes import stacked
from analytics.detect.model import Bgr, FamilyName, Signature
from analytics.model import Floats

MEAN = np.array([0.485, 0.456, 0.406], np.float32) * np.float32(255)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32) * np.float32(255)
LEAST_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Look:
    """A look model. ``length`` is how many numbers a look has."""

    picture: str
    output: str
    size_px: tuple[int, int]
    length: int
    name: FamilyName = "look"
    class_count: int = 0

    @staticmethod
    def of(signature: Signature, trial: Mapping[str, NDArray[Any]]) -> Look | None:
        """The family where the file is of it: a standing picture in, one vector out."""
        width, height = signature.size_px
        port = signature.outputs[0]
        if len(signature.outputs) != 1 or len(port.shape) != 2 or height <= width:
            return None
        length = port.shape[1]
        if length is None or length < LEAST_LENGTH:
            return None
        return Look(signature.picture.name, port.name, signature.size_px, length)

    def prepare(self, pictures: Sequence[Bgr]) -> dict[str, NDArray[Any]]:
        """The model's input for cut-out persons of any size."""
        sized = [np.asarray(cv2.resize(p, self.size_px), np.uint8)[..., ::-1] for p in pictures]
        batch = stacked(sized)
        batch -= MEAN[:, None, None]
        batch /= DEVIATION[:, None, None]
        return {self.picture: batch}

    def vectors(self, outputs: Mapping[str, NDArray[Any]]) -> Floats:
        """``(count, length)``, each of length 1."""
        raw = np.asarray(outputs[self.output], np.float32)
        return np.asarray(
            raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-9), np.float32
        )
