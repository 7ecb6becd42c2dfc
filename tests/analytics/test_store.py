"""The analytics tables on a real PostGIS."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from analytics import store, zone_store
from analytics.model import Event, Nowhere, Watch
from analytics.spool import from_json, to_json
from analytics.zone_store import ZoneChange, ZoneDraft
from gis.db import Database, Listener
from gis.errors import InvalidInput, NotFound
from gis.model import Ellipse, GroundFix, LonLat

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
AREA = ((0.2, 0.2), (0.8, 0.2), (0.5, 0.8))


@pytest.fixture
def camera_id(database: Database) -> int:
    return _camera(database, "CAM-1")


def _camera(database: Database, code: str, **changes: Any) -> int:
    values: dict[str, Any] = {"height": 7.0, "analysed": True} | changes
    row = database.row(
        "INSERT INTO camera (code, name, url, geom, height_m, yaw_deg, pitch_deg, hfov_deg, analysed) "
        "VALUES (%(code)s, %(code)s, 'rtsp://127.0.0.1/x', ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326), "
        "%(height)s, 30, -20, 70, %(analysed)s) RETURNING id",
        values | {"code": code},
    )
    assert row is not None
    return int(row.id)


def _event(camera_id: int, **changes: Any) -> Event:
    event = Event(
        uid=uuid4(),
        camera_id=camera_id,
        zone_id=None,
        track_uid=uuid4(),
        rule="intrusion",
        kind="person",
        priority=2,
        confidence=0.9,
        at=AT,
        box=(0.1, 0.2, 0.3, 0.4),
        fix=GroundFix(LonLat(120.981, 31.381), Ellipse(1.8, 0.9, 30.0)),
        snapshot="2026/03/01/x.jpg",
        why="一名人员进入“东门”。",
        why_en="A person entered.",
    )
    return replace(event, **changes)


def test_watches_are_the_analysed_cameras_with_pose_and_zones(
    database: Database, camera_id: int
) -> None:
    _camera(database, "CAM-2", height=None)
    _camera(database, "CAM-3", analysed=False)
    zone = zone_store.add(database, ZoneDraft(camera_id, "东门", "intrusion", AREA))
    first, second = store.watches(database)
    assert (first.code, first.zones) == ("CAM-1", (zone,))
    assert first.pose is not None and first.pose.height_m == 7.0
    assert first.importance == 2
    assert (second.code, second.pose, second.importance) == ("CAM-2", None, 5)


def test_a_camera_that_turns_is_watched_as_it_stands(database: Database, camera_id: int) -> None:
    database.run(
        "UPDATE camera SET ptz = true, onvif_url = 'http://h/onvif', ptz_home = '1' WHERE id = %(id)s",
        {"id": camera_id},
    )
    database.run(
        "INSERT INTO camera_preset_pose (camera_id, preset, yaw_deg, pitch_deg, hfov_deg, pose_k1) "
        "VALUES (%(id)s, '2', 200, -12, 40, -0.05)",
        {"id": camera_id},
    )
    home = zone_store.add(database, ZoneDraft(camera_id, "东门", "intrusion", AREA))
    left = zone_store.add(database, ZoneDraft(camera_id, "西门", "intrusion", AREA, preset="2"))
    listener = Listener(database, ("camera",))
    assert listener.wait(0.1) is None

    def at(state: str, preset: str | None) -> Watch:
        database.run(
            "INSERT INTO ptz_state (camera_id, state, preset, since) VALUES (%(id)s, %(state)s, %(preset)s, now()) "
            "ON CONFLICT (camera_id) DO UPDATE SET state = excluded.state, preset = excluded.preset",
            {"id": camera_id, "state": state, "preset": preset},
        )
        assert listener.wait(2.0), "whoever watches is told"
        return store.watches(database)[0]

    (before,) = store.watches(database)
    assert before.pose is not None and before.zones == (home,) and before.view_since is None
    there = at("preset", "2")
    assert there.pose is not None
    assert (there.pose.yaw_deg, there.pose.hfov_deg, there.pose.k1) == pytest.approx(
        (200, 40, -0.05)
    )
    assert there.pose.height_m == 7.0, "it stands where the camera stands"
    assert there.zones == (left,) and not there.away
    swinging = at("moving", None)
    assert swinging.moving and swinging.away and swinging.pose is None and swinging.zones == ()
    for elsewhere in (at("elsewhere", None), at("preset", "3")):
        assert elsewhere.away and not elsewhere.moving
        assert elsewhere.pose is None and elsewhere.zones == ()
    back = at("preset", "1")
    assert back.pose == before.pose and back.zones == (home,)
    listener.close()


def test_zones_hold_everywhere_while_nobody_said_where_home_is(
    database: Database, camera_id: int
) -> None:
    database.run(
        "UPDATE camera SET ptz = true, onvif_url = 'http://h/onvif' WHERE id = %(id)s",
        {"id": camera_id},
    )
    zone = zone_store.add(database, ZoneDraft(camera_id, "东门", "intrusion", AREA))
    database.run(
        "INSERT INTO ptz_state (camera_id, state, since) VALUES (%(id)s, 'elsewhere', now())",
        {"id": camera_id},
    )
    (watch,) = store.watches(database)
    assert watch.zones == (zone,) and watch.pose is None and watch.away


def test_an_event_without_a_place_says_why(database: Database, camera_id: int) -> None:
    event = _event(camera_id, fix=None, nowhere=Nowhere("too_far", 38.2))
    assert store.write_event(database, from_json(to_json(event)))
    (stored,) = store.events(database).events
    assert (stored.nowhere, stored.nowhere_m) == ("too_far", pytest.approx(38.2))


def test_an_event_is_written_once_and_read_back(database: Database, camera_id: int) -> None:
    database.run(
        "INSERT INTO place (source, source_ref, kind, name, name_en, geom) VALUES "
        "('t', '1', 'crossing', '人民路与东门街路口', 'Renmin Rd & Dongmen St', "
        "ST_SetSRID(ST_MakePoint(120.981, 31.381), 4326))"
    )
    listener = Listener(database, ("event",))
    assert listener.wait(0.1) is None
    zone = zone_store.add(database, ZoneDraft(camera_id, "东门", "intrusion", AREA))
    event = _event(camera_id, zone_id=zone.id)
    assert store.write_event(database, event) is True
    assert store.write_event(database, event) is False
    (stored,) = store.events(database).events
    assert listener.wait(1.0) == [("event", str(stored.id))]
    listener.close()
    assert store.event(database, stored.id) == stored
    assert (stored.uid, stored.zone_id, stored.at) == (event.uid, zone.id, AT)
    assert stored.point == LonLat(120.981, 31.381)
    assert stored.ellipse is not None and stored.ellipse.major_m == pytest.approx(1.8)
    assert (stored.place, stored.place_en) == ("人民路与东门街路口", "Renmin Rd & Dongmen St")
    assert stored.box == pytest.approx(event.box)
    (mark,) = database.rows(
        "SELECT camera_id, from_at, to_at, class AS footage_class FROM footage_mark"
    )
    assert mark == (camera_id, AT - timedelta(seconds=10), AT + timedelta(seconds=30), "event")
    with pytest.raises(NotFound):
        store.event(database, stored.id + 1)


def test_an_event_outlives_its_zone_and_needs_its_camera(
    database: Database, camera_id: int
) -> None:
    assert store.write_event(database, _event(camera_id, zone_id=4711, fix=None)) is True
    (stored,) = store.events(database).events
    assert (stored.zone_id, stored.point, stored.ellipse, stored.place) == (None, None, None, None)
    assert store.write_event(database, _event(999)) is False


def test_pages_never_tear_a_moment_apart(database: Database, camera_id: int) -> None:
    for i in range(9):
        store.write_event(database, _event(camera_id, at=AT + timedelta(seconds=i // 3)))
    seen: list[int] = []
    before, pages = None, 0
    while True:
        page = store.events(database, before=before, limit=2)
        seen += [e.id for e in page.events]
        pages += 1
        if page.next_before is None:
            break
        before = page.next_before
    assert len(seen) == len(set(seen)) == 9
    assert pages in (3, 4)


def test_filters(database: Database, camera_id: int) -> None:
    other = _camera(database, "CAM-2")
    far = GroundFix(LonLat(121.5, 31.0), Ellipse(1, 1, 0))
    store.write_event(database, _event(camera_id))
    store.write_event(database, _event(other, at=AT + timedelta(hours=1), kind="vehicle", fix=far))
    store.write_event(
        database, _event(other, at=AT + timedelta(hours=2), rule="line_crossing", fix=None)
    )

    def found(**filters: Any) -> list[int]:
        return [
            round((e.at - AT).total_seconds() / 3600)
            for e in store.events(database, **filters).events
        ]

    around = [LonLat(120.9, 31.3), LonLat(121.0, 31.3), LonLat(121.0, 31.4), LonLat(120.9, 31.4)]
    assert found() == [2, 1, 0]
    assert found(camera_ids=[other]) == [2, 1]
    assert found(camera_ids=[]) == []
    assert found(start=AT + timedelta(hours=1), end=AT + timedelta(hours=2)) == [1]
    assert found(rule="line_crossing") == [2]
    assert found(kind="vehicle") == [1]
    assert found(polygon=around) == [0]
    with pytest.raises(InvalidInput, match="limit 0"):
        found(limit=0)
    with pytest.raises(InvalidInput, match="at least 3 points"):
        found(polygon=around[:2])


def test_a_zone_on_the_map_goes_to_every_camera_in_reach(database: Database) -> None:
    near, blind = _camera(database, "CAM-1"), _camera(database, "CAM-2", height=None)
    far = _camera(database, "CAM-3")
    database.run(
        "UPDATE camera SET geom = ST_SetSRID(ST_MakePoint(121.2, 31.38), 4326) WHERE id = %(id)s",
        {"id": far},
    )
    ground = (LonLat(120.98, 31.3801), LonLat(120.9801, 31.3801), LonLat(120.98, 31.3802))
    draft = ZoneDraft(None, "广场", "crowd_density", (), ground=ground, schedule=((0, 600),))
    zone = zone_store.add(database, draft)
    assert (zone.points, zone.ground, zone.classes, zone.dwell_s) == ((), ground, ("person",), 5.0)
    watched = {watch.camera_id: watch.zones for watch in store.watches(database)}
    assert watched == {near: (zone,), blind: (), far: ()}
    moved = (*ground[:2], LonLat(120.9801, 31.3803))
    assert zone_store.change(database, zone.id, 1, ZoneChange(ground=moved)).ground == moved
