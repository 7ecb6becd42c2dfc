"""Searches over what analytics saw, the motion on the timelines, and single tracks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import FileResponse

from analytics.search import MAX_DAYS
from web import search_view
from web.api.binary import binary
from web.deps import AuditDep, DatabaseDep, RuntimeDep, must_see, require
from web.model import CurrentUser
from web.schemas.search import MotionBandOut, SearchIn, SearchOut, SeenLabelOut, TrackDetailOut
from web.times import UtcTime, span

router = APIRouter(tags=["search"])
Reader = Annotated[CurrentUser, Depends(require("dispatcher", "commander", "reviewer", "admin"))]


@router.post("/search")
def search(body: SearchIn, user: Reader, database: DatabaseDep, audit: AuditDep) -> SearchOut:
    """Motion in an area, things that passed or stood, all near a spot: of the cameras that one may see. Every search is in
    the audit log; going on to its next page is not another one."""
    if body.before is None:
        audit("search", f"search:{body.kind}", search_view.audit_detail(body))
    return search_view.search(database, user, body)


@router.get("/search/labels")
def seen_labels(
    user: Reader,
    running: RuntimeDep,
    camera_ids: Annotated[str | None, Query(pattern=r"^\d{1,9}(,\d{1,9}){0,63}$")] = None,
    from_at: Annotated[UtcTime | None, Query(alias="from")] = None,
    to_at: Annotated[UtcTime | None, Query(alias="to")] = None,
) -> list[SeenLabelOut]:
    """What detectors called the newest things that cameras saw in a time, the most frequent first: what ``look.labels`` of a
    search may name. The last day unless said otherwise, at most 92 days; all cameras that one may see unless some are named."""
    ids = [] if camera_ids is None else [int(part) for part in camera_ids.split(",")]
    start, end = span(from_at, to_at, running.settings.clock.now(), 86_400, MAX_DAYS * 86_400)
    return search_view.labels(running.database, user, ids, start, end)


@router.get("/recordings/motion")
def motion_bands(
    user: Reader,
    running: RuntimeDep,
    camera_ids: Annotated[str, Query(pattern=r"^\d{1,9}(,\d{1,9}){0,31}$")],
    from_at: Annotated[UtcTime | None, Query(alias="from")] = None,
    to_at: Annotated[UtcTime | None, Query(alias="to")] = None,
    steps: Annotated[int, Query(ge=1, le=4000)] = 1000,
) -> list[MotionBandOut]:
    """How much moved in the pictures of up to 32 cameras (``1,2,3``), in about ``steps`` steps. The last hour unless said
    otherwise, at most 48 days."""
    ids = list(dict.fromkeys(int(part) for part in camera_ids.split(",")))
    for camera_id in ids:
        must_see(user, camera_id)
    start, end = span(from_at, to_at, running.settings.clock.now(), 3600, 48 * 86400)
    return search_view.bands(running.database, ids, start, end, steps)


@router.get("/tracks/{uid}")
def one_track(uid: UUID, user: Reader, database: DatabaseDep) -> TrackDetailOut:
    """Where a track's box was, moment by moment, as far as it is written."""
    return search_view.track(database, user, uid)


@router.get("/tracks/{uid}/snapshot.jpg", response_class=Response, responses=binary("image/jpeg"))
def track_snapshot(uid: UUID, user: Reader, running: RuntimeDep) -> Response:
    """A track's best picture."""
    path = search_view.track_picture(running.database, user, uid, running.settings.snapshots)
    return FileResponse(
        path,
        media_type="image/jpeg",
        headers={"Cache-Control": "private, max-age=3600"},
    )
