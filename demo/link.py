"""A device's TCP connection that comes back by itself, with growing pauses; shared by vehicles and sensors."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
_log = logging.getLogger(__name__)


class Link(asyncio.Protocol):
    """One connection to the gateway. ``opened`` and ``received`` return what to send; ``lost`` is told its end.

    A connection on which nothing came for ``silence_s`` is taken for dead and dialled anew.
    """

    def __init__(
        self,
        name: str,
        host: str,
        port: int,
        opened: Callable[[], bytes],
        received: Callable[[bytes], bytes],
        rng: random.Random,
        lost: Callable[[], None] = lambda: None,
        silence_s: float = 90.0,
    ) -> None:
        self._name = name
        self._address = (host, port)
        self._opened = opened
        self._received = received
        self._rng = rng
        self._lost = lost
        self._silence_s = silence_s
        self._transport: asyncio.Transport | None = None
        self._gone = asyncio.Event()
        self._heard_s = 0.0
        self.times_opened = 0

    @property
    def is_open(self) -> bool:
        """Whether there is a connection now."""
        return self._transport is not None

    def send(self, data: bytes) -> bool:
        """Sends if there is a connection; False where there is none."""
        if self._transport is None or self._transport.is_closing():
            return False
        self._transport.write(data)
        return True

    def close(self) -> None:
        """Ends this connection; :meth:`keep` dials again."""
        if self._transport is not None:
            self._transport.close()

    async def keep(self) -> None:
        """Dials, waits for the end, dials again, until cancelled."""
        loop = asyncio.get_running_loop()
        pause_s = FIRST_PAUSE_S
        try:
            while True:
                self._gone.clear()
                try:
                    await loop.create_connection(lambda: self, *self._address)
                except OSError as error:
                    _log.info("no_connection device=%s %s", self._name, error)
                else:
                    began_s = loop.time()
                    await self._watch(loop)
                    if loop.time() - began_s > LONGEST_PAUSE_S:
                        pause_s = FIRST_PAUSE_S
                # Not all at once after the gateway was away.
                await asyncio.sleep(pause_s * self._rng.uniform(0.7, 1.3))
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        finally:
            self.close()

    async def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._gone.is_set():
            try:
                # Not wait_for: in Python 3.11 that loses a cancellation that comes together with the event.
                async with asyncio.timeout(self._silence_s / 3):
                    await self._gone.wait()
            except TimeoutError:
                if loop.time() - self._heard_s > self._silence_s:
                    _log.info("silent_connection device=%s", self._name)
                    self.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._heard_s = asyncio.get_running_loop().time()
        self.times_opened += 1
        self.send(self._opened())

    def data_received(self, data: bytes) -> None:
        self._heard_s = asyncio.get_running_loop().time()
        answer = self._received(data)
        if answer:
            self.send(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._lost()
        self._gone.set()
