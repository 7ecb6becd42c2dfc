"""The command process: events become alarms at once; timers see to what nobody answered.

Two threads: one waits for notifications and handles events, so that nothing slow stands between an event and its
alarm; the other runs the timers. Both begin again by themselves after the database was away.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import psycopg2

from command import alarm_store, alarms, dispatch, evidence, unit_store
from command.model import Cause
from command.settings import CommandSettings
from gis.clock import Clock
from gis.db import Database, Listener
from gis.errors import DatabaseAway, WanglouError
from gis.heartbeat import Facts, Heartbeat

_log = logging.getLogger(__name__)

WAIT_S = 0.5
RETRY_S = 1.0
TICK_S = 1.0
SWEEP_EVERY_S = 30.0
"""So often events that failed, or whose notification was lost, are looked for again."""
SWEEP_BACK_S = 3600.0
HOLD_EVERY_S = 60.0
FORGET_EVERY_S = 3600.0
FORGET_AFTER_S = 7 * 86400.0
_BATCH = 500


class Events:
    """Turns events into alarms; counts what it does."""

    def __init__(self, database: Database, clock: Clock, catch_up_s: float) -> None:
        self._database = database
        self._clock = clock
        self._catch_up_s = catch_up_s
        self._swept_s = clock.monotonic_s()
        self.raised = self.repeated = self.linked = self.failed = 0
        self.delays_ms: deque[float] = deque(maxlen=200)

    def take(self, found: list[tuple[str, str]] | None) -> None:
        """Handles what :meth:`Listener.wait` brought; None means that notifications may have been lost."""
        if found is None:
            self.catch_up(self._catch_up_s)
            return
        ids: dict[str, list[int]] = {source: [] for source in alarm_store.SOURCES}
        for channel, payload in found:
            ids[channel].append(int(payload))
        if found:
            self._handle(ids)
        if self._clock.monotonic_s() - self._swept_s >= SWEEP_EVERY_S:
            self.catch_up(SWEEP_BACK_S)

    def catch_up(self, back_s: float) -> None:
        """Handles every event of the last ``back_s`` seconds that has no alarm yet."""
        self._swept_s = self._clock.monotonic_s()
        since = self._clock.now() - timedelta(seconds=back_s)
        while True:
            with self._database.transaction() as cursor:
                ids = alarm_store.unhandled(cursor, since, _BATCH)
            if not self._handle(ids) or max(map(len, ids.values())) < _BATCH:
                return

    def _handle(self, ids: Mapping[str, list[int]]) -> int:
        """Takes ids by source; returns how many now have an alarm."""
        readers = (alarms.event_causes, alarms.device_event_causes, alarms.system_event_causes)
        causes: list[Cause] = []
        with self._database.transaction() as cursor:
            for source, read in zip(alarm_store.SOURCES, readers, strict=True):
                if ids[source]:
                    causes += read(cursor, ids[source])
        return sum(self._one(cause) for cause in sorted(causes, key=lambda c: c.at))

    def _one(self, cause: Cause) -> bool:
        began_s = self._clock.monotonic_s()
        try:
            done = alarms.handle(self._database, self._clock, cause)
        except DatabaseAway:
            raise
        except (WanglouError, psycopg2.Error) as error:
            # One event that cannot be handled must not stop the others; the sweep tries it again.
            self.failed += 1
            _log.error("event without alarm cause=%s at=%s error=%s", cause.key, cause.at, error)
            return False
        if done is not None:
            self.delays_ms.append((self._clock.monotonic_s() - began_s) * 1000)
            match done.how:
                case "raised":
                    self.raised += 1
                case "repeated":
                    self.repeated += 1
                case "linked":
                    self.linked += 1
        return True


class Timers:
    """What happens by itself: unanswered dispatches, alarms that come back or are over, recordings held further."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._due_s: dict[str, float] = {}
        self.unanswered = self.unshelved = self.cleared = self.failed = 0

    def tick(self) -> None:
        """Runs every timer that is due."""
        self.unanswered += len(dispatch.mark_unanswered(self._database, self._clock))
        self.unshelved += len(alarms.unshelve_due(self._database, self._clock.now()))
        self.cleared += len(alarms.clear_back(self._database, self._clock.now()))
        self._every("hold", HOLD_EVERY_S, self._hold)
        self._every("forget", FORGET_EVERY_S, self._forget)

    def _every(self, name: str, seconds: float, work: Callable[[], None]) -> None:
        now_s = self._clock.monotonic_s()
        if now_s >= self._due_s.get(name, now_s):
            work()
            self._due_s[name] = now_s + seconds

    def _hold(self) -> None:
        for incident_id in evidence.due(self._database, self._clock.now()):
            try:
                evidence.keep(self._database, self._clock, incident_id, alarms.SYSTEM)
            except DatabaseAway:
                raise
            except (WanglouError, psycopg2.Error) as error:
                # The recordings of other incidents must be held all the same.
                self.failed += 1
                _log.error("recordings not held incident=%d error=%s", incident_id, error)

    def _forget(self) -> None:
        before: datetime = self._clock.now() - timedelta(seconds=FORGET_AFTER_S)
        with self._database.transaction() as cursor:
            unit_store.forget_answers(cursor, before)


def run(settings: CommandSettings, stop: threading.Event) -> None:
    """Runs until ``stop`` is set."""
    database = Database(settings.database_url, size=4, application="wanglou command")
    listener = Listener(database, alarm_store.SOURCES)
    events = Events(database, settings.clock, settings.catch_up_s)
    timers = Timers(database, settings.clock)
    heartbeat = Heartbeat(
        database, "command", settings.clock, lambda: _facts(database, events, timers)
    )
    ticking = threading.Thread(target=_tick, args=(timers, stop), name="timers", daemon=True)
    heartbeat.start()
    ticking.start()
    try:
        while not stop.is_set():
            try:
                events.take(listener.wait(WAIT_S))
            except DatabaseAway as error:
                _log.warning("waiting for the database error=%s", error)
                listener.close()  # a fresh connection makes the first wait a catch-up
                stop.wait(RETRY_S)
    finally:
        stop.set()
        ticking.join(timeout=5)
        heartbeat.stop()
        listener.close()
        database.close()


def _tick(timers: Timers, stop: threading.Event) -> None:
    while True:
        try:
            timers.tick()
        except DatabaseAway as error:
            _log.warning("timers wait for the database error=%s", error)
        except (WanglouError, psycopg2.Error) as error:
            # The next tick tries again; a dead timer thread would silence every alarm clock of the room.
            timers.failed += 1
            _log.error("timer failed error=%s", error)
        if stop.wait(TICK_S):
            return


def _facts(database: Database, events: Events, timers: Timers) -> Facts:
    delays = sorted(events.delays_ms)
    with database.transaction() as cursor:
        open_alarms, open_incidents = alarm_store.open_counts(cursor)
    return {
        "alarms_raised": events.raised,
        "alarms_repeated": events.repeated,
        "alarms_linked": events.linked,
        "alarms_open": open_alarms,
        "incidents_open": open_incidents,
        "events_failed": events.failed,
        "handling_p50_ms": round(delays[len(delays) // 2], 1) if delays else 0.0,
        "handling_max_ms": round(delays[-1], 1) if delays else 0.0,
        "dispatches_unanswered": timers.unanswered,
        "alarms_unshelved": timers.unshelved,
        "alarms_cleared": timers.cleared,
        "timers_failed": timers.failed,
    }
