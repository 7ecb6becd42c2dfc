"""The portal's setting, and how the system is."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from web.schemas.common import Out, VersionIn


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
