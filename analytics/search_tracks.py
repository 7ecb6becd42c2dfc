"""Searches for tracks: an index gives candidates, newest first, and those are looked at closely."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analytics.motion_index import bits_of, touched_grid
from analytics.search import (
    Cursor,
    Hit,
    Look,
    MapShape,
    Order,
    Page,
    PictureShape,
    When,
    Window,
    box_at,
    page_of,
    passing,
)
from analytics.search_rows import (
    MAX_CANDIDATES,
    NEWEST,
    asked,
    boxes_of,
    check_shape,
    of_track,
    times_of,
    window_params,
)
from analytics.search_score import look_score, stand_score
from analytics.stands import LEAST_S, longest
from analytics.store import QUERIES
from gis.db import Database
from gis.errors import InvalidInput
from gis.model import LonLat

MAX_ON_MAP = 20_000
MAX_MET = 500
FEW_CAMERAS = 4
"""Of so few cameras the search index is asked first what fits, and then whose way meets a shape on the map; of more, the
ways' own index."""
CLOSELY_AT_ONCE = 120
"""So many candidates' samples are fetched together, until a page is full."""
MAX_RANKED = 2000
"""The best are found by looking at this many candidates closely, the newest that fit."""
_LAST_ID = 1 << 62
_LOOK = QUERIES["track_look"]


def _query(name: str, stood: bool) -> str:
    """A search's statement; one for what stood says so, or the index of those would not be taken."""
    only = "t.stands IS NOT NULL AND" if stood else ""
    return QUERIES[name].replace("/*look*/", _LOOK).replace("/*stood*/", only)


@dataclass(frozen=True, slots=True)
class _Candidate:
    id: int
    start_at: datetime


@dataclass(frozen=True, slots=True)
class _Asking:
    """What is asked for. ``least_s`` above 0: of those that stood so long."""

    camera_ids: tuple[int, ...]
    windows: Sequence[Window]
    look: Look
    shape: PictureShape | MapShape | None
    least_s: float = 0.0


def passed(
    database: Database,
    camera_ids: Sequence[int],
    when: When,
    look: Look,
    shape: PictureShape | MapShape | None,
    limit: int,
    before: Cursor | None = None,
    order: Order = "newest",
) -> Page:
    """Tracks that look like this and passed here: a line or an area in a camera's picture or on the map, or anywhere.

    The best of the newest :data:`MAX_RANKED` are by :func:`look_score`. Raises :class:`InvalidInput` like :func:`moved`.
    """
    windows = asked(when, limit)
    _check_one_camera(shape, camera_ids)

    def closely(row: Any) -> Hit | None:
        t_ms, boxes = times_of(row.t_ms), boxes_of(row.box)
        begin_ms, end_ms = t_ms[0], t_ms[-1]
        if isinstance(shape, PictureShape):
            passed_ms = passing(t_ms, boxes, shape)
            if passed_ms is None:
                return None
            begin_ms, end_ms = passed_ms
        begin, end = (row.start_at + timedelta(milliseconds=ms) for ms in (begin_ms, end_ms))
        if not _within(begin, end, windows):
            return None
        middle_ms = (begin_ms + end_ms) // 2
        at = row.start_at + timedelta(milliseconds=middle_ms)
        box = box_at(t_ms, boxes, middle_ms)
        score = look_score(look, row.heading_deg, row.confidence, box)
        return of_track(row, at, box, _halfway(row), row.standing_s, score=score)

    asking = _Asking(tuple(camera_ids), windows, look, shape)
    return _page(database, asking, closely, limit, before, order)


def stood(
    database: Database,
    camera_ids: Sequence[int],
    when: When,
    look: Look,
    shape: PictureShape | MapShape | None,
    least_s: float,
    limit: int,
    before: Cursor | None = None,
    order: Order = "newest",
) -> Page:
    """Things that stood still for at least ``least_s`` seconds, in a drawn area or anywhere in the picture.

    The best of the newest :data:`MAX_RANKED` are those that stood longest. Raises :class:`InvalidInput` like :func:`moved`, and for a time outside 10 seconds to a day.
    """
    windows = asked(when, limit)
    if not LEAST_S <= least_s <= 86_400:
        raise InvalidInput(
            f"a standing time of {least_s:g} s is outside {LEAST_S:g}..86400", "least_s"
        )
    _check_one_camera(shape, camera_ids)
    if shape is not None and not shape.closed:
        raise InvalidInput("draw an area to stand in, not a line", "shape")
    area = shape.points if isinstance(shape, PictureShape) else None

    def closely(row: Any) -> Hit | None:
        stand = longest(row.stands, area, least_s)
        if stand is None:
            return None
        begin, end = (row.start_at + timedelta(seconds=s) for s in stand[:2])
        if not _within(begin, end, windows):
            return None
        score = stand_score(stand.lasted_s, least_s)
        return of_track(row, begin, stand.box, _halfway(row), stand.lasted_s, score=score)

    asking = _Asking(tuple(camera_ids), windows, look, shape, least_s)
    return _page(database, asking, closely, limit, before, order)


def _page(
    database: Database,
    asking: _Asking,
    closely: Callable[[Any], Hit | None],
    limit: int,
    before: Cursor | None,
    order: Order,
) -> Page:
    if order == "best":
        return _best(database, asking, closely, limit, before)
    return _newest(database, asking, closely, limit, before)


def _newest(
    database: Database,
    asking: _Asking,
    closely: Callable[[Any], Hit | None],
    limit: int,
    before: Cursor | None,
) -> Page:
    """Goes through the candidates, newest first, until a page is full and one more is known."""
    shape = asking.shape
    candidates, whole = _candidates(database, asking, before, MAX_CANDIDATES)
    end = candidates[-1] if candidates else None
    if isinstance(shape, MapShape):
        candidates, whole = _meeting(database, candidates, whole, shape, MAX_MET)
    hits: list[Hit] = []
    looked = 0
    while looked < len(candidates) and len(hits) <= limit:
        some = candidates[looked : looked + CLOSELY_AT_ONCE]
        looked += len(some)
        hits += _looked_at(database, asking, some, closely)
    exact = whole and looked == len(candidates)
    close = isinstance(shape, PictureShape) or asking.least_s > 0
    shown = hits[:limit]
    more = len(hits) > limit or not exact
    last = candidates[looked - 1] if looked else end
    place: str | None = None
    if len(hits) > limit:
        place = Cursor.after(hits[limit - 1], "newest").text()
    elif more and last is not None:
        place = Cursor(last.start_at, str(last.id)).text()
    total = len(hits) if close else max(len(hits), len(candidates))
    return Page(tuple(shown), total, whole if not close else exact, place)


def _best(
    database: Database,
    asking: _Asking,
    closely: Callable[[Any], Hit | None],
    limit: int,
    before: Cursor | None,
) -> Page:
    """Looks at the newest :data:`MAX_RANKED` candidates, whatever page is asked for."""
    candidates, whole = _candidates(database, asking, None, MAX_RANKED)
    if isinstance(asking.shape, MapShape):
        candidates, whole = _meeting(database, candidates, whole, asking.shape, MAX_RANKED)
    if len(candidates) > MAX_RANKED:
        candidates, whole = candidates[:MAX_RANKED], False
    hits: list[Hit] = []
    for first in range(0, len(candidates), CLOSELY_AT_ONCE):
        hits += _looked_at(database, asking, candidates[first : first + CLOSELY_AT_ONCE], closely)
    looked_from = None if whole or not candidates else candidates[-1].start_at
    return page_of(hits, whole, limit, before, order="best", looked_from=looked_from)


def _looked_at(
    database: Database,
    asking: _Asking,
    some: Sequence[_Candidate],
    closely: Callable[[Any], Hit | None],
) -> list[Hit]:
    """Those of some candidates that are meant, in their order."""
    ids = [each.id for each in some]
    fetch = "tracks_that_stood" if asking.least_s > 0 else "tracks_by_id"
    rows = {row.id: row for row in database.rows(QUERIES[fetch], {"ids": ids})}
    found = (closely(rows[each]) for each in ids if each in rows)
    return [hit for hit in found if hit is not None]


def _candidates(
    database: Database, asking: _Asking, before: Cursor | None, most: int
) -> tuple[list[_Candidate], bool]:
    """Tracks that may be meant, newest first, and whether these are all."""
    look, shape = asking.look, asking.shape
    params: dict[str, Any] = window_params(asking.windows) | {
        "camera_ids": list(asking.camera_ids),
        "before_at": before.at if before else NEWEST,
        "before_id": _LAST_ID if before is None else _id_of(before),
        "least": timedelta(seconds=asking.least_s),
        "kinds": list(look.kinds) or None,
        "labels": list(look.labels) or None,
        "colours": list(look.colours) or None,
        "heading_deg": None if look.heading_deg is None else look.heading_deg % 360.0,
        "tolerance_deg": look.tolerance_deg,
        "min_speed_ms": look.min_speed_ms,
        "max_speed_ms": look.max_speed_ms,
        "cells": None,
        "limit": most,
    }
    stood = asking.least_s > 0
    if isinstance(shape, MapShape) and len(asking.camera_ids) > FEW_CAMERAS:
        rows = database.rows(_query("find_tracks_on_map", stood), params | {"shape": _wkt(shape)})
        full = len(rows) == most
    else:
        if isinstance(shape, PictureShape):
            check_shape(shape)
            params["cells"] = bits_of(touched_grid(shape.points, shape.closed))
        elif shape is not None:
            params["limit"] = MAX_ON_MAP
        rows = database.rows(_query("find_tracks", stood), params)
        lasting = database.rows(_query("find_long_tracks", stood), params)
        full = params["limit"] in (len(rows), len(lasting))
        rows += lasting
    found = sorted({(row.start_at, row.id) for row in rows}, reverse=True)
    return [_Candidate(id_, at) for at, id_ in found[: params["limit"]]], not full


def _meeting(
    database: Database, candidates: list[_Candidate], whole: bool, shape: MapShape, most: int
) -> tuple[list[_Candidate], bool]:
    """Those whose way on the ground meets the shape, and whether they are all; not many more than ``most`` of them."""
    met: list[_Candidate] = []
    text = _wkt(shape)
    for first in range(0, len(candidates), MAX_CANDIDATES):
        some = candidates[first : first + MAX_CANDIDATES]
        rows = database.rows(
            QUERIES["tracks_through"], {"ids": [each.id for each in some], "shape": text}
        )
        ids = {row.id for row in rows}
        met += [each for each in some if each.id in ids]
        if len(met) >= most and first + MAX_CANDIDATES < len(candidates):
            return met, False
    return met, whole


def _check_one_camera(shape: PictureShape | MapShape | None, camera_ids: Sequence[int]) -> None:
    if isinstance(shape, PictureShape) and len(camera_ids) != 1:
        raise InvalidInput(
            f"a shape is drawn in one camera's picture, but {len(camera_ids)} cameras are chosen",
            "camera_ids",
        )


def _id_of(cursor: Cursor) -> int:
    """The row of a track's find."""
    try:
        return int(cursor.key.removeprefix("track:"))
    except ValueError:
        raise InvalidInput("'before' belongs to another kind of search", "before") from None


def _within(begin: datetime, end: datetime, windows: Sequence[Window]) -> bool:
    """Whether what counts of a track lies in any of the windows."""
    return any(begin < to_at and end >= from_at for from_at, to_at in windows)


def _halfway(row: Any) -> LonLat | None:
    return None if row.lon is None else LonLat(row.lon, row.lat)


def _wkt(shape: MapShape) -> str:
    if len(shape.points) < (3 if shape.closed else 2):
        raise InvalidInput(
            f"{'an area' if shape.closed else 'a line'} on the map needs more than {len(shape.points)} points",
            "shape",
        )
    ring = [*shape.points, shape.points[0]] if shape.closed else list(shape.points)
    text = ",".join(f"{p.lon!r} {p.lat!r}" for p in ring)
    return f"POLYGON(({text}))" if shape.closed else f"LINESTRING({text})"
