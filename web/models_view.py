"""Detection models as the API lists, chooses and tries them."""

from __future__ import annotations

import base64
from dataclasses import asdict
from pathlib import Path
from typing import Any

from analytics import model_store
from analytics.detect.onnx_file import ModelFailed
from analytics.detect.trying import decoded, try_on
from gis.db import Database
from gis.errors import WrongState
from gis.said import say
from web import health_store
from web.deps import Audit
from web.schemas.models import ModelOut, ModelsOut, ModelTestOut, PurposeName, SightOut


def listed(database: Database) -> ModelsOut:
    """Every model and what analytics last said of those it asks."""
    facts: dict[str, Any] = next(
        (row.facts for row in health_store.processes(database) if row.name == "analytics"), {}
    )
    return ModelsOut(
        models=[ModelOut.model_validate(asdict(m)) for m in model_store.models(database)],
        problem=facts.get("problem_model"),
        asked=int(facts.get("detect_asked", 0)),
        answered=int(facts.get("detect_answered", 0)),
        known=int(facts.get("detect_known", 0)),
        failures=int(facts.get("detect_failures", 0)),
        run_ms=facts.get("detect_run_ms"),
    )


def use(database: Database, model_id: int, audit: Audit) -> ModelsOut:
    """Asks a model from now on instead of any other of its purpose."""
    model = model_store.by_id(database, model_id)
    with database.transaction() as cursor:
        model_store.use(cursor, model)
        audit("use_model", f"model:{model.id}", {"name": model.name}, cursor)
    return listed(database)


def rest(database: Database, purpose: PurposeName, audit: Audit) -> ModelsOut:
    """Asks no model of a purpose any more."""
    with database.transaction() as cursor:
        model_store.rest(cursor, purpose)
        audit("rest_models", f"models:{purpose}", {}, cursor)
    return listed(database)


def tried(database: Database, folder: Path, model_id: int, jpeg: bytes) -> ModelTestOut:
    """What a model sees in a picture. Raises :class:`WrongState` when it fails."""
    stored = model_store.by_id(database, model_id)
    model = model_store.load(folder, stored)
    try:
        found = try_on(model, decoded(jpeg))
    except ModelFailed as error:
        raise WrongState(
            say(
                "model_fails",
                "the model '{name}' fails on this picture: {error}",
                name=stored.name,
                error=error,
            )
        ) from error
    width, height = found.width_px, found.height_px
    return ModelTestOut(
        milliseconds=round(found.seconds * 1000, 1),
        width_px=width,
        height_px=height,
        sights=[
            SightOut(
                label=s.label,
                kind=s.kind,
                confidence=round(s.confidence, 3),
                box=(
                    s.box_px[0] / width,
                    s.box_px[1] / height,
                    s.box_px[2] / width,
                    s.box_px[3] / height,
                ),
            )
            for s in found.sights
        ],
        look_length=found.look_length,
        jpeg=base64.b64encode(jpeg).decode(),
    )
