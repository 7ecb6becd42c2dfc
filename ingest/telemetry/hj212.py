"""HJ 212-2017: what emission monitors of enterprises say over TCP, both directions, no I/O.

A frame is ``##``, four digits of length, the data, four hex digits of CRC and CR LF. The data are
``QN=..;ST=..;CN=..;PW=..;MN=..;Flag=..;[PNUM=..;PNO=..;]CP=&&..&&``. Times are local, GMT+8.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from ingest.telemetry.framing import Counters, Found, Framer, Malformed, Skip, scan_marked

REALTIME, MINUTE, HOUR, DAY, DEVICE_STATE = "2011", "2051", "2061", "2031", "2021"
REQUEST_ANSWER, RESULT, NOTICE_ANSWER, DATA_ANSWER = "9011", "9012", "9013", "9014"
SYSTEM = "91"  # ST of the dialogue between platform and monitor
FLAG_ANSWER, FLAG_SPLIT, FLAG_2017 = 1, 2, 4
DATA_FLAGS = (
    "NFMSDCTB"  # normal, stopped, maintenance, set, fault, calibration, over limit, link fault
)

DATA_LIMIT_CHARS = 1024  # the standard's; longer data are read, never written
FRAME_LIMIT_BYTES = 9999 + 12
_CST = timezone(timedelta(hours=8))
_STATISTICS = {REALTIME: "", MINUTE: "minute", HOUR: "hour", DAY: "day"}

Group = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``groups`` are the ``;`` separated parts of CP, each a row of ``name=value`` pairs.

    ``flag`` and ``qn`` are None where the monitor left them out. ``pnum`` is 0 unless the message was split.
    """

    cn: str
    mn: str
    st: str
    groups: tuple[Group, ...] = ()
    qn: str | None = None
    pw: str = ""
    flag: int | None = FLAG_2017
    pnum: int = 0
    pno: int = 0

    @property
    def wants_answer(self) -> bool:
        """Whether bit A of the flag is set."""
        return bool((self.flag or 0) & FLAG_ANSWER)

    def value(self, name: str) -> str | None:
        """The first value of that name in CP."""
        return next((v for group in self.groups for k, v in group if k == name), None)


def crc(data: bytes) -> int:
    """The standard's annex A: *not* CRC-16/MODBUS, the byte is xored into the shifted high byte."""
    value = 0xFFFF
    for byte in data:
        value = _TABLE[(value >> 8) ^ byte]
    return value


def _entry(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value


_TABLE = tuple(_entry(value) for value in range(256))


def decode(data: bytes) -> Message:
    """Reads the data between length and CRC. Raises :class:`Malformed`."""
    text = data.decode("gb18030", "replace")
    head, mark, tail = text.partition("CP=&&")
    if not mark:
        raise Malformed("no CP=&& in the data")
    cp = tail.partition("&&")[0]
    fields: dict[str, str] = {}
    for part in head.split(";"):
        name, _, value = part.partition("=")
        if name:
            fields[name.strip()] = value.strip()
    for needed in ("CN", "MN"):
        if not fields.get(needed):
            raise Malformed(f"no {needed} in the data")
    try:
        flag = int(fields["Flag"]) if "Flag" in fields else None
        split = bool((flag or 0) & FLAG_SPLIT) or "PNUM" in fields
        pnum, pno = (int(fields["PNUM"]), int(fields["PNO"])) if split else (0, 0)
    except (ValueError, KeyError) as error:
        raise Malformed(f"Flag, PNUM or PNO cannot be read: {error}") from None
    if split and not 1 <= pno <= pnum:
        raise Malformed(f"part {pno} of {pnum}")
    return Message(
        fields["CN"],
        fields["MN"],
        fields.get("ST", ""),
        _groups(cp),
        fields.get("QN") or None,
        fields.get("PW", ""),
        flag,
        pnum,
        pno,
    )


def _groups(cp: str) -> tuple[Group, ...]:
    found: list[Group] = []
    for part in cp.split(";"):
        pairs = [item.partition("=") for item in part.split(",") if item.strip()]
        if pairs:
            found.append(tuple((name.strip(), value.strip()) for name, _, value in pairs))
    return tuple(found)


def encode(message: Message) -> bytes:
    """The whole frame. Raises :class:`Malformed` above 1024 characters of data: :func:`split` it first."""
    data = encode_loose(message)
    if len(data) > DATA_LIMIT_CHARS:
        raise Malformed(f"{len(data)} characters of data, the limit is {DATA_LIMIT_CHARS}")
    return b"##%04d%s%04X\r\n" % (len(data), data, crc(data))


def encode_loose(message: Message) -> bytes:
    """The data of a message of any length, without frame."""
    parts = [f"QN={message.qn}"] if message.qn else []
    parts += [f"ST={message.st}", f"CN={message.cn}", f"PW={message.pw}", f"MN={message.mn}"]
    if message.flag is not None:
        flag = message.flag | (FLAG_SPLIT if message.pnum else 0)
        parts.append(f"Flag={flag}")
    if message.pnum:
        parts += [f"PNUM={message.pnum}", f"PNO={message.pno}"]
    return (";".join(parts) + f";CP=&&{_cp(message.groups)}&&").encode("gb18030")


def _cp(groups: tuple[Group, ...]) -> str:
    return ";".join(",".join(f"{name}={value}" for name, value in group) for group in groups)


def split(message: Message, cp_chars: int = 800) -> list[Message]:
    """The message in parts whose CP is at most ``cp_chars`` long, cut between groups; itself if it fits.

    Every part repeats the groups that tell the time, as each must be readable alone.
    """
    if len(_cp(message.groups)) <= cp_chars:
        return [message]
    times = tuple(g for g in message.groups if g[0][0] == "DataTime")
    rows: list[list[Group]] = [[]]
    for group in message.groups:
        if group in times:
            continue
        if rows[-1] and len(_cp((*times, *rows[-1], group))) > cp_chars:
            rows.append([])
        rows[-1].append(group)
    return [
        replace(message, groups=(*times, *row), pnum=len(rows), pno=i + 1)
        for i, row in enumerate(rows)
    ]


def join(parts: list[Message]) -> Message:
    """One message from all its parts, in the order of PNO; a group that repeats is kept once."""
    ordered = sorted(parts, key=lambda part: part.pno)
    groups = dict.fromkeys(group for part in ordered for group in part.groups)
    return replace(ordered[0], groups=tuple(groups), pnum=0, pno=0)


_DIGITS = re.compile(rb"\d{4}")
_HEX = re.compile(rb"[0-9A-Fa-f]{4}")


def _read(buffer: bytes, at: int) -> tuple[Message, int] | None:
    length = buffer[at + 2 : at + 6]
    if len(length) < 4:
        if length and not length.isdigit():
            raise Malformed("the length is not four digits")
        return None
    if not _DIGITS.fullmatch(length):
        raise Malformed(f"the length {length!r} is not four digits")
    end = at + 6 + int(length)
    tail = buffer[end : end + 4]
    if len(tail) < 4:
        return None
    data = buffer[at + 6 : end]
    if not _HEX.fullmatch(tail) or int(tail, 16) != crc(data):
        raise Malformed(f"wrong CRC {tail!r}, computed {crc(data):04X}")
    return decode(data), end + 4


def scan(buffer: bytes, at: int) -> Found[Message] | Skip | None:
    """Finds the next frame; line ends between frames are passed over."""
    ends = at
    while ends < len(buffer) and buffer[ends] in b"\r\n":
        ends += 1
    if ends > at:
        return Skip(ends, None)
    return scan_marked(buffer, at, b"##", _read)


def framer(counters: Counters | None = None) -> Framer[Message]:
    """A framer for one connection, of either side."""
    return Framer(scan, FRAME_LIMIT_BYTES, counters or Counters())


def decode_time(text: str) -> datetime:
    """``YYYYMMDDhhmmss[zzz]`` at GMT+8, as UTC. Raises :class:`Malformed`."""
    if not re.fullmatch(r"\d{14}(\d{3})?", text):
        raise Malformed(f"time {text!r} is not YYYYMMDDhhmmss")
    try:
        at = datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=_CST)
    except ValueError:
        raise Malformed(f"time {text!r} is no date") from None
    return (at + timedelta(milliseconds=int(text[14:] or 0))).astimezone(UTC)


def encode_time(at: datetime, milliseconds: bool = False) -> str:
    """GMT+8; with milliseconds it makes a QN."""
    local = at.astimezone(_CST)
    text = local.strftime("%Y%m%d%H%M%S")
    return f"{text}{local.microsecond // 1000:03d}" if milliseconds else text


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a pollutant. ``quantity`` is its code, followed for minutes, hours and days by the statistic
    (``a21026.hour.avg``); ``flag`` is the standard's data flag, N where the monitor gave none."""

    quantity: str
    code: str
    at: datetime
    value: float
    flag: str


@dataclass(frozen=True, slots=True)
class Report:
    """The values of an upload, and a sentence for each item that could not be read."""

    values: tuple[Value, ...]
    malformed: tuple[str, ...]


def report(message: Message) -> Report:
    """Reads the values of 2011, 2051, 2061 and 2031. Raises :class:`Malformed` without a readable DataTime."""
    period = _STATISTICS.get(message.cn)
    if period is None:
        raise Malformed(f"CN {message.cn} carries no values")
    text = message.value("DataTime")
    if text is None:
        raise Malformed("no DataTime in CP")
    at = decode_time(text)
    values: list[Value] = []
    malformed: list[str] = []
    for group in message.groups:
        flags = {n.rpartition("-")[0]: v for n, v in group if n.endswith("-Flag") and v}
        times = {n.rpartition("-")[0]: v for n, v in group if n.endswith("-SampleTime")}
        for name, raw in group:
            code, dash, kind = name.rpartition("-")
            if not dash or kind in ("Flag", "SampleTime", "EFlag"):
                continue
            try:
                number = float(raw)
                when = decode_time(times[code]) if code in times else at
            except ValueError:
                malformed.append(f"{name}={raw}")
                continue
            if not math.isfinite(number):
                malformed.append(f"{name}={raw}")
                continue
            statistic = kind.lower()
            quantity = (
                code
                if period == "" and statistic == "rtd"
                else (".".join(part for part in (code, period, statistic) if part))
            )
            values.append(Value(quantity, code, when, number, flags.get(code, "N")[:4]))
    return Report(tuple(values), tuple(malformed))


# Units of the commonest codes (HJ 524, HJ 525 and annex B of HJ 212-2017).
UNITS = {
    "a01001": "°C", "a01002": "%", "a01006": "kPa", "a01007": "m/s", "a01008": "°", "a01011": "m/s",
    "a01012": "°C", "a01013": "kPa", "a01014": "%", "a00000": "m³/h", "a05024": "µg/m³", "a19001": "%",
    "a21002": "mg/m³", "a21003": "mg/m³", "a21004": "mg/m³", "a21005": "mg/m³", "a21026": "mg/m³",
    "a34001": "mg/m³", "a34002": "µg/m³", "a34004": "µg/m³", "a34013": "mg/m³",
    "w00000": "L/s", "w01001": "", "w01003": "NTU", "w01009": "mg/L", "w01010": "°C", "w01014": "µS/cm",
    "w01018": "mg/L", "w01019": "mg/L", "w21001": "mg/L", "w21003": "mg/L", "w21011": "mg/L",
}  # fmt: skip


def unit(code: str) -> str:
    """The unit of a pollutant code, empty where the code is not known."""
    return UNITS.get(code, "")


def answer(message: Message) -> Message | None:
    """What the platform says to a message with the answer flag: 9014 to data, 9013 to anything else.

    None where no answer is wanted or the message is itself an answer.
    """
    if not message.wants_answer or message.cn.startswith("901"):
        return None
    cn = DATA_ANSWER if message.cn.startswith("20") else NOTICE_ANSWER
    return Message(cn, message.mn, SYSTEM, (), message.qn, message.pw, FLAG_2017)
