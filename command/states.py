"""Which step leads where: alarms, incidents, units. Pure: values in, values out.

Every refused step raises :class:`WrongState` with one sentence that names the thing, its state and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from command.model import (
    AlarmState,
    Assignment,
    AssignmentState,
    Duty,
    IncidentState,
    Outcome,
    UnitStatus,
)
from command.steps import assignment_state, is_open
from gis.errors import WrongState
from gis.said import say

AlarmStep = Literal["ack", "shelve", "unshelve", "link", "dismiss", "clear", "relink"]

OPEN_ALARM: frozenset[AlarmState] = frozenset({"raised", "acked", "shelved"})
_ALARM: dict[AlarmStep, tuple[frozenset[AlarmState], AlarmState, str]] = {
    "ack": (frozenset({"raised", "shelved"}), "acked", "acknowledged"),
    "shelve": (frozenset({"raised", "acked"}), "shelved", "shelved"),
    "unshelve": (frozenset({"shelved"}), "raised", "brought back"),
    "link": (OPEN_ALARM, "linked", "linked to an incident"),
    "dismiss": (OPEN_ALARM, "dismissed", "dismissed"),
    "clear": (frozenset({"linked"}), "cleared", "cleared"),
    "relink": (frozenset({"cleared"}), "linked", "linked again"),
}


def alarm_after(alarm_id: int, state: AlarmState, step: AlarmStep) -> AlarmState:
    """The alarm's state after ``step``. Raises :class:`WrongState`."""
    allowed, after, done = _ALARM[step]
    if state not in allowed:
        raise WrongState(
            say(
                "alarm_state",
                "alarm {id} is {alarm_state}, so it cannot be {done}",
                id=alarm_id,
                alarm_state=state,
                done=done,
            )
        )
    return after


# --- incidents --------------------------------------------------------------------------------------------------

CLOSED: frozenset[IncidentState] = frozenset({"closed", "false_alarm", "cancelled"})
MARKS: frozenset[IncidentState] = frozenset({"controlled", "clearing"})


def derived(assignments: Iterable[Assignment]) -> IncidentState:
    """How far the help has come: the furthest open assignment; ``clearing`` when all who were there have left."""
    states: list[AssignmentState] = []
    visited = False
    for assignment in assignments:
        if is_open(assignment):
            states.append(assignment_state(assignment))
        elif assignment.onscene_at is not None and assignment.cleared_at is not None:
            visited = True
    if "onscene" in states:
        return "onscene"
    if "enroute" in states:
        return "enroute"
    if states:
        return "assigned"
    return "clearing" if visited else "open"


def incident_after_dispatch(
    incident_id: int, state: IncidentState, assignments: Iterable[Assignment]
) -> IncidentState:
    """After a unit was sent; an officer's mark falls, for more help is needed. Raises :class:`WrongState`."""
    must_be_open(incident_id, state, "a unit cannot be sent to it; reopen it first")
    return derived(assignments)


def incident_after_step(state: IncidentState, assignments: Iterable[Assignment]) -> IncidentState:
    """After a unit moved on or ended. An officer's mark stays, but ``controlled`` ends in ``clearing``."""
    if state in CLOSED:
        return state
    new = derived(assignments)
    if state in MARKS and new != "clearing":
        return state
    return new


def incident_marked(
    incident_id: int, state: IncidentState, mark: Literal["controlled", "clearing"]
) -> IncidentState:
    """An officer says how far it is. Raises :class:`WrongState` when that is not a step forward."""
    must_be_open(incident_id, state, f"it cannot be marked {mark}; reopen it first")
    if state == mark or (mark == "controlled" and state == "clearing"):
        raise WrongState(
            f"incident #{incident_id} is {state} already, so it cannot be marked {mark}"
        )
    return mark


def incident_closed(incident_id: int, state: IncidentState, outcome: Outcome) -> IncidentState:
    """Raises :class:`WrongState` when it is closed already."""
    must_be_open(incident_id, state, "it cannot be closed again")
    return outcome


def incident_reopened(incident_id: int, state: IncidentState) -> IncidentState:
    """Reopening starts anew. Raises :class:`WrongState` unless it is closed."""
    if state not in CLOSED:
        raise WrongState(
            say(
                "incident_not_closed",
                "incident #{id} is {incident_state}: only a closed incident can be reopened",
                id=incident_id,
                incident_state=state,
            )
        )
    return "open"


def must_be_open(incident_id: int, state: IncidentState, otherwise: str) -> None:
    """Raises :class:`WrongState` for a closed incident."""
    if state in CLOSED:
        raise WrongState(
            say(
                "incident_closed",
                "incident #{id} is {incident_state}, so {otherwise}",
                id=incident_id,
                incident_state=state,
                otherwise=otherwise,
            )
        )


# --- units ------------------------------------------------------------------------------------------------------


def unit_status(duty: Duty, open_assignment: Assignment | None) -> UnitStatus:
    """The open assignment's state, else the duty."""
    if open_assignment is None:
        return duty
    match assignment_state(open_assignment):
        case "acknowledged":
            return "acknowledged"
        case "enroute":
            return "enroute"
        case "onscene":
            return "onscene"
        case "dispatched":
            return "dispatched"
        case ended:
            raise ValueError(f"assignment {open_assignment.id} is {ended}, it is not open")


def must_be_free(code: str, duty: Duty, open_assignment: Assignment | None) -> None:
    """Raises :class:`WrongState` with the reason when a unit cannot be sent."""
    if open_assignment is not None:
        raise WrongState(
            say(
                "unit_on_call",
                "{code} is already {assignment_state} for incident #{id}: recall it there first, or send another unit",
                code=code,
                assignment_state=assignment_state(open_assignment),
                id=open_assignment.incident_id,
            )
        )
    if duty != "available":
        raise WrongState(
            say(
                "unit_not_available",
                "{code} is {unit_status}: send another unit",
                code=code,
                unit_status=duty.replace("_", " "),
            )
        )
