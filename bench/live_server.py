"""A process that serves one 1080p stream live and nothing else, so that its CPU time is what viewers cost.

``python -m bench.live_server SOCKET SENDER``: ``SENDER`` is ``shared`` (the product) or ``aiortc`` (the way before:
aiortc's own sender, which cuts and copies every picture for every viewer). Says ``ready`` and ends with its input.
"""

from __future__ import annotations

import itertools
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from bench.clock_picture import ClockPictures, RateEncoder
from gis.clock import Clock, SystemClock
from gis.model import LonLat
from ingest import annexb
from ingest.live import whep
from ingest.live.control import ControlServer
from ingest.live.hub import LiveHub, QueueViewer, StreamEnded
from ingest.live.rtp import RtpClock
from ingest.model import Camera
from ingest.unit import MediaUnit, UnitPacket, UnitParser

WIDTH_PX, HEIGHT_PX, FPS, GOP_FRAMES, BITRATE_BPS = 1920, 1080, 25, 50, 2_000_000
CLIP_FRAMES = 250
CAMERA = Camera(
    1, "bench", "bench", None, "rtsp://h/x", None, None, LonLat(121, 31), None,
    True, True, True, True, 30, 1,
)  # fmt: skip
_TIME_BASE = Fraction(1, 90_000)


def clip(frames: int = CLIP_FRAMES) -> list[MediaUnit]:
    """The stream's first ``frames`` pictures, ten seconds unless told otherwise."""
    pictures, parser = ClockPictures(WIDTH_PX, HEIGHT_PX), UnitParser("h264")
    encoder = RateEncoder(WIDTH_PX, HEIGHT_PX, FPS, GOP_FRAMES, BITRATE_BPS)
    step, start, out = 90_000 // FPS, datetime.now(UTC), []
    for number in range(frames):
        coded = encoder.encode(pictures.draw(number * 1000 // FPS, number))
        parsed = parser.parse(annexb.split(coded))
        assert parsed is not None
        packet = UnitPacket(
            CAMERA.id, 1, None, number * step, number * step, step, parsed.key,
            start + timedelta(seconds=number / FPS), "h264", WIDTH_PX, HEIGHT_PX,
            sample=parsed.sample, form=parsed.format,
        )  # fmt: skip
        out.append(MediaUnit(packet, parsed.sample, parsed.format))
    return out


class _Track(MediaStreamTrack):
    """A viewer's units as packets for aiortc, as they were sent before pictures were cut once."""

    kind = "video"

    def __init__(self, hub: LiveHub, clock: Clock) -> None:
        super().__init__()
        self._viewer = QueueViewer()
        self._clock = clock
        self._rtp = RtpClock()
        hub.join(self._viewer, CAMERA.id)

    async def recv(self) -> av.Packet[Any]:
        try:
            unit = (await self._viewer.next()).unit
        except StreamEnded:
            raise MediaStreamError from None
        packet = av.Packet(unit.packet.data)
        now_s = self._clock.monotonic_s()
        packet.pts = self._rtp.stamp(unit.packet.session, unit.packet.pts_90k, now_s, 0)
        packet.time_base = _TIME_BASE
        return packet


class _AiortcWhep(whep.WhepServer):
    """WHEP with aiortc's own sender."""

    async def _negotiate(
        self, connection: RTCPeerConnection, viewer: whep.WhepViewer, sdp: str
    ) -> str:
        track = _Track(self._hub, self._clock)
        transceiver = connection.addTransceiver(track, direction="sendonly")
        transceiver.setCodecPreferences(
            [
                codec
                for codec in RTCRtpSender.getCapabilities("video").codecs
                if codec.mimeType in ("video/H264", "video/rtx")
            ]
        )
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        answer: str = connection.localDescription.sdp
        return answer


def main() -> None:
    path, sender = Path(sys.argv[1]), sys.argv[2]
    hub, units = LiveHub(), clip()
    kind = _AiortcWhep if sender == "aiortc" else whep.WhepServer
    server = ControlServer(path, hub, SystemClock(), dict, make_whep=kind)
    over = threading.Event()

    def feed() -> None:
        started_s, span = time.monotonic(), CLIP_FRAMES * 90_000 // FPS
        for number in itertools.count():
            unit = units[number % CLIP_FRAMES]
            base = number // CLIP_FRAMES * span
            packet = replace(
                unit.packet, pts_90k=unit.packet.pts_90k + base, dts_90k=unit.packet.dts_90k + base
            )
            hub.unit(CAMERA, replace(unit, packet=packet))
            if over.wait(max(0.0, started_s + (number + 1) / FPS - time.monotonic())):
                return

    feeder = threading.Thread(target=feed)
    feeder.start()
    server.start()
    print("ready", flush=True)
    sys.stdin.read()
    over.set()
    feeder.join()
    server.stop()


if __name__ == "__main__":
    main()
