"""An ONNX file opened: is it one, which family, does it run; and asking it. ONNX Runtime on the CPU."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.detect import persons
from analytics.detect.look import Look
from analytics.detect.model import (
    COCO,
    Bgr,
    FamilyName,
    Found,
    Port,
    Purpose,
    Signature,
    picture_of,
)
from analytics.detect.nanodet import NanoDet
from analytics.detect.picodet import PicoDet
from analytics.detect.yolox import YoloX
from analytics.model import Floats
from gis.errors import InvalidInput

Detecting = YoloX | NanoDet | PicoDet
MOST_BYTES = 200_000_000
SIZES_PX = (32, 2048)
_OPEN_SIZE_PX = 416
_DTYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
_FAMILIES: dict[FamilyName, Any] = {
    "persons": persons.of,
    "yolox": YoloX.of,
    "nanodet": NanoDet.of,
    "picodet": PicoDet.of,
    "look": Look.of,
}
# What a picture's input is called tells PaddleDetection's files from NanoDet's, whose shapes may be the same.
_ORDER: tuple[FamilyName, ...] = ("persons", "yolox", "nanodet", "picodet", "look")
_ORDER_PADDLE: tuple[FamilyName, ...] = ("picodet", "persons", "yolox", "nanodet", "look")


class ModelFailed(Exception):
    """A model that was sound when it was added did not answer a question."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a file says of itself. ``batch`` is how many pictures it takes at once, None: any number."""

    family: FamilyName
    width_px: int
    height_px: int
    batch: int | None
    classes: tuple[str, ...]
    dtype: str

    @property
    def purpose(self) -> Purpose:
        """What it can be used for."""
        return "look" if self.family == "look" else "detect"


class Model:
    """One opened file. Asking is safe from one thread at a time."""

    def __init__(self, session: Any, family: Detecting | Look, facts: ModelFacts) -> None:
        self.facts = facts
        self._session = session
        self._family = family
        self._dtypes = {p.name: _DTYPES.get(p.type, np.float32) for p in session.get_inputs()}

    def find(self, pictures: Sequence[Bgr]) -> list[Found]:
        """What is in each picture, all of exactly the model's size. Raises :class:`ModelFailed`."""
        if isinstance(self._family, Look):
            raise ModelFailed("a look model finds nothing; choose a detector")
        out: list[Found] = []
        most = self.facts.batch or len(pictures)
        for first in range(0, len(pictures), most):
            part = pictures[first : first + most]
            outputs = self._ask(self._family.prepare(_filled(part, self.facts.batch)))
            try:
                out += self._family.decode(outputs, len(part))
            except (InvalidInput, ValueError, IndexError) as error:
                raise ModelFailed(f"its answer cannot be read: {error}") from error
        return out

    def looks(self, pictures: Sequence[Bgr]) -> Floats:
        """``(n, length)``: the look of each cut-out person, any size. Raises :class:`ModelFailed`."""
        if not isinstance(self._family, Look):
            raise ModelFailed("a detector gives no looks; choose a look model")
        out: list[Floats] = []
        most = self.facts.batch or len(pictures)
        for first in range(0, len(pictures), most):
            part = pictures[first : first + most]
            outputs = self._ask(self._family.prepare(_filled(part, self.facts.batch)))
            out.append(self._family.vectors(outputs)[: len(part)])
        return np.concatenate(out) if out else np.empty((0, self._family.length), np.float32)

    def _ask(self, given: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        return ask(
            self._session, {k: v.astype(self._dtypes[k], copy=False) for k, v in given.items()}
        )


def ask(session: Any, given: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """One run of a session. Raises :class:`ModelFailed`."""
    names = [p.name for p in session.get_outputs()]
    try:
        values = session.run(names, dict(given))
    except Exception as error:  # the runtime's errors have no common class but this one
        raise ModelFailed(_first_line(error)) from error
    return {
        name: np.asarray(v, np.float32) if v.dtype == np.float16 else np.asarray(v)
        for name, v in zip(names, values, strict=True)
    }


def checksum(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def read(path: Path) -> bytes:
    """A model file's bytes. Raises :class:`InvalidInput` when it cannot be read or is too large."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput(
                f"'{path}' has {path.stat().st_size:,} bytes; models of up to {MOST_BYTES:,} are run here"
            )
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"'{path}' cannot be read: {error.strerror or error}") from error


def open_model(
    data: bytes,
    label: str,
    family: FamilyName | None = None,
    classes: Sequence[str] | None = None,
    threads: int = 1,
) -> Model:
    """Opens a file's bytes; ``label`` names it in messages.

    ``family`` says what it is where the file does not; ``classes`` its class names where the file has none. A
    trial run shows that it works. Raises :class:`InvalidInput` with one sentence of what is wrong and what to do.
    """
    session = _session(data, label, threads)
    inputs = tuple(_port(p) for p in session.get_inputs())
    picture = picture_of(inputs)
    raw = {p.name: p.type for p in session.get_inputs()}[picture.name]
    if raw not in _DTYPES:
        raise InvalidInput(
            f"'{label}' takes pictures as {picture.dtype}; export it with a float32 or float16 input"
        )
    size_px = _size(picture, label)
    batch = picture.shape[0]
    trial = _trial(session, inputs, size_px, batch or 1, label)
    outputs = tuple(
        Port(p.name, tuple(trial[p.name].shape), str(trial[p.name].dtype))
        for p in session.get_outputs()
    )
    metadata = dict(session.get_modelmeta().custom_metadata_map or {})
    signature = Signature(inputs, outputs, size_px, metadata)
    found = _recognise(signature, trial, label, family)
    names = () if isinstance(found, Look) else _classes(found, metadata, label, classes)
    if isinstance(found, PicoDet) and found.layout == "whole":
        batch = 1  # its rows do not say which picture of a batch they belong to
    facts = ModelFacts(found.name, *size_px, batch, names, picture.dtype)
    model = Model(session, found, facts)
    _check_answers(model, label)
    return model


def _session(data: bytes, label: str, threads: int) -> Any:
    if not data:
        raise InvalidInput(f"'{label}' is empty")
    import onnxruntime  # a city without models does not pay for it

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Threads that spin between questions would take the decoders' time.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's errors have no common class but this one
        text = _first_line(error)
        low = text.lower()
        if "external" in low or "model_path must not be empty" in low:
            raise InvalidInput(
                f"'{label}' keeps its weights in another file; save it as one file "
                "(onnx.save with save_as_external_data=False)"
            ) from error
        if "protobuf" in low:
            raise InvalidInput(f"'{label}' is no ONNX model: {text}") from error
        raise InvalidInput(f"'{label}' cannot be run here: {text}") from error


def _port(port: Any) -> Port:
    shape = tuple(d if isinstance(d, int) and d > 0 else None for d in port.shape)
    return Port(port.name, shape, port.type.removeprefix("tensor(").removesuffix(")"))


def _size(picture: Port, label: str) -> tuple[int, int]:
    height, width = picture.shape[2] or _OPEN_SIZE_PX, picture.shape[3] or _OPEN_SIZE_PX
    for value in (width, height):
        if not SIZES_PX[0] <= value <= SIZES_PX[1]:
            raise InvalidInput(
                f"'{label}' takes pictures of {width}×{height} pixels; sizes from {SIZES_PX[0]} to "
                f"{SIZES_PX[1]} are run here (are its dimensions batch × 3 × height × width?)"
            )
    return width, height


def _trial(
    session: Any, inputs: Sequence[Port], size_px: tuple[int, int], batch: int, label: str
) -> dict[str, NDArray[Any]]:
    """One run on noise: shows the true shapes of what comes out."""
    types = {p.name: _DTYPES.get(p.type, np.float32) for p in session.get_inputs()}
    noise = np.random.default_rng(1).uniform(0, 255, (batch, 3, size_px[1], size_px[0]))
    given: dict[str, NDArray[Any]] = {}
    for port in inputs:
        if len(port.shape) == 4:
            given[port.name] = noise.astype(types[port.name])
        else:
            given[port.name] = np.ones([d or batch for d in port.shape], types[port.name])
    try:
        return ask(session, given)
    except ModelFailed as error:
        raise InvalidInput(
            f"'{label}' fails on a picture of {size_px[0]}×{size_px[1]} pixels: {error}"
        ) from error


def _recognise(
    signature: Signature,
    trial: Mapping[str, NDArray[Any]],
    label: str,
    family: FamilyName | None,
) -> Detecting | Look:
    if family is not None:
        found: Detecting | Look | None = _FAMILIES[family](signature, trial)
        if found is None:
            raise InvalidInput(
                f"'{label}' is no {family} model: it {signature.describe()}", "family"
            )
        return found
    paddle = len(signature.inputs) > 1 or signature.picture.name == "image"
    for name in _ORDER_PADDLE if paddle else _ORDER:
        found = _FAMILIES[name](signature, trial)
        if found is not None:
            return found
    raise InvalidInput(
        f"'{label}' is of none of the families {', '.join(_ORDER)}: it {signature.describe()}"
    )


def _classes(
    found: Detecting, metadata: Mapping[str, str], label: str, given: Sequence[str] | None
) -> tuple[str, ...]:
    """Class names: as given, as the file's own ``names`` or ``classes``, or as the number suggests."""
    count = found.class_count
    names = tuple(n.strip() for n in given if n.strip()) if given else _named(metadata)
    if names:
        if count and len(names) != count:
            raise InvalidInput(
                f"'{label}' tells {count} classes apart, but {len(names)} names are given",
                "classes",
            )
        return names
    if count in (0, len(COCO)):
        return COCO
    if count == 1:
        return ("person",)
    raise InvalidInput(
        f"'{label}' tells {count} classes apart and does not name them: give their names with --classes FILE, "
        "one a line in the model's order",
        "classes",
    )


def _named(metadata: Mapping[str, str]) -> tuple[str, ...]:
    text = metadata.get("names") or metadata.get("classes") or ""
    if not text:
        return ()
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return tuple(t.strip() for t in text.replace("\n", ",").split(",") if t.strip())
    if isinstance(value, dict):
        return tuple(str(value[k]) for k in sorted(value, key=lambda k: int(k)))
    return tuple(str(v) for v in value) if isinstance(value, list | tuple) else ()


def _check_answers(model: Model, label: str) -> None:
    """An even picture must give an answer of numbers, and classes the model has names for."""
    facts = model.facts
    even = np.full((facts.height_px, facts.width_px, 3), 114, np.uint8)
    try:
        if facts.purpose == "look":
            if not np.isfinite(model.looks([even])).all():
                raise InvalidInput(f"'{label}' gives values that are no numbers")
            return
        for found in model.find([even]):
            if len(found) and int(found.classes.max()) >= len(facts.classes):
                raise InvalidInput(
                    f"'{label}' answers with class {int(found.classes.max())}, but only {len(facts.classes)} are named",
                    "classes",
                )
    except ModelFailed as error:
        raise InvalidInput(f"'{label}' fails on an even picture: {error}") from error


def _filled(pictures: Sequence[Bgr], batch: int | None) -> Sequence[Bgr]:
    """A model of a fixed batch gets exactly as many; the last picture stands in for those missing."""
    if batch is None or len(pictures) == batch:
        return pictures
    return [*pictures, *[pictures[-1]] * (batch - len(pictures))]


def _first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return text[0][:300] if text else type(error).__name__
