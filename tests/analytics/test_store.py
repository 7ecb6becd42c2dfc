"""The analytics tables on a real PostGIS."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from analytics import store
from analytics.model import Event, TrackRecord
from analytics.store import ZoneChange, ZoneDraft
from gis.db import Database, Listener
from gis.errors import InvalidInput, NotFound, StaleVersion
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
    zone = store.add_zone(database, ZoneDraft(camera_id, "东门", "intrusion", AREA))
    first, second = store.watches(database)
    assert (first.code, first.zones) == ("CAM-1", (zone,))
    assert first.pose is not None and first.pose.height_m == 7.0
    assert first.importance == 2
    assert (second.code, second.pose, second.importance) == ("CAM-2", None, 5)


def test_a_zone_lives_its_life(database: Database, camera_id: int) -> None:
    listener = Listener(database, ("zone",))
    assert listener.wait(0.1) is None
    zone = store.add_zone(database, ZoneDraft(camera_id, "东门", "intrusion", AREA, dwell_s=2.5))
    assert (zone.points, zone.dwell_s, zone.version) == (AREA, 2.5, 1)
    changed = store.change_zone(database, zone.id, 1, ZoneChange(name="西门", enabled=False))
    assert (changed.name, changed.enabled, changed.dwell_s, changed.version) == (
        "西门",
        False,
        2.5,
        2,
    )
    with pytest.raises(StaleVersion) as stale:
        store.change_zone(database, zone.id, 1, ZoneChange(name="南门"))
    assert stale.value.current["version"] == 2
    assert stale.value.sent == {"name": "南门", "expected_version": 1}
    with pytest.raises(StaleVersion):
        store.delete_zone(database, zone.id, 1)
    store.delete_zone(database, zone.id, 2)
    assert store.zones(database, [camera_id]) == []
    for missing in (
        lambda: store.zone(database, zone.id),
        lambda: store.delete_zone(database, zone.id, 2),
        lambda: store.add_zone(database, ZoneDraft(999, "x", "intrusion", AREA)),
    ):
        with pytest.raises(NotFound):
            missing()
    told = listener.wait(1.0)
    assert told == [("zone", str(zone.id))] * 3, "added, changed and removed are all told"
    listener.close()


def test_a_shape_that_is_none_is_refused(database: Database, camera_id: int) -> None:
    with pytest.raises(InvalidInput, match="at least 3"):
        store.add_zone(database, ZoneDraft(camera_id, "东门", "intrusion", AREA[:2]))
    zone = store.add_zone(database, ZoneDraft(camera_id, "东门", "intrusion", AREA))
    with pytest.raises(InvalidInput, match="outside the picture"):
        store.change_zone(database, zone.id, 1, ZoneChange(points=((0, 0), (2, 0), (1, 1))))
    with pytest.raises(InvalidInput, match="at least one"):
        store.change_zone(database, zone.id, 1, ZoneChange(classes=()))
    assert store.zone(database, zone.id).version == 1


def test_an_event_is_written_once_and_read_back(database: Database, camera_id: int) -> None:
    database.run(
        "INSERT INTO place (source, source_ref, kind, name, name_en, geom) VALUES "
        "('t', '1', 'crossing', '人民路与东门街路口', 'Renmin Rd & Dongmen St', "
        "ST_SetSRID(ST_MakePoint(120.981, 31.381), 4326))"
    )
    listener = Listener(database, ("event",))
    assert listener.wait(0.1) is None
    zone = store.add_zone(database, ZoneDraft(camera_id, "东门", "intrusion", AREA))
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


def test_a_track_grows_but_never_shrinks(database: Database, camera_id: int) -> None:
    box = (0.1, 0.2, 0.3, 0.4)
    short = TrackRecord(
        uuid4(), camera_id, "other", 0.5, AT, AT + timedelta(seconds=1), (0,), (box,), None, ()
    )
    path = (LonLat(120.98, 31.38), LonLat(120.981, 31.381), LonLat(120.982, 31.381))
    whole = replace(
        short,
        kind="person",
        end_at=AT + timedelta(seconds=9),
        t_ms=(0, 200, 400),
        boxes=(box,) * 3,
        speed_ms=1.4,
        path=path,
    )
    assert store.write_track(database, short) is True
    assert store.write_track(database, whole) is True
    assert store.write_track(database, short) is False
    found = store.track(database, short.uid)
    assert found is not None
    assert (found.kind, found.t_ms, found.path) == ("person", (0, 200, 400), path)
    assert found.boxes[2] == pytest.approx(box)
    assert store.track(database, uuid4()) is None
