"""Links of tracks across cameras: where else a thing was seen, and what people decide about it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from web import links_view
from web.deps import AuditDep, DatabaseDep, RuntimeDep, require
from web.model import CurrentUser
from web.schemas.links import LinkDecisionIn, TrackLinkOut

router = APIRouter(tags=["links"])
Reader = Annotated[CurrentUser, Depends(require("dispatcher", "commander", "reviewer", "admin"))]


@router.get("/tracks/{uid}/links")
def track_links(uid: UUID, user: Reader, database: DatabaseDep) -> list[TrackLinkOut]:
    """Where the track's thing was probably seen before and after, by other cameras; likeliest first."""
    return links_view.of_track(database, user, uid)


@router.post("/track-links/{link_id}/decision", status_code=204)
def decide_link(
    link_id: int, body: LinkDecisionIn, user: Reader, running: RuntimeDep, audit: AuditDep
) -> None:
    """Says whether a link is true, or takes that back; audited. Confirmed ones teach how long ways take."""
    links_view.decide(running.database, user, link_id, body.decision, audit, running.settings.clock)
