"""The rows of units and of their assignments, texts to terminals, and answers kept for repeated field actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import psycopg2.errors
from psycopg2.extras import Json

from command.model import Assignment, Tasking, Unit
from command.store import SQL, known
from gis.errors import NotFound, StaleVersion, WrongState
from gis.model import LonLat, Position
from gis.said import say

_ASSIGNMENT = tuple(Assignment.__dataclass_fields__)
_TIMES = tuple(name for name in _ASSIGNMENT if name.endswith("_at"))


def units(cursor: Any, ids: Sequence[int] | None = None) -> list[Unit]:
    """Units by code, with open assignment and last position."""
    cursor.execute(SQL["units"], {"ids": known(ids)})
    return [_unit(row) for row in cursor.fetchall()]


def unit(cursor: Any, unit_id: int) -> Unit:
    """One unit. Raises :class:`NotFound`."""
    found = units(cursor, [unit_id])
    if not found:
        raise NotFound(say("no_unit", "there is no unit {id}", id=unit_id))
    return found[0]


def crew_has_event(cursor: Any, unit_id: int, event_id: int) -> bool:
    """Whether the unit is now sent to an incident that this event belongs to."""
    cursor.execute(SQL["crew_has_event"], {"unit": unit_id, "event": event_id})
    return bool(cursor.fetchone().found)


def lock_unit(cursor: Any, unit_id: int) -> Unit:
    """One unit, locked. Raises :class:`NotFound`."""
    cursor.execute(SQL["lock_unit"], {"id": unit_id})
    return unit(cursor, unit_id)


def units_of_devices(cursor: Any, device_ids: Sequence[int]) -> list[int]:
    """Ids of the units that these terminals belong to."""
    cursor.execute(SQL["units_of_devices"], {"device_ids": list(device_ids)})
    return [row.id for row in cursor.fetchall()]


def check_unit_version(unit: Unit, expected: int, sent: Mapping[str, Any]) -> None:
    """Raises :class:`StaleVersion` with both values when somebody changed the unit first."""
    if unit.version != expected:
        raise StaleVersion(
            f"{unit.code} is at version {unit.version}, this change was made on version {expected}: "
            "look at it again",
            {"id": unit.id, "version": unit.version, "duty": unit.duty},
            {"expected_version": expected, **sent},
        )


def set_duty(cursor: Any, unit_id: int, duty: str) -> None:
    """Writes the duty; the version rises."""
    cursor.execute(SQL["set_duty"], {"id": unit_id, "duty": duty})


def touch_unit(cursor: Any, unit_id: int) -> None:
    """Tells the screens that the unit's derived status may have changed."""
    cursor.execute(SQL["touch_unit"], {"id": unit_id})


def taskings(
    cursor: Any, incident_id: int | None = None, ids: Sequence[int] | None = None
) -> list[Tasking]:
    """Assignments with their units' names, oldest first."""
    params = {"incident_id": incident_id, "ids": known(ids)}
    cursor.execute(SQL["assignments"], params)
    return [
        Tasking(
            Assignment(**{name: getattr(row, name) for name in _ASSIGNMENT}),
            row.code,
            row.name,
            row.name_en,
            row.service,
        )
        for row in cursor.fetchall()
    ]


def tasking(cursor: Any, assignment_id: int) -> Tasking:
    """One assignment. Raises :class:`NotFound`."""
    found = taskings(cursor, ids=[assignment_id])
    if not found:
        raise NotFound(say("no_assignment", "there is no assignment {id}", id=assignment_id))
    return found[0]


def check_version(assignment: Assignment, expected: int, sent: Mapping[str, Any]) -> None:
    """Raises :class:`StaleVersion` with both values when somebody changed the assignment first."""
    if assignment.version != expected:
        raise StaleVersion(
            f"assignment {assignment.id} is at version {assignment.version}, this step was made on version "
            f"{expected}: look at it again",
            to_json(assignment),
            {"expected_version": expected, **sent},
        )


def insert_assignment(
    cursor: Any,
    incident_id: int,
    unit_id: int,
    by: str,
    at: datetime,
    eta_s: float | None,
    distance_m: float | None,
    note: str | None,
) -> int:
    """Sends a unit; returns the assignment's id. Raises :class:`WrongState` when the unit is taken."""
    try:
        cursor.execute(
            SQL["insert_assignment"],
            {
                "incident_id": incident_id,
                "unit_id": unit_id,
                "by": by,
                "at": at,
                "eta_s": eta_s,
                "distance_m": distance_m,
                "note": note,
            },
        )
    except psycopg2.errors.UniqueViolation as error:
        raise WrongState(
            f"unit {unit_id} was sent elsewhere at this moment: send another unit"
        ) from error
    return int(cursor.fetchone()[0])


def update_assignment(cursor: Any, assignment: Assignment) -> None:
    """Writes the timestamps; the version rises."""
    cursor.execute(SQL["update_assignment"], asdict(assignment))


def unanswered(cursor: Any, dispatched_before: datetime) -> list[tuple[int, int]]:
    """(assignment, incident) that nobody answered in time."""
    cursor.execute(SQL["unanswered"], {"before": dispatched_before})
    return [(row.id, row.incident_id) for row in cursor.fetchall()]


def set_no_ack(cursor: Any, assignment_id: int, at: datetime) -> None:
    """Marks that the dispatcher was told."""
    cursor.execute(SQL["set_no_ack"], {"id": assignment_id, "at": at})


def insert_downlink(cursor: Any, unit_id: int, body: str, at: datetime) -> bool:
    """Text for the unit's terminal; False when it has none."""
    cursor.execute(SQL["insert_downlink"], {"unit_id": unit_id, "body": body, "at": at})
    return bool(cursor.rowcount)


def kept_answer(cursor: Any, key: str, actor: str, request_hash: str) -> Assignment | None:
    """What this field action was answered before, None the first time.

    Keeps others with the same key waiting. Raises :class:`WrongState` when the key belongs to another action.
    """
    cursor.execute(SQL["lock_key"], {"key": key})
    cursor.execute(SQL["answer_of_key"], {"key": key})
    row = cursor.fetchone()
    if row is None:
        return None
    if (row.actor, row.request_hash) != (actor, request_hash):
        raise WrongState(
            f"the idempotency key '{key}' was used for another action: send a fresh key"
        )
    return from_json(row.response)


def keep_answer(
    cursor: Any, key: str, actor: str, request_hash: str, answer: Assignment, at: datetime
) -> None:
    """Keeps the answer for the next time the same action is sent."""
    cursor.execute(
        SQL["keep_answer"],
        {
            "key": key,
            "actor": actor,
            "request_hash": request_hash,
            "response": Json(to_json(answer)),
            "at": at,
        },
    )


def forget_answers(cursor: Any, before: datetime) -> int:
    """Drops answers given before a time; returns how many."""
    cursor.execute(SQL["forget_answers"], {"before": before})
    return int(cursor.rowcount)


def to_json(assignment: Assignment) -> dict[str, Any]:
    """The assignment as JSON values."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(assignment).items()
    }


def from_json(values: Mapping[str, Any]) -> Assignment:
    """The inverse of :func:`to_json`."""
    known = dict(values)
    for name in _TIMES:
        if known[name] is not None:
            known[name] = datetime.fromisoformat(known[name])
    return Assignment(**known)


def _unit(row: Any) -> Unit:
    position = None
    if row.position_at is not None:
        position = Position(LonLat(row.lon, row.lat), row.position_at, row.speed_ms, row.course_deg)
    assignment = None
    if row.a_id is not None:
        assignment = Assignment(**{name: getattr(row, f"a_{name}") for name in _ASSIGNMENT})
    return Unit(
        id=row.id,
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        service=row.service,
        device_id=row.device_id,
        crew=row.crew,
        duty=row.duty,
        version=row.version,
        open=assignment,
        position=position,
        station=None if row.station_lon is None else LonLat(row.station_lon, row.station_lat),
        panic=row.panic,
    )
