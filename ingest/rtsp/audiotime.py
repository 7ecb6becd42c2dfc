"""When a packet of sound is heard, on the clock of its session's pictures. Pure.

A track's own RTP times say how far apart two packets are. Where they stand beside the pictures is told by the
sender reports of both tracks, which name one wall time for either; without them, by arrival. A place that was
found holds until it is wrong by :data:`JUMP_90K`, so that the sound does not tremble with the network.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.rtsp.rtcp import SenderReport

TICKS = 90_000
JUMP_90K = 18_000
_FULL = 1 << 32
_STEER = 1 / 64  # of the difference, with each packet: a second's drift in an hour is followed


@dataclass(frozen=True, slots=True)
class PictureTime:
    """A picture whose time is known on both clocks: the session's and the track's RTP time."""

    pts_90k: int
    rtp: int


class AudioTime:
    """Places the packets of one sound track of ``clock_hz`` within one session."""

    def __init__(self, clock_hz: int) -> None:
        self._scale = TICKS / clock_hz
        self._last_rtp: int | None = None
        self._out = 0.0
        self._told = -1

    def place(self, rtp: int, guess_90k: int) -> int:
        """The packet's time, strictly growing; ``guess_90k`` is where reports or arrival put it."""
        if self._last_rtp is None:
            self._out = float(guess_90k)
        else:
            step = (rtp - self._last_rtp + _FULL // 2) % _FULL - _FULL // 2
            self._out += step * self._scale
            wrong = guess_90k - self._out
            if abs(wrong) > JUMP_90K:
                self._out = float(guess_90k)
            else:
                self._out += wrong * _STEER
        self._last_rtp = rtp
        self._told = max(self._told + 1, round(self._out))
        return self._told


def by_reports(
    rtp: int, clock_hz: int, audio: SenderReport, video: SenderReport, picture: PictureTime
) -> int:
    """Where the sound packet ``rtp`` stands on the session's clock, by the sender reports of both tracks."""
    heard_s = audio.ntp_s + _signed(rtp - audio.rtp) / clock_hz
    on_video = video.rtp + round((heard_s - video.ntp_s) * TICKS)
    return picture.pts_90k + _signed(on_video - picture.rtp)


def _signed(delta: int) -> int:
    return (delta + _FULL // 2) % _FULL - _FULL // 2
