"""Assignments: what crews report, what dispatchers take back, and the crew's own page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header

from command import dispatch, views
from command.alarms import Witness
from gis.errors import Forbidden, NotFound
from web.command_view import assignment_out, crew_out, scope
from web.deps import Audit, AuditDep, ClockDep, DatabaseDep, require
from web.live_roads import RoadsDep
from web.model import CurrentUser
from web.schemas.assignments import AdvanceIn, AssignmentOut
from web.schemas.common import VersionIn
from web.schemas.units import MyAssignmentOut

router = APIRouter(tags=["assignments"])
Officer = Annotated[CurrentUser, Depends(require("dispatcher", "commander"))]
Mover = Annotated[CurrentUser, Depends(require("dispatcher", "commander", "responder"))]
Responder = Annotated[CurrentUser, Depends(require("responder"))]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=100)]


@router.post("/assignments/{assignment_id}/advance")
def advance_assignment(
    assignment_id: int,
    body: AdvanceIn,
    mover: Mover,
    database: DatabaseDep,
    clock: ClockDep,
    audit: AuditDep,
    idempotency_key: Key,
) -> AssignmentOut:
    """A crew's next step; sent again with the same ``Idempotency-Key`` it is done once and answered the same.

    Steps queued offline are sent one after the other, each with the ``version`` that the one before was answered.
    """
    return assignment_out(
        dispatch.advance(
            database,
            clock,
            mover.name,
            assignment_id,
            body.step,
            body.t_event,
            body.expected_version,
            idempotency_key,
            body.reason,
            _only(mover),
            _entry(audit, "advance_assignment", {"step": body.step}),
        )
    )


@router.post("/assignments/{assignment_id}/undo")
def undo_assignment(
    assignment_id: int,
    body: VersionIn,
    mover: Mover,
    database: DatabaseDep,
    clock: ClockDep,
    audit: AuditDep,
) -> AssignmentOut:
    """Takes the last step back, within a minute."""
    return assignment_out(
        dispatch.undo(
            database,
            clock,
            mover.name,
            assignment_id,
            body.expected_version,
            _only(mover),
            _entry(audit, "undo_assignment"),
        )
    )


@router.post("/assignments/{assignment_id}/recall")
def recall_assignment(
    assignment_id: int,
    body: VersionIn,
    officer: Officer,
    database: DatabaseDep,
    clock: ClockDep,
    audit: AuditDep,
) -> AssignmentOut:
    """Takes the unit off the incident."""
    return assignment_out(
        dispatch.recall(
            database,
            clock,
            officer.name,
            assignment_id,
            body.expected_version,
            _entry(audit, "recall_assignment"),
        )
    )


@router.get("/me/assignment")
def my_assignment(responder: Responder, database: DatabaseDep, roads: RoadsDep) -> MyAssignmentOut:
    """The responder's unit, what it is sent to, and the way from where it is now."""
    if responder.unit_id is None:
        raise NotFound(f"{responder.name} belongs to no unit: an administrator can set one")
    return crew_out(views.crew_page(database, roads, responder.unit_id, scope(responder)))


def _only(user: CurrentUser) -> int | None:
    """The only unit whose assignments ``user`` may move; None for dispatchers: any."""
    if user.has("dispatcher", "commander"):
        return None
    if user.unit_id is None:
        raise Forbidden(f"{user.name} belongs to no unit: an administrator can set one")
    return user.unit_id


def _entry(audit: Audit, action: str, detail: dict[str, Any] | None = None) -> Witness:
    def witness(cursor: Any, assignment_id: int) -> None:
        audit(action, f"assignment:{assignment_id}", detail, cursor)

    return witness
