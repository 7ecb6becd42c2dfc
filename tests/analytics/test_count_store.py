"""Crossings are kept by quarter of an hour, direction and class."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from analytics import count_store, zone_store
from analytics.model import Crossing
from analytics.zone_store import ZoneDraft
from gis.db import Database

AT = datetime(2026, 3, 1, 8, 7, 30, tzinfo=UTC)
QUARTER = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LINE = ((0.2, 0.2), (0.8, 0.8))


def _camera(database: Database, code: str) -> int:
    row = database.row(
        "INSERT INTO camera (code, name, url, geom) VALUES (%(code)s, %(code)s, 'rtsp://127.0.0.1/x', "
        "ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326)) RETURNING id",
        {"code": code},
    )
    assert row is not None
    return int(row.id)


def test_counts_by_quarter_direction_and_class(database: Database) -> None:
    one, two = _camera(database, "C1"), _camera(database, "C2")
    line = zone_store.add(database, ZoneDraft(one, "出口", "line_crossing", LINE))
    there = Crossing(line.id, one, "left_to_right", "person", AT)
    back = replace(there, direction="right_to_left")
    later = replace(there, at=AT + timedelta(minutes=8))
    for crossing in (there, there, back, later, replace(there, kind="vehicle")):
        assert count_store.add(database, crossing)
    assert count_store.add(database, replace(there, camera_id=two)), "a line on the map"
    end = QUARTER + timedelta(hours=1)
    found = count_store.counts(database, line.id, QUARTER, end)
    assert [(q.from_at, q.direction, q.kind, q.count) for q in found] == [
        (QUARTER, "left_to_right", "person", 2),
        (QUARTER, "left_to_right", "vehicle", 1),
        (QUARTER, "right_to_left", "person", 1),
        (QUARTER + timedelta(minutes=15), "left_to_right", "person", 1),
    ]
    assert not count_store.add(database, replace(there, zone_id=999))
    zone_store.delete(database, line.id, line.version)
    assert count_store.counts(database, line.id, QUARTER, end) == ()
