"""One camera's stream: connect, pull, time, hand on, and connect again for as long as the camera is wanted.

Each camera has one pulling thread. FFmpeg may stay in a call past its own timeout (a camera whose pictures
stop but whose RTCP goes on), so a watchdog calls :meth:`CameraSession.watch`: it gives such a thread up and
starts another. A thread given up hands nothing on; it ends when its call returns.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import av
import av.error
import av.logging

from gis.clock import Clock
from gis.errors import WanglouError
from ingest.address import RtspAddress, parse_address
from ingest.model import Camera, Packet
from ingest.probe import ffmpeg_options
from ingest.rate import RateMeter
from ingest.rtsp_client import StepFailed, walk
from ingest.settings import IngestSettings
from ingest.timeline import Arrival, Timed, Timeline
from ingest.unit import MediaUnit, ParsedUnit, StreamFormat, UnitParser

log = logging.getLogger(__name__)

BACKOFF_FIRST_S = 0.25
BACKOFF_MAX_S = 2.0  # a camera that comes back is seen within this
BACKOFF_REFUSED_S = 30.0  # cameras lock users out after a few wrong passwords
MAX_GIVEN_UP = 3
_SUPPORTED = ("h264", "hevc")


class Sink(Protocol):
    """Takes the stream of every camera. Calls come from the cameras' threads and must not wait."""

    def unit(self, camera: Camera, unit: MediaUnit) -> None:
        """The next access unit; a session's first one is a key frame."""
        ...

    def ended(self, camera: Camera) -> None:
        """The connection is gone; what comes next is another session."""
        ...


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """What is known of a camera now, as in the table ``camera_state`` but for recording."""

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


class _GivenUp(Exception):
    """This thread was replaced, or the camera is no longer wanted."""


class CameraSession:
    """Pulls ``camera`` from :meth:`start` to :meth:`stop` and gives every unit to ``sinks`` in order."""

    def __init__(
        self, camera: Camera, sinks: Sequence[Sink], settings: IngestSettings, clock: Clock
    ) -> None:
        self.camera = camera
        self._sinks = tuple(sinks)
        self._settings = settings
        self._clock = clock
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._generation = 0
        self._threads: list[threading.Thread] = []
        self._status = CameraStatus("connecting", "", clock.now())
        self._progress_s = clock.monotonic_s()  # when the pull last got somewhere
        self._patience_s: float | None = None  # how long it may take to; None: it waits on purpose
        self._failures = 0
        self._connected_once = False
        self._last_session = 0
        self._rate = RateMeter()
        self.skipped_units = 0

    def start(self) -> None:
        with self._lock:
            self._spawn()

    def stop(self) -> None:
        """Hands nothing on any more, from this moment; the thread ends by itself."""
        with self._lock:
            if self._wake.is_set():
                return
            self._generation += 1
            self._wake.set()
            self._patience_s = None
            self._end_streams()

    def join(self, timeout_s: float) -> None:
        """Waits until the pulling threads have ended, at most ``timeout_s`` each."""
        for thread in list(self._threads):
            thread.join(timeout_s)

    @property
    def status(self) -> CameraStatus:
        """The camera's state now, with its rates over the last seconds."""
        with self._lock:
            rates = self._rate.measure()
            if self._status.state != "online" or rates is None:
                return self._status
            return replace(self._status, fps=round(rates[0], 2), bitrate_bps=round(rates[1]))

    def watch(self) -> None:
        """Called a few times a second: replaces a pull that got nowhere for too long."""
        with self._lock:
            patience_s = self._patience_s
            if patience_s is None:
                return
            idle_s = self._clock.monotonic_s() - self._progress_s
            if idle_s < patience_s:
                return
            self._threads = [t for t in self._threads if t.is_alive()]
            if len(self._threads) > MAX_GIVEN_UP:
                return  # FFmpeg still holds earlier ones; another would only add to them
            if self._status.state in ("online", "no_key_frame"):
                self._set("stalled", f"play: no picture for {idle_s:.0f} s, connecting anew")
            else:
                self._set("stalled", f"play: connected, but no picture within {idle_s:.0f} s")
            self._end_streams()
            self._spawn()

    def _spawn(self) -> None:
        self._generation += 1
        self._progress_s = self._clock.monotonic_s()
        self._patience_s = None
        thread = threading.Thread(
            target=self._run, args=(self._generation,), name=f"cam-{self.camera.code}", daemon=True
        )
        self._threads = [t for t in self._threads if t.is_alive()] + [thread]
        thread.start()

    def _end_streams(self) -> None:
        for sink in self._sinks:
            sink.ended(self.camera)

    def _alive(self, generation: int) -> None:
        if generation != self._generation:
            raise _GivenUp

    def _set(self, state: str, reason: str) -> None:
        """Changes the state; ``since`` moves only when the state itself changes."""
        before = self._status
        if (before.state, before.reason) == (state, reason):
            return
        since = before.since if before.state == state else self._clock.now()
        self._status = replace(before, state=state, reason=reason, since=since)
        if before.state != state:
            log.info("camera-%s camera=%s reason=%s", state, self.camera.code, reason)

    # --- the pulling thread -----------------------------------------------------------------------------------

    def _run(self, generation: int) -> None:
        try:
            while True:
                try:
                    self._pull(generation)
                    raise StepFailed("play", "stalled", "play: the camera closed the connection")
                except _GivenUp:
                    return
                except StepFailed as failure:
                    delay_s = self._failed(generation, failure)
                except (
                    Exception
                ) as error:  # a stream nobody foresaw must not end this camera for good
                    log.exception("camera-unreadable camera=%s", self.camera.code)
                    why = f"play: the stream cannot be read ({type(error).__name__})"
                    delay_s = self._failed(generation, StepFailed("play", "unsupported", why))
                if self._wake.wait(delay_s):
                    return
        except _GivenUp:
            return

    def _failed(self, generation: int, failure: StepFailed) -> float:
        """Notes the failure; returns how long to wait before the next try."""
        with self._lock:
            self._alive(generation)
            self._patience_s = None
            if self._status.state in ("online", "no_key_frame"):
                self._failures = 0
                self._end_streams()
            self._set(failure.state, str(failure))
            self._failures += 1
            if failure.state in ("refused", "unsupported"):
                return BACKOFF_REFUSED_S * random.uniform(0.8, 1.2)
            delay_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2.0 ** (self._failures - 1))
            return delay_s * random.uniform(0.75, 1.0)

    def _pull(self, generation: int) -> None:
        address = parse_camera_address(self.camera)
        timeout_s = self._settings.connect_timeout_s
        with self._lock:
            self._alive(generation)
            self._progress_s = self._clock.monotonic_s()
            # Name, connection and each answer may take a timeout; then come the pictures.
            self._patience_s = 3 * timeout_s
        login = address.with_login(self.camera.username, self.camera.password)
        try:
            container = av.open(login, options=ffmpeg_options(min(timeout_s, 4.0)))
        except av.error.FFmpegError:
            raise self._explain(address) from None  # the error's text holds the password
        with container:
            if not container.streams.video:
                raise StepFailed("describe", "unsupported", "describe: the camera offers no video")
            stream = container.streams.video[0]
            codec = stream.codec_context.name
            if codec not in _SUPPORTED:
                raise StepFailed(
                    "describe",
                    "unsupported",
                    f"describe: the camera sends {codec}; set its stream to H.264 or H.265",
                )
            with self._lock:
                self._alive(generation)
                self._status = replace(
                    self._status, reconnects=self._status.reconnects + self._connected_once
                )
                self._connected_once = True
                self._rate.clear()
            pull = _Stream(self, generation, codec, bytes(stream.codec_context.extradata or b""))
            try:
                for packet in container.demux(stream):
                    if packet.size:
                        pull.take(bytes(packet), packet.pts)
            except av.error.FFmpegError as error:
                what = (
                    "no picture, and no answer from the camera"
                    if isinstance(error, TimeoutError)
                    else f"the stream broke off ({error.strerror})"
                )
                raise StepFailed("play", "stalled", f"play: {what}") from None
            pull.finish()

    def _explain(self, address: RtspAddress) -> StepFailed:
        """Goes through the steps once more by ourselves: FFmpeg does not say which one failed."""
        try:
            walk(
                address,
                self.camera.username,
                self.camera.password,
                self._settings.connect_timeout_s,
            )
        except StepFailed as failure:
            return failure
        return StepFailed(
            "play", "stalled", "play: the camera answers, but its stream does not begin"
        )

    # --- called by _Stream, in the pulling thread -------------------------------------------------------------

    def arrived(self, generation: int, shown: bool) -> tuple[datetime, float]:
        """A packet came; returns its local times."""
        with self._lock:
            self._alive(generation)
            now_s = self._clock.monotonic_s()
            now = self._clock.now()
            self._progress_s = now_s
            self._patience_s = self._settings.stall_s
            self._status = replace(self._status, last_packet_at=now)
            if not shown:
                self.skipped_units += 1
            return now, now_s

    def no_key_frame(self, generation: int, waited_s: float) -> None:
        """Pictures come, but none to begin with."""
        with self._lock:
            self._alive(generation)
            self._set(
                "no_key_frame",
                f"key_frame: pictures come for {waited_s:.0f} s, but no key frame; set the camera's "
                "key frame interval (I-frame interval, GOP) to 2 s or less",
            )

    def emit(self, generation: int, unit: MediaUnit) -> None:
        """Hands one unit to every sink."""
        with self._lock:
            self._alive(generation)
            if self._status.state != "online":
                self._failures = 0
                self._set("online", "")
            form = unit.format
            if (self._status.codec, self._status.width_px) != (form.codec, form.width_px):
                self._status = replace(
                    self._status, codec=form.codec, width_px=form.width_px, height_px=form.height_px
                )
            self._rate.add(unit.packet.dts_90k, len(unit.sample))
            for sink in self._sinks:
                sink.unit(self.camera, unit)

    def next_session(self) -> int:
        """A number for the next session: milliseconds since 1970, always growing."""
        self._last_session = max(
            self._last_session + 1, round(self._clock.now().timestamp() * 1000)
        )
        return self._last_session

    @property
    def key_frame_timeout_s(self) -> float:
        return self._settings.key_frame_timeout_s


class _Stream:
    """One connection's units on their way from FFmpeg to the sinks."""

    def __init__(
        self, session: CameraSession, generation: int, codec: str, extradata: bytes
    ) -> None:
        self._session = session
        self._generation = generation
        self._parser = UnitParser(codec, extradata)
        form = self._parser.format
        self._timeline: Timeline[ParsedUnit] = Timeline(form.reorder if form else None)
        self._format: StreamFormat | None = None
        self._shown: StreamFormat
        self._number = 0
        self._first_s: float | None = None

    def take(self, data: bytes, pts_90k: int | None) -> None:
        """One packet from FFmpeg, Annex B; its time is absent on the first ones."""
        parsed = self._parser.parse(data)
        wall, now_s = self._session.arrived(self._generation, parsed is not None)
        if self._first_s is None:
            self._first_s = now_s
        if parsed is not None:
            for timed in self._timeline.push(Arrival(parsed, pts_90k, parsed.key, wall, now_s)):
                self._hand_on(timed)
        if self._format is None and now_s - self._first_s > self._session.key_frame_timeout_s:
            self._session.no_key_frame(self._generation, now_s - self._first_s)

    def finish(self) -> None:
        """The connection ended: hands on what was held."""
        for timed in self._timeline.flush():
            self._hand_on(timed)

    def _hand_on(self, timed: Timed[ParsedUnit]) -> None:
        parsed = timed.unit
        if timed.key and (timed.new_session is not None or parsed.format != self._format):
            self._format = parsed.format
            self._shown = parsed.format
            self._number = self._session.next_session()
        if self._format is None:
            return  # nothing can be shown before the first key frame
        packet = Packet(
            camera_id=self._session.camera.id,
            session=self._number,
            data=parsed.data,
            pts_90k=timed.pts_90k,
            dts_90k=timed.dts_90k,
            duration_90k=timed.duration_90k,
            key=timed.key,
            capture_at=timed.capture_at,
            codec=self._format.codec,
            width_px=self._format.width_px,
            height_px=self._format.height_px,
        )
        if self._shown.reorder != self._timeline.reorder:  # the stream did not say, the times do
            self._shown = replace(self._format, reorder=self._timeline.reorder)
        self._session.emit(self._generation, MediaUnit(packet, parsed.sample, self._shown))


def parse_camera_address(camera: Camera) -> RtspAddress:
    """The camera's address. Raises :class:`StepFailed` when the row's text is none."""
    try:
        return parse_address(camera.url)
    except WanglouError as error:
        raise StepFailed("resolve", "unreachable", f"resolve: {error}") from error
