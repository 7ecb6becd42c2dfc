"""A model tried on pictures: what it finds, how long that takes, and the finds drawn for the eye."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
import cv2
import numpy as np

from analytics.detect.letterbox import back, letterbox
from analytics.detect.model import Bgr, kind_of
from analytics.detect.onnx_file import Model
from analytics.model import Box, Kind
from gis.errors import InvalidInput

MOST_PICTURES = 20
_COLOURS: dict[Kind, tuple[int, int, int]] = {
    "person": (80, 200, 255),
    "vehicle": (255, 190, 80),
    "other": (190, 190, 190),
}


@dataclass(frozen=True, slots=True)
class Sight:
    """One thing a model sees. ``box_px`` left, top, width, height in the picture's pixels."""

    label: str
    kind: Kind
    confidence: float
    box_px: Box


@dataclass(frozen=True, slots=True)
class Tried:
    """What one picture gave. ``look_length`` is set of a look model, which finds nothing by itself."""

    width_px: int
    height_px: int
    seconds: float
    sights: tuple[Sight, ...]
    look_length: int | None = None


def try_on(model: Model, picture: Bgr) -> Tried:
    """Shows a whole picture to a model. Raises :class:`analytics.detect.onnx_file.ModelFailed`."""
    height, width = picture.shape[:2]
    if model.facts.purpose == "look":
        started_s = time.perf_counter()
        looks = model.looks([picture])
        return Tried(width, height, time.perf_counter() - started_s, (), int(looks.shape[1]))
    canvas, fit = letterbox(picture, (model.facts.width_px, model.facts.height_px))
    started_s = time.perf_counter()
    found = model.find([canvas])[0]
    seconds = time.perf_counter() - started_s
    own = back(found, fit, width, height)
    sights = []
    for index, confidence, box in zip(
        own.classes.tolist(), own.confidence.tolist(), own.boxes_px.tolist(), strict=True
    ):
        label = model.facts.classes[index] if index < len(model.facts.classes) else str(index)
        place = (box[0], box[1], box[2], box[3])
        sights.append(Sight(label, kind_of(label), confidence, place))
    return Tried(width, height, seconds, tuple(sights))


def pictures(path: Path) -> Iterator[Bgr]:
    """A picture, or up to :data:`MOST_PICTURES` spread over a clip's key frames. Raises :class:`InvalidInput`."""
    if not path.is_file():
        raise InvalidInput(f"there is no file '{path}'")
    still = cv2.imread(str(path))
    if still is not None:
        yield np.asarray(still, np.uint8)
        return
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.codec_context.skip_frame = "NONKEY"
            for i, frame in enumerate(container.decode(stream)):
                if i >= MOST_PICTURES:
                    return
                yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    except (av.error.FFmpegError, IndexError) as error:
        raise InvalidInput(f"'{path}' is neither a picture nor a clip: {error}") from error


def decoded(jpeg: bytes) -> Bgr:
    """A JPEG as pixels. Raises :class:`InvalidInput`."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise InvalidInput("the camera's picture cannot be decoded")
    return np.asarray(picture, np.uint8)


def drawn(picture: Bgr, tried: Tried) -> Bgr:
    """The picture with a frame and a name around everything seen."""
    out = picture.copy()
    scale = max(0.4, picture.shape[1] / 1600)
    for sight in tried.sights:
        x, y, w, h = (round(v) for v in sight.box_px)
        colour = _COLOURS[sight.kind]
        cv2.rectangle(out, (x, y), (x + w, y + h), colour, max(1, round(2 * scale)))
        text = f"{sight.label} {sight.confidence:.2f}"
        place = (x, max(12, y - 4))
        cv2.putText(out, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (0, 0, 0), 3)
        cv2.putText(out, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, 1)
    return out
