"""The stations' side of SL 651 and HJ 212: what they send when, and what they answer. Pure; the gateway's codecs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from demo import weather
from demo.city_model import DemoStation
from ingest.telemetry import hj212, sl651
from ingest.telemetry.framing import Malformed

LINK_S = 40.0  # the standard's advice
TIMED_S = 30.0
REALTIME_S = 15.0
MINUTE_S = 600.0
_FIVE_MINUTES = timedelta(minutes=5)
WARNING_M = 3.5  # of a station without a threshold of its own


class HydrologyStation:
    """A water-level or a rain station. :meth:`due` gives the frames that are to be sent now."""

    def __init__(self, about: DemoStation, lag_s: float = 0.0, password: str = "1234") -> None:
        self.about = about
        self.answers = 0
        self._password = password
        self._lag_s = lag_s
        levels = [t.limit_value for t in about.thresholds if t.quantity == "water_level_m"]
        self._warning_m = min(levels, default=WARNING_M)
        self._serial = 0
        self._framer = sl651.framer()
        self._link_s = self._timed_s = float("-inf")
        self._hour: datetime | None = None
        self._above = False
        self._unanswered: dict[int, bytes] = {}

    def connect(self, now: datetime) -> bytes:
        """A new connection: the link report, and what was not answered before."""
        self._framer = sl651.framer()
        self._link_s = now.timestamp()
        return self._frame(sl651.LINK, sl651.encode_link(self._next(), now)) + b"".join(
            self._unanswered.values()
        )

    def due(self, now: datetime) -> bytes:
        """The frames whose time has come: 2F, 32, at the hour 34, and 33 when the level passes the warning."""
        t_s = now.timestamp()
        out = b""
        if t_s - self._link_s >= LINK_S:
            self._link_s = t_s
            out += self._frame(sl651.LINK, sl651.encode_link(self._next(), now))
        if t_s - self._timed_s >= TIMED_S:
            self._timed_s = t_s
            out += self._report(sl651.TIMED, now, self._elements(now))
        if self.about.kind == "water_level":
            above = self._level(now) >= self._warning_m
            if above and not self._above:
                out += self._report(sl651.EXTRA, now, self._elements(now))
            self._above = above
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self._hour is not None and hour > self._hour:
            out += self._hourly(now, hour)
        self._hour = hour
        return out

    def feed(self, data: bytes) -> bytes:
        """Takes the centre's answers; a report that is answered need not be sent again."""
        for frame in self._framer.feed(data):
            if isinstance(frame, sl651.Frame) and not frame.up and frame.station == self.about.key:
                self.answers += 1
                self._unanswered.pop(frame.serial, None)
        return b""

    def _level(self, at: datetime) -> float:
        return weather.water_level_m(at.timestamp(), self._warning_m, self._lag_s)

    def _elements(self, now: datetime) -> tuple[sl651.Element, ...]:
        at = now.replace(second=0, microsecond=0)
        battery = sl651.Element(0x38, 12.6, at, 2, 2)
        if self.about.kind == "water_level":
            return (sl651.Element(0x39, round(self._level(now), 3), at, 4, 3), battery)
        t_s = now.timestamp()
        # The hydrological day begins at 08:00 at GMT+8, which is midnight UTC.
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return (
            sl651.Element(0x20, round(weather.rain_fallen_mm(day.timestamp(), t_s), 1), at, 3, 1),
            sl651.Element(0x22, round(weather.rain_fallen_mm(t_s - 300.0, t_s), 1), at, 2, 1),
            battery,
        )

    def _hourly(self, now: datetime, hour: datetime) -> bytes:
        first = hour - timedelta(minutes=55)
        times = [first + i * _FIVE_MINUTES for i in range(12)]
        head = sl651.encode_report(
            sl651.Report(self._next(), now, self.about.key, self._category, ())
        )
        body = head + b"\xf0\xf0" + sl651.encode_time(first, seconds=False)
        if self.about.kind == "water_level":
            centimetres = [round(self._level(at) * 100) for at in times]
            body += sl651.encode_levels(centimetres)
        else:
            fallen = [
                weather.rain_fallen_mm((at - _FIVE_MINUTES).timestamp(), at.timestamp())
                for at in times
            ]
            body += sl651.encode_rain(fallen)
        return self._frame(sl651.HOURLY, body)

    @property
    def _category(self) -> int:
        return 0x48 if self.about.kind == "water_level" else 0x50

    def _report(self, function: int, now: datetime, elements: tuple[sl651.Element, ...]) -> bytes:
        report = sl651.Report(self._next(), now, self.about.key, self._category, elements)
        return self._frame(function, sl651.encode_report(report))

    def _frame(self, function: int, body: bytes) -> bytes:
        frame = sl651.encode(sl651.Frame(function, self.about.key, body, password=self._password))
        if function != sl651.LINK:
            self._unanswered[self._serial] = frame
            while len(self._unanswered) > 200:
                del self._unanswered[next(iter(self._unanswered))]
        return frame

    def _next(self) -> int:
        self._serial = self._serial % 0xFFFF + 1
        return self._serial


class EmissionMonitor:
    """An enterprise's monitor: real time every 15 s, ten-minute figures, and answers to the platform's requests."""

    def __init__(self, about: DemoStation, password: str = "123456") -> None:
        self.about = about
        self.answers = 0
        self.interval_s = REALTIME_S
        self.sending = True
        self._password = password
        self._framer = hj212.framer()
        self._realtime_s = float("-inf")
        self._minute: int | None = None
        # The thresholds tell what is watched: the water of an outlet, or the air of a chimney.
        water = any(t.quantity.startswith("w") for t in about.thresholds)
        self._pollutants = weather.OUTLET if water else weather.CHIMNEY
        self._st = "32" if water else "31"
        self._shift = timedelta(0)  # what the platform has set our clock by

    def connect(self) -> bytes:
        """A new connection; the monitor says nothing of itself."""
        self._framer = hj212.framer()
        return b""

    def due(self, now: datetime) -> bytes:
        """The messages whose time has come."""
        t_s = now.timestamp()
        out = b""
        if self.sending and t_s - self._realtime_s >= self.interval_s:
            self._realtime_s = t_s
            out += self._send(hj212.REALTIME, now, self._realtime(now))
        minute = int(t_s // MINUTE_S)
        if self._minute is not None and minute > self._minute:
            out += self._send(hj212.MINUTE, now, self._minutes(minute))
        self._minute = minute
        return out

    def feed(self, data: bytes, now: datetime) -> bytes:
        """Answers requests (9011, the data, 9012) and notices (9013); counts the platform's own answers."""
        out = b""
        for message in self._framer.feed(data):
            if not isinstance(message, hj212.Message) or message.mn != self.about.key:
                continue
            if message.cn in (hj212.DATA_ANSWER, hj212.NOTICE_ANSWER):
                self.answers += 1
            elif message.pw != self._password:
                out += self._reply(
                    message, hj212.REQUEST_ANSWER, (("QnRtn", "3"),)
                )  # wrong password
            else:
                out += self._obey(message, now)
        return out

    def _obey(self, message: hj212.Message, now: datetime) -> bytes:
        accepted = self._reply(message, hj212.REQUEST_ANSWER, (("QnRtn", "1"),))
        done = self._reply(message, hj212.RESULT, (("ExeRtn", "1"),))
        failed = self._reply(message, hj212.RESULT, (("ExeRtn", "2"),))
        if message.cn == "1011":  # what time is it
            clock = (("PolId", "all"), ("SystemTime", hj212.encode_time(now + self._shift)))
            return accepted + self._reply(message, "1011", clock) + done
        if message.cn == "1012":  # set your clock
            try:
                self._shift = hj212.decode_time(message.value("SystemTime") or "") - now
            except Malformed:
                return accepted + failed
            return accepted + done
        if message.cn == "1061":  # how often do you report
            interval = (("RtdInterval", f"{self.interval_s:.0f}"),)
            return accepted + self._reply(message, "1061", interval) + done
        if message.cn == "1062":
            wanted = message.value("RtdInterval") or ""
            if not wanted.isdecimal() or not 1 <= int(wanted) <= 3600:
                return accepted + failed
            self.interval_s = float(wanted)
            return accepted + done
        if message.cn == hj212.REALTIME:  # begin, and send one now
            self.sending = True
            return accepted + self._send(hj212.REALTIME, now, self._realtime(now)) + done
        if message.cn == "2012":  # stop; a notice is only acknowledged
            self.sending = False
            return self._reply(message, hj212.NOTICE_ANSWER, ())
        return self._reply(message, hj212.REQUEST_ANSWER, (("QnRtn", "2"),))  # refused

    def _realtime(self, now: datetime) -> tuple[hj212.Group, ...]:
        t_s = now.timestamp()
        rows: list[hj212.Group] = [(("DataTime", hj212.encode_time(now + self._shift)),)]
        for pollutant in self._pollutants:
            value = weather.emission(pollutant, t_s)
            rows.append(
                (
                    (f"{pollutant.code}-Rtd", f"{value:.{pollutant.decimals}f}"),
                    (f"{pollutant.code}-Flag", weather.flag(pollutant, value)),
                )
            )
        return tuple(rows)

    def _minutes(self, minute: int) -> tuple[hj212.Group, ...]:
        start_s = (minute - 1) * MINUTE_S
        when = datetime.fromtimestamp(start_s, UTC)
        rows: list[hj212.Group] = [(("DataTime", hj212.encode_time(when + self._shift)),)]
        for pollutant in self._pollutants:
            values = [weather.emission(pollutant, start_s + i * 15.0) for i in range(40)]
            mean, places = sum(values) / len(values), pollutant.decimals
            code = pollutant.code
            rows.append(
                (
                    (f"{code}-Min", f"{min(values):.{places}f}"),
                    (f"{code}-Avg", f"{mean:.{places}f}"),
                    (f"{code}-Max", f"{max(values):.{places}f}"),
                    (f"{code}-Flag", weather.flag(pollutant, mean)),
                )
            )
        return tuple(rows)

    def _send(self, cn: str, now: datetime, groups: tuple[hj212.Group, ...]) -> bytes:
        message = hj212.Message(
            cn,
            self.about.key,
            self._st,
            groups,
            hj212.encode_time(now, milliseconds=True),
            self._password,
            hj212.FLAG_2017 | hj212.FLAG_ANSWER,
        )
        return b"".join(hj212.encode(part) for part in hj212.split(message))

    def _reply(self, request: hj212.Message, cn: str, pairs: tuple[tuple[str, str], ...]) -> bytes:
        groups = tuple((pair,) for pair in pairs)
        message = replace(request, cn=cn, st=hj212.SYSTEM, groups=groups, flag=hj212.FLAG_2017)
        return hj212.encode(message)
