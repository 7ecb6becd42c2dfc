"""Detection models: which are kept, which are asked, and what one sees in a camera's newest picture."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool

from gis.said import say
from ingest.model import MAIN
from web import models_view
from web.deps import AuditDep, DatabaseDep, RuntimeDep, must_see, require
from web.errors import IngestAway
from web.model import CurrentUser
from web.schemas.models import ModelRestIn, ModelsOut, ModelTestIn, ModelTestOut

router = APIRouter(tags=["models"])
Admin = Annotated[CurrentUser, Depends(require("admin"))]


@router.get("/models")
def list_models(admin: Admin, database: DatabaseDep) -> ModelsOut:
    """Every model with its licence and checksum, and how those that are asked do. Files are added by `wanglou models add`."""
    return models_view.listed(database)


@router.post("/models/{model_id}/use")
def use_model(model_id: int, admin: Admin, database: DatabaseDep, audit: AuditDep) -> ModelsOut:
    """Asks a model from now on; analytics takes it within seconds."""
    return models_view.use(database, model_id, audit)


@router.post("/models/rest")
def rest_models(
    body: ModelRestIn, admin: Admin, database: DatabaseDep, audit: AuditDep
) -> ModelsOut:
    """Asks no model of a purpose any more; size, speed and shape decide."""
    return models_view.rest(database, body.purpose, audit)


@router.post("/models/{model_id}/test")
async def test_model(
    model_id: int, body: ModelTestIn, admin: Admin, running: RuntimeDep
) -> ModelTestOut:
    """Shows a camera's newest picture to a model. Changes nothing."""
    must_see(admin, body.camera_id)
    still = await running.ingest.snapshot(body.camera_id, MAIN, None)
    if still.jpeg is None:
        raise IngestAway(say("no_picture_now", "the camera has no picture now"))
    return await run_in_threadpool(
        models_view.tried, running.database, running.settings.models, model_id, still.jpeg
    )
