"""Units, and what the responder's phone shows."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from web.schemas.alarms import AlarmOut
from web.schemas.assignments import AssignmentOut
from web.schemas.cameras import SeeingCameraOut
from web.schemas.common import LonLatPair, Out, Service, VersionIn
from web.schemas.incidents import IncidentOut

UnitStatus = Literal[
    "available",
    "dispatched",
    "acknowledged",
    "enroute",
    "onscene",
    "unavailable",
    "out_of_service",
    "off",
]
Duty = Literal["off", "available", "unavailable", "out_of_service"]


class UnitOut(Out):
    id: int
    code: str
    name: str
    name_en: str | None
    service: Service
    device_id: int | None
    crew: int
    duty: Duty
    status: UnitStatus
    incident_id: int | None
    assignment_id: int | None
    lon: float | None
    lat: float | None
    position_at: datetime | None
    speed_ms: float | None
    course_deg: float | None
    panic: bool
    version: int


class UnitPatch(VersionIn):
    duty: Duty


class MyAssignmentOut(Out):
    """What the responder's phone shows."""

    unit: UnitOut
    assignment: AssignmentOut | None
    incident: IncidentOut | None
    alarm: AlarmOut | None
    route: list[LonLatPair]
    eta_s: float | None
    distance_m: float | None
    cameras: list[SeeingCameraOut]
