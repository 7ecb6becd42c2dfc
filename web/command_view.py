"""Alarms, incidents, assignments and units as the API gives them."""

from __future__ import annotations

from command import states, steps
from command.model import (
    Alarm,
    Incident,
    LogEntry,
    Recommendation,
    SeeingCamera,
    Tasking,
    Unit,
)
from command.views import CrewPage, Detail, Suggestion
from ingest.record.holds import Hold
from web.model import CurrentUser
from web.schemas.alarms import AlarmOut
from web.schemas.assignments import AssignmentOut, RecommendationOut
from web.schemas.cameras import SeeingCameraOut
from web.schemas.common import EllipseOut, Priority
from web.schemas.holds import HoldOut
from web.schemas.incidents import IncidentDetail, IncidentOut, LogEntryOut
from web.schemas.units import MyAssignmentOut, UnitOut


def scope(user: CurrentUser) -> list[int] | None:
    """The cameras ``user`` may see as a list for a query, None for all."""
    return None if user.camera_ids is None else sorted(user.camera_ids)


def alarm_out(alarm: Alarm) -> AlarmOut:
    """One alarm; its picture is that of its newest event."""
    picture = f"/api/v1/events/{alarm.event_id}/snapshot.jpg" if alarm.has_snapshot else None
    return AlarmOut(
        id=alarm.id,
        state=alarm.state,
        priority=_priority(alarm.priority),
        kind=alarm.kind,
        camera_id=alarm.camera_id,
        device_id=alarm.device_id,
        event_id=alarm.event_id,
        device_event_id=alarm.device_event_id,
        first_at=alarm.first_at,
        last_at=alarm.last_at,
        count=alarm.count,
        lon=alarm.where.lon if alarm.where else None,
        lat=alarm.where.lat if alarm.where else None,
        ellipse=EllipseOut.model_validate(alarm.ellipse) if alarm.ellipse else None,
        place=alarm.place,
        place_en=alarm.place_en,
        title=alarm.title,
        title_en=alarm.title_en,
        snapshot_url=picture,
        incident_id=alarm.incident_id,
        handled_by=alarm.handled_by,
        handled_at=alarm.handled_at,
        dismiss_reason=alarm.dismiss_reason,
        shelved_until=alarm.shelved_until,
        version=alarm.version,
        dismiss_code=alarm.dismiss_code,
    )


def incident_out(incident: Incident) -> IncidentOut:
    """One incident."""
    facts = incident.facts
    return IncidentOut(
        id=incident.id,
        type=facts.type,
        title=facts.title,
        title_en=facts.title_en,
        priority=_priority(facts.priority),
        level=facts.level,
        state=facts.state,
        lon=facts.where.lon,
        lat=facts.where.lat,
        place=facts.place,
        place_en=facts.place_en,
        opened_by=facts.opened_by,
        opened_at=facts.opened_at,
        closed_at=facts.closed_at,
        close_note=facts.close_note,
        units=incident.units,
        version=incident.version,
    )


def assignment_out(tasking: Tasking) -> AssignmentOut:
    """One assignment with its unit's names and the state its timestamps say."""
    a = tasking.assignment
    return AssignmentOut(
        id=a.id,
        incident_id=a.incident_id,
        unit_id=a.unit_id,
        unit_code=tasking.unit_code,
        unit_name=tasking.unit_name,
        unit_name_en=tasking.unit_name_en,
        service=tasking.service,
        state=steps.assignment_state(a),
        dispatched_by=a.dispatched_by,
        dispatched_at=a.dispatched_at,
        acknowledged_at=a.acknowledged_at,
        enroute_at=a.enroute_at,
        onscene_at=a.onscene_at,
        cleared_at=a.cleared_at,
        declined_at=a.declined_at,
        recalled_at=a.recalled_at,
        decline_reason=a.decline_reason,
        no_ack_at=a.no_ack_at,
        eta_s=a.eta_s,
        distance_m=a.distance_m,
        note=a.note,
        version=a.version,
    )


def unit_out(unit: Unit) -> UnitOut:
    """One unit with its derived status and last position."""
    position = unit.position
    return UnitOut(
        id=unit.id,
        code=unit.code,
        name=unit.name,
        name_en=unit.name_en,
        service=unit.service,
        device_id=unit.device_id,
        crew=unit.crew,
        duty=unit.duty,
        status=states.unit_status(unit.duty, unit.open),
        incident_id=unit.open.incident_id if unit.open else None,
        assignment_id=unit.open.id if unit.open else None,
        lon=position.place.lon if position else None,
        lat=position.place.lat if position else None,
        position_at=position.at if position else None,
        speed_ms=position.speed_ms if position else None,
        course_deg=position.course_deg if position else None,
        panic=unit.panic,
        version=unit.version,
    )


def log_out(entry: LogEntry) -> LogEntryOut:
    """One line of an incident's log."""
    return LogEntryOut(
        id=entry.id,
        incident_id=entry.incident_id,
        seq=entry.seq,
        kind=entry.kind,
        actor=entry.actor,
        t_event=entry.t_event,
        t_recorded=entry.t_recorded,
        body=dict(entry.body),
    )


def seeing_out(camera: SeeingCamera) -> SeeingCameraOut:
    """A camera that sees the spot."""
    return SeeingCameraOut.model_validate(camera)


def hold_out(hold: Hold) -> HoldOut:
    """Footage kept."""
    return HoldOut.model_validate(hold)


def detail_out(detail: Detail) -> IncidentDetail:
    """An incident with all that belongs to it."""
    return IncidentDetail(
        incident=incident_out(detail.incident),
        alarms=[alarm_out(alarm) for alarm in detail.alarms],
        assignments=[assignment_out(tasking) for tasking in detail.taskings],
        log=[log_out(entry) for entry in detail.log],
        cameras=[seeing_out(camera) for camera in detail.cameras],
        holds=[hold_out(hold) for hold in detail.holds],
        log_intact=detail.log_broken is None,
    )


def suggestion_out(suggestion: Suggestion) -> RecommendationOut:
    """A recommended unit with its way."""
    item: Recommendation = suggestion.recommendation
    return RecommendationOut(
        unit_id=item.unit_id,
        eta_s=item.eta_s,
        distance_m=item.distance_m,
        why=item.why.zh,
        why_en=item.why.en,
        route=suggestion.route,
        position_age_s=item.position_age_s,
        recommended=item.recommended,
    )


def crew_out(page: CrewPage) -> MyAssignmentOut:
    """What a crew's phone shows."""
    return MyAssignmentOut(
        unit=unit_out(page.unit),
        assignment=assignment_out(page.tasking) if page.tasking else None,
        incident=incident_out(page.incident) if page.incident else None,
        alarm=alarm_out(page.alarm) if page.alarm else None,
        route=page.route,
        eta_s=page.eta_s,
        distance_m=page.distance_m,
        cameras=[seeing_out(camera) for camera in page.cameras],
    )


def _priority(value: int) -> Priority:
    match value:
        case 1 | 2 | 3 | 4:
            return value
        case _:
            raise ValueError(f"priority {value} is outside 1..4")
