"""One camera's packets to frames: H.264 or H.265 decoded, the luma plane made small."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from analytics.model import Frame, Gray
from gis.errors import InvalidInput
from ingest.model import Packet

_EIGHT_BIT_LUMA = {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "nv12", "gray"}
_WAITING_FRAMES = 64


@dataclass(slots=True)
class DecodeCounts:
    """What became of the packets of one camera."""

    decoded: int = 0  # frames that came out
    skipped: int = 0  # packets not decoded, to save work
    waiting: int = 0  # packets before the first key frame, or after a broken one
    corrupt: int = 0  # packets that the decoder refused
    repeated: int = 0  # packets that came twice
    thinned: int = 0  # frames decoded but not analysed: the camera is faster than needed


@dataclass(slots=True)
class DecodedPicture:
    """The decoder's own frame; see :class:`analytics.model.Picture`."""

    frame: av.VideoFrame

    def bgr(self) -> NDArray[np.uint8]:
        return np.asarray(self.frame.to_ndarray(format="bgr24"), np.uint8)


@dataclass(slots=True)
class Decoder:
    """Decodes one camera, packet by packet. ``most_fps`` frames a second are handed out at most."""

    width_px: int = 480
    most_fps: float = 12.5
    counts: DecodeCounts = field(default_factory=DecodeCounts)
    _context: VideoCodecContext | None = None
    _session: int | None = None
    _last_dts_90k: int = -(1 << 62)
    _last_at: datetime | None = None
    _needs_key: bool = True
    _pending: dict[int, tuple[datetime, float]] = field(default_factory=dict)
    _last_out_s: float = -math.inf

    def decode(self, packet: Packet, arrived_s: float, keys_only: bool = False) -> Iterator[Frame]:
        """The frames that ``packet`` completes.

        With ``keys_only`` everything but key frames is skipped and counted; the next key frame starts afresh.
        A new session, and a packet the decoder refuses, begin again at a key frame.
        """
        if packet.session != self._session:
            self._open(packet)
        if packet.dts_90k <= self._last_dts_90k:
            if self._last_at is not None and packet.capture_at <= self._last_at:
                self.counts.repeated += 1
                return
            # Later in time but earlier in the stream: a new stream under an old number.
            self._open(packet)
        self._last_dts_90k = packet.dts_90k
        self._last_at = packet.capture_at
        if keys_only and not packet.key:
            self.counts.skipped += 1
            self._needs_key = True
            return
        if self._needs_key:
            if not packet.key:
                self.counts.waiting += 1
                return
            self._needs_key = False
        self._pending[packet.pts_90k] = (packet.capture_at, arrived_s)
        if len(self._pending) > _WAITING_FRAMES:
            del self._pending[min(self._pending)]
        compressed = av.Packet(packet.data)
        compressed.pts = packet.pts_90k
        compressed.dts = packet.dts_90k
        assert self._context is not None
        try:
            pictures = self._context.decode(compressed)
        except av.FFmpegError:
            self.counts.corrupt += 1
            self._open(packet)
            return
        for picture in pictures:
            self.counts.decoded += 1
            captured = self._pending.pop(picture.pts or 0, None)
            if captured is None:
                captured = (packet.capture_at, arrived_s)
            if not self._due(captured[0].timestamp()):
                self.counts.thinned += 1
                continue
            yield Frame(
                camera_id=packet.camera_id,
                session=packet.session,
                at=captured[0],
                gray=self._small(picture),
                width_px=picture.width,
                height_px=picture.height,
                arrived_s=captured[1],
                picture=DecodedPicture(picture),
            )

    def _open(self, packet: Packet) -> None:
        """A fresh decoder. One thread, so that no frame waits for the next one to come out."""
        if packet.codec not in ("h264", "hevc"):
            raise InvalidInput(f"camera {packet.camera_id} sends codec '{packet.codec}'", "codec")
        context = av.CodecContext.create(packet.codec, "r")
        assert isinstance(context, VideoCodecContext)
        context.thread_count = 1
        # Deblocking matters to the eye; where no later frame builds on it, leaving it out costs nothing.
        context.options = {"skip_loop_filter": "noref"}
        self._context = context
        if packet.session != self._session:
            self._last_dts_90k = -(1 << 62)
        self._session = packet.session
        self._needs_key = True
        self._pending.clear()

    def _due(self, at_s: float) -> bool:
        """Whether enough time has gone since the last frame handed out, with room for uneven timestamps."""
        if 0 <= at_s - self._last_out_s < 0.8 / self.most_fps:
            return False
        self._last_out_s = at_s
        return True

    def _small(self, picture: av.VideoFrame) -> Gray:
        if picture.format.name in _EIGHT_BIT_LUMA:
            plane = picture.planes[0]
            luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            luma = luma[: picture.height, : picture.width]
        else:
            luma = np.asarray(picture.to_ndarray(format="gray"), np.uint8)
        if picture.width <= self.width_px:
            return np.ascontiguousarray(luma)
        height_px = max(1, round(picture.height * self.width_px / picture.width))
        small = cv2.resize(luma, (self.width_px, height_px), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.uint8)
