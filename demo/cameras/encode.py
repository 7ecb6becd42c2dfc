"""H.264 as a surveillance camera sends it: constrained baseline, no B-frames, one IDR a second."""

from __future__ import annotations

from fractions import Fraction

import av
import cv2
import numpy as np
from numpy.typing import NDArray


class Encoder:
    """One camera's encoder.

    Args:
        width_px, height_px: even numbers.
        fps: frames a second; also the GOP's length in frames, so that a GOP lasts one second.
        bitrate_bps: the ceiling of the constant-rate-factor mode.
    """

    def __init__(
        self, width_px: int, height_px: int, fps: int = 10, bitrate_bps: int = 1_000_000
    ) -> None:
        self._shape = (height_px * 3 // 2, width_px)
        codec = av.CodecContext.create("libx264", "w")
        codec.width = width_px
        codec.height = height_px
        codec.pix_fmt = "yuv420p"
        codec.time_base = Fraction(1, fps)
        codec.framerate = Fraction(fps, 1)
        codec.gop_size = fps
        codec.max_b_frames = 0
        codec.thread_count = 1
        codec.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "crf": "25",
            "x264-params": (
                f"keyint={fps}:min-keyint={fps}:scenecut=0:repeat-headers=1:annexb=1:sliced-threads=0:"
                f"threads=1:vbv-maxrate={bitrate_bps // 1000}:vbv-bufsize={bitrate_bps // 1000}"
            ),
        }
        self._codec = codec
        self._count = 0
        self._fps = fps
        self._frame = av.VideoFrame(width_px, height_px, "yuv420p")

    def encode(self, i420: NDArray[np.uint8]) -> tuple[bytes, bool]:
        """Encodes one frame, ``(height*3/2, width)`` planar I420; returns the access unit and whether it is an IDR."""
        if i420.shape != self._shape:
            raise ValueError(f"frame has shape {i420.shape}, expected {self._shape}")
        frame = av.VideoFrame.from_ndarray(i420, format="yuv420p")
        frame.pts = self._count
        self._count += 1
        packets = self._codec.encode(frame)
        data = b"".join(bytes(packet) for packet in packets)
        return data, any(packet.is_keyframe for packet in packets)


def smaller(i420: NDArray[np.uint8], width_px: int, height_px: int) -> NDArray[np.uint8]:
    """A planar I420 picture at another size, both even; each plane on its own."""
    height = i420.shape[0] * 2 // 3
    width = i420.shape[1]
    out = np.empty((height_px * 3 // 2, width_px), np.uint8)
    flat, small = i420.reshape(-1), out.reshape(-1)
    at = to = 0
    for w, h, new_w, new_h in (
        (width, height, width_px, height_px),
        (width // 2, height // 2, width_px // 2, height_px // 2),
        (width // 2, height // 2, width_px // 2, height_px // 2),
    ):
        plane = flat[at : at + w * h].reshape(h, w)
        small[to : to + new_w * new_h] = cv2.resize(
            plane, (new_w, new_h), interpolation=cv2.INTER_LINEAR
        ).reshape(-1)
        at, to = at + w * h, to + new_w * new_h
    return out
