"""Incidents over HTTP: from the alarm to the closed file."""

from __future__ import annotations

from typing import Any

from gis.db import Database
from gis.model import LonLat
from tests.support.console import Server
from tests.support.town import Town, real_time

API = "/api/v1/incidents"
WEST = LonLat(120.9798, 31.38)


def opened(browser: Any, **body: Any) -> Any:
    answer = browser.post(
        API, json={"type": "fire", "priority": 1, "lon": 120.98, "lat": 31.38} | body
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def alarm_of(town: Town, camera: int) -> int:
    return town.raised(town.event(camera, town.zone(camera))).alarm_id


def test_from_alarm_to_closed(console: Server, database: Database) -> None:
    town = real_time(database)
    town.street(1, LonLat(120.97, 31.38), LonLat(120.99, 31.38))
    camera = town.camera("C1", WEST)
    unit = town.unit("P-03", at=LonLat(120.975, 31.38))
    browser = console.browser().login("dora")
    detail = browser.post(
        API,
        json={
            "type": "intrusion",
            "priority": 2,
            "alarm_id": alarm_of(town, camera),
            "alarm_version": 1,
        },
    ).json()
    number = detail["incident"]["id"]
    assert detail["incident"]["title_en"] == "Person in guarded yard: west of North Gate waterworks"
    assert [h["camera_id"] for h in detail["holds"]] == [camera]
    assert [c["camera_id"] for c in detail["cameras"]] == [camera]
    assert [e["kind"] for e in detail["log"]] == ["opened", "alarm_linked", "evidence_held"]
    assert detail["log_intact"] is True

    (best,) = browser.get(f"{API}/{number}/recommendations").json()
    assert (best["unit_id"], best["recommended"]) == (unit, True)
    assert best["route"][0] == [120.975, 31.38] and best["why_en"].startswith("free, police")
    body = {"expected_version": 1, "unit_id": unit, "note": "走北门"}
    detail = browser.post(f"{API}/{number}/dispatch", json=body).json()
    assert detail["incident"]["state"] == "assigned" and detail["incident"]["units"] == 1
    (assignment,) = detail["assignments"]
    assert (assignment["unit_code"], assignment["note"]) == ("P-03", "走北门")
    stale = browser.post(f"{API}/{number}/dispatch", json=body).json()["error"]
    assert (stale["code"], stale["current"]["version"]) == ("stale_version", 2)
    taken = browser.post(f"{API}/{number}/dispatch", json=body | {"expected_version": 2})
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "wrong_state")

    detail = browser.patch(f"{API}/{number}", json={"expected_version": 2, "level": 4}).json()
    assert detail["incident"]["level"] == 4
    detail = browser.patch(
        f"{API}/{number}", json={"expected_version": 3, "level": None, "state": "controlled"}
    ).json()
    assert (detail["incident"]["level"], detail["incident"]["state"]) == (None, "controlled")
    assert browser.post(f"{API}/{number}/notes", json={"text": "门已锁"}).json()["log"][-1][
        "body"
    ] == {"text": "门已锁"}
    second = alarm_of(town, town.camera("C2", WEST))
    detail = browser.post(
        f"{API}/{number}/alarms", json={"expected_version": 4, "alarm_id": second}
    ).json()
    assert len(detail["alarms"]) == len(detail["holds"]) == 2
    closing = {"expected_version": 5, "outcome": "false_alarm", "note": "猫"}
    detail = browser.post(f"{API}/{number}/close", json=closing).json()
    assert detail["incident"]["state"] == "false_alarm" and detail["incident"]["units"] == 0
    assert detail["assignments"][0]["state"] == "recalled"
    assert {a["state"] for a in detail["alarms"]} == {"cleared"}
    assert browser.get(API).json() == []
    assert len(browser.get(API, params={"state": "closed"}).json()) == 1
    detail = browser.post(f"{API}/{number}/reopen", json={"expected_version": 6}).json()
    assert detail["incident"]["state"] == "open"
    actions = database.rows(
        "SELECT action FROM audit WHERE subject = %s ORDER BY id", (f"incident:{number}",)
    )
    assert [row.action for row in actions] == [
        "create_incident", "dispatch", "change_incident", "change_incident", "note_incident", "link_alarm",
        "close_incident", "reopen_incident",
    ]  # fmt: skip


def test_bad_input_names_the_field(console: Server, database: Database) -> None:
    browser = console.browser().login("dora")
    number = opened(browser)["incident"]["id"]
    for body, field in (
        ({"type": "fire", "priority": 1}, "lon"),
        ({"type": "fire", "priority": 1, "lon": 120}, "lat"),
        ({"type": "fire", "priority": 5, "lon": 120, "lat": 31}, "priority"),
        ({"type": "war", "priority": 1, "lon": 120, "lat": 31}, "type"),
        ({"type": "fire", "priority": 1, "lon": 120, "lat": 91}, "lat"),
        ({"type": "fire", "priority": 1, "alarm_id": 1}, "alarm_version"),
    ):
        answer = browser.post(API, json=body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["error"]["fields"][0]["field"] == field
    assert (
        browser.patch(f"{API}/{number}", json={"expected_version": 1, "lat": 31}).status_code == 422
    )
    assert browser.post(f"{API}/{number}/notes", json={"text": "\x00"}).status_code == 422
    huge = 10**20
    assert browser.get(f"{API}/9999").status_code == 404
    assert browser.get(f"{API}/{huge}").status_code == 404
    link = {"expected_version": 1, "alarm_id": huge}
    assert browser.post(f"{API}/{number}/alarms", json=link).status_code == 404
    for unit in (99, huge):
        sent = {"expected_version": 1, "unit_id": unit}
        assert browser.post(f"{API}/{number}/dispatch", json=sent).status_code == 404
    assert len(browser.get(API).json()) == 1


def test_who_may_do_what(console: Server, database: Database) -> None:
    number = opened(console.browser().login("carl"))["incident"]["id"]
    reviewer = console.browser().login("rita")
    assert reviewer.get(f"{API}/{number}").status_code == 200
    assert reviewer.get(API).status_code == 200
    assert reviewer.get(f"{API}/{number}/recommendations").status_code == 403
    for name in ("rita", "resi", "root-1"):
        browser = console.browser().login(name)
        assert browser.post(f"{API}/{number}/notes", json={"text": "x"}).status_code == 403
        assert browser.post(API, json={"type": "fire", "priority": 1}).status_code == 403
    assert console.browser().login("resi").get(f"{API}/{number}").status_code == 403
    assert console.browser().get(API).status_code == 401


def test_a_scoped_officer_sees_the_own_cameras_only(console: Server, database: Database) -> None:
    town = real_time(database)
    mine, other = town.camera("C1", WEST), town.camera("C2", WEST)
    number = opened(console.browser().login("dora"))["incident"]["id"]
    hidden = alarm_of(town, other)
    scoped = console.browser().login("scoped")
    detail = scoped.get(f"{API}/{number}").json()
    assert [c["camera_id"] for c in detail["cameras"]] == [mine]
    assert [h["camera_id"] for h in detail["holds"]] == [mine]
    link = {"expected_version": 1, "alarm_id": hidden}
    assert scoped.post(f"{API}/{number}/alarms", json=link).status_code == 404
    from_alarm = {"type": "fire", "priority": 1, "alarm_id": hidden, "alarm_version": 1}
    assert scoped.post(API, json=from_alarm).status_code == 404
