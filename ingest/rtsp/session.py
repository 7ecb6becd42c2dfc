"""One camera stream's life: pull, time, hand on, and pull again for as long as it is wanted."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gis.clock import Clock
from gis.errors import WanglouError
from gis.said import Said, say
from ingest.address import parse_address
from ingest.model import MAIN, Camera
from ingest.rate import RateMeter
from ingest.rtsp.engine import CALM_S, Engine
from ingest.rtsp.flow import Flow
from ingest.rtsp.media import TrackReader
from ingest.rtsp.pull import CONNECT_S, NO_CONNECTION, Pull, Wish
from ingest.rtsp.rtp import Frame
from ingest.rtsp.steps import StepFailed
from ingest.settings import IngestSettings
from ingest.sink import FanOut, Sink
from ingest.unit import MediaUnit, StreamFormat

log = logging.getLogger(__name__)

BACKOFF_FIRST_S = 0.25
BACKOFF_MAX_S = 1.5  # a camera that comes back is seen within 2 s, the connection itself included
BACKOFF_REFUSED_S = 30.0  # cameras lock users out after a few wrong passwords
_GAP_REASON = {
    "refused": "refused",
    "unreachable": "unreachable",
    "unsupported": "unsupported",
    "no_key_frame": "no_key_frame",
}


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """What is known of a camera's stream now, as in the table ``camera_state`` but for recording."""

    state: str
    reason: str
    since: datetime
    last_packet_at: datetime | None = None
    codec: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    fps: float | None = None
    bitrate_bps: int | None = None
    reconnects: int = 0
    packets_lost: int = 0  # since the process began
    camera_clock_offset_s: float | None = (
        None  # the camera's clock minus ours, from its last report
    )
    capture_error_s: float | None = None  # capture times may be off by it, network delay apart


class CameraSession:
    """Pulls one stream of ``camera`` from :meth:`start` to :meth:`stop` and gives every unit to ``sinks`` in order.

    ``wanted_now`` says whether somebody waits for its pictures. The sinks are called in the engine's thread;
    everything else may be called from any.
    """

    def __init__(
        self,
        camera: Camera,
        sinks: Sequence[Sink],
        settings: IngestSettings,
        clock: Clock,
        engine: Engine,
        stream: str = MAIN,
        wanted_now: Callable[[], bool] = lambda: True,
    ) -> None:
        self.camera = camera
        self.stream = stream
        self._sinks = FanOut(sinks)
        self._settings = settings
        self._clock = clock
        self._engine = engine
        self._wanted_now = wanted_now
        self._lock = threading.RLock()
        self._status = CameraStatus("connecting", "", clock.now())
        self._stopped = False
        self._pull: Pull | None = None
        self._flow: Flow | None = None
        self._retry_at_s = 0.0
        self._progress_s = 0.0  # when the last picture came
        self._patience_s: float | None = None  # None: not playing yet
        self._failures = 0
        self._played_once = False
        self._last_session = 0
        self._last_packet_at: datetime | None = None
        self._rate = RateMeter()
        self._told_format: StreamFormat | None = None
        self._lost_before = 0  # packets, over the pulls that ended
        self._skipped_before = 0

    # --- from any thread -----------------------------------------------------------------------------------------

    def start(self) -> None:
        self._engine.call(self._begin)

    def stop(self, why: str = "switched_off") -> None:
        """Hands nothing on any more, from this moment; the connection is closed soon after."""
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
            if self._flow is not None:
                self._flow.finish()
            self._end_streams(why)
            self._engine.call(self._close)

    @property
    def status(self) -> CameraStatus:
        """The stream's state now, with its rates over the last seconds."""
        with self._lock:
            rates = self._rate.measure()
            lost = self._lost_before + self._lost_now()
            residual_s = self._flow.residual_s if self._flow is not None else None
            status = replace(
                self._status,
                last_packet_at=self._last_packet_at,
                packets_lost=lost,
                capture_error_s=None if residual_s is None else round(residual_s + CALM_S, 3),
            )
            if status.state != "online" or rates is None:
                return status
            return replace(status, fps=round(rates[0], 2), bitrate_bps=round(rates[1]))

    @property
    def skipped_units(self) -> int:
        """Pictures that were not handed on: damaged, after a loss, or of no known format."""
        with self._lock:
            return self._skipped_before + (self._flow.skipped if self._flow is not None else 0)

    @property
    def sink_faults(self) -> int:
        """How often a sink raised what it should not."""
        return self._sinks.faults

    # --- the engine's thread -------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if not self._stopped:
            self._engine.add(self)
            self._connect(self._engine.now_s())

    def _close(self) -> None:
        self._engine.remove(self)
        pull, self._pull = self._pull, None
        if pull is not None:
            pull.close()

    def _connect(self, now_s: float) -> None:
        try:
            address = parse_address(self.camera.streams[self.stream])
        except WanglouError as error:
            self._failed(
                StepFailed(
                    "resolve", "unreachable", say("bad_address", "resolve: {error}", error=error)
                )
            )
            return
        timeout_s = self._settings.connect_timeout_s
        wish = Wish(
            address,
            self.camera.username,
            self.camera.password,
            self.camera.audio,
            timeout_s,
            min(timeout_s, CONNECT_S),
        )
        self._pull = Pull(self._engine, wish, self)
        self._pull.begin(now_s)

    def tick(self, now_s: float) -> None:
        """Called by the engine several times a second."""
        if self._stopped:
            return
        pull = self._pull
        if pull is None:
            if now_s >= self._retry_at_s:
                self._connect(now_s)
            return
        pull.urgent(self._wanted_now())
        pull.tick(now_s)
        patience_s = self._patience_s
        if patience_s is not None and now_s - self._progress_s >= patience_s and self._pull is pull:
            failure = StepFailed("play", "stalled", self._stalled(now_s))
            pull.close()
            self.pull_failed(pull, failure)

    def _stalled(self, now_s: float) -> str:
        idle_s = now_s - self._progress_s
        video = next((r for r in self._pull.readers if r.video), None) if self._pull else None
        if video is not None and video.rtp.other_type is not None and not video.rtp.received:
            return say(
                "other_payload", "play: the camera sends RTP payload type {type}, it announced {announced}",
                type=video.rtp.other_type, announced=video.track.payload_type,
            )  # fmt: skip
        if self._status.state in ("online", "no_key_frame"):
            return say(
                "no_picture_anew",
                "play: no picture for {idle_s} s, connecting anew",
                idle_s=f"{idle_s:.0f}",
            )
        return say(
            "no_picture_yet",
            "play: connected, but no picture within {idle_s} s",
            idle_s=f"{idle_s:.0f}",
        )

    def set_up(self, pull: Pull) -> None:
        """The tracks are known."""
        with self._lock:
            if self._stopped:
                return
            video = next(reader for reader in pull.readers if reader.video)
            self._flow = Flow(self.camera.id, self.stream, video, self)
            self._rate.clear()

    def playing(self, pull: Pull) -> None:
        """The camera said that it plays: now pictures must come."""
        with self._lock:
            self._status = replace(
                self._status, reconnects=self._status.reconnects + self._played_once
            )
            self._played_once = True
            self._progress_s = self._engine.now_s()
            self._patience_s = self._settings.connect_timeout_s + self._settings.stall_s

    def frame(
        self, pull: Pull, reader: TrackReader, frame: Frame, wall: datetime, now_s: float
    ) -> None:
        """An access unit came."""
        with self._lock:
            flow = self._flow
            if self._stopped or flow is None:
                return
            if not reader.video:
                sound = flow.sound(reader, frame, wall)
                if sound is not None:
                    self._sinks.audio(self.camera, sound)
                return
            self._progress_s = now_s
            self._patience_s = self._settings.stall_s
            self._last_packet_at = wall
            flow.picture(frame, wall, now_s)
            if flow.waits_s(now_s) > self._settings.key_frame_timeout_s:
                self._set(
                    "no_key_frame",
                    say(
                        "no_key_frame",
                        "key_frame: pictures come, but no key frame since {limit_s} s; set the camera's key frame "
                        "interval (I-frame interval, GOP) to 2 s or less",
                        limit_s=f"{self._settings.key_frame_timeout_s:.0f}",
                    ),
                )

    def clock(self, pull: Pull, reader: TrackReader, wall: datetime) -> None:
        """A sender report says what the camera's clock shows."""
        report = reader.report
        with self._lock:
            if reader.video and report is not None and report.unix_s is not None:
                offset_s = round(report.unix_s - wall.timestamp(), 3)
                self._status = replace(self._status, camera_clock_offset_s=offset_s)

    def pull_failed(self, pull: Pull, failure: StepFailed) -> None:
        """The try is over; another follows."""
        self._failed(failure, pull)

    def _failed(self, failure: StepFailed, pull: Pull | None = None) -> None:
        with self._lock:
            if self._stopped:
                return
            flow, self._flow = self._flow, None
            self._pull, self._patience_s = None, None
            if pull is not None:
                self._lost_before += sum(reader.rtp.lost_packets for reader in pull.readers)
            if flow is not None:
                flow.finish()
                self._skipped_before += flow.skipped
            if self._status.state in ("online", "no_key_frame"):
                self._failures = 0
                self._end_streams(_GAP_REASON.get(failure.state, "no_packets"))
            self._set(failure.state, failure.said)
            self._failures += 1
            delay_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2.0 ** min(8, self._failures - 1))
            if failure.state in ("refused", "unsupported"):
                delay_s = BACKOFF_REFUSED_S * random.uniform(0.8, 1.2)
            elif isinstance(failure.said, Said) and failure.said.code == NO_CONNECTION:
                delay_s = BACKOFF_FIRST_S  # the try itself was the wait
            self._retry_at_s = self._engine.now_s() + delay_s * random.uniform(0.75, 1.0)

    def _lost_now(self) -> int:
        pull = self._pull
        return sum(reader.rtp.lost_packets for reader in pull.readers) if pull is not None else 0

    def _end_streams(self, why: str) -> None:
        self._sinks.ended(self.camera, self.stream, why)

    def _set(self, state: str, reason: str) -> None:
        """Changes the state; ``since`` moves only when the state itself changes."""
        before = self._status
        if (before.state, before.reason) == (state, reason):
            return
        now = self._clock.now()
        since = before.since if before.state == state else now
        self._status = replace(before, state=state, reason=reason, since=since)
        if before.state != state:
            log.info(
                "camera-%s camera=%s stream=%s reason=%s",
                state,
                self.camera.code,
                self.stream,
                reason,
            )
        self._sinks.state(self.camera, self.stream, state, reason, now)

    # --- called by the flow, with the lock held ------------------------------------------------------------------

    def emit(self, unit: MediaUnit) -> None:
        """Hands one picture to every sink."""
        status = self._status
        if status.state != "online":
            self._failures = 0
            self._set("online", "")
        form = unit.format
        if form is not self._told_format:
            self._told_format = form
            self._status = replace(
                self._status, codec=form.codec, width_px=form.width_px, height_px=form.height_px
            )
        self._rate.add(unit.packet.dts_90k, len(unit.sample))
        self._sinks.unit(self.camera, unit)

    def clock_stepped(self) -> None:
        """The local clock was stepped: the recording is cut there."""
        self._end_streams("clock_step")

    def next_session(self) -> int:
        """A number for the next session: milliseconds since 1970, always growing."""
        now_ms = round(self._clock.now().timestamp() * 1000)
        self._last_session = max(self._last_session + 1, now_ms)
        return self._last_session
