"""The pool over a real server: what a restart of the database leaves behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gis.db import Database, Listener
from gis.errors import DatabaseAway


@pytest.fixture
def pool(database_url: str) -> Iterator[Database]:
    made = Database(database_url, size=3, wait_s=0.2)
    yield made
    made.close()


def end_others(database: Database) -> None:
    """Ends every other connection of this database, and waits (at most 5 s each) until it is gone."""
    database.rows(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def test_idle_connections_that_the_server_closed_harm_nobody(
    pool: Database, database: Database
) -> None:
    with pool.transaction() as one, pool.transaction() as two, pool.transaction() as three:
        for cursor in (one, two, three):
            cursor.execute("SELECT 1")
    end_others(database)
    for _ in range(4):
        row = pool.row("SELECT 1 AS one")
        assert row is not None and row.one == 1


def test_a_connection_lost_in_use_says_that_the_database_is_away(
    pool: Database, database: Database
) -> None:
    with pytest.raises(DatabaseAway, match="went away"), pool.transaction() as cursor:
        cursor.execute("SELECT 1")
        end_others(database)
        cursor.execute("SELECT 2")
    assert pool.row("SELECT 3") is not None


def test_no_free_connection_is_told(pool: Database) -> None:
    away = pytest.raises(DatabaseAway, match=r"no database connection came free within 0\.2 s")
    with pool.transaction(), pool.transaction(), pool.transaction(), away:
        pool.row("SELECT 1")


def test_a_listener_that_lost_its_connection_asks_to_catch_up(
    pool: Database, database: Database
) -> None:
    listener = Listener(pool, ["news"])
    assert listener.wait(0.0) is None
    database.run("NOTIFY news, '7'")
    assert listener.wait(5.0) == [("news", "7")]
    end_others(database)
    with pytest.raises(DatabaseAway):
        listener.wait(5.0)
    assert listener.wait(0.0) is None
    listener.close()
