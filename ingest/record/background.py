"""Work on demand that must not take the machine from live pictures: few at a time, on niced threads, never ahead of its
reader by more than a few pieces."""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable, Iterator

from gis.errors import Overloaded

log = logging.getLogger(__name__)

NICE = 10
_AHEAD = 3  # pieces made before they are read
_LOOK_S = 0.5
_UNREAD_S = 30.0  # nobody reads any more


class Background:
    """At most ``slots`` streams at once; ``what`` names them in the refusal."""

    def __init__(self, slots: int, what: str) -> None:
        self._slots = threading.BoundedSemaphore(slots)
        self._limit = slots
        self._what = what

    def stream(self, make: Callable[[], Iterator[bytes]]) -> Stream:
        """What ``make`` gives, made on a thread of its own. Raises :class:`Overloaded` when every slot is taken."""
        if not self._slots.acquire(blocking=False):
            raise Overloaded(
                f"{self._limit} {self._what} are being made already: wait until one has ended, and try again"
            )
        return Stream(make, self._slots.release)


class Stream:
    """An iterator over pieces made elsewhere. :meth:`close` it when it is not read to its end."""

    def __init__(self, make: Callable[[], Iterator[bytes]], ended: Callable[[], None]) -> None:
        self._pieces: queue.Queue[bytes | BaseException | None] = queue.Queue(_AHEAD)
        self._stop = threading.Event()
        self._ended = ended
        self._done = False
        self._thread = threading.Thread(
            target=self._run, args=(make,), name="on-demand", daemon=True
        )
        self._thread.start()

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> bytes:
        if self._done:
            raise StopIteration
        piece = self._next()
        if isinstance(piece, bytes):
            return piece
        self._done = True
        if piece is not None:
            raise piece
        raise StopIteration

    def _next(self) -> bytes | BaseException | None:
        while True:
            try:
                return self._pieces.get(timeout=_LOOK_S)
            except queue.Empty:
                if not self._thread.is_alive() and self._pieces.empty():
                    return None  # given up, or closed

    def close(self) -> None:
        """Ends the work at its next piece."""
        self._stop.set()

    def join(self, timeout_s: float) -> None:
        """Waits for the thread's end."""
        self._thread.join(timeout_s)

    def _run(self, make: Callable[[], Iterator[bytes]]) -> None:
        # On Linux a thread has a niceness of its own.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        last: Exception | None = None
        try:
            for piece in make():
                if not self._put(piece):
                    return
        except Exception as error:  # handed to the reader, whose request fails with it
            last = error
            log.exception("on-demand-failed")
        finally:
            self._ended()
            self._put(last)

    def _put(self, piece: bytes | BaseException | None) -> bool:
        """False when nobody wants it any more."""
        waited_s = 0.0
        while not self._stop.is_set() and waited_s < _UNREAD_S:
            try:
                self._pieces.put(piece, timeout=_LOOK_S)
                return True
            except queue.Full:
                waited_s += _LOOK_S
        return False
