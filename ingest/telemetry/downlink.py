"""Texts to terminals: rows of ``downlink`` sent as JT/T 808 8300 to whoever is connected, and marked.

The rows are the truth; a notification only says that there may be something. A text that was sent and not
answered goes out again when the terminal comes back, until it is too old.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gis.clock import Clock
from gis.db import Database, Listener
from gis.errors import DatabaseAway
from ingest.telemetry.settings import GatewaySettings
from ingest.telemetry.store import TelemetryStore

RETRY_S = 2.0
LOOK_EVERY_S = 5.0  # also without a notification
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Mark:
    downlink_id: int
    at: datetime
    result: int | None  # None: sent


class Downlink:
    """Reads open texts in its own thread and hands them to ``deliver(downlink_id, device_id, body)``.

    ``deliver`` is called from this thread; it reports back by :meth:`sent`, :meth:`answered` and :meth:`given_up`,
    from any thread. A text in flight is not handed over again.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        database: Database,
        store: TelemetryStore,
        clock: Clock,
        deliver: Callable[[int, int, str], None],
    ) -> None:
        self._expiry = timedelta(seconds=settings.downlink_expiry_s)
        self._listener = Listener(database, ("downlink",))
        self._store = store
        self._clock = clock
        self._deliver = deliver
        self._marks: deque[_Mark] = deque()
        self._in_flight: set[int] = set()
        self._lock = threading.Lock()
        self._look = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="gateway-downlink", daemon=True)
        self.waiting = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)
        self._listener.close()

    def look(self) -> None:
        """A terminal has come on line: something may be waiting for it."""
        self._look.set()

    def sent(self, downlink_id: int) -> None:
        """The text is on its way."""
        with self._lock:
            self._in_flight.add(downlink_id)
            self._marks.append(_Mark(downlink_id, self._clock.now(), None))
        self._look.set()

    def answered(self, downlink_id: int, result: int) -> None:
        """The terminal has answered."""
        with self._lock:
            self._marks.append(_Mark(downlink_id, self._clock.now(), result))
        self._look.set()

    def given_up(self, downlink_id: int) -> None:
        """The terminal never answered, or is gone: the text may be handed over again."""
        with self._lock:
            self._in_flight.discard(downlink_id)

    def step(self) -> None:
        """Marks what happened and hands over what is open. Raises :class:`DatabaseAway`."""
        while self._marks:
            mark = self._marks[0]
            if mark.result is None:
                self._store.text_sent(mark.downlink_id, mark.at)
            else:
                self._store.text_answered(mark.downlink_id, mark.at, mark.result)
                with self._lock:
                    self._in_flight.discard(mark.downlink_id)
            self._marks.popleft()
        open_texts = self._store.open_texts(self._clock.now() - self._expiry)
        self.waiting = len(open_texts)
        for downlink_id, device_id, body in open_texts:
            with self._lock:
                flying = downlink_id in self._in_flight
            if not flying:
                self._deliver(downlink_id, device_id, body)

    def _loop(self) -> None:
        looked_s = 0.0
        while not self._stop.is_set():
            try:
                found = self._listener.wait(0.2)
                due = self._clock.monotonic_s() - looked_s >= LOOK_EVERY_S
                if found is None or found or due or self._look.is_set():
                    self._look.clear()
                    self.step()
                    looked_s = self._clock.monotonic_s()
            except DatabaseAway as error:
                _log.warning("downlink_waits %s", error)
                self._stop.wait(RETRY_S)
