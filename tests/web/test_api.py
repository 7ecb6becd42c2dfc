"""Everything else of the API: accounts, events, map, sensors, recordings, the portal's switch, health."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gis.clock import ManualClock, SystemClock
from gis.db import Database
from gis.heartbeat import Heartbeat
from ingest.secret import encrypt
from tests.support.console import PASSWORD, Server, add_camera
from tests.support.s3 import TestStore
from web.health import EXPECTED
from web.model import ConsoleSettings


def test_accounts(console: Server) -> None:
    admin = console.browser().login("root-1")
    body = {
        "name": "eva",
        "display_name": "伊娃",
        "password": "a phrase of eve",
        "roles": ["reviewer"],
    }
    weak = admin.post("/api/v1/users", json=body | {"password": "evaevaeva1"})
    assert weak.status_code == 422 and weak.json()["error"]["fields"][0]["field"] == "password"
    made = admin.post("/api/v1/users", json=body)
    assert made.status_code == 201 and "password" not in made.text
    taken = admin.post("/api/v1/users", json=body)
    assert taken.status_code == 422 and taken.json()["error"]["fields"][0]["field"] == "name"
    eva = console.browser().login("eva", "a phrase of eve")
    assert eva.get("/api/v1/users").status_code == 403
    path = f"/api/v1/users/{made.json()['id']}"
    changed = admin.patch(path, json={"expected_version": 1, "roles": ["dispatcher"]})
    assert changed.json()["roles"] == ["dispatcher"] and changed.json()["version"] == 2
    assert eva.get("/api/v1/session").status_code == 401  # other rights: log in anew
    stale = admin.patch(path, json={"expected_version": 1, "active": False})
    assert stale.status_code == 409 and stale.json()["error"]["current"]["version"] == 2
    off = admin.patch(path, json={"expected_version": 2, "active": False})
    assert off.json()["active"] is False
    login = console.browser().post(
        "/api/v1/login", json={"name": "eva", "password": "a phrase of eve"}
    )
    assert login.status_code == 401


def test_the_last_administrator_stays(console: Server) -> None:
    admin = console.browser().login("root-1")
    me = admin.get("/api/v1/session").json()["user"]
    for change in ({"active": False}, {"roles": ["reviewer"]}):
        answer = admin.patch(
            f"/api/v1/users/{me['id']}", json={"expected_version": me["version"], **change}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "wrong_state")


def insert_event(database: Database, camera_id: int, at: datetime, **values: Any) -> int:
    columns: dict[str, Any] = {
        "rule": "intrusion",
        "kind": "person",
        "priority": 2,
        "confidence": 0.9,
        "why": "有人",
        "why_en": "someone",
        "box": [0, 0, 1, 1],
    } | values
    lon, lat = columns.pop("lon", None), columns.pop("lat", None)
    names, marks = ", ".join(columns), ", ".join(f"%({n})s" for n in columns)
    row = database.row(
        f"INSERT INTO event (uid, camera_id, at, geom, {names}) VALUES (gen_random_uuid(), %(camera)s, %(at)s, "
        f"ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326), {marks}) RETURNING id",
        columns | {"camera": camera_id, "at": at, "lon": lon, "lat": lat},
    )
    assert row is not None
    found: int = row.id
    return found


def test_events_are_searched(
    console: Server, database: Database, settings: ConsoleSettings
) -> None:
    camera = add_camera(database, "a")
    start = datetime(2026, 3, 1, tzinfo=UTC)
    ids = [
        insert_event(
            database, camera, start + timedelta(minutes=i), lon=120.98 + i * 0.001, lat=31.38
        )
        for i in range(5)
    ]
    insert_event(database, camera, start, rule="line_crossing", kind="vehicle")
    rita = console.browser().login("rita")

    def search(**params: Any) -> list[int]:
        answer = rita.get("/api/v1/events", params=params)
        assert answer.status_code == 200, answer.text
        return [e["id"] for e in answer.json()["events"]]

    assert search(rule="intrusion") == ids[::-1]
    assert (
        search(polygon="120.9795,31.379;120.9815,31.379;120.9815,31.381;120.9795,31.381")
        == ids[1::-1]
    )
    assert (
        search(**{"from": "2026-03-01T08:02:00+08:00", "to": "2026-03-01T00:04:00Z"}) == ids[3:1:-1]
    )
    page = rita.get("/api/v1/events", params={"limit": 2}).json()
    assert [e["id"] for e in page["events"]] == ids[:2:-1]
    assert search(limit=2, before=page["next_before"]) == ids[2:0:-1]
    for bad, field in (
        ({"polygon": "1,2;3"}, "polygon"),
        ({"polygon": "0,0;1,1;1,0;0,1"}, "polygon"),
        ({"from": "2026-03-01T00:00:00"}, "from"),
        ({"limit": 0}, "limit"),
    ):
        answer = rita.get("/api/v1/events", params=bad)
        assert (
            answer.status_code == 422 and answer.json()["error"]["fields"][0]["field"] == field
        ), answer.text
    assert console.browser().login("resi").get("/api/v1/events").status_code == 403


def test_snapshots_never_leave_their_folder(
    console: Server, database: Database, settings: ConsoleSettings
) -> None:
    camera = add_camera(database, "a")
    now = datetime.now(UTC)
    settings.snapshots.mkdir(parents=True)
    (settings.snapshots / "good.jpg").write_bytes(b"\xff\xd8\xff picture")
    (settings.var / "secrets.json").write_text("{}")
    (settings.snapshots / "link.jpg").symlink_to(settings.var / "secrets.json")
    dora = console.browser().login("dora")
    good = insert_event(database, camera, now, snapshot="good.jpg")
    answer = dora.get(f"/api/v1/events/{good}/snapshot.jpg")
    assert (
        answer.content == b"\xff\xd8\xff picture" and answer.headers["content-type"] == "image/jpeg"
    )
    for name in ("../secrets.json", "/etc/hostname", "link.jpg", "gone.jpg", None):
        bad = insert_event(database, camera, now, snapshot=name)
        assert dora.get(f"/api/v1/events/{bad}/snapshot.jpg").status_code == 404, name


def test_map_and_places(console: Server, database: Database) -> None:
    database.run(
        "INSERT INTO place (source, source_ref, kind, name, name_en, geom) VALUES ('t', '1', 'school', '昆山中学', "
        "'Kunshan School', ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326))"
    )
    dora = console.browser().login("dora")
    tile = dora.get("/api/v1/tiles/base/15/27395/13364.mvt")
    assert tile.status_code == 200 and tile.headers["etag"]
    same = dora.get(
        "/api/v1/tiles/base/15/27395/13364.mvt", headers={"If-None-Match": tile.headers["etag"]}
    )
    assert same.status_code == 304 and same.content == b""
    assert dora.get("/api/v1/tiles/base/3/9/1.mvt").status_code == 422
    assert console.browser().login("resi").get("/api/v1/tiles/pipes/15/1/1.mvt").status_code == 403
    assert dora.get("/api/v1/tiles/pipes/15/27395/13364.mvt").status_code == 200
    found = dora.get("/api/v1/places", params={"q": "昆山"}).json()
    assert [(p["name"], p["name_en"], p["lon"]) for p in found] == [
        ("昆山中学", "Kunshan School", 120.98)
    ]
    near = dora.get("/api/v1/places/near", params={"lon": 120.981, "lat": 31.38}).json()
    assert "昆山中学" in near["name"] and 90 < near["distance_m"] < 100
    assert dora.get("/api/v1/places/near", params={"lon": 10, "lat": 10}).status_code == 404


def test_vehicles_tracks_and_sensors(console: Server, database: Database) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    database.run(
        "INSERT INTO device (protocol, key, kind, name, plate, service) VALUES ('jt808', '1', 'vehicle', '一号', '苏E1', 'taxi')"
    )
    database.run(
        "INSERT INTO device (protocol, key, kind, name, geom) VALUES ('sl651', '2', 'water_level', '娄江', "
        "ST_SetSRID(ST_MakePoint(120.9, 31.3), 4326))"
    )
    database.run(
        "INSERT INTO position_latest (device_id, at, geom, speed_ms, course_deg, received_at) VALUES "
        "(1, %s, ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326), 8.5, 90, %s)",
        [at, at],
    )
    database.rows("SELECT ensure_day_partitions('position', '2026-03-01', 1)")
    database.rows("SELECT ensure_day_partitions('reading', '2026-03-01', 1)")
    for i in range(3):
        database.run(
            "INSERT INTO position VALUES (1, %s, %s, 313800000, 850, 90, 3, 0, %s)",
            [at + timedelta(seconds=10 * i), 1209800000 + i * 100, at],
        )
        database.run(
            "INSERT INTO reading VALUES (2, 'water_level_m', %s, %s, 'm', 'N', %s)",
            [at + timedelta(minutes=5 * i), 2.5 + i * 0.5, at],
        )
    database.run("INSERT INTO reading_latest VALUES (2, 'water_level_m', %s, 3.5, 'm', 'N')", [at])
    for limit, priority in ((3.0, 2), (3.4, 1), (4.0, 1)):
        database.run(
            "INSERT INTO threshold (device_id, quantity, limit_value, priority) VALUES (2, 'water_level_m', %s, %s)",
            [limit, priority],
        )
    dora = console.browser().login("dora")
    assert dora.get("/api/v1/vehicles").json() == [
        {
            "id": 1, "name": "一号", "plate": "苏E1", "service": "taxi", "unit_id": None, "lon": 120.98,
            "lat": 31.38, "at": "2026-03-01T00:00:00Z", "speed_ms": 8.5, "course_deg": 90.0, "flags": 0,
        }
    ]  # fmt: skip
    span = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-01T00:00:20Z"}
    track = dora.get("/api/v1/vehicles/1/track", params=span).json()
    assert track["geometry"]["coordinates"] == [[120.98, 31.38], [120.98001, 31.38]]
    assert track["properties"]["times"] == ["2026-03-01T00:00:00Z", "2026-03-01T00:00:10Z"]
    assert dora.get("/api/v1/vehicles/2/track").status_code == 404
    sensor = dora.get("/api/v1/sensors").json()[0]
    assert sensor["name"] == "娄江"
    reading = sensor["readings"][0]
    assert (reading["value"], reading["limit_value"], reading["over"]) == (3.5, 3.4, True)
    params = {
        "quantity": "water_level_m",
        "from": "2026-03-01T00:00:00Z",
        "to": "2026-03-02T00:00:00Z",
    }
    series = dora.get("/api/v1/sensors/2/series", params=params).json()
    assert series["value"] == [2.5, 3.0, 3.5] and series["unit"] == "m"
    backwards = dora.get("/api/v1/sensors/2/series", params=params | {"to": "2026-02-01T00:00:00Z"})
    assert (
        backwards.status_code == 422 and backwards.json()["error"]["fields"][0]["field"] == "from"
    )


def test_series_are_thinned_not_cut(console: Server, database: Database) -> None:
    database.run(
        "INSERT INTO device (protocol, key, kind, name) VALUES ('sl651', '2', 'water_level', 'x')"
    )
    database.rows("SELECT ensure_day_partitions('reading', '2026-03-01', 1)")
    database.run(
        "INSERT INTO reading SELECT 1, 'q', '2026-03-01Z'::timestamptz + i * interval '8 s', i, 'm', 'N', now() "
        "FROM generate_series(0, 9999) i"
    )
    params = {"quantity": "q", "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"}
    series = console.browser().login("dora").get("/api/v1/sensors/1/series", params=params).json()
    assert 1800 <= len(series["value"]) <= 2000
    assert series["value"][-1] > 9990 and series["at"][-1].startswith("2026-03-01T22:13")


def recorded(database: Database, folder: Path, camera_id: int, content: bytes) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.mp4").write_bytes(content)
    row = database.row(
        "INSERT INTO segment (camera_id, path, start_at, end_at, init_length, bytes, frames, codec, width_px, "
        "height_px, frag_offset, frag_length, frag_start_90k, frag_duration_90k) VALUES (%s, 'a.mp4', "
        "'2026-03-01T00:00:00Z', '2026-03-01T00:00:20Z', 100, 1000, 200, 'avc1.42c01f', 640, 360, "
        "'{100,500}', '{400,500}', '{0,900000}', '{900000,900000}') RETURNING id",
        [camera_id],
    )
    assert row is not None
    found: int = row.id
    return found


def test_recordings_play_by_ranges_and_viewing_is_audited(
    console: Server, database: Database, settings: ConsoleSettings
) -> None:
    camera = add_camera(database, "a")
    content = bytes(range(250)) * 4
    segment = recorded(database, settings.recordings, camera, content)
    rita = console.browser().login("rita")
    window = {"from": "2026-03-01T00:00:05Z", "to": "2026-03-01T00:00:15Z"}
    answer = rita.get(f"/api/v1/recordings/{camera}/playlist.m3u8", params=window)
    assert answer.status_code == 200
    assert "#EXT-X-BYTERANGE:400@100" in answer.text and answer.text.rstrip().endswith(
        "#EXT-X-ENDLIST"
    )
    url = f"/api/v1/recordings/segments/{segment}.mp4"
    assert url in answer.text
    part = rita.get(url, headers={"Range": "bytes=100-499"})
    assert part.status_code == 206 and part.content == content[100:500]
    assert part.headers["content-range"] == "bytes 100-499/1000"
    whole = rita.get(url, headers={"Range": "bytes=0-9", "If-Range": '"another file"'})
    assert whole.status_code == 200 and whole.content == content
    valid = rita.get(url, headers={"Range": "bytes=0-9", "If-Range": part.headers["etag"]})
    assert valid.status_code == 206 and valid.content == content[:10]
    assert rita.get(url, headers={"Range": "bytes=2000-"}).status_code == 416
    entries = (
        console.browser().login("root-1").get("/api/v1/audit", params={"actor": "rita"}).json()
    )
    assert [e["action"] for e in entries] == ["view_recording", "login"]  # not one per range
    assert entries[0]["subject"] == f"camera:{camera}"
    assert entries[0]["detail"] == {
        "from": "2026-03-01T00:00:05+00:00",
        "to": "2026-03-01T00:00:15+00:00",
    }
    second = console.browser().login("rita")
    second.get(url, headers={"Range": "bytes=0-9"})  # another session, without a playlist
    entries = (
        console.browser().login("root-1").get("/api/v1/audit", params={"actor": "rita"}).json()
    )
    assert [e["action"] for e in entries[:2]] == ["view_recording", "login"]
    assert entries[0]["detail"] == {"segment": segment}
    assert console.browser().login("resi").get(url).status_code == 403
    nothing = rita.get(
        f"/api/v1/recordings/{camera}/playlist.m3u8",
        params={"from": "2026-02-01T00:00:05Z", "to": "2026-02-01T00:00:15Z"},
    )
    assert nothing.status_code == 404


def test_the_portal_is_switched_by_commanders(console: Server, database: Database) -> None:
    carl, dora = console.browser().login("carl"), console.browser().login("dora")
    assert dora.get("/api/v1/portal").status_code == 403
    now = carl.get("/api/v1/portal").json()
    closed = carl.patch(
        "/api/v1/portal", json={"expected_version": now["version"], "open": False, "notice": "维护"}
    ).json()
    assert (closed["open"], closed["notice"], closed["delay_s"]) == (False, "维护", now["delay_s"])
    stale = carl.patch("/api/v1/portal", json={"expected_version": now["version"], "open": True})
    assert stale.status_code == 409 and stale.json()["error"]["current"]["open"] is False
    row = database.row("SELECT actor, action, detail FROM audit ORDER BY id DESC LIMIT 1")
    assert row is not None
    assert (row.actor, row.action, row.detail) == (
        "carl",
        "change_portal",
        {"open": False, "notice": "维护"},
    )


def test_a_filling_disk_shows_in_health_and_metrics(console: Server, database: Database) -> None:
    facts: dict[str, str] = {}
    for name in set(EXPECTED) - {"console", "ingest"}:
        Heartbeat(database, name, SystemClock()).beat()
    ingest = Heartbeat(database, "ingest", SystemClock(), lambda: facts)
    camera = add_camera(database, "a", enabled=False)
    recorded(database, console.app.state.runtime.settings.recordings, camera, b"x" * 1000)
    for level, state in (
        ("ok", "ok"), ("warn", "ok"), ("alarm", "degraded"), ("locked", "degraded"),
    ):  # fmt: skip
        facts["disk_level"] = level
        ingest.beat()
        assert console.browser().get("/healthz").json()["state"] == state, level
    metrics = console.browser().get("/metrics").text
    assert 'wanglou_disk_level{level="locked"} 1' in metrics
    assert 'wanglou_footage_bytes{tier="0",class="continuous"} 1000' in metrics


def test_a_recording_on_another_tier_is_streamed_by_ranges(
    console: Server, database: Database, settings: ConsoleSettings, s3: TestStore
) -> None:
    content = bytes(range(250)) * 20_000  # five megabytes
    number = recorded(database, settings.recordings, add_camera(database, "a"), content)
    rita = console.browser().login("rita")
    url = f"/api/v1/recordings/segments/{number}.mp4"
    before = rita.get(url, headers={"Range": "bytes=0-9"})
    s3.make_bucket("streamed")
    s3.client("streamed").put("a.mp4", content)
    database.run(
        "INSERT INTO storage_tier (id, position, name, kind, endpoint, bucket, access_key, secret_enc) VALUES "
        "(1, 1, 'b', 's3', %s, 'streamed', %s, %s)",
        (s3.endpoint, s3.access_key, encrypt(settings.camera_key, s3.secret)),
    )
    database.run("UPDATE segment SET tier = 1")
    (settings.recordings / "a.mp4").unlink()
    for asked, part in (
        ("bytes=100-499", content[100:500]),
        ("bytes=4999990-", content[-10:]),
        ("bytes=-7", content[-7:]),
        ("bytes=1000000-3999999", content[1_000_000:4_000_000]),
        ("bytes=4999990-9999999", content[-10:]),
    ):
        answer = rita.get(url, headers={"Range": asked, "If-Range": before.headers["etag"]})
        assert (answer.status_code, answer.content) == (206, part), asked
        assert answer.headers["content-range"].endswith("/5000000")
    for odd in ("bytes=-", "bytes=5-2-1", "pages=1-2", "bytes=1-2,5-6"):
        assert rita.get(url, headers={"Range": odd}).status_code == 200
    whole = rita.get(url)
    assert whole.content == content and whole.headers["content-length"] == "5000000"
    assert rita.get(url, headers={"Range": "bytes=5000000-"}).status_code == 416
    s3.drop_bucket("streamed")
    away = rita.get(url)
    assert away.status_code == 503 and "no bucket 'streamed'" in away.json()["error"]["message"]


def test_health_and_metrics(console: Server, database: Database) -> None:
    add_camera(database, "a")
    Heartbeat(database, "ingest", SystemClock(), lambda: {"packets_total": 12, "disk": "ok"}).beat()
    old = ManualClock(datetime.now(UTC) - timedelta(minutes=5))
    Heartbeat(database, "gateway", old).beat()
    health = console.browser().get("/healthz").json()
    states = {p["name"]: p["state"] for p in health["processes"]}
    assert (
        states["ingest"] == "ok"
        and states["gateway"] == "stale"
        and states["analytics"] == "absent"
    )
    assert health["state"] == "degraded" and health["cameras"] == {"a": "connecting"}
    metrics = console.browser().get("/metrics").text
    assert 'wanglou_packets_total{process="ingest"} 12' in metrics
    assert 'wanglou_process_up{process="gateway"} 0' in metrics
    assert 'wanglou_camera_online{camera="a"} 0' in metrics
    assert "# TYPE wanglou_packets_total counter" in metrics
    dora = console.browser().login("dora")
    assert dora.get("/api/v1/system").json()["cameras"] == {"a": "connecting"}
    assert console.browser().login("resi").get("/api/v1/system").status_code == 403


def test_screens_and_assets(console: Server, settings: ConsoleSettings) -> None:
    browser = console.browser()
    missing = browser.get("/review")
    assert missing.status_code == 503 and "./run ui" in missing.text
    (settings.static / "assets").mkdir(parents=True)
    (settings.static / "index.html").write_text("<!doctype html><title>ui</title>")
    (settings.static / "assets" / "a-1.js").write_text("1")
    (settings.var / "secrets.json").write_text("{}")
    for path in ("/", "/review", "/phone", "/admin", "/login"):
        page = browser.get(path)
        assert page.status_code == 200 and "<title>ui" in page.text
        assert page.headers["cache-control"] == "no-cache"
    asset = browser.get("/assets/a-1.js")
    assert "immutable" in asset.headers["cache-control"]
    for path in (
        "/assets/none.js",
        "/%2e%2e/secrets.json",
        "/..%2fsecrets.json",
        "/api/v1/nothing",
    ):
        answer = browser.get(path)
        assert answer.status_code == 404 and answer.json()["error"]["code"] == "not_found", path


def test_a_database_that_is_away_is_said_and_survived(console: Server, database: Database) -> None:
    dora = console.browser().login("dora")
    name = database.url.split("/")[-1].split("?")[0]
    admin = Database(database.url.replace(f"/{name}?", "/postgres?")).connect()
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
    try:
        answers = [dora.get("/api/v1/cameras") for _ in range(3)]
        assert answers[-1].status_code == 503
        assert answers[-1].json()["error"]["code"] == "database_away"
        assert "password" not in answers[-1].text.lower()
        health = console.browser().get("/healthz").json()
        assert (health["database"], health["state"]) == ("away", "degraded")
    finally:
        with admin.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        admin.close()
    assert dora.get("/api/v1/cameras").status_code == 200
    assert console.browser().login("carl", PASSWORD).get("/api/v1/session").status_code == 200


@pytest.mark.parametrize("length", [0, 2])
def test_whep_wants_an_offer(console: Server, database: Database, length: int) -> None:
    camera = add_camera(database, "a")
    dora = console.browser().login("dora")
    answer = dora.post(f"/api/v1/cameras/{camera}/whep", content=b"v" * length)
    if length == 0:
        assert answer.status_code == 422
    else:
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "ingest_away")
        assert "live picture" in answer.json()["error"]["message"]
