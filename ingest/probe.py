"""Tries one camera address step by step and says which step fails, for ``wanglou camera test`` and the console."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import av
import av.error
import av.logging

from ingest.address import parse_address
from ingest.rtsp_client import StepFailed, walk
from ingest.unit import UnitParser

av.logging.set_level(None)  # FFmpeg's lines hold addresses with passwords inside

CODECS = {"H264": "h264", "H265": "hevc"}
FFMPEG_OPTIONS = {
    "rtsp_transport": "tcp",
    "probesize": "100000",
    "fpsprobesize": "0",
    "analyzeduration": "500000",
}


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


def ffmpeg_options(timeout_s: float) -> dict[str, str]:
    """FFmpeg's options for a pull; ``timeout_s`` bounds each wait on the socket."""
    return {**FFMPEG_OPTIONS, "timeout": str(round(timeout_s * 1e6))}


def check_codec(name: str) -> str:
    """FFmpeg's name of an RTP codec. Raises :class:`StepFailed` for one that is not recorded."""
    if name not in CODECS:
        raise StepFailed(
            "describe",
            "unsupported",
            f"describe: the camera sends {name}; set its stream to H.264 or H.265",
        )
    return CODECS[name]


def test_camera(
    url: str,
    user: str | None = None,
    password: str | None = None,
    timeout_s: float = 5.0,
    key_frame_timeout_s: float = 10.0,
) -> CameraTest:
    """Goes from the name to the first decoded picture. Raises :class:`gis.errors.InvalidInput` for a bad ``url``."""
    address = parse_address(url)
    started_s = time.monotonic()
    try:
        track = walk(address, user, password, timeout_s)
        codec = check_codec(track.codec)
        login = address.with_login(user, password)
        pull = _Pull(login, codec, started_s, timeout_s, key_frame_timeout_s)
        return pull.result()
    except StepFailed as failure:
        return CameraTest(False, failure.step, str(failure))


class _Pull(threading.Thread):
    """Waits for the first key frame on a thread of its own: a camera that sends only RTCP keeps FFmpeg
    in its call past every timeout, and the answer must not wait for that."""

    def __init__(
        self, url: str, codec: str, started_s: float, timeout_s: float, key_frame_timeout_s: float
    ) -> None:
        super().__init__(name="camera-test", daemon=True)
        self._arguments = (url, codec, started_s, timeout_s, key_frame_timeout_s)
        self._limit_s = 2 * timeout_s + key_frame_timeout_s
        self._found: CameraTest | StepFailed | None = None

    def run(self) -> None:
        try:
            self._found = _first_picture(*self._arguments)
        except StepFailed as failure:
            self._found = failure

    def result(self) -> CameraTest:
        self.start()
        self.join(self._limit_s)
        if self._found is None:
            raise StepFailed(
                "play", "stalled", f"play: the camera sends no picture within {self._limit_s:g} s"
            )
        if isinstance(self._found, StepFailed):
            raise self._found
        return self._found


def _first_picture(
    url: str, codec: str, started_s: float, timeout_s: float, key_frame_timeout_s: float
) -> CameraTest:
    deadline_s = time.monotonic() + key_frame_timeout_s
    packets = 0
    try:
        with av.open(url, options=ffmpeg_options(timeout_s)) as container:
            stream = container.streams.video[0]
            parser = UnitParser(codec, bytes(stream.codec_context.extradata or b""))
            for packet in container.demux(stream):
                packets += 1
                parsed = parser.parse(bytes(packet)) if packet.size else None
                if parsed is not None and parsed.key:
                    rate = float(stream.average_rate) if stream.average_rate else None
                    form = parsed.format
                    return CameraTest(
                        True, "done", "the camera's pictures arrive", codec,
                        form.width_px, form.height_px, rate, time.monotonic() - started_s,
                    )  # fmt: skip
                if time.monotonic() > deadline_s:
                    break
    except av.error.FFmpegError as error:
        if packets == 0 and not isinstance(error, TimeoutError):
            raise StepFailed("play", "unreachable", f"play: {error.strerror}") from error
    if packets == 0:
        message = f"play: the camera sends no picture within {timeout_s:g} s"
        raise StepFailed("play", "stalled", message)
    raise StepFailed(
        "key_frame",
        "no_key_frame",
        f"key_frame: {packets} pictures came within {key_frame_timeout_s:g} s, but no key frame; "
        "set the camera's key frame interval (I-frame interval, GOP) to 2 s or less",
    )
