"""How the whole is doing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from web import health
from web.deps import RuntimeDep, require
from web.model import CurrentUser
from web.schemas.system import HealthOut

router = APIRouter(tags=["system"])


@router.get("/system")
def system(
    user: Annotated[CurrentUser, Depends(require("admin", "dispatcher", "commander", "reviewer"))],
    running: RuntimeDep,
) -> HealthOut:
    """Every process and every camera this person may see."""
    found = health.check(running)
    if user.camera_ids is not None:
        seen = health.codes(running, user.camera_ids)
        found.cameras = {code: state for code, state in found.cameras.items() if code in seen}
    return found
