"""Incidents: opening, changing, sending units, closing."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends

from command import dispatch, incidents, views
from command.alarms import Witness
from command.incidents import Edit, NewIncident
from gis.db import Database
from gis.errors import InvalidInput
from gis.model import LonLat
from web.command_view import detail_out, incident_out, scope, suggestion_out
from web.deps import Audit, AuditDep, ClockDep, DatabaseDep, require
from web.live_roads import RoadsDep
from web.model import CurrentUser
from web.schemas.assignments import DispatchIn, RecommendationOut
from web.schemas.common import VersionIn
from web.schemas.incidents import (
    CloseIn,
    IncidentDetail,
    IncidentIn,
    IncidentOut,
    IncidentPatch,
    LinkAlarmIn,
    NoteIn,
)

router = APIRouter(tags=["incidents"])
Officer = Annotated[CurrentUser, Depends(require("dispatcher", "commander"))]
Reader = Annotated[CurrentUser, Depends(require("dispatcher", "commander", "reviewer"))]
_CLOSED = {"open": False, "closed": True, "all": None}


@router.get("/incidents")
def list_incidents(
    reader: Reader, database: DatabaseDep, state: Literal["open", "closed", "all"] = "open"
) -> list[IncidentOut]:
    """Open incidents by priority; closed or all of them, newest first."""
    return [incident_out(incident) for incident in views.incidents(database, _CLOSED[state])]


@router.post("/incidents", status_code=201)
def open_incident(
    body: IncidentIn, officer: Officer, database: DatabaseDep, clock: ClockDep, audit: AuditDep
) -> IncidentDetail:
    """Opens an incident at a spot or from an alarm, and holds the recordings of the cameras that see it."""
    new = NewIncident(
        type=body.type,
        priority=body.priority,
        title=body.title,
        level=body.level,
        where=_spot(body.lon, body.lat),
        alarm_id=body.alarm_id,
        alarm_version=body.alarm_version,
    )
    witness = _entry(audit, "create_incident", body.model_dump(mode="json", exclude_unset=True))
    number = incidents.open_incident(database, clock, officer.name, new, scope(officer), witness)
    return _detail(database, officer, number)


@router.get("/incidents/{incident_id}")
def one_incident(incident_id: int, reader: Reader, database: DatabaseDep) -> IncidentDetail:
    """One incident with its alarms, units, log, cameras and held recordings."""
    return _detail(database, reader, incident_id)


@router.patch("/incidents/{incident_id}")
def change_incident(
    incident_id: int,
    body: IncidentPatch,
    officer: Officer,
    database: DatabaseDep,
    clock: ClockDep,
    audit: AuditDep,
) -> IncidentDetail:
    """Changes facts, or marks the incident as controlled or clearing. ``level: null`` takes the level away."""
    edit = Edit(
        type=body.type,
        title=body.title,
        priority=body.priority,
        level=body.level,
        clear_level="level" in body.model_fields_set and body.level is None,
        mark=body.state,
        where=_spot(body.lon, body.lat),
    )
    witness = _entry(audit, "change_incident", body.model_dump(mode="json", exclude_unset=True))
    incidents.edit(database, clock, officer.name, incident_id, body.expected_version, edit, witness)
    return _detail(database, officer, incident_id)


@router.post("/incidents/{incident_id}/notes")
def add_note(
    incident_id: int,
    body: NoteIn,
    officer: Officer,
    database: DatabaseDep,
    clock: ClockDep,
    audit: AuditDep,
) -> IncidentDetail:
    """Adds a remark to the log."""
    witness = _entry(audit, "note_incident")
    incidents.note(database, clock, officer.name, incident_id, body.text, witness)
    return _detail(database, officer, incident_id)


@router.post("/incidents/{incident_id}/alarms")
def link_alarm(
    incident_id: int,
    body: LinkAlarmIn,
    officer: Officer,
    database: DatabaseDep,
    clock: ClockDep,
    audit: AuditDep,
) -> IncidentDetail:
    """An alarm belongs to this incident."""
    incidents.link_alarm(
        database,
        clock,
        officer.name,
        incident_id,
        body.expected_version,
        body.alarm_id,
        scope(officer),
        _entry(audit, "link_alarm", {"alarm_id": body.alarm_id}),
    )
    return _detail(database, officer, incident_id)


@router.get("/incidents/{incident_id}/recommendations")
def recommend_units(
    incident_id: int, officer: Officer, database: DatabaseDep, clock: ClockDep, roads: RoadsDep
) -> list[RecommendationOut]:
    """Units that could go, best first, each with the reason and its way."""
    found = views.suggestions(database, clock, roads, incident_id)
    return [suggestion_out(suggestion) for suggestion in found]


@router.post("/incidents/{incident_id}/dispatch")
def dispatch_unit(
    incident_id: int,
    body: DispatchIn,
    officer: Officer,
    database: DatabaseDep,
    clock: ClockDep,
    roads: RoadsDep,
    audit: AuditDep,
) -> IncidentDetail:
    """Sends a unit; its terminal and its crew's phone say so."""

    def witness(cursor: Any, assignment_id: int) -> None:
        detail = {"unit_id": body.unit_id, "assignment_id": assignment_id}
        audit("dispatch", f"incident:{incident_id}", detail, cursor)

    dispatch.dispatch(
        database,
        clock,
        roads,
        officer.name,
        incident_id,
        body.unit_id,
        body.expected_version,
        body.note,
        witness,
    )
    return _detail(database, officer, incident_id)


@router.post("/incidents/{incident_id}/close")
def close_incident(
    incident_id: int,
    body: CloseIn,
    officer: Officer,
    database: DatabaseDep,
    clock: ClockDep,
    audit: AuditDep,
) -> IncidentDetail:
    """Closes it; units on scene are cleared, units on their way recalled."""
    incidents.close(
        database,
        clock,
        officer.name,
        incident_id,
        body.expected_version,
        body.outcome,
        body.note,
        _entry(audit, "close_incident", {"outcome": body.outcome}),
    )
    return _detail(database, officer, incident_id)


@router.post("/incidents/{incident_id}/reopen")
def reopen_incident(
    incident_id: int,
    body: VersionIn,
    officer: Officer,
    database: DatabaseDep,
    clock: ClockDep,
    audit: AuditDep,
) -> IncidentDetail:
    """Opens a closed incident again."""
    witness = _entry(audit, "reopen_incident")
    incidents.reopen(database, clock, officer.name, incident_id, body.expected_version, witness)
    return _detail(database, officer, incident_id)


def _detail(database: Database, user: CurrentUser, incident_id: int) -> IncidentDetail:
    return detail_out(views.detail(database, incident_id, scope(user)))


def _spot(lon: float | None, lat: float | None) -> LonLat | None:
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        missing = "lon" if lon is None else "lat"
        raise InvalidInput(f"{missing} is missing: send both lon and lat", missing)
    return LonLat(lon, lat)


def _entry(audit: Audit, action: str, detail: dict[str, Any] | None = None) -> Witness:
    def witness(cursor: Any, incident_id: int) -> None:
        audit(action, f"incident:{incident_id}", detail, cursor)

    return witness
