"""Cameras and their streams."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from web.schemas.common import Body, LonLatPair, Out, WhyOut

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
    "disk_slow",
    "disk_failed",
    "stopped",
]
Stream = Literal["main", "sub"]
_RTSP = r"^rtsps?://[^@\s]+$"
_HTTP = r"^https?://[^@\s]+$"


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
    why: WhyOut | None  # of the reason; null: it is empty, or of an earlier version
    since: datetime | None
    last_packet_at: datetime | None
    codec: str | None
    width_px: int | None
    height_px: int | None
    fps: float | None
    bitrate_bps: int | None
    recording: bool
    field_of_view: list[LonLatPair] | None  # closed ring on the ground, out to the useful range
    has_sub: bool
    record_stream: Stream
    analyse_stream: Stream
    publish_stream: Stream
    audio: bool
    ptz: bool
    ptz_home: str | None  # token of the preset it returns to
    ptz_home_after_s: int
    ptz_holder: str | None  # who turns it now
    ptz_state: Literal["fixed", "preset", "moving", "elsewhere"]
    ptz_preset: str | None  # token of the preset it stands at
    away: bool  # turned to where no pose is known: nothing has a place, zones rest
    preset_poses: list[str]  # presets with a pose of their own
    pose_k1: float
    pose_k2: float
    pose_fitted: bool  # fitted to control points
    url: str | None = None  # admins only, and so are those below
    username: str | None = None
    sub_url: str | None = None
    onvif_url: str | None = None
    onvif_profile: str | None = None


class CameraIn(Body):
    code: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")
    name: str = Field(min_length=1, max_length=100)
    name_en: str | None = Field(default=None, max_length=100)
    url: str = Field(pattern=_RTSP, max_length=500)
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
    sub_url: str | None = Field(default=None, pattern=_RTSP, max_length=500)
    record_stream: Stream = "main"
    analyse_stream: Stream = "main"
    publish_stream: Stream = "main"
    audio: bool = True
    onvif_url: str | None = Field(default=None, pattern=_HTTP, max_length=500)
    onvif_profile: str | None = Field(default=None, min_length=1, max_length=100)
    ptz: bool = False
    ptz_home: str | None = Field(default=None, min_length=1, max_length=100)
    ptz_home_after_s: int = Field(default=60, ge=30, le=86400)


class CameraPatch(Body):
    expected_version: int
    name: str | None = Field(default=None, min_length=1, max_length=100)
    name_en: str | None = Field(default=None, max_length=100)
    url: str | None = Field(default=None, pattern=_RTSP, max_length=500)
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
    sub_url: str | None = Field(default=None, pattern=_RTSP, max_length=500)
    record_stream: Stream | None = None
    analyse_stream: Stream | None = None
    publish_stream: Stream | None = None
    audio: bool | None = None
    onvif_url: str | None = Field(default=None, pattern=_HTTP, max_length=500)
    onvif_profile: str | None = Field(default=None, min_length=1, max_length=100)
    ptz: bool | None = None
    ptz_home: str | None = Field(default=None, min_length=1, max_length=100)
    ptz_home_after_s: int | None = Field(default=None, ge=30, le=86400)


class CameraTestIn(Body):
    url: str = Field(pattern=_RTSP, max_length=500)
    username: str | None = None
    password: str | None = None


class CameraTestOut(Out):
    ok: bool
    step: str  # the step that failed, or "done": resolve, connect, describe, authenticate, setup, play, key_frame
    message: str
    why: WhyOut | None = None
    codec: str | None
    width_px: int | None
    height_px: int | None
    fps: float | None
    first_picture_s: float | None


class SeeingCameraOut(Out):
    """A camera that sees a spot, best first: ``px_per_m`` is how large a metre appears there."""

    camera_id: int
    distance_m: float
    px_per_m: float
