"""The ingest process: keeps every enabled camera's stream running as its row says, and tells how it goes."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from gis.clock import Clock, SystemClock
from gis.db import Database, Listener
from gis.errors import DatabaseAway
from gis.heartbeat import Facts, Heartbeat
from ingest import store
from ingest.cameras import CameraBook
from ingest.live.control import ControlServer
from ingest.live.hls import HlsWriter
from ingest.live.hub import LiveHub
from ingest.model import Camera
from ingest.record.index import SegmentIndex
from ingest.record.model import CameraStateRow
from ingest.record.recorder import Recorder
from ingest.record.repair import recording_files, repair
from ingest.record.retention import retain
from ingest.rtsp import CameraSession
from ingest.settings import IngestSettings
from ingest.tap import TapServer
from ingest.unit import MediaUnit

log = logging.getLogger(__name__)

WATCH_EVERY_S = 0.25
STATES_EVERY_S = 1.0
REFRESH_EVERY_S = (
    5.0  # states that did not change are written this often, for last_packet_at and the rates
)
RELOAD_EVERY_S = 30.0  # a deleted camera sends no notification
_AWAY_S = 1.0


class _TapSink:
    """Gives analysed cameras' packets to the tap."""

    def __init__(self, server: TapServer) -> None:
        self._server = server

    def unit(self, camera: Camera, unit: MediaUnit) -> None:
        if camera.analysed:
            self._server.publish(unit.packet)

    def ended(self, camera: Camera) -> None:
        self._server.forget(camera.id)


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
        self._earlier_files = recording_files(settings.recordings)
        self._index = SegmentIndex(self._database, settings.index_every_s, self._repair)
        self._recorder = Recorder(settings.recordings, settings.segment_s, clock, self._index.put)
        self._control = ControlServer(
            settings.control_socket, self._hub, clock, self.state, settings.ice_servers
        )
        self._lock = threading.Lock()
        self._cameras: dict[int, Camera] = {}
        self._sessions: dict[int, CameraSession] = {}
        self._written: dict[int, CameraStateRow] = {}
        self._refreshed_s = 0.0
        self._stop = threading.Event()
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
        self._reconcile(self._book.load())
        self._hls.keep_only({c.code for c in self._cameras.values() if c.published})
        self._heartbeat.start()
        for name, step, every_s in (
            ("watchdog", self._watch, WATCH_EVERY_S),
            ("camera-states", self._save_states, STATES_EVERY_S),
            ("retention", self._retain, self._settings.retention_every_s),
        ):
            self._spawn(name, step, every_s)
        self._threads.append(threading.Thread(target=self._follow, name="cameras", daemon=True))
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
            session.stop()
        self._recorder.stop()
        self._hls.stop()
        self._control.stop()
        self._tap.stop()
        self._index.stop()
        try:
            self._save_states(ending=True)
        except DatabaseAway:
            pass  # the state's age tells the same
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
        session = self._sessions.get(after.id)
        if session is not None and (
            not after.enabled or _address(session.camera) != _address(after)
        ):
            self._drop(session.camera)
            session = None
        if session is not None:
            session.camera = after  # flags and times: what comes next is handed on with them
            if before is not None:
                self._switch_off(before, after)
        elif after.enabled:
            sinks = (self._recorder, self._hub, _TapSink(self._tap), self._hls)
            session = CameraSession(after, sinks, self._settings, self._clock)
            self._sessions[after.id] = session
            session.start()
        if not (after.enabled and after.published) and (before is None or before.published):
            self._hls.forget(after.code)

    def _switch_off(self, before: Camera, after: Camera) -> None:
        """A flag was taken away while the stream goes on."""
        if before.recorded and not after.recorded:
            self._recorder.ended(after)
        if before.analysed and not after.analysed:
            self._tap.forget(after.id)

    def _drop(self, camera: Camera) -> None:
        session = self._sessions.pop(camera.id, None)
        if session is not None:
            session.stop()
        self._hub.forget(camera.id)
        if camera.published and camera.id not in self._cameras:
            self._hls.forget(camera.code)

    def _watch(self) -> None:
        with self._lock:
            sessions = list(self._sessions.values())
        for session in sessions:
            session.watch()

    # --- what is told -----------------------------------------------------------------------------------------

    def _rows(self, ending: bool) -> list[CameraStateRow]:
        with self._lock:
            cameras, sessions = list(self._cameras.values()), dict(self._sessions)
        return [self._row(camera, sessions.get(camera.id), ending) for camera in cameras]

    def _row(self, camera: Camera, session: CameraSession | None, ending: bool) -> CameraStateRow:
        if session is None:
            known = self._written.get(camera.id)
            since = known.since if known and known.state == "off" else self._clock.now()
            return CameraStateRow(
                camera.id, "off", "switched off", since, None, None, None, None, None, None, 0, False
            )  # fmt: skip
        status = session.status
        state, reason, since = status.state, status.reason, status.since
        recording = camera.recorded and self._recorder.recording(camera.id) and not ending
        problem = self._recorder.problem(camera.id) if camera.recorded else None
        if ending:
            state, reason, since = "stopped", "ingest was stopped", self._clock.now()
        elif problem is not None and state == "online":
            known = self._written.get(camera.id)
            since = known.since if known and known.state == "disk_full" else self._clock.now()
            state, reason = "disk_full", problem
        return CameraStateRow(
            camera.id, state, reason, since, status.last_packet_at, status.codec, status.width_px,
            status.height_px, status.fps, status.bitrate_bps, status.reconnects, recording,
        )  # fmt: skip

    def _save_states(self, ending: bool = False) -> None:
        """Writes changed states at once and all of them now and then; while the database is away the newest wait."""
        rows = self._rows(ending)
        refresh = self._clock.monotonic_s() - self._refreshed_s >= REFRESH_EVERY_S
        changed = [
            r
            for r in rows
            if refresh or ending or _gist(r) != _gist(self._written.get(r.camera_id))
        ]
        store.save_states(self._database, changed)
        self._written.update({r.camera_id: r for r in changed})
        if refresh:
            self._refreshed_s = self._clock.monotonic_s()

    def state(self) -> dict[str, Any]:
        """The answer of ``GET /state``."""
        with self._lock:
            codes = {c.id: c.code for c in self._cameras.values()}
        cameras = [
            {
                "id": r.camera_id,
                "code": codes.get(r.camera_id),
                "state": r.state,
                "reason": r.reason,
                "since": r.since.isoformat(),
                "last_packet_at": r.last_packet_at.isoformat() if r.last_packet_at else None,
                "fps": r.fps,
                "bitrate_bps": r.bitrate_bps,
                "reconnects": r.reconnects,
                "recording": r.recording,
                "viewers": self._hub.viewers(r.camera_id),
            }
            for r in self._rows(False)
        ]
        return {"cameras": cameras, "facts": dict(self.facts())}

    def facts(self) -> Facts:
        """Figures for the heartbeat."""
        rows = self._rows(False)
        states = Counter(row.state for row in rows)
        facts: dict[str, float | int | str] = {f"cameras_{s}": n for s, n in sorted(states.items())}
        with self._lock:
            sessions = list(self._sessions.values())
        facts |= {
            "cameras": len(rows),
            "cameras_recording": sum(row.recording for row in rows),
            "reconnects": sum(row.reconnects for row in rows),
            "units_unreadable": sum(s.skipped_units for s in sessions),
            "viewers": self._hub.viewers(),
            "whep_sessions": self._control.whep_sessions,
            "tap_clients": self._tap.clients,
            "fragments": self._recorder.fragments,
            "written_bytes": self._recorder.written_bytes,
            "hls_parts": self._hls.parts,
            "dropped_gops_recorder": self._recorder.dropped_gops,
            "dropped_gops_live": self._hub.dropped_gops,
            "dropped_gops_tap": self._tap.dropped_gops,
            "dropped_gops_hls": self._hls.dropped_gops,
            "index_waiting": self._index.waiting,
        }
        if self._hls.problem:
            facts["hls_problem"] = self._hls.problem
        return facts

    # --- footage ----------------------------------------------------------------------------------------------

    def _repair(self) -> None:
        """Once, when the database answers for the first time."""
        ids = {
            camera.code: camera.id
            for camera in store.cameras(self._database, self._settings.camera_key)
        }
        repair(self._settings.recordings, self._earlier_files, self._database, ids)

    def _retain(self) -> None:
        done = retain(
            self._settings.recordings, self._database, self._clock, self._settings.min_free_bytes
        )
        if done.freed_bytes:
            self._recorder.retry_now()


def _address(camera: Camera) -> tuple[object, ...]:
    """What a session must be made anew for."""
    return camera.code, camera.url, camera.username, camera.password


def _gist(row: CameraStateRow | None) -> tuple[object, ...] | None:
    """What of a state is worth writing at once."""
    if row is None:
        return None
    return row.state, row.reason, row.recording, row.codec, row.width_px, row.reconnects


def run(settings: IngestSettings, stop: threading.Event) -> None:
    """Runs the process until ``stop`` is set; see :class:`Ingest`."""
    Ingest(settings, SystemClock()).run(stop)
