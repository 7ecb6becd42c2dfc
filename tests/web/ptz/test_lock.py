from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from web.model import ROLES
from web.ptz.lock import IDLE_S, PRIORITY, Hold, Refused, Taken, holds, priority, take

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
COMMANDER, DISPATCHER, ADMIN = 3, 2, 1


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_the_roles_rank_by_who_acts_on_what_is_seen() -> None:
    assert PRIORITY["commander"] > PRIORITY["dispatcher"] > PRIORITY["admin"]
    assert set(PRIORITY) < set(ROLES)
    assert priority(["admin", "commander", "reviewer"]) == COMMANDER
    assert priority(["reviewer", "responder"]) == 0 and priority([]) == 0


def test_a_hold_is_renewed_by_use_and_ends_by_rest() -> None:
    first = take(None, 7, DISPATCHER, _at(0))
    assert first == Taken(Hold(7, DISPATCHER, _at(0), _at(IDLE_S)), "taken")
    again = take(first.hold, 7, DISPATCHER, _at(29))
    assert again == Taken(Hold(7, DISPATCHER, _at(0), _at(29 + IDLE_S)), "kept")
    assert isinstance(take(again.hold, 8, DISPATCHER, _at(58.9)), Refused)
    other = take(again.hold, 8, DISPATCHER, _at(59))
    assert other == Taken(Hold(8, DISPATCHER, _at(59), _at(59 + IDLE_S)), "taken")


def test_the_higher_takes_over_and_the_lower_waits() -> None:
    dispatcher = take(None, 7, DISPATCHER, _at(0))
    assert isinstance(dispatcher, Taken)
    over = take(dispatcher.hold, 9, COMMANDER, _at(1))
    assert over == Taken(Hold(9, COMMANDER, _at(1), _at(1 + IDLE_S), taken_from=7), "taken_over")
    assert take(over.hold, 7, DISPATCHER, _at(2)) == Refused(over.hold)
    assert take(over.hold, 10, COMMANDER, _at(2)) == Refused(over.hold)


class Camera(RuleBasedStateMachine):
    """Whatever people do in whatever order, one holds the camera, and only a higher one takes it away."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.hold, self.last_use = START, None, START

    @rule(seconds=st.floats(0, 45))
    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(user=st.integers(1, 4), rank=st.sampled_from([ADMIN, DISPATCHER, COMMANDER]))
    def ask(self, user: int, rank: int) -> None:
        before = self.hold
        answer = take(before, user, rank, self.now)
        live = before is not None and self.now - self.last_use < timedelta(seconds=IDLE_S)
        if isinstance(answer, Refused):
            assert live and before is not None
            assert before.user_id != user and before.priority >= rank
            assert answer.hold == before
            return
        if live and before is not None and before.user_id != user:
            assert rank > before.priority
            assert (answer.news, answer.hold.taken_from) == ("taken_over", before.user_id)
        else:
            assert answer.news == ("kept" if live else "taken")
        self.hold, self.last_use = answer.hold, self.now

    @invariant()
    def one_holds_until_a_rest_after_the_last_use(self) -> None:
        people = [user for user in range(1, 5) if holds(self.hold, user, self.now)]
        rested = self.now - self.last_use >= timedelta(seconds=IDLE_S)
        assert len(people) == (0 if self.hold is None or rested else 1)


TestCamera = Camera.TestCase


@given(st.floats(0, 100), st.integers(1, 3))
def test_who_holds_it_is_never_refused(after_s: float, rank: int) -> None:
    taken = take(None, 1, COMMANDER, _at(0))
    assert isinstance(taken, Taken)
    assert isinstance(take(taken.hold, 1, rank, _at(after_s)), Taken)
