"""The analytics process: tap → pool of pipelines → writer, with the cameras and zones the database says."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from zoneinfo import ZoneInfo

import cv2

from analytics import store
from analytics.detect.chosen import Chosen
from analytics.detect.service import DetectService
from analytics.keeper import Keeper
from analytics.linker import Linker
from analytics.memory import give_back_large_blocks
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
    give_back_large_blocks()
    cv2.setNumThreads(1)  # the pool's threads are the parallelism; OpenCV's own would fight them
    clock = SystemClock()
    database = Database(settings.database_url, application="wanglou-analytics")
    spool = Spool(settings.spool)
    writer = Writer(database, settings.snapshots, spool, clock)
    detect = DetectService(clock)
    chosen = Chosen(detect, settings.models, settings.model_threads)
    pool = Pool(
        writer,
        clock,
        settings.workers,
        settings.analysis_width_px,
        settings.analysis_fps,
        settings.queue_s,
        settings.behind_s,
        ZoneInfo(settings.timezone),
        detect,
    )
    tap = TapClient(settings.tap_socket, stop)
    keeper = Keeper(database, settings.snapshots, clock, stop)
    linker = Linker(database, clock, stop)

    def facts() -> Facts:
        counts = writer.counts
        return {
            **pool.facts(),
            **detect.facts(),
            "tap": "connected" if tap.connected else "away",
            "events": counts.events,
            "events_seen_twice": counts.seen_twice,
            "crossings": counts.crossings,
            "tracks": counts.tracks,
            "motion_minutes": counts.motion,
            "tracks_removed": keeper.removed.tracks,
            "links_proposed": linker.proposed,
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
            args=(lambda: _reconcile(settings, database, pool, chosen, clock, stop),),
            name="reconcile",
        ),
        threading.Thread(target=guarded, args=(lambda: _feed(tap, pool),), name="tap"),
        threading.Thread(target=guarded, args=(keeper.run,), name="keeper"),
        threading.Thread(target=guarded, args=(linker.run,), name="linker"),
    ]
    writer.start()
    pool.start()
    detect.start()
    for thread in threads:
        thread.start()
    heartbeat.start()
    log.info("analytics-started tap=%s", settings.tap_socket)
    stop.wait()
    for thread in threads:
        thread.join(timeout=3)
    pool.stop()
    detect.stop()
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
    chosen: Chosen,
    clock: Clock,
    stop: threading.Event,
) -> None:
    """Keeps the pool as the database says: at once on a notification, and every so often without one."""
    listener = Listener(database, ("camera", "zone", "privacy_mask", "model"))
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
                    chosen.reconcile(database)
                    looked_s = clock.monotonic_s()
            except DatabaseAway as error:
                # What is watched stays as it was last known.
                log.warning("database-away reconciling=no reason=%s", error)
                stop.wait(_RETRY_S)
    finally:
        listener.close()
