"""Rows that tell how the processes and cameras are doing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gis.db import Database, load_queries

_SQL = load_queries(Path(__file__).parent / "sql")


def processes(database: Database) -> list[Any]:
    """The newest beat of every process."""
    return database.rows(_SQL["health_processes"])


def cameras(database: Database) -> list[Any]:
    """State and figures of every camera."""
    return database.rows(_SQL["health_cameras"])
