"""The console's side of ingest's control socket: live pictures and address tests over HTTP on a Unix socket."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import ValidationError
from websockets.asyncio.client import ClientConnection, unix_connect

from gis import said
from gis.errors import InvalidInput, NotFound, WrongState
from gis.said import say
from web.errors import IngestAway
from web.schemas.cameras import CameraTestIn, CameraTestOut

AWAY = say(
    "ingest_away",
    "the ingest process does not answer, so there is no live picture now; it is restarted by itself",
)
_TEST_TIMEOUT_S = 30.0
_MOSAIC_TIMEOUT_S = 20.0
# Fragments wait here when the browser is slow; then the socket to ingest fills and ingest drops whole GOPs.
_MSE_QUEUE = 4
_MSE_MAX_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class WhepAnswer:
    """The SDP answer and the session's id at ingest."""

    sdp: str
    session: str


@dataclass(frozen=True, slots=True)
class Still:
    """A JPEG and its tag; ``jpeg`` is None when the asker has it already."""

    jpeg: bytes | None
    etag: str


class IngestClient:
    """Speaks to ingest. Every call raises :class:`IngestAway` when the process does not answer."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._http = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(socket)),
            base_url="http://ingest",
            timeout=httpx.Timeout(10.0, connect=2.0),
            trust_env=False,
        )

    async def close(self) -> None:
        """Closes idle connections."""
        await self._http.aclose()

    async def _send(
        self,
        method: str,
        path: str,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        timeout_s: float = 10.0,
    ) -> httpx.Response:
        try:
            response = await self._http.request(
                method,
                path,
                content=content,
                headers=headers,
                timeout=httpx.Timeout(timeout_s, connect=2.0),
            )
        except httpx.HTTPError as error:
            raise IngestAway(AWAY) from error
        if response.status_code >= 500:
            raise IngestAway(_reason(response, AWAY))
        return response

    async def test(self, body: CameraTestIn) -> CameraTestOut:
        """Tries a camera's address."""
        response = await self._send(
            "POST",
            "/test",
            body.model_dump_json().encode(),
            {"Content-Type": "application/json"},
            _TEST_TIMEOUT_S,
        )
        if response.status_code != 200:
            raise InvalidInput(_reason(response, "ingest refused the test"), "url")
        try:
            return CameraTestOut.model_validate_json(response.content)
        except ValidationError as error:
            raise IngestAway(f"ingest answered the test with something else: {error}") from error

    async def snapshot(self, camera_id: int, stream: str, known: str | None) -> Still:
        """The last key frame as JPEG. ``known`` is the tag of the picture the asker has. Raises :class:`NotFound`
        when there is none."""
        response = await self._send(
            "GET", f"/snapshot/{camera_id}.jpg?stream={stream}", headers=_if_none_match(known)
        )
        if response.status_code not in (200, 304):
            raise NotFound(
                _reason(
                    response,
                    say("no_picture_so_far", "camera {id} has sent no picture yet", id=camera_id),
                )
            )
        return _still(response)

    async def mosaic(
        self, cameras: Sequence[tuple[int, str]], columns: int, width_px: int, known: str | None
    ) -> Still:
        """Many cameras (id and code) in one picture. Raises :class:`InvalidInput` for a layout that cannot be."""
        tiles = [{"id": camera_id, "code": code} for camera_id, code in cameras]
        body = json.dumps({"tiles": tiles, "columns": columns, "width_px": width_px}).encode()
        headers = {"Content-Type": "application/json"} | _if_none_match(known)
        response = await self._send("POST", "/mosaic.jpg", body, headers, _MOSAIC_TIMEOUT_S)
        if response.status_code not in (200, 304):
            raise InvalidInput(_reason(response, "ingest refused the mosaic"), "columns")
        return _still(response)

    async def whep(self, camera_id: int, stream: str, offer: bytes) -> WhepAnswer:
        """Offers a WebRTC session. Raises :class:`InvalidInput`, :class:`NotFound`, :class:`WrongState`."""
        response = await self._send(
            "POST",
            f"/whep/{camera_id}?stream={stream}",
            offer,
            {"Content-Type": "application/sdp"},
            20.0,
        )
        if response.status_code == 404:
            raise NotFound(
                _reason(response, say("camera_not_live", "camera {id} is not live", id=camera_id))
            )
        if response.status_code == 409:
            raise WrongState(
                _reason(
                    response,
                    say("no_webrtc", "camera {id} cannot be sent by WebRTC: use MSE", id=camera_id),
                )
            )
        if response.status_code != 201:
            raise InvalidInput(_reason(response, "ingest refused the offer"), "sdp")
        return WhepAnswer(response.text, response.headers.get("Location", "").rsplit("/", 1)[-1])

    async def end_whep(self, session: str) -> None:
        """Ends a WebRTC session; one that is gone already is fine."""
        await self._send("DELETE", f"/whep/session/{session}")

    def mse(self, camera_id: int, stream: str) -> AbstractAsyncContextManager[ClientConnection]:
        """The WebSocket of fragments of one camera."""
        return unix_connect(
            str(self._socket),
            uri=f"ws://ingest/mse/{camera_id}?stream={stream}",
            max_size=_MSE_MAX_BYTES,
            max_queue=_MSE_QUEUE,
            open_timeout=5,
            close_timeout=1,  # while reading is held back no goodbye of theirs can be read either
            compression=None,
            ping_interval=None,
        )


def _if_none_match(known: str | None) -> dict[str, str]:
    return {"If-None-Match": known} if known else {}


def _still(response: httpx.Response) -> Still:
    jpeg = response.content if response.status_code == 200 else None
    return Still(jpeg, response.headers.get("ETag", ""))


def _reason(response: httpx.Response, otherwise: str) -> str:
    """The sentence in ingest's answer, where there is one."""
    try:
        body = response.json()
    except ValueError:
        return otherwise
    if isinstance(body, dict):
        error = body.get("error")
        if isinstance(error, dict) and isinstance(error.get("message"), str):
            return said.read(error["message"], error.get("why"))
        for key in ("message", "detail", "error"):
            if isinstance(body.get(key), str):
                return str(body[key])
    return otherwise
