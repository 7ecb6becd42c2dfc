"""Looking for what was seen: the questions, and what is worked out of the rows that may answer them. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import shapely
from numpy.typing import NDArray

from analytics.model import Box, Colour, Direction, Kind, Point
from analytics.motion_index import COLUMNS, GRID_BYTES, ROWS, Grid, MotionMinute, pack, unpack
from analytics.zone import segments_cross, signed_distance
from gis.errors import InvalidInput
from gis.model import LonLat

Source = Literal["motion", "track", "event", "vehicle"]
Order = Literal["newest", "best"]
Window = tuple[datetime, datetime]
MAX_DAYS = 92
DAY_MIN = 1440
JOIN_S = 5
"""Motion with no more than so many quiet seconds between is one find."""
SCORE_DIGITS = 6
"""So many places a score has, so that a page goes on where the one before ended."""
CUT_S = 300
"""Motion that goes on is cut at every fifth minute of the clock, wherever a page begins."""


@dataclass(frozen=True, slots=True)
class Daily:
    """Part of each day, minutes after local midnight in ``zone`` (IANA name); ``to_min`` at or before ``from_min`` is the
    next day's."""

    from_min: int
    to_min: int
    zone: str


@dataclass(frozen=True, slots=True)
class When:
    """A time, or the same part of each of its days."""

    from_at: datetime
    to_at: datetime
    daily: Daily | None = None

    def windows(self) -> list[Window]:
        """The stretches meant, oldest first. Raises :class:`InvalidInput` for an empty or too long time, or an unknown zone."""
        if self.from_at >= self.to_at:
            raise InvalidInput(
                f"the time ends at {self.to_at.isoformat()}, not after its beginning {self.from_at.isoformat()}",
                "to_at",
            )
        if self.to_at - self.from_at > timedelta(days=MAX_DAYS):
            raise InvalidInput(
                f"the time is {(self.to_at - self.from_at).days} days long, at most {MAX_DAYS} can be searched at once",
                "from_at",
            )
        if self.daily is None:
            return [(self.from_at, self.to_at)]
        return list(self._days(self.daily))

    def _days(self, daily: Daily) -> Iterable[Window]:
        for name, minute in (("from_min", daily.from_min), ("to_min", daily.to_min)):
            if not 0 <= minute <= DAY_MIN:
                raise InvalidInput(
                    f"{name} {minute} is outside 0..{DAY_MIN} minutes of a day", f"daily.{name}"
                )
        try:
            zone = ZoneInfo(daily.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InvalidInput(
                f"there is no time zone '{daily.zone}': use a name like Asia/Shanghai", "daily.zone"
            ) from None
        to_min = daily.to_min + (DAY_MIN if daily.to_min <= daily.from_min else 0)
        day = self.from_at.astimezone(zone).date() - timedelta(days=1)
        last = self.to_at.astimezone(zone).date()
        while day <= last:
            midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
            begin, end = (
                # The clock's time, so that a change to summer time moves nothing.
                (midnight + timedelta(minutes=m)).astimezone(UTC)
                for m in (daily.from_min, to_min)
            )
            begin, end = max(begin, self.from_at), min(end, self.to_at)
            if begin < end:
                yield begin, end
            day += timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PictureShape:
    """An area (``closed``) or a line of two points in one camera's picture, normalised. ``direction`` is a line's: seen
    from its first point looking at its second."""

    points: tuple[Point, ...]
    closed: bool = True
    direction: Direction = "both"


@dataclass(frozen=True, slots=True)
class MapShape:
    """An area (``closed``) or a line on the map."""

    points: tuple[LonLat, ...]
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """What a thing is like; an empty tuple or None asks for nothing. ``heading_deg`` is clockwise from north."""

    kinds: tuple[Kind, ...] = ()
    labels: tuple[str, ...] = ()
    colours: tuple[Colour, ...] = ()
    heading_deg: float | None = None
    tolerance_deg: float = 45.0
    min_speed_ms: float | None = None
    max_speed_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One find. ``at`` is the moment to show, between ``from_at`` and ``to_at``. ``picture`` is a snapshot of an event or a
    track, relative to the snapshots folder. ``cells`` is how many of the 144 cells moved. ``score``, 0..1, is how well it
    fits the question (:mod:`analytics.search_score`)."""

    source: Source
    key: str
    from_at: datetime
    to_at: datetime
    at: datetime
    camera_id: int | None = None
    box: Box | None = None
    picture: str | None = None
    kind: str | None = None
    label: str | None = None
    colour: str | None = None
    speed_ms: float | None = None
    heading_deg: float | None = None
    standing_s: float | None = None
    point: LonLat | None = None
    distance_m: float | None = None
    track_uid: UUID | None = None
    event_id: int | None = None
    device_id: int | None = None
    name: str | None = None
    priority: int | None = None
    why: str | None = None
    why_en: str | None = None
    place: str | None = None
    place_en: str | None = None
    cells: int | None = None
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: what is older than ``at``, or as old and after ``key``, follows. Among the best first it is what
    fits less than ``score``, or as well and is older."""

    at: datetime
    key: str
    score: float | None = None

    @staticmethod
    def after(hit: Hit, order: Order) -> Cursor:
        """The place behind a find."""
        return Cursor(hit.from_at, hit.key, hit.score if order == "best" else None)

    def text(self) -> str:
        """As the API hands it out."""
        score = [] if self.score is None else [repr(self.score)]
        return base64.urlsafe_b64encode(
            " ".join([self.at.isoformat(), self.key, *score]).encode()
        ).decode()

    @staticmethod
    def of(text: str, order: Order = "newest") -> Cursor:
        """The cursor again. Raises :class:`InvalidInput`, also for one of another order."""
        try:
            at, key, *score = base64.urlsafe_b64decode(text.encode()).decode().split(" ")
            moment = datetime.fromisoformat(at)
            cursor = Cursor(moment, key, float(score[0]) if score else None)
        except (ValueError, binascii.Error):
            raise InvalidInput(
                f"'{text[:80]}' is no place to go on from: send 'next' of the page before", "before"
            ) from None
        if moment.tzinfo is None:
            raise InvalidInput(f"'{text[:80]}' has no time zone", "before")
        if (cursor.score is None) != (order == "newest"):
            raise InvalidInput(f"'before' belongs to another order than '{order}'", "before")
        return cursor

    def place(self) -> tuple[float, datetime, str]:
        """What :func:`rank` gives the find it stands behind."""
        return self.score or 0.0, self.at, self.key


@dataclass(frozen=True, slots=True)
class Page:
    """Finds, newest or best first. There are ``total`` of them from here on, or at least so many where not ``exact``.
    ``looked_from``: the best are those of what is no older than this; None: of all."""

    hits: tuple[Hit, ...]
    total: int
    exact: bool
    next: str | None
    looked_from: datetime | None = None


def rank(hit: Hit, order: Order) -> tuple[float, datetime, str]:
    """What finds are put in order by, the greatest first."""
    return (hit.score if order == "best" else 0.0), hit.from_at, hit.key


def page_of(
    hits: Iterable[Hit],
    exact: bool,
    limit: int,
    before: Cursor | None = None,
    total: int | None = None,
    order: Order = "newest",
    looked_from: datetime | None = None,
) -> Page:
    """The first ``limit`` hits of an order, and where the next page begins. ``total`` where not all of them are given.
    Beyond the newest of many there are older ones; beyond the best of those looked at there is nothing."""
    ordered = sorted(hits, key=lambda hit: rank(hit, order), reverse=True)
    if before is not None:
        ordered = [hit for hit in ordered if rank(hit, order) < before.place()]
    shown = ordered[:limit]
    more = len(ordered) > limit or (order == "newest" and not exact and bool(shown))
    place = Cursor.after(shown[-1], order).text() if more and shown else None
    return Page(tuple(shown), len(ordered) if total is None else total, exact, place, looked_from)


def motion_hits(
    camera_id: int,
    minutes: Sequence[MotionMinute],
    cells: Grid,
    windows: Sequence[Window],
    most: int,
    before: Cursor | None = None,
    order: Order = "newest",
) -> tuple[list[Hit], int]:
    """Stretches in which something moved in any of ``cells``, out of one camera's minutes.

    The first ``most`` in the order asked for of those that come after ``before``, and how many there are. A stretch's score
    is the largest share of ``cells`` that moved in one second.
    """
    if not minutes:
        return [], 0
    key = f"motion:{camera_id:06d}"
    mask = np.frombuffer(pack(cells), np.uint8)
    ordered = sorted(minutes, key=lambda m: m.minute_at)
    packed = np.frombuffer(b"".join(m.grids for m in ordered), np.uint8).reshape(-1, GRID_BYTES)
    at_s = np.concatenate(
        [np.array(m.moved, np.int64) + int(m.minute_at.timestamp()) for m in ordered]
    )
    inside_of = packed & mask
    moved = inside_of.any(axis=1)
    for_windows = np.zeros(len(at_s), np.bool_)
    for begin, end in windows:
        for_windows |= (at_s + 1 > begin.timestamp()) & (at_s < end.timestamp())
    keep = moved & for_windows
    at_s, inside_of = at_s[keep], inside_of[keep]
    if not len(at_s):
        return [], 0
    apart = (np.diff(at_s) > JOIN_S + 1) | (np.diff(at_s // CUT_S) > 0)
    starts = np.concatenate([[0], np.flatnonzero(apart) + 1])
    ends = np.concatenate([starts[1:], [len(at_s)]])
    how_many = np.bitwise_count(inside_of).sum(axis=1)
    share = np.round(np.maximum.reduceat(how_many, starts) / cells.sum(), SCORE_DIGITS)
    places = [
        (of_all if order == "best" else 0.0, datetime.fromtimestamp(began_s, UTC), key)
        for of_all, began_s in zip(share.tolist(), at_s[starts].tolist(), strict=True)
    ]
    after = None if before is None else before.place()
    wanted = [i for i, place in enumerate(places) if after is None or place < after]
    total = len(wanted)
    if order == "best":
        wanted.sort(key=lambda i: places[i])
    hits = []
    for i in wanted[-most:]:
        first, beyond = int(starts[i]), int(ends[i])
        best = first + int(how_many[first:beyond].argmax())
        together = np.bitwise_or.reduce(inside_of[first:beyond], axis=0)
        grid = unpack(together.tobytes())[0]
        begin_at = datetime.fromtimestamp(int(at_s[first]), UTC)
        hits.append(
            Hit(
                "motion",
                key,
                begin_at,
                datetime.fromtimestamp(int(at_s[beyond - 1]) + 1, UTC),
                datetime.fromtimestamp(int(at_s[best]), UTC),
                camera_id=camera_id,
                box=_cells_box(grid),
                cells=int(grid.sum()),
                score=float(share[i]),
            )
        )
    return hits[::-1], total


def passing(
    t_ms: Sequence[int], boxes: NDArray[np.float64], shape: PictureShape
) -> tuple[int, int] | None:
    """When a track's foot first passed a shape: from and to in its milliseconds, None where it did not.

    ``boxes`` is ``(n, 4)``, normalised. A crossing of a line is a moment; in an area it is from going in to going out.
    """
    if shape.closed:
        return _through(t_ms, _feet(boxes), shape.points)
    feet: list[Point] = [(x, y) for x, y in _feet(boxes).tolist()]
    line = shape.points[0], shape.points[1]
    for i in range(1, len(feet)):
        before, after = feet[i - 1], feet[i]
        if not segments_cross(before, after, *line):
            continue
        turned = signed_distance(line, after) - signed_distance(line, before)
        way = "left_to_right" if turned < 0 else "right_to_left"
        if shape.direction in ("both", way):
            return t_ms[i - 1], t_ms[i]
    return None


def _through(
    t_ms: Sequence[int], feet: NDArray[np.float64], points: Sequence[Point]
) -> tuple[int, int] | None:
    within = _within(points, feet).tolist()
    if True in within:
        first = within.index(True)
        last = next((i for i in range(first, len(within)) if not within[i]), len(within)) - 1
        return t_ms[first], t_ms[last]
    edges = [(points[i - 1], points[i]) for i in range(len(points))]
    way: list[Point] = [(x, y) for x, y in feet.tolist()]
    for i in range(1, len(way)):
        if any(segments_cross(way[i - 1], way[i], a, b) for a, b in edges):
            return t_ms[i - 1], t_ms[i]
    return None


def box_at(t_ms: Sequence[int], boxes: NDArray[np.float64], at_ms: int) -> Box:
    """The box of the sample nearest to a moment."""
    i = int(np.abs(np.array(t_ms) - at_ms).argmin())
    x, y, w, h = (float(value) for value in boxes[i])
    return x, y, w, h


def _within(points: Sequence[Point], feet: NDArray[np.float64]) -> NDArray[np.bool_]:
    area = shapely.polygons(np.array(points, np.float64))
    return np.asarray(shapely.contains_xy(area, feet[:, 0], feet[:, 1]), np.bool_)


def _feet(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(n, 2)``."""
    x = boxes[:, 0] + boxes[:, 2] / 2
    return np.stack([x, np.minimum(1.0, boxes[:, 1] + boxes[:, 3])], axis=1)


def _cells_box(grid: Grid) -> Box:
    rows, columns = np.flatnonzero(grid.any(axis=1)), np.flatnonzero(grid.any(axis=0))
    left, top = int(columns[0]), int(rows[0])
    return (
        left / COLUMNS,
        top / ROWS,
        (int(columns[-1]) + 1 - left) / COLUMNS,
        (int(rows[-1]) + 1 - top) / ROWS,
    )
