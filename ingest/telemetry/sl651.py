"""SL 651-2014: what hydrology stations (rain, water level) say over TCP, both directions, no I/O.

A frame (HEX/BCD form) is ``7E7E``, addresses, password, function, direction and length, STX or SYN, the body, an
end character and CRC-16/MODBUS, high byte first. Upward frames name the centre first, downward frames the
station. Times are BCD at GMT+8.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from ingest.telemetry.framing import (
    Counters,
    Found,
    Framer,
    Malformed,
    Skip,
    bcd,
    crc16_modbus,
    scan_marked,
)

LINK, TEST, INTERVAL, TIMED, EXTRA, HOURLY, MANUAL, PICTURE = range(0x2F, 0x37)
REPORTS = frozenset((TEST, INTERVAL, TIMED, EXTRA, HOURLY))
# Functions whose body names the station's category after its address.
_WITH_CATEGORY = frozenset((*range(0x30, 0x39), 0x3A))
STX, SYN = 0x02, 0x16
ETX, ETB, EOT, ENQ, ACK, NAK, ESC = 0x03, 0x17, 0x04, 0x05, 0x06, 0x15, 0x1B
_ENDS = (ETX, ETB, EOT, ENQ, ACK, NAK, ESC)  # stations use some of the centre's too

BODY_LIMIT_BYTES = 0xFFF
FRAME_LIMIT_BYTES = BODY_LIMIT_BYTES + 20
_MARK = b"\x7e\x7e"
_CST = timezone(timedelta(hours=8))
_STEP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. ``total`` is 0 unless it is one of several (SYN), then ``index`` runs 1..total."""

    function: int
    station: str  # 10 digits
    body: bytes
    up: bool = True
    centre: int = 1
    password: str = "0000"  # 4 hex digits
    end: int = ETX
    total: int = 0
    index: int = 0

    @property
    def serial(self) -> int:
        """The body's serial number, which an answer repeats; 0 where the body has none."""
        return int.from_bytes(self.body[:2], "big") if len(self.body) >= 2 else 0


def encode(frame: Frame) -> bytes:
    """The whole frame. Raises :class:`Malformed` where a field does not fit."""
    # Total and sequence are 12 bits each, in three bytes that count as part of the length.
    numbers = (frame.total << 12 | frame.index).to_bytes(3, "big") if frame.total else b""
    size = len(numbers) + len(frame.body)
    if size > BODY_LIMIT_BYTES:
        raise Malformed(f"a body of {size} bytes, the limit is {BODY_LIMIT_BYTES}")
    station, centre = bcd(frame.station, 5), bytes((frame.centre,))
    data = b"".join(
        (
            _MARK,
            centre + station if frame.up else station + centre,
            bytes.fromhex(frame.password),
            bytes((frame.function,)),
            struct.pack(">H", size | (0 if frame.up else 0x8000)),
            bytes((SYN if frame.total else STX,)),
            numbers,
            frame.body,
            bytes((frame.end,)),
        )
    )
    return data + struct.pack(">H", crc16_modbus(data))


def _read(buffer: bytes, at: int) -> tuple[Frame, int] | None:
    head = buffer[at : at + 14]
    if len(head) < 14:
        # What is there already may rule a frame out.
        if len(head) > 11 and head[11] >> 4 not in (0, 8):
            raise Malformed(f"direction {head[11] >> 4:x} is neither up nor down")
        return None
    (length,) = struct.unpack_from(">H", head, 11)
    direction, size = length >> 12, length & 0xFFF
    if direction not in (0, 8):
        raise Malformed(f"direction {direction:x} is neither up nor down")
    start = head[13]
    if start not in (STX, SYN):
        raise Malformed(f"{start:02x} where STX or SYN is expected")
    # Some stations leave the three bytes of total and sequence out of the length.
    unfinished = False
    for body_end in (at + 14 + size,) if start == STX else (at + 14 + size, at + 17 + size):
        if len(buffer) < body_end + 3:
            unfinished = True
        elif buffer[body_end] in _ENDS:
            (crc,) = struct.unpack_from(">H", buffer, body_end + 1)
            if crc == crc16_modbus(buffer[at : body_end + 1]):
                return _frame(buffer, at, body_end, start, direction == 0), body_end + 3
    if unfinished:
        return None
    raise Malformed("wrong CRC or no end character")


def _frame(buffer: bytes, at: int, body_end: int, start: int, up: bool) -> Frame:
    station, centre = (
        (buffer[at + 3 : at + 8], buffer[at + 2])
        if up
        else (buffer[at + 2 : at + 7], buffer[at + 7])
    )
    total = index = 0
    body_at = at + 14
    if start == SYN:
        numbers = int.from_bytes(buffer[body_at : body_at + 3], "big")
        total, index = numbers >> 12, numbers & 0xFFF
        body_at += 3
        if not 1 <= index <= total:
            raise Malformed(f"packet {index} of {total}")
    return Frame(
        buffer[at + 10],
        station.hex(),
        buffer[body_at:body_end],
        up,
        centre,
        buffer[at + 8 : at + 10].hex(),
        buffer[body_end],
        total,
        index,
    )


def scan(buffer: bytes, at: int) -> Found[Frame] | Skip | None:
    """Finds the next frame."""
    return scan_marked(buffer, at, _MARK, _read)


def framer(counters: Counters | None = None) -> Framer[Frame]:
    """A framer for one connection, of either side."""
    return Framer(scan, FRAME_LIMIT_BYTES, counters or Counters())


def decode_time(raw: bytes) -> datetime:
    """BCD YYMMDDhhmm[ss] at GMT+8, as UTC. Raises :class:`Malformed`."""
    text = raw.hex()
    try:
        year, month, day, hour, minute, *rest = (
            int(text[i : i + 2]) for i in range(0, len(text), 2)
        )
        second = rest[0] if rest else 0
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=_CST).astimezone(UTC)
    except ValueError:
        raise Malformed(f"time {text} is no BCD date") from None


def encode_time(at: datetime, seconds: bool = True) -> bytes:
    """BCD YYMMDDhhmm[ss] at GMT+8."""
    return bytes.fromhex(at.astimezone(_CST).strftime("%y%m%d%H%M%S" if seconds else "%y%m%d%H%M"))


@dataclass(frozen=True, slots=True)
class Element:
    """One value. ``id`` is the element's code (two bytes where it begins with FF); None: invalid (all FF)."""

    id: int
    value: float | None
    at: datetime
    bytes: int = 4
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """The body of functions 30..34: who, when, and the elements. ``malformed`` names what could not be read."""

    serial: int
    sent_at: datetime
    station: str
    category: int | None
    elements: tuple[Element, ...]
    malformed: tuple[str, ...] = ()


# Elements coded otherwise than as BCD: 12 values of hex, 5 minutes apart from the observation time on.
_SERIES_RAIN = 0xF4  # one byte each, 0.1 mm
_SERIES_LEVEL = range(0xF5, 0xFD)  # two bytes each, 0.01 m
_STATUS_WORD, _TIME_STEP = 0x45, 0x04  # four bytes of bits; days, hours and minutes of a query


def decode_report(frame: Frame) -> Report:
    """Reads the elements of a report. Raises :class:`Malformed` where serial or times cannot be read."""
    body = frame.body
    if len(body) < 8:
        raise Malformed(f"function {frame.function:02X} with a body of {len(body)} bytes")
    sent_at = decode_time(body[2:8])
    station, category, observed = frame.station, None, sent_at
    elements: list[Element] = []
    malformed: list[str] = []
    at = 8
    while at < len(body):
        mark = body[at : at + 2]
        if mark == b"\xf1\xf1":
            station = body[at + 2 : at + 7].hex()
            at += 7
            if frame.function in _WITH_CATEGORY and at < len(body):
                category = body[at]
                at += 1
            continue
        if mark == b"\xf0\xf0":
            observed = decode_time(body[at + 2 : at + 7])
            at += 7
            continue
        element = body[at]
        at += 1
        if element == 0xFF:
            element = 0xFF00 | (body[at] if at < len(body) else 0)
            at += 1
        size = body[at] >> 3 if at < len(body) else -1
        raw = body[at + 1 : at + 1 + size] if size >= 0 else b""
        if len(raw) != size:
            malformed.append(f"element {element:02X} is cut off")
            break
        try:
            elements += _values(element, raw, body[at] & 7, observed)
        except Malformed as error:
            malformed.append(str(error))
        at += 1 + size
    return Report(frame.serial, sent_at, station, category, tuple(elements), tuple(malformed))


def _values(element: int, raw: bytes, decimals: int, at: datetime) -> list[Element]:
    if element == _SERIES_RAIN:
        return [
            Element(element, None if v == 0xFF else v / 10, at + i * _STEP, 1, 1)
            for i, v in enumerate(raw)
        ]
    if element in _SERIES_LEVEL:
        words = [int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw) - 1, 2)]
        return [
            Element(element, None if v == 0xFFFF else v / 100, at + i * _STEP, 2, 2)
            for i, v in enumerate(words)
        ]
    if element == _STATUS_WORD:
        return [Element(element, float(int.from_bytes(raw, "big")), at, len(raw))]
    if element == _TIME_STEP:
        return []
    return [Element(element, decode_number(raw, decimals, element), at, len(raw), decimals)]


def decode_number(raw: bytes, decimals: int, element: int = 0) -> float | None:
    """BCD with ``decimals`` places; None where every byte is FF. A leading FF alone is the minus sign."""
    if not raw or raw == b"\xff" * len(raw):
        return None
    sign, digits = (-1, raw[1:].hex()) if raw[0] == 0xFF else (1, raw.hex())
    if not digits.isdecimal():
        raise Malformed(f"element {element:02X} holds {raw.hex()}, which is not BCD")
    value: float = sign * int(digits) / 10**decimals
    return value


def encode_number(value: float | None, size_bytes: int, decimals: int) -> bytes:
    """The reverse of :func:`decode_number`."""
    if value is None:
        return b"\xff" * size_bytes
    digits = str(round(abs(value) * 10**decimals))
    if value < 0 and int(digits):
        return b"\xff" + bcd(digits, size_bytes - 1)
    return bcd(digits, size_bytes)


def encode_report(report: Report) -> bytes:
    """The body of functions 30..34. Elements of one observation time stand together, in the order given."""
    out = [struct.pack(">H", report.serial), encode_time(report.sent_at), b"\xf1\xf1"]
    out.append(bcd(report.station, 5))
    out.append(bytes((0x48 if report.category is None else report.category,)))
    observed: datetime | None = None
    for element in report.elements:
        if element.id == _SERIES_RAIN or element.id in _SERIES_LEVEL:
            raise Malformed(f"element {element.id:02X} is written by encode_rain or encode_levels")
        if element.at != observed:
            observed = element.at
            out.append(b"\xf0\xf0" + encode_time(observed, seconds=False))
        identifier = element.id.to_bytes(2, "big") if element.id > 0xFF else bytes((element.id,))
        out.append(identifier + bytes((element.bytes << 3 | element.decimals,)))
        out.append(encode_number(element.value, element.bytes, element.decimals))
    return b"".join(out)


def encode_rain(fallen_mm: Sequence[float | None]) -> bytes:
    """Element F4: what fell in each five minutes, 0.1 mm a step, FF where unknown; up to 25.4 mm."""
    values = bytes(0xFF if v is None else min(round(v * 10), 0xFE) for v in fallen_mm)
    return bytes((_SERIES_RAIN, len(values) << 3)) + values


def encode_levels(centimetres: Sequence[int | None]) -> bytes:
    """Element F5: the level every five minutes in centimetres, FFFF where unknown."""
    values = b"".join(struct.pack(">H", 0xFFFF if v is None else v) for v in centimetres)
    return bytes((_SERIES_LEVEL.start, len(values) << 3)) + values


def encode_link(serial: int, at: datetime) -> bytes:
    """The body of 2F, and of every answer: serial and time."""
    return struct.pack(">H", serial & 0xFFFF) + encode_time(at)


def answer(frame: Frame, at: datetime, end: int = ESC) -> Frame:
    """What the centre says to a report: its serial, the time, and ESC (stay on line) or another end character."""
    return Frame(
        frame.function,
        frame.station,
        encode_link(frame.serial, at),
        up=False,
        centre=frame.centre,
        password=frame.password,
        end=end,
    )


def split(frame: Frame, part_bytes: int = 1024) -> list[Frame]:
    """A long body as SYN packets: ETB after every one but the last, which ends with ETX."""
    pieces = [frame.body[i : i + part_bytes] for i in range(0, len(frame.body), part_bytes)]
    return [
        replace(
            frame,
            body=piece,
            total=len(pieces),
            index=i + 1,
            end=ETX if i + 1 == len(pieces) else ETB,
        )
        for i, piece in enumerate(pieces)
    ]


@dataclass(frozen=True, slots=True)
class Picture:
    """The joined body of function 36."""

    serial: int
    sent_at: datetime
    station: str
    at: datetime
    jpeg: bytes


def decode_picture(frame: Frame) -> Picture:
    """Reads the joined packets of function 36: what follows F3F3 is the JPEG. Raises :class:`Malformed`."""
    head, mark, jpeg = frame.body.partition(b"\xf3\xf3")
    if not mark or len(head) < 8:
        raise Malformed("function 36 without F3F3")
    if not jpeg.startswith(b"\xff\xd8"):
        raise Malformed(f"the picture begins with {jpeg[:2].hex()}, not with a JPEG's FFD8")
    about = decode_report(replace(frame, body=head))
    observed = head.find(b"\xf0\xf0", 8)
    at = decode_time(head[observed + 2 : observed + 7]) if observed >= 0 else about.sent_at
    return Picture(about.serial, about.sent_at, about.station, at, jpeg)


# Element code -> our quantity and unit (annex C of the standard).
QUANTITIES = {
    0x02: ("air_temperature_c", "°C"),
    0x03: ("water_temperature_c", "°C"),
    0x1A: ("rain_1h_mm", "mm"),
    0x1F: ("rain_day_mm", "mm"),
    0x20: ("rain_mm", "mm"),  # since the day of the rain gauge began, at 08:00
    0x22: ("rain_5min_mm", "mm"),
    0x26: ("rain_total_mm", "mm"),
    0x27: ("flow_m3s", "m³/s"),
    0x37: ("velocity_ms", "m/s"),
    0x38: ("battery_v", "V"),
    0x39: ("water_level_m", "m"),
    0x3A: ("water_level_down_m", "m"),
    0x3B: ("water_level_up_m", "m"),
    0x45: ("status_word", ""),
    0xF4: ("rain_5min_mm", "mm"),
    0xF5: ("water_level_relative_m", "m"),
}


def quantity(element: int) -> tuple[str, str]:
    """Name and unit of an element; one that is not in the list is named after its code."""
    return QUANTITIES.get(element, (f"sl651_{element:02x}", ""))
