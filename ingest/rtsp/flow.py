"""What one connection brings, made into units that stand alone: parsed, complete, timed. Pure.

A damaged picture is left out, and so is everything that builds on it, up to the next key frame.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from ingest.rtsp.audiotime import TICKS, AudioTime, PictureTime, by_reports
from ingest.rtsp.media import TrackReader, audio_samples
from ingest.rtsp.rtp import Frame
from ingest.timeline import Arrival, Timed, Timeline
from ingest.unit import AudioUnit, MediaUnit, ParsedUnit, StreamFormat, UnitPacket, UnitParser

_REPORTS_WITHIN_90K = (
    2 * TICKS
)  # reports that put the sound further from its arrival contradict each other


class Outlet(Protocol):
    """Takes what a flow makes."""

    def emit(self, unit: MediaUnit) -> None:
        """The next picture."""
        ...

    def clock_stepped(self) -> None:
        """The local clock was stepped: the next picture's session begins for that reason."""
        ...

    def next_session(self) -> int:
        """A number for a session that begins now."""
        ...


_Came = tuple[ParsedUnit, int]
"""A picture on its way through the time line, and its RTP time."""


class Flow:
    """Turns the frames of ``video`` and of the sound beside it into units for ``outlet``."""

    def __init__(self, camera_id: int, stream: str, video: TrackReader, outlet: Outlet) -> None:
        self._camera_id = camera_id
        self._stream = stream
        self._video = video
        self._outlet = outlet
        track = video.track
        assert track.codec is not None
        self._parser = UnitParser(track.codec, track.parameter_sets)
        form = self._parser.format
        reorder = 0 if track.codec == "mjpeg" else form.reorder if form else None
        self._timeline: Timeline[_Came] = Timeline(reorder)
        self._format: StreamFormat | None = None
        self._shown: StreamFormat
        self._number = 0
        self._first_s: float | None = None
        self._waiting = False  # for a key frame, since something before is missing
        self._left_out = 0
        self._newest: Timed[_Came] | None = None
        self._audio_time: AudioTime | None = None
        self._audio_session = 0

    @property
    def skipped(self) -> int:
        """Pictures that were not handed on: damaged, after a loss, or of no known format."""
        return self._left_out + self._parser.skipped

    @property
    def residual_s(self) -> float | None:
        """By how much capture times and the quickest arrivals disagree; None until it is known."""
        return self._timeline.residual_s

    def waits_s(self, now_s: float) -> float:
        """How long pictures have come without one to begin with; 0 once there was one."""
        if self._format is not None or self._first_s is None:
            return 0.0
        return now_s - self._first_s

    def picture(self, frame: Frame, wall: datetime, now_s: float) -> None:
        """The next frame of the picture's track, arrived at ``wall``."""
        if self._first_s is None:
            self._first_s = now_s
        if frame.damaged or frame.after_loss:
            self._waiting = True
            if frame.damaged:
                self._left_out += 1
                return
        parsed = self._parser.parse(frame.units)
        if parsed is None:
            return
        if self._waiting:
            if not parsed.key:
                self._left_out += 1
                return
            self._waiting = False
        came = parsed, frame.timestamp
        arrival = Arrival(came, frame.timestamp, parsed.key, wall, now_s)
        for timed in self._timeline.push(arrival):
            self._hand_on(timed)

    def finish(self) -> None:
        """The connection ended: hands on what was held."""
        for timed in self._timeline.flush():
            self._hand_on(timed)

    def _hand_on(self, timed: Timed[_Came]) -> None:
        parsed, _ = timed.unit
        form = parsed.format
        if timed.key and (timed.new_session is not None or form != self._format):
            if timed.clock_step:
                self._outlet.clock_stepped()
            self._format = form
            self._shown = form
            self._number = self._outlet.next_session()
        if self._format is None:
            return  # nothing can be shown before the first key frame
        if self._shown.reorder != self._timeline.reorder:
            # The stream did not say, the times do.
            self._shown = replace(self._format, reorder=self._timeline.reorder)
        packet = UnitPacket(
            self._camera_id,
            self._number,
            None,
            timed.pts_90k,
            timed.dts_90k,
            timed.duration_90k,
            timed.key,
            timed.capture_at,
            form.codec,
            self._format.width_px,
            self._format.height_px,
            self._stream,
            parsed.sample,
            self._format,
        )
        self._newest = timed
        self._outlet.emit(MediaUnit(packet, parsed.sample, self._shown))

    def sound(self, reader: TrackReader, frame: Frame, wall: datetime) -> AudioUnit | None:
        """A packet of sound placed beside the pictures; None before the first picture."""
        form = reader.audio
        if self._newest is None or form is None:
            return None
        _, rtp = self._newest.unit
        picture, captured_at = PictureTime(self._newest.pts_90k, rtp), self._newest.capture_at
        if self._audio_time is None or self._audio_session != self._number:
            self._audio_time = AudioTime(reader.track.clock_hz)
            self._audio_session = self._number
        pts_90k = self._audio_time.place(
            frame.timestamp, self._guess(reader, frame.timestamp, picture, captured_at, wall)
        )
        (data,) = frame.units
        samples = audio_samples(form, data)
        return AudioUnit(
            self._camera_id,
            self._stream,
            self._number,
            data,
            pts_90k,
            max(1, samples * TICKS // form.rate_hz),
            captured_at + timedelta(microseconds=(pts_90k - picture.pts_90k) * 100 // 9),
            form,
        )

    def _guess(
        self,
        reader: TrackReader,
        rtp: int,
        picture: PictureTime,
        captured_at: datetime,
        wall: datetime,
    ) -> int:
        """Where the sound stands by the sender reports of both tracks, else by its arrival."""
        by_arrival = picture.pts_90k + round((wall - captured_at).total_seconds() * TICKS)
        video = self._video.report
        if video is None or reader.report is None:
            return by_arrival
        placed = by_reports(rtp, reader.track.clock_hz, reader.report, video, picture)
        return placed if abs(placed - by_arrival) < _REPORTS_WITHIN_90K else by_arrival
