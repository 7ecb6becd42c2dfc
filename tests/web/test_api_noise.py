"""Noise over HTTP: rates, proposals, ignored areas, a zone tried on stored tracks."""

from __future__ import annotations

from datetime import timedelta

from analytics import track_store
from gis.db import Database
from tests.support.console import Server
from tests.support.noise import leafy, walk
from tests.support.town import Town, real_time

API = "/api/v1"


def yard(database: Database) -> tuple[Town, int, int]:
    town = real_time(database)
    camera = town.camera("C1")
    zone = town.zone(camera)
    outline = "{0.05,0.05,0.95,0.05,0.95,0.98,0.05,0.98}"
    database.run("UPDATE zone SET points = %s WHERE id = %s", (outline, zone))
    database.run("UPDATE camera SET analysed = true")
    return town, camera, zone


def test_rates_and_proposals_from_dismissal_to_one_click(
    console: Server, database: Database
) -> None:
    town, camera, zone = yard(database)
    leafy(town, camera, zone)
    admin = console.browser().login("root-1")
    (row,) = admin.get(f"{API}/noise").json()
    assert (row["camera_id"], row["rule"], row["zone_id"]) == (camera, "intrusion", zone)
    assert (row["month"]["false"], row["month"]["decided"]) == (6, 10)
    source = {"camera_id": camera, "rule": "intrusion", "zone_id": zone}
    found = admin.get(f"{API}/noise/proposals", params=source).json()
    assert [p["kind"] for p in found] == ["ignore", "dwell"]
    assert (found[0]["false_gone"], found[0]["true_all"], len(found[0]["examples"])) == (6, 4, 6)
    assert len(found[0]["kept"]) == 4 and len(found[0]["area"]) >= 3

    declined = admin.post(f"{API}/noise/proposals/decline", json=source | {"kind": "dwell"})
    assert declined.status_code == 204
    stale = source | {"kind": "ignore", "expected_version": 9}
    answer = admin.post(f"{API}/noise/proposals/apply", json=stale)
    assert (answer.status_code, answer.json()["error"]["current"]["version"]) == (409, 1)
    answer = admin.post(f"{API}/noise/proposals/apply", json=stale | {"expected_version": 1})
    assert answer.status_code == 200, answer.text
    (area,) = admin.get(f"{API}/zones/ignored", params={"camera_id": camera}).json()
    assert (area["zone_id"], area["made_by"]) == (zone, "root-1")
    assert admin.get(f"{API}/noise/proposals", params=source).json() == []
    assert admin.delete(f"{API}/zones/{zone}/ignored/{area['id']}").status_code == 204
    assert admin.delete(f"{API}/zones/{zone}/ignored/{area['id']}").status_code == 404
    audited = database.rows(
        "SELECT action FROM audit WHERE subject = %s ORDER BY id", (f"zone:{zone}",)
    )
    assert [r.action for r in audited] == ["decline_proposal", "apply_proposal", "delete_ignored"]


def test_who_may(console: Server, database: Database) -> None:
    _, camera, zone = yard(database)
    officer = console.browser().login("dora")
    assert officer.get(f"{API}/noise").status_code == 200
    query = {"camera_id": camera, "rule": "intrusion", "zone_id": zone}
    assert officer.get(f"{API}/noise/proposals", params=query).status_code == 403
    assert officer.post(f"{API}/zones/try", json={"zone": drawn(camera)}).status_code == 403
    area = {"camera_id": camera, "points": [[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]]}
    assert officer.post(f"{API}/zones/{zone}/ignored", json=area).status_code == 403


def drawn(camera: int, **more: object) -> dict[str, object]:
    left = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]
    return {"camera_id": camera, "name": "西侧", "rule": "intrusion", "points": left} | more


def test_a_zone_is_tried_on_the_tracks_of_the_last_day(console: Server, database: Database) -> None:
    town, camera, _ = yard(database)
    now = town.clock.now()
    for hours, to in ((1, 0.1), (2, 0.7), (3, 0.1), (30, 0.1)):
        record = walk(0.9, to, start=now - timedelta(hours=hours))
        track_store.write(database, record)
    database.run("UPDATE track SET camera_id = %s", (camera,))
    admin = console.browser().login("root-1")
    tried = admin.post(f"{API}/zones/try", json={"zone": drawn(camera)}).json()
    assert (tried["replayable"], tried["tracks"], tried["count"]) == (True, 3, 2)
    newest, oldest = tried["firings"]
    assert newest["at"] > oldest["at"] and newest["camera_id"] == camera
    assert "西侧" in newest["why"]
    left = [[[0, 0], [0.5, 0], [0.5, 1], [0, 1]]]
    assert (
        admin.post(f"{API}/zones/try", json={"zone": drawn(camera), "ignored": left}).json()[
            "count"
        ]
        == 0
    )
    longer = admin.post(f"{API}/zones/try", json={"zone": drawn(camera), "hours": 48}).json()
    assert longer["count"] == 3
    smoke = admin.post(f"{API}/zones/try", json={"zone": drawn(camera, rule="smoke")}).json()
    assert (smoke["replayable"], smoke["count"]) == (False, 0)
    assert database.row("SELECT count(*) FROM zone")[0] == 1  # nothing was saved


def test_a_wrong_zone_is_refused_by_its_field(console: Server, database: Database) -> None:
    _, camera, _ = yard(database)
    admin = console.browser().login("root-1")
    bow = [[0.2, 0.2], [0.8, 0.8], [0.8, 0.2], [0.2, 0.8]]
    for zone, field in (
        (drawn(camera, points=bow), "points"),
        (drawn(camera) | {"camera_id": None}, "camera_id"),
    ):
        answer = admin.post(f"{API}/zones/try", json={"zone": zone})
        assert answer.status_code == 422, answer.text
        assert [f["field"] for f in answer.json()["error"]["fields"]] == [field]


def test_a_dismissal_carries_its_code_and_the_events_behind_an_alarm_are_listed(
    console: Server, database: Database
) -> None:
    town, camera, zone = yard(database)
    events = [
        town.event(camera, zone, at=town.clock.now() - timedelta(seconds=s)) for s in (9, 6, 3)
    ]
    number = {town.raised(event).alarm_id for event in events}.pop()
    officer = console.browser().login("dora")
    behind = officer.get(f"{API}/alarms/{number}/events").json()
    assert [event["id"] for event in behind] == events[::-1]
    assert officer.get(f"{API}/alarms/{number + 1}/events").status_code == 404
    body = {"expected_version": 1, "reason": "树枝摇动", "reason_code": "tree"}
    gone = officer.post(f"{API}/alarms/{number}/dismiss", json=body)
    assert (gone.json()["dismiss_code"], gone.json()["dismiss_reason"]) == ("tree", "树枝摇动")
    wrong = officer.post(f"{API}/alarms/{number}/dismiss", json=body | {"reason_code": "cat"})
    assert wrong.status_code == 422


def test_a_zone_on_the_map_tells_who_sees_it(console: Server, database: Database) -> None:
    town, camera, _ = yard(database)
    town.camera("C2", yaw_deg=270.0)  # looks the other way
    database.run("UPDATE camera SET analysed = true")
    admin = console.browser().login("root-1")
    lon, lat = 120.98, 31.38
    ground = [[lon + 0.0002, lat], [lon + 0.0003, lat], [lon + 0.0003, lat + 0.00005]]
    drawn_on_map = {"rule": "intrusion", "ground": ground}
    (seen,) = admin.post(f"{API}/zones/outlines", json=drawn_on_map).json()
    assert (seen["camera_id"], seen["zone_id"]) == (camera, None)
    assert len(seen["points"]) >= 3
    bow = {
        "rule": "intrusion",
        "ground": [ground[0], ground[2], ground[1], [lon + 0.0002, lat + 0.0001]],
    }
    assert admin.post(f"{API}/zones/outlines", json=bow).status_code == 422
    zone = {"camera_id": None, "name": "路口", "rule": "intrusion", "ground": ground}
    made = admin.post(f"{API}/zones", json=zone)
    assert made.status_code == 201, made.text
    (stored,) = admin.get(f"{API}/zones/outlines").json()
    assert (stored["zone_id"], stored["points"]) == (made.json()["id"], seen["points"])
    tried = admin.post(f"{API}/zones/try", json={"zone": zone, "camera_id": camera}).json()
    assert (tried["replayable"], tried["count"]) == (True, 0)
    other = admin.post(f"{API}/zones/try", json={"zone": zone, "camera_id": camera + 1})
    assert other.status_code == 422 and "sees nothing" in other.text
