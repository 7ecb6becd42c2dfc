"""Units that are sent, and the steps they take."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from web.schemas.common import LonLatPair, Out, Service, VersionIn

Step = Literal["acknowledge", "enroute", "onscene", "clear", "decline"]
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
