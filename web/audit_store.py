"""The audit log's rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psycopg2.extras import Json

from gis.db import Database, load_queries

_SQL = load_queries(Path(__file__).parent / "sql")


def add(
    cursor: Any, actor: str, action: str, subject: str, detail: Mapping[str, Any], address: str
) -> None:
    """Writes one entry in the cursor's transaction."""
    cursor.execute(
        _SQL["audit_add"],
        {
            "actor": actor,
            "action": action,
            "subject": subject,
            "detail": Json(dict(detail)),
            "address": address,
        },
    )


def page(
    database: Database,
    before: int | None = None,
    limit: int = 100,
    actor: str | None = None,
    subject: str | None = None,
) -> list[Any]:
    """Entries with an id below ``before``, newest first."""
    return database.rows(
        _SQL["audit_page"], {"before": before, "limit": limit, "actor": actor, "subject": subject}
    )
