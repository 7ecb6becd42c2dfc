"""Holds over the API: who may what, versions, scope, the rules of each kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from gis.db import Database
from tests.support.console import Browser, Server, add_camera

BODY = {
    "kind": "lock",
    "from_at": "2026-03-01T00:00:00Z",
    "to_at": "2026-03-01T01:00:00Z",
    "reason": "theft at the gate",
}


def lay(browser: Browser, camera_id: int, **changes: Any) -> dict[str, Any]:
    answer = browser.post("/api/v1/holds", json={**BODY, "camera_id": camera_id, **changes})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def expire(database: Database, hold_id: int) -> None:
    database.run(
        "UPDATE evidence_hold SET expires_at = now() - interval '1 second' WHERE id = %s",
        (hold_id,),
    )


def test_a_lock_from_laying_to_release(console: Server, database: Database) -> None:
    camera = add_camera(database, "a")
    rita, dora = console.browser().login("rita"), console.browser().login("dora")
    made = lay(rita, camera, expires_at=in_days(3))
    assert (made["kind"], made["owner"], made["created_by"]) == ("lock", "rita", "rita")
    assert made["active"] and made["expires_soon"] and not made["expired"]
    assert [h["id"] for h in dora.get("/api/v1/holds").json()] == [made["id"]]
    url = f"/api/v1/holds/{made['id']}"
    assert dora.patch(url, json={"expected_version": 1, "owner": "dora"}).status_code == 403
    changed = rita.patch(
        url,
        json={
            "expected_version": 1, "to_at": "2026-03-01T02:00:00Z", "owner": "carl", "for_good": True,
        },
    ).json()  # fmt: skip
    assert (changed["version"], changed["owner"], changed["expires_at"]) == (2, "carl", None)
    stale = rita.post(f"{url}/release", json={"expected_version": 1})
    assert stale.status_code == 409 and stale.json()["error"]["current"]["version"] == 2
    released = rita.post(f"{url}/release", json={"expected_version": 2, "reason": "case closed"})
    assert (released.json()["active"], released.json()["released_by"]) == (False, "rita")
    again = rita.post(f"{url}/release", json={"expected_version": 3})
    assert again.status_code == 409 and "was released by rita" in again.json()["error"]["message"]
    assert dora.get("/api/v1/holds").json() == []
    (kept,) = dora.get("/api/v1/holds", params={"state": "all"}).json()
    assert kept["release_reason"] == "case closed"
    actions = database.rows(
        "SELECT action FROM audit WHERE subject = %s ORDER BY id", (f"hold:{made['id']}",)
    )
    assert [r.action for r in actions] == ["hold_footage", "change_hold", "release_hold"]


def test_a_legal_hold_ends_by_administrators_alone_and_with_a_reason(
    console: Server, database: Database
) -> None:
    camera = add_camera(database, "a")
    carl, root = console.browser().login("carl"), console.browser().login("root-1")
    made = lay(carl, camera, kind="legal", expires_at=in_days(30))
    url = f"/api/v1/holds/{made['id']}"
    sooner = {"expected_version": 1, "expires_at": in_days(2)}
    assert carl.patch(url, json=sooner).status_code == 403
    later = carl.patch(url, json={"expected_version": 1, "expires_at": in_days(60)})
    assert later.status_code == 200
    end = {"expected_version": 2, "reason": "court order 7"}
    refused = carl.post(f"{url}/release", json=end)
    assert refused.status_code == 403 and "legal hold" in refused.json()["error"]["message"]
    without = root.post(f"{url}/release", json={"expected_version": 2})
    assert without.status_code == 422 and without.json()["error"]["fields"][0]["field"] == "reason"
    assert root.post(f"{url}/release", json=end).json()["release_reason"] == "court order 7"


def test_times_that_make_no_sense_are_refused(console: Server, database: Database) -> None:
    camera = add_camera(database, "a")
    rita = console.browser().login("rita")
    for changes, field in (
        ({"to_at": BODY["from_at"]}, "to_at"),
        ({"to_at": "2028-01-01T00:00:00Z"}, "to_at"),
        ({"expires_at": "2026-01-01T00:00:00Z"}, "expires_at"),
        ({"reason": "x"}, "reason"),
        ({"kind": "incident"}, "kind"),
    ):
        answer = rita.post("/api/v1/holds", json={**BODY, "camera_id": camera, **changes})
        assert answer.status_code == 422, changes
        assert answer.json()["error"]["fields"][0]["field"].endswith(field)
    assert rita.post("/api/v1/holds", json={**BODY, "camera_id": 999}).status_code == 404
    made = lay(rita, camera)
    for change in ({"from_at": "2026-03-01T00:10:00Z"}, {"to_at": "2026-03-01T00:50:00Z"}):
        answer = rita.patch(f"/api/v1/holds/{made['id']}", json={"expected_version": 1, **change})
        assert answer.status_code == 422 and "only grows" in answer.json()["error"]["message"]


def test_nobody_sees_or_touches_holds_on_cameras_out_of_sight(
    console: Server, database: Database
) -> None:
    seen, other = add_camera(database, "a"), add_camera(database, "b")
    assert seen == 1
    rita, scoped = console.browser().login("rita"), console.browser().login("scoped")
    mine, others = lay(rita, seen), lay(rita, other)
    assert [h["id"] for h in scoped.get("/api/v1/holds").json()] == [mine["id"]]
    url = f"/api/v1/holds/{others['id']}"
    assert scoped.patch(url, json={"expected_version": 1, "owner": "me"}).status_code == 404
    assert scoped.post(f"{url}/release", json={"expected_version": 1}).status_code == 404
    assert scoped.post("/api/v1/holds", json={**BODY, "camera_id": other}).status_code == 404
    assert console.browser().login("resi").get("/api/v1/holds").status_code == 403


def test_an_expired_hold_is_shown_as_such_and_can_be_renewed(
    console: Server, database: Database
) -> None:
    camera = add_camera(database, "a")
    rita = console.browser().login("rita")
    made = lay(rita, camera, expires_at=in_days(1))
    expire(database, made["id"])
    (shown,) = rita.get("/api/v1/holds").json()
    assert (shown["active"], shown["expired"], shown["expires_soon"]) == (False, True, False)
    url = f"/api/v1/holds/{made['id']}"
    renewed = rita.patch(url, json={"expected_version": 1, "expires_at": in_days(20)}).json()
    assert (renewed["active"], renewed["expired"], renewed["expires_soon"]) == (True, False, False)


def test_an_incidents_hold_follows_it_until_it_is_closed(
    console: Server, database: Database
) -> None:
    camera = add_camera(database, "a", height_m=8, yaw_deg=0)
    carl = console.browser().login("carl")
    made = carl.post(
        "/api/v1/incidents",
        json={"type": "other", "title": "smoke", "priority": 2, "lon": 120.98, "lat": 31.3802},
    )
    assert made.status_code == 201, made.text
    number = made.json()["incident"]["id"]
    database.run(
        "INSERT INTO evidence_hold (camera_id, from_at, to_at, reason, subject, created_by) VALUES (%s, now(), "
        "now() + interval '1 hour', 'x', %s, 'system') ON CONFLICT DO NOTHING",
        (camera, f"incident:{number}"),
    )
    (hold,) = carl.get("/api/v1/holds").json()
    assert hold["kind"] == "incident"
    url = f"/api/v1/holds/{hold['id']}"
    end = {"expected_version": hold["version"]}
    assert carl.patch(url, json={**end, "reason": "another"}).status_code == 409
    for answer in (
        carl.post(f"{url}/release", json=end),
        carl.patch(url, json={**end, "expires_at": in_days(9)}),
    ):
        assert answer.status_code == 409 and "is open" in answer.json()["error"]["message"]
    database.run("UPDATE incident SET state = 'closed', closed_at = now() WHERE id = %s", (number,))
    assert carl.post(f"{url}/release", json=end).json()["released_by"] == "carl"
