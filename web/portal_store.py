"""The portal's setting, as the console's people see and change it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gis.db import Database, load_queries
from gis.errors import StaleVersion

_SQL = load_queries(Path(__file__).parent / "sql")


def setting(database: Database) -> Any:
    """The portal's row."""
    return database.row(_SQL["portal_setting"])


def change(cursor: Any, expected_version: int, given: dict[str, Any]) -> Any:
    """Writes the fields of ``given`` and returns the row. Raises :class:`StaleVersion`."""
    cursor.execute(_SQL["portal_setting_lock"])
    row = cursor.fetchone()
    if row.version != expected_version:
        raise StaleVersion(
            f"the portal's setting was changed by somebody else "
            f"(version {row.version}, you had {expected_version})",
            row._asdict(),
            given,
        )
    cursor.execute(_SQL["portal_setting_update"], row._asdict() | given)
    return cursor.fetchone()
