"""Alarms: the list, and what an officer decides about one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query

from command import alarms, views
from command.alarms import Witness
from web.command_view import alarm_out, scope
from web.deps import Audit, AuditDep, ClockDep, DatabaseDep, require
from web.event_view import event_out
from web.model import CurrentUser
from web.schemas.alarms import AlarmOut, DismissIn, ShelveIn
from web.schemas.common import VersionIn
from web.schemas.events import EventOut
from web.times import UtcTime

router = APIRouter(tags=["alarms"])
Officer = Annotated[CurrentUser, Depends(require("dispatcher", "commander"))]


@router.get("/alarms")
def list_alarms(
    officer: Officer,
    database: DatabaseDep,
    state: Literal["open", "all"] = "open",
    before: UtcTime | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> list[AlarmOut]:
    """Open alarms by priority, or all of them, newest first, page by page (``before`` = the last ``last_at``)."""
    found = views.alarms(database, state == "open", before, limit, scope(officer))
    return [alarm_out(alarm) for alarm in found]


@router.get("/alarms/{alarm_id}/events")
def list_alarm_events(
    alarm_id: int,
    officer: Officer,
    database: DatabaseDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 40,
) -> list[EventOut]:
    """The events that an alarm stands for, newest first; none for an alarm of a device or of the system."""
    found = views.alarm_events(database, alarm_id, limit, scope(officer))
    return [event_out(event) for event in found]


@router.post("/alarms/{alarm_id}/ack")
def acknowledge_alarm(
    alarm_id: int,
    body: VersionIn,
    officer: Officer,
    database: DatabaseDep,
    clock: ClockDep,
    audit: AuditDep,
) -> AlarmOut:
    """The officer looks at it."""
    return alarm_out(
        alarms.ack(
            database,
            clock,
            officer.name,
            alarm_id,
            body.expected_version,
            scope(officer),
            _entry(audit, "ack_alarm"),
        )
    )


@router.post("/alarms/{alarm_id}/shelve")
def shelve_alarm(
    alarm_id: int,
    body: ShelveIn,
    officer: Officer,
    database: DatabaseDep,
    clock: ClockDep,
    audit: AuditDep,
) -> AlarmOut:
    """Sets it aside; it comes back by itself."""
    return alarm_out(
        alarms.shelve(
            database,
            clock,
            officer.name,
            alarm_id,
            body.expected_version,
            body.minutes,
            scope(officer),
            _entry(audit, "shelve_alarm", {"minutes": body.minutes}),
        )
    )


@router.post("/alarms/{alarm_id}/dismiss")
def dismiss_alarm(
    alarm_id: int,
    body: DismissIn,
    officer: Officer,
    database: DatabaseDep,
    clock: ClockDep,
    audit: AuditDep,
) -> AlarmOut:
    """It was nothing, for a reason."""
    return alarm_out(
        alarms.dismiss(
            database,
            clock,
            officer.name,
            alarm_id,
            body.expected_version,
            body.reason,
            scope(officer),
            _entry(
                audit, "dismiss_alarm", {"reason": body.reason, "reason_code": body.reason_code}
            ),
            body.reason_code,
        )
    )


def _entry(audit: Audit, action: str, detail: dict[str, Any] | None = None) -> Witness:
    def witness(cursor: Any, alarm_id: int) -> None:
        audit(action, f"alarm:{alarm_id}", detail, cursor)

    return witness
