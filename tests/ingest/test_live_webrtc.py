"""The sender against a real WebRTC peer (aiortc): loss is mended, a lost picture comes again, the end is said."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import is_rtcp

from gis.clock import ManualClock
from gis.errors import SetupError
from ingest.live import sender as sender_module
from ingest.live.hub import LiveHub
from ingest.live.ice import ice_server
from ingest.live.path import MediaPath
from ingest.live.whep import (
    REPLAY_EVERY_S,
    SILENT_S,
    WhepServer,
    WhepViewer,
    without_hidden_candidates,
)
from ingest.unit import MediaUnit
from tests.ingest.streams import units
from tests.support.live import CAMERA

STREAM = units(fps=10, frames=60, gop=30, width_px=640, height_px=360)


@dataclass
class Peer:
    """A viewer that decodes. ``drop`` says whether the SRTP datagram number so-and-so gets lost on its way."""

    hub: LiveHub
    clock: ManualClock = field(default_factory=ManualClock)
    drop: Callable[[int], bool] = lambda _number: False
    pictures: int = 0
    keys: int = 0
    ended: bool = False
    datagrams: int = 0

    async def __aenter__(self) -> Peer:
        self.server = WhepServer(self.hub, self.clock)
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        transceiver = self.connection.addTransceiver("video", direction="recvonly")
        self.receiver = transceiver.receiver
        await self.connection.setLocalDescription(await self.connection.createOffer())
        transport = self.receiver.transport.transport._connection
        deliver = transport.data_received

        def lossy(data: bytes, component: int) -> None:
            if 127 < data[0] < 192 and not is_rtcp(data):
                self.datagrams += 1
                if self.drop(self.datagrams):
                    return
            deliver(data, component)

        transport.data_received = lossy
        offer = self.connection.localDescription.sdp
        self.session, answer = await self.server.offer(CAMERA.id, offer)
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        self.reading = asyncio.ensure_future(self._read())
        return self

    async def _read(self) -> None:
        try:
            while True:
                frame = await self.receiver.track.recv()
                self.pictures += 1
                self.keys += frame.key_frame
        except MediaStreamError:
            self.ended = True

    @property
    def viewer(self) -> WhepViewer:
        return self.server._sessions[self.session]

    async def until(self, condition: Callable[[], Any], what: str) -> None:
        deadline = asyncio.get_running_loop().time() + 20
        while not condition():
            assert asyncio.get_running_loop().time() < deadline, f"in vain for {what}: {self}"
            await asyncio.sleep(0.01)

    async def feed(self, stream: list[MediaUnit]) -> None:
        """Gives the hub units, each when the one before has been shown."""
        for unit in stream:
            shown = self.pictures
            self.hub.unit(CAMERA, unit)
            await self.until(lambda: self.pictures > shown, "the next picture")  # noqa: B023

    async def __aexit__(self, *_: object) -> None:
        self.reading.cancel()
        await self.server.close()
        await self.connection.close()


def run(test: Callable[[], Awaitable[None]]) -> None:
    """In a loop and thread of its own: other modules' Playwright keeps one running in this thread."""

    async def main() -> None:
        await test()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, main()).result()


def begun(count: int = 6) -> LiveHub:
    hub = LiveHub()
    for unit in STREAM[:count]:
        hub.unit(CAMERA, unit)
    return hub


@pytest.mark.parametrize("segmentation", [True, False])
def test_a_joiner_is_shown_the_open_gop_and_what_follows(
    segmentation: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MediaPath, "segmentation", segmentation)

    async def test() -> None:
        hub = begun()
        async with Peer(hub) as peer:
            # aiortc's receiver gives a picture out when the next one begins.
            await peer.until(lambda: peer.pictures >= 5, "the replay")
            await peer.feed(STREAM[6:20])
            assert peer.pictures == 19
            assert peer.keys == 1
            assert MediaPath.segmentation == segmentation
            stats = await peer.viewer.sender.getStats()  # type: ignore[union-attr]
            sent = next(s for s in stats.values() if s.type == "outbound-rtp")
            assert sent.packetsSent == peer.datagrams

    run(test)


def test_lost_packets_are_sent_again() -> None:
    async def test() -> None:
        hub = begun()
        async with Peer(hub, drop=lambda number: number % 9 == 5) as peer:
            await peer.until(lambda: peer.pictures >= 4, "the replay")
            for unit in STREAM[6:30]:
                arrived = peer.datagrams
                hub.unit(CAMERA, unit)
                await peer.until(lambda: peer.datagrams > arrived, "packets")  # noqa: B023
            # A loss shows when the next packet comes, so the last picture may still be missing one.
            await peer.until(lambda: peer.pictures >= 28, "every picture but the last")
            assert peer.viewer.sender is not None
            assert peer.viewer.sender.retransmitted >= 5
            assert peer.keys == 1

    run(test)


def test_a_viewer_that_lost_the_picture_is_given_the_open_gop_again_but_not_over_and_over() -> None:
    async def test() -> None:
        hub = begun()
        async with Peer(hub) as peer:
            await peer.until(lambda: peer.pictures >= 5, "the replay")
            ssrc = peer.viewer.sender._ssrc  # type: ignore[union-attr]
            sent = peer.datagrams
            await peer.receiver._send_rtcp_pli(ssrc)
            await peer.feed(STREAM[6:8])
            assert peer.keys == 1  # too soon after the first one
            assert peer.datagrams > sent
            peer.clock.advance(REPLAY_EVERY_S)
            await peer.feed(STREAM[8:9])
            await peer.receiver._send_rtcp_pli(ssrc)
            await peer.until(lambda: peer.pictures >= 5 + 3 + 9, "the GOP again")
            assert peer.keys == 2
            await peer.feed(STREAM[9:10])

    run(test)


def test_a_silent_camera_is_not_replayed_as_if_it_were_live() -> None:
    async def test() -> None:
        hub = begun()
        async with Peer(hub) as peer:
            await peer.until(lambda: peer.pictures >= 5, "the replay")
            sender = peer.viewer.sender
            assert sender is not None
            asked, lost = asyncio.Event(), sender._on_lost

            def on_lost() -> None:
                lost()
                asked.set()

            sender._on_lost = on_lost
            peer.clock.advance(SILENT_S + 1)
            await peer.receiver._send_rtcp_pli(sender._ssrc)
            await asyncio.wait_for(asked.wait(), 20)  # the next pictures must not overtake it
            await peer.feed(STREAM[6:8])
            await peer.until(lambda: peer.pictures >= 7, "the pictures that came")
            assert (peer.keys, peer.pictures) == (1, 7)

    run(test)


def test_a_viewer_whose_network_takes_nothing_goes_on_at_a_key_frame_and_delays_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sender_module, "WAITING_BYTES", 20_000)

    async def test() -> None:
        hub = begun()
        async with Peer(hub) as slow, Peer(hub) as quick:
            for peer in (slow, quick):
                await peer.until(lambda: peer.pictures >= 5, "the replay")  # noqa: B023
            path = slow.viewer.sender._path  # type: ignore[union-attr]
            assert path is not None
            # The socket's buffer cannot be filled on loopback: the kernel is made to say so here.
            monkeypatch.setattr(path, "flush", lambda: False)
            await quick.feed(STREAM[6:40])
            await slow.until(lambda: slow.viewer.dropped_gops, "a skip")
            assert quick.viewer.dropped_gops == 0
            before = slow.pictures
            monkeypatch.undo()
            await quick.feed(STREAM[40:])
            for unit in STREAM[:10]:  # the next GOP
                hub.unit(CAMERA, _later(unit))
            await slow.until(lambda: slow.pictures > before and slow.keys >= 2, "a key frame")

    run(test)


class Unroutable:
    """A socket whose network is down; a real one cannot be told to be."""

    def __init__(self) -> None:
        self.tried = 0

    def sendmsg(self, *_arguments: object) -> int:
        self.tried += 1
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    sendto = sendmsg

    def close(self) -> None:
        """Nothing is open."""


def test_a_network_that_is_down_for_a_moment_is_a_loss_like_any_other() -> None:
    async def test() -> None:
        hub = begun()
        async with Peer(hub) as peer:
            await peer.until(lambda: peer.pictures >= 5, "the replay")
            path = peer.viewer.sender._path  # type: ignore[union-attr]
            assert path is not None
            real, down = path._socket, Unroutable()
            path._socket = down  # type: ignore[assignment]
            for unit in STREAM[6:9]:
                hub.unit(CAMERA, unit)
            await peer.until(lambda: down.tried >= 3, "three pictures to be lost")
            path._socket = real
            for unit in STREAM[9:20]:
                arrived = peer.datagrams
                hub.unit(CAMERA, unit)
                await peer.until(lambda: peer.datagrams > arrived, "packets")  # noqa: B023
            await peer.until(lambda: peer.pictures >= 18, "the lost ones as well")
            assert peer.keys == 1

    run(test)


def _later(unit: MediaUnit) -> MediaUnit:
    again = units(session=2, fps=10, frames=60, gop=30, width_px=640, height_px=360)
    return again[STREAM.index(unit)]


def test_the_view_ends_when_the_camera_is_switched_off() -> None:
    async def test() -> None:
        hub = begun()
        async with Peer(hub) as peer:
            await peer.until(lambda: peer.pictures >= 5, "the replay")
            hub.forget(CAMERA.id)
            await peer.until(lambda: peer.server.sessions == 0, "the end of the session")
            await peer.until(lambda: peer.ended, "the end of the track")

    run(test)


def test_hidden_candidates_are_left_out_and_others_stay() -> None:
    shown = (
        "v=0\r\na=candidate:1 1 udp 2113937151 10.0.0.7 50000 typ host\r\na=end-of-candidates\r\n"
    )
    assert without_hidden_candidates(shown) == shown
    hidden = "a=candidate:2 1 udp 2113937151 2f1e.local 50001 typ host\r\n"
    assert without_hidden_candidates(shown + hidden) == shown.replace("a=end-of-candidates\r\n", "")


def test_ice_servers_are_read_as_an_administrator_writes_them() -> None:
    plain = ice_server("stun:stun.example:3478")
    assert (plain.urls, plain.username) == ("stun:stun.example:3478", None)
    relay = ice_server("turn:wang:pass:word@10.0.0.9:3478?transport=tcp")
    assert relay.urls == "turn:10.0.0.9:3478?transport=tcp"
    assert (relay.username, relay.credential) == ("wang", "pass:word")
    for bad in ("", "http://x", "stun:a:b@c:1", "turn:10.0.0.9:3478", "turn:u:secret@h x"):
        with pytest.raises(SetupError) as refused:
            ice_server(bad)
        assert "secret" not in str(refused.value)
