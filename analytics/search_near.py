"""Everything that was near a spot on the map: events, tracks, and vehicles by their own positions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID

from analytics.search import Cursor, Hit, Order, Page, When, Window, box_at, page_of
from analytics.search_rows import (
    MAX_CANDIDATES,
    NEWEST,
    asked,
    boxes_of,
    of_track,
    times_of,
    window_params,
)
from analytics.search_score import near_score
from analytics.store import QUERIES
from gis.db import Database
from gis.errors import InvalidInput
from gis.ground import LocalFrame
from gis.model import LonLat

MAX_POSITIONS = 50_000
MAX_RADIUS_M = 2000.0
NEAR_AT_MOST = timedelta(days=1)
SHORT = timedelta(hours=2)
VISIT_GAP_S = 120.0
"""A vehicle that is heard of again after so long near the spot came a second time."""


def near(
    database: Database,
    camera_ids: Sequence[int] | None,
    when: When,
    spot: LonLat,
    radius_m: float,
    limit: int,
    before: Cursor | None = None,
    order: Order = "newest",
) -> Page:
    """All that was near a spot on the map: events, tracks, and vehicles by their own positions. None: every camera.

    The best are the nearest. Raises :class:`InvalidInput` for a radius outside 1..2000 m or more than a day in all.
    """
    windows = asked(when, limit)
    if not 1 <= radius_m <= MAX_RADIUS_M:
        raise InvalidInput(f"a radius of {radius_m:g} m is outside 1..{MAX_RADIUS_M:g}", "radius_m")
    total = sum((end - begin for begin, end in windows), timedelta())
    if total > NEAR_AT_MOST:
        raise InvalidInput(
            f"around a spot at most {NEAR_AT_MOST.total_seconds() / 3600:g} hours are searched at once, "
            f"not {total.total_seconds() / 3600:.1f}",
            "from_at",
        )
    north = radius_m / 111_000.0
    east = north / max(0.01, math.cos(math.radians(spot.lat)))
    params = window_params(windows) | {
        "camera_ids": None if camera_ids is None else list(camera_ids),
        "lon": spot.lon,
        "lat": spot.lat,
        "west": spot.lon - east,
        "east": spot.lon + east,
        "south": spot.lat - north,
        "north": spot.lat + north,
        "radius_m": radius_m,
        "before_at": before.at if before and order == "newest" else NEWEST,
        "limit": MAX_CANDIDATES,
    }
    events = database.rows(QUERIES["events_near"], params)
    way = "ST_Envelope(t.path)" if total <= SHORT else "t.path"
    tracks = database.rows(QUERIES["tracks_near"].replace("/*way*/ &&", f"{way} &&"), params)
    fixes = database.rows(QUERIES["positions_near"], params | {"limit": MAX_POSITIONS})
    exact = max(len(events), len(tracks)) < MAX_CANDIDATES and len(fixes) < MAX_POSITIONS
    hits = [_event_hit(row) for row in events]
    hits += [_near_track(row, windows) for row in tracks]
    hits += _visits(fixes, spot, radius_m)
    hits = [replace(hit, score=near_score(hit.distance_m or 0.0, radius_m)) for hit in hits]
    if order == "newest":
        return page_of(hits, exact, limit, before)
    cut = [events[-1].at] if len(events) == MAX_CANDIDATES else []
    cut += [tracks[-1].start_at] if len(tracks) == MAX_CANDIDATES else []
    looked_from = max(cut, default=None)
    return page_of(hits, exact, limit, before, order=order, looked_from=looked_from)


def _near_track(row: Any, windows: Sequence[Window]) -> Hit:
    """Where it was nearest. Its way has no times of its own, so that moment is by the share of the way."""
    t_ms, boxes = times_of(row.t_ms), boxes_of(row.box)
    at_ms = t_ms[0] + round(row.share * (t_ms[-1] - t_ms[0]))
    at = row.start_at + timedelta(milliseconds=at_ms)
    within = next(((a, b) for a, b in windows if row.start_at < b and row.end_at >= a), None)
    if within is not None:
        at = min(max(at, within[0]), within[1])
    return of_track(
        row,
        at=at,
        box=box_at(t_ms, boxes, at_ms),
        point=LonLat(row.lon, row.lat),
        standing_s=row.standing_s,
        distance_m=row.distance_m,
    )


def _event_hit(row: Any) -> Hit:
    return Hit(
        "event",
        f"event:{row.id}",
        row.at,
        row.at,
        row.at,
        camera_id=row.camera_id,
        box=(row.box[0], row.box[1], row.box[2], row.box[3]),
        picture=row.snapshot,
        kind=row.kind,
        point=LonLat(row.lon, row.lat),
        distance_m=row.distance_m,
        track_uid=UUID(row.track_uid) if row.track_uid else None,
        event_id=row.id,
        priority=row.priority,
        why=row.why,
        why_en=row.why_en,
        place=row.place,
        place_en=row.place_en,
    )


def _visits(fixes: Sequence[Any], spot: LonLat, radius_m: float) -> Iterator[Hit]:
    """Each time a vehicle was near the spot, at its nearest."""
    frame = LocalFrame(spot)
    for device_id, group in groupby(fixes, key=lambda row: row.device_id):
        close: list[tuple[float, Any]] = []
        for row in group:
            distance_m = math.hypot(*frame.to_enu(row.lon_e7 / 1e7, row.lat_e7 / 1e7))
            if distance_m <= radius_m:
                close.append((distance_m, row))
        edges = [0]
        for i, ((_, a), (_, b)) in enumerate(pairwise(close), 1):
            if (b.at - a.at).total_seconds() > VISIT_GAP_S:
                edges.append(i)
        for first, end in pairwise([*edges, len(close)]):
            visit = close[first:end]
            if not visit:
                continue
            distance_m, best = min(visit, key=lambda each: each[0])
            yield Hit(
                "vehicle",
                f"vehicle:{device_id}",
                visit[0][1].at,
                visit[-1][1].at,
                best.at,
                kind="vehicle",
                speed_ms=None if best.speed_cms is None else best.speed_cms / 100.0,
                heading_deg=None if best.course_deg is None else best.course_deg % 360.0,
                point=LonLat(best.lon_e7 / 1e7, best.lat_e7 / 1e7),
                distance_m=distance_m,
                device_id=device_id,
                name=best.name,
            )
