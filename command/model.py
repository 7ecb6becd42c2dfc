"""The nouns of command: alarms, incidents, units, the people who move, and the log that keeps it all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from gis.model import Ellipse, LonLat, Position

AlarmState = Literal["raised", "acked", "shelved", "linked", "dismissed", "cleared"]
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
Outcome = Literal["closed", "false_alarm", "cancelled"]
DismissCode = Literal[
    "tree",  # leaves, branches
    "weather",  # rain, snow
    "light",  # light, shadow, headlights
    "animal",
    "insect",  # insect, spider, web on the lens
    "reflection",  # water, glass
    "shake",  # the camera moved
    "other_false",
    "staff",
    "allowed",
    "exercise",
    "other",
]
"""Why an alarm was dismissed; see :data:`command.noise.FALSE_CODES`."""
IncidentType = Literal[
    "intrusion", "fire", "flood", "traffic", "medical", "pipe_burst", "pollution", "panic", "other"
]
AssignmentState = Literal[
    "dispatched", "acknowledged", "enroute", "onscene", "cleared", "declined", "recalled"
]
Step = Literal["acknowledge", "enroute", "onscene", "clear", "decline"]
Duty = Literal["off", "available", "unavailable", "out_of_service"]
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
Service = Literal["police", "fire", "ambulance", "municipal"]


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Cause:
    """What happened, from a camera's rule, a device or the system itself: the part of an event that makes an alarm.

    Exactly one of ``event_id``, ``device_event_id`` and ``system_event_id`` is set. ``subject`` names the zone, sensor,
    vehicle, camera or storage tier; ``thing`` is the class of what was seen (person, vehicle, other) or the quantity that
    crossed its limit.
    """

    key: str
    kind: str
    event_id: int | None
    device_event_id: int | None
    camera_id: int | None
    device_id: int | None
    at: datetime
    priority: int
    where: LonLat | None
    place: Words | None
    subject: Words
    thing: str
    value: float | None = None
    limit_value: float | None = None
    unit: str = ""
    system_event_id: int | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that wants an officer's eye. ``count`` events of one ``cause`` between first_at and last_at."""

    id: int
    state: AlarmState
    priority: int
    kind: str
    cause: str
    event_id: int | None
    device_event_id: int | None
    camera_id: int | None
    device_id: int | None
    first_at: datetime
    last_at: datetime
    count: int
    where: LonLat | None
    ellipse: Ellipse | None
    place: str | None
    place_en: str | None
    title: str
    title_en: str
    has_snapshot: bool
    incident_id: int | None
    handled_by: str | None
    handled_at: datetime | None
    dismiss_reason: str | None
    shelved_until: datetime | None
    version: int
    dismiss_code: DismissCode | None = None


@dataclass(frozen=True, slots=True)
class IncidentFacts:
    """What is known of an incident, as its log tells it."""

    type: IncidentType
    title: str
    title_en: str | None
    priority: int
    level: int | None
    state: IncidentState
    where: LonLat
    place: str | None
    place_en: str | None
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None = None
    close_note: str | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident's row: its number, its facts, its version, and how many units are on it."""

    id: int
    facts: IncidentFacts
    version: int
    units: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """A unit sent to an incident. The timestamps are the truth; see :func:`command.steps.assignment_state`."""

    id: int
    incident_id: int
    unit_id: int
    dispatched_by: str
    dispatched_at: datetime
    acknowledged_at: datetime | None = None
    enroute_at: datetime | None = None
    onscene_at: datetime | None = None
    cleared_at: datetime | None = None
    declined_at: datetime | None = None
    recalled_at: datetime | None = None
    decline_reason: str | None = None
    no_ack_at: datetime | None = None
    eta_s: float | None = None
    distance_m: float | None = None
    note: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Tasking:
    """An assignment with the names of its unit, as the screens show it."""

    assignment: Assignment
    unit_code: str
    unit_name: str
    unit_name_en: str | None
    service: Service


@dataclass(frozen=True, slots=True)
class Unit:
    """A crew with a vehicle, its open assignment if it has one, and where it was last."""

    id: int
    code: str
    name: str
    name_en: str | None
    service: Service
    device_id: int | None
    crew: int
    duty: Duty
    version: int
    open: Assignment | None
    position: Position | None
    station: LonLat | None
    panic: bool


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of an incident's log; see :mod:`command.log`. ``id`` is 0 until it is stored."""

    id: int
    incident_id: int
    seq: int
    kind: str
    actor: str
    t_event: datetime
    t_recorded: datetime
    body: Mapping[str, Any]
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class SeeingCamera:
    """A camera that sees a spot: how far it is and how many pixels a metre takes there."""

    camera_id: int
    code: str
    distance_m: float
    px_per_m: float


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A unit that could go, how long it would take by road, and why it stands where it stands."""

    unit_id: int
    eta_s: float
    distance_m: float
    why: Words
    position_age_s: float | None
    recommended: bool
