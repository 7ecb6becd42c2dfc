"""Storage over the API: what there is, classes, tiers that are tried before they are taken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gis.db import Database
from ingest.record.tiers import MARK
from tests.support.console import Browser, Server, add_camera


def add_segment(database: Database, camera: int, path: str, **values: Any) -> int:
    columns: dict[str, Any] = {
        "camera_id": camera, "path": path, "start_at": "2026-03-01T00:00:00Z", "end_at": "2026-03-01T00:05:00Z",
        "init_length": 100, "bytes": 1000, "frames": 1, "codec": "avc1.42c01f", "width_px": 640, "height_px": 360,
        "frag_offset": [100], "frag_length": [900], "frag_start_90k": [0], "frag_duration_90k": [900000],
    } | values  # fmt: skip
    names = ", ".join(columns)
    marks = ", ".join(f"%({name})s" for name in columns)
    found: int = database.rows(
        f"INSERT INTO segment ({names}) VALUES ({marks}) RETURNING id", columns
    )[0].id
    return found


def storage(browser: Browser) -> dict[str, Any]:
    answer = browser.get("/api/v1/storage")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_what_there_is(console: Server, database: Database) -> None:
    root = console.browser().login("root-1")
    empty = storage(root)
    assert empty["disk"] is None and empty["moves"] is None and empty["cameras"] == []
    assert [t["kind"] for t in empty["tiers"]] == ["local"]
    a, b = add_camera(database, "a"), add_camera(database, "b")
    add_segment(database, a, "1")
    add_segment(database, b, "2", bytes=500, **{"class": "event"})
    add_segment(database, b, "3", bytes=70, start_at="2026-02-01T00:00:00Z")
    facts = {
        "disk_level": "warn", "disk_used_percent": 87.5, "disk_free_bytes": 12, "disk_total_bytes": 100,
        "disk_warn_percent": 85, "disk_alarm_percent": 95, "disk_min_free_bytes": 2, "footage_moved": 3,
        "footage_moved_bytes": 4, "footage_moves_failed": 0, "footage_not_movable": 0,
    }  # fmt: skip
    database.run(
        "INSERT INTO process_state (name, pid, started_at, beat_at, facts) VALUES ('ingest', 1, now(), now(), %s)",
        (json.dumps(facts),),
    )
    found = storage(root)
    assert found["disk"] == {
        "level": "warn", "used_percent": 87.5, "free_bytes": 12, "total_bytes": 100, "warn_percent": 85,
        "alarm_percent": 95, "min_free_bytes": 2,
    }  # fmt: skip
    assert found["moves"]["moved"] == 3
    classes = {c["name"]: (c["bytes"], c["segments"], c["days"]) for c in found["classes"]}
    assert classes == {
        "continuous": (1070, 2, None),
        "event": (500, 1, 90),
        "incident": (0, 0, 365),
    }
    assert [(c["code"], c["bytes"]) for c in found["cameras"]] == [("a", 1000), ("b", 570)]
    assert found["tiers"][0]["bytes"] == 1570
    assert found["tiers"][0]["oldest_at"] == "2026-02-01T00:00:00Z"
    for name in ("rita", "carl", "dora", "resi"):
        assert console.browser().login(name).get("/api/v1/storage").status_code == 403


def test_classes_are_changed_with_their_version(console: Server, database: Database) -> None:
    root = console.browser().login("root-1")
    url = "/api/v1/storage/classes/event"
    changed = root.patch(url, json={"expected_version": 1, "limit_bytes": 5_000_000_000}).json()
    assert (changed["days"], changed["limit_bytes"], changed["version"]) == (90, 5_000_000_000, 2)
    changed = root.patch(url, json={"expected_version": 2, "days": 10, "limit_bytes": None}).json()
    assert (changed["days"], changed["limit_bytes"]) == (10, None)
    stale = root.patch(url, json={"expected_version": 2, "days": 11})
    assert stale.status_code == 409 and stale.json()["error"]["current"]["days"] == 10
    refused = root.patch(
        "/api/v1/storage/classes/continuous", json={"expected_version": 1, "days": 5}
    )
    assert refused.status_code == 422 and "camera" in refused.json()["error"]["message"]
    assert root.patch(url, json={"expected_version": 3, "days": None}).status_code == 422
    assert (
        root.patch("/api/v1/storage/classes/legal", json={"expected_version": 1}).status_code == 422
    )
    audited = database.rows(
        "SELECT detail FROM audit WHERE action = 'change_retention' ORDER BY id"
    )
    assert audited[-1].detail == {"days": 10, "limit_bytes": None}


def test_a_folder_becomes_a_tier_only_if_it_works(
    console: Server, database: Database, tmp_path: Path
) -> None:
    root = console.browser().login("root-1")
    there = tmp_path / "disk"
    body = {"kind": "path", "name": "second disk", "path": str(there), "after_days": 7}

    def tried(**changes: Any) -> dict[str, Any]:
        asked = {"kind": "path", "path": str(there)} | changes
        found: dict[str, Any] = root.post("/api/v1/storage/tiers/test", json=asked).json()
        return found

    assert "there is no folder" in tried()["message"]
    assert tried()["why"] == {"code": "no_folder", "params": {"folder": str(there)}}
    refused = root.post("/api/v1/storage/tiers", json=body)
    assert refused.status_code == 503 and refused.json()["error"]["code"] == "storage_away"
    there.mkdir()
    assert tried()["ok"] and list(there.iterdir()) == []
    assert "no absolute path" in tried(path="disk")["message"]
    assert "or around it" in tried(path=str(tmp_path))["message"]
    made = root.post("/api/v1/storage/tiers", json=body)
    assert made.status_code == 201, made.text
    tier = made.json()
    assert (tier["position"], tier["after_days"], tier["enabled"]) == (1, 7, True)
    assert [p.name for p in there.iterdir()] == [MARK]
    again = root.post("/api/v1/storage/tiers", json=body)
    assert again.status_code == 422 and "already" in again.json()["error"]["message"]
    url = f"/api/v1/storage/tiers/{tier['id']}"
    changed = root.patch(
        url, json={"expected_version": 1, "after_days": None, "above_percent": 80, "enabled": False}
    ).json()
    assert (changed["after_days"], changed["above_percent"], changed["enabled"]) == (
        None,
        80,
        False,
    )
    assert root.patch(url, json={"expected_version": 1, "enabled": True}).status_code == 409
    add_segment(database, add_camera(database, "a"), "1", tier=tier["id"])
    other = tmp_path / "other"
    other.mkdir()
    kept = root.patch(url, json={"expected_version": 2, "path": str(other)})
    assert kept.status_code == 409 and "its path stays" in kept.json()["error"]["message"]
    assert root.delete(url, params={"expected_version": 2}).status_code == 409
    database.run("DELETE FROM segment")
    assert root.delete(url, params={"expected_version": 2}).status_code == 204
    assert [t["kind"] for t in storage(root)["tiers"]] == ["local"]
    assert root.delete("/api/v1/storage/tiers/0", params={"expected_version": 1}).status_code == 409
    assert root.delete("/api/v1/storage/tiers/9", params={"expected_version": 1}).status_code == 404


def test_a_buckets_secret_is_kept_and_never_told(
    console: Server, database: Database, s3: Any
) -> None:
    root = console.browser().login("root-1")
    s3.make_bucket("console")
    where = {"kind": "s3", "endpoint": s3.endpoint, "bucket": "console", "prefix": "city/"}
    keys = {"access_key": s3.access_key, "secret": s3.secret}
    wrong = root.post("/api/v1/storage/tiers/test", json={**where, **keys, "secret": "no"}).json()
    assert not wrong["ok"] and "refuses the secret" in wrong["message"]
    assert wrong["why"]["params"] == {"endpoint": s3.endpoint, "key": s3.access_key}
    odd = root.post("/api/v1/storage/tiers/test", json={**where, **keys, "endpoint": "nonsense"})
    assert "no address like" in odd.json()["message"]
    made = root.post("/api/v1/storage/tiers", json={**where, **keys, "name": "bucket"})
    assert made.status_code == 201, made.text
    tier = made.json()
    assert tier["has_secret"] and s3.secret not in made.text
    row = database.rows("SELECT secret_enc FROM storage_tier WHERE id = %s", (tier["id"],))[0]
    assert s3.secret.encode() not in bytes(row.secret_enc)
    assert s3.secret not in str(database.rows("SELECT detail FROM audit"))
    kept = root.post(
        "/api/v1/storage/tiers/test",
        json={**where, "id": tier["id"], "access_key": s3.access_key},
    ).json()
    assert kept["ok"], kept
    renamed = root.patch(
        f"/api/v1/storage/tiers/{tier['id']}", json={"expected_version": 1, "name": "bucket 2"}
    )
    assert renamed.json()["has_secret"]
    refused = root.patch(
        f"/api/v1/storage/tiers/{tier['id']}", json={"expected_version": 2, "secret": "no"}
    )
    assert refused.status_code == 503


def test_the_timeline_says_what_is_kept_as_an_events_or_an_incidents(
    console: Server, database: Database
) -> None:
    camera = add_camera(database, "a")
    for minute, name in ((0, "event"), (5, "event"), (10, "continuous"), (15, "incident")):
        add_segment(
            database, camera, str(minute), start_at=f"2026-03-01T00:{minute:02d}:00Z",
            end_at=f"2026-03-01T00:{minute + 5:02d}:00Z", **{"class": name},
        )  # fmt: skip
    window = {
        "camera_ids": str(camera),
        "from": "2026-03-01T00:02:00Z",
        "to": "2026-03-01T00:18:00Z",
    }
    answer = console.browser().login("rita").get("/api/v1/recordings/timeline", params=window)
    assert answer.json()["cameras"][0]["classes"] == [
        {"name": "event", "start_at": "2026-03-01T00:02:00Z", "end_at": "2026-03-01T00:10:00Z"},
        {"name": "incident", "start_at": "2026-03-01T00:15:00Z", "end_at": "2026-03-01T00:18:00Z"},
    ]
