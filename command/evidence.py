"""The recordings of an incident are kept: from before its first event until after it is closed.

Holding again is harmless, so the command process repeats it for every open incident: the end of each hold moves on
while the incident is open, and what a crash left undone between two steps is done then.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from analytics import attention_store
from command import seeing, store
from gis.clock import Clock
from gis.db import Database
from gis.errors import DatabaseAway, WrongState
from gis.model import LonLat
from ingest import (
    store as recordings,
)  # not playback: that loads a decoder this process never needs
from ingest.record import holds

_log = logging.getLogger(__name__)

BEFORE_S = 300.0
AFTER_S = 300.0
AHEAD_S = 900.0
"""While the incident is open a hold ends this far ahead, so that a stopped process loses nothing soon."""
ATTEND_S = 300.0
"""So long after it was last said are an open incident's cameras spared when analytics has too much to do."""
RENEW_S = 600.0
"""A hold with less than this left is moved on."""


def subject(incident_id: int) -> str:
    """What an incident's holds are held for."""
    return f"incident:{incident_id}"


def keep(database: Database, clock: Clock, incident_id: int, actor: str) -> list[int]:
    """Holds what an incident's cameras recorded and record; returns the ids of the cameras that are new to its log.

    Analytics is told to spare them while the incident is open.
    The cameras are those that raised its alarms and those that see the spot. Raises :class:`NotFound`.
    """
    now = clock.now()
    with database.transaction() as cursor:
        span = store.incident_span(cursor, incident_id)
        laid = holds.of_subject(cursor, subject(incident_id))
    held = {hold.camera_id: hold for hold in laid if hold.active}
    spot = LonLat(span.lon, span.lat)
    wanted = {camera.camera_id for camera in seeing.cameras_seeing(database, spot)}
    wanted |= set(span.camera_ids) | {hold.camera_id for hold in laid}
    from_at = span.first_at - timedelta(seconds=BEFORE_S)
    attention_store.attend(
        database,
        wanted if span.closed_at is None else (),
        subject(incident_id),
        now + timedelta(seconds=ATTEND_S),
        now,
    )
    if span.closed_at is None:
        needed_at = now + timedelta(seconds=RENEW_S)
        to_at = now + timedelta(seconds=AHEAD_S)
    else:
        needed_at = to_at = span.closed_at + timedelta(seconds=AFTER_S)
    for camera_id in sorted(wanted):
        hold = held.get(camera_id)
        if hold is None or hold.to_at < needed_at or hold.from_at > from_at:
            recordings.hold(
                database,
                camera_id,
                min(from_at, hold.from_at) if hold else from_at,
                max(to_at, hold.to_at) if hold else to_at,
                f"incident #{incident_id}",
                subject(incident_id),
                actor,
            )
    return _tell(database, incident_id, wanted, from_at, now, actor)


def _tell(
    database: Database,
    incident_id: int,
    wanted: set[int],
    from_at: datetime,
    now: datetime,
    actor: str,
) -> list[int]:
    with database.transaction() as cursor:
        if wanted <= _told(cursor, incident_id):
            return []
        store.lock_incident(cursor, incident_id)
        new = sorted(wanted - _told(cursor, incident_id))
        if new:
            codes = store.camera_codes(cursor, new)
            body = {
                "cameras": [{"camera_id": i, "code": codes[i]} for i in new],
                "from_at": from_at.isoformat(),
            }
            store.append(cursor, incident_id, "evidence_held", actor, now, body)
        return new


def _told(cursor: Any, incident_id: int) -> set[int]:
    return {
        camera["camera_id"]
        for entry in store.log(cursor, incident_id)
        if entry.kind == "evidence_held"
        for camera in entry.body["cameras"]
    }


def keep_soon(database: Database, clock: Clock, incident_id: int, actor: str) -> None:
    """As :func:`keep` behind a change that stands already: when the database goes away the timer does it later."""
    try:
        keep(database, clock, incident_id, actor)
    except DatabaseAway:
        _log.warning("holding recordings later incident=%d", incident_id)


def due(database: Database, now: datetime) -> Sequence[int]:
    """Incidents to :func:`keep` now: the open ones, and closed ones whose last minutes are not held yet."""
    with database.transaction() as cursor:
        return store.incidents_to_hold(cursor, now, timedelta(seconds=AFTER_S))


def check_over(cursor: Any, hold_subject: str) -> None:
    """Raises :class:`WrongState` while the incident that a hold follows is open: the hold would only be laid again."""
    incident = store.lock_incident(cursor, int(hold_subject.removeprefix("incident:")))
    if incident.facts.closed_at is None:
        raise WrongState(
            f"incident #{incident.id} is open: what it needs is held until it is closed"
        )
