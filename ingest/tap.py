"""The tap: compressed packets of every analysed camera, from ingest to analytics, over a Unix socket.

Frame on the wire, big endian: u32 length of what follows, then :data:`_HEADER`, then the packet's data.
The server never waits for a client. Whether a client can follow is decided where a GOP begins: one whose
queue is full misses that whole GOP and takes up again at a later key frame; the loss is counted.
"""

from __future__ import annotations

import logging
import select
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gis.errors import WanglouError
from ingest.model import MAIN, SUB, Packet
from ingest.unixsocket import claim

log = logging.getLogger(__name__)

# camera, session, pts, dts, duration, capture (us since 1970), flags (1 key, 2 hevc, 4 mjpeg, 8 sub stream), width, height
_HEADER = struct.Struct(">iqqqqqBHH")
_CODEC_FLAGS = {"h264": 0, "hevc": 2, "mjpeg": 4}
_CODECS = {0: "h264", 2: "hevc", 4: "mjpeg", 6: "mjpeg"}
_LENGTH = struct.Struct(">I")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_FRAME_BYTES = 64 << 20
QUEUE_BYTES = 16 << 20  # a client with more than this waiting misses the next GOPs
QUEUE_HARD_BYTES = 48 << 20  # and beyond this the rest of a begun GOP as well
GOP_KEEP_BYTES = 32 << 20  # a longer open GOP is not replayed to a joiner
_RETRY_S = 0.5
_LOOK_S = 0.5
GATHER_S = 0.02
GATHER_BYTES = 64 << 10
"""A client that has read less than this waits so long before it reads again: with a hundred cameras a packet comes every
half a millisecond, and being woken for each costs more than all else that is done for it."""


class TapError(WanglouError):
    """Bytes on the tap that are no frame."""


def encode_packet(packet: Packet) -> bytes:
    """One packet as one frame. Raises :class:`TapError` when it is larger than :data:`MAX_FRAME_BYTES`."""
    header = _HEADER.pack(
        packet.camera_id,
        packet.session,
        packet.pts_90k,
        packet.dts_90k,
        packet.duration_90k,
        (packet.capture_at - _EPOCH) // timedelta(microseconds=1),
        (1 if packet.key else 0) | _CODEC_FLAGS[packet.codec] | (8 if packet.stream == SUB else 0),
        packet.width_px,
        packet.height_px,
    )
    length = len(header) + len(packet.data)
    if length > MAX_FRAME_BYTES:
        raise TapError(f"a packet of {length} bytes of camera {packet.camera_id} is over the limit")
    return _LENGTH.pack(length) + header + packet.data


def decode_body(body: bytes | memoryview) -> Packet:
    """The packet in one frame's body, the length prefix taken off."""
    if len(body) < _HEADER.size:
        raise TapError(f"a frame of {len(body)} bytes is shorter than its header")
    camera, session, pts, dts, duration, capture_us, flags, width, height = _HEADER.unpack_from(
        body
    )
    return Packet(
        camera_id=camera,
        session=session,
        data=bytes(body[_HEADER.size :]),
        pts_90k=pts,
        dts_90k=dts,
        duration_90k=duration,
        key=bool(flags & 1),
        capture_at=_EPOCH + timedelta(microseconds=capture_us),
        codec=_CODECS[flags & 6],
        width_px=width,
        height_px=height,
        stream=SUB if flags & 8 else MAIN,
    )


class FrameReader:
    """Cuts a byte stream into packets, however it arrives in pieces."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, piece: bytes) -> list[Packet]:
        """The packets completed by ``piece``. Raises :class:`TapError` on an impossible length."""
        self._buffer += piece
        done: list[Packet] = []
        position = 0
        while len(self._buffer) - position >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer, position)
            if not _HEADER.size <= length <= MAX_FRAME_BYTES:
                raise TapError(f"a frame says it is {length} bytes long")
            start = position + _LENGTH.size
            if len(self._buffer) - start < length:
                break
            done.append(decode_body(bytes(self._buffer[start : start + length])))
            position = start + length
        del self._buffer[:position]
        return done


@dataclass(slots=True)
class _Gop:
    """What a joiner of one camera must be given first."""

    frames: list[bytes] = field(default_factory=list)
    size: int = 0


class _Client:
    """One connection: a queue and the thread that empties it."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.ready = threading.Condition()
        self.queue: deque[bytes] = deque()
        self.waiting = 0
        self.following: set[int] = set()  # cameras whose current GOP this client gets
        self.dropped_gops = 0
        self.closed = False

    def offer(self, camera_id: int, key: bool, frame: bytes) -> None:
        with self.ready:
            if self.closed:
                return
            if key and self.waiting <= QUEUE_BYTES:
                self.following.add(camera_id)
            elif key:
                self._skip(camera_id)
            if camera_id not in self.following:
                return
            if self.waiting + len(frame) > QUEUE_HARD_BYTES:
                self._skip(camera_id)
                return
            self.queue.append(frame)
            self.waiting += len(frame)
            self.ready.notify()

    def _skip(self, camera_id: int) -> None:
        self.following.discard(camera_id)
        self.dropped_gops += 1

    def run(self) -> None:
        try:
            while True:
                with self.ready:
                    while not self.queue and not self.closed:
                        self.ready.wait()
                    if self.closed:
                        return
                    frame = self.queue.popleft()
                self.connection.sendall(frame)
                with self.ready:
                    self.waiting -= len(frame)
        except OSError:
            pass  # the client went away; it connects again when it wants more
        finally:
            self.close()

    def close(self) -> None:
        with self.ready:
            self.closed = True
            self.queue.clear()
            self.ready.notify()
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # already gone
        self.connection.close()


class TapServer:
    """Serves the tap at ``path``; :meth:`publish` is called from the cameras' threads and never waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._gops: dict[int, _Gop] = {}
        self._clients: list[_Client] = []
        self._dropped_by_gone = 0
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Binds and serves. Raises :class:`gis.errors.SetupError` when another process holds the socket."""
        claim(self._path)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self._path))
        self._path.chmod(0o600)
        listener.listen(8)
        self._listener = listener
        self._thread = threading.Thread(target=self._accept, name="tap", daemon=True)
        self._thread.start()

    def publish(self, packet: Packet) -> None:
        """Gives ``packet`` to every client that can take it."""
        frame = encode_packet(packet)
        with self._lock:
            gop = self._gops.get(packet.camera_id)
            if packet.key:
                gop = self._gops[packet.camera_id] = _Gop()
            if gop is not None:
                gop.frames.append(frame)
                gop.size += len(frame)
                if gop.size > GOP_KEEP_BYTES:
                    del self._gops[packet.camera_id]
            for client in self._clients:
                client.offer(packet.camera_id, packet.key, frame)

    def forget(self, camera_id: int) -> None:
        """The camera is no longer analysed, or its session ended: joiners get nothing old of it."""
        with self._lock:
            self._gops.pop(camera_id, None)

    @property
    def clients(self) -> int:
        """How many are connected."""
        with self._lock:
            return len(self._clients)

    @property
    def dropped_gops(self) -> int:
        """GOPs that slow clients have missed since the start."""
        with self._lock:
            return self._dropped_by_gone + sum(c.dropped_gops for c in self._clients)

    def stop(self) -> None:
        """Ends every connection and removes the socket."""
        if self._listener is None:
            return
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._path.unlink(missing_ok=True)
        with self._lock:
            clients = list(self._clients)
        for client in clients:
            client.close()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _accept(self) -> None:
        assert self._listener is not None
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # stop() closed the listener
            client = _Client(connection)
            with self._lock:
                for camera_id, gop in self._gops.items():
                    for index, frame in enumerate(gop.frames):
                        client.offer(camera_id, index == 0, frame)
                self._clients.append(client)
            threading.Thread(
                target=self._serve, args=(client,), name="tap-client", daemon=True
            ).start()

    def _serve(self, client: _Client) -> None:
        client.run()
        with self._lock:
            self._clients.remove(client)
            self._dropped_by_gone += client.dropped_gops


class TapClient:
    """Reads the tap at ``path`` until ``stop`` is set, connecting again whenever the server goes away."""

    def __init__(self, path: Path, stop: threading.Event) -> None:
        self._path = path
        self._stop = stop
        self.connected = False
        self.connections = 0

    def packets(self) -> Iterator[Packet]:
        """Every packet, in order within a camera; ends when ``stop`` is set.

        After a reconnection each camera starts at a key frame again, so some packets may come twice.
        """
        while not self._stop.is_set():
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.connect(str(self._path))
                self.connected = True
                self.connections += 1
                yield from self._read(connection)
            except (OSError, TapError) as error:
                if self.connected:
                    log.warning("tap-lost path=%s reason=%s", self._path, error)
            finally:
                self.connected = False
                connection.close()
            self._stop.wait(_RETRY_S)

    def _read(self, connection: socket.socket) -> Iterator[Packet]:
        reader = FrameReader()
        while not self._stop.is_set():
            readable, _, _ = select.select([connection], [], [], _LOOK_S)
            if not readable:
                continue
            piece = connection.recv(1 << 18)
            if not piece:
                return
            for packet in reader.feed(piece):
                yield packet
                if self._stop.is_set():
                    return
            if len(piece) < GATHER_BYTES:
                self._stop.wait(GATHER_S)
