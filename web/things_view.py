"""Vehicles and sensors as the API and the feed give them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from gis.db import Database
from web import things_store
from web.schemas.things import (
    LineStringOut,
    ReadingOut,
    SensorOut,
    SeriesOut,
    TrackOut,
    TrackProperties,
    VehicleOut,
)


def vehicles(database: Database, ids: Sequence[int] | None = None) -> list[VehicleOut]:
    """Vehicles with a position; all, or some."""
    return [VehicleOut.model_validate(row) for row in things_store.vehicles(database, ids)]


def track(database: Database, vehicle_id: int, start: datetime, end: datetime) -> TrackOut:
    """Where a vehicle was."""
    rows = things_store.track(database, vehicle_id, start, end)
    return TrackOut(
        geometry=LineStringOut(coordinates=[(r.lon_e7 / 1e7, r.lat_e7 / 1e7) for r in rows]),
        properties=TrackProperties(
            id=vehicle_id,
            times=[r.at for r in rows],
            speed_ms=[None if r.speed_cms is None else r.speed_cms / 100.0 for r in rows],
        ),
    )


def sensors(database: Database) -> list[SensorOut]:
    """Stations with their newest readings."""
    stations, readings = things_store.sensors(database)
    by_station = {
        device_id: [ReadingOut.model_validate(row) for row in rows]
        for device_id, rows in groupby(readings, key=lambda row: row.device_id)
    }
    return [
        SensorOut.model_validate(row._asdict() | {"readings": by_station.get(row.id, [])})
        for row in stations
    ]


def series(
    database: Database, sensor_id: int, quantity: str, start: datetime, end: datetime
) -> SeriesOut:
    """One quantity over time; empty where nothing was said."""
    rows = things_store.series(database, sensor_id, quantity, start, end)
    return SeriesOut(
        quantity=quantity,
        unit=rows[0].unit if rows else "",
        at=[r.at for r in rows],
        value=[r.value for r in rows],
    )
