"""WebRTC views by WHEP (draft-ietf-wish-whep): H.264 goes through untranscoded.

aiortc sends whatever ``recv()`` of a track returns; an ``av.Packet`` of Annex B is only cut into RTP packets.
It ignores requests for key frames on this path, so a viewer always begins at one: the open GOP is replayed in
one rush, its timestamps pressed together, so that the browser shows the present picture at once instead of
playing the past in real time.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from fractions import Fraction
from typing import Any

import av
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamError

from gis.clock import Clock
from gis.errors import InvalidInput, NotFound, WrongState
from ingest.live.hub import LiveHub, StreamEnded, Viewer
from ingest.unit import MediaUnit

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 15.0
_BROKEN_OFFER = (
    ValueError, LookupError, TypeError, AttributeError, AssertionError,
    InvalidAccessError, InvalidStateError, OperationError,
)  # fmt: skip
_TIME_BASE = Fraction(1, 90_000)
_REPLAY_STEP_90K = 90  # a millisecond between replayed pictures


class RtpClock:
    """One growing RTP time over a viewer's replay and the camera's reconnections. Pure."""

    def __init__(self) -> None:
        self._session: int | None = None
        self._offset = 0
        self._last = 0
        self._last_s = 0.0
        self._replaying = False

    def stamp(self, session: int, pts_90k: int, now_s: float, replay_left: int) -> int:
        """RTP time of the next unit, before the sender's random origin; strictly growing.

        ``replay_left`` is how many units of the replay follow before the present one.
        """
        if session != self._session:
            waited = round((now_s - self._last_s) * 90_000) if self._session is not None else 0
            self._offset = self._last + max(1, waited) - pts_90k
            self._session = session
        if replay_left > 0 or self._replaying:
            value = self._last + _REPLAY_STEP_90K
            self._offset = value - pts_90k
            self._replaying = replay_left > 0
        else:
            value = max(pts_90k + self._offset, self._last + 1)
        self._last, self._last_s = value, now_s
        return value


class PassThroughTrack(MediaStreamTrack):
    """A viewer's units as packets for aiortc. Ends when the camera is switched off or no longer fits WebRTC."""

    kind = "video"

    def __init__(self, viewer: Viewer, clock: Clock) -> None:
        super().__init__()
        self._viewer = viewer
        self._clock = clock
        self._rtp = RtpClock()
        self.sent = 0

    async def recv(self) -> av.Packet[Any]:
        try:
            unit = await self._viewer.next()
        except StreamEnded:
            self.stop()
            raise MediaStreamError from None
        if obstacle(unit) is not None:
            self.stop()
            raise MediaStreamError
        left = self._viewer.replay
        if left:
            self._viewer.replay = left - 1
        packet = av.Packet(unit.packet.data)
        packet.pts = self._rtp.stamp(
            unit.packet.session, unit.packet.pts_90k, self._clock.monotonic_s(), left
        )
        packet.time_base = _TIME_BASE
        self.sent += 1
        return packet


def obstacle(unit: MediaUnit) -> str | None:
    """Why the stream cannot go by WebRTC, None when it can."""
    if unit.format.codec != "h264":
        return f"the stream is {unit.format.codec}; browsers take H.264 by WebRTC, use MSE"
    if unit.format.reorder:
        return "the stream has B-frames, which WebRTC does not know, use MSE"
    return None


class WhepServer:
    """Every WebRTC session. All methods run in one event loop."""

    def __init__(self, hub: LiveHub, clock: Clock, ice_servers: tuple[str, ...] = ()) -> None:
        self._hub = hub
        self._clock = clock
        self._ice = [RTCIceServer(urls=url) for url in ice_servers]
        self._sessions: dict[str, tuple[RTCPeerConnection, Viewer]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def offer(self, camera_id: int, sdp: str) -> tuple[str, str]:
        """Answers an offer: (session id, SDP answer).

        Raises :class:`NotFound` when the camera is not live, :class:`WrongState` when its stream cannot go by
        WebRTC, :class:`InvalidInput` when the offer cannot be answered.
        """
        newest = self._hub.newest(camera_id)
        if newest is None:
            raise NotFound(f"camera {camera_id} is not live now")
        if (why := obstacle(newest)) is not None:
            raise WrongState(f"camera {camera_id}: {why}")
        connection = RTCPeerConnection(RTCConfiguration(iceServers=self._ice))
        viewer = self._hub.join(camera_id, asyncio.get_running_loop())
        if viewer is None:
            await connection.close()
            raise NotFound(f"camera {camera_id} is not live now")
        session = secrets.token_urlsafe(12)
        self._sessions[session] = (connection, viewer)
        try:
            answer = await self._negotiate(connection, viewer, sdp)
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

        self._keep(asyncio.ensure_future(self._give_up(session, connection)))
        log.info("whep-begun camera=%d session=%s", camera_id, session)
        return session, answer

    async def _negotiate(self, connection: RTCPeerConnection, viewer: Viewer, sdp: str) -> str:
        track = PassThroughTrack(viewer, self._clock)
        transceiver = connection.addTransceiver(track, direction="sendonly")
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

    async def _give_up(self, session: str, connection: RTCPeerConnection) -> None:
        await asyncio.sleep(CONNECT_TIMEOUT_S)
        if connection.connectionState != "connected":
            await self.end(session)

    async def end(self, session: str) -> bool:
        """Ends a session; False when there is none."""
        found = self._sessions.pop(session, None)
        if found is None:
            return False
        connection, viewer = found
        self._hub.leave(viewer)
        await connection.close()
        log.info("whep-ended camera=%d session=%s", viewer.camera_id, session)
        return True

    async def close(self) -> None:
        """Ends every session."""
        for task in self._tasks:
            task.cancel()
        for session in list(self._sessions):
            await self.end(session)

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def sessions(self) -> int:
        return len(self._sessions)
