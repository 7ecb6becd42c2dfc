"""What to watch, and the events. The other tables have stores of their own; SQL is called from these alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from analytics import map_zones, privacy_store, zone_store
from analytics.model import (
    Box,
    Ending,
    Event,
    Point,
    PrivacyMask,
    Watch,
    Zone,
)
from gis import gazetteer
from gis.db import Database, load_queries
from gis.errors import InvalidInput, NotFound
from gis.model import Ellipse, LonLat
from gis.pose import pose_of
from gis.said import say
from ingest import footage_store

QUERIES = load_queries(Path(__file__).parent / "sql")
MAX_PAGE = 500
FOOTAGE_BEFORE_S = 10.0
FOOTAGE_AFTER_S = 30.0
"""So much of an event's footage, before and after it, is kept as long as events are."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it stands in the database. ``point`` and ``ellipse`` are None where it has no place on the ground."""

    id: int
    uid: UUID
    camera_id: int
    zone_id: int | None
    track_uid: UUID | None
    rule: str
    kind: str
    priority: int
    confidence: float
    at: datetime
    recorded_at: datetime
    box: Box
    point: LonLat | None
    ellipse: Ellipse | None
    place: str | None
    place_en: str | None
    snapshot: str | None
    why: str
    why_en: str
    value: float | None
    nowhere: str | None
    nowhere_m: float | None


@dataclass(frozen=True, slots=True)
class EventsPage:
    """Newest first; ``next_before`` is what to ask for next, None at the end."""

    events: tuple[StoredEvent, ...]
    next_before: datetime | None


def watches(database: Database) -> list[Watch]:
    """Every camera to analyse with the pose and the zones of where it stands now. A pose with a missing value is none.

    A camera with a pose has the zones on the map within its reach as well, as they are drawn there.
    """
    by_camera: dict[int | None, list[Zone]] = {}
    for zone in zone_store.zones(database):
        by_camera.setdefault(zone.camera_id, []).append(zone)
    on_map = by_camera.get(None, [])
    masks = privacy_store.by_camera(database)
    ignored: dict[tuple[int, int], list[tuple[Point, ...]]] = {}
    for row in database.rows(QUERIES["ignored"], {"zone_ids": None}):
        ignored.setdefault((row.camera_id, row.zone_id), []).append(zone_store.pairs(row.points))
    found = []
    for row in database.rows(QUERIES["watches"]):
        pose = pose_of(row._asdict())
        own = [zone for zone in by_camera.get(row.id, ()) if _holds(zone, row)]
        if pose is not None and not row.moving:
            own += map_zones.near(on_map, pose.place)
        found.append(
            Watch(
                row.id,
                row.code,
                pose,
                tuple(
                    replace(zone, ignored=tuple(ignored.get((row.id, zone.id), ()))) for zone in own
                ),
                tuple(mask for mask in masks.get(row.id, ()) if _hides(mask, row)),
                away=row.away,
                moving=row.moving,
                view_since=row.ptz_since,
                attended=row.attended,
            )
        )
    return found


def _holds(zone: Zone, row: Any) -> bool:
    """Whether a zone is drawn for what the camera shows now; while it turns, all of them rest."""
    if row.moving:
        return False
    return bool(row.at_home) if zone.preset is None else zone.preset == row.preset


def _hides(mask: PrivacyMask, row: Any) -> bool:
    """Whether a mask lies over what the camera shows now; where nobody knows what that is, every mask does."""
    return mask.preset is None or row.preset is None or mask.preset == row.preset


def write_event(database: Database, event: Event) -> bool:
    """Writes an event with the name of the place; the same uid a second time changes nothing.

    The footage around it becomes footage of an event in the same transaction.

    False when it was there already or its camera is unknown. The notification comes from the table's trigger.
    """
    fix = event.fix
    name = gazetteer.nearest(database, fix.place) if fix else None
    values = {
        "uid": str(event.uid),
        "camera_id": event.camera_id,
        "zone_id": event.zone_id,
        "track_uid": str(event.track_uid) if event.track_uid else None,
        "rule": event.rule,
        "kind": event.kind,
        "priority": event.priority,
        "confidence": event.confidence,
        "at": event.at,
        "box": list(event.box),
        "lon": fix.place.lon if fix else None,
        "lat": fix.place.lat if fix else None,
        "major_m": fix.ellipse.major_m if fix else None,
        "minor_m": fix.ellipse.minor_m if fix else None,
        "angle_deg": fix.ellipse.angle_deg if fix else None,
        "place": name.zh if name else None,
        "place_en": name.en if name else None,
        "snapshot": event.snapshot,
        "why": event.why,
        "why_en": event.why_en,
        "value": event.value,
        "nowhere": event.nowhere.code if event.nowhere else None,
        "nowhere_m": event.nowhere.major_m if event.nowhere else None,
    }
    with database.transaction() as cursor:
        cursor.execute(QUERIES["insert_event"], values)
        written: bool = cursor.rowcount == 1
        if written:
            from_at = event.at - timedelta(seconds=FOOTAGE_BEFORE_S)
            to_at = event.at + timedelta(seconds=FOOTAGE_AFTER_S)
            footage_store.mark(cursor, event.camera_id, from_at, to_at)
        return written


def end_event(database: Database, ending: Ending) -> int:
    """Notes that what a rule told of is over; returns how many events that ends. Nothing where none goes on."""
    return database.run(QUERIES["end_event"], asdict(ending))


def events(
    database: Database,
    *,
    camera_ids: Sequence[int] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    rule: str | None = None,
    kind: str | None = None,
    polygon: Sequence[LonLat] | None = None,
    before: datetime | None = None,
    limit: int = 50,
) -> EventsPage:
    """A page of events, newest first: ``start`` ≤ at < ``end``, at < ``before``, placed within ``polygon``.

    A page may be a little longer than ``limit``: events of one moment are never torn apart. Raises
    :class:`InvalidInput` for a limit outside 1..500 or a polygon of fewer than three points.
    """
    if not 1 <= limit <= MAX_PAGE:
        raise InvalidInput(f"limit {limit} is outside 1..{MAX_PAGE}", "limit")
    rows = database.rows(
        QUERIES["events"],
        {
            "camera_ids": None if camera_ids is None else list(camera_ids),
            "start": start,
            "end": end,
            "before": before,
            "rule": rule,
            "kind": kind,
            "polygon": None if polygon is None else polygon_wkt(polygon),
            "limit": limit + 1,
        },
    )
    if len(rows) <= limit:
        return EventsPage(tuple(_event(row) for row in rows), None)
    last_at = rows[limit - 1].at
    return EventsPage(tuple(_event(row) for row in rows if row.at >= last_at), last_at)


def event(database: Database, event_id: int) -> StoredEvent:
    """One event. Raises :class:`NotFound`."""
    row = database.row(QUERIES["events_by_id"], {"ids": [event_id]})
    if row is None:
        raise NotFound(say("no_event", "there is no event {id}", id=event_id))
    return _event(row)


def events_by_id(database: Database, event_ids: Sequence[int]) -> list[StoredEvent]:
    """Some events, in no order; unknown ids are left out."""
    rows = database.rows(QUERIES["events_by_id"], {"ids": list(event_ids)})
    return [_event(row) for row in rows]


def _event(row: Any) -> StoredEvent:
    placed = row.lon is not None
    return StoredEvent(
        id=row.id,
        uid=UUID(row.uid),
        camera_id=row.camera_id,
        zone_id=row.zone_id,
        track_uid=UUID(row.track_uid) if row.track_uid else None,
        rule=row.rule,
        kind=row.kind,
        priority=row.priority,
        confidence=row.confidence,
        at=row.at,
        recorded_at=row.recorded_at,
        box=tuple(row.box),
        point=LonLat(row.lon, row.lat) if placed else None,
        ellipse=Ellipse(row.ellipse_major_m, row.ellipse_minor_m, row.ellipse_angle_deg)
        if placed and row.ellipse_major_m is not None
        else None,
        place=row.place,
        place_en=row.place_en,
        snapshot=row.snapshot,
        why=row.why,
        why_en=row.why_en,
        value=row.value,
        nowhere=row.nowhere,
        nowhere_m=row.nowhere_m,
    )


def polygon_wkt(polygon: Sequence[LonLat]) -> str:
    """An area on the map for the queries. Raises :class:`InvalidInput` for fewer than three corners."""
    if len(polygon) < 3:
        raise InvalidInput(
            f"an area on the map needs at least 3 points, got {len(polygon)}", "polygon"
        )
    ring = [*polygon, polygon[0]]
    return "POLYGON((" + ",".join(f"{p.lon!r} {p.lat!r}" for p in ring) + "))"
