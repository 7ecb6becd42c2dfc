"""The table of zones on a real PostGIS."""

from __future__ import annotations

import pytest

from analytics import zone_store
from analytics.rules.catalogue import CATALOGUE
from analytics.zone_store import ZoneChange, ZoneDraft
from gis.db import Database, Listener
from gis.errors import InvalidInput, NotFound, StaleVersion

AREA = ((0.2, 0.2), (0.8, 0.2), (0.5, 0.8))


@pytest.fixture
def camera_id(database: Database) -> int:
    row = database.row(
        "INSERT INTO camera (code, name, url, geom) VALUES ('CAM-1', 'CAM-1', 'rtsp://127.0.0.1/x', "
        "ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326)) RETURNING id"
    )
    assert row is not None
    return int(row.id)


def test_a_zone_lives_its_life(database: Database, camera_id: int) -> None:
    listener = Listener(database, ("zone",))
    assert listener.wait(0.1) is None
    zone = zone_store.add(database, ZoneDraft(camera_id, "东门", "intrusion", AREA, dwell_s=2.5))
    assert (zone.points, zone.dwell_s, zone.version) == (AREA, 2.5, 1)
    changed = zone_store.change(database, zone.id, 1, ZoneChange(name="西门", enabled=False))
    assert (changed.name, changed.enabled, changed.dwell_s, changed.version) == (
        "西门",
        False,
        2.5,
        2,
    )
    with pytest.raises(StaleVersion) as stale:
        zone_store.change(database, zone.id, 1, ZoneChange(name="南门"))
    assert stale.value.current["version"] == 2
    assert stale.value.sent == {"name": "南门", "expected_version": 1}
    with pytest.raises(StaleVersion):
        zone_store.delete(database, zone.id, 1)
    zone_store.delete(database, zone.id, 2)
    assert zone_store.zones(database, [camera_id]) == []
    for missing in (
        lambda: zone_store.zone(database, zone.id),
        lambda: zone_store.delete(database, zone.id, 2),
        lambda: zone_store.add(database, ZoneDraft(999, "x", "intrusion", AREA)),
    ):
        with pytest.raises(NotFound):
            missing()
    told = listener.wait(1.0)
    assert told == [("zone", str(zone.id))] * 3, "added, changed and removed are all told"
    listener.close()


def test_a_shape_that_is_none_is_refused(database: Database, camera_id: int) -> None:
    with pytest.raises(InvalidInput, match="at least 3"):
        zone_store.add(database, ZoneDraft(camera_id, "东门", "intrusion", AREA[:2]))
    zone = zone_store.add(database, ZoneDraft(camera_id, "东门", "intrusion", AREA))
    with pytest.raises(InvalidInput, match="outside the picture"):
        zone_store.change(database, zone.id, 1, ZoneChange(points=((0, 0), (2, 0), (1, 1))))
    with pytest.raises(InvalidInput, match="at least one"):
        zone_store.change(database, zone.id, 1, ZoneChange(classes=()))
    assert zone_store.zone(database, zone.id).version == 1


def test_what_a_zone_may_lack_can_be_taken_away_again(database: Database, camera_id: int) -> None:
    draft = ZoneDraft(
        camera_id, "快车", "fast_motion", AREA, name_en="Fast", classes=("person",), dwell_s=9.0, threshold=20.0,
        clear=15.0, preset="2",
    )  # fmt: skip
    zone = zone_store.add(database, draft)
    facts = CATALOGUE["fast_motion"]
    emptied = ZoneChange(
        name_en=None, classes=None, dwell_s=None, threshold=None, clear=None, preset=None
    )
    after = zone_store.change(database, zone.id, 1, emptied)
    assert (after.name, after.points, after.name_en) == ("快车", AREA, None)
    assert (after.threshold, after.clear, after.preset) == (None, None, None)
    assert (after.classes, after.dwell_s) == (facts.classes, facts.dwell_s)
    moved = zone_store.change(database, zone.id, 2, ZoneChange(preset="3"))
    assert (moved.preset, moved.dwell_s) == ("3", facts.dwell_s)


def test_what_a_rule_needs_cannot_be_taken_away(database: Database, camera_id: int) -> None:
    draft = ZoneDraft(
        camera_id, "水尺", "water_level", (), arrow=((0.5, 0.9), (0.5, 0.1)), gauge_m=(0.0, 4.0),
        threshold=3.0,
    )  # fmt: skip
    zone = zone_store.add(database, draft)
    for change in (ZoneChange(arrow=None), ZoneChange(gauge_m=None), ZoneChange(threshold=None)):
        with pytest.raises(InvalidInput):
            zone_store.change(database, zone.id, 1, change)
    assert zone_store.zone(database, zone.id) == zone
