"""A real gateway on free ports of the loopback, over a real PostGIS, and a plain client."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

from gis.clock import SystemClock
from ingest.telemetry.main import Gateway
from ingest.telemetry.model import ProtocolName
from ingest.telemetry.settings import GatewaySettings

DEADLINE_S = 15.0


def until(condition: Callable[[], object], what: str) -> None:
    """Polls until the condition holds; fails the test after the deadline."""
    end_s = time.monotonic() + DEADLINE_S
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < end_s, f"timed out: {what}"
        pause.wait(0.02)


class Client:
    """A blocking TCP client with a deadline."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def receive(self) -> bytes:
        """What came, empty at the end of the connection."""
        return self.socket.recv(65536)

    def close(self) -> None:
        self.socket.close()


class Running:
    """A gateway in a thread of this process."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self.gateway = Gateway(settings, SystemClock())
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self.gateway.run(self._stop, self._ready.set)
        finally:
            self._ready.set()

    def start(self) -> Running:
        self._thread.start()
        assert self._ready.wait(DEADLINE_S)
        assert self._thread.is_alive(), "the gateway ended at once; its traceback is above"
        return self

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()

    def connect(self, protocol: ProtocolName) -> Client:
        return Client(self.gateway.servers.numbers[protocol])

    def fact(self, name: str) -> float | int | str:
        return self.gateway.facts()[name]
