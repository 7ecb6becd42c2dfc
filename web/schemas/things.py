"""Vehicles, sensors and what they report."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from web.schemas.common import LonLatPair, Out


class VehicleOut(Out):
    """Any vehicle with a terminal: taxis too. ``id`` is the device's."""

    id: int
    name: str
    plate: str | None
    service: str | None
    unit_id: int | None
    lon: float
    lat: float
    at: datetime
    speed_ms: float | None
    course_deg: float | None
    flags: int


class LineStringOut(Out):
    type: Literal["LineString"] = "LineString"
    coordinates: list[LonLatPair]


class TrackProperties(Out):
    """Parallel to the geometry's coordinates."""

    id: int
    times: list[datetime]
    speed_ms: list[float | None]


class TrackOut(Out):
    """Where a vehicle was, as a GeoJSON feature; no coordinates when it said nothing in that time."""

    type: Literal["Feature"] = "Feature"
    geometry: LineStringOut
    properties: TrackProperties


class ReadingOut(Out):
    quantity: str
    at: datetime
    value: float
    unit: str
    flag: str
    limit_value: float | None = None
    over: bool = False


class SensorOut(Out):
    id: int
    kind: Literal["water_level", "rain", "enterprise"]
    name: str
    name_en: str | None
    protocol: str
    lon: float | None
    lat: float | None
    last_seen_at: datetime | None
    readings: list[ReadingOut]


class SeriesOut(Out):
    quantity: str
    unit: str
    at: list[datetime]
    value: list[float]
