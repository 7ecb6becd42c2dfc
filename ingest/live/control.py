"""Ingest's own HTTP server on a Unix socket: what the console proxies after it has checked rights."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from gis.clock import Clock
from gis.errors import InvalidInput, NotFound, WanglouError, WrongState
from gis.said import why_of
from ingest import probe
from ingest.live import limits
from ingest.live.hub import LiveHub, QueueViewer
from ingest.live.limits import TooManyViewers
from ingest.live.mosaic import Mosaics, Tile
from ingest.live.mse import messages
from ingest.live.snapshot import Snapshots, Still
from ingest.live.whep import WhepServer
from ingest.model import MAIN, SUB
from ingest.unixsocket import claim

log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[WanglouError], int, str], ...] = (
    (InvalidInput, 422, "invalid"),
    (NotFound, 404, "not_found"),
    (WrongState, 409, "wrong_state"),
    (TooManyViewers, 503, "too_many_viewers"),
)
_OFFER_BYTES = 64 << 10
_REASON_BYTES = 120  # a close frame holds 123 (RFC 6455, 5.5)
WS_NOT_LIVE = 4404
WS_TOO_MANY = 1013  # "try again later" (IANA WebSocket close codes)


def _refusal(error: WanglouError) -> JSONResponse:
    for kind, status, code in _STATUS:
        if isinstance(error, kind):
            body = {"error": {"code": code, "message": str(error), "why": why_of(error.said)}}
            return JSONResponse(body, status_code=status)
    raise error


def _stream(query: Mapping[str, str]) -> str:
    """The stream that ``?stream=`` wishes for. Raises :class:`InvalidInput`."""
    wish = query.get("stream", MAIN)
    if wish not in (MAIN, SUB):
        raise InvalidInput(f"there is no stream '{wish}': '{MAIN}' or '{SUB}'", "stream")
    return wish


def _still(request: Request, still: Still) -> Response:
    """The picture, or the word that the asker has it already (RFC 9110, If-None-Match)."""
    headers = {"ETag": still.etag, "Cache-Control": "private, no-cache"}
    if still.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(still.jpeg, media_type="image/jpeg", headers=headers)


def create_control(
    hub: LiveHub, whep: WhepServer, clock: Clock, state: Callable[[], dict[str, Any]]
) -> Starlette:
    """The application; ``state`` gives the answer of ``GET /state``."""
    snapshots = Snapshots(hub)
    mosaics = Mosaics(hub, clock)
    most = limits.most_viewers()

    async def begin_whep(request: Request) -> Response:
        limits.check(max(whep.sessions, hub.viewers()), most)
        body = await request.body()
        if len(body) > _OFFER_BYTES:
            raise InvalidInput(f"an offer of {len(body)} bytes is too long", "sdp")
        session, answer = await whep.offer(
            request.path_params["camera_id"],
            body.decode("utf-8", errors="replace"),
            _stream(request.query_params),
        )
        headers = {"Location": f"/whep/session/{session}"}
        return Response(answer, status_code=201, media_type="application/sdp", headers=headers)

    async def end_whep(request: Request) -> Response:
        if not await whep.end(request.path_params["session"]):
            raise NotFound(f"there is no WebRTC session '{request.path_params['session']}'")
        return Response(status_code=204)

    async def mse(socket_: WebSocket) -> None:
        await socket_.accept()
        camera_id, viewer = socket_.path_params["camera_id"], QueueViewer()
        try:
            limits.check(max(whep.sessions, hub.viewers()), most)
            chosen = hub.choose(camera_id, _stream(socket_.query_params))
        except TooManyViewers as error:
            await socket_.close(WS_TOO_MANY, str(error)[:_REASON_BYTES])
            return
        except InvalidInput as error:
            await socket_.close(WS_NOT_LIVE, str(error)[:_REASON_BYTES])
            return
        if chosen is None or not hub.join(viewer, camera_id, chosen):
            await socket_.close(WS_NOT_LIVE, "the camera is not live now")
            return

        async def watch_for_end() -> None:
            try:
                while True:
                    await socket_.receive_text()
            except (WebSocketDisconnect, KeyError):
                viewer.end()

        watching = asyncio.ensure_future(watch_for_end())
        try:
            async for message in messages(viewer):
                if isinstance(message, str):
                    await socket_.send_text(message)
                else:
                    await socket_.send_bytes(message)
            await socket_.close(1000)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the viewer went away while something was on its way
        finally:
            watching.cancel()
            hub.leave(viewer)

    def snapshot(request: Request) -> Response:
        stream = _stream(request.query_params)
        return _still(request, snapshots.take(request.path_params["camera_id"], stream))

    async def mosaic(request: Request) -> Response:
        try:
            body = json.loads(await request.body())
            tiles = [Tile(int(one["id"]), str(one["code"])) for one in body["tiles"]]
            columns, width_px = int(body["columns"]), int(body["width_px"])
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise InvalidInput(
                "the body must be JSON with 'tiles', 'columns' and 'width_px'", "tiles"
            ) from error
        return _still(request, await run_in_threadpool(mosaics.take, tiles, columns, width_px))

    def show_state(request: Request) -> Response:
        return JSONResponse(state())

    async def test(request: Request) -> Response:
        try:
            body = json.loads(await request.body())
            url, user, password = body["url"], body.get("username"), body.get("password")
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise InvalidInput("the body must be JSON with 'url'", "url") from error
        if not all(v is None or isinstance(v, str) for v in (url, user, password)) or url is None:
            raise InvalidInput("url, username and password must be texts", "url")
        found = await run_in_threadpool(probe.test_camera, url, user, password)
        return JSONResponse(asdict(found) | {"why": found.why})

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, WanglouError)
        return _refusal(error)

    return Starlette(
        routes=[
            Route("/whep/{camera_id:int}", begin_whep, methods=["POST"]),
            Route("/whep/session/{session}", end_whep, methods=["DELETE"]),
            WebSocketRoute("/mse/{camera_id:int}", mse),
            Route("/snapshot/{camera_id:int}.jpg", snapshot),
            Route("/mosaic.jpg", mosaic, methods=["POST"]),
            Route("/state", show_state),
            Route("/test", test, methods=["POST"]),
        ],
        exception_handlers={kind: refused for kind, _, _ in _STATUS},
    )


class ControlServer:
    """Serves the control application at ``path`` from a thread of its own, which also carries WebRTC."""

    def __init__(
        self,
        path: Path,
        hub: LiveHub,
        clock: Clock,
        state: Callable[[], dict[str, Any]],
        ice_servers: tuple[str, ...] = (),
        make_whep: Callable[[LiveHub, Clock, tuple[str, ...]], WhepServer] = WhepServer,
    ) -> None:
        self._path = path
        self._whep = make_whep(hub, clock, ice_servers)
        app = create_control(hub, self._whep, clock, state)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1,
            ws="websockets-sansio", ws_per_message_deflate=False,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Binds and serves. Raises :class:`gis.errors.SetupError` when another process holds the socket."""
        claim(self._path)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self._path))
        self._path.chmod(0o600)
        listener.listen(128)
        self._listener = listener
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        assert self._listener is not None
        try:
            await self._server.serve(sockets=[self._listener])
        finally:
            await self._whep.close()

    @property
    def whep_sessions(self) -> int:
        return self._whep.sessions

    @property
    def whep_packets(self) -> tuple[int, int]:
        """RTP packets to viewers since the start: sent once, sent again."""
        return self._whep.packets

    def stop(self) -> None:
        """Ends every session and removes the socket."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(timeout=4)
        if self._listener is not None:
            self._listener.close()
            self._path.unlink(missing_ok=True)
