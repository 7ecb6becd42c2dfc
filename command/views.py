"""What the screens ask for: lists, one incident with all that belongs to it, a crew's own page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics import store as analytics_store
from analytics.store import StoredEvent
from command import alarm_store, dispatch, evidence, recommend, seeing, states, store, unit_store
from command.log import verify
from command.model import (
    Alarm,
    Incident,
    LogEntry,
    Recommendation,
    SeeingCamera,
    Tasking,
    Unit,
)
from gis.clock import Clock
from gis.db import Database
from gis.errors import NotFound
from gis.model import LonLat
from gis.roads import LiveRoadGraph
from gis.said import say
from ingest.record import holds
from ingest.record.holds import Hold

MOST_RECOMMENDED = 8
Path = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Detail:
    """One incident with all that belongs to it. ``log_broken`` names the first log entry that was tampered with."""

    incident: Incident
    alarms: list[Alarm]
    taskings: list[Tasking]
    log: list[LogEntry]
    log_broken: str | None
    cameras: list[SeeingCamera]
    holds: list[Hold]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A recommended unit with its way to the scene as (lon, lat); empty where no road leads there."""

    recommendation: Recommendation
    route: Path


@dataclass(frozen=True, slots=True)
class CrewPage:
    """What a crew needs: their unit, and if they are sent out, where to, how, and who watches."""

    unit: Unit
    tasking: Tasking | None
    incident: Incident | None
    alarm: Alarm | None
    route: Path
    eta_s: float | None
    distance_m: float | None
    cameras: list[SeeingCamera]


def alarms(
    database: Database,
    open_only: bool = True,
    before: datetime | None = None,
    limit: int = 100,
    camera_ids: Sequence[int] | None = None,
    ids: Sequence[int] | None = None,
) -> list[Alarm]:
    """Open alarms by priority, or all of them newest first; ``before`` is the last page's lowest ``last_at``."""
    with database.transaction() as cursor:
        return alarm_store.alarms(
            cursor, ids, None, open_only, before, camera_ids, limit=min(limit, store.MOST)
        )


def alarm_events(
    database: Database, alarm_id: int, limit: int, camera_ids: Sequence[int] | None = None
) -> list[StoredEvent]:
    """The events that an alarm stands for, newest first. Raises :class:`NotFound`."""
    with database.transaction() as cursor:
        if not alarm_store.alarms(cursor, [alarm_id], camera_ids=camera_ids):
            raise NotFound(say("no_alarm", "there is no alarm {id}", id=alarm_id))
        ids = alarm_store.event_ids(cursor, alarm_id, limit)
    events = [analytics_store.event(database, event_id) for event_id in ids]
    return [event for event in events if camera_ids is None or event.camera_id in camera_ids]


def incidents(
    database: Database, closed: bool | None = False, ids: Sequence[int] | None = None
) -> list[Incident]:
    """Open incidents by priority, closed or all (None) newest first."""
    with database.transaction() as cursor:
        return store.incidents(cursor, ids, closed)


def units(database: Database, ids: Sequence[int] | None = None) -> list[Unit]:
    """Every unit, or some, by code."""
    with database.transaction() as cursor:
        return unit_store.units(cursor, ids)


def units_of_devices(database: Database, device_ids: Sequence[int]) -> list[Unit]:
    """The units whose terminals these are."""
    with database.transaction() as cursor:
        ids = unit_store.units_of_devices(cursor, device_ids)
        return unit_store.units(cursor, ids) if ids else []


def taskings(database: Database, ids: Sequence[int]) -> list[Tasking]:
    """Some assignments."""
    with database.transaction() as cursor:
        return unit_store.taskings(cursor, ids=ids)


def log_entries(database: Database, ids: Sequence[int]) -> list[LogEntry]:
    """Some lines of logs."""
    with database.transaction() as cursor:
        return store.log(cursor, ids=ids)


def detail(database: Database, incident_id: int, camera_ids: Sequence[int] | None = None) -> Detail:
    """One incident; alarms, cameras and holds only of the cameras that the asker may see. Raises :class:`NotFound`."""
    with database.transaction() as cursor:
        store.one_moment(cursor)
        incident = store.incident(cursor, incident_id)
        linked = alarm_store.alarms(cursor, incident_id=incident_id, camera_ids=camera_ids)
        sent = unit_store.taskings(cursor, incident_id)
        entries = store.log(cursor, incident_id)
        held = [
            hold
            for hold in holds.of_subject(cursor, evidence.subject(incident_id))
            if camera_ids is None or hold.camera_id in camera_ids
        ]
    cameras = seeing.cameras_seeing(database, incident.facts.where, camera_ids)
    return Detail(incident, linked, sent, entries, verify(entries), cameras, held)


def suggestions(
    database: Database,
    clock: Clock,
    roads: LiveRoadGraph,
    incident_id: int,
    limit: int = MOST_RECOMMENDED,
) -> list[Suggestion]:
    """The units that could go to an incident, best first, with their ways. Raises :class:`NotFound`."""
    with database.transaction() as cursor:
        incident = store.incident(cursor, incident_id)
        all_units = [u for u in unit_store.units(cursor) if u.duty != "off" or u.open is not None]
    scene, now = incident.facts.where, clock.now()
    by_id = {unit.id: unit for unit in all_units}
    candidates = [
        recommend.Candidate(
            unit_id=unit.id,
            code=unit.code,
            service=unit.service,
            status=states.unit_status(unit.duty, unit.open),
            incident_id=unit.open.incident_id if unit.open else None,
            eta_s=eta.eta_s,
            distance_m=eta.distance_m,
            by_road=eta.by_road,
            position_age_s=_age_s(unit, now),
        )
        for unit, eta in zip(all_units, dispatch.etas(roads, scene, all_units), strict=True)
        if eta is not None
    ]
    ranked = recommend.rank(candidates, incident.facts.type, incident_id)[:limit]
    origins: list[LonLat] = []
    for item in ranked:
        place = dispatch.origin(by_id[item.unit_id])
        assert place is not None  # every candidate has an ETA, so it has an origin
        origins.append(place)
    ways = roads.current().routes_to(scene, origins)
    return [
        Suggestion(item, list(way.path) if way else [])
        for item, way in zip(ranked, ways, strict=True)
    ]


def crew_page(
    database: Database,
    roads: LiveRoadGraph,
    unit_id: int,
    camera_ids: Sequence[int] | None = None,
) -> CrewPage:
    """What the crew of a unit sees. Raises :class:`NotFound`."""
    with database.transaction() as cursor:
        unit = unit_store.unit(cursor, unit_id)
        if unit.open is None:
            return CrewPage(unit, None, None, None, [], None, None, [])
        tasking = unit_store.tasking(cursor, unit.open.id)
        incident = store.incident(cursor, unit.open.incident_id)
        linked = alarm_store.alarms(cursor, incident_id=incident.id, camera_ids=camera_ids, limit=1)
    scene, start = incident.facts.where, dispatch.origin(unit)
    way = roads.current().route(start, scene) if start is not None else None
    cameras = seeing.cameras_seeing(database, scene, camera_ids)
    return CrewPage(
        unit=unit,
        tasking=tasking,
        incident=incident,
        alarm=linked[0] if linked else None,
        route=list(way.path) if way else [],
        eta_s=way.eta_s if way else None,
        distance_m=way.distance_m if way else None,
        cameras=cameras,
    )


def assignment_unit(database: Database, assignment_id: int) -> int:
    """Which unit an assignment is of. Raises :class:`NotFound`."""
    found = taskings(database, [assignment_id])
    if not found:
        raise NotFound(say("no_assignment", "there is no assignment {id}", id=assignment_id))
    return found[0].assignment.unit_id


def crew_may_see_event(database: Database, unit_id: int, event_id: int) -> bool:
    """Whether a crew may look at an event's picture: while it is sent to the incident of that event."""
    with database.transaction() as cursor:
        return unit_store.crew_has_event(cursor, unit_id, event_id)


def _age_s(unit: Unit, now: datetime) -> float | None:
    if unit.position is None:
        return None
    return max((now - unit.position.at).total_seconds(), 0.0)
