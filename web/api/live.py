"""Live pictures: WebRTC by WHEP, MSE over a WebSocket, a still. All of it comes from ingest."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import (
    APIRouter,
    Depends,
    Header,
    Query,
    Request,
    Response,
    WebSocket,
    WebSocketDisconnect,
)
from fastapi.concurrency import run_in_threadpool
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from gis.errors import InvalidInput, NotFound, WanglouError
from gis.said import say
from web import camera_store
from web.api.binary import binary
from web.auth.socket import CLOSE_AWAY, CLOSE_GONE, CLOSE_LOGIN, open_socket
from web.deps import RuntimeDep, address, current_session, must_see
from web.ingest_client import Still
from web.model import Session
from web.schemas.cameras import Stream

_log = logging.getLogger(__name__)
router = APIRouter(tags=["live"])
sockets = APIRouter(tags=["live"])
_CLOSE_TIMEOUT_S = 2.0
_NOT_ON_THE_WIRE = frozenset({1005, 1006, 1015})  # RFC 6455, section 7.4.1
_MAX_SDP_BYTES = 64 * 1024
SessionDep = Annotated[Session, Depends(current_session)]
_SDP_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/sdp": {"schema": {"type": "string"}}},
    }
}


@router.get("/cameras/mosaic.jpg", response_class=Response, responses=binary("image/jpeg"))
async def mosaic(
    request: Request,
    session: SessionDep,
    running: RuntimeDep,
    ids: Annotated[str, Query(pattern=r"^\d{1,9}(,\d{1,9}){0,99}$")],
    columns: Annotated[int, Query(ge=1, le=100)] = 4,
    width: Annotated[int, Query(ge=160, le=3840)] = 1280,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The newest key frames of up to 100 cameras in one picture, in the order of ``ids``; renewed every two seconds.
    A camera that is not live is a dark tile with its code."""
    wanted = list(dict.fromkeys(int(part) for part in ids.split(",")))
    for camera_id in wanted:
        must_see(session.user, camera_id)
    rows = await run_in_threadpool(camera_store.cameras, running.database, wanted)
    codes = {row.id: row.code for row in rows}
    for camera_id in wanted:
        if camera_id not in codes:
            raise NotFound(say("no_camera", "there is no camera {id}", id=camera_id))
    still = await running.ingest.mosaic(
        [(camera_id, codes[camera_id]) for camera_id in wanted], columns, width, if_none_match
    )
    await run_in_threadpool(_note_mosaic, running, session, wanted, address(request))
    return _still(still)


def _note_mosaic(
    running: RuntimeDep, session: Session, cameras: Sequence[int], client: str
) -> None:
    for camera_id in cameras:
        running.views.live(session, camera_id, client, {"by": "mosaic"})


def _still(still: Still) -> Response:
    headers = {"ETag": still.etag, "Cache-Control": "private, no-cache"}
    if still.jpeg is None:
        return Response(status_code=304, headers=headers)
    return Response(still.jpeg, media_type="image/jpeg", headers=headers)


@router.get(
    "/cameras/{camera_id}/snapshot.jpg", response_class=Response, responses=binary("image/jpeg")
)
async def snapshot(
    camera_id: int,
    request: Request,
    session: SessionDep,
    running: RuntimeDep,
    stream: Stream = "main",
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The camera's last key frame. ``stream=sub`` means the small one where the camera has one."""
    must_see(session.user, camera_id)
    picture = await running.ingest.snapshot(camera_id, stream, if_none_match)
    await run_in_threadpool(
        running.views.live, session, camera_id, address(request), {"by": "snapshot"}
    )
    return _still(picture)


@router.post(
    "/cameras/{camera_id}/whep",
    status_code=201,
    response_class=Response,
    responses={
        201: {
            "content": {"application/sdp": {"schema": {"type": "string"}}},
            "description": "SDP answer; Location is what to DELETE",
        }
    },
    openapi_extra=_SDP_BODY,
)
async def whep(
    camera_id: int,
    request: Request,
    session: SessionDep,
    running: RuntimeDep,
    stream: Stream = "main",
) -> Response:
    """Answers a WebRTC offer (``application/sdp``). ``stream=sub`` means the small one where the camera has one."""
    must_see(session.user, camera_id)
    offer = await request.body()
    if not offer or len(offer) > _MAX_SDP_BYTES:
        raise InvalidInput(
            f"an SDP offer of 1 to {_MAX_SDP_BYTES} bytes is needed, {len(offer)} came", "body"
        )
    answer = await running.ingest.whep(camera_id, stream, offer)
    running.whep.opened(answer.session, session.token_hash, camera_id)
    await run_in_threadpool(
        running.views.live, session, camera_id, address(request), {"by": "whep"}
    )
    return Response(
        answer.sdp,
        201,
        {"Location": f"/api/v1/whep/{answer.session}", "Cache-Control": "no-store"},
        "application/sdp",
    )


@router.delete("/whep/{session_id}", status_code=204)
async def end_whep(session_id: str, session: SessionDep, running: RuntimeDep) -> None:
    """Ends a WebRTC session that this login opened."""
    if not running.whep.closed(session_id, session.token_hash):
        raise NotFound(f"there is no live session {session_id!r} of yours")
    await running.ingest.end_whep(session_id)


@sockets.websocket("/cameras/{camera_id}/mse")
async def mse(websocket: WebSocket, camera_id: int, stream: Stream = "main") -> None:
    """Fragments for Media Source Extensions: a JSON text with the MIME type, the init, then one fragment per picture,
    or single pictures when the type is ``image/jpeg``. A slow browser holds back ingest, which then drops whole GOPs."""
    opened = await open_socket(websocket)
    if opened is None:
        return
    running, session = opened
    if not session.user.sees(camera_id):
        await websocket.close(CLOSE_GONE, say("no_camera", "there is no camera {id}", id=camera_id))
        return
    try:
        await run_in_threadpool(camera_store.camera, running.database, camera_id)
        client = websocket.client.host if websocket.client else ""
        await run_in_threadpool(running.views.live, session, camera_id, client, {"by": "mse"})
    except NotFound as error:
        await websocket.close(CLOSE_GONE, str(error)[:120])
        return
    except WanglouError as error:
        await websocket.close(CLOSE_AWAY, str(error)[:120])
        return
    running.counters.add("live_mse_opened_total")
    logged_out = asyncio.Event()
    with running.sockets.watch(session, logged_out.set):
        code, reason = await _relay(websocket, running, camera_id, stream, logged_out)
    with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
        await asyncio.wait_for(websocket.close(code, reason[:120]), _CLOSE_TIMEOUT_S)


async def _relay(
    websocket: WebSocket,
    running: RuntimeDep,
    camera_id: int,
    stream: Stream,
    logged_out: asyncio.Event,
) -> tuple[int, str]:
    """Passes messages both ways until a side ends; returns the code and reason for the browser."""
    try:
        async with running.ingest.mse(camera_id, stream) as upstream:
            tasks: list[asyncio.Task[Any]] = [
                asyncio.create_task(_down(websocket, upstream)),
                asyncio.create_task(_up(websocket, upstream)),
                asyncio.create_task(logged_out.wait()),
            ]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                ends = await asyncio.gather(*tasks, return_exceptions=True)
            for end in ends:
                if isinstance(end, Exception) and not isinstance(
                    end, ConnectionClosed | WebSocketDisconnect
                ):
                    raise end
            if logged_out.is_set():
                return CLOSE_LOGIN, "the session has ended: log in again"
            code = upstream.close_code
            if code is not None and code not in _NOT_ON_THE_WIRE:
                return code, upstream.close_reason or ""
    except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed) as error:
        _log.info("live relay ended camera=%s reason=%s", camera_id, error)
    return CLOSE_AWAY, "ingest does not answer: there is no live picture now"


async def _down(websocket: WebSocket, upstream: ClientConnection) -> None:
    # One message at a time: a browser that does not read stops us here, and the socket to ingest fills.
    async for message in upstream:
        if isinstance(message, str):
            await websocket.send_text(message)
        else:
            await websocket.send_bytes(message)


async def _up(websocket: WebSocket, upstream: ClientConnection) -> None:
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        data = message.get("text") or message.get("bytes")
        if data:
            await upstream.send(data)
