"""Zones and lines in a camera's picture."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from web import zones
from web.deps import AuditDep, DatabaseDep, RuntimeDep, UserDep, require
from web.model import CurrentUser
from web.schemas.rules import CrossingCountOut, RuleOut
from web.schemas.zones import ZoneIn, ZoneOut, ZonePatch
from web.times import UtcTime, span

DAY_S, MOST_S = 86_400.0, 93 * 86_400.0
router = APIRouter(tags=["zones"])
Admin = Annotated[CurrentUser, Depends(require("admin"))]


@router.get("/rules")
def list_rules(user: UserDep) -> list[RuleOut]:
    """Every rule: what is drawn for it and what its numbers mean."""
    return zones.rules()


@router.get("/zones")
def list_zones(
    user: UserDep, database: DatabaseDep, camera_id: Annotated[int | None, Query()] = None
) -> list[ZoneOut]:
    """Zones of one camera, or of all this person may see."""
    return zones.listed(database, user, camera_id)


@router.get("/zones/{zone_id}/counts")
def zone_counts(
    zone_id: int,
    user: UserDep,
    database: DatabaseDep,
    running: RuntimeDep,
    from_at: Annotated[UtcTime | None, Query(alias="from")] = None,
    to_at: Annotated[UtcTime | None, Query(alias="to")] = None,
) -> list[CrossingCountOut]:
    """How many went over a line, by direction, class and quarter of an hour; the last day where no time is given."""
    start, end = span(from_at, to_at, running.settings.clock.now(), DAY_S, MOST_S)
    return zones.counts(database, user, zone_id, start, end)


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
