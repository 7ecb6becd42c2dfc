"""Wire schemas of the searches over what analytics saw, and of the motion shown on the timelines."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from analytics.model import Colour, Direction, Kind
from analytics.search import Order
from web.schemas.common import Body, LonLatPair, Out, Priority
from web.schemas.events import TrackFactsOut
from web.times import UtcTime

Unit = Annotated[float, Field(ge=0, le=1)]
PicturePoint = tuple[Unit, Unit]
MapPoint = tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]]
CameraIds = Annotated[list[int], Field(max_length=64)]


class DailyIn(Body):
    """A part of every day: minutes after midnight in ``zone``, an IANA name; an end at or before the beginning is the
    next day's."""

    from_min: int = Field(ge=0, lt=1440)
    to_min: int = Field(ge=0, le=1440)
    zone: str = Field(min_length=1, max_length=64)


class PictureShapeIn(Body):
    """An area of three points or more, or with ``closed`` false a line of two, normalised in the picture of the one camera
    asked for. ``direction`` is a line's, seen from its first point looking at its second."""

    on: Literal["picture"]
    points: list[PicturePoint] = Field(min_length=2, max_length=64)
    closed: bool = True
    direction: Direction = "both"


class MapShapeIn(Body):
    """An area, or with ``closed`` false a line, on the map."""

    on: Literal["map"]
    points: list[MapPoint] = Field(min_length=2, max_length=64)
    closed: bool = True


ShapeIn = Annotated[PictureShapeIn | MapShapeIn, Field(discriminator="on")]


class LookIn(Body):
    """What a thing is like; what is left out may be anything. ``heading_deg`` is clockwise from north."""

    kinds: list[Kind] = Field(default_factory=list)
    labels: list[Annotated[str, Field(min_length=1, max_length=40)]] = Field(
        default_factory=list, max_length=20
    )
    colours: list[Colour] = Field(default_factory=list)
    heading_deg: float | None = Field(default=None, ge=0, le=360)
    tolerance_deg: float = Field(default=45.0, gt=0, le=180)
    min_speed_ms: float | None = Field(default=None, ge=0, le=100)
    max_speed_ms: float | None = Field(default=None, ge=0, le=100)


class SearchBody(Body):
    """What every search has. ``camera_ids`` empty: all that the person may see. ``before``: ``next`` of the page before.
    ``order``: by time, or what fits best first."""

    from_at: UtcTime
    to_at: UtcTime
    daily: DailyIn | None = None
    camera_ids: CameraIds = Field(default_factory=list)
    limit: int = Field(default=60, ge=1, le=200)
    before: str | None = Field(default=None, max_length=200)
    order: Order = "newest"


class MotionSearchIn(SearchBody):
    """Where something moved; ``area`` in the picture of the one camera asked for."""

    kind: Literal["motion"]
    area: list[PicturePoint] | None = Field(default=None, min_length=3, max_length=64)


class PassingSearchIn(SearchBody):
    """Things of a look that passed a line or an area, or anywhere."""

    kind: Literal["passing"]
    look: LookIn = Field(default_factory=LookIn)
    shape: ShapeIn | None = None


class StandingSearchIn(SearchBody):
    """Things of a look that stood for ``least_s``, in an area or anywhere."""

    kind: Literal["standing"]
    look: LookIn = Field(default_factory=LookIn)
    shape: ShapeIn | None = None
    least_s: float = Field(default=60.0, ge=10, le=86400)


class NearSearchIn(SearchBody):
    """All that was within ``radius_m`` of a spot: events, tracks, vehicles by their own positions; at most a day."""

    kind: Literal["near"]
    at: MapPoint
    radius_m: float = Field(default=100.0, ge=1, le=2000)


SearchIn = Annotated[
    MotionSearchIn | PassingSearchIn | StandingSearchIn | NearSearchIn,
    Field(discriminator="kind"),
]


class HitOut(Out):
    """One find. ``at`` is the moment to show. ``picture_url`` is null where there is only the recording itself.
    ``cells`` is how many of the picture's 16×9 cells moved. ``score``, 0..1, is how well it fits: the largest share of the
    area that moved at once; how large the thing is seen, how it heads and how sure its kind is, as far as asked for; how
    long it stood; how near it came."""

    id: str
    source: Literal["motion", "track", "event", "vehicle"]
    camera_id: int | None
    from_at: datetime
    to_at: datetime
    at: datetime
    box: tuple[float, float, float, float] | None
    picture_url: str | None
    kind: str | None
    label: str | None
    colour: str | None
    speed_ms: float | None
    heading_deg: float | None
    standing_s: float | None
    lon: float | None
    lat: float | None
    distance_m: float | None
    track_uid: str | None
    event_id: int | None
    device_id: int | None
    name: str | None
    priority: Priority | None
    why: str | None
    why_en: str | None
    place: str | None
    place_en: str | None
    cells: int | None
    score: float


class SearchOut(Out):
    """A page of finds, newest or best first: ``total`` from here on, or at least so many where not ``exact``. ``next`` is where
    the next page begins, null at the end. ``looked_from``: there were too many to look at all, so these are the best of
    what is no older than this."""

    hits: list[HitOut]
    total: int
    exact: bool
    next: str | None
    looked_from: datetime | None


class SeenLabelOut(Out):
    """What a detector called things that were seen, such as ``bus``, and what kind of thing that is."""

    label: str
    kind: Kind


class MotionBandOut(Out):
    """How much moved in one camera's picture, step by step: percent of the seconds looked at, -1 where none was."""

    camera_id: int
    from_at: datetime
    step_s: float
    level: list[int]


class TrackDetailOut(TrackFactsOut):
    """One track: what is known of it, and where its box was, in seconds after ``start_at``."""

    camera_id: int
    start_at: datetime
    end_at: datetime
    t_s: list[float]
    boxes: list[tuple[float, float, float, float]]
    path: list[LonLatPair]
