"""The table of what gauges in the picture read."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from analytics.model import LevelReading
from gis.db import Database, load_queries

QUERIES = load_queries(Path(__file__).parent / "sql")
MOST = 20_000


def write(database: Database, reading: LevelReading) -> bool:
    """Writes a reading; False when it was there or its zone is gone."""
    values = {"zone_id": reading.zone_id, "at": reading.at, "level_m": reading.level_m}
    return database.run(QUERIES["insert_gauge_reading"], values) == 1


def readings(
    database: Database, zone_id: int, start: datetime, end: datetime
) -> list[LevelReading]:
    """The readings of one gauge, ``start`` ≤ at < ``end``, oldest first, :data:`MOST` at most."""
    values = {"zone_id": zone_id, "start": start, "end": end, "limit": MOST}
    rows = database.rows(QUERIES["gauge_readings"], values)
    return [LevelReading(zone_id, row.at, row.level_m) for row in rows]
