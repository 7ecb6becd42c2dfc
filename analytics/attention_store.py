"""The table of cameras that are worked on to the last: those near an open incident."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from gis.db import Database, load_queries

QUERIES = load_queries(Path(__file__).parent / "sql")


def attend(
    database: Database, camera_ids: Collection[int], why: str, until: datetime, now: datetime
) -> None:
    """Says that exactly these cameras matter for ``why`` until ``until``; none of them ends it. What is over is removed."""
    values = {"camera_ids": sorted(camera_ids), "why": why, "until": until, "now": now}
    database.run(QUERIES["attend"], values)
