"""Other pictures of recorded ones: decoded, changed or not, and encoded as H.264, GOP by GOP.

Serves browsers that cannot play what a camera sends, and the masking of evidence. Times stay the recording's own.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Protocol

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from numpy.typing import NDArray

from ingest import annexb
from ingest.fmp4 import TIMESCALE, Sample, fragment, init_segment
from ingest.fmp4_reader import NotARecording
from ingest.fmp4_table import read_runs
from ingest.unit import StreamFormat, UnitParser

Picture = NDArray[np.uint8]  # (height, width, 3), blue-green-red


LEARN_PICTURES = 40


class Painter(Protocol):
    """Changes pictures."""

    def learn(self, pictures: Iterator[Picture]) -> None:
        """Pictures from all over the footage, once, before the first is painted."""
        ...

    def paint(self, frames: Iterator[tuple[Picture, int]]) -> Iterator[Picture]:
        """A GOP's pictures and their times (1/90000 s); gives as many of the same size, in order."""
        ...


_X264 = (
    "keyint=infinite:scenecut=0:bframes=0:rc-lookahead=0:sync-lookahead=0:repeat-headers=1:annexb=1"
)


class Reencoder:
    """Makes H.264 without reordering out of the fragments of one recording.

    ``max_width_px``: larger pictures are made smaller. ``size_px``: the size the pictures must have, where others
    were encoded before. ``quality`` is x264's constant rate factor, lower is better.
    """

    def __init__(
        self,
        init: bytes,
        painter: Painter | None = None,
        max_width_px: int | None = None,
        size_px: tuple[int, int] | None = None,
        quality: int = 23,
        preset: str = "veryfast",
        threads: int = 1,
    ) -> None:
        self._source = init
        self._painter = painter
        self._max_width_px = max_width_px
        self._size_px = size_px
        self._options = {
            "preset": preset,
            "tune": "zerolatency",
            "crf": str(quality),
            "forced-idr": "1",
            "x264-params": _X264,
        }
        self._threads = threads
        self._encoder: VideoCodecContext | None = None
        self._parser = UnitParser("h264")
        self._format: StreamFormat | None = None
        self._sequence = 0

    @property
    def format(self) -> StreamFormat:
        """The new pictures' format. Raises :class:`NotARecording` while there is none."""
        if self._format is None:
            raise NotARecording("nothing has been encoded yet")
        return self._format

    @property
    def init(self) -> bytes:
        """The init segment of the new pictures."""
        return init_segment(self.format)

    @property
    def codec(self) -> str:
        """The new pictures' codec, RFC 6381."""
        return self.format.rfc6381

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the new pictures."""
        return self.format.width_px, self.format.height_px

    def learn(self, fragments: Sequence[bytes]) -> None:
        """Shows the painter what the footage looks like: some fragments from all over it, each begun by a key frame."""
        if self._painter is None or not fragments:
            return
        most = -(-LEARN_PICTURES // len(fragments))

        def pictures() -> Iterator[Picture]:
            for one in fragments:
                try:
                    frames = len(read_runs(one)[0].sizes)
                    step = -(-frames // most)
                    for n, (decoded, _) in enumerate(self._decoded([one])):
                        if n % step == 0:
                            yield np.asarray(decoded.to_ndarray(format="bgr24"), np.uint8)
                        if step >= frames:
                            break
                except NotARecording:
                    continue  # said when its turn comes

        self._painter.learn(pictures())

    def convert(self, fragments: Sequence[bytes]) -> bytes:
        """One fragment of pictures from those of a GOP, the first beginning with a key frame.

        Raises :class:`NotARecording` when nothing of it can be decoded.
        """
        end_90k = _end_90k(fragments)
        frames = self._encoded(fragments)
        if not frames:
            raise NotARecording("no picture of it can be decoded")
        starts = [pts for pts, _, _ in frames]
        ends = [*starts[1:], max(end_90k, starts[-1] + 1)]
        samples = [
            Sample(data, end - start, 0, key)
            for (start, data, key), end in zip(frames, ends, strict=True)
        ]
        self._sequence += 1
        return fragment(self._sequence, starts[0], samples)

    def _encoded(self, fragments: Sequence[bytes]) -> list[tuple[int, bytes, bool]]:
        out: list[tuple[int, bytes, bool]] = []
        first = True
        for frame in self._frames(fragments):
            if self._encoder is None:
                self._encoder = self._open(frame.width, frame.height)
            frame.pict_type = PictureType.I if first else PictureType.NONE
            first = False
            for packet in self._encoder.encode(frame):
                parsed = self._parser.parse(annexb.split(bytes(packet)))
                if parsed is not None and packet.pts is not None:
                    self._format = parsed.format
                    out.append((int(packet.pts), parsed.sample, parsed.key))
        return out

    def _open(self, width: int, height: int) -> VideoCodecContext:
        encoder = av.CodecContext.create("libx264", "w")
        assert isinstance(encoder, VideoCodecContext)
        encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
        encoder.time_base, encoder.framerate = Fraction(1, TIMESCALE), Fraction(25)
        encoder.thread_count = self._threads
        encoder.options = self._options
        return encoder

    def _frames(self, fragments: Sequence[bytes]) -> Iterator[av.VideoFrame]:
        """The pictures to encode, their times growing."""
        last = -1
        if self._painter is None:
            for decoded, pts in self._decoded(fragments):
                if pts > last:
                    last = pts
                    yield self._fit(decoded, pts)
            return
        times: list[int] = []

        def pictures() -> Iterator[tuple[Picture, int]]:
            times.clear()
            for decoded, pts in self._decoded(fragments):
                if not times or pts > times[-1]:
                    times.append(pts)
                    yield np.asarray(decoded.to_ndarray(format="bgr24"), np.uint8), pts

        for n, picture in enumerate(self._painter.paint(pictures())):
            yield self._fit(av.VideoFrame.from_ndarray(picture, format="bgr24"), times[n])

    def _fit(self, frame: av.VideoFrame, pts: int) -> av.VideoFrame:
        if self._size_px is None:
            scale = min(1.0, (self._max_width_px or frame.width) / frame.width)
            # H.264 in 4:2:0 has even sizes.
            self._size_px = (
                max(2, round(frame.width * scale) // 2 * 2),
                max(2, round(frame.height * scale) // 2 * 2),
            )
        fitted = frame.reformat(*self._size_px, format="yuv420p")
        fitted.pts, fitted.time_base = pts, Fraction(1, TIMESCALE)
        return fitted

    def _decoded(self, fragments: Sequence[bytes]) -> Iterator[tuple[av.VideoFrame, int]]:
        data = self._source + b"".join(fragments)
        try:
            with av.open(io.BytesIO(data), "r", format="mp4") as container:
                stream = container.streams.video[0]
                stream.codec_context.thread_count = self._threads
                for frame in container.decode(stream):
                    if frame.pts is not None:
                        yield frame, int(frame.pts)
        except av.FFmpegError as error:
            raise NotARecording(f"it cannot be decoded: {error}") from error


def _end_90k(fragments: Sequence[bytes]) -> int:
    """When the last picture shown of a GOP ends."""
    pictures = [read_runs(data)[0] for data in fragments]
    first, last = pictures[0], pictures[-1]
    shift = int(first.compositions[0]) if len(first.compositions) else 0
    return last.decode + last.duration + shift
