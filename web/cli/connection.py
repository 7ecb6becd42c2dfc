"""The database as the command line reaches it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gis.db import Database
from gis.errors import DatabaseAway, SetupError
from web.environment import Environment, read_environment


@contextmanager
def open_database(environment: Environment | None = None) -> Iterator[Database]:
    """A pool with the owner's rights. Raises :class:`SetupError` when the database is not running."""
    environment = environment or read_environment()
    cluster = environment.cluster()
    if cluster is not None and not cluster.running():
        raise SetupError(
            "the database is not running: start the system with ./run up or ./run demo first"
        )
    database = Database(environment.owner_url(), size=2, application="wanglou-cli")
    try:
        try:
            database.row("SELECT 1")
        except DatabaseAway as error:
            raise SetupError(f"DATABASE_URL cannot be reached: {error}") from error
        yield database
    finally:
        database.close()
