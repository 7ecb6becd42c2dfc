"""The thread that writes: an event's picture first, then its row; what the database cannot take goes to disk."""

from __future__ import annotations

import logging
import queue
import threading
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg2

from analytics import snapshot, store
from analytics.model import Event, Firing, Frame, TrackRecord
from analytics.spool import Spool
from gis.clock import Clock
from gis.db import Database
from gis.errors import DatabaseAway

log = logging.getLogger(__name__)
RETRY_S = 2.0
_LOOK_S = 0.5


@dataclass(slots=True)
class WriterCounts:
    """What was written since the start."""

    events: int = 0
    tracks: int = 0
    spooled: int = 0
    lost: int = 0  # neither the database nor the disk took it
    snapshots_failed: int = 0
    last_delay_ms: float = 0.0  # of the last event: packet's arrival to its row
    worst_delay_ms: float = 0.0


class Writer:
    """Takes firings and track records from the workers; never makes them wait."""

    def __init__(self, database: Database, snapshots: Path, spool: Spool, clock: Clock) -> None:
        self.counts = WriterCounts()
        self._database = database
        self._snapshots = snapshots
        self._spool = spool
        self._clock = clock
        self._jobs: queue.SimpleQueue[tuple[Firing, Frame] | TrackRecord] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._away_until_s = 0.0
        self._waiting = len(spool)
        self._thread = threading.Thread(target=self._run, name="analytics-writer", daemon=True)

    @property
    def waiting(self) -> int:
        """Rows on disk that the database has not taken yet."""
        return self._waiting

    @property
    def queued(self) -> int:
        """Jobs not begun."""
        return self._jobs.qsize()

    def start(self) -> None:
        self._thread.start()

    def fire(self, firing: Firing, frame: Frame) -> None:
        """Queues an event."""
        self._jobs.put((firing, frame))

    def track(self, record: TrackRecord) -> None:
        """Queues a track."""
        self._jobs.put(record)

    def stop(self) -> None:
        """Writes what is queued and ends."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=_LOOK_S)
            except queue.Empty:
                if self._stop.is_set():
                    return
                self._catch_up()
                continue
            if isinstance(job, TrackRecord):
                self._write(job)
            else:
                self._event(*job)

    def _event(self, firing: Firing, frame: Frame) -> None:
        uid, track = uuid4(), firing.track
        picture: str | None = None
        try:
            picture = snapshot.write(self._snapshots, uid, frame.at, frame.picture.bgr())
        except OSError as error:
            self.counts.snapshots_failed += 1
            log.error("snapshot-failed folder=%s reason=%s", self._snapshots, error)
        self._write(
            Event(
                uid=uid,
                camera_id=frame.camera_id,
                zone_id=firing.zone.id,
                track_uid=track.uid,
                rule=firing.zone.rule,
                kind=track.kind,
                priority=firing.zone.priority,
                confidence=track.confidence,
                at=frame.at,
                box=track.box,
                fix=track.fix,
                snapshot=picture,
                why=firing.why,
                why_en=firing.why_en,
            )
        )
        delay_ms = (self._clock.monotonic_s() - frame.arrived_s) * 1000
        self.counts.last_delay_ms = delay_ms
        self.counts.worst_delay_ms = max(self.counts.worst_delay_ms, delay_ms)

    def _write(self, item: Event | TrackRecord) -> None:
        if self._clock.monotonic_s() >= self._away_until_s:
            try:
                self._to_database(item)
                return
            except DatabaseAway as error:
                self._away_until_s = self._clock.monotonic_s() + RETRY_S
                log.warning("database-away spooling=yes reason=%s", error)
        try:
            self._spool.add(item)
        except OSError as error:
            self.counts.lost += 1
            log.error("spool-failed uid=%s reason=%s", item.uid, error)
            return
        self.counts.spooled += 1
        self._waiting += 1

    def _to_database(self, item: Event | TrackRecord) -> None:
        try:
            if isinstance(item, Event):
                self.counts.events += store.write_event(self._database, item)
            else:
                self.counts.tracks += store.write_track(self._database, item)
        except psycopg2.Error as error:
            # A row the database refuses will be refused again: keeping it would block all that follow.
            self.counts.lost += 1
            log.error("row-refused uid=%s reason=%s", item.uid, error)

    def _catch_up(self) -> None:
        if not self._waiting or self._clock.monotonic_s() < self._away_until_s:
            return
        try:
            written = self._spool.drain(self._to_database)
            log.info("caught-up rows=%s", written)
        except DatabaseAway:
            self._away_until_s = self._clock.monotonic_s() + RETRY_S
        except OSError as error:
            self._away_until_s = self._clock.monotonic_s() + RETRY_S
            log.error("spool-unreadable reason=%s", error)
        self._waiting = len(self._spool)
