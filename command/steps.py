"""A crew's way to an incident: which step of an assignment leads where. Pure: values in, values out.

An assignment has no state of its own: its timestamps are the truth. They never decrease in the order
dispatched ≤ acknowledged ≤ en route ≤ on scene ≤ end, and at most one of the three ends is set. Every refused step raises
:class:`WrongState` with one sentence that names the thing, its state and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from command.model import Assignment, AssignmentState, Step
from gis.errors import InvalidInput, WrongState
from gis.said import say

CLOCK_AHEAD_S = 60.0
"""A phone's clock may be this far ahead of ours, or show this long before the dispatch; more is refused."""
UNDO_S = 60.0
"""A step can be taken back this long after we heard of it."""

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
