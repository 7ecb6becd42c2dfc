"""The table of zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from analytics.change import KEEP, Keep, given
from analytics.locked import Rows
from analytics.model import Direction, Kind, Point, RuleName, Zone
from analytics.rules.catalogue import CATALOGUE
from analytics.zone_check import check_zone
from gis.db import Database, load_queries
from gis.errors import NotFound
from gis.model import LonLat
from gis.said import say

QUERIES = load_queries(Path(__file__).parent / "sql")


@dataclass(frozen=True, slots=True)
class ZoneDraft:
    """A zone before it has an id; see :class:`analytics.model.Zone`."""

    camera_id: int | None
    name: str
    rule: RuleName
    points: tuple[Point, ...]
    name_en: str | None = None
    classes: tuple[Kind, ...] | None = None  # None: the rule's own
    dwell_s: float | None = None  # None: the rule's own
    direction: Direction = "both"
    priority: int = 2
    rearm_s: float = 30.0
    enabled: bool = True
    arrow: tuple[Point, Point] | None = None
    schedule: tuple[tuple[int, int], ...] = ()
    min_size_m: float = 0.0
    threshold: float | None = None
    clear: float | None = None
    gauge_m: tuple[float, float] | None = None
    ground: tuple[LonLat, ...] = ()
    preset: str | None = None


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """What to change of a zone. Where None means that there is none or that the rule's own holds, it may be given."""

    name: str | Keep = KEEP
    name_en: str | Keep | None = KEEP
    points: tuple[Point, ...] | Keep = KEEP
    classes: tuple[Kind, ...] | Keep | None = KEEP  # None: the rule's own
    dwell_s: float | Keep | None = KEEP  # None: the rule's own
    direction: Direction | Keep = KEEP
    priority: int | Keep = KEEP
    rearm_s: float | Keep = KEEP
    enabled: bool | Keep = KEEP
    arrow: tuple[Point, Point] | Keep | None = KEEP
    schedule: tuple[tuple[int, int], ...] | Keep = KEEP
    min_size_m: float | Keep = KEEP
    threshold: float | Keep | None = KEEP
    clear: float | Keep | None = KEEP
    gauge_m: tuple[float, float] | Keep | None = KEEP
    ground: tuple[LonLat, ...] | Keep = KEEP
    preset: str | Keep | None = KEEP


def zones(database: Database, camera_ids: Sequence[int] | None = None) -> list[Zone]:
    """The zones of some cameras, or all."""
    ids = None if camera_ids is None else list(camera_ids)
    return [_read(row) for row in database.rows(QUERIES["zones"], {"camera_ids": ids})]


def zone(database: Database, zone_id: int) -> Zone:
    """One zone. Raises :class:`NotFound`."""
    row = database.row(QUERIES["zone"], {"id": zone_id})
    if row is None:
        raise _missing(zone_id)
    return _read(row)


def add(database: Database, draft: ZoneDraft) -> Zone:
    """Adds a zone. Raises :class:`InvalidInput` for what its rule cannot watch, :class:`NotFound` for an unknown camera."""
    check_zone(draft)
    row = database.row(QUERIES["insert_zone"], _values(draft))
    if row is None:
        raise NotFound(say("no_camera", "there is no camera {id}", id=draft.camera_id))
    return zone(database, row.id)


def as_zone(draft: ZoneDraft, camera_id: int, ignored: tuple[tuple[Point, ...], ...] = ()) -> Zone:
    """A zone that is not stored, as a camera would watch it, with what it leaves open filled in by its rule."""
    facts = CATALOGUE[draft.rule]
    values = {field.name: getattr(draft, field.name) for field in fields(draft)}
    values |= {
        "camera_id": camera_id,
        "classes": facts.classes if draft.classes is None else draft.classes,
        "dwell_s": facts.dwell_s if draft.dwell_s is None else draft.dwell_s,
    }
    return Zone(id=0, version=0, ignored=ignored, **values)


def change(database: Database, zone_id: int, expected_version: int, wanted: ZoneChange) -> Zone:
    """Changes a zone. Raises :class:`NotFound`, :class:`StaleVersion`, :class:`InvalidInput`.

    Classes and dwell that are set to None become those of its rule.
    """
    changes = given(wanted)
    with database.transaction() as cursor:
        before = _ROWS.locked(cursor, zone_id, expected_version, changes)
        after = replace(before, **changes)
        check_zone(after)
        cursor.execute(QUERIES["update_zone"], _values(after) | {"id": zone_id})
    return zone(database, zone_id)


def delete(database: Database, zone_id: int, expected_version: int) -> None:
    """Removes a zone; its events stay. Raises :class:`NotFound`, :class:`StaleVersion`."""
    with database.transaction() as cursor:
        _ROWS.locked(cursor, zone_id, expected_version, {})
        cursor.execute(QUERIES["delete_zone"], {"id": zone_id})


def _missing(row_id: int) -> NotFound:
    return NotFound(say("no_zone", "there is no zone {id}", id=row_id))


def _values(source: Zone | ZoneDraft) -> dict[str, Any]:
    facts = CATALOGUE[source.rule]
    return {
        "camera_id": source.camera_id,
        "name": source.name,
        "name_en": source.name_en,
        "rule": source.rule,
        "points": flat(source.points),
        "classes": list(facts.classes if source.classes is None else source.classes),
        "dwell_s": facts.dwell_s if source.dwell_s is None else source.dwell_s,
        "direction": source.direction,
        "priority": source.priority,
        "rearm_s": source.rearm_s,
        "enabled": source.enabled,
        "arrow": flat(source.arrow),
        "schedule": flat(source.schedule),
        "min_size_m": source.min_size_m,
        "threshold": source.threshold,
        "clear": source.clear,
        "gauge_m": None if source.gauge_m is None else list(source.gauge_m),
        "preset": source.preset,
        "ground": flat([(place.lon, place.lat) for place in source.ground] or None),
    }


def _read(row: Any) -> Zone:
    arrow = pairs(row.arrow)
    return Zone(
        id=row.id,
        camera_id=row.camera_id,
        name=row.name,
        name_en=row.name_en,
        rule=row.rule,
        points=pairs(row.points),
        classes=tuple(row.classes),
        dwell_s=row.dwell_s,
        direction=row.direction,
        priority=row.priority,
        rearm_s=row.rearm_s,
        enabled=row.enabled,
        version=row.version,
        arrow=(arrow[0], arrow[1]) if arrow else None,
        schedule=pairs(row.schedule),
        min_size_m=row.min_size_m,
        threshold=row.threshold,
        clear=row.clear,
        gauge_m=tuple(row.gauge_m) if row.gauge_m else None,
        ground=tuple(LonLat(lon, lat) for lon, lat in pairs(row.ground)),
        preset=row.preset,
    )


def flat(points: Sequence[tuple[float, float]] | None) -> list[float] | None:
    """Pairs as the database keeps them, one number after another."""
    return None if points is None else [value for point in points for value in point]


def pairs(numbers: Sequence[Any] | None) -> tuple[tuple[Any, Any], ...]:
    """Pairs again, of what the database keeps."""
    return tuple(zip(numbers[::2], numbers[1::2], strict=True)) if numbers else ()


_ROWS = Rows("zone", QUERIES["zone_for_update"], _read, _missing)
