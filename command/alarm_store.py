"""The rows of alarms, and the events they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from command.model import Alarm, AlarmState, Cause, Words
from command.store import MOST, SQL, known
from gis.errors import NotFound
from gis.model import Ellipse, LonLat
from gis.said import say


def event_rows(cursor: Any, ids: Sequence[int]) -> list[Any]:
    """Events with the names of zone and camera."""
    cursor.execute(SQL["event_causes"], {"ids": list(ids)})
    rows: list[Any] = cursor.fetchall()
    return rows


def device_event_rows(cursor: Any, ids: Sequence[int]) -> list[Any]:
    """Device events with the names of device and unit."""
    cursor.execute(SQL["device_event_causes"], {"ids": list(ids)})
    rows: list[Any] = cursor.fetchall()
    return rows


def system_event_rows(cursor: Any, ids: Sequence[int]) -> list[Any]:
    """System events with the names of their cameras."""
    cursor.execute(SQL["system_event_causes"], {"ids": list(ids)})
    rows: list[Any] = cursor.fetchall()
    return rows


SOURCES = ("event", "device_event", "system_event")
"""What alarms are made of: each is a table and the channel that tells of its new rows."""
_UNHANDLED = ("unhandled_events", "unhandled_device_events", "unhandled_system_events")


def unhandled(cursor: Any, since: datetime, limit: int) -> dict[str, list[int]]:
    """By source, the ids of events since a time that no alarm stands for."""
    found: dict[str, list[int]] = {}
    for source, query in zip(SOURCES, _UNHANDLED, strict=True):
        cursor.execute(SQL[query], {"since": since, "limit": limit})
        found[source] = [row.id for row in cursor.fetchall()]
    return found


def lock_cause(cursor: Any, cause: Cause) -> None:
    """Waits for whoever handles an event of the same cause."""
    cursor.execute(SQL["lock_cause"], {"cause": cause.key})


def taken(cursor: Any, cause: Cause) -> bool:
    """Whether an alarm stands for this event already."""
    cursor.execute(SQL["event_taken"], _source(cause))
    return cursor.fetchone() is not None


def open_alarm_of_cause(cursor: Any, cause: Cause) -> int | None:
    """The alarm that a repeat joins, locked."""
    cursor.execute(SQL["open_alarm_of_cause"], {"cause": cause.key})
    row = cursor.fetchone()
    return None if row is None else int(row.id)


def incident_of_cause(
    cursor: Any, cause: Cause, near_m: float, within: timedelta
) -> tuple[int, int] | None:
    """(incident, alarm) of an open incident of this cause that is near and recent."""
    params = {
        "cause": cause.key,
        "at": cause.at,
        "within": within,
        "near_m": near_m,
        "lon": cause.where.lon if cause.where else None,
        "lat": cause.where.lat if cause.where else None,
    }
    cursor.execute(SQL["incident_of_cause"], params)
    row = cursor.fetchone()
    return None if row is None else (row.incident_id, row.alarm_id)


def insert(cursor: Any, cause: Cause, place: Words | None, title: Words) -> int:
    """A new alarm for the cause; returns its id."""
    cursor.execute(SQL["insert_alarm"], _values(cause, place, title))
    alarm_id = int(cursor.fetchone()[0])
    cursor.execute(SQL["insert_alarm_event"], {"id": alarm_id, **_source(cause)})
    return alarm_id


def repeat(cursor: Any, alarm_id: int, cause: Cause, place: Words | None, title: Words) -> None:
    """One more event of an alarm's cause."""
    cursor.execute(SQL["repeat_alarm"], {"id": alarm_id, **_values(cause, place, title)})
    cursor.execute(SQL["insert_alarm_event"], {"id": alarm_id, **_source(cause)})


def alarms(
    cursor: Any,
    ids: Sequence[int] | None = None,
    incident_id: int | None = None,
    open_only: bool = False,
    before: datetime | None = None,
    camera_ids: Sequence[int] | None = None,
    limit: int = MOST,
) -> list[Alarm]:
    """Alarms; ``camera_ids`` None: of every camera. Those of devices come always."""
    cursor.execute(
        SQL["alarms"],
        {
            "ids": known(ids),
            "incident_id": incident_id,
            "open_only": open_only,
            "before": before,
            "camera_ids": None if camera_ids is None else list(camera_ids),
            "limit": limit,
        },
    )
    return [_alarm(row) for row in cursor.fetchall()]


def event_ids(cursor: Any, alarm_id: int, limit: int) -> list[int]:
    """The newest events behind an alarm."""
    cursor.execute(SQL["alarm_events"], {"id": alarm_id, "limit": limit})
    return [row.id for row in cursor.fetchall()]


def lock(cursor: Any, alarm_id: int, camera_ids: Sequence[int] | None = None) -> Alarm:
    """One alarm, locked. Raises :class:`NotFound`, also for a camera outside ``camera_ids``."""
    cursor.execute(SQL["lock_alarm"], {"id": alarm_id})
    found = alarms(cursor, [alarm_id], camera_ids=camera_ids)
    if not found:
        raise NotFound(say("no_alarm", "there is no alarm {id}", id=alarm_id))
    return found[0]


def set_state(
    cursor: Any,
    alarm_id: int,
    state: AlarmState,
    by: str,
    at: datetime,
    reason: str | None = None,
    until: datetime | None = None,
    incident_id: int | None = None,
    code: str | None = None,
) -> None:
    """An officer's decision; the version rises."""
    cursor.execute(
        SQL["set_alarm_state"],
        {
            "id": alarm_id,
            "state": state,
            "by": by,
            "at": at,
            "reason": reason,
            "code": code,
            "until": until,
            "incident_id": incident_id,
        },
    )


def follow_incident(cursor: Any, incident_id: int, was: AlarmState, now: AlarmState) -> None:
    """Moves all of an incident's alarms from one state to another."""
    params = {"incident_id": incident_id, "from": was, "to": now}
    cursor.execute(SQL["move_alarms_of_incident"], params)


def shelved_due(cursor: Any, now: datetime) -> list[int]:
    """Shelved alarms whose time has come, locked."""
    cursor.execute(SQL["shelved_due"], {"now": now})
    return [row.id for row in cursor.fetchall()]


def cameras_back(cursor: Any, since: datetime) -> list[int]:
    """Open alarms about cameras that are back since then or longer, locked."""
    cursor.execute(SQL["cameras_back"], {"since": since})
    return [row.id for row in cursor.fetchall()]


def cameras_well(cursor: Any, since: datetime) -> list[int]:
    """Open alarms about a camera's picture that has been well since then or longer, locked."""
    cursor.execute(SQL["cameras_well"], {"since": since})
    return [row.id for row in cursor.fetchall()]


def open_counts(cursor: Any) -> tuple[int, int]:
    """How many alarms and incidents are open."""
    cursor.execute(SQL["counts"])
    row = cursor.fetchone()
    return row.alarms, row.incidents


def _source(cause: Cause) -> dict[str, Any]:
    return {
        "event_id": cause.event_id,
        "device_event_id": cause.device_event_id,
        "system_event_id": cause.system_event_id,
    }


def _values(cause: Cause, place: Words | None, title: Words) -> dict[str, Any]:
    return {
        **_source(cause),
        "priority": cause.priority,
        "kind": cause.kind,
        "cause": cause.key,
        "camera_id": cause.camera_id,
        "device_id": cause.device_id,
        "at": cause.at,
        "lon": cause.where.lon if cause.where else None,
        "lat": cause.where.lat if cause.where else None,
        "place": place.zh if place else None,
        "place_en": place.en if place else None,
        "title": title.zh,
        "title_en": title.en,
    }


def _alarm(row: Any) -> Alarm:
    values = row._asdict()
    lon, lat = values.pop("lon"), values.pop("lat")
    axes = [values.pop(f"ellipse_{name}") for name in ("major_m", "minor_m", "angle_deg")]
    return Alarm(
        **values,
        where=None if lon is None else LonLat(lon, lat),
        ellipse=Ellipse(*axes) if all(axis is not None for axis in axes) else None,
    )
