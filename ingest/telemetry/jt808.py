"""JT/T 808 (2011, 2013, 2019): frames of vehicle terminals, both directions, no I/O.

A frame is ``7E``, the escaped header, body and XOR checksum, ``7E``. Escapes are ``7D 02`` for 7E and ``7D 01``
for 7D. What the bodies say is read in :mod:`ingest.telemetry.jt808_messages`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from ingest.telemetry.framing import Counters, Found, Framer, Malformed, Skip, bcd

TERMINAL_ANSWER = 0x0001
HEARTBEAT = 0x0002
LOGOUT = 0x0003
REGISTER = 0x0100
AUTHENTICATE = 0x0102
POSITION = 0x0200
POSITION_BATCH = 0x0704
PLATFORM_ANSWER = 0x8001
RESEND = 0x8003
REGISTER_ANSWER = 0x8100
TEXT = 0x8300

OK, FAILED, BAD_MESSAGE, UNSUPPORTED, ALARM_CONFIRMED = 0, 1, 2, 3, 4  # results of 0001 and 8001
REGISTERED, NO_SUCH_VEHICLE, NO_SUCH_TERMINAL = 0, 2, 4  # results of 8100

ALARM_SOS = 1
STATUS_ACC, STATUS_FIXED, STATUS_SOUTH, STATUS_WEST = 1, 2, 4, 8
STATUS_OUT_OF_SERVICE, STATUS_SHIFTED = 16, 32
STATUS_HALF, STATUS_FULL = 0x100, 0x300  # bits 8-9: empty, half, reserved, full
SIGNAL_CLEARANCE_LIGHTS, SIGNAL_HORN = 0x80, 0x100  # bits of item 25

BODY_LIMIT_BYTES = 1023
FRAME_LIMIT_BYTES = 2 * (BODY_LIMIT_BYTES + 21) + 2  # every byte escaped
PARTS_LIMIT = 1024
_FLAG = b"\x7e"


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``total`` is 0 unless it was split, then ``index`` runs 1..total and ``body`` is one part."""

    id: int
    phone: str  # 12 digits, 20 in the 2019 edition
    serial: int
    body: bytes
    edition_2019: bool = False
    encrypted: bool = False
    total: int = 0
    index: int = 0

    @property
    def key(self) -> str:
        """The phone number without the zeros that fill its field: what a device is known by."""
        return self.phone.lstrip("0") or "0"


def escape(data: bytes) -> bytes:
    """Puts the escapes in. 7D goes first, else it would escape the escapes."""
    return data.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")


def unescape(data: bytes) -> bytes:
    """Takes the escapes out in one pass. Raises :class:`Malformed` where 7D is followed by anything but 01 or 02."""
    if 0x7D not in data:
        return data
    head, *rest = data.split(b"\x7d")
    parts = [head]
    for piece in rest:
        if piece[:1] == b"\x02":
            parts.append(b"\x7e")
        elif piece[:1] == b"\x01":
            parts.append(b"\x7d")
        else:
            raise Malformed(f"7D is followed by {piece[:1].hex() or 'nothing'}")
        parts.append(piece[1:])
    return b"".join(parts)


def checksum(data: bytes) -> int:
    """XOR of all bytes."""
    # Folding halves keeps this in integer arithmetic of C speed.
    value = int.from_bytes(data, "big")
    width = len(data)
    while width > 1:
        half = (width + 1) // 2
        value = (value >> (8 * half)) ^ (value & ((1 << (8 * half)) - 1))
        width = half
    return value


def decode(inner: bytes) -> Message:
    """Reads what stands between the two flags. Raises :class:`Malformed`."""
    data = unescape(inner)
    if len(data) < 13:
        raise Malformed(f"{len(data)} bytes are shorter than a header")
    if checksum(data):
        raise Malformed(f"wrong checksum {data[-1]:02x}, computed {checksum(data[:-1]):02x}")
    message_id, prop = struct.unpack_from(">HH", data)
    edition_2019 = bool(prop & 0x4000)
    phone, at = (data[5:15], 15) if edition_2019 else (data[4:10], 10)
    total = index = 0
    body_at = at + 2 + (4 if prop & 0x2000 else 0)
    if len(data) - 1 - body_at != prop & 0x3FF:
        raise Malformed(
            f"message {message_id:04x} says {prop & 0x3FF} bytes and has {len(data) - 1 - body_at}"
        )
    (serial,) = struct.unpack_from(">H", data, at)
    if prop & 0x2000:
        total, index = struct.unpack_from(">HH", data, at + 2)
        if not 1 <= index <= total:
            raise Malformed(f"part {index} of {total} of message {message_id:04x}")
    return Message(
        message_id,
        phone.hex(),
        serial,
        data[body_at:-1],
        edition_2019,
        bool(prop & 0x1C00),
        total,
        index,
    )


def encode(message: Message) -> bytes:
    """The whole frame with its flags. Raises :class:`Malformed` where a field does not fit."""
    if len(message.body) > BODY_LIMIT_BYTES:
        raise Malformed(
            f"a body of {len(message.body)} bytes must be split, the limit is {BODY_LIMIT_BYTES}"
        )
    prop = len(message.body) | (0x2000 if message.total else 0)
    if message.edition_2019:
        head = struct.pack(">HHB", message.id, prop | 0x4000, 1) + bcd(message.phone, 10)
    else:
        head = struct.pack(">HH", message.id, prop) + bcd(message.phone, 6)
    head += struct.pack(">H", message.serial)
    if message.total:
        head += struct.pack(">HH", message.total, message.index)
    data = head + message.body
    return _FLAG + escape(data + bytes((checksum(data),))) + _FLAG


def split(message: Message, part_bytes: int = 1000) -> list[Message]:
    """The message as parts of at most ``part_bytes`` with serials that follow each other; itself if it fits."""
    if len(message.body) <= part_bytes:
        return [message]
    pieces = [message.body[i : i + part_bytes] for i in range(0, len(message.body), part_bytes)]
    return [
        Message(
            message.id,
            message.phone,
            (message.serial + i) & 0xFFFF,
            piece,
            message.edition_2019,
            False,
            len(pieces),
            i + 1,
        )
        for i, piece in enumerate(pieces)
    ]


def scan(buffer: bytes, at: int) -> Found[Message] | Skip | None:
    """Finds the next frame. The closing flag is left in place: some terminals let it open the next frame too."""
    begin = buffer.find(_FLAG, at)
    if begin < 0:
        return Skip(len(buffer), "no flag 7E")
    end = buffer.find(_FLAG, begin + 1)
    if end < 0:
        return None if begin == at else Skip(begin, "bytes before the flag 7E")
    if end == begin + 1:
        return Skip(end, None) if begin == at else Skip(begin, "bytes before the flag 7E")
    try:
        return Found(begin, end, decode(buffer[begin + 1 : end]))
    except Malformed as error:
        return Skip(end, str(error))


def framer(counters: Counters | None = None) -> Framer[Message]:
    """A framer for one connection, of either side."""
    return Framer(scan, FRAME_LIMIT_BYTES, counters or Counters())


@dataclass(frozen=True, slots=True)
class Resend:
    """8003: the first part's serial, and the indexes (1..n) of the parts that are missing."""

    serial: int
    parts: tuple[int, ...]


class Assembler:
    """Joins split messages of one connection.

    Parts of one message share ``(id, serial - index)``. Time comes in with every call, in seconds of any
    monotonic clock. At most ``limit`` messages are open at once; the oldest gives way.
    """

    def __init__(self, ask_after_s: float = 5.0, ask_times: int = 3, limit: int = 8) -> None:
        self._ask_after_s = ask_after_s
        self._ask_times = ask_times
        self._limit = limit
        self._open: dict[tuple[int, int], _Open] = {}

    def add(self, part: Message, now_s: float) -> Message | None:
        """Takes one part; the whole message once all parts are there, with the first part's serial.

        Raises :class:`Malformed` where the message would be longer than :data:`PARTS_LIMIT` parts.
        """
        if part.total > PARTS_LIMIT:
            raise Malformed(
                f"message {part.id:04x} in {part.total} parts, at most {PARTS_LIMIT} are joined"
            )
        first = (part.serial - part.index + 1) & 0xFFFF
        key = (part.id, first)
        entry = self._open.get(key)
        if entry is None or entry.total != part.total:
            if len(self._open) >= self._limit:
                del self._open[next(iter(self._open))]
            entry = self._open[key] = _Open(part.total, now_s)
        entry.parts[part.index] = part.body
        entry.touched_s = now_s
        if len(entry.parts) < entry.total:
            return None
        del self._open[key]
        body = b"".join(entry.parts[i] for i in range(1, entry.total + 1))
        return Message(part.id, part.phone, first, body, part.edition_2019, part.encrypted)

    def overdue(self, now_s: float) -> tuple[list[Resend], list[str]]:
        """What to ask for again now, and a sentence for each message given up."""
        ask: list[Resend] = []
        lost: list[str] = []
        for key, entry in list(self._open.items()):
            if now_s - entry.touched_s < self._ask_after_s:
                continue
            missing = tuple(i for i in range(1, entry.total + 1) if i not in entry.parts)
            if entry.asked >= self._ask_times:
                del self._open[key]
                lost.append(
                    f"message {key[0]:04x}: {len(missing)} of {entry.total} parts never came"
                )
                continue
            entry.asked += 1
            entry.touched_s = now_s
            ask.append(Resend(key[1], missing))
        return ask, lost


@dataclass(slots=True)
class _Open:
    total: int
    touched_s: float
    parts: dict[int, bytes] = field(default_factory=dict)
    asked: int = 0
