"""Every camera's connection in one thread.

The thread waits for sockets by epoll and reads whatever has come in one large piece. Connections that somebody
waits for (a viewer, the tap, a camera that is being connected) are looked at as soon as they have something, at most
every :data:`URGENT_PAUSE_S`; all others together every :data:`CALM_S`, so that a camera costs a few wake-ups a
second and not one per packet. What TCP has received meanwhile waits in the kernel, and in the camera.
"""

from __future__ import annotations

import errno
import logging
import os
import select
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from gis.clock import Clock
from ingest.rtsp.resolver import Found, Resolver

log = logging.getLogger(__name__)

CALM_S = 0.2
URGENT_PAUSE_S = 0.008
TICK_S = 0.1
_READ_BYTES = 256 << 10
_READS = 16  # of one connection at a time, so that one camera's flood does not starve the others
_UNSENT_BYTES = 1 << 20  # a camera that takes nothing any more


class Handler(Protocol):
    """What one connection is for. Called in the engine's thread only."""

    def connected(self, now_s: float) -> None:
        """The connection stands (over TLS: the handshake is done)."""
        ...

    def received(self, data: bytes, wall: datetime, now_s: float) -> None:
        """Bytes came."""
        ...

    def disconnected(self, error: OSError | None) -> None:
        """The connection is gone, or never came about; None: the other side closed it."""
        ...

    def failed(self, error: Exception) -> None:
        """One of these calls raised what nobody foresaw; the connection is closed."""
        ...


class Ticking(Protocol):
    """Wants to be called about every :data:`TICK_S`, in the engine's thread."""

    def tick(self, now_s: float) -> None: ...


def tls_context() -> ssl.SSLContext:
    """Cameras carry certificates of their own making; the address was given by an administrator."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Link:
    """One connection. Used in the engine's thread only."""

    def __init__(
        self, engine: Engine, handler: Handler, ip: str, port: int, tls_name: str | None
    ) -> None:
        self._engine = engine
        self._handler: Handler | None = handler
        self._tls_name = tls_name
        self._unsent = b""
        self._connecting = True
        self._shaking = False
        self.urgent = True
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._fd = self._socket.fileno()
        code = self._socket.connect_ex((ip, port))
        self._waits_to_send = True
        engine.watch(self, self._fd, select.EPOLLIN | select.EPOLLOUT, True)
        if code not in (0, errno.EINPROGRESS):
            self.close()
            engine.call(lambda: handler.disconnected(OSError(code, os.strerror(code))))

    def send(self, data: bytes) -> None:
        """Sends, or keeps what the socket does not take now."""
        if not data or self._handler is None:
            return
        self._unsent += data
        try:
            self._flush()
        except OSError as error:
            broken = error
            self._engine.call(lambda: self._lost(broken))

    @property
    def shaking_hands(self) -> bool:
        """Whether the other side answered, and TLS is being agreed on."""
        return self._shaking

    def set_urgent(self, urgent: bool) -> None:
        """Whether somebody waits for what comes."""
        if urgent != self.urgent and self._handler is not None and not self._connecting:
            self._engine.unwatch(self._fd, self.urgent)
            self.urgent = urgent
            self._engine.watch(self, self._fd, self._events(), urgent)

    def close(self) -> None:
        """Ends the connection; the handler hears nothing more."""
        if self._handler is None:
            return
        self._handler = None
        self._engine.unwatch(self._fd, self.urgent)
        self._socket.close()

    def _events(self) -> int:
        self._waits_to_send = bool(self._connecting or self._unsent)
        return select.EPOLLIN | (select.EPOLLOUT if self._waits_to_send else 0)

    def _lost(self, error: OSError | None) -> None:
        handler = self._handler
        self.close()
        if handler is not None:
            handler.disconnected(error)

    def ready(self, events: int, wall: datetime, now_s: float) -> None:
        """Something happened on the socket."""
        handler = self._handler
        if handler is None:
            return
        try:
            if self._connecting and not self._go_on_connecting(handler, now_s):
                return
            if events & select.EPOLLOUT and self._handler is not None:
                self._flush()
            if events & ~select.EPOLLOUT:
                self._read(handler, wall, now_s)
        except OSError as error:
            self._lost(error)
        except Exception as error:  # one camera's odd stream must not end the others'
            log.exception("camera-unreadable")
            self.close()
            handler.failed(error)

    def _go_on_connecting(self, handler: Handler, now_s: float) -> bool:
        if not self._shaking:
            code = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                self._lost(OSError(code, os.strerror(code)))
                return False
            if self._tls_name is not None:
                self._socket = self._engine.tls.wrap_socket(
                    self._socket, server_hostname=self._tls_name, do_handshake_on_connect=False
                )
                self._shaking = True
        if self._shaking:
            assert isinstance(self._socket, ssl.SSLSocket)
            try:
                self._socket.do_handshake()
            except ssl.SSLWantReadError:
                self._engine.rewatch(self._fd, select.EPOLLIN, self.urgent)
                return False
            except ssl.SSLWantWriteError:
                self._engine.rewatch(self._fd, select.EPOLLOUT, self.urgent)
                return False
        self._connecting = self._shaking = False
        self._engine.rewatch(self._fd, self._events(), self.urgent)
        handler.connected(now_s)
        return self._handler is not None

    def _flush(self) -> None:
        if self._connecting:
            return
        if self._unsent:
            try:
                sent = self._socket.send(self._unsent)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                sent = 0
            self._unsent = self._unsent[sent:]
            if len(self._unsent) > _UNSENT_BYTES:
                raise OSError(f"{len(self._unsent)} bytes wait for the camera to take them")
        if self._waits_to_send != bool(self._unsent):
            self._engine.rewatch(self._fd, self._events(), self.urgent)

    def _read(self, handler: Handler, wall: datetime, now_s: float) -> None:
        buffer, view = self._engine.buffer, self._engine.view
        secure = self._tls_name is not None
        for _ in range(_READS if not secure else 64 * _READS):
            try:
                count = self._socket.recv_into(buffer)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            if count == 0:
                self._lost(None)
                return
            handler.received(bytes(view[:count]), wall, now_s)
            if self._handler is None or (count < _READ_BYTES and not secure):
                return


class Engine:
    """The thread and what it watches. :meth:`call` may be used from any thread, the rest from its own."""

    def __init__(self, clock: Clock, name: str = "rtsp") -> None:
        self._clock = clock
        self._urgent = select.epoll()
        self._calm = select.epoll()
        self._links: dict[int, Link] = {}
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._urgent.register(self._wake, select.EPOLLIN)
        self._calls: deque[Callable[[], None]] = deque()
        self._ticking: dict[int, Ticking] = {}
        self._resolver = Resolver()
        self._stopping = False
        self._closed = False
        self._guard = threading.Lock()
        self.buffer = bytearray(_READ_BYTES)
        self.view = memoryview(self.buffer)
        self.tls = tls_context()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Does what was called for before, closes every connection and ends the thread."""
        self._stopping = True
        self._ring()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def call(self, what: Callable[[], None]) -> None:
        """Has ``what`` called soon, in the engine's thread; after :meth:`stop` it is not called."""
        self._calls.append(what)
        self._ring()

    def resolve(self, host: str, done: Callable[[Found], None]) -> None:
        """Looks ``host`` up and calls ``done`` in the engine's thread."""
        self._resolver.resolve(host, lambda found: self.call(lambda: done(found)))

    def connect(self, handler: Handler, ip: str, port: int, tls_name: str | None) -> Link:
        """Begins a connection; ``tls_name`` is the server's name, None without TLS."""
        return Link(self, handler, ip, port, tls_name)

    def add(self, one: Ticking) -> None:
        """Calls ``one`` regularly from now on."""
        self._ticking[id(one)] = one

    def remove(self, one: Ticking) -> None:
        """Ends what :meth:`add` began."""
        self._ticking.pop(id(one), None)

    def now_s(self) -> float:
        """The engine's clock, monotonic."""
        return self._clock.monotonic_s()

    @property
    def links(self) -> int:
        """How many connections there are."""
        return len(self._links)

    # --- for links -----------------------------------------------------------------------------------------------

    def watch(self, link: Link, fd: int, events: int, urgent: bool) -> None:
        self._links[fd] = link
        (self._urgent if urgent else self._calm).register(fd, events)

    def rewatch(self, fd: int, events: int, urgent: bool) -> None:
        (self._urgent if urgent else self._calm).modify(fd, events)

    def unwatch(self, fd: int, urgent: bool) -> None:
        self._links.pop(fd, None)
        (self._urgent if urgent else self._calm).unregister(fd)

    # --- the thread ----------------------------------------------------------------------------------------------

    def _ring(self) -> None:
        with self._guard:
            if not self._closed:
                os.eventfd_write(self._wake, 1)

    def _run(self) -> None:
        calm_at_s = tick_at_s = self._clock.monotonic_s()
        while not self._stopping:
            now_s = self._clock.monotonic_s()
            wait_s = max(0.0, min(calm_at_s, tick_at_s) - now_s)
            urgent = self._urgent.poll(wait_s)
            now_s = self._clock.monotonic_s()
            self._handle(urgent, now_s)
            if now_s >= calm_at_s:
                calm_at_s = now_s + CALM_S
                self._handle(self._calm.poll(0), now_s)
            self._do_calls()
            if now_s >= tick_at_s:
                tick_at_s = now_s + TICK_S
                self._tick(now_s)
            if urgent and not self._stopping:
                # The rest of the same picture is on its way: better read with it than one packet at a time.
                time.sleep(URGENT_PAUSE_S)
        self._do_calls()
        self._end()

    def _handle(self, ready: list[tuple[int, int]], now_s: float) -> None:
        wall = self._clock.now()
        for fd, events in ready:
            if fd == self._wake:
                os.eventfd_read(self._wake)
                continue
            link = self._links.get(fd)
            if link is not None:
                link.ready(events, wall, now_s)

    def _do_calls(self) -> None:
        for _ in range(len(self._calls)):
            try:
                self._calls.popleft()()
            except Exception:  # one camera's fault must not end the others' thread
                log.exception("engine-call-failed")

    def _tick(self, now_s: float) -> None:
        for one in list(self._ticking.values()):
            try:
                one.tick(now_s)
            except Exception:  # as above
                log.exception("engine-tick-failed")

    def _end(self) -> None:
        for link in list(self._links.values()):
            link.close()
        self._resolver.stop()
        with self._guard:
            self._closed = True
            os.close(self._wake)
        self._urgent.close()
        self._calm.close()
