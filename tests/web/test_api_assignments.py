"""Crews' phones: step by step, sent twice, taken back, only for the own unit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from gis.db import Database
from gis.model import LonLat
from tests.support.console import Server
from tests.support.town import Town, real_time
from web.model import ConsoleSettings

API = "/api/v1/assignments"


def crewed(database: Database, name: str = "resi") -> tuple[Town, int]:
    town = real_time(database)
    unit = town.unit("P-03")
    database.run("UPDATE app_user SET unit_id = %s WHERE name = %s", (unit, name))
    return town, unit


def advance(
    browser: Any, number: int, step: str, version: int, at: Any, key: str, **more: Any
) -> Any:
    body = {"expected_version": version, "step": step, "t_event": at.isoformat()} | more
    return browser.post(f"{API}/{number}/advance", json=body, headers={"Idempotency-Key": key})


def test_the_way_of_a_phone(console: Server, database: Database) -> None:
    town, unit = crewed(database)
    town.street(1, LonLat(120.97, 31.38), LonLat(120.99, 31.38))
    phone = console.browser().login("resi")
    mine = phone.get("/api/v1/me/assignment").json()
    assert (mine["unit"]["code"], mine["assignment"], mine["unit"]["status"]) == (
        "P-03",
        None,
        "available",
    )
    number = town.send(town.open(LonLat(120.985, 31.38)), unit)
    mine = phone.get("/api/v1/me/assignment").json()
    assert mine["assignment"]["state"] == "dispatched"
    assert mine["route"][-1] == [120.985, 31.38] and mine["eta_s"] > 0

    now = town.clock.now()
    first = advance(phone, number, "acknowledge", 1, now, "key-0001")
    assert (first.status_code, first.json()["state"]) == (200, "acknowledged")
    assert advance(phone, number, "acknowledge", 1, now, "key-0001").json() == first.json()
    stale = advance(phone, number, "enroute", 1, now, "key-0002")
    assert stale.status_code == 409
    assert stale.json()["error"]["current"]["version"] == 2
    assert advance(phone, number, "enroute", 2, now, "key-0002").json()["state"] == "enroute"
    undone = phone.post(f"{API}/{number}/undo", json={"expected_version": 3}).json()
    assert (undone["state"], undone["version"]) == ("acknowledged", 4)
    future = advance(phone, number, "enroute", 4, now + timedelta(hours=1), "key-0003")
    assert future.status_code == 422
    assert future.json()["error"]["fields"][0]["field"] == "t_event"
    no_reason = advance(phone, number, "decline", 4, now, "key-0004")
    assert no_reason.json()["error"]["fields"][0]["field"] == "reason"
    declined = advance(phone, number, "decline", 4, now, "key-0004", reason="flat tyre").json()
    assert (declined["state"], declined["decline_reason"]) == ("declined", "flat tyre")
    assert phone.get("/api/v1/me/assignment").json()["assignment"] is None
    audited = database.rows(
        "SELECT action FROM audit WHERE actor = 'resi' AND subject = %s", (f"assignment:{number}",)
    )
    assert [row.action for row in audited].count("advance_assignment") == 3


def test_a_key_is_needed_and_belongs_to_one_action(console: Server, database: Database) -> None:
    town, unit = crewed(database)
    number = town.send(town.open(), unit)
    phone = console.browser().login("resi")
    now = town.clock.now()
    body = {"expected_version": 1, "step": "acknowledge", "t_event": now.isoformat()}
    assert phone.post(f"{API}/{number}/advance", json=body).status_code == 422
    assert advance(phone, number, "acknowledge", 1, now, "short").status_code == 422
    for edge in ("0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "soon"):
        refused = phone.post(
            f"{API}/{number}/advance",
            json=body | {"t_event": edge},
            headers={"Idempotency-Key": "key-0000"},
        )
        assert refused.status_code == 422, refused.text
        assert refused.json()["error"]["fields"][0]["field"] == "t_event"
    naive = now.replace(tzinfo=None)
    assert advance(phone, number, "acknowledge", 1, naive, "key-0001").status_code == 422
    assert advance(phone, number, "acknowledge", 1, now, "key-0001").status_code == 200
    other = advance(phone, number, "onscene", 2, now, "key-0001")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "wrong_state")


def test_only_the_own_unit_and_only_officers_recall(console: Server, database: Database) -> None:
    town, unit = crewed(database)
    other = town.unit("P-09")
    incident = town.open()
    mine, theirs = town.send(incident, unit), town.send(incident, other)
    phone = console.browser().login("resi")
    now = town.clock.now()
    assert advance(phone, theirs, "acknowledge", 1, now, "key-0001").status_code == 403
    assert phone.post(f"{API}/{theirs}/undo", json={"expected_version": 1}).status_code == 403
    assert phone.post(f"{API}/{mine}/recall", json={"expected_version": 1}).status_code == 403
    assert advance(phone, 99, "acknowledge", 1, now, "key-0001").status_code == 404
    officer = console.browser().login("dora")
    assert officer.get("/api/v1/me/assignment").status_code == 403
    assert advance(officer, theirs, "acknowledge", 1, now, "key-0002").status_code == 200
    recalled = officer.post(f"{API}/{mine}/recall", json={"expected_version": 1})
    assert (recalled.status_code, recalled.json()["state"]) == (200, "recalled")
    late = advance(phone, mine, "enroute", 2, town.after(30), "key-0003")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "wrong_state")
    reviewer = console.browser().login("rita")
    assert advance(reviewer, mine, "enroute", 2, now, "key-0004").status_code == 403


def test_a_responder_without_a_unit_is_told(console: Server, database: Database) -> None:
    phone = console.browser().login("resi")
    answer = phone.get("/api/v1/me/assignment")
    assert answer.status_code == 404
    assert "belongs to no unit: an administrator can set one" in answer.json()["error"]["message"]


def test_a_crew_sees_the_picture_of_its_own_incident_only(
    console: Server, database: Database, settings: ConsoleSettings
) -> None:
    town, unit = crewed(database)
    town.street(1, LonLat(120.97, 31.38), LonLat(120.99, 31.38))
    snapshots = settings.snapshots
    snapshots.mkdir(parents=True, exist_ok=True)
    (snapshots / "a.jpg").write_bytes(b"\xff\xd8\xff picture")
    camera = town.camera("cam-1")
    own = town.event(camera, town.zone(camera), snapshot="a.jpg")
    other = town.event(camera, town.zone(camera, "别处", "elsewhere"), snapshot="a.jpg")
    alarm = town.raised(own).alarm_id
    phone = console.browser().login("resi")
    assert phone.get(f"/api/v1/events/{own}/snapshot.jpg").status_code == 403
    town.send(town.open(alarm_id=alarm, alarm_version=1), unit)
    assert phone.get(f"/api/v1/events/{own}/snapshot.jpg").status_code == 200
    assert phone.get(f"/api/v1/events/{other}/snapshot.jpg").status_code == 403
