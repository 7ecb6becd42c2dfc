"""Searching over the API: what comes back, who may ask, and that it is written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest

from analytics import motion_store, track_store
from analytics.model import TrackRecord
from analytics.motion_index import MotionMinute, pack
from gis.db import Database
from gis.model import LonLat
from tests.support.console import Browser, Server, add_camera
from web.model import ConsoleSettings

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
TIMES = {"from_at": AT.isoformat(), "to_at": (AT + timedelta(hours=1)).isoformat()}
CORNER = [[0, 0], [0.2, 0], [0.2, 0.3], [0, 0.3]]


@pytest.fixture
def cameras(database: Database) -> list[int]:
    return [add_camera(database, "C-1"), add_camera(database, "C-2")]


def _track(database: Database, camera_id: int, **changes: Any) -> UUID:
    uid = uuid4()
    values: dict[str, Any] = {
        "kind": "vehicle",
        "colour": "red",
        "heading_deg": 355.0,
        "label": "car",
        "snapshot": None,
    } | changes
    boxes = tuple((0.1 + 0.1 * i, 0.4, 0.1, 0.1) for i in range(8))
    path = tuple(LonLat(120.98 + 0.00002 * i, 31.38) for i in range(8))
    record = TrackRecord(
        uid, camera_id, values.pop("kind"), 0.9, AT + timedelta(minutes=5),
        AT + timedelta(minutes=5, seconds=7), tuple(1000 * i for i in range(8)), boxes, 2.0, path, **values,
    )  # fmt: skip
    assert track_store.write(database, record)
    return uid


def _move(database: Database, camera_id: int) -> None:
    grid = np.zeros((9, 16), np.bool_)
    grid[1, 1] = True
    part = MotionMinute(camera_id, AT, (20, 21), pack(grid) * 2, ((0, 60),))
    assert motion_store.write(database, part)


def _ask(browser: Browser, kind: str, **more: Any) -> dict[str, Any]:
    answer = browser.post("/api/v1/search", json={"kind": kind, **TIMES, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_each_kind_of_search_finds_what_it_asks_for(
    console: Server, database: Database, cameras: list[int]
) -> None:
    rita = console.browser().login("rita")
    _move(database, cameras[0])
    uid = _track(database, cameras[0])
    _track(database, cameras[0], colour="blue")
    moved = _ask(rita, "motion", camera_ids=cameras[:1], area=CORNER)
    assert [(h["at"][11:19], h["camera_id"], h["cells"]) for h in moved["hits"]] == [
        ("08:00:20", cameras[0], 1)
    ]
    assert (moved["total"], moved["exact"], moved["next"]) == (1, True, None)
    other = [[0.5, 0.5], [0.9, 0.5], [0.9, 0.9]]
    assert _ask(rita, "motion", camera_ids=cameras[:1], area=other)["hits"] == []
    line = {"on": "picture", "closed": False, "points": [[0.5, 0.2], [0.5, 0.9]]}
    look = {"kinds": ["vehicle"], "colours": ["red"], "heading_deg": 0, "tolerance_deg": 30}
    passed = _ask(rita, "passing", camera_ids=cameras[:1], look=look, shape=line)
    assert [h["track_uid"] for h in passed["hits"]] == [str(uid)]
    assert passed["hits"][0]["at"][11:19] == "08:05:03"
    stood = _ask(rita, "standing", camera_ids=cameras[:1], least_s=60)
    assert stood["hits"] == []
    near = _ask(rita, "near", at=[120.98, 31.38], radius_m=50)
    assert {h["source"] for h in near["hits"]} == {"track"} and near["total"] == 2
    detail = rita.get(f"/api/v1/tracks/{uid}").json()
    assert detail["t_s"][:2] == [0, 1] and len(detail["boxes"]) == 8
    known = ("kind", "label", "colour", "speed_ms", "heading_deg", "standing_s", "picture_url")
    assert [detail[name] for name in known] == ["vehicle", "car", "red", 2.0, 355.0, 0.0, None]


def test_the_best_first_and_its_pages(
    console: Server, database: Database, cameras: list[int]
) -> None:
    rita = console.browser().login("rita")
    headings = (300.0, 0.0, 340.0)
    uids = [str(_track(database, cameras[0], heading_deg=heading)) for heading in headings]
    look = {"heading_deg": 0, "tolerance_deg": 90}
    first = _ask(rita, "passing", camera_ids=cameras[:1], look=look, limit=2, order="best")
    rest = _ask(
        rita, "passing", camera_ids=cameras[:1], look=look, order="best", before=first["next"]
    )
    hits = first["hits"] + rest["hits"]
    assert [h["track_uid"] for h in hits] == [uids[1], uids[2], uids[0]]
    assert [h["score"] for h in hits] == sorted((h["score"] for h in hits), reverse=True)
    assert (first["total"], first["looked_from"], rest["next"]) == (3, None, None)
    mixed = rita.post("/api/v1/search", json={"kind": "passing", **TIMES, "before": first["next"]})
    assert mixed.status_code == 422 and "another order" in mixed.text


def test_labels_are_offered_of_what_one_may_see(
    console: Server, database: Database, cameras: list[int]
) -> None:
    _track(database, cameras[0], label="bus")
    _track(database, cameras[0], label=None)
    _track(database, cameras[1], label="dog", kind="other")
    time = {"from": TIMES["from_at"], "to": TIMES["to_at"]}
    scoped = console.browser().login("scoped")
    assert scoped.get("/api/v1/search/labels", params=time).json() == [
        {"label": "bus", "kind": "vehicle"}
    ]
    refused = scoped.get("/api/v1/search/labels", params={**time, "camera_ids": str(cameras[1])})
    assert refused.status_code == 404
    rita = console.browser().login("rita")
    found = rita.get("/api/v1/search/labels", params={**time, "camera_ids": str(cameras[1])})
    assert [each["label"] for each in found.json()] == ["dog"]


def test_a_scoped_person_finds_nothing_of_other_cameras(
    console: Server, database: Database, cameras: list[int]
) -> None:
    assert cameras[0] == 1, "scoped sees camera 1 alone"
    scoped = console.browser().login("scoped")
    for camera_id in cameras:
        _move(database, camera_id)
    uids = [_track(database, camera_id) for camera_id in cameras]
    for kind, more in (
        ("motion", {}),
        ("passing", {}),
        (
            "passing",
            {"shape": {"on": "map", "points": [[120, 31], [121, 31], [121, 32], [120, 32]]}},
        ),
        ("near", {"at": [120.98, 31.38], "radius_m": 50}),
    ):
        found = _ask(scoped, kind, **more)
        assert [h["camera_id"] for h in found["hits"]] == [1], kind
        refused = scoped.post(
            "/api/v1/search", json={"kind": kind, **TIMES, **more, "camera_ids": [cameras[1]]}
        )
        assert refused.status_code == 404, kind
    assert scoped.get(f"/api/v1/tracks/{uids[0]}").status_code == 200
    for path in (
        f"/tracks/{uids[1]}",
        f"/tracks/{uids[1]}/snapshot.jpg",
        "/recordings/motion?camera_ids=2",
    ):
        assert scoped.get(f"/api/v1{path}").status_code == 404, path
    crew = console.browser().login("resi")
    assert crew.post("/api/v1/search", json={"kind": "motion", **TIMES}).status_code == 403


def test_every_search_is_in_the_audit_log_with_its_question(
    console: Server, database: Database, cameras: list[int]
) -> None:
    rita = console.browser().login("rita")
    _ask(rita, "passing", camera_ids=cameras[:1], look={"colours": ["red"]})
    row = database.row("SELECT * FROM audit WHERE action = 'search'")
    assert (row.actor, row.subject) == ("rita", "search:passing")
    assert row.detail["look"] == {"colours": ["red"]} and row.detail["camera_ids"] == cameras[:1]
    assert row.detail["from_at"].startswith("2026-03-01T08:00")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"kind": "motion", "area": CORNER}, "2 cameras are chosen"),
        ({"kind": "motion", "area": [[0, 0], [1, 1], [1, 0], [0, 1]], "camera_ids": [1]}, "crosses"),
        ({"kind": "passing", "shape": {"on": "picture", "points": [[0, 0], [1, 1]]}, "camera_ids": [1]}, "at least 3"),
        ({"kind": "standing", "least_s": 0}, "least_s"),
        ({"kind": "near", "at": [120, 31], "from_at": "2026-02-01T00:00Z"}, "at most 24 hours"),
        ({"kind": "motion", "before": "xx"}, "no place to go on from"),
        ({"kind": "dream"}, "kind"),
        ({"kind": "passing", "look": {"min_speed_ms": 9, "max_speed_ms": 3}}, "nothing is faster"),
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_told(
    console: Server, cameras: list[int], more: dict[str, Any], says: str
) -> None:
    rita = console.browser().login("rita")
    answer = rita.post("/api/v1/search", json={**TIMES, **more})
    assert answer.status_code == 422
    assert says in answer.text


def test_a_tracks_picture_is_served(
    console: Server, database: Database, cameras: list[int], settings: ConsoleSettings
) -> None:
    rita = console.browser().login("rita")
    settings.snapshots.mkdir(parents=True)
    (settings.snapshots / "t.jpg").write_bytes(b"\xff\xd8jpg")
    uid = _track(database, cameras[0], snapshot="t.jpg")
    (hit,) = _ask(rita, "passing", camera_ids=cameras[:1])["hits"]
    assert hit["picture_url"] == f"/api/v1/tracks/{uid}/snapshot.jpg"
    assert rita.get(hit["picture_url"]).content == b"\xff\xd8jpg"
    outside = _track(database, cameras[0], snapshot="../secrets.json")
    assert rita.get(f"/api/v1/tracks/{outside}/snapshot.jpg").status_code == 404


def test_the_band_of_motion_for_the_timeline(
    console: Server, database: Database, cameras: list[int]
) -> None:
    rita = console.browser().login("rita")
    _move(database, cameras[0])
    answer = rita.get(
        "/api/v1/recordings/motion",
        params={
            "camera_ids": f"{cameras[0]},{cameras[1]}",
            "from": AT.isoformat(),
            "to": (AT + timedelta(minutes=2)).isoformat(),
            "steps": 2,
        },
    )
    assert [(b["camera_id"], b["step_s"], b["level"]) for b in answer.json()] == [
        (cameras[0], 60.0, [4, -1]),
        (cameras[1], 60.0, [-1, -1]),
    ]
