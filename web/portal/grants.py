"""What the portal's database role may do: read the ``public_*`` views, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psycopg2 import sql

from gis.db import Database, load_queries
from gis.errors import SetupError

_SQL = load_queries(Path(__file__).resolve().parent.parent / "sql")


def grant(database: Database, role: str) -> None:
    """Takes every right from ``role`` and gives it the public views; a second call changes nothing.

    Runs as the owner after migrations. Raises :class:`SetupError` when the role does not exist, or can still
    read something else (it is a superuser, a member of another role, or PUBLIC was given rights).
    """
    name = sql.Identifier(role)
    with database.transaction() as cursor:
        cursor.execute(_SQL["role_exists"], {"role": role})
        if cursor.fetchone() is None:
            raise SetupError(
                f"the database has no role {role!r} for the portal: create it with "
                f"CREATE ROLE {role} LOGIN PASSWORD '…'"
            )
        cursor.execute(_SQL["public_views"])
        views = [row.relname for row in cursor.fetchall()]
        for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
            cursor.execute(
                sql.SQL("REVOKE ALL ON ALL {} IN SCHEMA public FROM {}").format(sql.SQL(kind), name)
            )
        cursor.execute(sql.SQL("REVOKE ALL ON SCHEMA public FROM {}").format(name))
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name))
        for view in views:
            cursor.execute(
                sql.SQL("GRANT SELECT ON public.{} TO {}").format(sql.Identifier(view), name)
            )
        for option, value in (("default_transaction_read_only", "on"), ("statement_timeout", "5s")):
            cursor.execute(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(
                    name, sql.Identifier(option), sql.Literal(value)
                )
            )
        too_much = _others(cursor, role)
        if too_much:
            raise SetupError(
                f"the role {role!r} can reach {', '.join(too_much[:5])} and {len(too_much) - 1} more at most: "
                "the portal needs a plain role that is no superuser and member of no other role"
            )


def reachable(database: Database, role: str) -> list[str]:
    """Tables, views and sequences other than the public views that ``role`` has any right on."""
    with database.transaction() as cursor:
        return _others(cursor, role)


def _others(cursor: Any, role: str) -> list[str]:
    cursor.execute(_SQL["role_reaches"], {"role": role})
    return [row.relname for row in cursor.fetchall()]
