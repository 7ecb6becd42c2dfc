"""The feed's WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from web.auth.socket import CLOSE_LOGIN, open_socket

router = APIRouter(tags=["feed"])
_CLOSE_TIMEOUT_S = 2.0


@router.websocket("/feed")
async def feed(websocket: WebSocket) -> None:
    """Says hello, then sends every change this person may see until either side closes."""
    opened = await open_socket(websocket)
    if opened is None:
        return
    running, session = opened
    number, client = running.feed.join(session.user)

    async def send() -> None:
        await websocket.send_text(running.feed.hello())
        while True:
            await websocket.send_text(await client.queue.get())

    async def receive() -> None:
        while (await websocket.receive())["type"] != "websocket.disconnect":
            pass

    def logged_out() -> None:
        client.end(CLOSE_LOGIN, "the session has ended: log in again")

    with running.sockets.watch(session, logged_out):
        tasks: list[asyncio.Future[Any]] = [
            asyncio.create_task(send()),
            asyncio.create_task(receive()),
        ]
        try:
            await asyncio.wait([*tasks, client.ended], return_when=asyncio.FIRST_COMPLETED)
        finally:
            running.feed.leave(number)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    if client.ended.done():
        # The way to a slow client is full, so the goodbye may not get through; then the line is just cut.
        with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            await asyncio.wait_for(websocket.close(*client.ended.result()), _CLOSE_TIMEOUT_S)
