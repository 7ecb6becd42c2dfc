"""The way of one viewer's packets: SRTP and then straight into the UDP socket that ICE chose.

aiortc sends packet by packet through four layers of coroutines. Here a whole run of equal packets is protected in
a loop and leaves in one system call (UDP generic segmentation offload, ``UDP_SEGMENT`` of udp(7), Linux 4.18 and
later); where the kernel or the network device does not know it, packet by packet. Keys, ICE, DTLS and everything
that is received stay aiortc's. What of aiortc's and aioice's insides is used is used in this file alone.
"""

from __future__ import annotations

import errno
import logging
import socket
import struct

import pylibsrtp
from aioice.ice import CandidatePair
from aiortc import RTCDtlsTransport

log = logging.getLogger(__name__)

_SOL_UDP, _UDP_SEGMENT = 17, 103
_SEGMENT = struct.Struct("=H")
_NO_SEGMENTATION = frozenset({errno.EINVAL, errno.EIO, errno.ENOPROTOOPT, errno.EOPNOTSUPP})
_WAIT = frozenset({errno.EAGAIN, errno.ENOBUFS})
_OVER = frozenset({errno.EBADF, errno.ENOTSOCK, errno.EPIPE})
_SEND_BUFFER_BYTES = 1 << 20


class PathClosed(Exception):
    """The DTLS transport is no longer connected, or the socket is gone."""


class MediaPath:
    """Sends RTP over a connected DTLS transport. Its methods are called in the event loop and never wait."""

    segmentation = True  # until the kernel says otherwise; for the whole process

    def __init__(self, transport: RTCDtlsTransport) -> None:
        self._dtls = transport
        self._pair: CandidatePair | None = None
        self._socket: socket.socket | None = None
        self._address: tuple[str, int] = ("", 0)
        self._unsent: list[bytes] = []

    def send(self, packets: list[bytes]) -> bool:
        """Protects and sends packets of one length (the last may be shorter).

        False when the socket's buffer is full: they are kept, and :meth:`flush` must succeed before more is sent.
        Raises :class:`PathClosed`.
        """
        session = self._dtls._tx_srtp
        if session is None or self._dtls.state != "connected":
            raise PathClosed("DTLS is not connected")
        protect = session.protect
        try:
            self._unsent = [protect(packet) for packet in packets]
        except pylibsrtp.Error as error:
            raise PathClosed(f"SRTP: {error}") from error
        return self.flush()

    def flush(self) -> bool:
        """Sends what :meth:`send` had to keep; False when the buffer is still full."""
        if not self._unsent:
            return True
        pair = self._dtls.transport._connection._nominated.get(1)
        if pair is None:
            raise PathClosed("ICE has no connection")
        if pair is not self._pair:
            self._take(pair)
        if self._socket is None:
            for packet in self._unsent:
                pair.protocol.transport.sendto(packet, self._address)
            self._unsent = []
            return True
        try:
            return self._flush(self._socket)
        except OSError as error:
            if error.errno in _WAIT:
                return False
            if error.errno in _OVER:
                raise PathClosed(str(error)) from error
            # No route just now, say: lost like anything a network loses, and asked for again. Should it last, ICE
            # loses the viewer's consent and the view ends.
            self._unsent = []
            return True

    def _flush(self, target: socket.socket) -> bool:
        if MediaPath.segmentation and len(self._unsent) > 1:
            length = _SEGMENT.pack(len(self._unsent[0]))
            try:
                target.sendmsg(
                    self._unsent,
                    [(_SOL_UDP, _UDP_SEGMENT, length)],
                    socket.MSG_DONTWAIT,
                    self._address,
                )
            except OSError as error:
                if error.errno not in _NO_SEGMENTATION:
                    raise
                MediaPath.segmentation = False
                log.info("udp-segmentation-off reason=%s", error)
            else:
                self._unsent = []
                return True
        while self._unsent:
            target.sendto(self._unsent[0], socket.MSG_DONTWAIT, self._address)
            del self._unsent[0]
        return True

    def _take(self, pair: CandidatePair) -> None:
        """Another pair of addresses was nominated. A relayed one has no socket of its own."""
        self.close()
        transport = pair.protocol.transport
        shared = transport.get_extra_info("socket")
        if shared is not None:
            self._socket = shared.dup()  # the same port, but asyncio need not lend it for writing
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        self._address = pair.remote_addr
        self._pair = pair

    def close(self) -> None:
        """Gives the socket back."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._pair = None
