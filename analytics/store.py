"""The analytics tables: what to watch, zones, events and tracks. All of this package's SQL is called from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from analytics.model import Box, Direction, Event, Kind, Point, RuleName, TrackRecord, Watch, Zone
from analytics.zone import check_points
from gis import gazetteer
from gis.db import Database, load_queries
from gis.errors import InvalidInput, NotFound, StaleVersion
from gis.model import Ellipse, LonLat, Pose

QUERIES = load_queries(Path(__file__).parent / "sql")
MAX_PAGE = 500


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


@dataclass(frozen=True, slots=True)
class EventsPage:
    """Newest first; ``next_before`` is what to ask for next, None at the end."""

    events: tuple[StoredEvent, ...]
    next_before: datetime | None


@dataclass(frozen=True, slots=True)
class ZoneDraft:
    """A zone before it has an id; see :class:`analytics.model.Zone`."""

    camera_id: int
    name: str
    rule: RuleName
    points: tuple[Point, ...]
    name_en: str | None = None
    classes: tuple[Kind, ...] = ("person",)
    dwell_s: float = 0.0
    direction: Direction = "both"
    priority: int = 2
    rearm_s: float = 30.0
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """What to change of a zone; None leaves a value as it is."""

    name: str | None = None
    name_en: str | None = None
    points: tuple[Point, ...] | None = None
    classes: tuple[Kind, ...] | None = None
    dwell_s: float | None = None
    direction: Direction | None = None
    priority: int | None = None
    rearm_s: float | None = None
    enabled: bool | None = None


def watches(database: Database) -> list[Watch]:
    """Every camera to analyse with its pose and its zones. A pose with a missing value is no pose."""
    by_camera: dict[int, list[Zone]] = {}
    for zone in zones(database):
        by_camera.setdefault(zone.camera_id, []).append(zone)
    return [
        Watch(row.id, row.code, _pose(row), tuple(by_camera.get(row.id, ())))
        for row in database.rows(QUERIES["watches"])
    ]


def zones(database: Database, camera_ids: Sequence[int] | None = None) -> list[Zone]:
    """The zones of some cameras, or all."""
    ids = None if camera_ids is None else list(camera_ids)
    return [_zone(row) for row in database.rows(QUERIES["zones"], {"camera_ids": ids})]


def zone(database: Database, zone_id: int) -> Zone:
    """One zone. Raises :class:`NotFound`."""
    row = database.row(QUERIES["zone"], {"id": zone_id})
    if row is None:
        raise NotFound(f"there is no zone {zone_id}")
    return _zone(row)


def add_zone(database: Database, draft: ZoneDraft) -> Zone:
    """Adds a zone. Raises :class:`InvalidInput` for a shape that is none, :class:`NotFound` for an unknown camera."""
    check_points(draft.rule, draft.points)
    _check_classes(draft.classes)
    row = database.row(QUERIES["insert_zone"], _zone_values(draft))
    if row is None:
        raise NotFound(f"there is no camera {draft.camera_id}")
    return zone(database, row.id)


def change_zone(
    database: Database, zone_id: int, expected_version: int, change: ZoneChange
) -> Zone:
    """Changes a zone. Raises :class:`NotFound`, :class:`StaleVersion`, :class:`InvalidInput`."""
    changes = {key: value for key, value in asdict(change).items() if value is not None}
    with database.transaction() as cursor:
        before = _locked(cursor, zone_id, expected_version, changes)
        after = replace(before, **changes)
        check_points(after.rule, after.points)
        _check_classes(after.classes)
        cursor.execute(QUERIES["update_zone"], _zone_values(after) | {"id": zone_id})
    return zone(database, zone_id)


def delete_zone(database: Database, zone_id: int, expected_version: int) -> None:
    """Removes a zone; its events stay. Raises :class:`NotFound`, :class:`StaleVersion`."""
    with database.transaction() as cursor:
        _locked(cursor, zone_id, expected_version, {})
        cursor.execute(QUERIES["delete_zone"], {"id": zone_id})


def write_event(database: Database, event: Event) -> bool:
    """Writes an event with the name of the place; the same uid a second time changes nothing.

    False when it was there already or its camera is unknown. The notification comes from the table's trigger.
    """
    fix = event.fix
    name = gazetteer.nearest(database, fix.place) if fix else None
    values = {
        "uid": str(event.uid),
        "camera_id": event.camera_id,
        "zone_id": event.zone_id,
        "track_uid": str(event.track_uid),
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
    }
    return database.run(QUERIES["insert_event"], values) == 1


def write_track(database: Database, record: TrackRecord) -> bool:
    """Writes a track, or a longer account of one written before. False when nothing changed."""
    values = {
        "uid": str(record.uid),
        "camera_id": record.camera_id,
        "kind": record.kind,
        "confidence": record.confidence,
        "start_at": record.start_at,
        "end_at": record.end_at,
        "t_ms": list(record.t_ms),
        "box": [value for box in record.boxes for value in box],
        "speed_ms": record.speed_ms,
        "lon": [place.lon for place in record.path],
        "lat": [place.lat for place in record.path],
    }
    return database.run(QUERIES["upsert_track"], values) == 1


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
            "polygon": None if polygon is None else _polygon_wkt(polygon),
            "limit": limit + 1,
        },
    )
    if len(rows) <= limit:
        return EventsPage(tuple(_event(row) for row in rows), None)
    last_at = rows[limit - 1].at
    return EventsPage(tuple(_event(row) for row in rows if row.at >= last_at), last_at)


def event(database: Database, event_id: int) -> StoredEvent:
    """One event. Raises :class:`NotFound`."""
    row = database.row(QUERIES["event"], {"id": event_id})
    if row is None:
        raise NotFound(f"there is no event {event_id}")
    return _event(row)


def track(database: Database, uid: UUID) -> TrackRecord | None:
    """A track as far as it is written; ``path`` is empty where it has no place on the ground."""
    row = database.row(QUERIES["track"], {"uid": str(uid)})
    if row is None:
        return None
    flat, path = row.box, row.path
    return TrackRecord(
        uid=UUID(row.uid),
        camera_id=row.camera_id,
        kind=row.kind,
        confidence=row.confidence,
        start_at=row.start_at,
        end_at=row.end_at,
        t_ms=tuple(row.t_ms),
        boxes=tuple(
            (flat[i], flat[i + 1], flat[i + 2], flat[i + 3]) for i in range(0, len(flat), 4)
        ),
        speed_ms=row.speed_ms,
        path=tuple(LonLat(path[i], path[i + 1]) for i in range(0, len(path), 2)),
    )


def _locked(cursor: Any, zone_id: int, expected_version: int, sent: dict[str, Any]) -> Zone:
    cursor.execute(QUERIES["zone_for_update"], {"id": zone_id})
    row = cursor.fetchone()
    if row is None:
        raise NotFound(f"there is no zone {zone_id}")
    found = _zone(row)
    if found.version != expected_version:
        raise StaleVersion(
            f"zone {zone_id} is at version {found.version}, the change was made on {expected_version}",
            current=asdict(found),
            sent=sent | {"expected_version": expected_version},
        )
    return found


def _check_classes(classes: Sequence[Kind]) -> None:
    if not classes:
        raise InvalidInput("choose at least one of person, vehicle, other", "classes")


def _zone_values(source: Zone | ZoneDraft) -> dict[str, Any]:
    return {
        "camera_id": source.camera_id,
        "name": source.name,
        "name_en": source.name_en,
        "rule": source.rule,
        "points": [value for point in source.points for value in point],
        "classes": list(source.classes),
        "dwell_s": source.dwell_s,
        "direction": source.direction,
        "priority": source.priority,
        "rearm_s": source.rearm_s,
        "enabled": source.enabled,
    }


def _zone(row: Any) -> Zone:
    flat = row.points
    return Zone(
        id=row.id,
        camera_id=row.camera_id,
        name=row.name,
        name_en=row.name_en,
        rule=row.rule,
        points=tuple((flat[i], flat[i + 1]) for i in range(0, len(flat), 2)),
        classes=tuple(row.classes),
        dwell_s=row.dwell_s,
        direction=row.direction,
        priority=row.priority,
        rearm_s=row.rearm_s,
        enabled=row.enabled,
        version=row.version,
    )


def _pose(row: Any) -> Pose | None:
    if None in (row.height_m, row.yaw_deg, row.pitch_deg, row.hfov_deg):
        return None
    return Pose(
        place=LonLat(row.lon, row.lat),
        height_m=row.height_m,
        yaw_deg=row.yaw_deg,
        pitch_deg=row.pitch_deg,
        hfov_deg=row.hfov_deg,
        roll_deg=row.roll_deg,
        sigma_deg=row.pose_sigma_deg,
    )


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
    )


def _polygon_wkt(polygon: Sequence[LonLat]) -> str:
    if len(polygon) < 3:
        raise InvalidInput(
            f"an area on the map needs at least 3 points, got {len(polygon)}", "polygon"
        )
    ring = [*polygon, polygon[0]]
    return "POLYGON((" + ",".join(f"{p.lon!r} {p.lat!r}" for p in ring) + "))"
