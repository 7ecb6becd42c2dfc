"""The state of every camera as the table ``camera_state``, the console and the metrics are told it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from gis.clock import Clock
from gis.db import Database
from gis.said import ahead, say, why_of
from ingest import store
from ingest.model import Camera
from ingest.record.keep import FootageKeeper
from ingest.record.model import CameraStateRow
from ingest.record.recorder import Recorder
from ingest.rtsp.session import CameraSession, CameraStatus
from ingest.settling import Pulled, Settling

REFRESH_EVERY_S = (
    5.0  # states that did not change are written this often, for last_packet_at and the rates
)

Sessions = dict[tuple[int, str], CameraSession]  # by camera and stream


@dataclass(frozen=True, slots=True)
class View:
    """What there is at one moment: the cameras as configured, and the streams that are pulled."""

    cameras: list[Camera]
    sessions: Sessions


class CameraStates:
    """Puts together what streams, recorder and disk say of each camera. ``view`` may be called from any thread; a camera
    is told as lost ``lost_s`` after its last picture, and where none has come yet not before ``settle_s``."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        lost_s: float,
        settle_s: float,
        recorder: Recorder,
        keeper: FootageKeeper,
        view: Callable[[], View],
    ) -> None:
        self._database = database
        self._clock = clock
        self._lost_s = lost_s
        self._settling = Settling(settle_s)
        self._recorder = recorder
        self._keeper = keeper
        self._view = view
        self._written: dict[int, CameraStateRow] = {}
        self._refreshed_s = 0.0

    def rows(self, ending: bool = False) -> list[CameraStateRow]:
        """The state of every camera now; ``ending``: the process ends."""
        view = self._view()
        return [self._row(camera, view.sessions, ending) for camera in view.cameras]

    def _row(self, camera: Camera, sessions: Sessions, ending: bool) -> CameraStateRow:
        """The state of the stream that is recorded; trouble of the other one is named beside it."""
        session = sessions.get((camera.id, camera.record_stream))
        if session is None:
            known = self._written.get(camera.id)
            since = known.since if known and known.state == "off" else self._clock.now()
            return CameraStateRow(
                camera.id, "off", say("switched_off", "switched off"), since, None, None, None, None, None, None, 0, False
            )  # fmt: skip
        status = session.status
        state, reason, since = status.state, status.reason, status.since
        if not reason:
            reason = _others_trouble(camera, sessions)
        recording = camera.recorded and self._recorder.recording(camera.id) and not ending
        problem = self._recorder.problem(camera.id) if camera.recorded else None
        if ending:
            state, reason, since = (
                "stopped",
                say("ingest_stopped", "ingest was stopped"),
                self._clock.now(),
            )
        elif problem is not None and state == "online":
            known = self._written.get(camera.id)
            since = known.since if known and known.state == problem.reason else self._clock.now()
            hint = self._keeper.hint if problem.reason == "disk_full" else None
            state = problem.reason
            reason = problem.detail
            if hint:
                reason = say("disk_locked", "{problem}: {hint}", problem=reason, hint=hint)
        return CameraStateRow(
            camera.id, state, reason, since, status.last_packet_at, status.codec, status.width_px,
            status.height_px, status.fps, status.bitrate_bps, status.reconnects, recording,
            status.camera_clock_offset_s, status.packets_lost,
        )  # fmt: skip

    def save(self, ending: bool = False) -> None:
        """Writes changed states at once and all of them now and then; while the database is away the newest wait.

        Raises :class:`gis.errors.DatabaseAway`.
        """
        rows = self.rows(ending)
        refresh = self._clock.monotonic_s() - self._refreshed_s >= REFRESH_EVERY_S
        changed = [
            r
            for r in rows
            if refresh or ending or _gist(r) != _gist(self._written.get(r.camera_id))
        ]
        store.save_states(self._database, changed)
        self._written.update({r.camera_id: r for r in changed})
        if not ending:
            store.tell_lost(self._database, self._clock.now(), self._lost_s, self._settled())
        if refresh:
            self._refreshed_s = self._clock.monotonic_s()

    def _settled(self) -> list[int]:
        """The cameras that have sent pictures, or had the time to."""
        view = self._view()
        recorded = ((c.id, view.sessions.get((c.id, c.record_stream))) for c in view.cameras)
        pulled = (
            Pulled(camera_id, session, session.status.last_packet_at is not None)
            for camera_id, session in recorded
            if session is not None
        )
        return self._settling.settled(pulled, self._clock.monotonic_s())

    def answer(self, viewers: Callable[[int], int]) -> list[dict[str, Any]]:
        """Every camera in the answer of ``GET /state``; ``viewers`` counts a camera's."""
        view = self._view()
        codes = {c.id: c.code for c in view.cameras}
        streams: dict[int, dict[str, Any]] = {}
        for (camera_id, stream), session in view.sessions.items():
            streams.setdefault(camera_id, {})[stream] = _stream_facts(session.status)
        return [
            {
                "id": r.camera_id,
                "code": codes.get(r.camera_id),
                "state": r.state,
                "reason": r.reason,
                "why": why_of(r.reason),
                "since": r.since.isoformat(),
                "last_packet_at": r.last_packet_at.isoformat() if r.last_packet_at else None,
                "fps": r.fps,
                "bitrate_bps": r.bitrate_bps,
                "reconnects": r.reconnects,
                "recording": r.recording,
                "camera_clock_offset_s": r.camera_clock_offset_s,
                "packets_lost": r.packets_lost,
                "streams": streams.get(r.camera_id, {}),
                "viewers": viewers(r.camera_id),
            }
            for r in self.rows()
        ]

    def not_recorded(self) -> int:
        """Cameras that should be recorded and are not, whatever the reason."""
        wanted = [c.id for c in self._view().cameras if c.enabled and c.recorded]
        return sum(
            not self._recorder.recording(i) or self._recorder.problem(i) is not None for i in wanted
        )


def _stream_facts(status: CameraStatus) -> dict[str, Any]:
    """One stream in the answer of ``GET /state``."""
    facts = asdict(status)
    for name in ("since", "last_packet_at"):
        facts[name] = facts[name].isoformat() if facts[name] is not None else None
    return facts


def _others_trouble(camera: Camera, sessions: Sessions) -> str:
    """What is wrong with the stream that is not recorded; empty when nothing is."""
    for stream in camera.streams:
        session = sessions.get((camera.id, stream))
        if stream != camera.record_stream and session is not None:
            status = session.status
            if status.state not in ("online", "connecting"):
                return ahead(stream, status.reason, stream=stream)
    return ""


def _gist(row: CameraStateRow | None) -> tuple[object, ...] | None:
    """What of a state is worth writing at once."""
    if row is None:
        return None
    return row.state, row.reason, row.recording, row.codec, row.width_px, row.reconnects
