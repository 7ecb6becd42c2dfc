"""Units: where they are, what they do, whether they are on duty."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from command import dispatch, views
from gis.errors import Forbidden
from web.command_view import unit_out
from web.deps import AuditDep, DatabaseDep, UserDep, require
from web.model import CurrentUser
from web.schemas.units import UnitOut, UnitPatch

router = APIRouter(tags=["units"])
Mover = Annotated[CurrentUser, Depends(require("dispatcher", "commander", "responder"))]


@router.get("/units")
def list_units(user: UserDep, database: DatabaseDep) -> list[UnitOut]:
    """Every unit with its derived status and last position."""
    return [unit_out(unit) for unit in views.units(database)]


@router.patch("/units/{unit_id}")
def change_unit(
    unit_id: int, body: UnitPatch, mover: Mover, database: DatabaseDep, audit: AuditDep
) -> UnitOut:
    """Sets a unit's duty; a responder that of the own unit only."""
    if not mover.has("dispatcher", "commander") and mover.unit_id != unit_id:
        raise Forbidden(f"unit {unit_id} is not {mover.name}'s unit")

    def witness(cursor: Any, changed_id: int) -> None:
        audit("change_unit", f"unit:{changed_id}", {"duty": body.duty}, cursor)

    unit = dispatch.set_duty(database, unit_id, body.expected_version, body.duty, witness)
    return unit_out(unit)
