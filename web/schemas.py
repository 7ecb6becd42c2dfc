"""What goes over the wire: the console API's request and response bodies.

Times are ISO 8601 in UTC, positions longitude first in WGS-84 degrees, lengths in metres, durations in seconds.
Every body that changes a versioned row carries ``expected_version``; a stale one is answered 409 with both values.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Role = Literal["admin", "dispatcher", "commander", "reviewer", "responder"]
Language = Literal["zh-CN", "en"]
Priority = Literal[1, 2, 3, 4]
Service = Literal["police", "fire", "ambulance", "municipal"]
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
Step = Literal["acknowledge", "enroute", "onscene", "clear", "decline"]
IncidentType = Literal[
    "intrusion", "fire", "flood", "traffic", "medical", "pipe_burst", "pollution", "panic", "other"
]
LonLatPair = tuple[float, float]


class Body(BaseModel):
    """A request body: unknown fields are refused, so that a misspelt one is noticed.

    So is a NUL in any text: PostgreSQL holds none.
    """

    model_config = ConfigDict(extra="forbid")

    @field_validator("*")
    @classmethod
    def _without_nul(cls, value: Any) -> Any:
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("a NUL character may not stand in a text")
        return value


class Out(BaseModel):
    """A response body, built from rows."""

    model_config = ConfigDict(from_attributes=True)


# --- errors -----------------------------------------------------------------------------------------------------


class FieldError(Out):
    field: str
    message: str


class ErrorBody(Out):
    code: str
    message: str
    fields: list[FieldError] = []
    current: dict[str, Any] | None = None
    sent: dict[str, Any] | None = None


class ErrorOut(Out):
    error: ErrorBody


# --- people -----------------------------------------------------------------------------------------------------


class LoginIn(Body):
    name: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=200)


class UserOut(Out):
    id: int
    name: str
    display_name: str
    roles: list[Role]
    camera_ids: list[int] | None
    unit_id: int | None
    language: Language
    active: bool
    version: int


class SessionOut(Out):
    user: UserOut
    csrf: str
    expires_at: datetime
    server_time: datetime


class LanguageIn(Body):
    language: Language


class PasswordIn(Body):
    old: str = Field(min_length=1, max_length=200)
    new: str = Field(min_length=10, max_length=200)


class UserIn(Body):
    name: str = Field(pattern=r"^[A-Za-z0-9._-]{2,32}$")
    display_name: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=10, max_length=200)
    roles: list[Role] = Field(min_length=1)
    camera_ids: list[int] | None = None
    unit_id: int | None = None
    language: Language = "zh-CN"


class UserPatch(Body):
    expected_version: int
    display_name: str | None = Field(default=None, min_length=1, max_length=64)
    password: str | None = Field(default=None, min_length=10, max_length=200)
    roles: list[Role] | None = Field(default=None, min_length=1)
    camera_ids: list[int] | None = None
    all_cameras: bool | None = None
    unit_id: int | None = None
    active: bool | None = None


class AuditOut(Out):
    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    address: str | None


# --- cameras ----------------------------------------------------------------------------------------------------

CameraStateName = Literal[
    "off",
    "connecting",
    "online",
    "stalled",
    "unreachable",
    "refused",
    "no_key_frame",
    "unsupported",
    "disk_full",
    "stopped",
]


class CameraOut(Out):
    id: int
    code: str
    name: str
    name_en: str | None
    lon: float
    lat: float
    height_m: float | None
    yaw_deg: float | None
    pitch_deg: float | None
    roll_deg: float
    hfov_deg: float | None
    enabled: bool
    recorded: bool
    analysed: bool
    published: bool
    retention_days: int
    version: int
    state: CameraStateName
    reason: str
    since: datetime | None
    last_packet_at: datetime | None
    codec: str | None
    width_px: int | None
    height_px: int | None
    fps: float | None
    bitrate_bps: int | None
    recording: bool
    field_of_view: list[LonLatPair] | None  # closed ring on the ground, out to the useful range
    url: str | None = None  # admins only
    username: str | None = None  # admins only


class CameraIn(Body):
    code: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")
    name: str = Field(min_length=1, max_length=100)
    name_en: str | None = Field(default=None, max_length=100)
    url: str = Field(pattern=r"^rtsps?://[^@\s]+$", max_length=500)
    username: str | None = Field(default=None, max_length=100)
    password: str | None = Field(default=None, max_length=200)
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    height_m: float | None = Field(default=None, gt=0, le=500)
    yaw_deg: float | None = Field(default=None, ge=-360, le=360)
    pitch_deg: float | None = Field(default=None, ge=-90, le=90)
    roll_deg: float = Field(default=0, ge=-180, le=180)
    hfov_deg: float | None = Field(default=None, gt=0, lt=180)
    enabled: bool = True
    recorded: bool = True
    analysed: bool = True
    published: bool = False
    retention_days: int = Field(default=30, ge=1, le=3650)


class CameraPatch(Body):
    expected_version: int
    name: str | None = Field(default=None, min_length=1, max_length=100)
    name_en: str | None = Field(default=None, max_length=100)
    url: str | None = Field(default=None, pattern=r"^rtsps?://[^@\s]+$", max_length=500)
    username: str | None = Field(default=None, max_length=100)
    password: str | None = Field(default=None, max_length=200)
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    height_m: float | None = Field(default=None, gt=0, le=500)
    yaw_deg: float | None = Field(default=None, ge=-360, le=360)
    pitch_deg: float | None = Field(default=None, ge=-90, le=90)
    roll_deg: float | None = Field(default=None, ge=-180, le=180)
    hfov_deg: float | None = Field(default=None, gt=0, lt=180)
    enabled: bool | None = None
    recorded: bool | None = None
    analysed: bool | None = None
    published: bool | None = None
    retention_days: int | None = Field(default=None, ge=1, le=3650)


class CameraTestIn(Body):
    url: str = Field(pattern=r"^rtsps?://[^@\s]+$", max_length=500)
    username: str | None = None
    password: str | None = None


class CameraTestOut(Out):
    ok: bool
    step: str  # the step that failed, or "done": resolve, connect, describe, authenticate, setup, play, key_frame
    message: str
    codec: str | None
    width_px: int | None
    height_px: int | None
    fps: float | None
    first_picture_s: float | None


class ZoneIn(Body):
    camera_id: int
    name: str = Field(min_length=1, max_length=100)
    name_en: str | None = Field(default=None, max_length=100)
    rule: Literal["intrusion", "line_crossing"]
    points: list[tuple[float, float]] = Field(min_length=2, max_length=64)  # normalised 0..1
    classes: list[Literal["person", "vehicle", "other"]] = Field(default=["person"], min_length=1)
    dwell_s: float = Field(default=0, ge=0, le=3600)
    direction: Literal["both", "left_to_right", "right_to_left"] = "both"
    priority: Priority = 2
    rearm_s: float = Field(default=30, ge=0, le=86400)
    enabled: bool = True


class ZonePatch(Body):
    expected_version: int
    name: str | None = Field(default=None, min_length=1, max_length=100)
    name_en: str | None = Field(default=None, max_length=100)
    points: list[tuple[float, float]] | None = Field(default=None, min_length=2, max_length=64)
    classes: list[Literal["person", "vehicle", "other"]] | None = Field(default=None, min_length=1)
    dwell_s: float | None = Field(default=None, ge=0, le=3600)
    direction: Literal["both", "left_to_right", "right_to_left"] | None = None
    priority: Priority | None = None
    rearm_s: float | None = Field(default=None, ge=0, le=86400)
    enabled: bool | None = None


class ZoneOut(Out):
    id: int
    camera_id: int
    name: str
    name_en: str | None
    rule: Literal["intrusion", "line_crossing"]
    points: list[tuple[float, float]]
    classes: list[str]
    dwell_s: float
    direction: str
    priority: Priority
    rearm_s: float
    enabled: bool
    version: int


# --- map --------------------------------------------------------------------------------------------------------


class PlaceOut(Out):
    id: int
    kind: str
    name: str
    name_en: str | None
    lon: float
    lat: float
    distance_m: float | None = None


# --- things that report -----------------------------------------------------------------------------------------


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


# --- events and alarms ------------------------------------------------------------------------------------------


class EllipseOut(Out):
    major_m: float
    minor_m: float
    angle_deg: float


class EventOut(Out):
    id: int
    camera_id: int
    zone_id: int | None
    rule: str
    kind: str
    priority: Priority
    confidence: float
    at: datetime
    recorded_at: datetime
    box: tuple[float, float, float, float]
    lon: float | None
    lat: float | None
    ellipse: EllipseOut | None
    place: str | None
    place_en: str | None
    snapshot_url: str | None
    why: str
    why_en: str
    path: list[LonLatPair] | None = None  # the track on the ground


class EventPage(Out):
    events: list[EventOut]
    next_before: datetime | None


AlarmState = Literal["raised", "acked", "shelved", "linked", "dismissed", "cleared"]


class AlarmOut(Out):
    id: int
    state: AlarmState
    priority: Priority
    kind: str
    camera_id: int | None
    device_id: int | None
    event_id: int | None
    device_event_id: int | None
    first_at: datetime
    last_at: datetime
    count: int
    lon: float | None
    lat: float | None
    ellipse: EllipseOut | None
    place: str | None
    place_en: str | None
    title: str
    title_en: str
    snapshot_url: str | None
    incident_id: int | None
    handled_by: str | None
    handled_at: datetime | None
    dismiss_reason: str | None
    shelved_until: datetime | None
    version: int


class VersionIn(Body):
    expected_version: int


class DismissIn(VersionIn):
    reason: str = Field(min_length=1, max_length=200)


class ShelveIn(VersionIn):
    minutes: int = Field(ge=1, le=480)


# --- incidents --------------------------------------------------------------------------------------------------

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


AssignmentState = Literal[
    "dispatched", "acknowledged", "enroute", "onscene", "cleared", "declined", "recalled"
]


class AssignmentOut(Out):
    id: int
    incident_id: int
    unit_id: int
    unit_code: str
    unit_name: str
    unit_name_en: str | None
    service: Service
    state: AssignmentState
    dispatched_by: str
    dispatched_at: datetime
    acknowledged_at: datetime | None
    enroute_at: datetime | None
    onscene_at: datetime | None
    cleared_at: datetime | None
    declined_at: datetime | None
    recalled_at: datetime | None
    decline_reason: str | None
    no_ack_at: datetime | None
    eta_s: float | None
    distance_m: float | None
    note: str | None
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


class HoldOut(Out):
    id: int
    camera_id: int
    from_at: datetime
    to_at: datetime
    reason: str
    subject: str
    created_by: str
    created_at: datetime


class SeeingCameraOut(Out):
    """A camera that sees a spot, best first: ``px_per_m`` is how large a metre appears there."""

    camera_id: int
    distance_m: float
    px_per_m: float


class IncidentDetail(Out):
    incident: IncidentOut
    alarms: list[AlarmOut]
    assignments: list[AssignmentOut]
    log: list[LogEntryOut]
    cameras: list[SeeingCameraOut]
    holds: list[HoldOut]
    log_intact: bool


class RecommendationOut(Out):
    unit_id: int
    eta_s: float
    distance_m: float
    why: str
    why_en: str
    route: list[LonLatPair]
    position_age_s: float | None
    recommended: bool


class DispatchIn(VersionIn):
    """``expected_version`` is the incident's."""

    unit_id: int
    note: str | None = Field(default=None, max_length=500)


class AdvanceIn(VersionIn):
    """``t_event`` is when it happened on the phone, which may be before it could be sent."""

    step: Step
    t_event: datetime
    reason: str | None = Field(default=None, max_length=200)


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


# --- recordings -------------------------------------------------------------------------------------------------


class SpanOut(Out):
    start_at: datetime
    end_at: datetime


class CameraTimelineOut(Out):
    camera_id: int
    recorded: list[SpanOut]
    held: list[SpanOut]
    events: list[EventOut]


class TimelineOut(Out):
    from_at: datetime
    to_at: datetime
    cameras: list[CameraTimelineOut]


# --- portal, system ---------------------------------------------------------------------------------------------


class PortalOut(Out):
    open: bool
    delay_s: int
    notice: str
    notice_en: str
    version: int


class PortalPatch(VersionIn):
    open: bool | None = None
    delay_s: int | None = Field(default=None, ge=0, le=600)
    notice: str | None = Field(default=None, max_length=500)
    notice_en: str | None = Field(default=None, max_length=500)


class ProcessOut(Out):
    name: str
    state: Literal["ok", "stale", "absent"]
    beat_age_s: float | None
    facts: dict[str, Any]


class HealthOut(Out):
    state: Literal["ok", "degraded"]
    version: str
    database: Literal["ok", "away"]
    processes: list[ProcessOut]
    cameras: dict[str, str]  # code -> state
