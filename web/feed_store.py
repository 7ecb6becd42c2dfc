"""What the feed asks the database besides the rows themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gis.db import Database, load_queries

_SQL = load_queries(Path(__file__).parent / "sql")


def incidents_of_assignments(database: Database, ids: Sequence[int]) -> list[int]:
    """The incidents that some assignments belong to."""
    rows = database.rows(_SQL["feed_incidents_of_assignments"], {"ids": list(ids)})
    return [row.incident_id for row in rows]


def crews(database: Database, incident_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """The units on each incident."""
    found: dict[int, set[int]] = {}
    for row in database.rows(_SQL["feed_crews"], {"ids": list(incident_ids)}):
        found.setdefault(row.incident_id, set()).add(row.unit_id)
    return {incident_id: frozenset(units) for incident_id, units in found.items()}
