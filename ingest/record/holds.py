"""Holds: footage that nothing may delete, why, and until when.

An incident's hold follows the incident; a ``lock`` and a ``legal`` hold are a person's. Active is a hold that is neither
released nor expired; what is deleted and what is not is decided by the database, by its own clock.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import psycopg2.errors

from gis.clock import Clock
from gis.db import Database
from gis.errors import Forbidden, InvalidInput, NotFound, StaleVersion, WrongState
from gis.said import say
from ingest.store import QUERIES

HoldKind = Literal["incident", "lock", "legal"]
SOON = timedelta(days=7)
"""A hold that ends within this is shown as ending; one that has ended, still for so long."""
LONGEST = timedelta(days=366)
MOST = 1000


@dataclass(frozen=True, slots=True)
class Hold:
    """Footage of a camera kept for a subject; ``owner`` answers for it."""

    id: int
    kind: HoldKind
    camera_id: int
    from_at: datetime
    to_at: datetime
    reason: str
    subject: str
    created_by: str
    created_at: datetime
    owner: str
    expires_at: datetime | None
    released_at: datetime | None
    released_by: str | None
    release_reason: str | None
    version: int
    active: bool
    expired: bool
    expires_soon: bool


@dataclass(frozen=True, slots=True)
class HoldDraft:
    """A person's hold before it has an id. ``owner`` None: whoever lays it."""

    kind: Literal["lock", "legal"]
    camera_id: int
    from_at: datetime
    to_at: datetime
    reason: str
    owner: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HoldChange:
    """What to change; None leaves a value as it is. ``for_good`` takes the expiry away."""

    from_at: datetime | None = None
    to_at: datetime | None = None
    reason: str | None = None
    owner: str | None = None
    expires_at: datetime | None = None
    for_good: bool = False


def listed(
    database: Database, active_only: bool, camera_ids: Collection[int] | None = None
) -> list[Hold]:
    """The newest :data:`MOST` holds of some cameras (None: of all), newest first; ``active_only``: and those that ended
    by themselves within :data:`SOON`."""
    with database.transaction() as cursor:
        return _read(cursor, active_only=active_only, camera_ids=camera_ids)


def of_subject(cursor: Any, subject: str) -> list[Hold]:
    """The holds laid for a subject that are not released, by camera."""
    return sorted(_read(cursor, subject=subject), key=lambda hold: hold.camera_id)


def one(cursor: Any, hold_id: int, camera_ids: Collection[int] | None = None) -> Hold:
    """One hold. Raises :class:`NotFound`, also for a camera outside ``camera_ids``."""
    found = _read(cursor, hold_id=hold_id, camera_ids=camera_ids)
    if not found:
        raise NotFound(say("no_hold", "there is no hold {id}", id=hold_id))
    return found[0]


def counts(database: Database) -> tuple[int, int]:
    """How many holds are active, and how many of them end within :data:`SOON`."""
    row = database.rows(QUERIES["count_holds"], {"soon": SOON})[0]
    return row.active, row.expiring


def lay(cursor: Any, clock: Clock, draft: HoldDraft, by: str) -> Hold:
    """A new hold. Raises :class:`InvalidInput` for times that make no sense, :class:`NotFound` for no such camera."""
    _check_times(draft.from_at, draft.to_at)
    _check_expiry(clock, draft.expires_at)
    if not draft.reason.strip():
        raise InvalidInput(say("hold_needs_reason", "a hold needs a reason"), "reason")
    values = {
        "kind": draft.kind,
        "camera_id": draft.camera_id,
        "from_at": draft.from_at,
        "to_at": draft.to_at,
        "reason": draft.reason,
        "by": by,
        "owner": draft.owner,
        "expires_at": draft.expires_at,
    }
    try:
        cursor.execute(QUERIES["insert_hold"], values)
    except psycopg2.errors.ForeignKeyViolation as error:
        raise NotFound(say("no_camera", "there is no camera {id}", id=draft.camera_id)) from error
    return one(cursor, cursor.fetchone().id)


def lock(
    cursor: Any, hold_id: int, expected_version: int, camera_ids: Collection[int] | None = None
) -> Hold:
    """A hold, locked for a change. Raises :class:`NotFound`, :class:`StaleVersion`, and :class:`WrongState` for one that is
    released."""
    cursor.execute(QUERIES["lock_hold"], {"id": hold_id})
    hold = one(cursor, hold_id, camera_ids)
    if hold.version != expected_version:
        raise StaleVersion(
            f"hold {hold_id} is at version {hold.version}, this change was made on version {expected_version}: "
            "look at it again",
            {
                "id": hold_id,
                "version": hold.version,
                "reason": hold.reason,
                "owner": hold.owner,
                "expires_at": hold.expires_at.isoformat() if hold.expires_at else None,
                "released_at": hold.released_at.isoformat() if hold.released_at else None,
            },
            {"expected_version": expected_version},
        )
    if hold.released_at is not None:
        raise WrongState(
            say(
                "hold_released",
                "hold {id} was released by {by}",
                id=hold_id,
                by=hold.released_by or "the system",
            )
        )
    return hold


def change(cursor: Any, clock: Clock, hold: Hold, wanted: HoldChange, is_admin: bool) -> Hold:
    """Changes a locked hold. Its time only grows; a legal hold's end is brought forward by administrators alone.

    Raises :class:`InvalidInput`, :class:`Forbidden`, and :class:`WrongState` for the time and reason of an incident's.
    """
    fixed = (wanted.from_at, wanted.to_at, wanted.reason)
    if hold.kind == "incident" and any(value is not None for value in fixed):
        raise WrongState(
            say(
                "hold_of_incident",
                "hold {id} follows {subject}: its time and reason are the incident's",
                id=hold.id,
                subject=hold.subject.replace(":", " #"),
            )
        )
    from_at, to_at = wanted.from_at or hold.from_at, wanted.to_at or hold.to_at
    if from_at > hold.from_at or to_at < hold.to_at:
        raise InvalidInput(
            say(
                "hold_only_grows",
                "a hold's time only grows: release it and lay another one for less",
            ),
            "from_at" if from_at > hold.from_at else "to_at",
        )
    _check_times(from_at, to_at)
    expires_at = None if wanted.for_good else wanted.expires_at or hold.expires_at
    if wanted.expires_at is not None:
        _check_expiry(clock, wanted.expires_at)
        sooner = hold.expires_at is None or wanted.expires_at < hold.expires_at
        if hold.kind == "legal" and sooner and not is_admin:
            raise Forbidden(
                say("legal_hold_end", "only an administrator may let a legal hold end sooner")
            )
    values = {
        "id": hold.id,
        "from_at": from_at,
        "to_at": to_at,
        "reason": wanted.reason or hold.reason,
        "owner": wanted.owner or hold.owner,
        "expires_at": expires_at,
    }
    cursor.execute(QUERIES["update_hold"], values)
    return one(cursor, hold.id)


def release(cursor: Any, hold: Hold, by: str, reason: str | None, is_admin: bool) -> Hold:
    """Ends a locked hold. A legal one by administrators alone, and never without a reason.

    Raises :class:`Forbidden`, :class:`InvalidInput`.
    """
    if hold.kind == "legal":
        if not is_admin:
            raise Forbidden(
                say("legal_hold_release", "only an administrator may release a legal hold")
            )
        if not reason:
            raise InvalidInput(
                say("legal_hold_reason", "a legal hold is not released without a reason"), "reason"
            )
    cursor.execute(QUERIES["release_hold"], {"id": hold.id, "by": by, "reason": reason or None})
    return one(cursor, hold.id)


def _read(
    cursor: Any,
    hold_id: int | None = None,
    subject: str | None = None,
    active_only: bool = False,
    camera_ids: Collection[int] | None = None,
) -> list[Hold]:
    values = {
        "id": hold_id,
        "subject": subject,
        "active_only": active_only,
        "camera_ids": None if camera_ids is None else sorted(camera_ids),
        "soon": SOON,
        "limit": MOST,
    }
    cursor.execute(QUERIES["holds"], values)
    return [Hold(*row) for row in cursor.fetchall()]


def _check_times(from_at: datetime, to_at: datetime) -> None:
    if to_at <= from_at:
        raise InvalidInput(
            say(
                "hold_end_before_start",
                "the hold's end {to_at} is not after its start",
                to_at=to_at.isoformat(),
            ),
            "to_at",
        )
    if to_at - from_at > LONGEST:
        raise InvalidInput(
            say("hold_too_long", "a hold covers at most {days} days", days=LONGEST.days), "to_at"
        )


def _check_expiry(clock: Clock, expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= clock.now():
        raise InvalidInput(
            say(
                "hold_expired_already",
                "the hold would have expired already, at {expires_at}",
                expires_at=expires_at.isoformat(),
            ),
            "expires_at",
        )
