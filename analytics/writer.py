"""The thread that writes: an event's picture first, then its row; what the database cannot take goes to disk."""

from __future__ import annotations

import logging
import queue
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import psycopg2

from analytics import count_store, gauge_store, motion_store, snapshot, store, track_store
from analytics.map_zones import Together
from analytics.model import Crossing, Ending, Event, Firing, Frame, LevelReading, TrackRecord
from analytics.motion_index import MotionMinute
from analytics.spool import Row, Spool
from gis.clock import Clock
from gis.db import Database
from gis.errors import DatabaseAway

log = logging.getLogger(__name__)
RETRY_S = 2.0
_LOOK_S = 0.5
_AGAIN = (DatabaseAway, psycopg2.OperationalError)
"""What may go well the next time: besides a database that is away, a deadlock or a cancelled statement."""
_AT_ONCE = 50
"""So many waiting rows are written between two new ones: catching up does not hold up an alarm."""


@dataclass(slots=True)
class WriterCounts:
    """What was written since the start."""

    events: int = 0
    tracks: int = 0
    crossings: int = 0  # over lines, counted
    motion: int = 0  # minutes of the motion index
    ended: int = 0  # events that are over
    levels: int = 0  # readings of gauges in the picture
    spooled: int = 0
    lost: int = 0  # neither the database nor the disk took it
    snapshots_failed: int = 0
    last_delay_ms: float = 0.0  # of the last event: packet's arrival to its row
    worst_delay_ms: float = 0.0
    seen_twice: int = 0  # events of a map zone that another camera had told of


class Writer:
    """Takes firings and track records from the workers; never makes them wait."""

    def __init__(self, database: Database, snapshots: Path, spool: Spool, clock: Clock) -> None:
        self.counts = WriterCounts()
        self._database = database
        self._snapshots = snapshots
        self._spool = spool
        self._clock = clock
        self._jobs: queue.SimpleQueue[
            tuple[Firing, Frame] | TrackRecord | MotionMinute | LevelReading | Crossing
        ] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._away_until_s = 0.0
        self._together = Together()
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

    def motion(self, part: MotionMinute) -> None:
        """Queues what is known of a minute of a camera's motion."""
        self._jobs.put(part)

    def level(self, reading: LevelReading) -> None:
        """Queues a gauge's reading."""
        self._jobs.put(reading)

    def crossing(self, crossing: Crossing) -> None:
        """Queues one more over a line."""
        self._jobs.put(crossing)

    def stop(self) -> None:
        """Writes what is queued and ends."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            self._catch_up()
            try:
                job = self._jobs.get(timeout=0 if self._catching_up else _LOOK_S)
            except queue.Empty:
                if self._stop.is_set():
                    return
                continue
            if isinstance(job, tuple) and job[0].over:
                firing, frame = job
                zone_id = firing.zone.id if firing.zone else None
                self._write(Ending(frame.camera_id, firing.rule, zone_id, frame.at))
            elif isinstance(job, tuple):
                self._event(*job)
            elif isinstance(job, TrackRecord):
                self._write(self._with_picture(job))
            else:
                self._write(job)

    def _event(self, firing: Firing, frame: Frame) -> None:
        if not self._together.admit(firing, frame.camera_id, frame.at):
            self.counts.seen_twice += 1
            return
        uid = uuid4()
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
                zone_id=firing.zone.id if firing.zone else None,
                track_uid=firing.track.uid if firing.track else None,
                rule=firing.rule,
                kind=firing.kind,
                priority=firing.priority,
                confidence=firing.confidence,
                at=frame.at,
                box=firing.box,
                fix=firing.fix,
                snapshot=picture,
                why=firing.why,
                why_en=firing.why_en,
                value=firing.value,
                nowhere=firing.track.nowhere if firing.track and firing.fix is None else None,
            )
        )
        delay_ms = (self._clock.monotonic_s() - frame.arrived_s) * 1000
        self.counts.last_delay_ms = delay_ms
        self.counts.worst_delay_ms = max(self.counts.worst_delay_ms, delay_ms)

    def _with_picture(self, record: TrackRecord) -> TrackRecord:
        """Puts a track's best picture where its path says."""
        if record.portrait is None or record.snapshot is None:
            return replace(record, portrait=None)
        try:
            snapshot.put(self._snapshots / record.snapshot, record.portrait)
        except OSError as error:
            self.counts.snapshots_failed += 1
            log.error("snapshot-failed folder=%s reason=%s", self._snapshots, error)
            return replace(record, portrait=None, snapshot=None)
        return replace(record, portrait=None)

    @property
    def _away(self) -> bool:
        return self._clock.monotonic_s() < self._away_until_s

    @property
    def _catching_up(self) -> bool:
        return bool(self._waiting) and not self._away

    def _write(self, item: Row) -> None:
        # What waits may be the event that this ends; everything else may overtake.
        behind = isinstance(item, Ending) and self._waiting
        if not self._away and not behind:
            try:
                self._to_database(item)
                return
            except _AGAIN as error:
                self._away_until_s = self._clock.monotonic_s() + RETRY_S
                log.warning("database-away spooling=yes reason=%s", str(error).strip())
        try:
            self._spool.add(item)
        except OSError as error:
            self.counts.lost += 1
            log.error("spool-failed row=%s reason=%s", _name(item), error)
            return
        self.counts.spooled += 1
        self._waiting += 1

    def _to_database(self, item: Row) -> None:
        try:
            if isinstance(item, Event):
                self.counts.events += store.write_event(self._database, item)
            elif isinstance(item, MotionMinute):
                self.counts.motion += motion_store.write(self._database, item)
            elif isinstance(item, Ending):
                self.counts.ended += store.end_event(self._database, item)
            elif isinstance(item, Crossing):
                self.counts.crossings += count_store.add(self._database, item)
            elif isinstance(item, LevelReading):
                self.counts.levels += gauge_store.write(self._database, item)
            else:
                self.counts.tracks += track_store.write(self._database, item)
        except psycopg2.OperationalError:
            raise
        except psycopg2.Error as error:
            # A row the database refuses will be refused again: keeping it would block all that follow.
            self.counts.lost += 1
            log.error("row-refused row=%s reason=%s", _name(item), error)

    def _catch_up(self) -> None:
        if not self._catching_up:
            return
        try:
            self._spool.drain(self._to_database, _AT_ONCE)
            if not len(self._spool):
                log.info("caught-up")
        except _AGAIN:
            self._away_until_s = self._clock.monotonic_s() + RETRY_S
        except OSError as error:
            self._away_until_s = self._clock.monotonic_s() + RETRY_S
            log.error("spool-unreadable reason=%s", error)
        self._waiting = len(self._spool)


def _name(item: Row) -> str:
    if isinstance(item, MotionMinute):
        return f"motion:{item.camera_id}:{item.minute_at.isoformat()}"
    if isinstance(item, Crossing):
        return f"crossing:{item.zone_id}:{item.camera_id}:{item.at.isoformat()}"
    if isinstance(item, LevelReading):
        return f"level:{item.zone_id}:{item.at.isoformat()}"
    if isinstance(item, Ending):
        return f"ending:{item.rule}:{item.camera_id}:{item.at.isoformat()}"
    return str(item.uid)
