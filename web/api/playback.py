"""Playing recordings in a player of one's own: the index, init segments, key frames, sound, other pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from gis.errors import InvalidInput, NotFound
from gis.said import say
from ingest.fmp4_reader import NotARecording
from ingest.fmp4_table import one_track
from ingest.record import played
from ingest.record.background import Stream
from ingest.record.keys import key_frames
from ingest.record.played import Played
from ingest.record.recode import recoded
from ingest.record.sound import sound, sound_codec
from web import playback_view
from web.api.binary import binary
from web.deps import RuntimeDep, address, current_session, must_see, require
from web.model import CurrentUser, Session
from web.playback_view import streamed
from web.runtime import Runtime
from web.schemas.recordings import RecordingIndexOut
from web.times import UtcTime

router = APIRouter(tags=["recordings"])
Reader = Annotated[CurrentUser, Depends(require("reviewer", "dispatcher", "commander", "admin"))]
SessionDep = Annotated[Session, Depends(current_session)]
From = Annotated[UtcTime, Query(alias="from")]
To = Annotated[UtcTime, Query(alias="to")]
MP4 = "video/mp4"
MAX_RECODED_S = 3600.0
_FOR_GOOD = {"Cache-Control": "private, max-age=86400"}


@router.get(
    "/recordings/{camera_id}/index",
    response_class=Response,
    responses={200: {"model": RecordingIndexOut}},
)
def recording_index(
    camera_id: int, request: Request, user: Reader, session: SessionDep, running: RuntimeDep,
    from_at: From, to_at: To,
) -> Response:  # fmt: skip
    """Where each fragment of at most 26 hours lies, for a player that fetches byte ranges of the files."""
    files = _files(running, user, camera_id, from_at, to_at)
    running.views.stretch(session, camera_id, address(request), from_at, to_at)
    text = playback_view.index_json(camera_id, from_at, to_at, files)
    return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})


@router.get(
    "/recordings/segments/{segment_id}/init.mp4", response_class=Response, responses=binary(MP4)
)
def segment_init(
    segment_id: int, request: Request, user: Reader, session: SessionDep, running: RuntimeDep
) -> Response:
    """The init segment of a recording's pictures, without its sound."""
    camera_id, head = played.by_id(running.database, segment_id)
    _allow(running, user, session, request, camera_id, segment_id)
    with running.storage.open_segment(segment_id) as reader:
        init = reader.read_at(0, head.init_bytes)
    try:
        return Response(one_track(init), media_type=MP4, headers=_FOR_GOOD)
    except NotARecording as error:
        raise NotFound(
            say(
                "recording_unreadable",
                "the beginning of recording {id} cannot be read: {error}",
                id=segment_id,
                error=error,
            )
        ) from error


@router.get(
    "/recordings/segments/{segment_id}/video/{first}-{last}.m4s",
    response_class=Response,
    responses=binary(MP4),
)
def segment_video(
    segment_id: int, first: Annotated[int, Path(ge=0)], last: Annotated[int, Path(ge=0)],
    request: Request, user: Reader, session: SessionDep, running: RuntimeDep,
) -> Response:  # fmt: skip
    """The pictures of some of a recording's fragments (counted from 0) without the sound between them."""
    camera_id, _ = played.by_id(running.database, segment_id)
    _allow(running, user, session, request, camera_id, segment_id)
    found = played.fragments(running.database, [segment_id]).get(segment_id)
    if found is None:
        raise NotFound(say("no_recording", "there is no recording {id}", id=segment_id))
    with running.storage.open_segment(segment_id) as reader:
        data = b"".join(played.video_parts(reader, found, first, last))
    return Response(data, media_type=MP4, headers=_FOR_GOOD)


@router.get("/recordings/{camera_id}/keys.mp4", response_class=Response, responses=binary(MP4))
def recording_keys(
    camera_id: int, request: Request, user: Reader, session: SessionDep, running: RuntimeDep,
    from_at: From, to_at: To, step_s: Annotated[float, Query(ge=0, le=3600)] = 0.0,
) -> Response:  # fmt: skip
    """Key frames alone, at least ``step_s`` apart, each shown until the next: for playing fast and backwards."""
    files = _files(running, user, camera_id, from_at, to_at)
    running.views.footage(session, camera_id, address(request), _span(from_at, to_at))
    pieces = key_frames(running.storage, files, step_s)
    return _answer(next(pieces, None), pieces, MP4, files)


@router.get(
    "/recordings/{camera_id}/transcoded.mp4", response_class=Response, responses=binary(MP4)
)
def recording_transcoded(
    camera_id: int, request: Request, user: Reader, session: SessionDep, running: RuntimeDep,
    from_at: From, to_at: To,
) -> Response:  # fmt: skip
    """At most an hour as H.264, made while it is sent; ``X-Footage-Seconds`` says how much there will be."""
    if (to_at - from_at).total_seconds() > MAX_RECODED_S:
        raise InvalidInput(
            say('recode_too_long', "at most {most_h} hour is made into H.264 at a time, {asked_h} were asked for", most_h=f"{MAX_RECODED_S / 3600:g}", asked_h=f"{(to_at - from_at).total_seconds() / 3600:.1f}"), "to",
        )  # fmt: skip
    files = _files(running, user, camera_id, from_at, to_at)
    running.views.footage(session, camera_id, address(request), _span(from_at, to_at))
    stream = running.recoding.stream(lambda: recoded(running.storage, files))
    return _answer(next(stream, None), stream, MP4, files)


@router.get(
    "/recordings/{camera_id}/audio.mp4", response_class=Response, responses=binary("audio/mp4")
)
def recording_audio(
    camera_id: int, request: Request, user: Reader, session: SessionDep, running: RuntimeDep,
    from_at: From, to_at: To,
) -> Response:  # fmt: skip
    """The sound of a span: AAC and Opus as recorded, G.711 made into AAC. 404 where there is none."""
    files = _files(running, user, camera_id, from_at, to_at)
    heard = [(file, part) for file, part in files if file.head.audio is not None]
    if not heard:
        raise NotFound(say("no_sound", "camera {id} has no sound in this time", id=camera_id))
    running.views.footage(session, camera_id, address(request), _span(from_at, to_at))
    codec = sound_codec(heard[0][0].head.audio or "")
    pieces = sound(running.storage, heard)
    return _answer(next(pieces, None), pieces, f'audio/mp4; codecs="{codec}"', heard)


def _files(
    running: Runtime, user: CurrentUser, camera_id: int, from_at: UtcTime, to_at: UtcTime
) -> list[tuple[Played, slice]]:
    must_see(user, camera_id)
    return played.played(running.database, camera_id, from_at, to_at)


def _allow(
    running: Runtime, user: CurrentUser, session: Session, request: Request, camera_id: int,
    segment_id: int,
) -> None:  # fmt: skip
    if not user.sees(camera_id):
        raise NotFound(say("no_recording", "there is no recording {id}", id=segment_id))
    running.views.footage(session, camera_id, address(request), {"segment": segment_id})


def _span(from_at: UtcTime, to_at: UtcTime) -> dict[str, str]:
    return {"from": from_at.isoformat(), "to": to_at.isoformat()}


def _answer(
    first: bytes | None,
    rest: Iterator[bytes] | Stream,
    media_type: str,
    files: list[tuple[Played, slice]],
) -> Response:
    if first is None:
        raise NotFound(
            say(
                "nothing_to_play",
                "nothing of this time can be read: its files are gone, or hold nothing of it",
            )
        )
    return streamed(first, rest, media_type, playback_view.seconds(files))
