"""Ingest's own HTTP server on a Unix socket: what the console proxies after it has checked rights."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Callable
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
from ingest import probe
from ingest.live.hub import LiveHub
from ingest.live.mse import messages
from ingest.live.snapshot import Snapshots
from ingest.live.whep import WhepServer
from ingest.unixsocket import claim

log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[WanglouError], int, str], ...] = (
    (InvalidInput, 422, "invalid"),
    (NotFound, 404, "not_found"),
    (WrongState, 409, "wrong_state"),
)
_OFFER_BYTES = 64 << 10
WS_NOT_LIVE = 4404


def _refusal(error: WanglouError) -> JSONResponse:
    for kind, status, code in _STATUS:
        if isinstance(error, kind):
            body = {"error": {"code": code, "message": str(error)}}
            return JSONResponse(body, status_code=status)
    raise error


def create_control(
    hub: LiveHub, whep: WhepServer, state: Callable[[], dict[str, Any]]
) -> Starlette:
    """The application; ``state`` gives the answer of ``GET /state``."""
    snapshots = Snapshots(hub)

    async def begin_whep(request: Request) -> Response:
        body = await request.body()
        if len(body) > _OFFER_BYTES:
            raise InvalidInput(f"an offer of {len(body)} bytes is too long", "sdp")
        session, answer = await whep.offer(
            request.path_params["camera_id"], body.decode("utf-8", errors="replace")
        )
        headers = {"Location": f"/whep/session/{session}"}
        return Response(answer, status_code=201, media_type="application/sdp", headers=headers)

    async def end_whep(request: Request) -> Response:
        if not await whep.end(request.path_params["session"]):
            raise NotFound(f"there is no WebRTC session '{request.path_params['session']}'")
        return Response(status_code=204)

    async def mse(socket_: WebSocket) -> None:
        await socket_.accept()
        viewer = hub.join(socket_.path_params["camera_id"], asyncio.get_running_loop())
        if viewer is None:
            await socket_.close(WS_NOT_LIVE, "the camera is not live now")
            return

        async def watch_for_end() -> None:
            try:
                while True:
                    await socket_.receive_text()
            except (WebSocketDisconnect, KeyError):
                viewer.close()

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
        jpeg = snapshots.jpeg(request.path_params["camera_id"])
        return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store"})

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
        return JSONResponse(asdict(found))

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, WanglouError)
        return _refusal(error)

    return Starlette(
        routes=[
            Route("/whep/{camera_id:int}", begin_whep, methods=["POST"]),
            Route("/whep/session/{session}", end_whep, methods=["DELETE"]),
            WebSocketRoute("/mse/{camera_id:int}", mse),
            Route("/snapshot/{camera_id:int}.jpg", snapshot),
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
    ) -> None:
        self._path = path
        self._whep = WhepServer(hub, clock, ice_servers)
        app = create_control(hub, self._whep, state)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
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

    def stop(self) -> None:
        """Ends every session and removes the socket."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(timeout=4)
        if self._listener is not None:
            self._listener.close()
            self._path.unlink(missing_ok=True)
