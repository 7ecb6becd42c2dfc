"""Requests that are refused before anybody reads them: bodies over the limit, queries with a NUL in them."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.schemas.common import ErrorBody, ErrorOut

MAX_BODY_BYTES = 1 << 20  # the largest honest body, an SDP offer, has 64 KiB

_DISCARD_BYTES = 32 << 20


class RequestLimits:
    """Answers 413 to a body over ``max_bytes``, said or sent, and 422 to a NUL, which no text column holds."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if b"%00" in scope["query_string"]:
            await _refuse(422, "invalid", "the query holds a NUL character")(scope, receive, send)
            return
        said = dict(scope["headers"]).get(b"content-length", b"")
        if said.isdigit() and int(said) > self._max_bytes:
            await _discard(receive)
            await _refuse(413, "too_large", self._too_large)(scope, receive, send)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self._max_bytes:
                if message.get("more_body", False):
                    await _discard(receive)
                # Raised where the route reads the body, and answered as every error is.
                raise HTTPException(413, self._too_large, {"Connection": "close"})
            return message

        await self._app(scope, counted, send)

    @property
    def _too_large(self) -> str:
        return f"the body is larger than the {self._max_bytes >> 10} KiB allowed here"


async def _discard(receive: Receive) -> None:
    """Reads the rest of an ordinary body: a client whose sending is cut off never reads the answer."""
    size = 0
    while size < _DISCARD_BYTES:
        message = await receive()
        size += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return


def _refuse(status: int, code: str, message: str) -> JSONResponse:
    body = ErrorOut(error=ErrorBody(code=code, message=message))
    # What is left of the body is not read, so the connection cannot be used again.
    headers = {"Connection": "close"} if status == 413 else None
    return JSONResponse(body.model_dump(mode="json"), status, headers)
