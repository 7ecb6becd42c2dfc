"""A process of viewers that receive and count, so that their own cost stays out of what is measured.

``python -m bench.live_viewers SERVER CAMERA_ID COUNT KIND``: ``KIND`` is ``whep`` or ``mse``, and ``SERVER`` ingest's
socket, or ``console`` and ``SERVER`` the console's address and after a blank the session's cookie. A WHEP viewer does
the whole of ICE and DTLS by aiortc and then counts datagrams without decrypting them, reporting once a second as a
browser does; an MSE viewer is a WebSocket that counts. Says ``ready`` and answers every line of its input with its
counts.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import httpx
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtp import RtcpReceiverInfo, RtcpRrPacket
from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.typing import Origin

REPORT_EVERY_S = 1.0
AT_ONCE = 8  # connections that are made at the same time


class Counts:
    """What all viewers received since the last answer."""

    def __init__(self) -> None:
        self.packets = 0
        self.bytes = 0

    def take(self, data: bytes) -> None:
        self.packets += 1
        self.bytes += len(data)


async def whep_viewer(socket: str, camera_id: str, counts: Counts) -> object:
    """Connects one viewer; returns what keeps it alive."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    transceiver = peer.addTransceiver("video", direction="recvonly")
    standing = asyncio.Event()

    @peer.on("connectionstatechange")
    def changed() -> None:
        if peer.connectionState == "connected":
            standing.set()

    await peer.setLocalDescription(await peer.createOffer())
    transport = httpx.AsyncHTTPTransport(uds=socket)
    async with httpx.AsyncClient(transport=transport, base_url="http://ingest") as client:
        answer = await client.post(
            f"/whep/{camera_id}", content=peer.localDescription.sdp, timeout=60
        )
        answer.raise_for_status()
    await peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
    await asyncio.wait_for(standing.wait(), 30)
    dtls = transceiver.receiver.transport
    for protocol in dtls.transport._connection._protocols:
        _count_media(protocol, counts)
    return peer, asyncio.ensure_future(_report(dtls))


def _count_media(protocol: Any, counts: Counts) -> None:
    """From here on nothing is decrypted or put in order; what keeps the connection goes its way."""
    deliver = protocol.datagram_received

    def received(data: bytes, address: tuple[str, int]) -> None:
        if 127 < data[0] < 192:  # RTP and RTCP (RFC 7983)
            counts.take(data)
        else:
            deliver(data, address)

    protocol.datagram_received = received


async def _report(dtls: Any) -> None:
    """Receiver reports, so that the server has them to read."""
    info = RtcpReceiverInfo(
        ssrc=1, fraction_lost=0, packets_lost=0, highest_sequence=1, jitter=0, lsr=0, dlsr=0
    )
    while True:
        await asyncio.sleep(REPORT_EVERY_S)
        try:
            await dtls._send_rtp(bytes(RtcpRrPacket(ssrc=2, reports=[info])))
        except ConnectionError:
            return  # it shows as bytes that are missing


async def mse_viewer(socket: str, camera_id: str, counts: Counts) -> object:
    """Connects one viewer; returns what keeps it alive."""
    connection = await unix_connect(
        socket,
        uri=f"ws://ingest/mse/{camera_id}",
        max_size=None,
        compression=None,
        ping_interval=None,
    )

    return connection, asyncio.ensure_future(_count(connection, counts))


async def console_viewer(server: str, camera_id: str, counts: Counts) -> object:
    """The same through the console."""
    address, cookie = server.split(" ")
    connection = await connect(
        f"{address.replace('http', 'ws')}/api/v1/cameras/{camera_id}/mse",
        additional_headers={"Cookie": f"wanglou_session={cookie}"}, origin=Origin(address),
        max_size=None, compression=None, ping_interval=None, proxy=None,
    )  # fmt: skip
    return connection, asyncio.ensure_future(_count(connection, counts))


async def _count(connection: ClientConnection, counts: Counts) -> None:
    async for message in connection:
        counts.take(message if isinstance(message, bytes) else message.encode())


async def main() -> None:
    socket, camera_id, count, kind = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    counts, gate = Counts(), asyncio.Semaphore(AT_ONCE)
    make = {"whep": whep_viewer, "mse": mse_viewer, "console": console_viewer}[kind]

    async def one() -> object:
        async with gate:
            return await make(socket, camera_id, counts)

    alive = await asyncio.gather(*(one() for _ in range(count)))
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps({"viewers": len(alive), "packets": counts.packets, "bytes": counts.bytes}))
        sys.stdout.flush()
        counts.packets = counts.bytes = 0


if __name__ == "__main__":
    asyncio.run(main())
