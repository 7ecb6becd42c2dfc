"""WebRTC views by WHEP (draft-ietf-wish-whep): H.264 goes through untranscoded.

aiortc negotiates, and speaks ICE, DTLS and RTCP; the pictures go past it (:mod:`ingest.live.sender`). A viewer always
begins at a key frame: the open GOP is replayed in one rush, its timestamps pressed together, so that the browser
shows the present picture at once instead of playing the past in real time. One who lost the picture beyond what
retransmission mends asks for a key frame and is given the open GOP again.
"""

from __future__ import annotations

import asyncio
import logging
import secrets

from aiortc import (
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError

from gis.clock import Clock
from gis.errors import InvalidInput, NotFound, WrongState
from ingest.live.hub import LiveHub, Viewer
from ingest.live.ice import ice_server
from ingest.live.rtp import RtpClock
from ingest.live.sender import FanoutSender
from ingest.live.shared import LiveUnit
from ingest.model import MAIN
from ingest.unit import MediaUnit

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 15.0
REPLAY_EVERY_S = (
    2.0  # a viewer whose network loses everything must not be sent the GOP over and over
)
SILENT_S = 2.0
"""A stream that brought nothing for so long is not replayed: old pictures that move would look live."""
_BROKEN_OFFER = (
    ValueError, LookupError, TypeError, AttributeError, AssertionError,
    InvalidAccessError, InvalidStateError, OperationError,
)  # fmt: skip


class WhepViewer(Viewer):
    """One WebRTC view: joins the hub when its connection stands, and sends each unit as it comes.

    ``on_end`` is called in the event loop when the view is over because of the stream.
    """

    def __init__(self, hub: LiveHub, camera_id: int, stream: str, clock: Clock) -> None:
        super().__init__()
        self.camera_id, self.stream = camera_id, stream
        self.connection: RTCPeerConnection | None = None
        self.sender: FanoutSender | None = None
        self.ended = asyncio.Event()
        self._hub = hub
        self._clock = clock
        self._rtp = RtpClock()
        self._replayed_s = 0.0
        self._taken_s = 0.0

    def ready(self) -> None:
        """The connection stands."""
        self._replayed_s = self._clock.monotonic_s()
        if not self._hub.join(self, self.camera_id, self.stream):
            self.end()

    def lost(self) -> None:
        """The browser cannot go on without a key frame."""
        now_s = self._clock.monotonic_s()
        # Browsers ask for a key frame also when the camera has gone silent.
        if now_s - self._taken_s < SILENT_S and now_s - self._replayed_s >= REPLAY_EVERY_S:
            self._replayed_s = now_s
            self._hub.replay(self)

    def take(self, unit: LiveUnit, replay_left: int) -> None:
        if obstacle(unit.unit) is not None:
            self.end()  # the browser asks again, is refused, and takes MSE
            return
        packet = unit.unit.packet
        self._taken_s = self._clock.monotonic_s()
        time_90k = self._rtp.stamp(packet.session, packet.pts_90k, self._taken_s, replay_left)
        captured_s = packet.capture_at.timestamp()
        if self.sender is not None and not self.sender.put(unit.runs, time_90k, captured_s):
            self.skip()

    def end(self) -> None:
        self.ended.set()


def obstacle(unit: MediaUnit) -> str | None:
    """Why the stream cannot go by WebRTC, None when it can."""
    if unit.format.codec != "h264":
        return f"the stream is {unit.format.codec}; browsers take H.264 by WebRTC, use MSE"
    if unit.format.reorder:
        return "the stream has B-frames, which WebRTC does not know, use MSE"
    return None


def without_hidden_candidates(sdp: str) -> str:
    """The offer without candidates that only name themselves by multicast DNS, and without the word that no others come.

    Resolving such a name waits for the network, and needs none: the browser's own checks show its address (RFC 8445,
    peer-reflexive candidates).
    """
    lines = sdp.splitlines(keepends=True)
    if not any(_hidden(line) for line in lines):
        return sdp
    return "".join(
        line for line in lines if not (_hidden(line) or line.startswith("a=end-of-candidates"))
    )


def _hidden(line: str) -> bool:
    return line.startswith("a=candidate:") and ".local " in line


class WhepServer:
    """Every WebRTC session. All methods run in one event loop."""

    def __init__(self, hub: LiveHub, clock: Clock, ice_servers: tuple[str, ...] = ()) -> None:
        self._hub = hub
        self._clock = clock
        self._ice = [ice_server(text) for text in ice_servers]
        self._sessions: dict[str, WhepViewer] = {}
        self._gone_packets = self._gone_again = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def offer(self, camera_id: int, sdp: str, stream: str = MAIN) -> tuple[str, str]:
        """Answers an offer: (session id, SDP answer).

        A camera without a live ``stream`` is shown by its main one. Raises :class:`NotFound` when the camera is not
        live, :class:`WrongState` when its stream cannot go by WebRTC, :class:`InvalidInput` when the offer cannot be
        answered.
        """
        chosen = self._hub.choose(camera_id, stream)
        newest = self._hub.newest(camera_id, chosen) if chosen else None
        if chosen is None or newest is None:
            raise NotFound(f"camera {camera_id} is not live now")
        if (why := obstacle(newest)) is not None:
            raise WrongState(f"camera {camera_id}: {why}")
        viewer = WhepViewer(self._hub, camera_id, chosen, self._clock)
        connection = viewer.connection = RTCPeerConnection(RTCConfiguration(iceServers=self._ice))
        session = secrets.token_urlsafe(12)
        self._sessions[session] = viewer
        try:
            answer = await self._negotiate(connection, viewer, without_hidden_candidates(sdp))
        except _BROKEN_OFFER as error:
            # aiortc's parser raises whatever a broken text makes it stumble over.
            await self.end(session)
            raise InvalidInput(f"the SDP offer cannot be answered: {error}", "sdp") from error
        except BaseException:
            await self.end(session)
            raise

        @connection.on("connectionstatechange")
        async def changed() -> None:
            if connection.connectionState in ("failed", "closed"):
                await self.end(session)

        self._keep(asyncio.ensure_future(self._end_with_stream(session, viewer)))
        self._keep(asyncio.ensure_future(self._give_up(session, connection)))
        log.info("whep-begun camera=%d stream=%s session=%s", camera_id, chosen, session)
        return session, answer

    async def _negotiate(self, connection: RTCPeerConnection, viewer: WhepViewer, sdp: str) -> str:
        transceiver = connection.addTransceiver("video", direction="sendonly")
        theirs = transceiver.sender
        ours = FanoutSender(theirs.transport, viewer.ready, viewer.lost)
        ours._stream_id = theirs._stream_id
        # aiortc lets nobody bring a sender of his own; the transceiver gives it out by this name only.
        setattr(transceiver, "_RTCRtpTransceiver__sender", ours)  # noqa: B010
        transceiver.receiver._set_rtcp_ssrc(ours._ssrc)
        viewer.sender = ours
        transceiver.setCodecPreferences(
            [
                codec
                for codec in RTCRtpSender.getCapabilities("video").codecs
                if codec.mimeType in ("video/H264", "video/rtx")
            ]
        )
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        answer = await connection.createAnswer()
        await connection.setLocalDescription(answer)
        text: str = connection.localDescription.sdp
        if "H264" not in text:
            raise ValueError("it holds no video that takes H.264")
        return text

    async def _end_with_stream(self, session: str, viewer: WhepViewer) -> None:
        await viewer.ended.wait()
        await self.end(session)

    async def _give_up(self, session: str, connection: RTCPeerConnection) -> None:
        await asyncio.sleep(CONNECT_TIMEOUT_S)
        if connection.connectionState != "connected":
            await self.end(session)

    async def end(self, session: str) -> bool:
        """Ends a session; False when there is none."""
        viewer = self._sessions.pop(session, None)
        if viewer is None:
            return False
        self._hub.leave(viewer)
        viewer.end()
        if viewer.sender is not None:
            self._gone_packets += viewer.sender.sent_packets
            self._gone_again += viewer.sender.retransmitted
        if viewer.connection is not None:
            await viewer.connection.close()
        log.info("whep-ended camera=%d session=%s", viewer.camera_id, session)
        return True

    async def close(self) -> None:
        """Ends every session."""
        for session in list(self._sessions):
            await self.end(session)
        for task in self._tasks:
            task.cancel()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def sessions(self) -> int:
        return len(self._sessions)

    @property
    def packets(self) -> tuple[int, int]:
        """RTP packets since the start: sent once, and sent again because a viewer missed them."""
        senders = [v.sender for v in list(self._sessions.values()) if v.sender is not None]
        return (
            self._gone_packets + sum(sender.sent_packets for sender in senders),
            self._gone_again + sum(sender.retransmitted for sender in senders),
        )
