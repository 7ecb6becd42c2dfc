"""The thread that stores batches: into the database, or to the spool while it is away, in order, once each."""

from __future__ import annotations

import logging
import threading
from collections import deque

from gis.clock import Clock
from gis.errors import DatabaseAway
from ingest.telemetry.directory import Directory
from ingest.telemetry.intake import Intake
from ingest.telemetry.model import Batch
from ingest.telemetry.settings import GatewaySettings
from ingest.telemetry.spool import Spool
from ingest.telemetry.store import BatchRejected, TelemetryStore

RETRY_S = 2.0
PURGE_EVERY_S = 3600.0
_log = logging.getLogger(__name__)


class Writer:
    """Takes from the intake every ``batch_s`` seconds, or when woken, and stores.

    :meth:`step` is one round; the thread of :meth:`start` calls it until :meth:`stop`, which stores the rest.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        store: TelemetryStore,
        spool: Spool,
        intake: Intake,
        directory: Directory,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._store = store
        self._spool = spool
        self._intake = intake
        self._directory = directory
        self._clock = clock
        self._backlog: deque[Batch] = deque()
        self._retry_s = 0.0
        self._refresh_s = clock.monotonic_s() + settings.directory_s
        self._purge_s = 0.0
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="gateway-writer")
        self.away = ""  # why the database is away, empty while it answers
        self.disk = ""  # why the spool cannot be written
        self.stored_positions = 0
        self.stored_readings = 0
        self.repeated_batches = 0
        self.backlog_rows = 0  # taken from the intake, and neither in the database nor on the disk

    @property
    def alive(self) -> bool:
        """Whether the thread still runs; it ends early only by a fault of this program."""
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Store now: the batch is full, or something urgent is in it."""
        self._wake.set()

    def stop(self) -> None:
        """Stores what is left and ends the thread."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=15)

    def step(self, last: bool = False) -> None:
        """One round: take, store or spool, drain, and the chores that need the database."""
        now_s = self._clock.monotonic_s()
        batch = self._intake.take(now_s, everything=last)
        if batch is not None:
            self._backlog.append(batch)
            self.backlog_rows += batch.rows
        if not len(self._spool) and now_s >= self._retry_s:
            self._store_backlog()
        if self._backlog:
            self._spool_backlog()
        if len(self._spool) and now_s >= self._retry_s and not last:
            self._drain()
        if now_s >= self._retry_s and not last:
            self._chores(now_s)

    def drain_spool(self) -> None:
        """Loads everything an earlier run left behind. Raises :class:`DatabaseAway`."""
        while (batch := self._spool.oldest()) is not None:
            self._write_spooled(batch)

    def _loop(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(self._settings.batch_s)
            self._wake.clear()
            self.step()
        self.step(last=True)

    def _store_backlog(self) -> None:
        while self._backlog:
            batch = self._backlog[0]
            try:
                self._write(batch)
            except DatabaseAway as error:
                self._went_away(error)
                return
            except BatchRejected as error:
                self._spool.reject(batch, str(error))
            self._safe(self._backlog.popleft())
            self.away = ""

    def _spool_backlog(self) -> None:
        while self._backlog:
            try:
                self._spool.put(self._backlog[0])
            except OSError as error:
                self.disk = f"cannot write to {self._settings.spool}: {error.strerror}; make room"
                _log.error("spool_failed %s", self.disk)
                return
            self.disk = ""
            self._safe(self._backlog.popleft())

    def _safe(self, batch: Batch) -> None:
        self.backlog_rows -= batch.rows
        self._intake.stored(batch)

    def _drain(self) -> None:
        waiting = len(self._spool)
        try:
            while (batch := self._spool.oldest()) is not None:
                self._write_spooled(batch)
                if self._intake.pending > self._settings.batch_rows * 20 or self._stop.is_set():
                    return  # what comes in now must reach the disk too
        except DatabaseAway as error:
            self._went_away(error)
            return
        self.away = ""
        _log.info("spool_loaded batches=%d", waiting)

    def _write_spooled(self, batch: Batch) -> None:
        try:
            self._write(batch)
        except BatchRejected as error:
            self._spool.reject(batch, str(error))
            return
        self._spool.done()

    def _write(self, batch: Batch) -> None:
        if not self._store.write(batch):
            self.repeated_batches += 1
            return
        self.stored_positions += len(batch.positions)
        self.stored_readings += len(batch.readings)

    def _chores(self, now_s: float) -> None:
        try:
            if now_s >= self._refresh_s:
                self._directory.refresh()
                self._refresh_s = now_s + self._settings.directory_s
                self.away = ""
            if now_s >= self._purge_s:
                now = self._clock.now()
                self._store.prepare_days(now)
                self._store.purge(now)
                self._purge_s = now_s + PURGE_EVERY_S
        except DatabaseAway as error:
            self._went_away(error)

    def _went_away(self, error: DatabaseAway) -> None:
        if not self.away:
            _log.warning("database_away batches go to %s: %s", self._settings.spool, error)
        self.away = str(error)
        self._retry_s = self._clock.monotonic_s() + RETRY_S
