"""Recordings: what there is, playing it, a frame of it. Every viewing is audited."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from gis.errors import NotFound
from gis.said import say
from ingest.record import playback
from web import recording_view
from web.api.binary import binary
from web.deps import RuntimeDep, address, current_session, must_see, require
from web.model import CurrentUser, Session
from web.schemas.recordings import TimelineOut
from web.times import UtcTime, span

router = APIRouter(tags=["recordings"])
Reader = Annotated[CurrentUser, Depends(require("reviewer", "dispatcher", "commander", "admin"))]
SessionDep = Annotated[Session, Depends(current_session)]
M3U8 = "application/vnd.apple.mpegurl"
From = Annotated[UtcTime | None, Query(alias="from")]
To = Annotated[UtcTime | None, Query(alias="to")]


@router.get("/recordings/timeline")
def timeline(
    user: Reader,
    running: RuntimeDep,
    camera_ids: Annotated[str, Query(pattern=r"^\d{1,9}(,\d{1,9}){0,31}$")],
    from_at: From = None,
    to_at: To = None,
) -> TimelineOut:
    """What is recorded and held, and the events, of up to 32 cameras (``1,2,3``). The last hour unless said
    otherwise, at most 31 days."""
    ids = list(dict.fromkeys(int(part) for part in camera_ids.split(",")))
    for camera_id in ids:
        must_see(user, camera_id)
    now = running.settings.clock.now()
    start, end = span(from_at, to_at, now, 3600, 31 * 86400)
    return recording_view.timeline(running.database, ids, start, end, now)


@router.get(
    "/recordings/{camera_id}/playlist.m3u8", response_class=Response, responses=binary(M3U8)
)
def playlist(
    camera_id: int,
    request: Request,
    user: Reader,
    session: SessionDep,
    running: RuntimeDep,
    from_at: Annotated[UtcTime, Query(alias="from")],
    to_at: Annotated[UtcTime, Query(alias="to")],
) -> Response:
    """A stretch of at most a day as an HLS playlist: byte ranges, or the pictures of files that hold sound too."""
    must_see(user, camera_id)
    start, end = span(from_at, to_at, running.settings.clock.now(), 3600, 86400)
    text = running.playlists.playlist(camera_id, start, end)
    detail = {"from": start.isoformat(), "to": end.isoformat()}
    running.views.playlist(session, camera_id, address(request), detail)
    return Response(text, media_type=M3U8, headers={"Cache-Control": "no-store"})


@router.get(
    "/recordings/segments/{segment_id}.mp4", response_class=Response, responses=binary("video/mp4")
)
def segment(
    segment_id: int, request: Request, user: Reader, session: SessionDep, running: RuntimeDep
) -> Response:
    """One recording file; ``Range`` and ``If-Range`` are honoured."""
    camera_id = playback.segment_camera(running.database, segment_id)
    if not user.sees(camera_id):
        raise NotFound(say("no_recording", "there is no recording {id}", id=segment_id))
    reader = running.storage.open_segment(segment_id)
    running.views.footage(session, camera_id, address(request), {"segment": segment_id})
    return recording_view.segment_response(reader, str(segment_id), request)


@router.get(
    "/recordings/{camera_id}/frame.jpg", response_class=Response, responses=binary("image/jpeg")
)
def frame(
    camera_id: int,
    request: Request,
    user: Reader,
    session: SessionDep,
    running: RuntimeDep,
    at: Annotated[UtcTime, Query()],
) -> Response:
    """The frame at or before ``at``."""
    must_see(user, camera_id)
    picture = playback.frame_jpeg(running.database, running.storage, camera_id, at)
    running.views.footage(session, camera_id, address(request), {"at": at.isoformat()})
    return Response(
        picture, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"}
    )
