"""Cameras over the API: rights, scope, versions, secrets, fields of view."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from analytics import count_store
from analytics.model import Crossing
from gis.db import Database
from ingest.secret import decrypt
from tests.support.console import Server, add_camera
from web.model import ConsoleSettings

NEW = {
    "code": "cam-7",
    "name": "东门",
    "url": "rtsp://192.0.2.7:554/stream",
    "username": "viewer",
    "password": "s3cret",
    "lon": 120.98,
    "lat": 31.38,
    "height_m": 8,
    "yaw_deg": 90,
    "pitch_deg": -20,
    "hfov_deg": 60,
}


def test_a_camera_is_added_changed_and_audited(
    console: Server, database: Database, settings: ConsoleSettings
) -> None:
    admin = console.browser().login("root-1")
    made = admin.post("/api/v1/cameras", json=NEW)
    assert made.status_code == 201, made.text
    camera = made.json()
    assert camera["state"] == "connecting" and camera["url"] == NEW["url"]
    assert "password" not in made.text and "s3cret" not in made.text
    row = database.row("SELECT password_enc FROM camera WHERE id = %s", [camera["id"]])
    assert row is not None and b"s3cret" not in bytes(row.password_enc)
    assert decrypt(settings.camera_key, bytes(row.password_enc)) == "s3cret"
    changed = admin.patch(
        f"/api/v1/cameras/{camera['id']}",
        json={"expected_version": 1, "name": "东门 2", "published": True, "name_en": "East Gate"},
    ).json()
    assert (changed["name"], changed["published"], changed["version"]) == ("东门 2", True, 2)
    kept = database.row("SELECT password_enc FROM camera WHERE id = %s", [camera["id"]])
    assert kept is not None and bytes(kept.password_enc) == bytes(row.password_enc)
    cleared = admin.patch(
        f"/api/v1/cameras/{camera['id']}",
        json={"expected_version": 2, "password": "", "name_en": None},
    ).json()
    assert cleared["name_en"] is None
    gone = database.row("SELECT password_enc FROM camera WHERE id = %s", [camera["id"]])
    assert gone is not None and gone.password_enc is None
    audit = admin.get("/api/v1/audit", params={"subject": f"camera:{camera['id']}"})
    assert [e["action"] for e in audit.json()] == [
        "change_camera",
        "change_camera",
        "create_camera",
    ]
    assert "s3cret" not in audit.text and audit.json()[0]["detail"]["password"] == "changed"


def test_a_stale_version_gets_both_values(console: Server) -> None:
    admin, other = console.browser().login("root-1"), console.browser().login("root-1")
    camera = admin.post("/api/v1/cameras", json=NEW).json()
    path = f"/api/v1/cameras/{camera['id']}"
    assert admin.patch(path, json={"expected_version": 1, "name": "first"}).status_code == 200
    refused = other.patch(path, json={"expected_version": 1, "name": "second"})
    assert refused.status_code == 409
    error = refused.json()["error"]
    assert error["code"] == "stale_version"
    assert error["why"] == {"code": "changed_meanwhile", "params": {"version": "2"}}
    assert error["current"]["name"] == "first" and error["current"]["version"] == 2
    assert error["sent"] == {"name": "second"}
    assert admin.get(path).json()["name"] == "first"


def test_what_does_not_fit_names_its_field(console: Server, database: Database) -> None:
    add_camera(database, "taken")
    browser = console.browser().login("root-1")
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"lat": 91}, "lat", "input.less_than_equal"),
        ({"code": "../etc"}, "code", "input.string_pattern_mismatch"),
        ({"url": "rtsp://user:password@192.0.2.7/"}, "url", "input.string_pattern_mismatch"),
        ({"hfov_deg": 180}, "hfov_deg", "input.less_than"),
        ({"colour": "blue"}, "colour", "input.extra_forbidden"),
        ({"name": ""}, "name", "input.string_too_short"),
        ({"code": "taken"}, "code", "code_taken"),
    ]
    for change, field, code in cases:
        answer = browser.post("/api/v1/cameras", json=NEW | change)
        assert answer.status_code == 422, (change, answer.text)
        error = answer.json()["error"]
        assert error["code"] == "invalid", change
        assert [f["field"] for f in error["fields"]] == [field], change
        assert error["fields"][0]["why"]["code"] == error["why"]["code"] == code
    assert [c["code"] for c in browser.get("/api/v1/cameras").json()] == ["taken"]


SECOND = {
    "sub_url": "rtsp://192.0.2.7:554/sub",
    "analyse_stream": "sub",
    "publish_stream": "sub",
    "audio": False,
    "onvif_url": "http://192.0.2.7/onvif/device_service",
    "onvif_profile": "Profile_1",
    "ptz": True,
    "ptz_home": "Preset 1",
    "ptz_home_after_s": 120,
}


def test_a_second_stream_and_ptz_are_kept_and_cleared(console: Server) -> None:
    admin = console.browser().login("root-1")
    camera = admin.post("/api/v1/cameras", json=NEW | SECOND).json()
    assert {name: camera[name] for name in SECOND} == SECOND
    assert (camera["has_sub"], camera["record_stream"]) == (True, "main")
    path = f"/api/v1/cameras/{camera['id']}"
    roles = {"analyse_stream": "main", "publish_stream": "main", "sub_url": None}
    gone = {"ptz": False, "onvif_url": None, "onvif_profile": None, "ptz_home": None, "audio": True}
    changed = admin.patch(path, json={"expected_version": 1} | roles | gone).json()
    assert {name: changed[name] for name in roles | gone} == roles | gone
    assert changed["has_sub"] is False and changed["ptz_home_after_s"] == 120


def test_values_that_do_not_go_together_are_refused_by_field(
    console: Server, database: Database
) -> None:
    admin = console.browser().login("root-1")
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"sub_url": None}, "analyse_stream", "give sub_url"),
        ({"sub_url": None, "analyse_stream": "main"}, "publish_stream", "give sub_url"),
        ({"onvif_url": None}, "ptz", "onvif_url"),
        ({"onvif_url": "ftp://192.0.2.7/"}, "onvif_url", "pattern"),
        ({"onvif_url": "http://admin:x@192.0.2.7/"}, "onvif_url", "pattern"),
        ({"sub_url": "http://192.0.2.7/"}, "sub_url", "pattern"),
        ({"record_stream": "third"}, "record_stream", "main"),
        ({"ptz_home_after_s": 5}, "ptz_home_after_s", "30"),
    ]
    for change, field, words in cases:
        answer = admin.post("/api/v1/cameras", json=NEW | SECOND | change)
        assert answer.status_code == 422, (change, answer.text)
        (said,) = answer.json()["error"]["fields"]
        assert said["field"] == field and words in said["message"], change
    camera = admin.post("/api/v1/cameras", json=NEW | SECOND).json()
    path = f"/api/v1/cameras/{camera['id']}"
    for change, field, words in cases:
        answer = admin.patch(path, json={"expected_version": 1} | change)
        assert answer.status_code == 422, (change, answer.text)
        (said,) = answer.json()["error"]["fields"]
        assert said["field"] == field and words in said["message"], change
    assert admin.get(path).json() == camera


def test_only_administrators_change_cameras(console: Server, database: Database) -> None:
    camera_id = add_camera(database, "a")
    database.run(
        "UPDATE camera SET sub_url = 'rtsp://192.0.2.7/sub', onvif_url = 'http://192.0.2.7/', "
        "onvif_profile = 'P1', ptz = true WHERE id = %s",
        [camera_id],
    )
    for name in ("dora", "carl", "rita", "resi"):
        browser = console.browser().login(name)
        assert browser.post("/api/v1/cameras", json=NEW).status_code == 403, name
        answer = browser.patch(
            f"/api/v1/cameras/{camera_id}", json={"expected_version": 1, "name": "x"}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden"), name
        assert "admin" in answer.json()["error"]["message"], name
        seen = browser.get(f"/api/v1/cameras/{camera_id}").json()
        for secret in ("url", "username", "sub_url", "onvif_url", "onvif_profile"):
            assert seen[secret] is None, (name, secret)
        assert seen["has_sub"] is True and seen["ptz"] is True, name
        assert seen["version"] == 1, name


def test_the_field_of_view_lies_before_the_camera(console: Server, database: Database) -> None:
    add_camera(database, "east")  # looks east
    add_camera(database, "sky", pitch_deg=60.0)
    add_camera(database, "unknown", height_m=None)
    browser = console.browser().login("dora")
    cameras = {c["code"]: c for c in browser.get("/api/v1/cameras").json()}
    ring = cameras["east"]["field_of_view"]
    assert ring[0] == ring[-1] and len(ring) > 4
    assert all(lon > 120.98 for lon, _ in ring)
    assert cameras["sky"]["field_of_view"] is None and cameras["unknown"]["field_of_view"] is None
    lon, lat = (min(p[0] for p in ring) + max(p[0] for p in ring)) / 2, 31.38
    seeing = browser.get("/api/v1/cameras/seeing", params={"lon": lon, "lat": lat}).json()
    assert seeing[0]["camera_id"] == cameras["east"]["id"] and seeing[0]["px_per_m"] > 4


def test_a_scoped_person_meets_no_other_camera_anywhere(
    console: Server, database: Database
) -> None:
    mine, other = add_camera(database, "mine"), add_camera(database, "other")
    assert mine == 1
    for camera_id in (mine, other):
        database.run(
            "INSERT INTO event (uid, camera_id, rule, kind, priority, confidence, at, box, why, why_en, snapshot) "
            "VALUES (gen_random_uuid(), %s, 'intrusion', 'person', 2, 0.9, now(), '{0,0,1,1}', '有人', 'someone', 'x.jpg')",
            [camera_id],
        )
        database.run(
            "INSERT INTO segment (camera_id, path, start_at, end_at, init_length, bytes, frames, codec, width_px, "
            "height_px, frag_offset, frag_length, frag_start_90k, frag_duration_90k) VALUES (%s, %s, "
            "now() - interval '1 minute', now(), 10, 100, 10, 'avc1', 640, 360, '{10}', '{90}', '{0}', '{900000}')",
            [camera_id, f"{camera_id}.mp4"],
        )
    scoped = console.browser().login("scoped")
    assert [c["code"] for c in scoped.get("/api/v1/cameras").json()] == ["mine"]
    assert [e["camera_id"] for e in scoped.get("/api/v1/events").json()["events"]] == [mine]
    ids = {r.camera_id: r.id for r in database.rows("SELECT id, camera_id FROM event")}
    segments = {r.camera_id: r.id for r in database.rows("SELECT id, camera_id FROM segment")}
    window = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T01:00:00Z"}
    refused: list[tuple[str, dict[str, str]]] = [
        (f"/cameras/{other}", {}),
        (f"/cameras/{other}/snapshot.jpg", {}),
        (f"/events?camera_id={other}", {}),
        (f"/events/{ids[other]}", {}),
        (f"/events/{ids[other]}/snapshot.jpg", {}),
        (f"/zones?camera_id={other}", {}),
        (f"/recordings/timeline?camera_ids={mine},{other}", {}),
        (f"/recordings/{other}/playlist.m3u8", window),
        (f"/recordings/{other}/frame.jpg", {"at": "2026-01-01T00:00:00Z"}),
        (f"/recordings/segments/{segments[other]}.mp4", {}),
    ]
    for path, params in refused:
        answer = scoped.get(f"/api/v1{path}", params=params or None)
        assert answer.status_code == 404, (path, answer.status_code, answer.text)
    assert scoped.post(f"/api/v1/cameras/{other}/whep", content=b"v=0").status_code == 404
    assert scoped.get(f"/api/v1/events/{ids[mine]}").status_code == 200
    timeline = scoped.get(f"/api/v1/recordings/timeline?camera_ids={mine}").json()
    assert len(timeline["cameras"]) == 1 and timeline["cameras"][0]["recorded"]
    assert len(timeline["cameras"][0]["events"]) == 1


def test_zones_over_the_api(console: Server, database: Database) -> None:
    camera_id = add_camera(database, "a")
    admin = console.browser().login("root-1")
    body = {
        "camera_id": camera_id,
        "name": "禁区",
        "rule": "intrusion",
        "points": [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]],
    }
    zone = admin.post("/api/v1/zones", json=body)
    assert zone.status_code == 201, zone.text
    zone_id = zone.json()["id"]
    line = admin.post("/api/v1/zones", json=body | {"rule": "line_crossing"})
    assert line.status_code == 422 and line.json()["error"]["fields"][0]["field"] == "points"
    changed = admin.patch(f"/api/v1/zones/{zone_id}", json={"expected_version": 1, "priority": 1})
    assert changed.json()["priority"] == 1 and changed.json()["points"] == body["points"]
    stale = admin.patch(f"/api/v1/zones/{zone_id}", json={"expected_version": 1, "priority": 3})
    assert stale.status_code == 409 and stale.json()["error"]["current"]["priority"] == 1
    dora = console.browser().login("dora")
    assert [z["id"] for z in dora.get("/api/v1/zones").json()] == [zone_id]
    assert dora.delete(f"/api/v1/zones/{zone_id}?expected_version=2").status_code == 403
    assert admin.delete(f"/api/v1/zones/{zone_id}?expected_version=1").status_code == 409
    assert admin.delete(f"/api/v1/zones/{zone_id}?expected_version=2").status_code == 204
    actions = [e["action"] for e in admin.get(f"/api/v1/audit?subject=zone:{zone_id}").json()]
    assert actions == ["delete_zone", "change_zone", "create_zone"]


def test_null_empties_what_a_zone_may_lack_and_absence_keeps_it(
    console: Server, database: Database
) -> None:
    camera_id = add_camera(database, "a")
    admin = console.browser().login("root-1")
    corners = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]
    body = {
        "camera_id": camera_id, "name": "快车", "name_en": "Fast", "rule": "fast_motion", "points": corners,
        "threshold": 20, "clear": 15, "dwell_s": 9, "preset": "2",
    }  # fmt: skip
    made = admin.post("/api/v1/zones", json=body).json()
    path = f"/api/v1/zones/{made['id']}"
    kept = admin.patch(path, json={"expected_version": 1, "clear": 16}).json()
    assert (kept["threshold"], kept["clear"], kept["preset"]) == (20, 16, "2")
    emptied = {"threshold": None, "clear": None, "dwell_s": None, "preset": None, "name": None}
    after = admin.patch(path, json={"expected_version": 2, **emptied}).json()
    assert (after["threshold"], after["clear"], after["preset"]) == (None, None, None)
    rule = next(r for r in admin.get("/api/v1/rules").json() if r["rule"] == "fast_motion")
    assert (after["dwell_s"], after["name"], after["name_en"]) == (rule["dwell_s"], "快车", "Fast")
    assert after["points"] == corners
    entry = admin.get(f"/api/v1/audit?subject=zone:{made['id']}").json()[0]
    assert entry["detail"] == {"threshold": None, "clear": None, "dwell_s": None, "preset": None}


def test_rules_say_what_is_drawn_and_meant(console: Server, database: Database) -> None:
    camera_id = add_camera(database, "a")
    admin = console.browser().login("root-1")
    rules = {rule["rule"]: rule for rule in admin.get("/api/v1/rules").json()}
    assert len(rules) == 21
    assert rules["wrong_way"]["second_needed"] and rules["wrong_way"]["gb_type"] == 7
    body = {
        "camera_id": camera_id,
        "name": "路段",
        "rule": "stopped_vehicle",
        "points": [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]],
    }
    made = admin.post("/api/v1/zones", json=body).json()
    assert made["classes"] == rules["stopped_vehicle"]["classes"] == ["vehicle"]
    assert made["dwell_s"] == rules["stopped_vehicle"]["dwell_s"]
    wrong = admin.post("/api/v1/zones", json=body | {"schedule": [[60, 60]]})
    assert wrong.status_code == 422
    assert wrong.json()["error"]["fields"][0]["field"] == "schedule"


def test_counts_of_a_line_over_the_api(console: Server, database: Database) -> None:
    camera_id = add_camera(database, "a")
    admin = console.browser().login("root-1")
    body = {
        "camera_id": camera_id,
        "name": "出口",
        "rule": "line_crossing",
        "points": [[0.1, 0.1], [0.9, 0.9]],
        "threshold": 0,
    }
    line = admin.post("/api/v1/zones", json=body).json()["id"]
    at = datetime(2026, 3, 1, 8, 7, tzinfo=UTC)
    count_store.add(database, Crossing(line, camera_id, "left_to_right", "vehicle", at))
    day = "from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z"
    dora = console.browser().login("dora")
    assert dora.get(f"/api/v1/zones/{line}/counts?{day}").json() == [
        {
            "from_at": "2026-03-01T08:00:00Z",
            "direction": "left_to_right",
            "kind": "vehicle",
            "count": 1,
        }
    ]
    assert dora.get(f"/api/v1/zones/{line}/counts").json() == []
    area = body | {"rule": "intrusion", "points": [[0, 0], [1, 0], [1, 1]]}
    area.pop("threshold")
    other = admin.post("/api/v1/zones", json=area).json()["id"]
    assert dora.get(f"/api/v1/zones/{other}/counts").status_code == 422
    assert dora.get("/api/v1/zones/999/counts").status_code == 404
