"""The log alone rebuilds what the tables hold, after any history."""

from __future__ import annotations

import random
import threading
from typing import Any, get_args

import pytest

from command import dispatch, incidents, views
from command.incidents import Edit
from command.log import replay, verify
from command.model import Step
from gis.errors import InvalidInput, StaleVersion, WrongState
from gis.model import LonLat

STEPS: tuple[Step, ...] = get_args(Step)


def act(town: Any, dice: random.Random, number: int, units: list[int]) -> None:
    database, clock = town.database, town.clock
    clock.advance(dice.choice([0, 1.25, 5, 20, 70]))
    version = town.incident(number).version
    assignments = town.assignments(number)
    chosen = dice.choice(assignments) if assignments else None
    match dice.choice(["send", "send", "step", "step", "step", "step", "undo", "undo", "recall", "edit",
                       "mark", "note", "no_ack", "close", "reopen"]):  # fmt: skip
        case "send":
            town.send(number, dice.choice(units))
        case "step" if chosen:
            at = town.after(-dice.uniform(-30, 60))
            town.step(chosen.id, dice.choice(STEPS), at, reason="no fuel")
            if dice.random() < 0.4:
                moved = town.assignment(chosen.id)
                dispatch.undo(database, clock, "resi", moved.id, moved.version)
        case "undo" if chosen:
            dispatch.undo(database, clock, "resi", chosen.id, chosen.version)
        case "recall" if chosen:
            dispatch.recall(database, clock, "dora", chosen.id, chosen.version)
        case "edit":
            edit = Edit(
                title=dice.choice([None, "火"]),
                priority=dice.randint(1, 4),
                level=dice.choice([None, 2]),
                clear_level=dice.random() < 0.2,
                where=dice.choice([None, LonLat(round(dice.uniform(120, 121), 6), 31.4)]),
            )
            incidents.edit(database, clock, "dora", number, version, edit)
        case "mark":
            mark: Any = dice.choice(["controlled", "clearing"])
            incidents.edit(database, clock, "dora", number, version, Edit(mark=mark))
        case "note":
            incidents.note(database, clock, "dora", number, "…")
        case "no_ack":
            dispatch.mark_unanswered(database, clock)
        case "close" if dice.random() < 0.5:
            outcome: Any = dice.choice(["closed", "false_alarm", "cancelled"])
            incidents.close(database, clock, "dora", number, version, outcome, "n")
        case "reopen":
            incidents.reopen(database, clock, "dora", number, version)


@pytest.mark.parametrize("seed", [1, 5, 7])
def test_the_log_rebuilds_the_rows_after_a_random_history(town: Any, seed: int) -> None:
    dice = random.Random(seed)
    town.street(1, LonLat(120.97, 31.38), LonLat(120.99, 31.38))
    camera = town.camera("C1")
    alarm_id = town.raised(town.event(camera, town.zone(camera))).alarm_id
    units = [town.unit(f"P-0{i}") for i in range(3)]
    number = town.open(where=None, alarm_id=alarm_id, alarm_version=1)
    refused = 0
    for _ in range(90):
        try:
            act(town, dice, number, units)
        except (WrongState, InvalidInput):
            refused += 1
        told = replay(town.log(number))
        assert told.facts == town.incident(number).facts
        assert list(told.assignments) == town.assignments(number)
    entries = town.log(number)
    assert verify(entries) is None
    assert told.alarm_ids == {alarm_id}
    assert 0 < refused < 90
    assert {"dispatched", "edited", "undone"} <= {e.kind for e in entries}


def test_many_hands_at_once_leave_one_true_story(town: Any) -> None:
    town.street(1, LonLat(120.97, 31.38), LonLat(120.99, 31.38))
    camera = town.camera("C1")
    zone = town.zone(camera)
    units = [town.unit(f"P-0{i}") for i in range(3)]
    first = town.raised(town.event(camera, zone)).alarm_id
    numbers = [town.open(where=None, alarm_id=first, alarm_version=1), town.open()]
    surprises: list[BaseException] = []
    done: list[int] = []

    def hands(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(20):
            try:
                if dice.random() < 0.2:
                    town.raised(town.event(camera, zone))
                else:
                    act(town, dice, dice.choice(numbers), units)
                done.append(seed)
            except (WrongState, InvalidInput, StaleVersion):
                continue
            except BaseException as error:
                surprises.append(error)
                raise

    threads = [threading.Thread(target=hands, args=(seed,)) for seed in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert surprises == []
    assert len(done) > 20
    for number in numbers:
        entries = town.log(number)
        assert verify(entries) is None
        told = replay(entries)
        assert told.facts == town.incident(number).facts
        assert list(told.assignments) == town.assignments(number)
    events = town.database.rows("SELECT count(*) FROM event")[0][0]
    assert sum(a.count for a in views.alarms(town.database, open_only=False)) == events
