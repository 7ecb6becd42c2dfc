"""The rows behind what is kept, where and how long: classes, marks, totals, deletions, moves and tiers."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import psycopg2.errors
from psycopg2.extras import Json

from gis import said
from gis.db import Database
from gis.errors import InvalidInput, NotFound, StaleVersion, WrongState
from gis.said import say, why_of
from ingest.record.tiers import Tier
from ingest.secret import decrypt
from ingest.store import QUERIES

log = logging.getLogger(__name__)

FootageClass = Literal["continuous", "event", "incident"]
CLASSES: tuple[FootageClass, ...] = ("continuous", "event", "incident")
"""In the order in which they are deleted."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a tier."""

    tier: int
    path: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Movable:
    """A recording that may move on, with its fragments' hashes where it has them."""

    id: int
    tier: int
    path: str
    size_bytes: int
    fragments: tuple[tuple[int, int], ...]  # offset, length
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """How much of a class lies on a tier."""

    tier: int
    footage_class: FootageClass
    size_bytes: int
    segments: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class CameraTotal:
    """How much there is of a camera."""

    camera_id: int
    code: str
    name: str
    name_en: str | None
    retention_days: int
    size_bytes: int
    segments: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """How long and how much is kept of a class; continuous footage has no days of its own, but its camera's."""

    footage_class: FootageClass
    days: int | None
    limit_bytes: int | None
    version: int


@dataclass(frozen=True, slots=True)
class SystemEvent:
    """Something about the system that someone must look at; repeats of one cause fold."""

    cause: str
    kind: str
    subject: str
    at: datetime
    value: float | None
    limit_value: float | None
    priority: int


# --- classes ----------------------------------------------------------------------------------------------------


def mark(cursor: Any, camera_id: int, from_at: datetime, to_at: datetime) -> None:
    """What a camera records in that time is of class event, in the cursor's transaction.

    What is recorded already is raised within seconds by :func:`raise_classes`. Incidents mark by their holds.
    """
    values = {"camera_id": camera_id, "from_at": from_at, "to_at": to_at}
    cursor.execute(QUERIES["mark_footage"], values)


def raise_classes(database: Database) -> int:
    """Applies the open marks; returns how many recordings rose. Marks that nothing waits for any more are settled."""
    with database.transaction() as cursor:
        cursor.execute(QUERIES["lock_classes"])
        cursor.execute(QUERIES["raise_classes"])
        count: int = cursor.rowcount
        cursor.execute(QUERIES["settle_marks"])
        return count


def forget_marks(database: Database) -> int:
    """Removes marks older than what they mark is kept."""
    return database.run(QUERIES["forget_marks"])


def class_spans(
    database: Database, camera_ids: Sequence[int], from_at: datetime, to_at: datetime
) -> list[tuple[int, FootageClass, datetime, datetime]]:
    """(camera, class, start, end) of the recordings within a window that are an event's or an incident's, by camera
    and time."""
    values = {"camera_ids": list(camera_ids), "from_at": from_at, "to_at": to_at}
    return [tuple(row) for row in database.rows(QUERIES["class_spans"], values)]


def retention_classes(database: Database) -> list[RetentionClass]:
    """Every class, the first to be deleted first."""
    return [RetentionClass(*row) for row in database.rows(QUERIES["retention_classes"])]


def change_retention_class(
    cursor: Any,
    name: FootageClass,
    expected_version: int,
    days: int | None,
    limit_bytes: int | None,
) -> RetentionClass:
    """Sets a class's days and bytes (None: no limit). Raises :class:`StaleVersion`, :class:`InvalidInput`."""
    cursor.execute(QUERIES["lock_retention_class"], {"class": name})
    row = RetentionClass(*cursor.fetchone())
    if row.version != expected_version:
        raise StaleVersion(
            f"the class {name} is at version {row.version}, this change was made on version {expected_version}: "
            "look at it again",
            {"class": name, "days": row.days, "bytes": row.limit_bytes, "version": row.version},
            {"days": days, "bytes": limit_bytes, "expected_version": expected_version},
        )
    if name == "continuous" and days is not None:
        raise InvalidInput(
            "continuous footage is kept as many days as its camera says: set them there", "days"
        )
    if name != "continuous" and days is None:
        raise InvalidInput(f"footage of class {name} needs a number of days", "days")
    cursor.execute(
        QUERIES["update_retention_class"], {"class": name, "days": days, "bytes": limit_bytes}
    )
    return RetentionClass(name, days, limit_bytes, row.version + 1)


# --- totals and deletion ----------------------------------------------------------------------------------------


def totals(database: Database) -> list[Total]:
    """How much there is by tier and class."""
    return [Total(*row) for row in database.rows(QUERIES["footage_totals"])]


def camera_totals(database: Database) -> list[CameraTotal]:
    """How much there is by camera, the largest first."""
    return [CameraTotal(*row) for row in database.rows(QUERIES["footage_cameras"])]


def over_limit(database: Database) -> dict[FootageClass, int]:
    """By how many bytes each class exceeds its limit; classes within theirs are absent."""
    return {row[0]: row.over_bytes for row in database.rows(QUERIES["over_limit"])}


def delete_expired(database: Database, now: datetime, limit: int) -> list[StoredFile]:
    """Takes footage past its days out of the index; returns the files that are left over.

    Empty when a hold was laid in the same instant: the next pass sees it.
    """
    return _deleted(database, "delete_expired", {"now": now, "limit": limit})


def delete_oldest(
    database: Database,
    tiers: Sequence[int],
    name: FootageClass,
    before: datetime,
    need_bytes: int,
    limit: int,
) -> list[StoredFile]:
    """The same for the oldest of a class that ended before ``before``, as many as make up ``need_bytes``."""
    values = {
        "tiers": list(tiers),
        "class": name,
        "before": before,
        "need_bytes": need_bytes,
        "limit": limit,
    }
    return _deleted(database, "delete_oldest", values)


def _deleted(database: Database, query: str, values: Mapping[str, object]) -> list[StoredFile]:
    try:
        rows = database.rows(QUERIES[query], values)
    except psycopg2.errors.RestrictViolation as error:
        log.warning("deletion-refused reason=%s", str(error).splitlines()[0])
        return []
    return [StoredFile(*row) for row in rows]


def leftovers(database: Database, tiers: Sequence[int], limit: int) -> list[StoredFile]:
    """Files that no row names and whose time has come."""
    rows = database.rows(QUERIES["leftovers"], {"tiers": list(tiers), "limit": limit})
    return [StoredFile(*row) for row in rows]


def forget_leftovers(database: Database, tier: int, paths: Sequence[str]) -> None:
    """The files are gone."""
    if paths:
        database.run(QUERIES["forget_leftovers"], {"tier": tier, "paths": list(paths)})


def leftover_counts(database: Database) -> dict[int, tuple[int, int]]:
    """(files, bytes) that wait to be removed, by tier."""
    return {row.tier: (row.files, row.bytes) for row in database.rows(QUERIES["count_leftovers"])}


# --- moves ------------------------------------------------------------------------------------------------------


def next_to_move(
    database: Database, tiers: Sequence[int], before: datetime, without: Sequence[int]
) -> Movable | None:
    """The oldest closed recording on some tiers that ended before a time; none of the ids ``without``."""
    row = database.row(
        QUERIES["next_to_move"], {"tiers": list(tiers), "before": before, "without": list(without)}
    )
    if row is None:
        return None
    fragments = tuple(zip(row.frag_offset, row.frag_length, strict=True))
    hashes = bytes(row.frag_sha256 or b"")
    parts = tuple(hashes[i : i + 32] for i in range(0, len(hashes), 32))
    return Movable(row.id, row.tier, row.path, row.bytes, fragments, parts)


def begin_copy(database: Database, tier: int, path: str, size_bytes: int) -> None:
    """Before a copy is made: if all ends here, it is removed later."""
    database.run(QUERIES["begin_copy"], {"tier": tier, "path": path, "bytes": size_bytes})


def finish_copy(database: Database, segment: Movable, to_tier: int) -> bool:
    """The copy becomes the recording; False when the recording was deleted meanwhile."""
    values = {"id": segment.id, "from": segment.tier, "to": to_tier}
    return database.row(QUERIES["finish_copy"], values) is not None


def drop_copy(database: Database, tier: int, path: str) -> None:
    """The copy is of no use: it is removed with the next leftovers."""
    database.run(QUERIES["drop_copy"], {"tier": tier, "path": path})


def segment_place(database: Database, segment_id: int) -> tuple[int, str] | None:
    """(tier, path) of a recording."""
    row = database.row(QUERIES["segment_place"], {"id": segment_id})
    return None if row is None else (row.tier, row.path)


# --- tiers ------------------------------------------------------------------------------------------------------


def tiers(database: Database, key: bytes) -> list[Tier]:
    """Every tier in order; a secret encrypted with another key counts as absent."""
    return [_tier(row, key) for row in database.rows(QUERIES["tiers"])]


def _tier(row: Any, key: bytes) -> Tier:
    values = row._asdict()
    token, why = values.pop("secret_enc"), values.pop("why")
    if row.problem is not None:
        values["problem"] = said.read(row.problem, why)
    secret: str | None = None
    if token is not None:
        try:
            secret = decrypt(key, bytes(token))
        except InvalidInput:
            log.warning(
                "tier-secret-unreadable tier=%s reason=it was encrypted with another key", row.name
            )
    return Tier(secret=secret, **values)


def add_tier(cursor: Any, values: dict[str, object]) -> int:
    """A tier behind all others; returns its id. Raises :class:`InvalidInput` for a name that is taken."""
    try:
        cursor.execute(QUERIES["insert_tier"], values)
    except psycopg2.errors.UniqueViolation as error:
        raise InvalidInput(f"there is a storage tier '{values['name']}' already", "name") from error
    return int(cursor.fetchone().id)


def lock_tier(cursor: Any, tier_id: int, expected_version: int) -> None:
    """Locks a tier for a change. Raises :class:`NotFound`, :class:`StaleVersion`; the local one is not changed."""
    cursor.execute(QUERIES["lock_tier"], {"id": tier_id})
    row = cursor.fetchone()
    if row is None:
        raise NotFound(say("no_tier", "there is no storage tier {id}", id=tier_id))
    if row.kind == "local":
        raise WrongState(
            "the local tier lies where WANGLOU_RECORDINGS says; it is not changed here"
        )
    if row.version != expected_version:
        raise StaleVersion(
            f"the storage tier '{row.name}' is at version {row.version}, this change was made on version "
            f"{expected_version}: look at it again",
            {"id": tier_id, "name": row.name, "version": row.version},
            {"expected_version": expected_version},
        )


def change_tier(cursor: Any, tier_id: int, values: dict[str, object]) -> None:
    """A locked tier as it shall be. Raises :class:`InvalidInput` for a name that is taken."""
    try:
        cursor.execute(QUERIES["update_tier"], {**values, "id": tier_id})
    except psycopg2.errors.UniqueViolation as error:
        raise InvalidInput(f"there is a storage tier '{values['name']}' already", "name") from error


def tier_used(cursor: Any, tier_id: int) -> bool:
    """Whether anything lies on the tier, or waits to be removed from it."""
    cursor.execute(QUERIES["tier_used"], {"id": tier_id})
    return bool(cursor.fetchone().used)


def delete_tier(cursor: Any, tier_id: int) -> None:
    """Removes a locked, empty tier."""
    cursor.execute(QUERIES["delete_tier"], {"id": tier_id})


def tier_problem(database: Database, tier_id: int, problem: str | None) -> bool:
    """Notes what is wrong with a tier, None: nothing; returns whether that is news."""
    return database.run(QUERIES["tier_problem"], _problem(tier_id, problem)) > 0


def _problem(tier_id: int, problem: str | None) -> dict[str, object]:
    why = None if problem is None else why_of(problem)
    return {"id": tier_id, "problem": problem, "why": None if why is None else Json(why)}


def add_system_event(database: Database, event: SystemEvent) -> None:
    """Writes it; command raises an alarm of it."""
    database.run(
        QUERIES["insert_system_event"],
        {
            "cause": event.cause,
            "kind": event.kind,
            "subject": event.subject,
            "at": event.at,
            "value": event.value,
            "limit_value": event.limit_value,
            "priority": event.priority,
        },
    )
