"""The database connection: a real pool over psycopg2, named queries, notifications.

Every psycopg2 error that means "the database is away" becomes :class:`DatabaseAway` here and nowhere else.
"""

from __future__ import annotations

import re
import select
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extensions
import psycopg2.extras

from gis.errors import DatabaseAway, SetupError

Cursor = psycopg2.extras.NamedTupleCursor
Params = Mapping[str, Any] | Sequence[Any] | None

_AWAY = (psycopg2.OperationalError, psycopg2.InterfaceError)
# OperationalErrors that are about the statement, not about the database being away.
_NOT_AWAY = (
    psycopg2.errors.LockNotAvailable,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.QueryCanceled,
)


def load_queries(folder: Path) -> dict[str, str]:
    """Reads ``-- name: x`` queries from every ``*.sql`` of ``folder`` but ``schema.sql``.

    Each query has a description in the comment lines under its name. Raises :class:`ValueError` on a
    duplicate name or a query without a description.
    """
    queries: dict[str, str] = {}
    for path in sorted(folder.glob("*.sql")):
        if path.name == "schema.sql":
            continue
        parts = re.split(r"^-- name: *(\w+)\s*$", path.read_text(encoding="utf-8"), flags=re.M)
        for name, body in zip(parts[1::2], parts[2::2], strict=True):
            if name in queries:
                raise ValueError(f"{path}: query '{name}' stands twice")
            if not body.lstrip().startswith("--"):
                raise ValueError(f"{path}: query '{name}' has no description")
            queries[name] = body.strip()
    return queries


class Database:
    """A pool of at most ``size`` connections, made when first needed and dropped when broken.

    A thread that finds the pool empty waits up to ``wait_s`` and then gets :class:`DatabaseAway`.
    """

    def __init__(
        self, url: str, size: int = 8, wait_s: float = 10.0, application: str = "wanglou"
    ) -> None:
        self.url = url
        self._application = application
        self._wait_s = wait_s
        self._free = threading.Semaphore(size)
        self._idle: list[psycopg2.extensions.connection] = []
        self._lock = threading.Lock()

    def connect(self) -> psycopg2.extensions.connection:
        """A new connection outside the pool; the caller closes it.

        Raises :class:`DatabaseAway`, and :class:`SetupError` when the address is none.
        """
        try:
            return psycopg2.connect(
                self.url,
                application_name=self._application,
                connect_timeout=5,
                options="-c timezone=UTC",
                cursor_factory=Cursor,
            )
        except psycopg2.OperationalError as error:
            raise DatabaseAway(f"the database does not answer: {error}".strip()) from error
        except psycopg2.ProgrammingError:
            # Its own words would repeat the address, and with it the password.
            raise SetupError(
                "the database's address cannot be read: DATABASE_URL and PORTAL_DATABASE_URL "
                "look like postgresql://user:password@host:5432/name"
            ) from None

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """A cursor in one transaction: committed at the end, rolled back on any error."""
        if not self._free.acquire(timeout=self._wait_s):
            raise DatabaseAway(f"no database connection came free within {self._wait_s:g} s")
        connection: psycopg2.extensions.connection | None = None
        try:
            connection = self._rested() or self.connect()
            try:
                with connection.cursor() as cursor:
                    yield cursor
                connection.commit()
            except _AWAY as error:
                if isinstance(error, _NOT_AWAY):
                    connection.rollback()
                    raise
                raise DatabaseAway(f"the database went away: {error}".strip()) from error
            except BaseException:
                if not connection.closed:
                    connection.rollback()
                raise
        finally:
            if connection is not None:
                if connection.closed or connection.status != psycopg2.extensions.STATUS_READY:
                    connection.close()
                else:
                    with self._lock:
                        self._idle.append(connection)
            self._free.release()

    def _rested(self) -> psycopg2.extensions.connection | None:
        """An idle connection that the server has not closed meanwhile, or None.

        The server says nothing to an idle client but good-bye, so one with something to read is of no use:
        after a restart of the database every one of them would fail its next user.
        """
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if not connection.closed and not _readable(connection, 0.0):
                return connection
            connection.close()

    def rows(self, sql: str, params: Params = None) -> list[Any]:
        """All rows of one query as named tuples."""
        with self.transaction() as cursor:
            cursor.execute(sql, params)
            result: list[Any] = cursor.fetchall()
            return result

    def row(self, sql: str, params: Params = None) -> Any | None:
        """The first row or None."""
        with self.transaction() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchone()

    def run(self, sql: str, params: Params = None) -> int:
        """Runs one statement; returns the number of rows it touched."""
        with self.transaction() as cursor:
            cursor.execute(sql, params)
            count: int = cursor.rowcount
            return count

    def close(self) -> None:
        """Closes every idle connection."""
        with self._lock:
            for connection in self._idle:
                connection.close()
            self._idle.clear()


def _readable(connection: psycopg2.extensions.connection, timeout_s: float) -> bool:
    """Whether something comes from the server within ``timeout_s``. Not by select(): it knows 1024 files only."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(timeout_s * 1000))


class Listener:
    """LISTEN on some channels from one thread.

    :meth:`wait` returns what came, as ``(channel, payload)``; after every (re)connection the first call
    returns ``None``: notifications may have been lost, so the caller must catch up from the tables.
    Raises :class:`DatabaseAway` while there is no connection; the caller waits a moment and calls again.
    """

    def __init__(self, database: Database, channels: Sequence[str]) -> None:
        self._database = database
        self._channels = tuple(channels)
        self._connection: psycopg2.extensions.connection | None = None

    def wait(self, timeout_s: float) -> list[tuple[str, str]] | None:
        try:
            if self._connection is None:
                connection = self._database.connect()
                connection.autocommit = True
                with connection.cursor() as cursor:
                    for channel in self._channels:
                        cursor.execute(f'LISTEN "{channel}"')
                self._connection = connection
                return None
            self._connection.poll()
            if not self._connection.notifies:
                _readable(self._connection, timeout_s)
                self._connection.poll()
            found = [(n.channel, n.payload or "") for n in self._connection.notifies]
            self._connection.notifies.clear()
            return found
        except _AWAY as error:
            self.close()
            raise DatabaseAway(f"lost the notification connection: {error}".strip()) from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
