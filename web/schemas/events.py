"""What analytics saw."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from web.schemas.common import EllipseOut, LonLatPair, Out, Priority

Nowhere = Literal["no_pose", "turned_away", "above_horizon", "too_far", "feet_hidden"]


class TrackFactsOut(Out):
    """What is known of a thing that moved; ``speed_ms`` is the median over its path, ``heading_deg`` clockwise from north
    and from its first to its last place, ``standing_s`` its longest stand."""

    uid: str
    kind: str
    confidence: float
    label: str | None
    colour: str | None
    speed_ms: float | None
    heading_deg: float | None
    standing_s: float
    picture_url: str | None


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
    value: float | None = None  # what it fired on: a count, m/s, metres
    nowhere: Nowhere | None = None  # why it has no lon and lat
    nowhere_m: float | None = None  # too_far: how far off the place might be
    path: list[LonLatPair] | None = None  # the track on the ground
    track: TrackFactsOut | None = None  # of one event asked for, as far as it is written
    track_uid: UUID | None = None


class EventPage(Out):
    events: list[EventOut]
    next_before: datetime | None
