"""Brings a database to this program's schema.

Each package keeps ``sql/schema.sql`` (the whole, for a fresh database) and the one list of steps stands in
``gis/sql/migrations/NNNN_name.sql``. A fresh database takes the schemas and is marked as having seen every
step; an older one takes the steps it lacks, each in its own transaction. A test proves both ends equal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gis.db import Database
from gis.errors import SetupError

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("gis", "ingest", "analytics", "command", "web")
MIGRATIONS = ROOT / "gis" / "sql" / "migrations"
_LOCK = 0x77616E67  # one migrator at a time
MIN_SERVER = 150000
MIN_POSTGIS = (3, 3)


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step."""

    number: int
    name: str
    sql: str


def migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """The steps in order. Raises :class:`ValueError` when a number is doubled.

    Numbers may be left out: changes made side by side take theirs in advance, and arrive in any order.
    """
    found: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        match = re.fullmatch(r"(\d{4})_(\w+)\.sql", path.name)
        if match is None:
            raise ValueError(f"{path.name}: a migration is named NNNN_name.sql")
        found.append(Migration(int(match[1]), match[2], path.read_text(encoding="utf-8")))
    numbers = [m.number for m in found]
    if len(set(numbers)) != len(numbers):
        raise ValueError(f"a migration number stands twice: {numbers}")
    return found


def fresh_schema() -> str:
    """The schema of every package, right to left, as one script."""
    return "\n".join(
        (ROOT / package / "sql" / "schema.sql").read_text(encoding="utf-8") for package in PACKAGES
    )


def check_server(database: Database) -> None:
    """Raises :class:`SetupError` when PostgreSQL or PostGIS is too old."""
    version = int(database.rows("SHOW server_version_num")[0][0])
    if version < MIN_SERVER:
        raise SetupError(
            f"PostgreSQL {version // 10000} is too old: version 15 or newer is needed. "
            "Install it, or point DATABASE_URL at a newer server."
        )
    row = database.row("SELECT default_version FROM pg_available_extensions WHERE name = 'postgis'")
    if row is None:
        raise SetupError(
            "the database server has no PostGIS: install the package postgresql-NN-postgis-3"
        )
    if tuple(int(part) for part in row[0].split(".")[:2]) < MIN_POSTGIS:
        raise SetupError(f"PostGIS {row[0]} is too old: 3.3 or newer is needed")


def migrate(database: Database) -> list[str]:
    """Applies what is missing and returns the names of the steps taken (``["fresh"]`` for an empty database).

    Raises :class:`SetupError` when the database is newer than this program.
    """
    check_server(database)
    steps = migrations()
    with database.transaction() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        cursor.execute("SELECT to_regclass('schema_migration') IS NOT NULL")
        if not cursor.fetchone()[0]:
            cursor.execute(fresh_schema())
            for step in steps:
                _mark(cursor, step)
            return ["fresh"]
    done: list[str] = []
    for step in steps:
        with database.transaction() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            cursor.execute("SELECT number FROM schema_migration")
            seen = {row.number for row in cursor.fetchall()}
            at = max(seen, default=0)
            if at > steps[-1].number:
                raise SetupError(
                    f"the database is at step {at}, this program knows only {steps[-1].number}: "
                    "start the newer program, or restore an older backup"
                )
            if step.number not in seen:
                cursor.execute(step.sql)
                _mark(cursor, step)
                done.append(f"{step.number:04d}_{step.name}")
    return done


def _mark(cursor: Any, step: Migration) -> None:
    cursor.execute(
        "INSERT INTO schema_migration (number, name) VALUES (%s, %s)", (step.number, step.name)
    )
