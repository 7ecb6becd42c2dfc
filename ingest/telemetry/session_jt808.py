"""The platform's side of one JT/T 808 connection: bytes in, answers and decoded items out, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ingest.telemetry import jt808
from ingest.telemetry import jt808_messages as messages
from ingest.telemetry.framing import Counters, Junk, Malformed, Resent
from ingest.telemetry.model import (
    FLAG_BUSY,
    FLAG_IGNITION,
    FLAG_SOS,
    CodeGiven,
    Counted,
    Datum,
    Device,
    Fix,
    Heard,
    Item,
    Online,
    Platform,
    Refused,
    TextAnswered,
    TextUnanswered,
    Turn,
    WantsIn,
)

ANSWER_WAIT_S = (
    10.0  # the standard leaves the time to the platform; doubled at each repeat as it asks
)
SEND_TIMES = 3
MAX_BAD_CODES = 5


@dataclass(slots=True)
class _Text:
    downlink_id: int
    frames: list[bytes]
    sent: int
    again_s: float


class Jt808Session:
    """One terminal's connection: register (0100), authenticate (0102), then positions, heartbeats and texts."""

    def __init__(self, platform: Platform, counters: Counters) -> None:
        self._platform = platform
        self._framer = jt808.framer(counters)
        self._counters = counters
        self._parts = jt808.Assembler()
        self._resent = Resent()
        self._serial = 0
        self._device: Device | None = None
        self._key = ""  # as the terminal writes it, while the row may have it with zeros in front
        self._codes: dict[int, str] = {}
        self._phone = ""
        self._edition_2019 = False
        self._bad_codes = 0
        self._texts: dict[int, _Text] = {}

    @property
    def device(self) -> Device | None:
        """Who is at the other end, once authenticated."""
        return self._device

    def feed(self, data: bytes, now: datetime, now_s: float) -> Turn:
        turn = Turn()
        for frame in self._framer.feed(data):
            if isinstance(frame, Junk):
                key = self._device.key if self._device else None
                turn.items.append(Refused("jt808", key, frame.reason, frame.raw))
                continue
            try:
                self._take(frame, now_s, turn)
            except Malformed as error:
                reason = f"message {frame.id:04x}: {error}"
                turn.items.append(Refused("jt808", frame.key, reason, frame.body))
                self._answer(turn, frame, jt808.BAD_MESSAGE)
            if turn.close:
                break
        return turn

    def tick(self, now: datetime, now_s: float) -> Turn:
        turn = Turn()
        ask, lost = self._parts.overdue(now_s)
        for resend in ask:
            self._send(turn, jt808.RESEND, messages.encode_resend(resend))
        for reason in lost:
            turn.items.append(
                Refused("jt808", self._device.key if self._device else None, reason, b"")
            )
        for serial, text in list(self._texts.items()):
            if now_s < text.again_s:
                continue
            if text.sent >= SEND_TIMES:
                del self._texts[serial]
                turn.items.append(TextUnanswered(text.downlink_id))
                continue
            text.sent += 1
            text.again_s = now_s + ANSWER_WAIT_S * 2 ** (text.sent - 1)
            turn.send += text.frames
        return turn

    def end(self) -> Turn:
        turn = Turn()
        for junk in self._framer.flush():
            if isinstance(junk, Junk):
                key = self._device.key if self._device else None
                turn.items.append(Refused("jt808", key, junk.reason, junk.raw))
        turn.items += [TextUnanswered(text.downlink_id) for text in self._texts.values()]
        self._texts.clear()
        return turn

    def send_text(self, downlink_id: int, body: str, now_s: float) -> list[bytes]:
        """The frames of an 8300 to this terminal; its 0001 comes back as :class:`TextAnswered`."""
        raw = messages.encode_text(messages.Text(0b1101, body), self._edition_2019)
        message = self._message(jt808.TEXT, raw)
        parts = jt808.split(message)
        self._serial = (self._serial + len(parts) - 1) & 0xFFFF
        frames = [jt808.encode(part) for part in parts]
        # Terminals answer a split message with the serial of its last part or its first: both are awaited.
        entry = _Text(downlink_id, frames, 1, now_s + ANSWER_WAIT_S)
        self._texts[message.serial] = entry
        if len(parts) > 1:
            self._texts[parts[-1].serial] = entry
        return frames

    def _take(self, message: jt808.Message, now_s: float, turn: Turn) -> None:
        self._phone, self._edition_2019 = message.phone, message.edition_2019
        device = self._device
        if device is not None and self._key != message.key:
            # One connection may not speak for another terminal after authentication.
            turn.items.append(
                Refused(
                    "jt808", message.key, f"sent on the connection of {self._key}", message.body
                )
            )
            self._answer(turn, message, jt808.FAILED)
            return
        if message.encrypted:
            turn.items.append(Refused("jt808", message.key, "the body is encrypted", message.body))
            self._answer(turn, message, jt808.UNSUPPORTED)
            return
        if message.total:
            if device is None:
                self._answer(turn, message, jt808.FAILED)
                return
            whole = self._parts.add(message, now_s)
            if whole is None:
                self._answer(turn, message, jt808.OK)
                return
            # The answer names the part that completed it; the terminal has answers to the others already.
            message = jt808.Message(
                whole.id, whole.phone, message.serial, whole.body, whole.edition_2019
            )
        if message.id == jt808.REGISTER:
            self._register(message, turn)
        elif message.id == jt808.AUTHENTICATE:
            self._authenticate(message, turn)
        elif device is None:
            turn.items.append(
                Refused(
                    "jt808",
                    message.key,
                    f"message {message.id:04x} before authentication",
                    message.body,
                )
            )
            self._answer(turn, message, jt808.FAILED)
        else:
            turn.items.append(Heard(device))
            self._hear(device, message, turn)

    def _register(self, message: jt808.Message, turn: Turn) -> None:
        registration = messages.decode_registration(message)
        device = self._platform.find("jt808", message.key)
        if device is None:
            name = registration.plate or message.key
            if self._platform.auto_register():
                # The row is made behind our back; the terminal registers again and then finds itself known.
                turn.items.append(
                    WantsIn("jt808", message.key, "vehicle", name, registration.plate or None)
                )
                return
            turn.items.append(
                Refused(
                    "jt808",
                    message.key,
                    f"unknown terminal wants to register as {name!r}",
                    message.body,
                )
            )
            answer = messages.RegistrationAnswer(message.serial, jt808.NO_SUCH_TERMINAL)
        else:
            code = self._codes.get(device.id) or device.auth_code
            if code is None:
                code = self._platform.make_code()
                turn.items.append(CodeGiven(device, code))
            self._codes[device.id] = code
            answer = messages.RegistrationAnswer(message.serial, jt808.REGISTERED, code)
        self._send(turn, jt808.REGISTER_ANSWER, messages.encode_registration_answer(answer))

    def _authenticate(self, message: jt808.Message, turn: Turn) -> None:
        code = messages.decode_authentication(message)
        device = self._platform.find("jt808", message.key)
        expected = None if device is None else self._codes.get(device.id) or device.auth_code
        if device is None or expected is None or code != expected:
            why = "unknown terminal" if device is None else "wrong authentication code"
            turn.items.append(Refused("jt808", message.key, why, message.body))
            self._answer(turn, message, jt808.FAILED)
            self._bad_codes += 1
            turn.close = self._bad_codes >= MAX_BAD_CODES
            return
        self._device, self._key = device, message.key
        self._answer(turn, message, jt808.OK)
        turn.items += [Heard(device), Online(device)]

    def _hear(self, device: Device, message: jt808.Message, turn: Turn) -> None:
        if message.id == jt808.POSITION:
            report = messages.decode_position(message.body)
            if report.malformed_items:
                turn.items.append(Counted("malformed_items", report.malformed_items))
            if self._resent.again(message.serial.to_bytes(2, "big") + message.body):
                self._counters.resent += 1
            else:
                turn.items.append(_fix(device, report, message.body))
            self._answer(turn, message, self._result(device, report.alarm))
        elif message.id == jt808.POSITION_BATCH:
            batch = messages.decode_position_batch(message.body)
            items: list[Item] = [
                Refused("jt808", device.key, f"message 0704: {why}", message.body)
                for why in batch.malformed
            ]
            bad = sum(report.malformed_items for report in batch.reports)
            if bad:
                items.append(Counted("malformed_items", bad))
            items += [_fix(device, report, message.body) for report in batch.reports]
            if self._resent.again(message.serial.to_bytes(2, "big") + message.body):
                self._counters.resent += 1
            else:
                turn.items += items
            alarm = 0
            for report in batch.reports:
                alarm |= report.alarm
            self._answer(turn, message, self._result(device, alarm))
        elif message.id == jt808.HEARTBEAT:
            self._answer(turn, message, jt808.OK)
        elif message.id == jt808.TERMINAL_ANSWER:
            self._answered(messages.decode_answer(message.body), turn)
        elif message.id == jt808.LOGOUT:
            self._answer(turn, message, jt808.OK)
            self._device = None
            turn.close = True
        else:
            turn.items.append(Counted(f"unsupported_{message.id:04x}"))
            self._answer(turn, message, jt808.UNSUPPORTED)

    def _result(self, device: Device, alarm: int) -> int:
        if alarm & jt808.ALARM_SOS and self._platform.sos_stored(device.id):
            return jt808.ALARM_CONFIRMED
        return jt808.OK

    def _answered(self, answer: messages.Answer, turn: Turn) -> None:
        text = self._texts.get(answer.serial)
        if text is None or answer.id != jt808.TEXT:
            return
        for serial in [s for s, t in self._texts.items() if t is text]:
            del self._texts[serial]
        turn.items.append(TextAnswered(text.downlink_id, answer.result))

    def _message(self, message_id: int, body: bytes) -> jt808.Message:
        self._serial = (self._serial + 1) & 0xFFFF
        return jt808.Message(message_id, self._phone, self._serial, body, self._edition_2019)

    def _send(self, turn: Turn, message_id: int, body: bytes) -> None:
        turn.send.append(jt808.encode(self._message(message_id, body)))

    def _answer(self, turn: Turn, message: jt808.Message, result: int) -> None:
        body = messages.encode_answer(messages.Answer(message.serial, message.id, result))
        self._send(turn, jt808.PLATFORM_ANSWER, body)


def _fix(device: Device, report: messages.PositionReport, raw: bytes) -> Fix:
    status = report.status
    flags = FLAG_IGNITION if status & jt808.STATUS_ACC else 0
    flags |= FLAG_BUSY if status & jt808.STATUS_FULL else 0
    flags |= FLAG_SOS if report.alarm & jt808.ALARM_SOS else 0
    datum: Datum = "gcj02" if status & jt808.STATUS_SHIFTED else device.datum
    return Fix(
        device,
        report.at,
        report.lon_deg,
        report.lat_deg,
        datum,
        report.speed_ms,
        report.course_deg,
        report.altitude_m,
        flags,
        bool(status & jt808.STATUS_FIXED),
        raw,
    )
