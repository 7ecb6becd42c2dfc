"""The sending half of one WebRTC view: shared payloads out, RTCP reports, retransmissions, goodbye.

Stands in for aiortc's own :class:`RTCRtpSender`, which cuts, copies and awaits every packet for every viewer anew.
aiortc's peer connection negotiates with it, starts it when DTLS stands, hands it the RTCP that comes and stops it.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import secrets
from collections import deque
from collections.abc import Callable

from aiortc import RTCDtlsTransport, RTCRtpSender
from aiortc import clock as ntp
from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import RTCRtpSendParameters
from aiortc.rtp import (
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
)
from aiortc.stats import RTCOutboundRtpStreamStats, RTCStatsReport

from ingest.live.path import MediaPath, PathClosed
from ingest.live.rtp import RtpStream, Run

PACE_S = 0.005
PACE_BYTES = 64 << 10  # in each of these pauses: about 100 Mbit/s for a replay or a large key frame
WAITING_BYTES = 8 << 20  # more than a replay: the viewer's network does not take what it is sent
_REPORT_S = 2.0
_FIRST_REPORTS_S = (0.2, 0.5)  # a receiver maps RTP times to the clock after two reports
_NTP_EPOCH_S = 2_208_988_800  # 1900 to 1970


class FanoutSender(RTCRtpSender):
    """Sends what :meth:`put` is given, paced. ``on_ready`` is called once, when the viewer can be sent to;
    ``on_lost`` when the viewer asks for a key frame because it cannot go on."""

    def __init__(
        self,
        transport: RTCDtlsTransport,
        on_ready: Callable[[], None],
        on_lost: Callable[[], None],
    ) -> None:
        super().__init__("video", transport)
        self._on_ready = on_ready
        self._on_lost = on_lost
        self._stream: RtpStream | None = None
        self._path: MediaPath | None = None
        self._cname = ""
        self._waiting: deque[tuple[Run, int]] = deque()
        self._waiting_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._reports: asyncio.Task[None] | None = None
        self._newest = (0, 0.0)  # RTP time and capture time, s since 1970, of the newest picture
        self.retransmitted = 0

    # --- media ------------------------------------------------------------------------------------------------

    def put(self, picture: tuple[Run, ...], time_90k: int, captured_s: float) -> bool:
        """One picture, captured at ``captured_s`` since 1970; False, and everything that waited is given up, when the
        network does not take it."""
        self._newest = (time_90k, captured_s)
        if self._waiting_bytes > WAITING_BYTES:
            self._waiting.clear()
            self._waiting_bytes = 0
            return False
        for run in picture:
            self._waiting.append((run, time_90k))
            self._waiting_bytes += run.size
        if self._timer is None:
            self._pump()
        return True

    def _pump(self) -> None:
        self._timer = None
        stream, path = self._stream, self._path
        if stream is None or path is None:
            return
        try:
            free, sent = path.flush(), 0
            while free and self._waiting and sent < PACE_BYTES:
                run, time_90k = self._waiting.popleft()
                self._waiting_bytes -= run.size
                free = path.send(stream.cut(run, time_90k))
                sent += run.size
        except PathClosed:
            self._end()  # the peer connection notices as well and ends the view
            return
        if self._waiting or not free:
            self._timer = asyncio.get_running_loop().call_later(PACE_S, self._pump)

    @property
    def sent_packets(self) -> int:
        """RTP packets without retransmissions."""
        return self._stream.packets if self._stream else 0

    # --- what aiortc calls ------------------------------------------------------------------------------------

    async def send(self, parameters: RTCRtpSendParameters) -> None:
        """DTLS stands: from here on there is somebody to send to."""
        if self._stream is not None:
            return
        kind = parameters.codecs[0].payloadType
        assert kind is not None  # it was negotiated
        rtx = [
            c.payloadType
            for c in parameters.codecs
            if is_rtx(c) and c.parameters.get("apt") == kind and c.payloadType is not None
        ]
        self._cname = parameters.rtcp.cname or ""
        self.transport._register_rtp_sender(self, parameters)
        # Sequence numbers begin in the lower half: one that wraps before the receiver has its first packet
        # would leave the two with different SRTP rollover counters.
        self._stream = RtpStream(
            self._ssrc,
            kind,
            (self._rtx_ssrc, rtx[0]) if rtx else None,
            secrets.randbelow(1 << 15),
            secrets.randbelow(1 << 15),
            secrets.randbits(32),
        )
        self._path = MediaPath(self.transport)
        self._reports = asyncio.ensure_future(self._report())
        self._on_ready()

    async def stop(self) -> None:
        """Says goodbye and ends."""
        if self._stream is None:
            return
        self.transport._unregister_rtp_sender(self)
        reports, self._reports = self._reports, None
        if reports is not None:
            reports.cancel()
            await self._send_rtcp([RtcpByePacket(sources=[self._ssrc])])
        self._end()

    def _end(self) -> None:
        self._waiting.clear()
        self._waiting_bytes = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._path is not None:
            self._path.close()
            self._path = None

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            self._send_again(packet.lost)
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt in (RTCP_PSFB_FIR, RTCP_PSFB_PLI):
            self._on_lost()

    async def getStats(self) -> RTCStatsReport:
        """What was sent, as WebRTC's statistics."""
        report = RTCStatsReport()
        report.add(
            RTCOutboundRtpStreamStats(
                timestamp=ntp.current_datetime(),
                type="outbound-rtp",
                id=f"outbound-rtp_{id(self)}",
                ssrc=self._ssrc,
                kind="video",
                transportId=self.transport._stats_id,
                packetsSent=self.sent_packets,
                bytesSent=self._stream.payload_bytes if self._stream else 0,
                trackId=self._track_id,
            )
        )
        report.update(self.transport._get_stats())
        return report

    # --- RTCP -------------------------------------------------------------------------------------------------

    def _send_again(self, lost: list[int]) -> None:
        if self._stream is None or self._path is None:
            return
        try:
            for sequence in lost:
                packet = self._stream.again(sequence)
                # A full socket is no reason to insist: the receiver asks again.
                if packet is None or not self._path.flush():
                    continue
                self._path.send([packet])
                self.retransmitted += 1
        except PathClosed:
            self._end()

    async def _report(self) -> None:
        """Sender reports (RFC 3550, 6.4.1). They tie RTP times to the time of capture."""
        for pause_s in itertools.chain(_FIRST_REPORTS_S, itertools.repeat(_REPORT_S)):
            await asyncio.sleep(pause_s * (0.5 + random.random()))
            stream = self._stream
            if stream is None or not stream.packets:
                continue
            now_ntp, (time_90k, captured_s) = ntp.current_ntp_time(), self._newest
            since_s = now_ntp / (1 << 32) - _NTP_EPOCH_S - captured_s
            about = RtcpSenderInfo(
                ntp_timestamp=now_ntp,
                rtp_timestamp=stream.stamp(time_90k + round(since_s * 90_000)),
                packet_count=stream.packets & 0xFFFFFFFF,
                octet_count=stream.payload_bytes & 0xFFFFFFFF,
            )
            name = RtcpSourceInfo(ssrc=self._ssrc, items=[(1, self._cname.encode())])
            packets: list[AnyRtcpPacket] = [
                RtcpSrPacket(ssrc=self._ssrc, sender_info=about),
                RtcpSdesPacket(chunks=[name]),
            ]
            await self._send_rtcp(packets)

    async def _send_rtcp(self, packets: list[AnyRtcpPacket]) -> None:
        try:
            await self.transport._send_rtp(b"".join(bytes(packet) for packet in packets))
        except ConnectionError:
            pass  # DTLS was closed; the peer connection ends the view
