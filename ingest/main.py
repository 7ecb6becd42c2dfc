"""The ingest process: keeps every enabled camera's stream running as its row says, and tells how it goes."""

from __future__ import annotations

import gc
import logging
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from gis.clock import Clock, SystemClock
from gis.db import Database, Listener
from gis.errors import DatabaseAway
from gis.heartbeat import Facts, Heartbeat
from ingest import store
from ingest.camera_states import CameraStates, View
from ingest.cameras import CameraBook
from ingest.live.control import ControlServer
from ingest.live.hls import HlsWriter
from ingest.live.hub import LiveHub
from ingest.live.limits import raise_limit
from ingest.model import Camera
from ingest.record.filling import DiskLimits
from ingest.record.index import SegmentIndex
from ingest.record.keep import FootageKeeper
from ingest.record.ledger import Ledger
from ingest.record.model import CameraClock
from ingest.record.recorder import Recorder
from ingest.record.repair import repair
from ingest.record.storage import Storage
from ingest.rtsp.engine import Engine
from ingest.rtsp.session import CameraSession
from ingest.settings import IngestSettings
from ingest.tap import TapServer
from ingest.unit import AudioUnit, MediaUnit

log = logging.getLogger(__name__)

STATES_EVERY_S = 1.0
CLASSES_EVERY_S = 5.0
MOVES_EVERY_S = 10.0
RELOAD_EVERY_S = 30.0  # a deleted camera sends no notification
REPAIR_RETRY_S = 5.0
GC_OBJECTS = 20_000  # so many more objects, and cycles are looked for
_AWAY_S = 1.0


class _TapSink:
    """Gives analysed cameras' packets to the tap."""

    def __init__(self, server: TapServer) -> None:
        self._server = server

    def unit(self, camera: Camera, unit: MediaUnit) -> None:
        if camera.analysed and unit.packet.stream == camera.analyse_stream:
            self._server.publish(unit.packet)

    def audio(self, camera: Camera, unit: AudioUnit) -> None:
        """Nothing listens to sound."""

    def ended(self, camera: Camera, stream: str, why: str) -> None:
        if stream == camera.analyse_stream:
            self._server.forget(camera.id)

    def state(self, camera: Camera, stream: str, state: str, reason: str, at: datetime) -> None:
        """Analytics sees what comes."""


class Ingest:
    """Every part of the process, wired together."""

    def __init__(self, settings: IngestSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._database = Database(settings.database_url, size=6, application="wanglou ingest")
        self._book = CameraBook(
            self._database, settings.camera_key, settings.spool / "cameras.json"
        )
        self._tap = TapServer(settings.tap_socket)
        self._hub = LiveHub()
        self._hls = HlsWriter(settings.hls, settings.hls_window_s, clock)
        self._index = SegmentIndex(self._database, settings.index_every_s)
        self._ledger = Ledger(settings.spool / "ledger.jsonl", clock)
        self._recorder = Recorder(
            settings.recordings, settings.segment_s, clock, self._index.put,
            clock_of=self._clock_of, ledger=self._ledger,
        )  # fmt: skip
        self._control = ControlServer(
            settings.control_socket, self._hub, clock, self.state, settings.ice_servers
        )
        self._lock = threading.Lock()
        self._cameras: dict[int, Camera] = {}
        self._engine = Engine(clock)
        self._sessions: dict[tuple[int, str], CameraSession] = {}  # by camera and stream
        self._stop = threading.Event()
        storage = Storage(self._database, settings.recordings, settings.camera_key, clock)
        limits = DiskLimits(
            settings.disk_warn_percent, settings.disk_alarm_percent, settings.min_free_bytes
        )
        self._keeper = FootageKeeper(
            storage, self._database, settings.recordings, limits, clock, self._stop
        )
        self._states = CameraStates(
            self._database,
            clock,
            settings.lost_s,
            settings.settle_s,
            self._recorder,
            self._keeper,
            self._view,
        )
        self._failure: str | None = None
        self._threads: list[threading.Thread] = []
        self._heartbeat = Heartbeat(self._database, "ingest", clock, self.facts)

    def run(self, stop: threading.Event) -> None:
        """Works until ``stop`` is set.

        Raises :class:`gis.errors.SetupError` when a socket is taken, and :class:`RuntimeError` when one of its
        own threads failed: better restarted whole by the supervisor than running with a part missing.
        """
        before, threading.excepthook = threading.excepthook, self._thread_failed(stop)
        try:
            self._run(stop)
        finally:
            threading.excepthook = before
        if self._failure is not None:
            raise RuntimeError(f"the thread '{self._failure}' failed; its log line says why")

    def _thread_failed(self, stop: threading.Event) -> Callable[[threading.ExceptHookArgs], None]:
        def failed(problem: threading.ExceptHookArgs) -> None:
            name = problem.thread.name if problem.thread else "?"
            if name.startswith("camera-test"):
                log.error("camera-test-failed error=%s", problem.exc_value)
                return
            traceback = (problem.exc_type, problem.exc_value, problem.exc_traceback)
            log.critical("thread-failed thread=%s", name, exc_info=traceback)  # type: ignore[arg-type]
            self._failure = name
            stop.set()

        return failed

    def _run(self, stop: threading.Event) -> None:
        self._settings.recordings.mkdir(parents=True, exist_ok=True)
        self._tap.start()
        self._control.start()
        self._recorder.start()
        self._hls.start()
        self._index.start()
        self._engine.start()
        self._reconcile(self._book.load())
        self._hls.keep_only({c.code for c in self._cameras.values() if c.published})
        self._heartbeat.start()
        for name, step, every_s in (
            ("camera-states", self._states.save, STATES_EVERY_S),
            ("ledger", lambda: self._ledger.flush(self._database), STATES_EVERY_S),
            ("retention", self._retain, self._settings.retention_every_s),
            ("footage-classes", self._keeper.raise_classes, CLASSES_EVERY_S),
            ("footage-moves", self._keeper.move, MOVES_EVERY_S),
        ):
            self._spawn(name, step, every_s)
        for name, work in (("cameras", self._follow), ("repair", self._repair)):
            self._threads.append(threading.Thread(target=work, name=name, daemon=True))
            self._threads[-1].start()
        log.info("ingest-started cameras=%d", len(self._cameras))
        stop.wait()
        self._end()

    def _spawn(self, name: str, step: Callable[[], None], every_s: float) -> None:
        def loop() -> None:
            while not self._stop.wait(every_s):
                try:
                    step()
                except DatabaseAway as error:
                    log.warning("database-away task=%s reason=%s", name, error)
                except OSError as error:
                    log.error("task-failed task=%s reason=%s", name, error)

        thread = threading.Thread(target=loop, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _end(self) -> None:
        """Ends every part; what was received is on the disk and, if the database answers, in the index."""
        self._stop.set()
        with self._lock:
            sessions = list(self._sessions.values())
        for session in sessions:
            session.stop("process_stopped")
        self._engine.stop()
        self._recorder.stop()
        self._hls.stop()
        self._control.stop()
        self._tap.stop()
        self._index.stop()
        try:
            self._states.save(ending=True)
            self._ledger.end(self._database)
        except DatabaseAway:
            pass  # the state's age tells the same, and the ledger is in its file
        self._heartbeat.stop()
        self._database.close()
        log.info("ingest-stopped")

    # --- cameras ----------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Reconciles with the camera rows whenever one changes."""
        listener = Listener(self._database, ["camera"])
        loaded_s = self._clock.monotonic_s()
        while not self._stop.is_set():
            try:
                found = listener.wait(1.0)
                if found is None or found or self._clock.monotonic_s() - loaded_s > RELOAD_EVERY_S:
                    loaded_s = self._clock.monotonic_s()
                    self._reconcile(self._book.load())
            except DatabaseAway as error:
                log.warning("database-away task=cameras reason=%s", error)
                self._stop.wait(_AWAY_S)
        listener.close()

    def _reconcile(self, cameras: list[Camera]) -> None:
        """Starts, stops and restarts sessions so that they are as the rows say."""
        wanted = {camera.id: camera for camera in cameras}
        with self._lock:
            before, self._cameras = self._cameras, wanted
            for camera_id in before.keys() - wanted.keys():
                self._drop(before[camera_id])
            for camera in cameras:
                self._adjust(before.get(camera.id), camera)

    def _adjust(self, before: Camera | None, after: Camera) -> None:
        streams = after.streams if after.enabled else {}
        for stream in [s for c, s in self._sessions if c == after.id]:
            session = self._sessions[after.id, stream]
            if stream not in streams or _pulled(session.camera, stream) != _pulled(after, stream):
                self._end_session(after.id, stream)
            else:
                session.camera = after  # flags and times: what comes next is handed on with them
        if before is not None:
            self._switch_off(before, after)
        if not (after.enabled and after.recorded):
            self._ledger.ended(after.id, "switched_off", self._clock.now())
        elif before is not None and not before.recorded:
            self._switched_on(after)
        for stream in streams:
            if (after.id, stream) not in self._sessions:
                self._begin_session(after, stream)
        if not (after.enabled and after.published) and (before is None or before.published):
            self._hls.forget(after.code)
        if before is not None and not after.enabled:
            self._hub.forget(after.id)

    def _begin_session(self, camera: Camera, stream: str) -> None:
        sinks = (self._recorder, self._hub, _TapSink(self._tap), self._hls)
        session = CameraSession(
            camera, sinks, self._settings, self._clock, self._engine, stream,
            lambda: self._waited_for(camera.id, stream),
        )  # fmt: skip
        self._sessions[camera.id, stream] = session
        session.start()

    def _waited_for(self, camera_id: int, stream: str) -> bool:
        """Whether somebody sees the stream's pictures as they come."""
        camera = self._cameras.get(camera_id)
        if camera is None:
            return False
        analysed = camera.analysed and camera.analyse_stream == stream
        return self._hub.viewers(camera_id) > 0 or (analysed and self._tap.clients > 0)

    def _clock_of(self, camera_id: int) -> CameraClock:
        """What is known of a camera's clock where a recording begins; called from the recorder's threads."""
        camera = self._cameras.get(camera_id)
        session = (
            self._sessions.get((camera_id, camera.record_stream)) if camera is not None else None
        )
        if session is None:
            return CameraClock()
        status = session.status
        return CameraClock(status.camera_clock_offset_s, status.capture_error_s)

    def _end_session(self, camera_id: int, stream: str) -> None:
        session = self._sessions.pop((camera_id, stream), None)
        if session is not None:
            session.stop("switched_off")

    def _switched_on(self, camera: Camera) -> None:
        """The camera is to be recorded from now on; its stream may be up, or known to be in trouble."""
        session = self._sessions.get((camera.id, camera.record_stream))
        if session is not None:
            status = session.status
            self._recorder.state(
                camera, camera.record_stream, status.state, status.reason, self._clock.now()
            )

    def _switch_off(self, before: Camera, after: Camera) -> None:
        """A role was taken away from a stream that goes on, or given to the other one."""
        if before.recorded and (not after.recorded or before.record_stream != after.record_stream):
            self._recorder.ended(before, before.record_stream, "switched_off")
        if before.analysed and (
            not after.analysed or before.analyse_stream != after.analyse_stream
        ):
            self._tap.forget(after.id)
        if before.published and before.publish_stream != after.publish_stream:
            self._hls.ended(before, before.publish_stream, "switched_off")

    def _drop(self, camera: Camera) -> None:
        """The camera is gone."""
        for stream in camera.streams:
            self._end_session(camera.id, stream)
        self._hub.forget(camera.id)
        self._ledger.forget(camera.id)
        if camera.published:
            self._hls.forget(camera.code)

    # --- what is told -----------------------------------------------------------------------------------------

    def _view(self) -> View:
        with self._lock:
            return View(list(self._cameras.values()), dict(self._sessions))

    def state(self) -> dict[str, Any]:
        """The answer of ``GET /state``."""
        return {"cameras": self._states.answer(self._hub.viewers), "facts": dict(self.facts())}

    def facts(self) -> Facts:
        """Figures for the heartbeat."""
        rows = self._states.rows()
        states = Counter(row.state for row in rows)
        facts: dict[str, float | int | str] = {f"cameras_{s}": n for s, n in sorted(states.items())}
        sessions = list(self._view().sessions.values())
        packets, again = self._control.whep_packets
        facts |= {
            "cameras": len(rows),
            "cameras_recording": sum(row.recording for row in rows),
            "reconnects": sum(row.reconnects for row in rows),
            "packets_lost": sum(s.status.packets_lost for s in sessions),
            "sink_faults": sum(s.sink_faults for s in sessions),
            "rtsp_connections": self._engine.links,
            "units_unreadable": sum(s.skipped_units for s in sessions),
            "viewers": self._hub.viewers(),
            "whep_sessions": self._control.whep_sessions,
            "whep_packets": packets,
            "whep_packets_again": again,
            "tap_clients": self._tap.clients,
            "fragments": self._recorder.fragments,
            "written_bytes": self._recorder.written_bytes,
            "hls_parts": self._hls.parts,
            "dropped_gops_recorder": self._recorder.dropped_gops,
            "dropped_gops_live": self._hub.dropped_gops,
            "live_late_skips": self._hub.late_skips,
            "dropped_gops_tap": self._tap.dropped_gops,
            "dropped_gops_hls": self._hls.dropped_gops,
            "index_waiting": self._index.waiting,
            "ledger_waiting": self._ledger.waiting,
            "recorder_stuck_s": round(self._recorder.stuck_s, 1),
            "cameras_not_recorded": self._states.not_recorded(),
        }
        if self._hls.problem:
            facts["hls_problem"] = self._hls.problem
        return facts | dict(self._keeper.facts())

    # --- footage ----------------------------------------------------------------------------------------------

    def _repair(self) -> None:
        """Once, as soon as the database answers; recording and indexing go on beside it."""
        while not self._stop.is_set():
            try:
                ids = {
                    camera.code: camera.id
                    for camera in store.cameras(self._database, self._settings.camera_key)
                }
                self._keeper.clear_leftovers()
                repair(self._settings.recordings, self._database, ids, self._recorder.made)
                self._recorder.forget_made()
                return
            except DatabaseAway as error:
                log.warning("database-away task=repair reason=%s", error)
            except OSError as error:
                log.error("task-failed task=repair reason=%s", error)
            self._stop.wait(REPAIR_RETRY_S)

    def _retain(self) -> None:
        if self._keeper.retain().freed_bytes:
            self._recorder.retry_now()


def _pulled(camera: Camera, stream: str) -> tuple[object, ...]:
    """What a session must be made anew for."""
    url = camera.streams.get(stream)
    return camera.code, url, camera.username, camera.password, camera.audio


def run(settings: IngestSettings, stop: threading.Event) -> None:
    """Runs the process until ``stop`` is set; see :class:`Ingest`."""
    raise_limit()  # before anything is counted by it
    # What is imported stays, and pictures live for seconds without ever being part of a cycle.
    gc.freeze()
    gc.set_threshold(GC_OBJECTS)
    Ingest(settings, SystemClock()).run(stop)
