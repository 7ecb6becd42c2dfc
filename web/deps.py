"""What a route asks for: the database, the clock, the person behind the request, the audit log.

Everything under ``/api/v1`` passes :func:`guard`, which refuses a change without the session's token.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated, Any, cast
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from gis.clock import Clock
from gis.db import Database
from gis.errors import Forbidden, NotFound
from gis.said import say
from web import audit_store
from web.auth import sessions
from web.auth.origin import same_origin
from web.errors import CsrfRefused
from web.model import ConsoleSettings, CurrentUser, Session
from web.runtime import Runtime

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_WITHOUT_SESSION = frozenset({"/api/v1/login"})
CSRF_HEADER = "X-CSRF-Token"


def runtime(request: Request) -> Runtime:
    """The running console's parts."""
    return cast(Runtime, request.app.state.runtime)


def settings(request: Request) -> ConsoleSettings:
    return runtime(request).settings


def database(request: Request) -> Database:
    return runtime(request).database


def clock(request: Request) -> Clock:
    return runtime(request).settings.clock


def local(request: Request) -> tzinfo:
    """The city's time zone: in it days begin and schedules are meant."""
    return ZoneInfo(runtime(request).settings.timezone)


def address(request: Request) -> str:
    """The client's network address, as the server sees it."""
    return request.client.host if request.client else ""


def current_session(request: Request) -> Session:
    """The session of the request's cookie. Raises :class:`NotLoggedIn`."""
    known = getattr(request.state, "session", None)
    if isinstance(known, Session):
        return known
    session = sessions.of_cookie(
        runtime(request), request.cookies.get(sessions.COOKIE), address(request)
    )
    request.state.session = session
    return session


def current_user(session: Annotated[Session, Depends(current_session)]) -> CurrentUser:
    """The person behind the request. Raises :class:`NotLoggedIn`."""
    return session.user


def guard(request: Request) -> None:
    """Refuses a change from another site, or one that lacks the session's CSRF token."""
    if request.method in _SAFE:
        return
    if not same_origin(request.headers):
        raise CsrfRefused(
            f"the page at {request.headers.get('origin')!r} may not send changes here"
        )
    if request.url.path in _WITHOUT_SESSION:
        return
    session = current_session(request)
    sent = request.headers.get(CSRF_HEADER, "")
    if not secrets.compare_digest(sent.encode(), session.csrf.encode()):
        raise CsrfRefused(
            f"the header {CSRF_HEADER} does not hold this session's token: log in again"
        )


def require(*roles: str) -> Callable[[CurrentUser], CurrentUser]:
    """A dependency that lets only people with one of ``roles`` pass and gives the :class:`CurrentUser`."""

    def check(user: Annotated[CurrentUser, Depends(current_user)]) -> CurrentUser:
        if not user.has(*roles):
            raise Forbidden(
                say(
                    "needs_role",
                    "this needs the role {roles}; {name} is {own}",
                    roles=" or ".join(roles),
                    name=user.name,
                    own=", ".join(sorted(user.roles)),
                )
            )
        return user

    return check


def must_see(user: CurrentUser, camera_id: int) -> None:
    """Raises :class:`NotFound` when ``user`` may not see the camera: it does not even exist for them."""
    if not user.sees(camera_id):
        raise NotFound(say("no_camera", "there is no camera {id}", id=camera_id))


@dataclass(frozen=True, slots=True)
class Audit:
    """Writes who did what into the audit log. Call it with the transaction's cursor where there is one,
    so that the change and its entry stand or fall together."""

    database: Database
    actor: str
    address: str

    def __call__(
        self,
        action: str,
        subject: str,
        detail: Mapping[str, Any] | None = None,
        cursor: Any | None = None,
    ) -> None:
        if cursor is not None:
            audit_store.add(cursor, self.actor, action, subject, detail or {}, self.address)
            return
        with self.database.transaction() as own:
            audit_store.add(own, self.actor, action, subject, detail or {}, self.address)


def audit(request: Request, user: Annotated[CurrentUser, Depends(current_user)]) -> Audit:
    """The audit log in the name of the current user."""
    return Audit(database(request), user.name, address(request))


RuntimeDep = Annotated[Runtime, Depends(runtime)]
DatabaseDep = Annotated[Database, Depends(database)]
ClockDep = Annotated[Clock, Depends(clock)]
LocalDep = Annotated[tzinfo, Depends(local)]
UserDep = Annotated[CurrentUser, Depends(current_user)]
AuditDep = Annotated[Audit, Depends(audit)]
