"""The process: events become alarms at once, nothing is lost over a restart, timers run."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest

from command import alarms, main, views
from command.main import Events, Timers
from command.settings import CommandSettings
from gis.db import Database, Listener
from tests.support.town import real_time

DEADLINE_S = 20.0


def until(condition: Callable[[], Any]) -> Any:
    """Waits for a true answer and returns it."""
    end = time.monotonic() + DEADLINE_S
    pause = threading.Event()
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        pause.wait(0.02)
    raise AssertionError(f"not within {DEADLINE_S:g} s")


@contextmanager
def running(url: str) -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = threading.Thread(target=main.run, args=(CommandSettings(url), stop))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(timeout=5)
        assert not thread.is_alive(), "it did not stop within 5 s"


def test_an_event_becomes_an_alarm_at_once(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "SWEEP_EVERY_S", 3600.0)  # nothing but the notification tells of it
    town = real_time(database)
    camera = town.camera("C1")
    zones = [town.zone(camera, f"z{i}") for i in range(12)]
    town.event(camera, zones[0])
    with running(database_url):
        until(lambda: views.alarms(town.database))  # caught up: it listens now
        listener = Listener(town.database, ["alarm"])
        assert listener.wait(0) is None
        for zone in zones[1:]:
            town.event(camera, zone)
            until(lambda: listener.wait(1.0))
        listener.close()
        state = until(
            lambda: town.database.row("SELECT facts FROM process_state WHERE name = 'command'")
        )
        assert "alarms_raised" in state.facts
    assert len(views.alarms(town.database)) == 12


def test_what_came_while_it_was_away_is_caught_up(database: Database, database_url: str) -> None:
    town = real_time(database)
    camera = town.camera("C1")
    zone = town.zone(camera)
    first, second = town.event(camera, zone), town.event(camera, zone)
    town.device_event(town.device("1"))
    with running(database_url):
        until(lambda: len(views.alarms(town.database)) == 2)
    folded = next(a for a in views.alarms(town.database) if a.kind == "intrusion")
    assert (folded.count, folded.event_id) == (2, max(first, second))


def test_it_comes_back_after_the_database_dropped_it(database: Database, database_url: str) -> None:
    town = real_time(database)
    camera = town.camera("C1")
    with running(database_url):
        until(lambda: _sessions(town.database))
        town.database.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'wanglou command'"
        )
        town.event(camera, town.zone(camera))
        until(lambda: views.alarms(town.database))


def _sessions(database: Database) -> bool:
    rows = database.rows(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'wanglou command' AND query LIKE 'LISTEN%'"
    )
    return bool(rows)


def test_a_lost_notification_costs_delay_only(town: Any) -> None:
    events = Events(town.database, town.clock, 3600)
    camera = town.camera("C1")
    town.event(camera, town.zone(camera))
    events.take([])
    assert views.alarms(town.database) == []
    town.clock.advance(main.SWEEP_EVERY_S)
    events.take([])
    assert len(views.alarms(town.database)) == 1
    assert (events.raised, events.failed) == (1, 0)


def test_one_event_that_fails_stops_no_other(town: Any, monkeypatch: Any) -> None:
    events = Events(town.database, town.clock, 3600)
    camera = town.camera("C1")
    bad, good = town.zone(camera, "bad"), town.zone(camera, "good")
    ids = [town.event(camera, bad), town.event(camera, good)]
    real = alarms.handle

    def fail(database: Any, clock: Any, cause: Any) -> Any:
        if cause.subject.zh == "bad":
            raise psycopg2.errors.CheckViolation("no")
        return real(database, clock, cause)

    with monkeypatch.context() as patch:
        patch.setattr(alarms, "handle", fail)
        events.take([("event", str(i)) for i in ids])
    assert (events.raised, events.failed) == (1, 1)
    events.catch_up(3600)
    assert events.raised == 2


def test_more_events_than_one_batch(town: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(main, "_BATCH", 3)
    camera = town.camera("C1")
    zone = town.zone(camera)
    for _ in range(7):
        town.event(camera, zone)
    Events(town.database, town.clock, 3600).take(None)
    assert views.alarms(town.database)[0].count == 7


def test_timers(town: Any) -> None:
    timers = Timers(town.database, town.clock)
    camera = town.camera("C1")
    number = town.open()
    sent = town.send(number, town.unit("P-01"))
    town.step(town.send(number, town.unit("P-02")), "acknowledge", key="phone-key-1")
    alarm_id = town.raised(town.event(camera, town.zone(camera))).alarm_id
    alarms.shelve(town.database, town.clock, "dora", alarm_id, 1, 1)
    timers.tick()
    assert (timers.unanswered, timers.unshelved) == (0, 0)
    town.clock.advance(60)
    timers.tick()
    assert (timers.unanswered, timers.unshelved) == (1, 1)
    assert town.assignment(sent).no_ack_at == town.clock.now()
    held = "SELECT to_at FROM evidence_hold"
    town.clock.advance(600)
    timers.tick()
    assert all(row.to_at == town.after(900) for row in town.database.rows(held))
    town.clock.advance(main.FORGET_AFTER_S)
    timers.tick()
    assert town.database.rows("SELECT 1 FROM idempotency") == []
    assert timers.failed == 0


def test_facts_are_json(town: Any) -> None:
    facts = main._facts(
        town.database, Events(town.database, town.clock, 1), Timers(town.database, town.clock)
    )
    assert json.loads(json.dumps(dict(facts)))["alarms_open"] == 0
