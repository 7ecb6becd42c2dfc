"""What every TCP device protocol shares: finding frames in a stream that may hold anything.

A codec says where the next frame stands (:data:`Scan`); the framer keeps the buffer, the size limit, the counters,
and hands over what could not be read together with the reason, so that nothing vanishes unseen.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

F = TypeVar("F")
KEEP_RAW_BYTES = 2048  # of one unreadable stretch at most this much is kept


class Malformed(ValueError):
    """Bytes that do not fit the protocol; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Junk:
    """Bytes that are no frame: ``raw`` is the beginning of them, ``size_bytes`` their whole length."""

    raw: bytes
    size_bytes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Found(Generic[F]):
    """A frame that begins at ``start``; the stream goes on at ``resume`` (both are offsets into the buffer)."""

    start: int
    resume: int
    frame: F


@dataclass(frozen=True, slots=True)
class Skip:
    """No frame begins before ``resume``. ``reason`` is None where the bytes are only a doubled delimiter."""

    resume: int
    reason: str | None


@dataclass(slots=True)
class Counters:
    """Frames of one connection or one protocol, since its start."""

    good: int = 0
    bad: int = 0
    resent: int = 0
    bytes: int = 0


class Framer(Generic[F]):
    """Cuts a byte stream into frames and junk, in order.

    ``scan(buffer, at)`` says what stands first in the buffer from offset ``at`` on; None asks for more bytes.
    ``limit_bytes`` bounds the buffer: where ``scan`` still asks for more above it, the older half is given up.
    """

    def __init__(
        self,
        scan: Callable[[bytes, int], Found[F] | Skip | None],
        limit_bytes: int,
        counters: Counters,
    ) -> None:
        self._scan = scan
        self._limit_bytes = limit_bytes
        self._buffer = b""
        self.counters = counters

    @property
    def pending_bytes(self) -> int:
        """How much of an unfinished frame is waiting."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[F | Junk]:
        """Takes what the socket gave and returns the frames that are complete now, with the junk between them."""
        self.counters.bytes += len(data)
        buffer = self._buffer + data if self._buffer else data
        out: list[F | Junk] = []
        at = 0
        while at < len(buffer):
            step = self._scan(buffer, at)
            if step is None:
                if len(buffer) - at <= self._limit_bytes:
                    break
                step = Skip(len(buffer) - self._limit_bytes // 2, "longer than any frame")
            if isinstance(step, Found):
                if step.start > at:
                    self._junk(out, buffer[at : step.start], "bytes before a frame")
                self.counters.good += 1
                out.append(step.frame)
            elif step.reason is not None:
                self._junk(out, buffer[at : step.resume], step.reason)
            at = step.resume
        self._buffer = buffer[at:]
        return out

    def flush(self) -> list[F | Junk]:
        """The connection ended: what is left is junk unless it is a bare delimiter."""
        rest, self._buffer = self._buffer, b""
        out: list[F | Junk] = []
        if len(rest) > 1:
            self._junk(out, rest, "the connection ended inside a frame")
        return out

    def _junk(self, out: list[F | Junk], raw: bytes, reason: str) -> None:
        self.counters.bad += 1
        out.append(Junk(raw[:KEEP_RAW_BYTES], len(raw), reason))


class Resent:
    """Remembers the last ``size`` frames of a connection, so that one sent again is answered but not stored."""

    def __init__(self, size: int = 64) -> None:
        self._size = size
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def again(self, frame: bytes) -> bool:
        """Whether exactly this frame came shortly before; remembers it."""
        if frame in self._seen:
            self._seen.move_to_end(frame)
            return True
        self._seen[frame] = None
        if len(self._seen) > self._size:
            self._seen.popitem(last=False)
        return False


def bcd(digits: str, size_bytes: int) -> bytes:
    """Decimal digits as BCD, left padded with zeros. Raises :class:`Malformed` when they do not fit."""
    if not digits.isdecimal() or len(digits) > 2 * size_bytes:
        raise Malformed(f"{digits!r} does not fit in BCD[{size_bytes}]")
    return bytes.fromhex(digits.rjust(2 * size_bytes, "0"))


def crc16_modbus(data: bytes) -> int:
    """CRC-16/MODBUS: reflected polynomial 0xA001, start 0xFFFF, no final xor."""
    crc = 0xFFFF
    for byte in data:
        crc = (crc >> 8) ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc


def _crc_entry(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value


_CRC_TABLE = tuple(_crc_entry(value) for value in range(256))


def scan_marked(
    buffer: bytes,
    at: int,
    mark: bytes,
    read: Callable[[bytes, int], tuple[F, int] | None],
) -> Found[F] | Skip | None:
    """The scan of protocols whose frames begin with ``mark`` and carry their length.

    ``read(buffer, at)`` gives the frame and its end, None where bytes are missing, or raises :class:`Malformed`.
    A false start that seems to ask for many bytes does not hide a whole frame behind it: later marks are tried too.
    """
    unfinished = -1
    reason = "no frame begins here"
    begin = buffer.find(mark, at)
    while begin >= 0:
        try:
            result = read(buffer, begin)
        except Malformed as error:
            if reason == "no frame begins here":
                reason = str(error)
        else:
            if result is not None:
                return Found(begin, result[1], result[0])
            if unfinished < 0:
                unfinished = begin
        begin = buffer.find(mark, begin + 1)
    if unfinished >= 0:
        return None if unfinished == at else Skip(unfinished, reason)
    # The last byte may be the first half of a mark.
    end = len(buffer) - (1 if buffer.endswith(mark[:1]) else 0)
    return Skip(end, reason) if end > at else None
