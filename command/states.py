"""Which step leads where: alarms, incidents, assignments, units. Pure: values in, values out.

Every refused step raises :class:`WrongState` with one sentence that names the thing, its state and what to do.

An assignment has no state of its own: its timestamps are the truth. They never decrease in the order
dispatched ≤ acknowledged ≤ en route ≤ on scene ≤ end, and at most one of the three ends is set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from command.model import (
    AlarmState,
    Assignment,
    AssignmentState,
    Duty,
    IncidentState,
    Outcome,
    Step,
    UnitStatus,
)
from gis.errors import InvalidInput, WrongState
from gis.said import say

AlarmStep = Literal["ack", "shelve", "unshelve", "link", "dismiss", "clear", "relink"]

CLOCK_AHEAD_S = 60.0
"""A phone's clock may be this far ahead of ours, or show this long before the dispatch; more is refused."""
UNDO_S = 60.0
"""A step can be taken back this long after we heard of it."""

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


# --- assignments ------------------------------------------------------------------------------------------------

_ROAD: tuple[tuple[Step, AssignmentState], ...] = (
    ("acknowledge", "acknowledged"),
    ("enroute", "enroute"),
    ("onscene", "onscene"),
)
_KIND: dict[Step, AssignmentState] = {
    "acknowledge": "acknowledged",
    "enroute": "enroute",
    "onscene": "onscene",
    "clear": "cleared",
    "decline": "declined",
}
STEP_OF_KIND: dict[str, Step] = {kind: step for step, kind in _KIND.items()}


def kind_of_step(step: Step) -> AssignmentState:
    """The log's word for a step: ``acknowledge`` → ``acknowledged``."""
    return _KIND[step]


def time_of(assignment: Assignment, state: AssignmentState) -> datetime | None:
    """When the assignment came into ``state``, if it did."""
    match state:
        case "dispatched":
            return assignment.dispatched_at
        case "acknowledged":
            return assignment.acknowledged_at
        case "enroute":
            return assignment.enroute_at
        case "onscene":
            return assignment.onscene_at
        case "cleared":
            return assignment.cleared_at
        case "declined":
            return assignment.declined_at
        case "recalled":
            return assignment.recalled_at


def _with(assignment: Assignment, state: AssignmentState, at: datetime | None) -> Assignment:
    match state:
        case "acknowledged":
            return replace(assignment, acknowledged_at=at)
        case "enroute":
            return replace(assignment, enroute_at=at)
        case "onscene":
            return replace(assignment, onscene_at=at)
        case "cleared":
            return replace(assignment, cleared_at=at)
        case "declined":
            return replace(assignment, declined_at=at)
        case "recalled":
            return replace(assignment, recalled_at=at)
        case "dispatched":
            raise ValueError("a dispatch time never changes")


def assignment_state(assignment: Assignment) -> AssignmentState:
    """What the timestamps say."""
    order: tuple[AssignmentState, ...] = (
        "recalled",
        "declined",
        "cleared",
        "onscene",
        "enroute",
        "acknowledged",
    )
    for state in order:
        if time_of(assignment, state) is not None:
            return state
    return "dispatched"


def is_open(assignment: Assignment) -> bool:
    """Whether the unit is still on it."""
    return assignment_state(assignment) not in {"cleared", "declined", "recalled"}


def ended_at(assignment: Assignment) -> datetime | None:
    """When it ended, if it has."""
    return assignment.cleared_at or assignment.declined_at or assignment.recalled_at


def event_time(dispatched_at: datetime, t_event: datetime, now: datetime) -> datetime:
    """``t_event`` of a phone brought between the dispatch and now.

    Raises :class:`InvalidInput` when it lies more than :data:`CLOCK_AHEAD_S` outside, for then the phone's
    clock is wrong and nobody can tell when it happened.
    """
    slack = timedelta(seconds=CLOCK_AHEAD_S)
    if t_event.tzinfo is None:
        raise InvalidInput(
            f"t_event {t_event.isoformat()} has no time zone: send it with one", "t_event"
        )
    if t_event > now + slack:
        ahead_s = (t_event - now).total_seconds()
        raise InvalidInput(
            f"t_event {t_event.isoformat()} is {ahead_s:.0f} s in the future: set the phone's clock",
            "t_event",
        )
    if t_event < dispatched_at - slack:
        raise InvalidInput(
            f"t_event {t_event.isoformat()} is before the dispatch at {dispatched_at.isoformat()}: "
            "set the phone's clock",
            "t_event",
        )
    return max(dispatched_at, min(t_event, now))


def advance(
    assignment: Assignment,
    step: Step,
    t_event: datetime,
    now: datetime,
    reason: str | None = None,
    name: str = "the unit",
) -> Assignment:
    """The assignment after a crew's step that happened at ``t_event`` and is heard of ``now``.

    Steps may be skipped, and a skipped one may be told later: its time is then brought between its
    neighbours'. Once the assignment has ended only what happened before the end is still taken.
    Raises :class:`WrongState` for a step that cannot be, :class:`InvalidInput` for an impossible time and for a
    decline without a reason.
    """
    at = event_time(assignment.dispatched_at, t_event, now)
    state = assignment_state(assignment)
    what = f"assignment {assignment.id} of {name}"
    kind = _KIND[step]
    if time_of(assignment, kind) is not None:
        raise WrongState(
            say(
                "step_taken",
                "{assignment} is already marked {assignment_state}",
                assignment=what,
                assignment_state=kind,
            )
        )
    if step in {"clear", "decline"}:
        if not is_open(assignment):
            raise WrongState(
                say(
                    "step_too_late",
                    "{assignment} was {assignment_state} before, so it cannot be {step}",
                    assignment=what,
                    assignment_state=state,
                    step=kind,
                )
            )
        if step == "clear" and state == "dispatched":
            raise WrongState(
                say(
                    "step_not_acknowledged",
                    "{assignment} is not acknowledged yet: acknowledge or decline it",
                    assignment=what,
                )
            )
        if step == "decline":
            if state == "onscene":
                raise WrongState(
                    say(
                        "step_on_scene",
                        "{assignment} is on scene: clear it instead of declining",
                        assignment=what,
                    )
                )
            if not reason:
                raise InvalidInput(
                    say("decline_needs_reason", "say why the assignment is declined"), "reason"
                )
            assignment = replace(assignment, decline_reason=reason)
        return _with(assignment, kind, max(at, _latest(assignment)))
    end = ended_at(assignment)
    if end is not None and at > end:
        raise WrongState(
            say(
                "step_after_end",
                "{assignment} was {assignment_state} at {at}, so it cannot be {step} after that",
                assignment=what,
                assignment_state=state,
                at=end.isoformat(),
                step=kind,
            )
        )
    if step == "onscene" and assignment.declined_at is not None:
        raise WrongState(
            say(
                "step_declined",
                "{assignment} was declined, so it was never on scene",
                assignment=what,
            )
        )
    before, after = _neighbours(assignment, kind)
    return _with(assignment, kind, min(max(at, before), after or at) if after else max(at, before))


def _latest(assignment: Assignment) -> datetime:
    times = (
        assignment.acknowledged_at,
        assignment.enroute_at,
        assignment.onscene_at,
    )
    return max([assignment.dispatched_at, *(t for t in times if t is not None)])


def _neighbours(assignment: Assignment, kind: AssignmentState) -> tuple[datetime, datetime | None]:
    """The latest known time before ``kind`` on the road and the earliest known one after it."""
    before, after = assignment.dispatched_at, ended_at(assignment)
    passed = False
    for _, state in _ROAD:
        at = time_of(assignment, state)
        if state == kind:
            passed = True
        elif at is not None and not passed:
            before = at
        elif at is not None:
            return before, at
    return before, after


def undo(assignment: Assignment, step: Step) -> Assignment:
    """Takes a step back. Raises :class:`WrongState` when it was never taken or the unit was recalled since."""
    kind = _KIND[step]
    if assignment.recalled_at is not None:
        raise WrongState(
            say(
                "step_recalled",
                "assignment {id} was recalled, so its steps stand",
                id=assignment.id,
            )
        )
    if time_of(assignment, kind) is None:
        raise WrongState(
            say(
                "step_not_taken",
                "assignment {id} is not {assignment_state}, so there is nothing to undo",
                id=assignment.id,
                assignment_state=kind,
            )
        )
    if step == "decline":
        assignment = replace(assignment, decline_reason=None)
    return _with(assignment, kind, None)


def recall(assignment: Assignment, now: datetime) -> Assignment:
    """The dispatcher takes the unit off. Raises :class:`WrongState` when it has ended already."""
    if not is_open(assignment):
        raise WrongState(
            f"assignment {assignment.id} is already {assignment_state(assignment)}: there is nothing to recall"
        )
    return replace(assignment, recalled_at=max(now, _latest(assignment)))


def end_with_incident(assignment: Assignment, now: datetime) -> Assignment:
    """What closing an incident does to a unit still on it: on scene → cleared, on its way → recalled."""
    if assignment_state(assignment) == "onscene":
        return replace(assignment, cleared_at=max(now, _latest(assignment)))
    return recall(assignment, now)


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


def last_step(entries: Sequence[tuple[str, datetime, str | None]]) -> tuple[Step, datetime] | None:
    """The step that an undo would take back, from an assignment's log as (kind, t_recorded, undone step).

    None when nothing is left to undo; a recall ends what can be undone.
    """
    taken: list[tuple[Step, datetime]] = []
    for kind, recorded, undone in entries:
        if kind == "recalled":
            taken.clear()
        elif kind == "undone" and taken and taken[-1][0] == undone:
            taken.pop()
        elif kind in STEP_OF_KIND:
            taken.append((STEP_OF_KIND[kind], recorded))
    return taken[-1] if taken else None
