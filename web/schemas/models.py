"""What goes over the wire about detection models. Conventions as in :mod:`web.schemas.common`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from web.schemas.common import Body, Out

PurposeName = Literal["detect", "look"]


class ModelOut(Out):
    """A model that is kept, with the licence it may be used under. ``active``: analytics asks it."""

    id: int
    name: str
    sha256: str
    purpose: PurposeName
    family: str
    width_px: int
    height_px: int
    classes: list[str]
    size_bytes: int
    licence: str
    source: str | None
    active: bool
    added_by: str
    added_at: datetime


class ModelsOut(Out):
    """Every model, and what analytics says of those it asks: ``problem`` is why one of them is not used."""

    models: list[ModelOut]
    problem: str | None
    asked: int
    answered: int
    known: int
    failures: int
    run_ms: float | None


class ModelRestIn(Body):
    """For what no model shall be asked any more."""

    purpose: PurposeName


class ModelTestIn(Body):
    """The camera whose newest picture a model is tried on."""

    camera_id: int


class SightOut(Out):
    """One thing a model sees; ``box`` left, top, width, height, 0..1 of the picture."""

    label: str
    kind: Literal["person", "vehicle", "other"]
    confidence: float
    box: tuple[float, float, float, float]


class ModelTestOut(Out):
    """What a model sees in a picture. ``jpeg`` is the picture, base64; ``look_length`` is set of a look model."""

    milliseconds: float
    width_px: int
    height_px: int
    sights: list[SightOut]
    look_length: int | None
    jpeg: str
