"""JT/T 808 message bodies, both directions, no I/O.

Times on the wire are BCD at GMT+8, coordinates degrees x 1e-6 with the hemisphere in the status word, texts GBK.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from ingest.telemetry.framing import Malformed
from ingest.telemetry.jt808 import STATUS_SOUTH, STATUS_WEST, Message, Resend

_CST = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Registration:
    """0100. Texts are GBK on the wire; ``plate`` is the vehicle's number plate (or VIN where colour is 0)."""

    province: int
    city: int
    maker: str
    model: str
    terminal: str
    plate_colour: int
    plate: str


def _text(raw: bytes) -> str:
    return raw.decode("gb18030", "replace").strip("\x00 ")


def decode_registration(message: Message) -> Registration:
    """Reads 0100 of any edition (maker, model and terminal id are 5+8+7, 5+20+7 or 11+30+30 bytes)."""
    body = message.body
    if message.edition_2019:
        sizes = (11, 30, 30)
    else:
        sizes = (5, 20, 7) if len(body) >= 37 else (5, 8, 7)
    need = 4 + sum(sizes) + 1
    if len(body) < need:
        raise Malformed(f"registration of {len(body)} bytes, at least {need} expected")
    province, city = struct.unpack_from(">HH", body)
    texts: list[str] = []
    at = 4
    for size in sizes:
        texts.append(_text(body[at : at + size]))
        at += size
    return Registration(
        province, city, texts[0], texts[1], texts[2], body[at], _text(body[at + 1 :])
    )


def encode_registration(registration: Registration, edition_2019: bool = False) -> bytes:
    """The body of 0100 in the 2013 or the 2019 form."""
    sizes = (11, 30, 30) if edition_2019 else (5, 20, 7)
    body = struct.pack(">HH", registration.province, registration.city)
    texts = (registration.maker, registration.model, registration.terminal)
    for text, size in zip(texts, sizes, strict=True):
        raw = text.encode("gb18030")
        if len(raw) > size:
            raise Malformed(f"{text!r} is longer than {size} bytes")
        body += raw.ljust(size, b"\x00")
    return body + bytes((registration.plate_colour,)) + registration.plate.encode("gb18030")


def decode_authentication(message: Message) -> str:
    """The code of 0102; in the 2019 edition it is followed by the terminal's IMEI and version."""
    if not message.edition_2019:
        return _text(message.body)
    if not message.body or len(message.body) < 1 + message.body[0]:
        raise Malformed("the authentication code is cut off")
    return _text(message.body[1 : 1 + message.body[0]])


def encode_authentication(code: str, edition_2019: bool = False, imei: str = "") -> bytes:
    """The body of 0102."""
    raw = code.encode("gb18030")
    if not edition_2019:
        return raw
    return (
        bytes((len(raw),))
        + raw
        + imei.encode("ascii")[:15].ljust(15, b"\x00")
        + b"\x00".ljust(20, b"\x00")
    )


@dataclass(frozen=True, slots=True)
class PositionReport:
    """0200. Coordinates are signed degrees as the terminal said them, in its own datum, not yet believed.

    ``malformed_items`` counts additional items that were cut off or had the wrong length; the fix is kept.
    """

    alarm: int
    status: int
    lon_deg: float
    lat_deg: float
    altitude_m: int
    speed_ms: float
    course_deg: int
    at: datetime
    mileage_m: int | None = None
    fuel_l: float | None = None
    recorder_speed_ms: float | None = None
    signals: int | None = None
    signal_strength: int | None = None
    satellites: int | None = None
    others: tuple[tuple[int, bytes], ...] = field(default=())
    malformed_items: int = 0


_FIX = struct.Struct(">IIIIHHH")
_ITEM_BYTES = {0x01: 4, 0x02: 2, 0x03: 2, 0x25: 4, 0x30: 1, 0x31: 1}


def decode_time(raw: bytes) -> datetime:
    """BCD YYMMDDhhmmss at GMT+8, as UTC. Raises :class:`Malformed`."""
    text = raw.hex()
    try:
        return datetime(
            2000 + int(text[0:2]),
            int(text[2:4]),
            int(text[4:6]),
            int(text[6:8]),
            int(text[8:10]),
            int(text[10:12]),
            tzinfo=_CST,
        ).astimezone(UTC)
    except ValueError:
        raise Malformed(f"time {text} is no BCD date") from None


def encode_time(at: datetime) -> bytes:
    """BCD YYMMDDhhmmss at GMT+8."""
    return bytes.fromhex(at.astimezone(_CST).strftime("%y%m%d%H%M%S"))


def decode_position(body: bytes) -> PositionReport:
    """Reads 0200 (or one entry of 0704). Raises :class:`Malformed` only where the 28-byte fix cannot be read."""
    if len(body) < 28:
        raise Malformed(f"a position of {len(body)} bytes, at least 28 expected")
    alarm, status, lat, lon, altitude, speed, course = _FIX.unpack_from(body)
    items: dict[int, int] = {}
    others: list[tuple[int, bytes]] = []
    bad = 0
    at = 28
    while at < len(body):
        item = body[at]
        size = body[at + 1] if at + 1 < len(body) else -1
        value = body[at + 2 : at + 2 + size] if size >= 0 else b""
        if len(value) != size:
            bad += 1  # cut off: where the next item would begin is unknown
            break
        known = _ITEM_BYTES.get(item)
        if known is None:
            others.append((item, value))
        elif size == known:
            items[item] = int.from_bytes(value, "big")
        else:
            bad += 1
        at += 2 + size
    return PositionReport(
        alarm,
        status,
        -lon / 1e6 if status & STATUS_WEST else lon / 1e6,
        -lat / 1e6 if status & STATUS_SOUTH else lat / 1e6,
        # Below sea level the word is two's complement on the terminals that know of it.
        altitude - 65536 if altitude >= 0x8000 else altitude,
        speed / 36,
        course,
        decode_time(body[22:28]),
        items[0x01] * 100 if 0x01 in items else None,
        items[0x02] / 10 if 0x02 in items else None,
        items[0x03] / 36 if 0x03 in items else None,
        items.get(0x25),
        items.get(0x30),
        items.get(0x31),
        tuple(others),
        bad,
    )


def encode_position(report: PositionReport) -> bytes:
    """The body of 0200. The hemisphere bits of the status follow the signs of the coordinates."""
    status = report.status & ~(STATUS_SOUTH | STATUS_WEST)
    status |= STATUS_SOUTH if report.lat_deg < 0 else 0
    status |= STATUS_WEST if report.lon_deg < 0 else 0
    body = _FIX.pack(
        report.alarm,
        status,
        round(abs(report.lat_deg) * 1e6),
        round(abs(report.lon_deg) * 1e6),
        report.altitude_m & 0xFFFF,
        round(report.speed_ms * 36),
        report.course_deg,
    ) + encode_time(report.at)
    if report.mileage_m is not None:
        body += struct.pack(">BBI", 0x01, 4, report.mileage_m // 100)
    if report.fuel_l is not None:
        body += struct.pack(">BBH", 0x02, 2, round(report.fuel_l * 10))
    if report.recorder_speed_ms is not None:
        body += struct.pack(">BBH", 0x03, 2, round(report.recorder_speed_ms * 36))
    if report.signals is not None:
        body += struct.pack(">BBI", 0x25, 4, report.signals)
    if report.signal_strength is not None:
        body += struct.pack(">BBB", 0x30, 1, report.signal_strength)
    if report.satellites is not None:
        body += struct.pack(">BBB", 0x31, 1, report.satellites)
    for item, value in report.others:
        body += bytes((item, len(value))) + value
    return body


@dataclass(frozen=True, slots=True)
class PositionBatch:
    """0704. ``blind_area`` marks fixes kept while there was no network. ``malformed`` entries could not be read."""

    blind_area: bool
    reports: tuple[PositionReport, ...]
    malformed: tuple[str, ...]


def decode_position_batch(body: bytes) -> PositionBatch:
    """Reads 0704; an entry that cannot be read does not cost the others."""
    if len(body) < 3:
        raise Malformed(f"a batch of {len(body)} bytes")
    (count,) = struct.unpack_from(">H", body)
    reports: list[PositionReport] = []
    malformed: list[str] = []
    at = 3
    for number in range(1, count + 1):
        size = int.from_bytes(body[at : at + 2], "big")
        entry = body[at + 2 : at + 2 + size]
        if at + 2 > len(body) or len(entry) != size:
            malformed.append(f"entry {number} of {count} is cut off")
            break
        try:
            reports.append(decode_position(entry))
        except Malformed as error:
            malformed.append(f"entry {number} of {count}: {error}")
        at += 2 + size
    return PositionBatch(body[2] == 1, tuple(reports), tuple(malformed))


def encode_position_batch(reports: list[PositionReport], blind_area: bool) -> bytes:
    """The body of 0704; longer than one frame it must be :func:`split`."""
    body = struct.pack(">HB", len(reports), int(blind_area))
    for report in reports:
        entry = encode_position(report)
        body += struct.pack(">H", len(entry)) + entry
    return body


@dataclass(frozen=True, slots=True)
class Answer:
    """0001 and 8001: which message is answered, and how."""

    serial: int
    id: int
    result: int


def decode_answer(body: bytes) -> Answer:
    """Reads 0001 or 8001."""
    if len(body) < 5:
        raise Malformed(f"an answer of {len(body)} bytes, 5 expected")
    return Answer(*struct.unpack_from(">HHB", body))


def encode_answer(answer: Answer) -> bytes:
    """The body of 0001 or 8001."""
    return struct.pack(">HHB", answer.serial, answer.id, answer.result)


@dataclass(frozen=True, slots=True)
class RegistrationAnswer:
    """8100. ``code`` only where ``result`` is 0."""

    serial: int
    result: int
    code: str = ""


def decode_registration_answer(body: bytes) -> RegistrationAnswer:
    """Reads 8100."""
    if len(body) < 3:
        raise Malformed(f"a registration answer of {len(body)} bytes")
    serial, result = struct.unpack_from(">HB", body)
    return RegistrationAnswer(serial, result, _text(body[3:]))


def encode_registration_answer(answer: RegistrationAnswer) -> bytes:
    """The body of 8100."""
    return struct.pack(">HB", answer.serial, answer.result) + answer.code.encode("gb18030")


@dataclass(frozen=True, slots=True)
class Text:
    """8300. ``flags``: bit 0 urgent, 2 shown, 3 read aloud; in the 2019 edition a type byte follows (1 notice)."""

    flags: int
    text: str
    kind: int = 1


def decode_text(message: Message) -> Text:
    """Reads 8300."""
    head = 2 if message.edition_2019 else 1
    if len(message.body) < head:
        raise Malformed("an empty text message")
    return Text(
        message.body[0],
        _text(message.body[head:]),
        message.body[1] if message.edition_2019 else 1,
    )


def encode_text(text: Text, edition_2019: bool = False) -> bytes:
    """The body of 8300. Raises :class:`Malformed` above the standard's 1024 bytes."""
    raw = text.text.encode("gb18030")
    head = bytes((text.flags, text.kind)) if edition_2019 else bytes((text.flags,))
    if len(raw) > 1024:
        raise Malformed(f"a text of {len(raw)} bytes, the terminal takes 1024")
    return head + raw


def decode_resend(body: bytes) -> Resend:
    """Reads 8003."""
    if len(body) < 3 or len(body) < 3 + 2 * body[2]:
        raise Malformed(f"a resend request of {len(body)} bytes")
    (serial,) = struct.unpack_from(">H", body)
    return Resend(serial, struct.unpack_from(f">{body[2]}H", body, 3))


def encode_resend(resend: Resend) -> bytes:
    """The body of 8003; at most 255 parts can be asked for at once."""
    parts = resend.parts[:255]
    return struct.pack(f">HB{len(parts)}H", resend.serial, len(parts), *parts)
