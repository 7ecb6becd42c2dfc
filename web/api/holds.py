"""Holds: footage that nothing may delete, with reason, owner and end. Every change is audited."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from web import holds
from web.deps import AuditDep, ClockDep, DatabaseDep, require
from web.model import CurrentUser
from web.schemas.holds import HoldIn, HoldOut, HoldPatch, HoldReleaseIn

router = APIRouter(tags=["holds"])
Reader = Annotated[CurrentUser, Depends(require("reviewer", "dispatcher", "commander", "admin"))]
Keeper = Annotated[CurrentUser, Depends(require("reviewer", "commander", "admin"))]


@router.get("/holds")
def list_holds(
    user: Reader,
    database: DatabaseDep,
    state: Annotated[Literal["active", "all"], Query()] = "active",
) -> list[HoldOut]:
    """The newest thousand holds on the cameras this person may see. ``active`` includes those that expired within the
    last week, marked so."""
    return holds.listed(database, user, state == "active")


@router.post("/holds", status_code=201)
def lay_hold(
    body: HoldIn, user: Keeper, database: DatabaseDep, clock: ClockDep, audit: AuditDep
) -> HoldOut:
    """Locks a camera's footage of a time, recorded or still to come."""
    return holds.lay(database, clock, user, body, audit)


@router.patch("/holds/{hold_id}")
def change_hold(
    hold_id: int,
    body: HoldPatch,
    user: Keeper,
    database: DatabaseDep,
    clock: ClockDep,
    audit: AuditDep,
) -> HoldOut:
    """Changes reason, owner or end; the time held only grows."""
    return holds.change(database, clock, user, hold_id, body, audit)


@router.post("/holds/{hold_id}/release")
def release_hold(
    hold_id: int, body: HoldReleaseIn, user: Keeper, database: DatabaseDep, audit: AuditDep
) -> HoldOut:
    """Ends a hold: what it protected is deleted when its time comes. Legal holds by administrators, with a reason."""
    return holds.release(database, user, hold_id, body, audit)
