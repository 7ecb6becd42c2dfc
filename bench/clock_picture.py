"""Pictures that carry their own time: a row of black and white blocks counts milliseconds, to be read from a screen.

The count is UTC in milliseconds modulo 2^20 (17 minutes), most significant bit first, then one block for even parity,
as blocks of :data:`BLOCK_PX` pixels from the left upper corner. The rest is moving texture, so that an encoder spends
its whole bit rate.
"""

from __future__ import annotations

from fractions import Fraction

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

BITS = 20
BLOCK_PX = 32
PERIOD_MS = 1 << BITS

# The same count read back in a page; null while the blocks are not clear or their parity is odd.
READ_SCRIPT = f"""
(() => {{
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', {{ willReadFrequently: true }});
  window.readClock = (video) => {{
    const width = {(BITS + 1) * BLOCK_PX}, scale = video.videoWidth / {{WIDTH}};
    canvas.width = width; canvas.height = {BLOCK_PX};
    context.drawImage(video, 0, 0, width * scale, {BLOCK_PX} * scale, 0, 0, width, {BLOCK_PX});
    const pixels = context.getImageData(0, {BLOCK_PX // 2}, width, 1).data;
    let value = 0, ones = 0;
    for (let bit = 0; bit <= {BITS}; bit += 1) {{
      const light = pixels[(bit * {BLOCK_PX} + {BLOCK_PX // 2}) * 4];
      if (light > 80 && light < 170) return null;
      ones += light >= 170 ? 1 : 0;
      if (bit < {BITS}) value = value * 2 + (light >= 170 ? 1 : 0);
    }}
    return ones % 2 ? null : value;
  }};
}})();
"""


def read_script(width_px: int) -> str:
    """JavaScript that defines ``readClock(video)`` for pictures that were ``width_px`` wide when drawn."""
    return READ_SCRIPT.replace("{WIDTH}", str(width_px))


class ClockPictures:
    """Draws I420 frames, ``(height*3/2, width)``, with a time in them."""

    def __init__(self, width_px: int, height_px: int) -> None:
        if width_px < (BITS + 1) * BLOCK_PX:
            raise ValueError(f"the clock needs {(BITS + 1) * BLOCK_PX} pixels, not {width_px}")
        rng = np.random.default_rng(7)
        tall = cv2.GaussianBlur(
            rng.integers(0, 255, (height_px * 2, width_px), np.uint8), (0, 0), 3
        )
        self._ground = np.clip((tall.astype(np.int16) - 127) * 4 + 110, 30, 200).astype(np.uint8)
        self._frame = np.full((height_px * 3 // 2, width_px), 128, np.uint8)
        self._height_px = height_px

    def draw(self, utc_ms: int, number: int) -> NDArray[np.uint8]:
        """The picture number ``number``, taken at ``utc_ms``. The array is used again for the next one."""
        shift = number * 2 % self._height_px
        self._frame[: self._height_px] = self._ground[shift : shift + self._height_px]
        bits = [utc_ms % PERIOD_MS >> (BITS - 1 - bit) & 1 for bit in range(BITS)]
        for index, bit in enumerate([*bits, sum(bits) % 2]):
            left = index * BLOCK_PX
            self._frame[:BLOCK_PX, left : left + BLOCK_PX] = 235 if bit else 16
        return self._frame


class RateEncoder:
    """H.264 at a constant bit rate, baseline, no delay: the access units of a camera set to ``bitrate_bps``."""

    def __init__(
        self, width_px: int, height_px: int, fps: int, gop_frames: int, bitrate_bps: int
    ) -> None:
        codec = av.CodecContext.create("libx264", "w")
        assert isinstance(codec, VideoCodecContext)
        codec.width, codec.height, codec.pix_fmt = width_px, height_px, "yuv420p"
        codec.time_base, codec.framerate = Fraction(1, fps), Fraction(fps)
        codec.bit_rate = bitrate_bps
        codec.thread_count = 1
        kbps = bitrate_bps // 1000
        codec.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "x264-params": (
                f"keyint={gop_frames}:min-keyint={gop_frames}:scenecut=0:repeat-headers=1:annexb=1:"
                f"sliced-threads=0:threads=1:bitrate={kbps}:vbv-maxrate={kbps}:vbv-bufsize={kbps // 2}:nal-hrd=cbr"
            ),
        }
        self._codec = codec
        self._count = 0

    def encode(self, i420: NDArray[np.uint8]) -> bytes:
        """One access unit, Annex B."""
        frame = av.VideoFrame.from_ndarray(i420, format="yuv420p")
        frame.pts = self._count
        self._count += 1
        return b"".join(bytes(packet) for packet in self._codec.encode(frame))
