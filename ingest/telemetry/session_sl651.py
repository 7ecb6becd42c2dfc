"""The centre's side of one SL 651 connection: bytes in, answers and decoded items out, no I/O."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ingest.telemetry import sl651
from ingest.telemetry.framing import Counters, Junk, Malformed, Resent
from ingest.telemetry.model import (
    Counted,
    Device,
    Heard,
    Image,
    Platform,
    Refused,
    Sample,
    Turn,
    WantsIn,
)

PACKETS_WAIT_S = 30.0
OPEN_LIMIT = 4
PACKETS_LIMIT = 1024  # one megabyte of picture at 1,024 bytes a packet


class Sl651Session:
    """One connection; a collecting station may speak for several stations on it."""

    def __init__(self, platform: Platform, counters: Counters) -> None:
        self._platform = platform
        self._framer = sl651.framer(counters)
        self._counters = counters
        self._resent = Resent()
        self._open: dict[tuple[str, int], tuple[float, dict[int, sl651.Frame]]] = {}
        self._key: str | None = None

    def feed(self, data: bytes, now: datetime, now_s: float) -> Turn:
        turn = Turn()
        for frame in self._framer.feed(data):
            if isinstance(frame, Junk):
                turn.items.append(Refused("sl651", self._key, frame.reason, frame.raw))
            elif frame.up:
                self._take(frame, now, now_s, turn)
            else:
                turn.items.append(
                    Refused("sl651", frame.station, "a downward frame from a station", frame.body)
                )
        return turn

    def tick(self, now: datetime, now_s: float) -> Turn:
        turn = Turn()
        for key, (since_s, parts) in list(self._open.items()):
            if now_s - since_s >= PACKETS_WAIT_S:
                del self._open[key]
                first = next(iter(parts.values()))
                missing = first.total - len(parts)
                reason = f"function {key[1]:02X}: {missing} of {first.total} packets never came"
                turn.items.append(Refused("sl651", key[0], reason, b""))
                if 1 in parts:  # only the first packet carries the serial an answer repeats
                    turn.send.append(sl651.encode(sl651.answer(parts[1], now, sl651.NAK)))
        return turn

    def end(self) -> Turn:
        turn = Turn()
        for junk in self._framer.flush():
            if isinstance(junk, Junk):
                turn.items.append(Refused("sl651", self._key, junk.reason, junk.raw))
        return turn

    def _take(self, frame: sl651.Frame, now: datetime, now_s: float, turn: Turn) -> None:
        device = self._platform.find("sl651", frame.station)
        if device is None:
            if self._platform.auto_register():
                kind = _kind(frame)
                turn.items.append(WantsIn("sl651", frame.station, kind, frame.station))
            turn.items.append(Refused("sl651", frame.station, "unknown station", frame.body))
            return
        if device.password is not None and device.password.lower() != frame.password:
            turn.items.append(Refused("sl651", frame.station, "wrong password", frame.body))
            return
        self._key = frame.station
        turn.items.append(Heard(device))
        if frame.total:
            whole = self._join(frame, now_s, turn)
            if whole is None:
                return
            frame = whole
        # A frame without serial and time has no sender's report to confirm.
        if len(frame.body) >= 8:
            turn.send.append(sl651.encode(sl651.answer(frame, now)))
        if self._resent.again(bytes((frame.function,)) + frame.body):
            self._counters.resent += 1
            return
        try:
            self._read(device, frame, turn)
        except Malformed as error:
            reason = f"function {frame.function:02X}: {error}"
            turn.items.append(Refused("sl651", frame.station, reason, frame.body))

    def _join(self, frame: sl651.Frame, now_s: float, turn: Turn) -> sl651.Frame | None:
        if frame.total > PACKETS_LIMIT:
            reason = f"{frame.total} packets, at most {PACKETS_LIMIT} are joined"
            turn.items.append(Refused("sl651", frame.station, reason, frame.body))
            return None
        key = (frame.station, frame.function)
        if frame.index == 1 or (key in self._open and self._total(key) != frame.total):
            self._open.pop(key, None)  # a new picture begins; the old one will not be finished
        if key not in self._open and len(self._open) >= OPEN_LIMIT:
            del self._open[next(iter(self._open))]
        _, parts = self._open.setdefault(key, (now_s, {}))
        self._open[key] = (now_s, parts)
        parts[frame.index] = frame
        if len(parts) < frame.total:
            return None
        del self._open[key]
        body = b"".join(parts[i].body for i in range(1, frame.total + 1))
        return replace(parts[1], body=body, end=frame.end, total=0, index=0)

    def _total(self, key: tuple[str, int]) -> int:
        return next(iter(self._open[key][1].values())).total

    def _read(self, device: Device, frame: sl651.Frame, turn: Turn) -> None:
        if frame.function == sl651.PICTURE:
            picture = sl651.decode_picture(frame)
            turn.items.append(Image(device, picture.at, picture.jpeg))
            return
        if frame.function == sl651.LINK:
            return
        if frame.function not in sl651.REPORTS:
            what = f"function {frame.function:02X} is kept, not read"
            turn.items += [
                Counted(f"unsupported_{frame.function:02x}"),
                Refused("sl651", frame.station, what, frame.body),
            ]
            return
        report = sl651.decode_report(frame)
        if report.malformed:
            reason = f"function {frame.function:02X}: {', '.join(report.malformed)}"
            turn.items.append(Refused("sl651", frame.station, reason[:500], frame.body))
        # Observation times have no seconds; a value of the minute of sending was measured when it was sent.
        minute = report.sent_at.replace(second=0)
        for element in report.elements:
            if element.value is not None:
                name, unit = sl651.quantity(element.id)
                at = report.sent_at if element.at == minute else element.at
                turn.items.append(Sample(device, name, at, element.value, unit))


def _kind(frame: sl651.Frame) -> str:
    """A station that reports a water level is one; what else there is measures rain."""
    try:
        found = sl651.decode_report(frame).elements
    except Malformed:
        return "rain"
    levels = {0x39, 0x3A, 0x3B, *range(0xF5, 0xFD)}
    return "water_level" if any(e.id in levels for e in found) else "rain"
