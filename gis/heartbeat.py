"""A process's sign of life and its figures, written to the database every few seconds."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping

from gis.clock import Clock
from gis.db import Database
from gis.errors import DatabaseAway

EVERY_S = 5.0
STALE_AFTER_S = 15.0
Facts = Mapping[str, float | int | str | Mapping[str, Mapping[str, float | int | str]]]
"""Figures by name; a figure by camera is a mapping from its code."""


_UPSERT = """
INSERT INTO process_state (name, pid, started_at, beat_at, facts)
VALUES (%(name)s, %(pid)s, %(started)s, %(now)s, %(facts)s)
ON CONFLICT (name) DO UPDATE SET pid = excluded.pid, started_at = excluded.started_at,
    beat_at = excluded.beat_at, facts = excluded.facts
"""


class Heartbeat:
    """Writes ``facts()`` under ``name`` every :data:`EVERY_S` seconds until :meth:`stop`.

    While the database is away beats are skipped; they are only worth something fresh.
    """

    def __init__(
        self, database: Database, name: str, clock: Clock, facts: Callable[[], Facts] = dict
    ) -> None:
        self._database = database
        self._name = name
        self._clock = clock
        self._facts = facts
        self._started = clock.now()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name=f"heartbeat-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def beat(self) -> None:
        """Writes one beat now; nothing happens while the database is away."""
        try:
            self._database.run(
                _UPSERT,
                {
                    "name": self._name,
                    "pid": os.getpid(),
                    "started": self._started,
                    "now": self._clock.now(),
                    "facts": json.dumps(dict(self._facts())),
                },
            )
        except DatabaseAway:
            return

    def _loop(self) -> None:
        while True:
            self.beat()
            if self._stop.wait(EVERY_S):
                return
