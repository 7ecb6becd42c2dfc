"""Which tables feed which topic."""

from __future__ import annotations

from collections.abc import Sequence

from command import views
from gis.db import Database
from web import camera_store, feed_store, things_view
from web.camera_view import camera_feed_out
from web.command_view import alarm_out, assignment_out, incident_out, log_out, unit_out
from web.feed import FeedRow, Source


def _alarms(database: Database, ids: Sequence[int] | None) -> list[FeedRow]:
    found = views.alarms(database, open_only=False, ids=ids, limit=500)
    return [FeedRow(a.id, alarm_out(a).model_dump_json(), a.camera_id) for a in found]


def _incidents(database: Database, ids: Sequence[int] | None) -> list[FeedRow]:
    found = views.incidents(database, None, ids)
    crews = feed_store.crews(database, [incident.id for incident in found])
    return [
        FeedRow(i.id, incident_out(i).model_dump_json(), unit_ids=crews.get(i.id, frozenset()))
        for i in found
    ]


def _assignments(database: Database, ids: Sequence[int] | None) -> list[FeedRow]:
    return [
        FeedRow(
            t.assignment.id,
            assignment_out(t).model_dump_json(),
            unit_ids=frozenset({t.assignment.unit_id}),
        )
        for t in views.taskings(database, ids or [])
    ]


def _log(database: Database, ids: Sequence[int] | None) -> list[FeedRow]:
    return [
        FeedRow(entry.id, log_out(entry).model_dump_json())
        for entry in views.log_entries(database, ids or [])
    ]


def _units(database: Database, ids: Sequence[int] | None) -> list[FeedRow]:
    return [FeedRow(u.id, unit_out(u).model_dump_json()) for u in views.units(database, ids)]


def _cameras(database: Database, ids: Sequence[int] | None) -> list[FeedRow]:
    rows = camera_store.cameras(database, ids)
    return [FeedRow(row.id, camera_feed_out(row).model_dump_json(), row.id) for row in rows]


def _vehicles(database: Database, ids: Sequence[int] | None) -> list[FeedRow]:
    return [FeedRow(v.id, v.model_dump_json()) for v in things_view.vehicles(database, ids)]


def _sensors(database: Database, _ids: Sequence[int] | None) -> list[FeedRow]:
    return [FeedRow(s.id, s.model_dump_json()) for s in things_view.sensors(database)]


# In the order they are sent: what someone must act on first.
SOURCES: tuple[Source, ...] = (
    Source("alarm", _alarms, channels=("alarm",)),
    Source(
        "incident",
        _incidents,
        channels=("incident",),
        via={"assignment": feed_store.incidents_of_assignments},
    ),
    Source("assignment", _assignments, channels=("assignment",)),
    Source("log", _log, channels=("log_entry",)),
    Source("unit", _units, whole_on=("unit", "assignment"), polled=True),
    Source("camera", _cameras, channels=("camera",), polled=True),
    Source("vehicle", _vehicles, polled=True),
    Source("sensor", _sensors, polled=True),
)
