"""Rows of users, sessions and failed logins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2

from gis.db import Database, load_queries
from gis.errors import InvalidInput, NotFound, StaleVersion
from gis.said import say
from web.auth.throttle import WINDOW_S, Failures
from web.model import CurrentUser, Session
from web.schemas.people import UserOut

_SQL = load_queries(Path(__file__).parent / "sql")


# --- users ------------------------------------------------------------------------------------------------------


def by_name(database: Database, name: str) -> Any | None:
    """The user's row with ``password_hash`` and ``active``, or None."""
    return database.row(_SQL["user_by_name"], {"name": name})


def by_id(database: Database, user_id: int) -> Any:
    """One user's row. Raises :class:`NotFound`."""
    row = database.row(_SQL["user_by_id"], {"id": user_id})
    if row is None:
        raise NotFound(say("no_user", "there is no user {id}", id=user_id))
    return row


def everybody(database: Database) -> list[Any]:
    """All users' rows, by name."""
    return database.rows(_SQL["user_list"])


def insert(cursor: Any, values: dict[str, Any]) -> Any:
    """Writes a new user and returns the row. Raises :class:`InvalidInput` for a taken name or no such unit."""
    try:
        cursor.execute(_SQL["user_insert"], values)
    except psycopg2.errors.UniqueViolation:
        raise InvalidInput(
            say("name_taken", "the name '{name}' is taken: choose another", name=values["name"]),
            "name",
        ) from None
    except psycopg2.errors.ForeignKeyViolation:
        raise InvalidInput(
            say("no_unit", "there is no unit {id}", id=values["unit_id"]), "unit_id"
        ) from None
    except psycopg2.errors.CheckViolation as error:
        raise InvalidInput(f"this user does not fit: {error.diag.constraint_name}", None) from None
    return cursor.fetchone()


def lock(cursor: Any, user_id: int, expected_version: int, sent: dict[str, Any]) -> Any:
    """The user's row, locked. Raises :class:`NotFound`, or :class:`StaleVersion` with both values."""
    cursor.execute(_SQL["user_lock"], {"id": user_id})
    row = cursor.fetchone()
    if row is None:
        raise NotFound(say("no_user", "there is no user {id}", id=user_id))
    if row.version != expected_version:
        raise StaleVersion(
            f"user {row.name} was changed by somebody else (version {row.version}, you had {expected_version})",
            UserOut.model_validate(row).model_dump(mode="json"),
            sent,
        )
    return row


def update(cursor: Any, values: dict[str, Any]) -> Any:
    """Writes a user's changes and returns the row. Raises :class:`InvalidInput` for a unit that is not there."""
    try:
        cursor.execute(_SQL["user_update"], values)
    except psycopg2.errors.ForeignKeyViolation:
        raise InvalidInput(
            say("no_unit", "there is no unit {id}", id=values["unit_id"]), "unit_id"
        ) from None
    return cursor.fetchone()


def lock_admins(cursor: Any) -> list[int]:
    """Ids of the active administrators, locked."""
    cursor.execute(_SQL["admins_lock"])
    return [row.id for row in cursor.fetchall()]


def set_language(database: Database, user_id: int, language: str) -> None:
    """Keeps the language a person chose."""
    database.run(_SQL["user_set_language"], {"id": user_id, "language": language})


def set_password(cursor: Any, user_id: int, password_hash: str) -> None:
    """Writes a new password hash."""
    cursor.execute(_SQL["user_set_password"], {"id": user_id, "password_hash": password_hash})


def rehash(database: Database, user_id: int, old: str, password_hash: str) -> None:
    """Replaces a hash by one of the same password, unless the password was changed meanwhile."""
    database.run(_SQL["user_rehash"], {"id": user_id, "old": old, "password_hash": password_hash})


# --- sessions ---------------------------------------------------------------------------------------------------


def open_session(
    cursor: Any,
    token_hash: bytes,
    user_id: int,
    csrf: str,
    now: datetime,
    expires_at: datetime,
    address: str,
    agent: str,
) -> None:
    """Writes a new session."""
    cursor.execute(
        _SQL["session_insert"],
        {
            "token_hash": token_hash,
            "user_id": user_id,
            "csrf": csrf,
            "now": now,
            "expires_at": expires_at,
            "address": address,
            "agent": agent,
        },
    )


def sessions(
    database: Database, token_hashes: Sequence[bytes], now: datetime, idle_s: float
) -> dict[bytes, tuple[Session, datetime]]:
    """The open ones among ``token_hashes``, each with the time it was last seen."""
    rows = database.rows(
        _SQL["session_find"],
        {
            "token_hashes": list(token_hashes),
            "now": now,
            "idle_since": now - timedelta(seconds=idle_s),
        },
    )
    return {
        bytes(row.token_hash): (
            Session(bytes(row.token_hash), row.csrf, row.expires_at, _user(row)),
            row.last_seen_at,
        )
        for row in rows
    }


def _user(row: Any) -> CurrentUser:
    return CurrentUser(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        roles=frozenset(row.roles),
        camera_ids=None if row.camera_ids is None else frozenset(row.camera_ids),
        unit_id=row.unit_id,
        language=row.language,
        version=row.version,
    )


def touch_sessions(database: Database, token_hashes: Sequence[bytes], now: datetime) -> None:
    """Says that these sessions are in use."""
    database.run(_SQL["session_touch"], {"token_hashes": list(token_hashes), "now": now})


def close_session(database: Database, token_hash: bytes) -> None:
    """Ends one session."""
    database.run(_SQL["session_delete"], {"token_hash": token_hash})


def close_sessions(cursor: Any, user_id: int, keep: bytes | None = None) -> None:
    """Ends a user's sessions, all but ``keep``."""
    cursor.execute(_SQL["session_delete_others"], {"user_id": user_id, "keep": keep})


def sweep_sessions(database: Database, now: datetime, idle_s: float) -> None:
    """Removes sessions that have ended by themselves."""
    database.run(_SQL["session_sweep"], {"now": now, "idle_since": now - timedelta(seconds=idle_s)})


# --- failed logins ----------------------------------------------------------------------------------------------


def recent_failures(cursor: Any, name: str, address: str, now: datetime) -> Failures:
    """Counts of recent failures; other logins of the same name wait until the transaction ends."""
    cursor.execute(_SQL["login_lock"], {"name": name})
    cursor.execute(
        _SQL["login_failures"],
        {"name": name, "address": address, "since": now - timedelta(seconds=WINDOW_S)},
    )
    row = cursor.fetchone()

    def age(at: datetime | None) -> float:
        return WINDOW_S if at is None else max(0.0, (now - at).total_seconds())

    return Failures(
        row.pair, age(row.pair_at), row.name, age(row.name_at), row.address, age(row.address_at)
    )


def add_failure(cursor: Any, name: str, address: str, now: datetime) -> None:
    """Counts one try as failed."""
    cursor.execute(_SQL["login_failure_add"], {"name": name, "address": address, "now": now})


def clear_failures(cursor: Any, name: str, address: str, now: datetime) -> None:
    """Forgives this name's failures from this address, and forgets everybody's old ones."""
    cursor.execute(_SQL["login_failure_clear"], {"name": name, "address": address})
    cursor.execute(_SQL["login_failure_sweep"], {"since": now - timedelta(seconds=WINDOW_S)})
