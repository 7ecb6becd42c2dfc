"""The analytics process: tap → pool of pipelines → writer, with the cameras and zones the database says."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import cv2

from analytics import store
from analytics.settings import AnalyticsSettings
from analytics.spool import Spool
from analytics.worker import Pool
from analytics.writer import Writer
from gis.clock import Clock, SystemClock
from gis.db import Database, Listener
from gis.errors import DatabaseAway
from gis.heartbeat import Facts, Heartbeat
from ingest.tap import TapClient

log = logging.getLogger(__name__)
_WAIT_S = 1.0
_RETRY_S = 1.0


def run(settings: AnalyticsSettings, stop: threading.Event) -> None:
    """Analyses until ``stop`` is set. Goes on up with the first error that no part of it could handle."""
    cv2.setNumThreads(1)  # the pool's threads are the parallelism; OpenCV's own would fight them
    clock = SystemClock()
    database = Database(settings.database_url, application="wanglou-analytics")
    spool = Spool(settings.spool)
    writer = Writer(database, settings.snapshots, spool, clock)
    pool = Pool(
        writer,
        clock,
        settings.workers,
        settings.analysis_width_px,
        settings.analysis_fps,
        settings.queue_s,
        settings.behind_s,
    )
    tap = TapClient(settings.tap_socket, stop)

    def facts() -> Facts:
        counts = writer.counts
        return {
            **pool.facts(),
            "tap": "connected" if tap.connected else "away",
            "events": counts.events,
            "tracks": counts.tracks,
            "rows_spooled": writer.waiting,
            "rows_lost": counts.lost,
            "snapshots_failed": counts.snapshots_failed,
            "event_delay_ms": round(counts.last_delay_ms, 1),
            "event_delay_worst_ms": round(counts.worst_delay_ms, 1),
        }

    heartbeat = Heartbeat(database, "analytics", clock, facts)
    broken: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            # Half a process is worse than none: the whole ends, and the supervisor starts it anew.
            broken.append(error)
            stop.set()
            raise

    threads = [
        threading.Thread(
            target=guarded,
            args=(lambda: _reconcile(settings, database, pool, clock, stop),),
            name="reconcile",
        ),
        threading.Thread(target=guarded, args=(lambda: _feed(tap, pool),), name="tap"),
    ]
    writer.start()
    pool.start()
    for thread in threads:
        thread.start()
    heartbeat.start()
    log.info("analytics-started tap=%s", settings.tap_socket)
    stop.wait()
    for thread in threads:
        thread.join(timeout=3)
    pool.stop()
    writer.stop()
    heartbeat.stop()
    database.close()
    log.info("analytics-stopped")
    if broken:
        raise broken[0]


def _feed(tap: TapClient, pool: Pool) -> None:
    for packet in tap.packets():
        pool.feed(packet)


def _reconcile(
    settings: AnalyticsSettings,
    database: Database,
    pool: Pool,
    clock: Clock,
    stop: threading.Event,
) -> None:
    """Keeps the pool as the database says: at once on a notification, and every so often without one."""
    listener = Listener(database, ("camera", "zone"))
    looked_s: float | None = None
    try:
        while not stop.is_set():
            try:
                news = listener.wait(_WAIT_S)
                due = looked_s is None or (
                    clock.monotonic_s() - looked_s >= settings.reconcile_every_s
                )
                if news is None or news or due:
                    pool.reconcile(store.watches(database))
                    looked_s = clock.monotonic_s()
            except DatabaseAway as error:
                # What is watched stays as it was last known.
                log.warning("database-away reconciling=no reason=%s", error)
                stop.wait(_RETRY_S)
    finally:
        listener.close()
