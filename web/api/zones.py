"""Zones and lines in a camera's picture."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from web import zones
from web.deps import AuditDep, DatabaseDep, UserDep, require
from web.model import CurrentUser
from web.schemas import ZoneIn, ZoneOut, ZonePatch

router = APIRouter(tags=["zones"])
Admin = Annotated[CurrentUser, Depends(require("admin"))]


@router.get("/zones")
def list_zones(
    user: UserDep, database: DatabaseDep, camera_id: Annotated[int | None, Query()] = None
) -> list[ZoneOut]:
    """Zones of one camera, or of all this person may see."""
    return zones.listed(database, user, camera_id)


@router.post("/zones", status_code=201)
def create_zone(body: ZoneIn, admin: Admin, database: DatabaseDep, audit: AuditDep) -> ZoneOut:
    """Adds a zone; analytics watches it within seconds."""
    return zones.create(database, admin, body, audit)


@router.patch("/zones/{zone_id}")
def change_zone(
    zone_id: int, body: ZonePatch, admin: Admin, database: DatabaseDep, audit: AuditDep
) -> ZoneOut:
    """Changes a zone."""
    return zones.change(database, admin, zone_id, body, audit)


@router.delete("/zones/{zone_id}", status_code=204)
def delete_zone(
    zone_id: int,
    admin: Admin,
    database: DatabaseDep,
    audit: AuditDep,
    expected_version: Annotated[int, Query()],
) -> None:
    """Removes a zone; its events stay."""
    zones.delete(database, admin, zone_id, expected_version, audit)
