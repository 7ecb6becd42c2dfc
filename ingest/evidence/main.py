"""The exporter process: makes the packages that people asked for, one at a time, after everything else.

It is niced: a wall of live pictures never waits for an export. What it had in hand when it ended is done again.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from gis.clock import Clock, SystemClock
from gis.db import Database, Listener
from gis.errors import DatabaseAway, WanglouError
from gis.heartbeat import Facts, Heartbeat
from gis.said import say
from ingest.evidence import job as states
from ingest.evidence import store
from ingest.evidence.export import Maker, Packed, write_package
from ingest.evidence.job import ExportJob
from ingest.evidence.model import ExportCancelled, MakeFilter, Mask, OpenSegment
from ingest.evidence.pack import expected_bytes, footage_bytes
from ingest.evidence.settings import ExporterSettings
from ingest.evidence.signature import signing_key
from ingest.evidence.store import Gaps
from ingest.record.storage import Storage

log = logging.getLogger(__name__)

NICE = 10
_WAIT_S = 2.0
_RETRY_S = 2.0
_REPORT_EVERY_S = 0.5
_EXPIRE_EVERY_S = 60.0
_UNFINISHED = ".part"
MakeMask = Callable[[Mask], MakeFilter]


def run(settings: ExporterSettings, stop: threading.Event, make_mask: MakeMask) -> None:
    """Makes packages until ``stop`` is set. ``make_mask`` gives what changes the pictures of a masked export."""
    os.nice(NICE)
    clock = SystemClock()
    database = Database(settings.database_url, size=3, application="wanglou-exporter")
    storage = Storage(database, settings.recordings, settings.camera_key, clock)
    exporter = Exporter(
        settings,
        database,
        store.opener(storage),
        store.gaps(database, clock),
        make_mask,
        clock,
        stop,
    )
    heartbeat = Heartbeat(database, "exporter", clock, exporter.facts)
    heartbeat.start()
    log.info("exporter-started folder=%s", settings.exports)
    try:
        exporter.loop()
    finally:
        heartbeat.stop()
        database.close()
        log.info("exporter-stopped")


class Exporter:
    """Takes one export after another. Its parts are given, so that it runs in a test as it does in its process."""

    def __init__(
        self,
        settings: ExporterSettings,
        database: Database,
        open_segment: OpenSegment,
        gaps: Gaps,
        make_mask: MakeMask,
        clock: Clock,
        stop: threading.Event,
    ) -> None:
        self._settings = settings
        self._database = database
        self._open_segment = open_segment
        self._gaps = gaps
        self._make_mask = make_mask
        self._clock = clock
        self._stop = stop
        self._listener = Listener(database, ("export_job",))
        self._expired_s: float | None = None
        self._done = 0
        self._failed = 0
        self._running = 0

    def facts(self) -> Facts:
        """Figures for the heartbeat."""
        return {
            "exports_running": self._running,
            "exports_done": self._done,
            "exports_failed": self._failed,
        }

    def loop(self) -> None:
        """Works until told to stop; while the database is away it waits."""
        ready = False
        try:
            while not self._stop.is_set():
                try:
                    if not ready:
                        self.settle()
                        ready = True
                    self._listener.wait(_WAIT_S)
                    self.expire()
                    while not self._stop.is_set() and self.work_once():
                        pass
                except DatabaseAway as error:
                    log.warning("database-away exporting=no reason=%s", error)
                    ready = False  # what was in hand is done again
                    self._stop.wait(_RETRY_S)
        finally:
            self._listener.close()

    def settle(self) -> None:
        """After a start: unfinished exports wait again, and files that no export owns go."""
        again = store.redo_unfinished(self._database, self._clock.now())
        if again:
            log.info("exports-again count=%d", again)
        self._settings.exports.mkdir(parents=True, exist_ok=True)
        kept = store.package_files(self._database)
        for path in self._settings.exports.iterdir():
            if path.name.startswith("export-") and path.name not in kept:
                path.unlink(missing_ok=True)

    def expire(self) -> None:
        """Deletes the packages whose time is over, at most once a minute."""
        now_s = self._clock.monotonic_s()
        if self._expired_s is not None and now_s - self._expired_s < _EXPIRE_EVERY_S:
            return
        self._expired_s = now_s
        for name in store.expire(self._database, self._clock.now()):
            (self._settings.exports / name).unlink(missing_ok=True)
            log.info("export-expired file=%s", name)

    def work_once(self) -> bool:
        """Makes the oldest waiting package; False when none waits."""
        job = store.claim(self._database, self._clock.now())
        if job is None:
            return False
        self._running = 1
        log.info("export-begun id=%d cameras=%d", job.id, len(job.camera_ids))
        final = self._settings.exports / f"export-{job.id}.zip"
        draft = final.with_suffix(_UNFINISHED)
        try:
            packed = self._pack(job, draft)
            size = draft.stat().st_size
            draft.replace(final)
            self._ready(job, packed, final, size)
        except ExportCancelled as error:
            if not self._stop.is_set():  # else it is done again after the next start
                store.end(self._database, job.id, states.CANCELLED, error.said, self._clock.now())
                log.info("export-cancelled id=%d", job.id)
        except DatabaseAway:
            raise
        except OSError as error:
            self._fail(job, _disk_message(error, self._settings.exports))
        except WanglouError as error:
            self._fail(job, error.said)
        except Exception as error:  # an odd recording must not stop the exports of others
            log.exception("export-broke id=%d", job.id)
            what = f"{type(error).__name__}: {error}"
            self._fail(job, say("export_broke", "{error}", error=what))
        finally:
            self._running = 0
            draft.unlink(missing_ok=True)
        return True

    def _fail(self, job: ExportJob, message: str) -> None:
        self._failed += 1
        log.error("export-failed id=%d reason=%s", job.id, message)
        store.end(self._database, job.id, states.FAILED, message, self._clock.now())

    def _ready(self, job: ExportJob, packed: Packed, final: Path, size: int) -> None:
        now = self._clock.now()
        message = _notes(packed.altered, packed.unavailable)
        if packed.altered:
            log.error("export-altered id=%d fragments=%d", job.id, packed.altered)
        store.done(
            self._database, job.id, packed, final.name, size, message, now,
            now + timedelta(days=self._settings.keep_days),
        )  # fmt: skip
        self._done += 1
        log.info("export-done id=%d bytes=%d fragments=%d", job.id, size, packed.fragments)

    def _pack(self, job: ExportJob, draft: Path) -> Packed:
        cameras = store.footage(self._database, job.camera_ids, job.from_at, job.to_at, self._gaps)
        need = expected_bytes(cameras, job.from_at, job.to_at)
        free = shutil.disk_usage(self._settings.exports).free - self._settings.free_bytes
        if need > free:
            raise OSError(
                errno.ENOSPC,
                say(
                    "export_room",
                    "{need_gb} GB are needed and {left_gb} GB are left",
                    need_gb=f"{need / 1000000000.0:.1f}",
                    left_gb=f"{max(0, free) / 1000000000.0:.1f}",
                ),
            )
        store.expect(self._database, job.id, footage_bytes(cameras, job.from_at, job.to_at))
        maker = Maker(
            self._settings.software,
            self._settings.host,
            signing_key(self._settings.keys),
            self._clock.now(),
        )
        make_filter = self._make_mask(job.mask) if job.mask is not None else None
        reported_s = self._clock.monotonic_s()

        def report(read_bytes: int) -> None:
            nonlocal reported_s
            if self._stop.is_set():
                raise ExportCancelled(
                    say(
                        "export_stopping",
                        "the exporter is being stopped; the export is made after the next start",
                    )
                )
            if self._clock.monotonic_s() - reported_s < _REPORT_EVERY_S:
                return
            reported_s = self._clock.monotonic_s()
            if not store.progress(self._database, job.id, read_bytes):
                raise ExportCancelled(say("export_stopped", "stopped by a person"))

        with draft.open("wb") as out:
            packed = write_package(
                out, job.order, cameras, self._open_segment, maker, report, make_filter
            )
            out.flush()
            os.fsync(out.fileno())
        return packed


def _notes(altered: int, unavailable: int) -> str:
    """What to know of a package."""
    if altered and unavailable:
        return say(
            "export_flawed",
            "{altered} fragments are not what was recorded; {unavailable} stretches could not be read",
            altered=altered,
            unavailable=unavailable,
        )
    if altered:
        return say(
            "export_altered", "{altered} fragments are not what was recorded", altered=altered
        )
    if unavailable:
        return say(
            "export_unavailable",
            "{unavailable} stretches could not be read",
            unavailable=unavailable,
        )
    return ""


def _disk_message(error: OSError, folder: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        detail = error.strerror or "the disk is full"
        return say(
            "export_no_room",
            "there is no room in {folder}: {error}; free some, or export less at a time",
            folder=folder,
            error=detail,
        )
    return say(
        "export_not_written",
        "nothing can be written in {folder}: {error}",
        folder=folder,
        error=error.strerror or error,
    )
