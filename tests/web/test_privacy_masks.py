"""Privacy masks over the API."""

from __future__ import annotations

from gis.db import Database
from tests.support.console import Server, add_camera

WINDOW = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]


def test_masks_over_the_api(console: Server, database: Database) -> None:
    camera_id = add_camera(database, "a")
    admin, dora = console.browser().login("root-1"), console.browser().login("dora")
    body = {"camera_id": camera_id, "name": "住宅窗户", "points": WINDOW}
    made = admin.post("/api/v1/privacy-masks", json=body)
    assert made.status_code == 201, made.text
    mask = made.json()
    path = f"/api/v1/privacy-masks/{mask['id']}"
    assert mask == body | {"id": mask["id"], "preset": None, "version": 1, "enabled": True}
    bad = admin.post("/api/v1/privacy-masks", json=body | {"points": [[0.1, 0.1]] * 3})
    assert bad.status_code == 422 and bad.json()["error"]["fields"][0]["field"] == "points"
    changed = admin.patch(path, json={"expected_version": 1, "name": "窗"})
    assert changed.json()["name"] == "窗" and changed.json()["points"] == WINDOW
    stale = admin.patch(path, json={"expected_version": 1, "name": "门"})
    assert stale.status_code == 409 and stale.json()["error"]["current"]["name"] == "窗"
    listed = dora.get(f"/api/v1/privacy-masks?camera_id={camera_id}").json()
    assert [m["id"] for m in listed] == [mask["id"]]
    assert dora.delete(f"{path}?expected_version=2").status_code == 403
    assert admin.delete(f"{path}?expected_version=2").status_code == 204
    subject = f"privacy_mask:{mask['id']}"
    actions = [e["action"] for e in admin.get(f"/api/v1/audit?subject={subject}").json()]
    assert actions == ["delete_privacy_mask", "change_privacy_mask", "create_privacy_mask"]


def test_the_audit_log_says_who_switched_a_mask_off(console: Server, database: Database) -> None:
    camera_id = add_camera(database, "a")
    admin = console.browser().login("root-1")
    body = {"camera_id": camera_id, "name": "住宅窗户", "points": WINDOW, "preset": "2"}
    mask = admin.post("/api/v1/privacy-masks", json=body).json()
    path, subject = f"/api/v1/privacy-masks/{mask['id']}", f"privacy_mask:{mask['id']}"
    off = admin.patch(path, json={"expected_version": 1, "enabled": False}).json()
    assert (off["enabled"], off["preset"], off["version"]) == (False, "2", 2)
    stale = admin.patch(path, json={"expected_version": 1, "enabled": True})
    assert stale.status_code == 409 and stale.json()["error"]["current"]["enabled"] is False
    on = admin.patch(path, json={"expected_version": 2, "enabled": True, "preset": None}).json()
    assert (on["enabled"], on["preset"]) == (True, None)
    entries = admin.get(f"/api/v1/audit?subject={subject}").json()
    where = {"camera_id": camera_id}
    assert [(e["actor"], e["action"], e["detail"]) for e in entries[:3]] == [
        ("root-1", "change_privacy_mask", where | {"preset": None}),
        ("root-1", "privacy_mask_on", where | {"name": "住宅窗户"}),
        ("root-1", "privacy_mask_off", where | {"name": "住宅窗户"}),
    ]
    assert all(entry["at"] for entry in entries)
