"""Wire schemas of less noise: false-alarm rates, proposals, and zones tried on stored tracks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from analytics.model import RuleName
from command.noise import ProposalKind
from web.schemas.common import Body, LonLatPair, Out
from web.schemas.events import EventOut
from web.schemas.zones import ZoneIn


class RateOut(Out):
    """``share`` is false among decided, null where none was; ``low`` to ``high`` holds it with 95 % (Wilson)."""

    false: int
    decided: int
    share: float | None
    low: float
    high: float


class NoiseDayOut(Out):
    day: date  # local
    false: int
    decided: int


class NoiseOut(Out):
    """How often a rule was wrong in one camera's zone; without a zone, the rule that every camera has."""

    camera_id: int
    rule: RuleName
    zone_id: int | None
    days: list[NoiseDayOut]  # of the last thirty, those with a decision, oldest first
    week: RateOut
    month: RateOut


class ProposalOut(Out):
    """One change that would have kept most false alarms of the record away, and lost none of the true ones."""

    kind: ProposalKind
    camera_id: int
    number: float | None  # min_size: metres; dwell: seconds; threshold: in the rule's unit
    before: float | None
    area: list[tuple[float, float]]  # ignore: normalised in the camera's picture
    schedule: list[tuple[int, int]]
    hole_min: (
        tuple[int, int] | None
    )  # schedule: minutes of the day at which it would no longer watch
    false_gone: int
    false_all: int
    true_all: int  # all of them stay
    examples: list[EventOut]  # some of the false ones that would be gone, newest first
    kept: list[EventOut]  # some of the true ones


class SourceIn(Body):
    camera_id: int
    rule: RuleName
    zone_id: int | None


class ApplyIn(SourceIn):
    kind: ProposalKind
    expected_version: int | None = None  # the zone's; null where the rule has none yet


class DeclineIn(SourceIn):
    kind: ProposalKind


class IgnoredOut(Out):
    """An area of a camera's picture in which a zone sees nothing."""

    id: int
    zone_id: int
    camera_id: int
    points: list[tuple[float, float]]
    made_by: str
    made_at: datetime


class IgnoredIn(Body):
    camera_id: int
    points: list[tuple[float, float]] = Field(min_length=3, max_length=64)


class TryIn(Body):
    """A zone as it would be saved; ``zone_id`` names the saved one whose ignored areas hold for it, too."""

    zone: ZoneIn
    zone_id: int | None = None
    camera_id: int | None = None  # for a zone on the map: in whose picture
    ignored: list[list[tuple[float, float]]] = Field(
        default=[], max_length=20
    )  # more areas, to try
    hours: int = Field(default=24, ge=1, le=168)


class TriedOut(Out):
    camera_id: int
    at: datetime
    kind: Literal["person", "vehicle", "other", "scene"]
    confidence: float
    box: tuple[float, float, float, float]
    value: float | None
    why: str
    why_en: str


class TryOut(Out):
    """What the zone would have fired on. ``from_at`` is later than asked for where there were too many tracks."""

    replayable: (
        bool  # false: the rule looks at the picture itself, and stored tracks are not enough
    )
    from_at: datetime
    to_at: datetime
    tracks: int
    count: int  # at most 1000
    firings: list[TriedOut]  # the newest twenty, newest first


class OutlineIn(Body):
    """What is drawn on the map, to see which cameras it would hold for."""

    rule: RuleName
    ground: list[LonLatPair] = Field(min_length=2, max_length=64)
    arrow: tuple[LonLatPair, LonLatPair] | None = None


class OutlineOut(Out):
    """What one camera sees of a zone on the map; ``zone_id`` null: of one that is not saved."""

    zone_id: int | None
    camera_id: int
    points: list[tuple[float, float]]
    arrow: tuple[tuple[float, float], tuple[float, float]] | None
