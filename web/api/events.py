"""What analytics saw: search, one event, its picture."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import FileResponse

from analytics.model import EventKind, RuleName
from command import views
from gis.errors import Forbidden
from web import event_view
from web.api.binary import binary
from web.deps import DatabaseDep, RuntimeDep, UserDep, require
from web.model import CurrentUser
from web.schemas.events import EventOut, EventPage
from web.times import UtcTime

router = APIRouter(tags=["events"])
READERS = ("dispatcher", "commander", "reviewer", "admin")
Reader = Annotated[CurrentUser, Depends(require(*READERS))]


@router.get("/events")
def search_events(
    user: Reader,
    database: DatabaseDep,
    camera_id: Annotated[list[int] | None, Query()] = None,
    from_at: Annotated[UtcTime | None, Query(alias="from")] = None,
    to_at: Annotated[UtcTime | None, Query(alias="to")] = None,
    rule: RuleName | None = None,
    kind: EventKind | None = None,
    polygon: Annotated[
        str | None,
        Query(max_length=5000, description="``lon,lat;lon,lat;…``, three corners or more"),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[
        UtcTime | None, Query(description="``next_before`` of the page before")
    ] = None,
) -> EventPage:
    """Events, newest first, by camera, time, rule, kind and an area on the map."""
    return event_view.page(
        database, user, camera_id, from_at, to_at, rule, kind, polygon, limit, before
    )


@router.get("/events/{event_id}")
def one_event(event_id: int, user: Reader, database: DatabaseDep) -> EventOut:
    """One event with the track's path on the ground."""
    return event_view.one(database, user, event_id)


@router.get(
    "/events/{event_id}/snapshot.jpg", response_class=Response, responses=binary("image/jpeg")
)
def event_snapshot(event_id: int, user: UserDep, running: RuntimeDep) -> Response:
    """The picture of the moment the rule fired; a crew sees that of the incident it is sent to."""
    crew = user.has("responder") and user.unit_id is not None
    if not user.has(*READERS) and not (
        crew and views.crew_may_see_event(running.database, user.unit_id or 0, event_id)
    ):
        raise Forbidden(
            "this picture is for those who handle alarms, and for the crew sent to its incident"
        )
    path = event_view.snapshot(running.database, user, event_id, running.settings.snapshots)
    return FileResponse(
        path,
        media_type="image/jpeg",
        headers={"Cache-Control": "private, max-age=86400, immutable"},
    )
