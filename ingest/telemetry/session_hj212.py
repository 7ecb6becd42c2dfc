"""The platform's side of one HJ 212 connection: bytes in, answers and decoded items out, no I/O."""

from __future__ import annotations

from datetime import datetime

from ingest.telemetry import hj212
from ingest.telemetry.framing import Counters, Junk, Malformed, Resent
from ingest.telemetry.model import (
    Counted,
    Device,
    Heard,
    Platform,
    Refused,
    Sample,
    Turn,
    WantsIn,
)

PARTS_WAIT_S = 60.0
OPEN_LIMIT = 8
_VALUES = (hj212.REALTIME, hj212.MINUTE, hj212.HOUR, hj212.DAY)


class Hj212Session:
    """One connection; several monitors (MN) may share it, as data loggers of one enterprise do."""

    def __init__(self, platform: Platform, counters: Counters) -> None:
        self._platform = platform
        self._framer = hj212.framer(counters)
        self._counters = counters
        self._resent = Resent()
        self._open: dict[tuple[str, str, str], tuple[float, dict[int, hj212.Message]]] = {}
        self._key: str | None = None

    def feed(self, data: bytes, now: datetime, now_s: float) -> Turn:
        turn = Turn()
        for message in self._framer.feed(data):
            if isinstance(message, Junk):
                turn.items.append(Refused("hj212", self._key, message.reason, message.raw))
                continue
            self._take(message, now_s, turn)
        return turn

    def tick(self, now: datetime, now_s: float) -> Turn:
        turn = Turn()
        for key, (since_s, parts) in list(self._open.items()):
            if now_s - since_s >= PARTS_WAIT_S:
                del self._open[key]
                total = next(iter(parts.values())).pnum
                # Every part tells its own time, so what came can be stored without the rest.
                self._values(hj212.join(list(parts.values())), turn)
                reason = (
                    f"CN {key[1]} QN {key[2]}: {total - len(parts)} of {total} parts never came"
                )
                turn.items.append(Refused("hj212", key[0], reason, b""))
        return turn

    def end(self) -> Turn:
        turn = Turn()
        for junk in self._framer.flush():
            if isinstance(junk, Junk):
                turn.items.append(Refused("hj212", self._key, junk.reason, junk.raw))
        return turn

    def _take(self, message: hj212.Message, now_s: float, turn: Turn) -> None:
        device = self._platform.find("hj212", message.mn)
        if device is None:
            if self._platform.auto_register():
                turn.items.append(WantsIn("hj212", message.mn, "enterprise", message.mn))
            turn.items.append(
                Refused("hj212", message.mn, "unknown monitor (MN)", hj212.encode_loose(message))
            )
            return
        if device.password is not None and device.password != message.pw:
            turn.items.append(
                Refused("hj212", message.mn, "wrong password (PW)", hj212.encode_loose(message))
            )
            return
        self._key = message.mn
        turn.items.append(Heard(device))
        answer = hj212.answer(message)
        if answer is not None:
            turn.send.append(hj212.encode(answer))
        if self._resent.again(hj212.encode_loose(message)):
            self._counters.resent += 1
            return
        if message.pnum:
            whole = self._join(message, now_s)
            if whole is None:
                return
            message = whole
        self._values(message, turn, device)

    def _join(self, message: hj212.Message, now_s: float) -> hj212.Message | None:
        key = (message.mn, message.cn, message.qn or "")
        if key not in self._open and len(self._open) >= OPEN_LIMIT:
            del self._open[next(iter(self._open))]
        _, parts = self._open.setdefault(key, (now_s, {}))
        parts[message.pno] = message
        if len(parts) < message.pnum:
            return None
        del self._open[key]
        return hj212.join(list(parts.values()))

    def _values(self, message: hj212.Message, turn: Turn, device: Device | None = None) -> None:
        if message.cn not in _VALUES:
            if not message.cn.startswith("90"):
                turn.items.append(Counted(f"unsupported_{message.cn}"))
            return
        device = device or self._platform.find("hj212", message.mn)
        if device is None:
            return
        try:
            report = hj212.report(message)
        except Malformed as error:
            turn.items.append(
                Refused(
                    "hj212", message.mn, f"CN {message.cn}: {error}", hj212.encode_loose(message)
                )
            )
            return
        if report.malformed:
            reason = f"CN {message.cn}: cannot be read: {', '.join(report.malformed)}"
            turn.items.append(
                Refused("hj212", message.mn, reason[:500], hj212.encode_loose(message))
            )
        turn.items += [
            Sample(device, v.quantity, v.at, v.value, hj212.unit(v.code), v.flag)
            for v in report.values
        ]
