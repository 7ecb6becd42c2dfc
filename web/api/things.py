"""What reports by itself: vehicles with their tracks, sensors with their series."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from web import things_view
from web.deps import ClockDep, DatabaseDep, UserDep
from web.schemas.things import SensorOut, SeriesOut, TrackOut, VehicleOut
from web.times import UtcTime, span

router = APIRouter(tags=["things"])


@router.get("/vehicles")
def list_vehicles(user: UserDep, database: DatabaseDep) -> list[VehicleOut]:
    """Every vehicle with a position."""
    return things_view.vehicles(database)


@router.get("/vehicles/{vehicle_id}/track")
def vehicle_track(
    vehicle_id: int,
    user: UserDep,
    database: DatabaseDep,
    clock: ClockDep,
    from_at: Annotated[UtcTime | None, Query(alias="from")] = None,
    to_at: Annotated[UtcTime | None, Query(alias="to")] = None,
) -> TrackOut:
    """Where a vehicle was: a GeoJSON feature whose ``properties.times`` go with the coordinates. The last
    hour unless said otherwise, at most a day."""
    start, end = span(from_at, to_at, clock.now(), default_s=3600, most_s=86400)
    return things_view.track(database, vehicle_id, start, end)


@router.get("/sensors")
def list_sensors(user: UserDep, database: DatabaseDep) -> list[SensorOut]:
    """Every fixed station with its newest readings and whether they are over their limits."""
    return things_view.sensors(database)


@router.get("/sensors/{sensor_id}/series")
def sensor_series(
    sensor_id: int,
    user: UserDep,
    database: DatabaseDep,
    clock: ClockDep,
    quantity: Annotated[str, Query(min_length=1, max_length=64)],
    from_at: Annotated[UtcTime | None, Query(alias="from")] = None,
    to_at: Annotated[UtcTime | None, Query(alias="to")] = None,
) -> SeriesOut:
    """One quantity over time, at most 2,000 points (each the mean of its share of the span). The last day
    unless said otherwise, at most 92 days."""
    start, end = span(from_at, to_at, clock.now(), default_s=86400, most_s=92 * 86400)
    return things_view.series(database, sensor_id, quantity, start, end)
