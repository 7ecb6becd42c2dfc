"""The feed: rows reach the right screens within a moment, and a screen that was cut off is told to start anew."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from gis.db import Database
from tests.support.console import Browser, Server, add_camera
from web.feed import CLOSE_SLOW, Client, Differ, FeedRow, message, visible
from web.model import CurrentUser


def open_feed(server: Server, browser: Browser | None, **headers: str) -> ClientConnection:
    cookie = browser.cookies["wanglou_session"] if browser else "none"
    return connect(
        f"ws://127.0.0.1:{server.port}/api/v1/feed",
        additional_headers={"Cookie": f"wanglou_session={cookie}", **headers},
        proxy=None,
    )


def wait_for(
    feed: ClientConnection, topic: str, fits: Callable[[dict[str, Any]], bool] = lambda _row: True
) -> dict[str, Any]:
    """The first row of ``topic`` that fits, within half a minute."""
    deadline = time.monotonic() + 30
    while True:
        found = json.loads(feed.recv(timeout=max(0.01, deadline - time.monotonic())))
        if found["topic"] == topic:
            for row in found.get("rows", [found]):
                if fits(row):
                    return dict(row)


def raise_alarm(database: Database, camera_id: int | None, cause: str) -> int:
    """An alarm of an event of this camera."""
    event = database.row(
        "INSERT INTO event (uid, camera_id, rule, kind, priority, confidence, at, box, why, why_en) VALUES "
        "(gen_random_uuid(), %s, 'intrusion', 'person', 1, 0.9, now(), '{0,0,1,1}', '有人', 'someone') RETURNING id",
        [camera_id],
    )
    assert event is not None
    row = database.row(
        "INSERT INTO alarm (priority, kind, cause, event_id, camera_id, first_at, last_at, title, title_en) "
        "VALUES (1, 'intrusion', %s, %s, %s, now(), now(), '入侵', 'Intrusion') RETURNING id",
        [cause, event.id, camera_id],
    )
    assert row is not None
    found: int = row.id
    return found


def test_an_alarm_is_on_the_screen_without_anybody_looking_for_it(
    console: Server, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = add_camera(database, "a")
    with open_feed(console, console.browser().login("dora")) as feed:
        assert json.loads(feed.recv(timeout=5))["topic"] == "hello"
        wait_for(feed, "tick")
        monkeypatch.setattr("web.feed.POLL_S", 3600.0)  # what comes now was notified
        for i in range(10):
            alarm = raise_alarm(database, camera, f"zone:{i}")
            row = wait_for(feed, "alarm", lambda r, alarm=alarm: bool(r["id"] == alarm))
            assert row["title"] == "入侵" and row["camera_id"] == camera


def test_each_person_gets_what_they_may_see(console: Server, database: Database) -> None:
    mine, other = add_camera(database, "mine"), add_camera(database, "other")
    people = {name: console.browser().login(name) for name in ("dora", "scoped", "rita", "resi")}
    with ExitStack() as stack:
        feeds = {
            name: stack.enter_context(open_feed(console, browser))
            for name, browser in people.items()
        }
        _each_gets_what_they_may_see(database, feeds, mine, other)


def _each_gets_what_they_may_see(
    database: Database, feeds: dict[str, ClientConnection], mine: int, other: int
) -> None:
    for feed in feeds.values():
        wait_for(feed, "tick")
    hidden = raise_alarm(database, other, "zone:1")
    shown = raise_alarm(database, mine, "zone:2")
    seen: dict[str, set[int]] = {name: set() for name in feeds}
    officers = {"dora", "scoped"}
    cameras: dict[str, set[int]] = {name: set() for name in feeds}
    marker = add_camera(database, "marker")
    database.run("UPDATE camera SET name = 'x' WHERE id = %s", [mine])
    for name, feed in feeds.items():
        told = False
        while True:
            found = json.loads(feed.recv(timeout=5))
            if found["topic"] == "tick" and told and (shown in seen[name]) == (name in officers):
                break
            ids = {row["id"] for row in found.get("rows", [])}
            if found["topic"] == "alarm":
                seen[name] |= ids
            if found["topic"] == "camera":
                cameras[name] |= ids
                told = told or any(row["name"] == "x" for row in found["rows"])
    assert seen == {"dora": {hidden, shown}, "scoped": {shown}, "rita": set(), "resi": set()}
    assert marker in cameras["dora"] and cameras["scoped"] == {mine}


def test_a_crew_sees_its_own_incident_and_no_other(console: Server, database: Database) -> None:
    for code in ("P-1", "P-2"):
        database.run("INSERT INTO unit (code, name, service) VALUES (%s, '巡逻', 'police')", [code])
    database.run("UPDATE app_user SET unit_id = 1 WHERE name = 'resi'")
    with open_feed(console, console.browser().login("resi")) as feed:
        wait_for(feed, "unit", lambda r: bool(r["code"] == "P-2"))  # units are everybody's
        for unit in (2, 1):
            row = database.row(
                "INSERT INTO incident (type, title, priority, geom, opened_by) VALUES ('fire', '火警', 1, "
                "ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326), 'dora') RETURNING id"
            )
            assert row is not None
            database.run(
                "INSERT INTO assignment (incident_id, unit_id, dispatched_by, dispatched_at) VALUES (%s, %s, 'dora', now())",
                [row.id, unit],
            )
        first = wait_for(feed, "incident")
        assert first["id"] == row.id  # the other crew's incident never came
        assert wait_for(feed, "assignment")["unit_id"] == 1


def test_vehicles_come_once_a_second_and_only_when_they_moved(
    console: Server, database: Database
) -> None:
    for number in (1, 2):
        database.run(
            "INSERT INTO device (protocol, key, kind, name) VALUES ('jt808', %s, 'vehicle', 'v')",
            [str(number)],
        )
        database.run(
            "INSERT INTO position_latest (device_id, at, geom, received_at) VALUES (%s, now(), "
            "ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326), now())",
            [number],
        )
    with open_feed(console, console.browser().login("dora")) as feed:
        wait_for(feed, "vehicle")
        database.run(
            "UPDATE position_latest SET geom = ST_SetSRID(ST_MakePoint(121, 31), 4326), at = now() WHERE device_id = 2"
        )
        while (moved := json.loads(feed.recv(timeout=30)))["topic"] != "vehicle":
            pass
        assert [(row["id"], row["lon"]) for row in moved["rows"]] == [(2, 121)]


def test_a_burst_is_fetched_together(console: Server, database: Database) -> None:
    camera = add_camera(database, "a")
    with open_feed(console, console.browser().login("dora")) as feed:
        wait_for(feed, "tick")
        with database.transaction() as cursor:
            for i in range(100):
                cursor.execute(
                    "INSERT INTO event (uid, camera_id, rule, kind, priority, confidence, at, box, why, why_en) VALUES "
                    "(gen_random_uuid(), %s, 'intrusion', 'person', 1, 0.9, now(), '{0,0,1,1}', 'x', 'x') RETURNING id",
                    [camera],
                )
                event = cursor.fetchone().id
                cursor.execute(
                    "INSERT INTO alarm (priority, kind, cause, event_id, camera_id, first_at, last_at, title, title_en) "
                    "VALUES (1, 'intrusion', %s, %s, %s, now(), now(), 'x', 'x')",
                    [f"zone:{i}", event, camera],
                )
        got: list[int] = []
        while sum(got) < 100:
            found = json.loads(feed.recv(timeout=5))
            if found["topic"] == "alarm":
                got.append(len(found["rows"]))
        assert len(got) <= 3


def test_strangers_and_other_sites_get_nothing(console: Server) -> None:
    with open_feed(console, None) as feed:
        with pytest.raises(ConnectionClosed) as closed:
            feed.recv(timeout=5)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4401
    browser = console.browser().login("dora")
    with pytest.raises(InvalidStatus) as refused:
        open_feed(console, browser, Origin="https://evil.example")
    assert refused.value.response.status_code == 403
    with open_feed(console, browser, Origin=console.url) as feed:
        assert json.loads(feed.recv(timeout=5))["topic"] == "hello"


def test_logging_out_closes_the_feed(console: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, other = console.browser().login("dora"), console.browser().login("dora")
    with open_feed(console, browser) as feed, open_feed(console, other) as kept:
        wait_for(feed, "tick")
        browser.post("/api/v1/logout")
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                feed.recv(timeout=8)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4401
        wait_for(kept, "tick")


def test_after_the_database_was_away_everybody_starts_anew(
    console: Server, database: Database
) -> None:
    with open_feed(console, console.browser().login("dora")) as feed:
        wait_for(feed, "tick")
        database.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'wanglou console'"
        )
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                feed.recv(timeout=8)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1012
    camera = add_camera(database, "later")
    with open_feed(console, console.browser().login("dora")) as feed:
        wait_for(feed, "tick")
        raise_alarm(database, camera, "zone:1")
        wait_for(feed, "alarm")


def test_a_screen_that_cannot_keep_up_is_ended() -> None:
    async def walk() -> None:
        client = Client(_user(), size=3)
        for i in range(3):
            client.put(str(i))
        assert not client.ended.done()
        client.put("one too many")
        assert client.ended.result()[0] == CLOSE_SLOW
        client.put("and another")  # nothing piles up
        assert client.queue.qsize() == 3

    asyncio.run(walk())


def _user(**values: Any) -> CurrentUser:
    given: dict[str, Any] = {
        "roles": frozenset({"dispatcher"}),
        "camera_ids": None,
        "unit_id": None,
    } | values
    return CurrentUser(id=1, name="x", display_name="X", language="en", **given)


@pytest.mark.parametrize(
    ("user", "topic", "row", "expected"),
    [
        (_user(), "alarm", FeedRow(1, "{}", 5), True),
        (_user(camera_ids=frozenset({4})), "alarm", FeedRow(1, "{}", 5), False),
        (_user(camera_ids=frozenset({4})), "alarm", FeedRow(1, "{}", None), True),
        (_user(roles=frozenset({"reviewer"})), "alarm", FeedRow(1, "{}"), False),
        (_user(roles=frozenset({"reviewer"})), "incident", FeedRow(1, "{}"), True),
        (_user(roles=frozenset({"responder"}), unit_id=3), "incident", FeedRow(1, "{}"), False),
        (_user(roles=frozenset({"responder"}), unit_id=3), "incident", FeedRow(1, "{}", None, frozenset({3})), True),
        (_user(roles=frozenset({"responder"})), "assignment", FeedRow(1, "{}", None, frozenset({3})), False),
        (_user(roles=frozenset({"responder"})), "vehicle", FeedRow(1, "{}"), True),
    ],
)  # fmt: skip
def test_who_sees_what(user: CurrentUser, topic: str, row: FeedRow, expected: bool) -> None:
    assert visible(user, topic, row) is expected


def test_messages_are_json_and_differences_are_told_once() -> None:
    rows = [FeedRow(1, '{"id":1}'), FeedRow(2, '{"id":2}')]
    assert json.loads(message("unit", rows)) == {"topic": "unit", "rows": [{"id": 1}, {"id": 2}]}
    differ = Differ()
    assert differ.changed(rows) == rows and differ.changed(rows) == []
    assert differ.changed([FeedRow(2, '{"id":2,"x":1}')]) == [FeedRow(2, '{"id":2,"x":1}')]
