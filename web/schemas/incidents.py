"""Incidents, their log and what belongs to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from web.schemas.alarms import AlarmOut
from web.schemas.assignments import AssignmentOut
from web.schemas.cameras import SeeingCameraOut
from web.schemas.common import Body, Out, Priority, VersionIn
from web.schemas.holds import HoldOut

IncidentType = Literal[
    "intrusion", "fire", "flood", "traffic", "medical", "pipe_burst", "pollution", "panic", "other"
]
IncidentState = Literal[
    "open",
    "assigned",
    "enroute",
    "onscene",
    "controlled",
    "clearing",
    "closed",
    "false_alarm",
    "cancelled",
]


class IncidentIn(Body):
    type: IncidentType
    title: str | None = Field(
        default=None, min_length=1, max_length=200
    )  # made from type and place when absent
    priority: Priority
    level: Literal[1, 2, 3, 4] | None = None
    lon: float | None = Field(
        default=None, ge=-180, le=180
    )  # needed when there is no alarm with a place
    lat: float | None = Field(default=None, ge=-90, le=90)
    alarm_id: int | None = None
    alarm_version: int | None = None


class IncidentPatch(VersionIn):
    type: IncidentType | None = None
    title: str | None = Field(default=None, min_length=1, max_length=200)
    priority: Priority | None = None
    level: Literal[1, 2, 3, 4] | None = None
    state: Literal["controlled", "clearing"] | None = None
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)


class LinkAlarmIn(VersionIn):
    """``expected_version`` is the incident's."""

    alarm_id: int


class NoteIn(Body):
    text: str = Field(min_length=1, max_length=2000)


class CloseIn(VersionIn):
    outcome: Literal["closed", "false_alarm", "cancelled"] = "closed"
    note: str = Field(default="", max_length=2000)


class IncidentOut(Out):
    id: int
    type: IncidentType
    title: str
    title_en: str | None = None  # absent where a person wrote the title
    priority: Priority
    level: int | None
    state: IncidentState
    lon: float
    lat: float
    place: str | None
    place_en: str | None
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    close_note: str | None
    units: int  # assignments not yet ended
    version: int


class LogEntryOut(Out):
    id: int
    incident_id: int
    seq: int
    kind: str
    actor: str
    t_event: datetime
    t_recorded: datetime
    body: dict[str, Any]


class IncidentDetail(Out):
    incident: IncidentOut
    alarms: list[AlarmOut]
    assignments: list[AssignmentOut]
    log: list[LogEntryOut]
    cameras: list[SeeingCameraOut]
    holds: list[HoldOut]
    log_intact: bool
