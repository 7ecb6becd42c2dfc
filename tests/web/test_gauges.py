"""What gauges in the picture read, over the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from analytics import gauge_store
from analytics.model import LevelReading
from gis.db import Database
from tests.support.console import Server, add_camera

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_levels_come_as_a_curve(console: Server, database: Database) -> None:
    camera_id = add_camera(database, "a")
    admin = console.browser().login("root-1")
    body = {
        "camera_id": camera_id,
        "name": "水尺",
        "rule": "water_level",
        "points": [],
        "arrow": [[0.5, 0.9], [0.5, 0.2]],
        "gauge_m": [3.0, 5.0],
        "threshold": 4.1,
    }
    made = admin.post("/api/v1/zones", json=body)
    assert made.status_code == 201, made.text
    zone_id = made.json()["id"]
    for minute, level_m in enumerate((3.2, 3.35, 3.5)):
        reading = LevelReading(zone_id, AT + timedelta(minutes=minute), level_m)
        assert gauge_store.write(database, reading)
        assert not gauge_store.write(database, reading), "once is enough"
    assert not gauge_store.write(database, LevelReading(zone_id + 1, AT, 1.0)), (
        "a gauge that is gone"
    )
    span = {"start": AT.isoformat(), "end": (AT + timedelta(minutes=2)).isoformat()}
    curve = admin.get(f"/api/v1/zones/{zone_id}/levels", params=span)
    assert [point["level_m"] for point in curve.json()] == [3.2, 3.35]
    assert curve.json()[0]["at"].startswith("2026-03-02T08:00:00")
    assert admin.get("/api/v1/zones/999/levels", params=span).status_code == 404
