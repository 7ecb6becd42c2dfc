"""What goes over the wire about links across cameras. Conventions as in :mod:`web.schemas.common`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from web.schemas.common import Body, Out

DecisionName = Literal["confirmed", "rejected"]


class TrackLinkOut(Out):
    """A proposal that a track's thing was seen by another camera, before or after. ``gap_s`` is how long nobody saw it,
    negative where both cameras did. ``snapshot_url`` is a picture of it there, null where none was kept."""

    id: int
    before: bool
    probability: float
    gap_s: float
    distance_m: float
    why: str
    why_en: str
    decision: DecisionName | None
    decided_by: str | None
    decided_at: datetime | None
    uid: UUID
    camera_id: int
    kind: str
    label: str | None
    colour: str | None
    start_at: datetime
    end_at: datetime
    snapshot_url: str | None


class LinkDecisionIn(Body):
    """Whether a link is true; null takes back what was decided."""

    decision: DecisionName | None = Field(default=None)
