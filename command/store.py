"""The rows of incidents, their logs, and the footage kept for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from psycopg2.extras import Json

from command.log import chained
from command.model import Incident, IncidentFacts, LogEntry
from gis.db import load_queries
from gis.errors import NotFound, StaleVersion
from gis.model import LonLat
from gis.said import say

SQL = load_queries(Path(__file__).parent / "sql")
MOST = 500
"""A list holds no more rows than this."""


def known(ids: Sequence[int] | None) -> list[int] | None:
    """The ids that a column of type integer can hold: any other id belongs to nothing."""
    return None if ids is None else [i for i in ids if 0 < i < 2**31]


def one_moment(cursor: Any) -> None:
    """Lets all that this transaction reads belong to one moment; the first thing it does."""
    cursor.execute(SQL["one_moment"])


def incidents(
    cursor: Any,
    ids: Sequence[int] | None = None,
    closed: bool | None = None,
    limit: int = MOST,
) -> list[Incident]:
    """Incidents by id or by whether they are closed (None: both)."""
    params = {"ids": known(ids), "closed": closed, "limit": limit}
    cursor.execute(SQL["incidents"], params)
    return [_incident(row) for row in cursor.fetchall()]


def incident(cursor: Any, incident_id: int) -> Incident:
    """One incident. Raises :class:`NotFound`."""
    found = incidents(cursor, [incident_id])
    if not found:
        raise NotFound(say("no_incident", "there is no incident #{id}", id=incident_id))
    return found[0]


def lock_incident(cursor: Any, incident_id: int) -> Incident:
    """One incident, locked until the transaction ends. Raises :class:`NotFound`."""
    cursor.execute(SQL["lock_incident"], {"id": incident_id})
    return incident(cursor, incident_id)


def check_version(incident: Incident, expected: int, sent: Mapping[str, Any]) -> None:
    """Raises :class:`StaleVersion` with both values when somebody changed the incident first."""
    if incident.version != expected:
        raise StaleVersion(
            f"incident #{incident.id} is at version {incident.version}, this change was made on version "
            f"{expected}: look at it again",
            {"id": incident.id, "version": incident.version, **as_body(incident.facts)},
            {"expected_version": expected, **sent},
        )


def as_body(facts: IncidentFacts) -> dict[str, Any]:
    """The facts as JSON values by their column names."""
    return {
        "type": facts.type,
        "title": facts.title,
        "title_en": facts.title_en,
        "priority": facts.priority,
        "level": facts.level,
        "state": facts.state,
        "lon": facts.where.lon,
        "lat": facts.where.lat,
        "place": facts.place,
        "place_en": facts.place_en,
        "opened_by": facts.opened_by,
        "opened_at": facts.opened_at.isoformat(),
        "closed_at": facts.closed_at.isoformat() if facts.closed_at else None,
        "close_note": facts.close_note,
    }


def insert_incident(cursor: Any, facts: IncidentFacts) -> int:
    """Stores a new incident; returns its number."""
    params = {**as_body(facts), "opened_at": facts.opened_at}
    cursor.execute(SQL["insert_incident"], params)
    return int(cursor.fetchone()[0])


def update_incident(cursor: Any, incident_id: int, facts: IncidentFacts, now: datetime) -> None:
    """Writes the facts; the version rises."""
    params = {**as_body(facts), "closed_at": facts.closed_at, "id": incident_id, "now": now}
    cursor.execute(SQL["update_incident"], params)


def append(
    cursor: Any,
    incident_id: int,
    kind: str,
    actor: str,
    now: datetime,
    body: Mapping[str, Any],
    t_event: datetime | None = None,
) -> LogEntry:
    """Adds a line to the log of an incident that this transaction has locked."""
    cursor.execute(SQL["last_log"], {"incident_id": incident_id})
    row = cursor.fetchone()
    last = (row.seq, row.hash) if row else None
    entry = chained(last, incident_id, kind, actor, t_event or now, now, body)
    cursor.execute(
        SQL["insert_log"],
        {
            "incident_id": incident_id,
            "seq": entry.seq,
            "kind": kind,
            "actor": actor,
            "t_event": entry.t_event,
            "t_recorded": now,
            "body": Json(dict(body)),
            "prev_hash": entry.prev_hash,
            "hash": entry.hash,
        },
    )
    return replace(entry, id=int(cursor.fetchone()[0]))


def log(
    cursor: Any, incident_id: int | None = None, ids: Sequence[int] | None = None
) -> list[LogEntry]:
    """An incident's log in order, or lines by id."""
    params = {"incident_id": incident_id, "ids": None if ids is None else list(ids)}
    cursor.execute(SQL["log"], params)
    return [LogEntry(**row._asdict()) for row in cursor.fetchall()]


def log_of_assignment(
    cursor: Any, incident_id: int, assignment_id: int
) -> list[tuple[str, datetime, str | None]]:
    """(kind, t_recorded, undone step) of one assignment's entries, oldest first."""
    params = {"incident_id": incident_id, "assignment_id": assignment_id}
    cursor.execute(SQL["log_of_assignment"], params)
    return [(row.kind, row.t_recorded, row.step) for row in cursor.fetchall()]


def sights(
    cursor: Any, spot: LonLat, reach_deg: float, camera_ids: Sequence[int] | None
) -> list[Any]:
    """Rows of the cameras around a spot: pose and picture size."""
    cursor.execute(
        SQL["sights"],
        {
            "lon": spot.lon,
            "lat": spot.lat,
            "reach_deg": reach_deg,
            "camera_ids": None if camera_ids is None else list(camera_ids),
        },
    )
    rows: list[Any] = cursor.fetchall()
    return rows


def camera_codes(cursor: Any, ids: Sequence[int]) -> dict[int, str]:
    """The codes of cameras by id."""
    cursor.execute(SQL["camera_codes"], {"ids": list(ids)})
    return {row.id: row.code for row in cursor.fetchall()}


def incident_span(cursor: Any, incident_id: int) -> Any:
    """Since when footage matters, and the cameras that raised the alarms. Raises :class:`NotFound`."""
    cursor.execute(SQL["incident_span"], {"id": incident_id})
    row = cursor.fetchone()
    if row is None:
        raise NotFound(say("no_incident", "there is no incident #{id}", id=incident_id))
    return row


def incidents_to_hold(cursor: Any, now: datetime, after: timedelta) -> list[int]:
    """Incidents whose footage may have to be kept further."""
    cursor.execute(SQL["incidents_to_hold"], {"now": now, "after": after})
    return [row.id for row in cursor.fetchall()]


def _incident(row: Any) -> Incident:
    facts = IncidentFacts(
        type=row.type,
        title=row.title,
        title_en=row.title_en,
        priority=row.priority,
        level=row.level,
        state=row.state,
        where=LonLat(row.lon, row.lat),
        place=row.place,
        place_en=row.place_en,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        close_note=row.close_note,
    )
    return Incident(row.id, facts, row.version, row.units)
