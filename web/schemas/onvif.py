"""Cameras found by ONVIF."""

from __future__ import annotations

from pydantic import Field

from web.schemas.common import Body, Out, WhyOut


class OnvifDiscoverIn(Body):
    timeout_s: float = Field(default=3.0, ge=0.5, le=15)


class OnvifFoundOut(Out):
    url: str  # its device service, on the address that it answered from
    address: str
    name: str
    hardware: str
    locations: list[str]
    said: list[str]  # the addresses as the device gave them
    camera_codes: list[str]  # cameras of ours on that address


class OnvifDescribeIn(Body):
    url: str = Field(max_length=500, min_length=1)  # a bare host will do
    username: str | None = Field(default=None, max_length=100)
    password: str | None = Field(default=None, max_length=200)
    camera_id: int | None = None  # log in as to this camera, where it has the same host


class OnvifProfileOut(Out):
    token: str
    name: str
    codec: str | None
    width_px: int | None
    height_px: int | None
    fps: float | None
    bitrate_bps: int | None
    ptz: bool
    stream_url: str | None
    snapshot_url: str | None


class OnvifDescribeOut(Out):
    ok: bool
    step: str  # the step that failed, or "done": connect, onvif, login, services, profiles
    message: str
    why: WhyOut | None = None  # of the message of a failure
    url: str | None = None
    maker: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    clock_ahead_s: float | None = None  # its clock minus ours
    profiles: list[OnvifProfileOut] = Field(default_factory=list)
    main: str | None = None  # token of the profile that suits as main stream
    sub: str | None = None
    ptz_profile: str | None = None
    notes: list[str] = Field(default_factory=list)
