"""One camera's packets to frames: H.264, H.265 or MJPEG decoded, the luma plane made small."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from analytics.framekind import frame_kind
from analytics.model import Frame, Gray
from analytics.privacy import Privacy
from gis.errors import InvalidInput
from ingest.model import Packet

_EIGHT_BIT_LUMA = {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "nv12", "gray"}
_WAITING_FRAMES = 64
_CODECS = ("h264", "hevc", "mjpeg")
IDLE_CONTEXTS = 6
"""Decoders for single key frames kept for the next one, over all cameras."""
ENOUGH_FPS = 8.0
"""With so many frames a second that others build on, those that none builds on are left out."""
DUE_SHARE = 0.8
"""Of the wanted interval: room for uneven timestamps."""


class Arrival(Enum):
    """How a packet follows on the one before."""

    NEXT = "next"
    REPEATED = "repeated"  # came before: nothing to do
    NEW = "new"  # a new stream begins with it


@dataclass(slots=True)
class DecodeCounts:
    """What became of the packets of one camera."""

    decoded: int = 0  # frames that came out
    skipped: int = 0  # packets not decoded, because there was no time
    disposable: int = 0  # packets not decoded, because no other builds on them and enough come
    waiting: int = 0  # packets before the first key frame, or after a broken one
    corrupt: int = 0  # packets that the decoder refused, and frames that came out broken
    repeated: int = 0  # packets that came twice
    thinned: int = 0  # frames decoded but not analysed: the camera is faster than needed


@dataclass(slots=True)
class DecodedPicture:
    """The decoder's own frame; see :class:`analytics.model.Picture`."""

    frame: av.VideoFrame

    def bgr(self) -> NDArray[np.uint8]:
        return np.asarray(self.frame.to_ndarray(format="bgr24"), np.uint8)


class KeyDecoders:
    """Decodes single key frames of any camera. A few contexts serve all cameras; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[tuple[str, int, int], VideoCodecContext]] = []

    def decode(self, packet: Packet) -> av.VideoFrame | None:
        """The picture in ``packet`` alone; None where there is none. Raises :class:`av.FFmpegError`."""
        kind = (packet.codec, packet.width_px, packet.height_px)
        context = self._take(kind) or _open_context(packet, "all")
        # What fails is not used again.
        frames = [*context.decode(av.Packet(packet.data)), *context.decode(None)]
        context.flush_buffers()
        with self._lock:
            self._idle.append((kind, context))
            del self._idle[:-IDLE_CONTEXTS]
        return frames[-1] if frames else None

    @property
    def idle(self) -> int:
        """How many contexts wait for the next key frame."""
        with self._lock:
            return len(self._idle)

    def _take(self, kind: tuple[str, int, int]) -> VideoCodecContext | None:
        with self._lock:
            for index in range(len(self._idle) - 1, -1, -1):
                if self._idle[index][0] == kind:
                    return self._idle.pop(index)[1]
        return None


@dataclass(slots=True)
class Decoder:
    """Decodes one camera, packet by packet. ``most_fps`` frames a second are handed out at most.

    ``privacy`` is applied here, at the source, so that nobody after it sees what it hides.
    """

    width_px: int = 480
    most_fps: float = 12.5
    privacy: Privacy = field(default_factory=Privacy)
    keys: KeyDecoders = field(default_factory=KeyDecoders)
    counts: DecodeCounts = field(default_factory=DecodeCounts)
    _context: VideoCodecContext | None = None
    _session: int | None = None
    _last_dts_90k: int = -(1 << 62)
    _last_at: datetime | None = None
    _needs_key: bool = True
    _pending: dict[int, tuple[datetime, float]] = field(default_factory=dict)
    _last_out_s: float = -math.inf
    _needed_at_s: float = -math.inf
    _needed_every_s: float = math.inf

    def admit(self, packet: Packet) -> Arrival:
        """Whether ``packet`` is new. Call it once for each, in order, before anything else is done with it."""
        arrival = Arrival.NEXT
        if packet.session != self._session:
            arrival = Arrival.NEW
        elif packet.dts_90k <= self._last_dts_90k:
            if self._last_at is not None and packet.capture_at <= self._last_at:
                self.counts.repeated += 1
                return Arrival.REPEATED
            # Later in time but earlier in the stream: a new stream under an old number.
            arrival = Arrival.NEW
        if arrival is Arrival.NEW:
            self._session = packet.session
            self.close()
        self._last_dts_90k = packet.dts_90k
        self._last_at = packet.capture_at
        return arrival

    def decode(self, packet: Packet, arrived_s: float, keys_only: bool = False) -> Iterator[Frame]:
        """:meth:`admit` and :meth:`decode_next` in one.

        With ``keys_only`` everything but key frames is skipped and counted; the next key frame starts afresh.
        """
        if self.admit(packet) is Arrival.REPEATED:
            return
        if keys_only and not packet.key:
            self.counts.skipped += 1
            self._needs_key = True
            return
        yield from self.decode_next(packet, arrived_s, self.most_fps, spare=False)

    def decode_next(
        self, packet: Packet, arrived_s: float, fps: float, spare: bool = True
    ) -> Iterator[Frame]:
        """The frames that an admitted ``packet`` completes, at most ``fps`` a second.

        ``spare``: packets that no other builds on are left out where enough others come. A new stream, and a packet
        the decoder refuses, begin again at a key frame.
        """
        if self._needs_key:
            if not packet.key:
                self.counts.waiting += 1
                return
            self._needs_key = False
        if spare and self._can_spare(packet, fps):
            self.counts.disposable += 1
            return
        self._pending[packet.pts_90k] = (packet.capture_at, arrived_s)
        if len(self._pending) > _WAITING_FRAMES:
            del self._pending[min(self._pending)]
        compressed = av.Packet(packet.data)
        compressed.pts = packet.pts_90k
        compressed.dts = packet.dts_90k
        if self._context is None:
            # Deblocking matters to the eye; where no later frame builds on it, leaving it out costs nothing.
            self._context = _open_context(packet, "noref")
        try:
            pictures = self._context.decode(compressed)
        except av.FFmpegError:
            self.counts.corrupt += 1
            self.close()
            return
        for picture in pictures:
            self.counts.decoded += 1
            captured = self._pending.pop(picture.pts or 0, None)
            if captured is None:
                captured = (packet.capture_at, arrived_s)
            if picture.is_corrupt:
                self.counts.corrupt += 1
                continue
            if not self._due(captured[0].timestamp(), fps):
                self.counts.thinned += 1
                continue
            self._last_out_s = captured[0].timestamp()
            yield self._frame(packet, picture, *captured)

    def look(self, packet: Packet, arrived_s: float) -> Frame | None:
        """An admitted key frame by itself; None where the decoder refuses it. :meth:`decode_next` knows nothing of it."""
        try:
            picture = self.keys.decode(packet)
        except av.FFmpegError:
            picture = None
        if picture is None or picture.is_corrupt:
            self.counts.corrupt += 1
            return None
        self.counts.decoded += 1
        return self._frame(packet, picture, packet.capture_at, arrived_s)

    def seen(self, at_s: float) -> None:
        """A frame of :meth:`look` was analysed: another one is due only some time after it."""
        self._last_out_s = at_s

    def rewind(self) -> None:
        """The next packet for :meth:`decode_next` does not follow on the last one: begin at a key frame."""
        if self._context is not None:
            self._context.flush_buffers()
        self._needs_key = True
        self._pending.clear()

    def close(self) -> None:
        """Lets go of the decoder and its pictures; the next one begins at a key frame."""
        self._context = None
        self._needs_key = True
        self._pending.clear()

    def _can_spare(self, packet: Packet, fps: float) -> bool:
        at_s = packet.capture_at.timestamp()
        if not frame_kind(packet.codec, packet.data).disposable:
            every_s = abs(at_s - self._needed_at_s)
            known = self._needed_every_s < math.inf and every_s < 1.0
            self._needed_every_s = 0.8 * self._needed_every_s + 0.2 * every_s if known else every_s
            self._needed_at_s = at_s
            return False
        if self._needed_every_s <= 1.0 / min(ENOUGH_FPS, fps):
            return True
        return not self._due(at_s, fps)

    def _due(self, at_s: float, fps: float) -> bool:
        """Whether enough time has gone since the last frame handed out, with room for uneven timestamps."""
        return not 0 <= at_s - self._last_out_s < DUE_SHARE / fps

    def _frame(
        self, packet: Packet, picture: av.VideoFrame, at: datetime, arrived_s: float
    ) -> Frame:
        frame = Frame(
            camera_id=packet.camera_id,
            session=packet.session,
            at=at,
            gray=_small(picture, self.width_px),
            width_px=picture.width,
            height_px=picture.height,
            arrived_s=arrived_s,
            picture=DecodedPicture(picture),
            key=bool(picture.key_frame),
        )
        return self.privacy.cover(frame)


def _open_context(packet: Packet, skip_loop_filter: str) -> VideoCodecContext:
    """A fresh decoder. One thread, so that no frame waits for the next one to come out."""
    if packet.codec not in _CODECS:
        known = ", ".join(_CODECS)
        raise InvalidInput(
            f"camera {packet.camera_id} sends codec '{packet.codec}', which is none of {known}",
            "codec",
        )
    context = av.CodecContext.create(packet.codec, "r")
    assert isinstance(context, VideoCodecContext)
    context.thread_count = 1
    context.options = {"skip_loop_filter": skip_loop_filter}
    return context


def _small(picture: av.VideoFrame, width_px: int) -> Gray:
    if picture.format.name in _EIGHT_BIT_LUMA:
        plane = picture.planes[0]
        luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        luma = luma[: picture.height, : picture.width]
    else:
        luma = np.asarray(picture.to_ndarray(format="gray"), np.uint8)
    if picture.width <= width_px:
        return np.ascontiguousarray(luma)
    height_px = max(1, round(picture.height * width_px / picture.width))
    # Halving costs a tenth of averaging over an area of any other size.
    while luma.shape[1] >= 2 * width_px:
        height, width = luma.shape[0] // 2, luma.shape[1] // 2
        luma = np.asarray(
            cv2.resize(
                luma[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA
            ),
            np.uint8,
        )
    if luma.shape == (height_px, width_px):
        return luma
    small = cv2.resize(luma, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
    return np.asarray(small, np.uint8)
