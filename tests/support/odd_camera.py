"""A camera that can be told to misbehave: its own RTSP and RTP, played from a script.

::

    def two_pictures(connection: int) -> Iterator[bytes | float]:
        yield from interleave(packets_of_the_first)
        yield 0.02                                   # seconds to wait
        yield from interleave(packets_of_the_second)
        yield HOLD                                   # stays connected, silent

    with odd_camera(Odd(sdp(), two_pictures)) as camera:
        camera.url
        camera.requests                              # what it was asked, by connection

A real server (GStreamer's, ``tests/support/rtsp.py``) shows that ordinary streams work; this one exists because no
real server can be made to send what broken cameras send.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

HOLD = -1.0
Media = Callable[[int], Iterator[bytes | float]]
"""From the number of the connection (0, 1, …) to bytes to send and seconds to wait."""

Answer = Callable[[str, int], bytes | None]
"""From a request and its connection's number to an answer; None: the usual one."""


def usual(request: str, connection: int) -> bytes | None:
    """Nothing out of the ordinary."""
    return None


@dataclass(frozen=True, slots=True)
class Odd:
    """One misbehaviour."""

    sdp: bytes
    media: Media
    answer: Answer = usual


def sdp(
    encoding: str = "H264",
    parameters: str = "packetization-mode=1",
    audio: str = "",
    rate: int = 8000,
) -> bytes:
    """A description with one picture track (type 96) and, with ``audio`` (say ``PCMA``), a sound track (97)."""
    text = (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=odd\r\nt=0 0\r\na=control:*\r\n"
        f"m=video 0 RTP/AVP 96\r\na=rtpmap:96 {encoding}/90000\r\na=fmtp:96 {parameters}\r\na=control:video\r\n"
    )
    if audio:
        text += f"m=audio 0 RTP/AVP 97\r\na=rtpmap:97 {audio}/{rate}\r\na=control:audio\r\n"
    return text.encode()


def interleave(packets: Iterable[bytes], channel: int = 0) -> Iterator[bytes]:
    """Packets as they are sent on the connection; sound's are on channel 2, reports one above."""
    for packet in packets:
        yield struct.pack(">BBH", 0x24, channel, len(packet)) + packet


def respond(request: str, status: str, headers: str = "", body: bytes = b"") -> bytes:
    """An answer to ``request``; ``headers`` end in a line break each."""
    number = next(
        (line for line in request.split("\r\n") if line.lower().startswith("cseq")), "CSeq: 0"
    )
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"RTSP/1.0 {status}\r\n{number}\r\n{headers}{length}\r\n".encode() + body


@dataclass(slots=True)
class OddCamera:
    """The running camera."""

    url: str
    requests: list[list[str]] = field(default_factory=list)

    def asked(self, method: str) -> int:
        """How often it was asked."""
        return sum(one.startswith(method) for asked in self.requests for one in asked)


class _Connection(threading.Thread):
    """One client. Requests are read on this thread, media goes out on another."""

    def __init__(self, odd: Odd, peer: socket.socket, number: int, asked: list[str]) -> None:
        super().__init__(daemon=True)
        self._odd = odd
        self._peer = peer
        self._number = number
        self._asked = asked
        self._over = threading.Event()
        self._guard = threading.Lock()
        self._sender: threading.Thread | None = None

    def run(self) -> None:
        buffer = b""
        try:
            while piece := self._peer.recv(65536):
                buffer += piece
                while True:
                    if buffer[:1] == b"$" and len(buffer) >= 4:
                        end = 4 + int.from_bytes(buffer[2:4], "big")
                        if len(buffer) < end:
                            break
                        buffer = buffer[end:]
                        continue
                    head, found, rest = buffer.partition(b"\r\n\r\n")
                    if not found:
                        break
                    buffer = rest
                    self._answer(head.decode("latin-1"))
        except OSError:
            pass  # the client went away, or close() came first
        finally:
            self.close()

    def _answer(self, request: str) -> None:
        self._asked.append(request)
        reply = self._odd.answer(request, self._number)
        method = request.split(" ")[0]
        if reply is None:
            match method:
                case "DESCRIBE":
                    kind = "Content-Type: application/sdp\r\n"
                    reply = respond(request, "200 OK", kind, self._odd.sdp)
                case "SETUP":
                    first = 2 if "/audio " in request.split("\r\n")[0] else 0
                    transport = (
                        f"Transport: RTP/AVP/TCP;unicast;interleaved={first}-{first + 1}\r\n"
                    )
                    reply = respond(request, "200 OK", f"Session: 12345;timeout=60\r\n{transport}")
                case "OPTIONS":
                    reply = respond(request, "200 OK", "Public: OPTIONS, GET_PARAMETER\r\n")
                case _:
                    reply = respond(request, "200 OK")
        with self._guard:
            self._peer.sendall(reply)
        if method == "PLAY" and self._sender is None:
            self._sender = threading.Thread(target=self._send, daemon=True)
            self._sender.start()

    def _send(self) -> None:
        at_s = time.monotonic()
        try:
            for step in self._odd.media(self._number):
                if isinstance(step, bytes):
                    with self._guard:
                        self._peer.sendall(step)
                    continue
                at_s += step  # by the clock, so that what sending takes does not add up
                wait_s = None if step == HOLD else max(0.0, at_s - time.monotonic())
                if self._over.wait(wait_s):
                    return
        except OSError:
            pass  # the client went away
        self.close()

    def close(self) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._peer.shutdown(socket.SHUT_RDWR)
        self._peer.close()


@contextlib.contextmanager
def odd_camera(odd: Odd, port: int = 0) -> Iterator[OddCamera]:
    """The camera on a free port of this machine (or on ``port``)."""
    connections: weakref.WeakSet[_Connection] = weakref.WeakSet()
    with socket.create_server(("127.0.0.1", port), backlog=64) as listener:
        camera = OddCamera(f"rtsp://127.0.0.1:{listener.getsockname()[1]}/odd")

        def accept() -> None:
            for number in range(1 << 30):
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                asked: list[str] = []
                camera.requests.append(asked)
                connection = _Connection(odd, peer, number, asked)
                connections.add(connection)
                connection.start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield camera
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            for connection in list(connections):
                connection.close()
    thread.join(5)
