"""No path leads to an impossible state, and every refused step says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from command import states, steps
from command.model import (
    AlarmState,
    Assignment,
    Duty,
    IncidentState,
    Outcome,
    Step,
)
from gis.errors import InvalidInput, WrongState

T0 = datetime(2026, 1, 1, tzinfo=UTC)
STEPS: tuple[Step, ...] = get_args(Step)


def sent(at: datetime = T0, number: int = 1) -> Assignment:
    return Assignment(number, 1001, 7, "dora", at)


def after(*taken: Step) -> Assignment:
    """An assignment after these steps, one a minute."""
    assignment = sent()
    for minute, step in enumerate(taken, 1):
        at = T0 + timedelta(minutes=minute)
        assignment = steps.advance(assignment, step, at, at, "flat tyre")
    return assignment


@pytest.mark.parametrize("state", get_args(AlarmState))
@pytest.mark.parametrize("step", get_args(states.AlarmStep))
def test_an_alarm_step_leads_somewhere_or_says_why_not(
    state: AlarmState, step: states.AlarmStep
) -> None:
    try:
        new = states.alarm_after(3, state, step)
    except WrongState as error:
        assert str(error).startswith(f"alarm 3 is {state}, so it cannot be ")
    else:
        assert new != state


def test_the_end_of_an_alarm_is_final() -> None:
    for step in get_args(states.AlarmStep):
        with pytest.raises(WrongState):
            states.alarm_after(3, "dismissed", step)


def test_the_way_of_a_crew() -> None:
    assert steps.assignment_state(after()) == "dispatched"
    assert steps.assignment_state(after("acknowledge")) == "acknowledged"
    assert steps.assignment_state(after("acknowledge", "enroute")) == "enroute"
    done = after("acknowledge", "enroute", "onscene", "clear")
    assert steps.assignment_state(done) == "cleared"
    assert done.onscene_at == T0 + timedelta(minutes=3)
    assert not steps.is_open(done)


def test_a_step_told_late_is_put_between_its_neighbours() -> None:
    arrived = after("acknowledge", "onscene")
    now = T0 + timedelta(minutes=30)
    late = steps.advance(arrived, "enroute", T0 + timedelta(seconds=90), now)
    assert late.enroute_at == T0 + timedelta(seconds=90)
    assert steps.assignment_state(late) == "onscene"
    too_late = steps.advance(arrived, "enroute", T0 + timedelta(minutes=9), now)
    assert too_late.enroute_at == arrived.onscene_at


def test_after_a_recall_only_what_happened_before_it_is_taken() -> None:
    recalled = steps.recall(after("acknowledge"), T0 + timedelta(minutes=5))
    now = T0 + timedelta(minutes=20)
    told = steps.advance(recalled, "enroute", T0 + timedelta(minutes=2), now)
    assert told.enroute_at == T0 + timedelta(minutes=2)
    assert steps.assignment_state(told) == "recalled"
    with pytest.raises(WrongState, match=r"was recalled at .*, so it cannot be enroute after that"):
        steps.advance(recalled, "enroute", T0 + timedelta(minutes=6), now)


@pytest.mark.parametrize(
    ("taken", "step", "message"),
    [
        ((), "clear", "not acknowledged yet: acknowledge or decline it"),
        (("acknowledge", "enroute", "onscene"), "decline", "on scene: clear it instead"),
        (("acknowledge",), "acknowledge", "already marked acknowledged"),
        (("acknowledge", "clear"), "decline", "was cleared before, so it cannot be declined"),
    ],
)
def test_a_step_that_cannot_be_says_why(taken: tuple[Step, ...], step: Step, message: str) -> None:
    now = T0 + timedelta(minutes=10)
    with pytest.raises(WrongState, match=message):
        steps.advance(after(*taken), step, now, now, "no fuel")


def test_declining_needs_a_reason() -> None:
    with pytest.raises(InvalidInput) as refused:
        steps.advance(sent(), "decline", T0, T0)
    assert refused.value.field == "reason"


@pytest.mark.parametrize("off_s", [-61, 61])
def test_a_clock_that_is_far_off_is_refused(off_s: int) -> None:
    with pytest.raises(InvalidInput, match="set the phone's clock"):
        steps.advance(sent(), "acknowledge", T0 + timedelta(seconds=off_s), T0)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no time zone"):
        steps.advance(sent(), "acknowledge", T0.replace(tzinfo=None), T0)


def test_a_clock_slightly_off_is_brought_between_dispatch_and_now() -> None:
    now = T0 + timedelta(seconds=10)
    fast = steps.advance(sent(), "acknowledge", now + timedelta(seconds=30), now)
    slow = steps.advance(sent(), "acknowledge", T0 - timedelta(seconds=30), now)
    assert (slow.acknowledged_at, fast.acknowledged_at) == (T0, now)


def test_undo_takes_back_the_last_step_and_its_reason() -> None:
    declined = steps.advance(sent(), "decline", T0, T0, "flat tyre")
    assert declined.decline_reason == "flat tyre"
    assert steps.undo(declined, "decline") == sent()
    with pytest.raises(WrongState, match="nothing to undo"):
        steps.undo(sent(), "enroute")


def test_the_last_step_of_a_log_skips_what_was_undone() -> None:
    def entry(
        kind: str, minute: int, undone: str | None = None
    ) -> tuple[str, datetime, str | None]:
        return kind, T0 + timedelta(minutes=minute), undone

    log = [entry("dispatched", 0), entry("acknowledged", 1), entry("enroute", 2)]
    assert steps.last_step(log) == ("enroute", T0 + timedelta(minutes=2))
    log.append(entry("undone", 3, "enroute"))
    assert steps.last_step(log) == ("acknowledge", T0 + timedelta(minutes=1))
    assert steps.last_step([*log, entry("recalled", 4)]) is None


def test_the_incident_follows_the_furthest_unit() -> None:
    assert states.derived([]) == "open"
    assert states.derived([after()]) == "assigned"
    assert states.derived([after(), after("acknowledge", "enroute")]) == "enroute"
    assert states.derived([after("acknowledge", "onscene"), after("enroute")]) == "onscene"
    visited = after("acknowledge", "onscene", "clear")
    assert states.derived([visited]) == "clearing"
    assert states.derived([visited, after()]) == "assigned"
    assert states.derived([steps.recall(after("enroute"), T0)]) == "open"


def test_an_officers_mark_stays_until_more_help_is_sent() -> None:
    there = after("acknowledge", "onscene")
    assert states.incident_marked(1001, "onscene", "controlled") == "controlled"
    assert states.incident_after_step("controlled", [there]) == "controlled"
    assert states.incident_after_step("controlled", [after("acknowledge", "onscene", "clear")]) == (
        "clearing"
    )
    assert states.incident_after_dispatch(1001, "controlled", [there, after()]) == "onscene"
    with pytest.raises(WrongState, match="#1001 is clearing already"):
        states.incident_marked(1001, "clearing", "controlled")


@pytest.mark.parametrize("state", sorted(states.CLOSED))
def test_nothing_happens_to_a_closed_incident_but_reopening(state: IncidentState) -> None:
    with pytest.raises(WrongState, match=f"#1001 is {state}"):
        states.incident_after_dispatch(1001, state, [])
    with pytest.raises(WrongState, match=f"#1001 is {state}"):
        states.incident_closed(1001, state, "closed")
    with pytest.raises(WrongState, match=f"#1001 is {state}"):
        states.incident_marked(1001, state, "controlled")
    assert states.incident_after_step(state, [after()]) == state
    assert states.incident_reopened(1001, state) == "open"


def test_a_unit_shows_its_assignment_else_its_duty() -> None:
    assert states.unit_status("out_of_service", after("acknowledge")) == "acknowledged"
    assert states.unit_status("out_of_service", None) == "out_of_service"
    with pytest.raises(ValueError, match="not open"):
        states.unit_status("available", after("acknowledge", "clear"))


@pytest.mark.parametrize("duty", ["off", "unavailable", "out_of_service"])
def test_a_unit_off_duty_is_not_sent(duty: Duty) -> None:
    with pytest.raises(WrongState, match="send another unit"):
        states.must_be_free("P-03", duty, None)
    with pytest.raises(WrongState, match="P-03 is already dispatched for incident #1001"):
        states.must_be_free("P-03", "available", after())


seconds = st.integers(-90, 900)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(STEPS), seconds, st.integers(0, 60)), max_size=8))
def test_times_never_decrease_and_at_most_one_end_is_set(
    moves: list[tuple[Step, int, int]],
) -> None:
    assignment, now = sent(), T0
    for step, event_s, later_s in moves:
        now += timedelta(seconds=later_s)
        try:
            assignment = steps.advance(
                assignment, step, T0 + timedelta(seconds=event_s), now, "why"
            )
        except (WrongState, InvalidInput) as error:
            assert len(str(error)) > 10
        check(assignment, now)


def check(assignment: Assignment, now: datetime) -> None:
    ends = [assignment.cleared_at, assignment.declined_at, assignment.recalled_at]
    times = [
        assignment.dispatched_at,
        assignment.acknowledged_at,
        assignment.enroute_at,
        assignment.onscene_at,
        *ends,
    ]
    known = [at for at in times if at is not None]
    assert known == sorted(known)
    assert all(T0 <= at <= now for at in known)
    assert sum(end is not None for end in ends) <= 1
    assert (assignment.decline_reason is not None) == (assignment.declined_at is not None)
    assert not (assignment.declined_at and assignment.onscene_at)
    assert steps.is_open(assignment) == (steps.ended_at(assignment) is None)


class Desk(RuleBasedStateMachine):
    """Three units and one incident, driven at random: what is seen must always be a picture that can be."""

    @initialize()
    def begin(self) -> None:
        self.now = T0
        self.state: IncidentState = "open"
        self.assignments: list[Assignment] = []
        self.taken: list[tuple[int, Step]] = []

    def open_of(self, unit_id: int) -> Assignment | None:
        for assignment in self.assignments:
            if assignment.unit_id == unit_id and steps.is_open(assignment):
                return assignment
        return None

    def put(self, new: Assignment) -> None:
        self.assignments = [new if a.id == new.id else a for a in self.assignments]

    @rule(unit_id=st.integers(1, 3), wait_s=st.integers(0, 300))
    def dispatch(self, unit_id: int, wait_s: int) -> None:
        self.now += timedelta(seconds=wait_s)
        number = len(self.assignments) + 1
        new = replace(sent(self.now, number), unit_id=unit_id)
        try:
            states.must_be_free("P", "available", self.open_of(unit_id))
            state = states.incident_after_dispatch(1001, self.state, [*self.assignments, new])
        except WrongState:
            assert self.state in states.CLOSED or self.open_of(unit_id) is not None
            return
        self.assignments.append(new)
        self.state = state
        assert self.state in {"assigned", "enroute", "onscene"}

    @rule(
        index=st.integers(0, 5),
        step=st.sampled_from(STEPS),
        ago_s=st.integers(-50, 400),
        wait_s=st.integers(0, 100),
    )
    def advance(self, index: int, step: Step, ago_s: int, wait_s: int) -> None:
        self.now += timedelta(seconds=wait_s)
        if index >= len(self.assignments):
            return
        before = self.assignments[index]
        try:
            new = steps.advance(before, step, self.now - timedelta(seconds=ago_s), self.now, "why")
        except (WrongState, InvalidInput):
            return
        self.put(new)
        self.taken.append((new.id, step))
        self.state = states.incident_after_step(self.state, self.assignments)

    @rule()
    def undo(self) -> None:
        if not self.taken or self.state in states.CLOSED:
            return
        number, step = self.taken[-1]
        before = next(a for a in self.assignments if a.id == number)
        other = self.open_of(before.unit_id)
        if other is not None and other.id != number:
            return
        try:
            new = steps.undo(before, step)
        except WrongState:
            assert before.recalled_at is not None or before.cleared_at is not None
            self.taken.pop()
            return
        self.taken.pop()
        self.put(new)
        self.state = states.incident_after_step(self.state, self.assignments)

    @rule(index=st.integers(0, 5))
    def recall(self, index: int) -> None:
        if index >= len(self.assignments):
            return
        try:
            new = steps.recall(self.assignments[index], self.now)
        except WrongState:
            assert not steps.is_open(self.assignments[index])
            return
        self.put(new)
        self.taken = [t for t in self.taken if t[0] != new.id]
        self.state = states.incident_after_step(self.state, self.assignments)

    @rule(mark=st.sampled_from(["controlled", "clearing"]))
    def mark(self, mark: str) -> None:
        try:
            self.state = states.incident_marked(1001, self.state, mark)  # type: ignore[arg-type]
        except WrongState as error:
            assert "#1001" in str(error)

    @rule(outcome=st.sampled_from(get_args(Outcome)))
    def close(self, outcome: Outcome) -> None:
        try:
            self.state = states.incident_closed(1001, self.state, outcome)
        except WrongState:
            assert self.state in states.CLOSED
            return
        for assignment in self.assignments:
            if steps.is_open(assignment):
                self.put(steps.end_with_incident(assignment, self.now))
        self.taken.clear()

    @rule()
    def reopen(self) -> None:
        try:
            self.state = states.incident_reopened(1001, self.state)
        except WrongState:
            assert self.state not in states.CLOSED

    @invariant()
    def the_picture_can_be(self) -> None:
        for assignment in self.assignments:
            check(assignment, self.now)
        units = [a.unit_id for a in self.assignments if steps.is_open(a)]
        assert len(units) == len(set(units))
        if self.state in states.CLOSED:
            assert not units
        if self.state in {"assigned", "enroute", "onscene"}:
            assert units


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
