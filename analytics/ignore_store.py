"""Where in a camera's picture a zone sees nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics.model import Point
from analytics.store import QUERIES
from analytics.zone_check import check_points
from gis.db import Database
from gis.errors import NotFound


@dataclass(frozen=True, slots=True)
class Ignored:
    """One area, normalised in the camera's picture."""

    id: int
    zone_id: int
    camera_id: int
    points: tuple[Point, ...]
    made_by: str
    made_at: datetime


def ignored(database: Database, zone_ids: Sequence[int] | None = None) -> list[Ignored]:
    """The areas of some zones, or of all."""
    ids = None if zone_ids is None else list(zone_ids)
    return [_ignored(row) for row in database.rows(QUERIES["ignored"], {"zone_ids": ids})]


def add(
    cursor: Any, zone_id: int, camera_id: int, points: Sequence[Point], by: str, at: datetime
) -> int:
    """One more area; returns its id. Raises :class:`InvalidInput` for what is no area."""
    check_points("intrusion", points)  # an area like any other
    values = {
        "zone_id": zone_id,
        "camera_id": camera_id,
        "points": [value for point in points for value in point],
        "by": by,
        "at": at,
    }
    cursor.execute(QUERIES["insert_ignored"], values)
    return int(cursor.fetchone().id)


def delete(cursor: Any, zone_id: int, ignored_id: int) -> None:
    """The zone sees there again. Raises :class:`NotFound`."""
    cursor.execute(QUERIES["delete_ignored"], {"id": ignored_id, "zone_id": zone_id})
    if cursor.rowcount == 0:
        raise NotFound(f"zone {zone_id} has no ignored area {ignored_id}")


def _ignored(row: Any) -> Ignored:
    values = row.points
    points = tuple(zip(values[::2], values[1::2], strict=True))
    return Ignored(row.id, row.zone_id, row.camera_id, points, row.made_by, row.made_at)
