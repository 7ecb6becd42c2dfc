"""Errors of the web, and the one table that maps every error class to an HTTP status."""

from __future__ import annotations

import logging
import math
from datetime import datetime
from typing import Any

import psycopg2
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gis.errors import (
    DatabaseAway,
    Forbidden,
    InvalidInput,
    NotFound,
    Overloaded,
    SetupError,
    StaleVersion,
    StorageAway,
    WanglouError,
    WrongState,
)
from gis.said import say
from ingest.onvif.errors import DeviceFailed
from web.schemas.common import ErrorBody, ErrorOut, FieldError, WhyOut, why_out

_log = logging.getLogger(__name__)


class NotLoggedIn(WanglouError):
    """No session, or one that has ended."""


class WrongLogin(WanglouError):
    """The name or the password is wrong; it is not said which."""


class CsrfRefused(WanglouError):
    """A change without the session's token, or sent from another site."""


class TooManyLogins(WanglouError):
    """Too many failed logins; ``wait_s`` says how long to wait."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"too many failed logins: wait {math.ceil(wait_s)} s and try again")
        self.wait_s = wait_s


class IngestAway(WanglouError):
    """The ingest process does not answer, so there is no live picture now."""


class HeldByOther(WrongState):
    """Another person turns the camera, whose priority is not below; ``until`` they stop using it."""

    def __init__(self, holder: str, until: datetime, priority: int) -> None:
        super().__init__(f"{holder} turns this camera until {until:%H:%M:%S} UTC")
        self.current = {
            "holder": holder,
            "until": f"{until:%Y-%m-%dT%H:%M:%S.%f}Z",
            "priority": priority,
        }


# The first class that fits wins, so a subclass stands before its parent.
STATUS: tuple[tuple[type[WanglouError], int, str], ...] = (
    (NotLoggedIn, 401, "not_logged_in"),
    (WrongLogin, 401, "wrong_login"),
    (CsrfRefused, 403, "csrf"),
    (Forbidden, 403, "forbidden"),
    (NotFound, 404, "not_found"),
    (StaleVersion, 409, "stale_version"),
    (HeldByOther, 409, "ptz_held"),
    (WrongState, 409, "wrong_state"),
    (InvalidInput, 422, "invalid"),
    (TooManyLogins, 429, "too_many_logins"),
    (DeviceFailed, 502, "device"),
    (DatabaseAway, 503, "database_away"),
    (IngestAway, 503, "ingest_away"),
    (StorageAway, 503, "storage_away"),
    (Overloaded, 503, "overloaded"),
    (SetupError, 503, "setup"),
)
_HTTP_CODES = {400: "unreadable", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorOut} for status in (401, 403, 404, 409, 422, 429, 502, 503)
}


def describe(error: WanglouError) -> tuple[int, ErrorOut]:
    """The HTTP status and the body that tell of ``error``."""
    fitting = ((status, code) for kind, status, code in STATUS if isinstance(error, kind))
    status, code = next(fitting, (500, "internal"))
    body = ErrorBody(code=code, message=str(error), why=why_out(error.said))
    if isinstance(error, InvalidInput):
        body.fields = [FieldError(field=error.field or "", message=str(error), why=body.why)]
    elif isinstance(error, StaleVersion):
        body.current = jsonable_encoder(error.current)
        body.sent = jsonable_encoder(error.sent)
        body.why = body.why or _stale(error)
    elif isinstance(error, HeldByOther):
        body.current = error.current
    elif isinstance(error, DatabaseAway):
        body.message = "the database does not answer now; try again in a moment"
        body.why = None
    return status, ErrorOut(error=body)


def _stale(error: StaleVersion) -> WhyOut | None:
    version = error.current.get("version")
    if version is None:
        return None
    return why_out(say("changed_meanwhile", "it is at version {version} now", version=version))


def _field(location: tuple[int | str, ...]) -> str:
    parts = (
        location[1:]
        if location and location[0] in {"body", "query", "path", "header"}
        else location
    )
    return ".".join(str(part) for part in parts)


def _field_error(item: dict[str, Any]) -> FieldError:
    if item["type"] == "json_invalid":
        # Its place is not a field but where in the body the parser gave up.
        reason = item.get("ctx", {}).get("error", item["msg"])
        return FieldError(
            field="", message=f"the body is not JSON: {reason} at character {item['loc'][-1]}"
        )
    # What pydantic finds has a code of its own, with what it was measured by.
    facts = {name: str(value) for name, value in item.get("ctx", {}).items()}
    why = WhyOut(code=f"input.{item['type']}", params=facts)
    return FieldError(field=_field(tuple(item["loc"])), message=str(item["msg"]), why=why)


def install(app: FastAPI) -> None:
    """Makes every error of ``app`` an :class:`ErrorOut`."""

    def known(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, WanglouError)
        status, body = describe(error)
        if status >= 500:
            _log.warning("request failed path=%s error=%s", request.url.path, error)
        headers = {}
        if isinstance(error, TooManyLogins):
            headers["Retry-After"] = str(math.ceil(error.wait_s))
        elif status == 503:
            headers["Retry-After"] = "2"
        return JSONResponse(body.model_dump(mode="json"), status, headers)

    def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        fields = [_field_error(item) for item in error.errors()]
        first = fields[0]
        message = f"{first.field}: {first.message}" if first.field else first.message
        body = ErrorOut(
            error=ErrorBody(code="invalid", message=message, why=first.why, fields=fields)
        )
        return JSONResponse(body.model_dump(mode="json"), 422)

    def unfit(request: Request, error: Exception) -> JSONResponse:
        # Above all numbers in an address that no row can have.
        message = f"a value does not fit: {str(error).strip().splitlines()[0]}"
        _log.warning("value refused by the database path=%s error=%s", request.url.path, message)
        body = ErrorOut(error=ErrorBody(code="invalid", message=message))
        return JSONResponse(body.model_dump(mode="json"), 422)

    def plain(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code = _HTTP_CODES.get(error.status_code, f"http_{error.status_code}")
        body = ErrorOut(error=ErrorBody(code=code, message=str(error.detail)))
        return JSONResponse(body.model_dump(mode="json"), error.status_code, error.headers)

    def unexpected(request: Request, error: Exception) -> JSONResponse:
        body = ErrorBody(
            code="internal", message="something went wrong here; the log has the details"
        )
        return JSONResponse(ErrorOut(error=body).model_dump(mode="json"), 500)

    app.add_exception_handler(WanglouError, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, plain)
    app.add_exception_handler(psycopg2.errors.NumericValueOutOfRange, unfit)
    app.add_exception_handler(psycopg2.errors.CharacterNotInRepertoire, unfit)
    app.add_exception_handler(Exception, unexpected)
