"""Reads the named places."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gis.db import Database, load_queries
from gis.ground import LocalFrame
from gis.model import LonLat

_SQL = load_queries(Path(__file__).parent / "sql")


@dataclass(frozen=True, slots=True)
class Place:
    """A named place; ``distance_m`` is from the point asked about, None where there was none."""

    id: int
    kind: str
    name: str
    name_en: str | None
    at: LonLat
    distance_m: float | None

    @property
    def lon(self) -> float:
        return self.at.lon

    @property
    def lat(self) -> float:
        return self.at.lat


def near(database: Database, at: LonLat, within_m: float, limit: int) -> list[Place]:
    """Places within ``within_m`` of a point, nearest first."""
    frame = LocalFrame(at)
    rows = database.rows(
        _SQL["places_near"],
        {
            "lon": at.lon,
            "lat": at.lat,
            "within_lon": within_m / max(frame.m_per_deg_lon, 1.0),
            "within_lat": within_m / frame.m_per_deg_lat,
            "limit": limit,
        },
    )
    return [p for p in map(_place, rows) if p.distance_m is not None and p.distance_m <= within_m]


def search(database: Database, q: str, at: LonLat | None, limit: int) -> list[Place]:
    """Places by name; see the query for the order."""
    plain = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = database.rows(
        _SQL["places_search"],
        {
            "q": q,
            "prefix": f"{plain}%",
            "inside": f"%{plain}%",
            "lon": None if at is None else at.lon,
            "lat": None if at is None else at.lat,
            "limit": limit,
        },
    )
    return [_place(r) for r in rows]


def _place(row: Any) -> Place:
    at = LonLat(row.lon, row.lat)
    return Place(row.id, row.kind, row.name, row.name_en, at, row.distance_m)
