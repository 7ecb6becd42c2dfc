"""The nouns of detection: what a file looks like from outside, what a model found, what a thing is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from analytics.model import Floats, Kind
from gis.errors import InvalidInput

Bgr = NDArray[np.uint8]
"""``(height, width, 3)``, blue-green-red."""
FamilyName = Literal["yolox", "nanodet", "picodet", "persons", "look"]
Purpose = Literal["detect", "look"]
MIN_CONFIDENCE = 0.25
"""What a model says with less than this it does not say."""


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a model. A dimension that the file leaves open is None."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str

    def __str__(self) -> str:
        dims = "×".join("?" if d is None else str(d) for d in self.shape)
        return f"'{self.name}' {dims} {self.dtype}"


@dataclass(frozen=True, slots=True)
class Signature:
    """A file from outside: ``outputs`` with the shapes of a trial run, ``size_px`` the picture it wants, (w, h)."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    size_px: tuple[int, int]
    metadata: Mapping[str, str]

    @property
    def picture(self) -> Port:
        """The input that takes the picture: ``(batch, 3, height, width)``."""
        return picture_of(self.inputs)

    def describe(self) -> str:
        """Its inputs and outputs in words."""
        ins = ", ".join(str(p) for p in self.inputs)
        return f"takes {ins} and gives {', '.join(str(p) for p in self.outputs)}"


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What was found in one picture.

    ``boxes_px`` is ``(n, 4)`` float32: left, top, width, height in pixels of the picture handed in. ``classes`` is
    ``(n,)`` int, into the model's class names. ``confidence`` is ``(n,)`` float32, 0..1. Best first.
    """

    boxes_px: Floats
    classes: NDArray[np.intp]
    confidence: Floats

    def __len__(self) -> int:
        return len(self.boxes_px)

    @staticmethod
    def none() -> Found:
        """Nothing found."""
        return Found(np.empty((0, 4), np.float32), np.empty(0, np.intp), np.empty(0, np.float32))


class Family(Protocol):
    """One kind of model: how its input is made of pictures and what its outputs mean."""

    @property
    def name(self) -> FamilyName: ...

    @property
    def class_count(self) -> int:
        """How many classes the file tells apart; 0 where it cannot be seen from the file."""
        ...

    def prepare(self, pictures: Sequence[Bgr]) -> dict[str, NDArray[Any]]:
        """The model's inputs for pictures of exactly its size, float32."""
        ...

    def decode(self, outputs: Mapping[str, NDArray[Any]], count: int) -> list[Found]:
        """What was found in each of the ``count`` pictures."""
        ...


def picture_of(inputs: Sequence[Port]) -> Port:
    """The input that takes the picture. Raises :class:`InvalidInput` where there is none, or more than one."""
    fitting = [p for p in inputs if len(p.shape) == 4 and p.shape[1] in (3, None)]
    if len(fitting) != 1:
        raise InvalidInput(
            "the model takes no picture of batch × 3 × height × width: its inputs are "
            + (", ".join(str(p) for p in inputs) or "none")
        )
    return fitting[0]


def cells(size_px: tuple[int, int], strides: Sequence[int]) -> int:
    """How many places a model of this picture size looks at, one per ``stride`` pixels, rounded up."""
    return sum(-(-size_px[0] // s) * -(-size_px[1] // s) for s in strides)


_VEHICLES = {
    "car", "truck", "bus", "van", "motorcycle", "motorbike", "bicycle", "bike", "tricycle", "train", "tram",
    "vehicle", "lorry", "pickup", "suv", "minibus", "trailer", "moped", "scooter", "awning-tricycle", "motor",
    "people carrier", "taxi", "ambulance", "fire truck", "tractor",
}  # fmt: skip
_PERSONS = {"person", "people", "pedestrian", "human", "man", "woman", "child", "rider", "face"}


def kind_of(label: str) -> Kind:
    """Our kind for a model's class name; what is neither person nor vehicle is other.

    >>> kind_of("Bus"), kind_of("pedestrian"), kind_of("dog")
    ('vehicle', 'person', 'other')
    """
    name = label.strip().lower().replace("_", " ")
    if name in _PERSONS:
        return "person"
    return "vehicle" if name in _VEHICLES or name.replace(" ", "-") in _VEHICLES else "other"


COCO = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
    "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee",
    "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard",
    "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
    "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch",
    "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors", "teddy bear",
    "hair drier", "toothbrush",
)  # fmt: skip
"""The 80 classes of the COCO data set, in its order: what most published models tell apart."""
