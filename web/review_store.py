"""The review queue in the database: what a person has not looked at, and what people said of events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from analytics.search import Cursor
from gis.db import Database, load_queries
from gis.errors import InvalidInput, NotFound, StaleVersion
from gis.said import say

_SQL = load_queries(Path(__file__).parent / "sql")
QUEUE_DAYS = 7
"""What is older than this is nobody's queue any more; it is found by searching."""
MOST_COUNTED = 5000
_LAST = datetime(9999, 1, 1, tzinfo=UTC)
_LAST_ID = 1 << 62


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which events of the queue; None for any. ``camera_ids`` are those the person may see, None for all of them."""

    camera_ids: Sequence[int] | None = None
    rule: str | None = None
    kind: str | None = None
    polygon: str | None = None  # WKT
    marked: str | None = None
    all: bool = False

    def params(self) -> dict[str, Any]:
        """As the queries take them."""
        return {
            "camera_ids": None if self.camera_ids is None else list(self.camera_ids),
            "rule": self.rule,
            "kind": self.kind,
            "polygon": self.polygon,
            "marked": self.marked,
            "all": self.all or self.marked is not None,
        }


def queue(
    database: Database,
    user_id: int,
    wanted: QueueFilter,
    now: datetime,
    limit: int,
    before: Cursor | None,
) -> list[Any]:
    """Rows of ``id``, ``seen`` and the mark's columns, newest first."""
    try:
        before_id = _LAST_ID if before is None else int(before.key)
    except ValueError:
        raise InvalidInput("'before' is no place in the queue", "before") from None
    return database.rows(
        _SQL["review_queue"],
        wanted.params()
        | {
            "user_id": user_id,
            "from_at": now - timedelta(days=QUEUE_DAYS),
            "before_at": before.at if before else _LAST,
            "before_id": before_id,
            "limit": limit,
        },
    )


def unseen(
    database: Database, user_id: int, camera_ids: Sequence[int] | None, now: datetime
) -> list[Any]:
    """Rows of ``camera_id``, ``rule`` and ``count`` over the newest :data:`MOST_COUNTED`."""
    return database.rows(
        _SQL["review_unseen"],
        {
            "user_id": user_id,
            "camera_ids": None if camera_ids is None else list(camera_ids),
            "from_at": now - timedelta(days=QUEUE_DAYS),
            "limit": MOST_COUNTED,
        },
    )


def see(
    database: Database, user_id: int, event_ids: Sequence[int], camera_ids: Sequence[int] | None
) -> int:
    """Some events were looked at; returns how many had not been."""
    return database.run(
        _SQL["review_see"],
        {
            "user_id": user_id,
            "event_ids": list(event_ids),
            "camera_ids": None if camera_ids is None else list(camera_ids),
        },
    )


def unsee(database: Database, user_id: int, event_ids: Sequence[int]) -> int:
    """Some events were not looked at after all."""
    return database.run(_SQL["review_unsee"], {"user_id": user_id, "event_ids": list(event_ids)})


def see_all(cursor: Any, user_id: int, wanted: QueueFilter, until: datetime, now: datetime) -> int:
    """All that fits was looked at, in the caller's transaction; returns how many had not been."""
    cursor.execute(
        _SQL["review_see_all"],
        wanted.params()
        | {"user_id": user_id, "until": until, "from_at": now - timedelta(days=QUEUE_DAYS)},
    )
    count: int = cursor.rowcount
    return count


def event_camera(cursor: Any, event_id: int) -> int:
    """An event's camera, in the caller's transaction. Raises :class:`NotFound`."""
    cursor.execute(_SQL["event_marked_camera"], {"event_id": event_id})
    row = cursor.fetchone()
    if row is None:
        raise NotFound(say("no_event", "there is no event {id}", id=event_id))
    camera_id: int = row.camera_id
    return camera_id


def put_mark(cursor: Any, event_id: int, expected_version: int, values: dict[str, Any]) -> Any:
    """Says something of an event in the caller's transaction; returns the mark's row.

    Raises :class:`StaleVersion` where somebody said something else meanwhile.
    """
    cursor.execute(_SQL["event_mark_for_update"], {"event_id": event_id})
    held = cursor.fetchone()
    version = 0 if held is None else held.version
    if version != expected_version:
        current = {} if held is None else held._asdict()
        raise StaleVersion(
            f"event {event_id} was marked by {current.get('marked_by')} meanwhile",
            current=current,
            sent=values | {"expected_version": expected_version},
        )
    cursor.execute(_SQL["put_event_mark"], values | {"event_id": event_id})
    return cursor.fetchone()
