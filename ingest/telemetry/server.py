"""The TCP side: one asyncio server per protocol, its connections, their limits."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from gis.clock import Clock
from gis.errors import SetupError
from ingest.telemetry.framing import Counters
from ingest.telemetry.model import (
    Heard,
    Item,
    Online,
    ProtocolName,
    Session,
    Turn,
)
from ingest.telemetry.session_jt808 import Jt808Session

SWEEP_EVERY_S = 1.0
WRITE_LIMIT_BYTES = 256 * 1024  # a device that does not read its answers is hung up on
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Port:
    """One protocol's server: ``variable`` is the environment variable that moves it."""

    protocol: ProtocolName
    title: str
    variable: str
    number: int
    idle_s: float
    session: Callable[[Counters], Session]


class Connection(asyncio.Protocol):
    """One device's connection: feeds its session and sends what that says."""

    def __init__(self, servers: Servers, port: Port) -> None:
        self._servers = servers
        self.port = port
        self.session = port.session(servers.counters[port.protocol])
        self.transport: asyncio.Transport | None = None
        self.heard_s = servers.clock.monotonic_s()
        self.device_id: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if not self._servers.welcome(self):
            transport.abort()
            return
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def data_received(self, data: bytes) -> None:
        clock = self._servers.clock
        self.heard_s = clock.monotonic_s()
        self.play(self.session.feed(data, clock.now(), self.heard_s))

    def connection_lost(self, exc: Exception | None) -> None:
        self.play(self.session.end())
        self._servers.farewell(self)

    def play(self, turn: Turn) -> None:
        """Sends the answers and hands on what was decoded."""
        transport = self.transport
        if turn.items:
            self._servers.decoded(self, turn.items)
        if transport is None or transport.is_closing():
            return
        if turn.send:
            transport.write(b"".join(turn.send))
            if transport.get_write_buffer_size() > WRITE_LIMIT_BYTES:
                self._servers.counts["deaf"] += 1
                transport.abort()
                return
        if turn.close:
            transport.close()

    def hang_up(self) -> None:
        if self.transport is not None:
            self.transport.abort()


class Servers:
    """All ports together. ``decode(items)`` takes what the connections decode, in the event loop.

    ``pause()`` says whether the gateway cannot take more now; then nothing is read until it can.
    """

    def __init__(
        self,
        host: str,
        ports: list[Port],
        max_connections: int,
        clock: Clock,
        decode: Callable[[list[Item]], None],
        pause: Callable[[], bool],
    ) -> None:
        self._host = host
        self._ports = ports
        self._max_connections = max_connections
        self.clock = clock
        self._decode = decode
        self._pause = pause
        self._paused = False
        self._servers: list[asyncio.Server] = []
        self._connections: dict[ProtocolName, set[Connection]] = {p.protocol: set() for p in ports}
        self._online: dict[int, Connection] = {}
        self.counters: dict[ProtocolName, Counters] = {p.protocol: Counters() for p in ports}
        self.counts: Counter[str] = Counter()
        self.numbers: dict[ProtocolName, int] = {}

    async def start(self) -> None:
        """Opens every port. Raises :class:`SetupError` that names the port and what to do."""
        loop = asyncio.get_running_loop()
        for port in self._ports:
            try:
                server = await loop.create_server(
                    lambda port=port: Connection(self, port),  # type: ignore[misc]
                    self._host,
                    port.number,
                    backlog=1024,
                )
            except OSError as error:
                await self.stop()
                raise SetupError(self._why(port, error)) from error
            self._servers.append(server)
            self.numbers[port.protocol] = server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Closes the ports and every connection."""
        for server in self._servers:
            server.close()
        for connection in [c for group in self._connections.values() for c in group]:
            connection.hang_up()
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()

    def connections(self, protocol: ProtocolName) -> int:
        """How many devices are connected."""
        return len(self._connections[protocol])

    @property
    def online(self) -> int:
        """How many terminals have authenticated."""
        return len(self._online)

    def terminal(self, device_id: int) -> Connection | None:
        """The connection of that vehicle."""
        return self._online.get(device_id)

    def welcome(self, connection: Connection) -> bool:
        """Takes a new connection in, or not."""
        group = self._connections[connection.port.protocol]
        if len(group) >= self._max_connections:
            self.counts["refused"] += 1
            _log.warning(
                "too_many_connections protocol=%s limit=%d",
                connection.port.protocol,
                self._max_connections,
            )
            return False
        group.add(connection)
        self.counts["accepted"] += 1
        if self._paused and connection.transport is not None:
            connection.transport.pause_reading()
        return True

    def farewell(self, connection: Connection) -> None:
        """Forgets a connection that is gone."""
        self._connections[connection.port.protocol].discard(connection)
        device = connection.device_id
        if device is not None and self._online.get(device) is connection:
            del self._online[device]

    def decoded(self, connection: Connection, items: list[Item]) -> None:
        """Notes who is there and hands the items on."""
        for item in items:
            if isinstance(item, Online):
                self._came(connection, item.device.id)
            elif isinstance(item, Heard):
                connection.device_id = item.device.id
        self._decode(items)

    def send_text(self, downlink_id: int, device_id: int, body: str) -> bool:
        """Sends a text to a vehicle; False where it is not connected."""
        connection = self._online.get(device_id)
        if connection is None or not isinstance(connection.session, Jt808Session):
            return False
        frames = connection.session.send_text(downlink_id, body, self.clock.monotonic_s())
        connection.play(Turn(send=frames))
        return True

    def sweep(self) -> None:
        """Once a second: timeouts, what sessions ask for again, and whether to read at all."""
        now, now_s = self.clock.now(), self.clock.monotonic_s()
        for group in self._connections.values():
            for connection in list(group):
                if now_s - connection.heard_s > connection.port.idle_s:
                    self.counts["idle"] += 1
                    connection.hang_up()
                else:
                    connection.play(connection.session.tick(now, now_s))
        paused = self._pause()
        if paused != self._paused:
            self._paused = paused
            _log.warning("reading %s", "paused" if paused else "goes on")
            for group in self._connections.values():
                for connection in group:
                    if connection.transport is None:
                        continue
                    if paused:
                        connection.transport.pause_reading()
                    else:
                        connection.heard_s = now_s
                        connection.transport.resume_reading()

    def _came(self, connection: Connection, device_id: int) -> None:
        before = self._online.get(device_id)
        if before is not None and before is not connection:
            # The terminal has dialled anew; its old connection is dead and only does not know it yet.
            self.counts["replaced"] += 1
            before.hang_up()
        self._online[device_id] = connection

    def _why(self, port: Port, error: OSError) -> str:
        what = f"port {port.number} of {self._host} for {port.title}"
        if error.errno == errno.EADDRINUSE:
            return (
                f"{what} is already taken by another program: stop that program, "
                f"or set {port.variable} to a free port"
            )
        if error.errno == errno.EACCES:
            return (
                f"{what} may not be opened by this user: set {port.variable} to a port above 1023"
            )
        return f"{what} cannot be opened: {error.strerror or error}; check WANGLOU_HOST and {port.variable}"
