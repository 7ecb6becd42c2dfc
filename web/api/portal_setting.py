"""The public portal's switch, delay and notice."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from web import portal_store
from web.changes import given
from web.deps import AuditDep, DatabaseDep, require
from web.model import CurrentUser
from web.schemas.system import PortalOut, PortalPatch

router = APIRouter(tags=["portal"])
Keeper = Annotated[CurrentUser, Depends(require("admin", "commander"))]


@router.get("/portal")
def portal(user: Keeper, database: DatabaseDep) -> PortalOut:
    """What the public sees: open or closed, how late, and the notice."""
    return PortalOut.model_validate(portal_store.setting(database))


@router.patch("/portal")
def change_portal(
    body: PortalPatch, user: Keeper, database: DatabaseDep, audit: AuditDep
) -> PortalOut:
    """Opens or closes the portal, changes its delay or notice; it acts within a second."""
    values = given(body, ())
    with database.transaction() as cursor:
        row = portal_store.change(cursor, body.expected_version, values)
        audit("change_portal", "portal", values, cursor)
    return PortalOut.model_validate(row)
