"""Alarms."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from command.model import DismissCode
from web.schemas.common import EllipseOut, Out, Priority, VersionIn

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
    dismiss_code: DismissCode | None = None


class DismissIn(VersionIn):
    reason: str = Field(min_length=1, max_length=200)
    reason_code: DismissCode | None = None  # from the short list; null: in words only


class ShelveIn(VersionIn):
    minutes: int = Field(ge=1, le=480)
