"""Names to addresses without holding the engine up: the system's resolver only knows calls that wait."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable

Found = str | OSError
"""An IP address, or why there is none."""

_WORKERS = 4


class Resolver:
    """Answers on threads of its own, which are started when the first name is asked for."""

    def __init__(self) -> None:
        self._questions: queue.SimpleQueue[tuple[str, Callable[[Found], None]] | None] = (
            queue.SimpleQueue()
        )
        self._started = False

    def resolve(self, host: str, done: Callable[[Found], None]) -> None:
        """Calls ``done`` with what was found: at once for an address, else from another thread."""
        try:
            done(str(ipaddress.ip_address(host)))
            return
        except ValueError:
            pass  # a name
        if not self._started:
            self._started = True
            for number in range(_WORKERS):
                threading.Thread(target=self._work, name=f"resolver-{number}", daemon=True).start()
        self._questions.put((host, done))

    def stop(self) -> None:
        """Ends the threads; what is asked now is answered first."""
        if self._started:
            for _ in range(_WORKERS):
                self._questions.put(None)

    def _work(self) -> None:
        while (question := self._questions.get()) is not None:
            host, done = question
            try:
                found: Found = str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
            except OSError as error:
                found = error
            except UnicodeError as error:  # a label that is empty or too long
                found = OSError(str(error))
            done(found)
