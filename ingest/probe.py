"""Tries one camera address step by step and says which step fails, for ``wanglou camera test`` and the console."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gis.clock import SystemClock
from gis.said import say, why_of
from ingest.address import parse_address
from ingest.rtsp.engine import Engine
from ingest.rtsp.media import TrackReader
from ingest.rtsp.pull import Pull, Wish
from ingest.rtsp.rtp import Frame
from ingest.rtsp.steps import StepFailed
from ingest.unit import StreamFormat, UnitParser

_RATE_WITHIN_S = 1.0  # after the key frame, pictures are counted for so long
_RATE_PICTURES = 12


@dataclass(frozen=True, slots=True)
class CameraTest:
    """What a test found; ``step`` is the step that failed, or ``done``."""

    ok: bool
    step: str
    message: str
    codec: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    fps: float | None = None
    first_picture_s: float | None = None  # until the first key frame

    @property
    def why(self) -> dict[str, Any] | None:
        """The message's code and what it names, see :func:`gis.said.why_of`."""
        return why_of(self.message)


def test_camera(
    url: str,
    user: str | None = None,
    password: str | None = None,
    timeout_s: float = 5.0,
    key_frame_timeout_s: float = 10.0,
) -> CameraTest:
    """Goes from the name to the first key frame. Raises :class:`gis.errors.InvalidInput` for a bad ``url``."""
    address = parse_address(url)
    wish = Wish(address, user, password, audio=False, answer_s=timeout_s, connect_s=timeout_s)
    engine = Engine(SystemClock(), "camera-test")
    engine.start()
    try:
        trial = _Trial(engine, wish, timeout_s, key_frame_timeout_s)
        return trial.result()
    finally:
        engine.stop()


class _Trial:
    """Owns one pull until the first key frame and a few pictures behind it, which tell the rate."""

    def __init__(
        self, engine: Engine, wish: Wish, timeout_s: float, key_frame_timeout_s: float
    ) -> None:
        self._engine = engine
        self._timeout_s = timeout_s
        self._key_frame_timeout_s = key_frame_timeout_s
        self._done = threading.Event()
        self._failure: StepFailed | None = None
        self._started_s = time.monotonic()
        self._playing_s: float | None = None
        self._parser: UnitParser | None = None
        self._pictures = 0
        self._format: StreamFormat | None = None
        self._first_s = 0.0
        self._times: list[int] = []
        self._pull = Pull(engine, wish, self)

    def result(self) -> CameraTest:
        """Waits for the end of the trial."""
        self._engine.call(self._begin)
        self._done.wait()
        if self._failure is not None:
            return CameraTest(False, self._failure.step, self._failure.said)
        form = self._format
        assert form is not None
        return CameraTest(
            True, "done", "the camera's pictures arrive", form.codec, form.width_px, form.height_px,
            self._rate(), self._first_s - self._started_s,
        )  # fmt: skip

    def _rate(self) -> float | None:
        """Pictures a second by the camera's own times."""
        steps = sorted(
            (b - a) % (1 << 32) for a, b in zip(self._times, self._times[1:], strict=False)
        )
        middle = steps[len(steps) // 2] if steps else 0
        return round(90_000 / middle, 2) if 0 < middle < 900_000 else None

    # --- in the engine's thread ----------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._engine.add(self)
        self._pull.begin(self._engine.now_s())

    def _end(self, failure: StepFailed | None) -> None:
        self._failure = failure
        self._engine.remove(self)
        self._pull.close()
        self._done.set()

    def tick(self, now_s: float) -> None:
        """Called several times a second."""
        self._pull.tick(now_s)
        if self._done.is_set() or self._playing_s is None:
            return
        waited_s = now_s - self._playing_s
        if self._format is not None:
            if now_s - self._first_s >= _RATE_WITHIN_S:
                self._end(None)
        elif self._pictures == 0 and waited_s >= self._timeout_s:
            text = say(
                "no_picture",
                "play: the camera sends no picture within {limit_s} s",
                limit_s=f"{self._timeout_s:g}",
            )
            self._end(StepFailed("play", "stalled", text))
        elif waited_s >= self._key_frame_timeout_s:
            text = say(
                "no_key_frame_within",
                "key_frame: {pictures} pictures came within {limit_s} s, but no key frame; set the camera's key frame "
                "interval (I-frame interval, GOP) to 2 s or less",
                pictures=self._pictures,
                limit_s=f"{self._key_frame_timeout_s:g}",
            )
            self._end(StepFailed("key_frame", "no_key_frame", text))

    def set_up(self, pull: Pull) -> None:
        """The tracks are known."""
        track = next(reader.track for reader in pull.readers if reader.video)
        assert track.codec is not None
        self._parser = UnitParser(track.codec, track.parameter_sets)

    def playing(self, pull: Pull) -> None:
        """The camera said that it plays."""
        self._playing_s = self._engine.now_s()

    def frame(
        self, pull: Pull, reader: TrackReader, frame: Frame, wall: datetime, now_s: float
    ) -> None:
        """A picture came."""
        if self._parser is None or self._done.is_set():
            return
        self._pictures += 1
        parsed = None if frame.damaged else self._parser.parse(frame.units)
        if parsed is None:
            return
        if self._format is None and parsed.key:
            self._format, self._first_s = parsed.format, now_s
        self._times.append(frame.timestamp)
        if self._format is not None and len(self._times) >= _RATE_PICTURES:
            self._end(None)

    def clock(self, pull: Pull, reader: TrackReader, wall: datetime) -> None:
        """The camera's clock is of no interest here."""

    def pull_failed(self, pull: Pull, failure: StepFailed) -> None:
        """The trial is over."""
        self._end(failure)
