"""Rows of the locks on pan-tilt-zoom, and of the cameras that turn."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gis.db import Database, load_queries
from gis.errors import InvalidInput, NotFound
from gis.said import say
from ingest import secret
from web.errors import HeldByOther
from web.ptz import lock
from web.ptz.standing import Standing

log = logging.getLogger(__name__)
_SQL = load_queries(Path(__file__).parent.parent / "sql")
Note = Callable[[Any, str, dict[str, Any]], None]  # (cursor, action, detail): writes the audit log


@dataclass(frozen=True, slots=True)
class Turnable:
    """A camera with what is needed to turn it."""

    id: int
    code: str
    name: str
    ptz: bool
    onvif_url: str | None
    onvif_profile: str | None
    username: str | None
    password: str | None
    ptz_home: str | None
    ptz_home_after_s: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A camera's hold with names for people; ``hold`` None: free."""

    hold: lock.Hold | None
    holder: str | None
    loser: str | None


def camera(database: Database, camera_id: int, key: bytes) -> Turnable:
    """One camera. Raises :class:`NotFound`."""
    row = database.row(_SQL["ptz_camera"], {"id": camera_id})
    if row is None:
        raise NotFound(say("no_camera", "there is no camera {id}", id=camera_id))
    return _turnable(row, key)


def homeless(database: Database, now: datetime, key: bytes) -> list[Turnable]:
    """The cameras that are to return home, the longest waiting first; none whose password cannot be read."""
    found = []
    for row in database.rows(_SQL["ptz_homeless"], {"now": now}):
        try:
            found.append(_turnable(row, key))
        except InvalidInput as error:
            log.warning("ptz-home-impossible camera=%s reason=%s", row.code, error)
    return found


def shown(database: Database, camera_id: int, now: datetime) -> Shown:
    """Who turns a camera now."""
    row = database.row(_SQL["ptz_lock_read"], {"camera_id": camera_id})
    hold = _hold(row)
    if row is None or hold is None or not hold.live(now):
        return Shown(None, None, None)
    return Shown(hold, row.holder, row.loser)


def use(
    database: Database,
    camera_id: int,
    user_id: int,
    rank: int,
    now: datetime,
    note: Note,
    moved: bool = False,
) -> None:
    """Takes or renews the hold, and notes when the camera is ``moved``. Raises :class:`HeldByOther`.

    The row is locked from reading to writing, so of two who ask at once one is first.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["ptz_lock_make"], {"camera_id": camera_id})
        cursor.execute(_SQL["ptz_lock_for_update"], {"camera_id": camera_id})
        answer = lock.take(_hold(cursor.fetchone()), user_id, rank, now)
        if isinstance(answer, lock.Refused):
            cursor.execute(_SQL["ptz_lock_read"], {"camera_id": camera_id})
            raise HeldByOther(cursor.fetchone().holder, answer.hold.until, answer.hold.priority)
        hold = answer.hold
        cursor.execute(
            _SQL["ptz_lock_write"],
            {
                "camera_id": camera_id,
                "user_id": hold.user_id,
                "priority": hold.priority,
                "since": hold.since,
                "until": hold.until,
                "taken_from": hold.taken_from,
            },
        )
        if moved:
            cursor.execute(_SQL["ptz_moved"], {"camera_id": camera_id, "moved_at": now})
        if answer.news == "taken":
            note(cursor, "ptz_take", {})
        elif answer.news == "taken_over":
            note(cursor, "ptz_take_over", {"from_user": hold.taken_from})


def release(database: Database, camera_id: int, user_id: int, now: datetime, note: Note) -> bool:
    """Frees the camera; False when it is not the person's."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["ptz_lock_for_update"], {"camera_id": camera_id})
        if not lock.holds(_hold(cursor.fetchone()), user_id, now):
            return False
        cursor.execute(_SQL["ptz_lock_free"], {"camera_id": camera_id})
        note(cursor, "ptz_release", {})
    return True


def note_moved(cursor: Any, camera_id: int, moved_at: datetime) -> None:
    """Notes that a camera is turned by somebody who holds nothing, from the command line."""
    cursor.execute(_SQL["ptz_lock_make"], {"camera_id": camera_id})
    cursor.execute(_SQL["ptz_moved"], {"camera_id": camera_id, "moved_at": moved_at})


def set_rested(
    database: Database, camera_id: int, before: datetime, moved_at: datetime | None
) -> None:
    """Notes that a camera went home (None), or when it is to be tried again; not where somebody has turned it
    since ``before``."""
    database.run(
        _SQL["ptz_rested"], {"camera_id": camera_id, "before": before, "moved_at": moved_at}
    )


def turning(database: Database, key: bytes) -> list[Turnable]:
    """The cameras that turn; none whose password cannot be read."""
    found = []
    for row in database.rows(_SQL["ptz_turning"]):
        try:
            found.append(_turnable(row, key))
        except InvalidInput as error:
            log.warning("ptz-not-looked-at camera=%s reason=%s", row.code, error)
    return found


def write_standing(database: Database, camera_id: int, stands: Standing, now: datetime) -> None:
    """Notes where a camera stands, which tells all who show or watch it."""
    values = {"camera_id": camera_id, "state": stands.state, "preset": stands.preset, "since": now}
    database.run(_SQL["ptz_state_write"], values)


def _hold(row: Any) -> lock.Hold | None:
    if row is None or row.user_id is None:
        return None
    return lock.Hold(row.user_id, row.priority, row.since, row.until, row.taken_from)


def _turnable(row: Any, key: bytes) -> Turnable:
    encrypted = row.password_enc
    password = secret.decrypt(key, bytes(encrypted)) if encrypted is not None else None
    return Turnable(
        row.id, row.code, row.name, row.ptz, row.onvif_url, row.onvif_profile, row.username, password,
        row.ptz_home, row.ptz_home_after_s,
    )  # fmt: skip
