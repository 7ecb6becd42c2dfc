"""One track: RTP in, access units out, and what its RTCP tells. Pure."""

from __future__ import annotations

from collections.abc import Callable

from gis.said import say
from ingest.rtsp import rtcp
from ingest.rtsp.client import Channels
from ingest.rtsp.depacketize.aac import AacDepacketizer
from ingest.rtsp.depacketize.h264 import H264Depacketizer
from ingest.rtsp.depacketize.h265 import H265Depacketizer
from ingest.rtsp.depacketize.mjpeg import MjpegDepacketizer
from ingest.rtsp.depacketize.sound import WholePackets, opus_samples
from ingest.rtsp.rtp import Deliver, Depacketizer, Frame, RtpReceiver
from ingest.rtsp.sdp import AUDIO, VIDEO, Track
from ingest.rtsp.steps import StepFailed
from ingest.rtsp.wire import Run
from ingest.unit import AudioFormat

NAMES = {"h264": "H.264", "hevc": "H.265", "mjpeg": "MJPEG"}
"""The video codecs we take, and what people call them."""

_AAC_RATES_HZ = (
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
)  # fmt: skip


def check_video(track: Track) -> None:
    """Raises :class:`StepFailed` for a codec that is not recorded."""
    if track.codec not in NAMES:
        text = say(
            "codec_unknown",
            "describe: the camera sends {codec}; set its stream to H.264, H.265 or MJPEG",
            codec=track.encoding,
        )
        raise StepFailed("describe", "unsupported", text)


def _depacketizer(track: Track) -> Depacketizer:
    match track.codec:
        case "h264":
            return H264Depacketizer()
        case "hevc":
            return H265Depacketizer(
                track.parameters.get("sprop-max-don-diff", "0") not in ("", "0")
            )
        case "mjpeg":
            return MjpegDepacketizer(track.size_px)
        case "aac":
            return AacDepacketizer(track.parameters)
        case _:
            return WholePackets()


def audio_format(track: Track) -> AudioFormat:
    """The sound's format. Raises :class:`ValueError` where the description does not say enough."""
    assert track.codec is not None
    if track.codec != "aac":
        return AudioFormat(track.codec, track.clock_hz, track.channels)
    config = bytes.fromhex(track.parameters.get("config", ""))
    if len(config) < 2:
        raise ValueError("the description of the AAC track has no 'config'")
    # AudioSpecificConfig, ISO/IEC 14496-3 clause 1.6.2.1: object type 5, rate index 4, channels 4 bits.
    index = (config[0] & 7) << 1 | config[1] >> 7
    channels = config[1] >> 3 & 15
    rate_hz = _AAC_RATES_HZ[index] if index < len(_AAC_RATES_HZ) else track.clock_hz
    return AudioFormat("aac", rate_hz, channels or track.channels, config)


def audio_samples(form: AudioFormat, data: bytes) -> int:
    """How many samples (Opus: at 48 kHz) one packet of sound holds."""
    if form.codec == "aac":
        return 1024
    if form.codec == "opus":
        return opus_samples(data)
    return len(data) // max(1, form.channels)


class TrackReader:
    """Follows one track of a connection. Raises :class:`ValueError` for sound that does not say enough of itself."""

    def __init__(self, channels: Channels) -> None:
        self.channels = channels
        self.track = channels.track
        depacketizer = _depacketizer(self.track)
        self._depacketizer = depacketizer
        self.audio = audio_format(self.track) if self.track.kind == AUDIO else None
        self.rtp = RtpReceiver(self.track.payload_type, depacketizer)
        self.take: Callable[[bytes], list[Frame] | None] = self.rtp.take
        self.report: rtcp.SenderReport | None = None
        self.report_s = 0.0  # when it came, monotonic
        self.said_bye = False
        self._lost_told = 0
        self._received_told = 0

        self.video = self.track.kind == VIDEO  # whether it is the picture's

    def run(self, deliver: Deliver) -> Run | None:
        """The short way for the track's packets (:meth:`RtpReceiver.run_of`), where its codec has one."""
        units = self._depacketizer
        if not isinstance(units, H264Depacketizer | H265Depacketizer):
            return None
        return self.rtp.run_of(self.channels.rtp, units, deliver)

    @property
    def unreadable(self) -> int:
        """Packets and payloads that could not be read."""
        return self.rtp.unreadable + int(getattr(self._depacketizer, "unreadable", 0))

    def take_rtcp(self, packet: bytes, unix_s: float, now_s: float) -> rtcp.SenderReport | None:
        """Reads a compound packet that came at ``unix_s``; returns its sender report, if it has one."""
        report, bye = rtcp.parse(packet, unix_s)
        self.said_bye = self.said_bye or bye
        if report is not None:
            self.report, self.report_s = report, now_s
        return report

    def receiver_report(self, own: int, now_s: float) -> bytes:
        """What the camera is told about how its packets arrive."""
        rtp = self.rtp
        lost, received = rtp.lost_packets - self._lost_told, rtp.received - self._received_told
        self._lost_told, self._received_told = rtp.lost_packets, rtp.received
        fraction = min(255, 256 * lost // (lost + received)) if lost + received else 0
        middle = self.report.ntp_middle if self.report is not None else 0
        return rtcp.receiver_report(
            own, rtp.ssrc, fraction, rtp.lost_packets, rtp.highest, middle, now_s - self.report_s
        )
