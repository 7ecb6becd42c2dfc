"""Rows of vehicles and sensors as the screens show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from gis.db import Database, load_queries
from gis.errors import NotFound
from gis.said import say

_SQL = load_queries(Path(__file__).parent / "sql")
MAX_FIXES = 20000
MAX_POINTS = 2000


def vehicles(database: Database, ids: Sequence[int] | None = None) -> list[Any]:
    """Vehicles with a position."""
    return database.rows(_SQL["vehicle_list"], {"ids": None if ids is None else list(ids)})


def track(database: Database, vehicle_id: int, start: datetime, end: datetime) -> list[Any]:
    """Positions of one vehicle, oldest first, at most :data:`MAX_FIXES`. Raises :class:`NotFound`."""
    if database.row(_SQL["vehicle_exists"], {"id": vehicle_id}) is None:
        raise NotFound(say("no_vehicle", "there is no vehicle {id}", id=vehicle_id))
    return database.rows(
        _SQL["vehicle_track"],
        {"id": vehicle_id, "from_at": start, "to_at": end, "limit": MAX_FIXES},
    )


def sensors(database: Database) -> tuple[list[Any], list[Any]]:
    """Stations, and their newest readings."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["sensor_list"])
        stations = cursor.fetchall()
        cursor.execute(_SQL["sensor_readings"])
        return stations, cursor.fetchall()


def series(
    database: Database, sensor_id: int, quantity: str, start: datetime, end: datetime
) -> list[Any]:
    """One quantity over time, at most :data:`MAX_POINTS` rows. Raises :class:`NotFound`."""
    if database.row(_SQL["sensor_exists"], {"id": sensor_id}) is None:
        raise NotFound(say("no_sensor", "there is no sensor {id}", id=sensor_id))
    step_s = max(1e-3, (end - start).total_seconds() / MAX_POINTS)
    return database.rows(
        _SQL["sensor_series"],
        {
            "id": sensor_id,
            "quantity": quantity,
            "from_at": start,
            "to_at": end,
            "step_s": step_s,
        },
    )
