"""Index rows on their way to the database: newest per file, many in one statement, kept while it is away.

Nothing is written beside the recordings for that time: every file says its camera (by its folder), its
fragments and their times, so the repair at the next start finds whatever was not sent.
"""

from __future__ import annotations

import logging
import threading

from gis.db import Database
from gis.errors import DatabaseAway
from ingest import store
from ingest.record.model import SegmentRow

log = logging.getLogger(__name__)

BATCH_ROWS = 200


class SegmentIndex:
    """Collects rows by :meth:`put` and writes them every ``every_s`` seconds on its own thread."""

    def __init__(self, database: Database, every_s: float) -> None:
        self._database = database
        self._every_s = every_s
        self._lock = threading.Lock()
        self._rows: dict[str, SegmentRow] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="segment-index", daemon=True)
        self.refused = 0

    def start(self) -> None:
        self._thread.start()

    def put(self, row: SegmentRow) -> None:
        """Takes a row whose bytes are on the disk."""
        with self._lock:
            self._rows[row.path] = row

    @property
    def waiting(self) -> int:
        """Files whose newest row the database has not seen yet."""
        with self._lock:
            return len(self._rows)

    def flush(self) -> bool:
        """Writes what waits; False when the database is away, then all of it still waits."""
        try:
            while batch := self._take():
                try:
                    refused = store.save_segments(self._database, batch)
                except DatabaseAway:
                    self._put_back(batch)
                    raise
                for row in refused:
                    self.refused += 1
                    log.error("index-row-refused path=%s", row.path)
            return True
        except DatabaseAway as error:
            log.warning("index-waits files=%d reason=%s", self.waiting, error)
            return False

    def _take(self) -> list[SegmentRow]:
        with self._lock:
            batch = [self._rows.pop(path) for path in list(self._rows)[:BATCH_ROWS]]
        return batch

    def _put_back(self, batch: list[SegmentRow]) -> None:
        with self._lock:
            for row in batch:
                self._rows.setdefault(row.path, row)  # a newer one may have come meanwhile

    def _loop(self) -> None:
        while not self._stop.wait(self._every_s):
            self.flush()

    def stop(self) -> None:
        """Ends the thread and writes what waits, if the database answers."""
        self._stop.set()
        self._thread.join(timeout=5)
        self.flush()
