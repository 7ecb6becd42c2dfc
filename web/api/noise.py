"""Less noise: how often each rule is wrong, what is proposed, areas that a zone ignores, a zone tried on stored tracks."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from analytics import ignore_store, zone_store
from analytics.model import RuleName
from command import noise_store
from command.alarms import Witness
from command.noise_store import Source
from gis.model import LonLat
from web import noise_view, zones
from web.deps import Audit, AuditDep, ClockDep, DatabaseDep, LocalDep, must_see, require
from web.model import CurrentUser
from web.schemas.noise import (
    ApplyIn,
    DeclineIn,
    IgnoredIn,
    IgnoredOut,
    NoiseOut,
    OutlineIn,
    OutlineOut,
    ProposalOut,
    TryIn,
    TryOut,
)
from web.schemas.zones import ZoneOut

router = APIRouter(tags=["noise"])
Admin = Annotated[CurrentUser, Depends(require("admin"))]
Reader = Annotated[CurrentUser, Depends(require("admin", "commander", "dispatcher", "reviewer"))]


@router.get("/noise")
def list_noise(
    reader: Reader, database: DatabaseDep, clock: ClockDep, local: LocalDep
) -> list[NoiseOut]:
    """Every camera, rule and zone with a decision in the last 30 days; the most false alarms a week first."""
    return noise_view.rates(database, reader, clock.now(), local)


@router.get("/noise/proposals")
def list_proposals(
    admin: Admin,
    database: DatabaseDep,
    clock: ClockDep,
    local: LocalDep,
    camera_id: Annotated[int, Query()],
    rule: Annotated[RuleName, Query()],
    zone_id: Annotated[int | None, Query()] = None,
) -> list[ProposalOut]:
    """What would have kept most false alarms of the last 30 days away and lost no true one, best first."""
    must_see(admin, camera_id)
    return noise_view.proposals(database, clock.now(), local, Source(camera_id, rule, zone_id))


@router.post("/noise/proposals/apply")
def apply_proposal(
    body: ApplyIn,
    admin: Admin,
    database: DatabaseDep,
    clock: ClockDep,
    local: LocalDep,
    audit: AuditDep,
) -> ZoneOut:
    """Changes the zone as proposed."""
    source = noise_view.source_of(admin, body)
    zone_id = noise_store.apply(
        database,
        clock.now(),
        local,
        source,
        body.kind,
        body.expected_version,
        admin.name,
        _entry(audit, "apply_proposal", body.model_dump(mode="json")),
    )
    return zones.out(zone_store.zone(database, zone_id))


@router.post("/noise/proposals/decline", status_code=204)
def decline_proposal(
    body: DeclineIn,
    admin: Admin,
    database: DatabaseDep,
    clock: ClockDep,
    local: LocalDep,
    audit: AuditDep,
) -> None:
    """Leaves the zone as it is; the same is not proposed again for 30 days."""
    source = noise_view.source_of(admin, body)
    noise_store.decline(
        database,
        clock.now(),
        local,
        source,
        body.kind,
        admin.name,
        _entry(audit, "decline_proposal", body.model_dump(mode="json")),
    )


@router.get("/zones/ignored")
def list_ignored(
    reader: Reader, database: DatabaseDep, camera_id: Annotated[int | None, Query()] = None
) -> list[IgnoredOut]:
    """Areas of cameras' pictures in which zones see nothing."""
    return noise_view.ignored(database, reader, camera_id)


@router.post("/zones/{zone_id}/ignored", status_code=201)
def add_ignored(
    zone_id: int,
    body: IgnoredIn,
    admin: Admin,
    database: DatabaseDep,
    clock: ClockDep,
    audit: AuditDep,
) -> IgnoredOut:
    """One more area in which the zone sees nothing."""
    must_see(admin, body.camera_id)
    zone_store.zone(database, zone_id)
    with database.transaction() as cursor:
        added = ignore_store.add(
            cursor, zone_id, body.camera_id, body.points, admin.name, clock.now()
        )
        audit("add_ignored", f"zone:{zone_id}", body.model_dump(mode="json"), cursor)
    return next(row for row in noise_view.ignored(database, admin, None) if row.id == added)


@router.delete("/zones/{zone_id}/ignored/{ignored_id}", status_code=204)
def delete_ignored(
    zone_id: int, ignored_id: int, admin: Admin, database: DatabaseDep, audit: AuditDep
) -> None:
    """The zone sees there again."""
    zone_store.zone(database, zone_id)
    with database.transaction() as cursor:
        ignore_store.delete(cursor, zone_id, ignored_id)
        audit("delete_ignored", f"zone:{zone_id}", {"ignored_id": ignored_id}, cursor)


@router.get("/zones/outlines")
def list_outlines(reader: Reader, database: DatabaseDep) -> list[OutlineOut]:
    """What each camera sees of the zones that are drawn on the map."""
    return noise_view.outlines(database, reader)


@router.post("/zones/outlines")
def draw_outlines(body: OutlineIn, admin: Admin, database: DatabaseDep) -> list[OutlineOut]:
    """For which cameras a zone on the map would hold, and what each would see of it; nothing is saved."""
    draft = zone_store.ZoneDraft(
        camera_id=None,
        name="?",
        rule=body.rule,
        points=(),
        arrow=body.arrow,
        ground=tuple(LonLat(lon, lat) for lon, lat in body.ground),
        enabled=False,  # what is still missing is no mistake yet
    )
    return noise_view.outlines(database, admin, draft)


@router.post("/zones/try")
def try_zone(
    body: TryIn, admin: Admin, database: DatabaseDep, clock: ClockDep, local: LocalDep
) -> TryOut:
    """What a zone would have fired on in the last hours, from stored tracks; nothing is saved."""
    return noise_view.tried(database, admin, body, clock.now(), local)


def _entry(audit: Audit, action: str, detail: dict[str, Any]) -> Witness:
    def witness(cursor: Any, zone_id: int) -> None:
        subject = f"zone:{zone_id}" if zone_id else f"camera:{detail['camera_id']}"
        audit(action, subject, detail, cursor)

    return witness
