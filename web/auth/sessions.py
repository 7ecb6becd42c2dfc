"""Sessions: a random cookie whose hash opens a row, idle and absolute expiry, logging in and out."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from web import audit_store, user_store
from web.auth import passwords
from web.auth.throttle import wait_s
from web.errors import NotLoggedIn, TooManyLogins, WrongLogin
from web.model import Session

if TYPE_CHECKING:
    from web.runtime import Runtime

COOKIE = "wanglou_session"
TOUCH_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Login:
    """A new session and the cookie that opens it; the cookie is nowhere else."""

    session: Session
    cookie: str


def token_hash(cookie: str) -> bytes:
    """What the table keeps of a cookie: it does not open the session."""
    return hashlib.sha256(cookie.encode()).digest()


def of_cookie(runtime: Runtime, cookie: str | None, address: str) -> Session:
    """The open session of ``cookie``. Raises :class:`NotLoggedIn`."""
    if not cookie:
        raise NotLoggedIn("log in first")
    now = runtime.settings.clock.now()
    hashed = token_hash(cookie)
    found = user_store.sessions(runtime.database, [hashed], now, runtime.settings.session_idle_s)
    if hashed not in found:
        raise NotLoggedIn("the session has ended: log in again")
    session, seen_at = found[hashed]
    if (now - seen_at).total_seconds() >= TOUCH_EVERY_S:
        user_store.touch_sessions(runtime.database, [hashed], now)
    return session


def login(runtime: Runtime, name: str, password: str, address: str, agent: str) -> Login:
    """Opens a session. Raises :class:`WrongLogin` for a wrong name or password, without saying which, and
    :class:`TooManyLogins` when this name or address must wait."""
    database, clock = runtime.database, runtime.settings.clock
    now = clock.now()
    with database.transaction() as cursor:
        wait = wait_s(user_store.recent_failures(cursor, name, address, now))
        if wait > 0:
            raise TooManyLogins(wait)
        user_store.add_failure(cursor, name, address, now)
    row = user_store.by_name(database, name)
    fits = passwords.verify(row.password_hash if row is not None and row.active else None, password)
    if row is None or not fits:
        with database.transaction() as cursor:
            audit_store.add(cursor, name[:64], "login_failed", "session", {}, address)
        raise WrongLogin("the name or the password is wrong")
    if passwords.outdated(row.password_hash):
        user_store.rehash(database, row.id, row.password_hash, passwords.hash_password(password))
    cookie = secrets.token_urlsafe(32)
    hashed = token_hash(cookie)
    now = clock.now()
    expires_at = now + timedelta(seconds=runtime.settings.session_absolute_s)
    user_store.sweep_sessions(database, now, runtime.settings.session_idle_s)
    with database.transaction() as cursor:
        user_store.open_session(
            cursor,
            hashed,
            row.id,
            secrets.token_urlsafe(24),
            now,
            expires_at,
            address,
            agent[:200],
        )
        user_store.clear_failures(cursor, name, address, now)
        audit_store.add(cursor, row.name, "login", f"user:{row.id}", {}, address)
    return Login(of_cookie(runtime, cookie, address), cookie)
