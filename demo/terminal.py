"""The vehicle's side of JT/T 808: register, authenticate, report, take texts. Pure; the gateway's codec."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Literal

from ingest.telemetry import jt808
from ingest.telemetry import jt808_messages as messages
from ingest.telemetry.framing import Junk, Malformed

KEEP_REPORTS = 720  # fixes kept while there is no connection
REPORTS_PER_BATCH = 20

State = Literal["offline", "registering", "authenticating", "online", "refused"]


@dataclass(slots=True)
class Heard:
    """What the platform sent: bytes to answer with, and the texts for the driver."""

    answer: bytes = b""
    texts: list[str] = field(default_factory=list)


class Terminal:
    """One terminal. Its authentication code outlives the connection, as in a terminal's flash memory."""

    def __init__(self, phone: str, plate: str, edition_2019: bool = False) -> None:
        self.phone = phone.rjust(20 if edition_2019 else 12, "0")
        self.plate = plate
        self.edition_2019 = edition_2019
        self.state: State = "offline"
        self.sos = False
        self.code: str | None = None
        self.answers: dict[int, int] = {}  # result of 8001 -> how often
        self._serial = 0
        self._framer = jt808.framer()
        self._kept: deque[messages.PositionReport] = deque(maxlen=KEEP_REPORTS)
        self._sent: deque[jt808.Message] = deque(maxlen=64)
        self._parts = jt808.Assembler()

    def connect(self) -> bytes:
        """A new connection stands: the first message."""
        self._framer = jt808.framer()
        return self._authenticate() if self.code is not None else self._register()

    def lost(self) -> None:
        """The connection is gone."""
        self.state = "offline"

    def report(self, position: messages.PositionReport) -> bytes:
        """Sends a position, or keeps it for later where the terminal is not on line (empty then)."""
        if self.sos:
            position = replace(position, alarm=position.alarm | jt808.ALARM_SOS)
        if self.state != "online":
            self._kept.append(position)
            return b""
        return self._message(jt808.POSITION, messages.encode_position(position))

    def heartbeat(self) -> bytes:
        """0002; empty where the terminal is not on line."""
        return self._message(jt808.HEARTBEAT, b"") if self.state == "online" else b""

    def logout(self) -> bytes:
        """0003; empty where the terminal is not on line."""
        return self._message(jt808.LOGOUT, b"") if self.state == "online" else b""

    def feed(self, data: bytes) -> Heard:
        """Takes what the platform sent."""
        heard = Heard()
        for message in self._framer.feed(data):
            if isinstance(message, Junk):
                continue
            try:
                heard.answer += self._take(message, heard)
            except Malformed:
                heard.answer += self._answer(message, jt808.BAD_MESSAGE)
        return heard

    def _take(self, message: jt808.Message, heard: Heard) -> bytes:
        if message.total:
            whole = self._parts.add(message, 0.0)
            if whole is None:
                return b""
            message = whole
        if message.id == jt808.REGISTER_ANSWER:
            return self._registered(messages.decode_registration_answer(message.body))
        if message.id == jt808.PLATFORM_ANSWER:
            return self._answered(messages.decode_answer(message.body))
        if message.id == jt808.TEXT:
            heard.texts.append(messages.decode_text(message).text)
            return self._answer(message, jt808.OK)
        if message.id == jt808.RESEND:
            return self._resend(messages.decode_resend(message.body))
        return self._answer(message, jt808.UNSUPPORTED)

    def _registered(self, answer: messages.RegistrationAnswer) -> bytes:
        if answer.result != jt808.REGISTERED:
            self.state = "refused"
            return b""
        self.code = answer.code
        return self._authenticate()

    def _answered(self, answer: messages.Answer) -> bytes:
        self.answers[answer.result] = self.answers.get(answer.result, 0) + 1
        if answer.id == jt808.AUTHENTICATE:
            if answer.result != jt808.OK:
                self.code = None  # the platform has forgotten us
                return self._register()
            self.state = "online"
            return self._catch_up()
        if answer.result == jt808.ALARM_CONFIRMED:
            self.sos = False
        return b""

    def _catch_up(self) -> bytes:
        """What was kept while there was no connection, oldest first, as 0704."""
        out = b""
        while self._kept:
            count = min(REPORTS_PER_BATCH, len(self._kept))
            reports = [self._kept.popleft() for _ in range(count)]
            body = messages.encode_position_batch(reports, blind_area=True)
            out += self._message(jt808.POSITION_BATCH, body)
        return out

    def _resend(self, resend: jt808.Resend) -> bytes:
        wanted = {(resend.serial + part - 1) & 0xFFFF for part in resend.parts}
        return b"".join(jt808.encode(m) for m in self._sent if m.serial in wanted)

    def _register(self) -> bytes:
        self.state = "registering"
        registration = messages.Registration(
            32, 583, "WLDEMO", "WL-T1", self.phone[-7:], 2, self.plate
        )
        maker = registration if self.edition_2019 else replace(registration, maker="WLDMO")
        return self._message(jt808.REGISTER, messages.encode_registration(maker, self.edition_2019))

    def _authenticate(self) -> bytes:
        self.state = "authenticating"
        code = messages.encode_authentication(self.code or "", self.edition_2019, self.phone[-15:])
        return self._message(jt808.AUTHENTICATE, code)

    def _answer(self, message: jt808.Message, result: int) -> bytes:
        body = messages.encode_answer(messages.Answer(message.serial, message.id, result))
        return self._message(jt808.TERMINAL_ANSWER, body)

    def _message(self, message_id: int, body: bytes) -> bytes:
        self._serial = (self._serial + 1) & 0xFFFF
        message = jt808.Message(message_id, self.phone, self._serial, body, self.edition_2019)
        parts = jt808.split(message)
        self._serial = parts[-1].serial
        if len(parts) > 1:
            self._sent.extend(parts)
        return b"".join(jt808.encode(part) for part in parts)
