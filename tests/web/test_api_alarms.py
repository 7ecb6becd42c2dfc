"""Alarms over HTTP: who may see and decide, both values on a conflict, an audit entry for each decision."""

from __future__ import annotations

from gis.db import Database
from tests.support.console import Server
from tests.support.town import real_time

API = "/api/v1/alarms"


def test_an_officer_works_through_the_alarms(console: Server, database: Database) -> None:
    town = real_time(database)
    camera = town.camera("C1")
    zone = town.zone(camera)
    event = town.event(camera, zone, snapshot="2026/01/01/a.jpg")
    number = town.raised(event).alarm_id
    town.device_raised(town.device_event(town.device("1")))
    browser = console.browser().login("dora")
    sos, alarm = browser.get(API).json()
    assert (sos["kind"], sos["priority"], sos["camera_id"]) == ("sos", 1, None)
    assert alarm["title"] == "重点院落有人闯入：北门水厂西侧"
    assert alarm["snapshot_url"] == f"/api/v1/events/{event}/snapshot.jpg"
    assert alarm["ellipse"] == {"major_m": 2.0, "minor_m": 1.0, "angle_deg": 30.0}

    acked = browser.post(f"{API}/{number}/ack", json={"expected_version": 1})
    assert acked.status_code == 200, acked.text
    assert (acked.json()["state"], acked.json()["handled_by"]) == ("acked", "dora")
    stale = browser.post(f"{API}/{number}/shelve", json={"expected_version": 1, "minutes": 5})
    assert stale.status_code == 409
    error = stale.json()["error"]
    assert error["code"] == "stale_version"
    assert (error["current"]["version"], error["sent"]["expected_version"]) == (2, 1)
    shelved = browser.post(f"{API}/{number}/shelve", json={"expected_version": 2, "minutes": 5})
    assert shelved.json()["state"] == "shelved" and shelved.json()["shelved_until"]
    reason = {"expected_version": 3, "reason": "猫"}
    assert browser.post(f"{API}/{number}/dismiss", json=reason).json()["dismiss_reason"] == "猫"
    again = browser.post(f"{API}/{number}/dismiss", json=reason | {"expected_version": 4})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "wrong_state")

    assert [a["id"] for a in browser.get(API).json()] == [sos["id"]]
    everything = browser.get(API, params={"state": "all", "limit": 1}).json()
    older = browser.get(API, params={"state": "all", "before": everything[0]["last_at"]}).json()
    assert [a["id"] for a in older] == [number]
    audited = database.rows(
        "SELECT actor, action FROM audit WHERE subject = %s ORDER BY id", (f"alarm:{number}",)
    )
    assert [tuple(row) for row in audited] == [
        ("dora", "ack_alarm"),
        ("dora", "shelve_alarm"),
        ("dora", "dismiss_alarm"),
    ]


def test_bad_input_names_the_field(console: Server, database: Database) -> None:
    town = real_time(database)
    camera = town.camera("C1")
    number = town.raised(town.event(camera, town.zone(camera))).alarm_id
    browser = console.browser().login("carl")
    for path, body, field in (
        ("ack", {}, "expected_version"),
        ("shelve", {"expected_version": 1, "minutes": 0}, "minutes"),
        ("dismiss", {"expected_version": 1, "reason": "  "}, "reason"),
        ("dismiss", {"expected_version": 1, "reason": "a\x00"}, "reason"),
        ("ack", {"expected_version": 1, "state": "acked"}, "state"),
    ):
        answer = browser.post(f"{API}/{number}/{path}", json=body)
        assert answer.status_code == 422, (path, body, answer.text)
        assert answer.json()["error"]["fields"][0]["field"] == field
    assert browser.get(API, params={"state": "some"}).status_code == 422
    assert browser.get(API, params={"before": "2026-01-01T00:00:00"}).status_code == 422
    missing = browser.post(f"{API}/99/ack", json={"expected_version": 1})
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")


def test_only_officers_and_only_their_cameras(console: Server, database: Database) -> None:
    town = real_time(database)
    mine, other = town.camera("C1"), town.camera("C2")
    assert mine == 1  # the one that the scoped officer may see
    seen = town.raised(town.event(mine, town.zone(mine))).alarm_id
    hidden = town.raised(town.event(other, town.zone(other))).alarm_id
    sos = town.device_raised(town.device_event(town.device("1"))).alarm_id
    scoped = console.browser().login("scoped")
    assert [a["id"] for a in scoped.get(API).json()] == [sos, seen]
    refused = scoped.post(f"{API}/{hidden}/ack", json={"expected_version": 1})
    assert refused.status_code == 404
    for name in ("rita", "resi", "root-1"):
        browser = console.browser().login(name)
        assert browser.get(API).status_code == 403
        assert browser.post(f"{API}/{seen}/ack", json={"expected_version": 1}).status_code == 403
