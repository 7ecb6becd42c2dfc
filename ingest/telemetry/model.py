"""The nouns of the gateway: what sessions decode and what is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

ProtocolName = Literal["jt808", "hj212", "sl651"]
Datum = Literal["wgs84", "gcj02", "bd09"]

FLAG_IGNITION, FLAG_BUSY, FLAG_SOS = 1, 2, 4  # bits of position.flags

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(at: datetime) -> int:
    """Microseconds since 1970, exact."""
    return (at - _EPOCH) // _MICROSECOND


def from_us(us: int) -> datetime:
    """The reverse of :func:`to_us`."""
    return _EPOCH + timedelta(microseconds=us)


@dataclass(frozen=True, slots=True)
class Device:
    """A row of ``device`` as the gateway needs it. ``password`` is None where the device needs none."""

    id: int
    protocol: ProtocolName
    key: str
    kind: str
    datum: Datum
    service: str | None = None
    auth_code: str | None = None
    password: str | None = None


class Platform(Protocol):
    """What a session may ask the gateway, answered from memory."""

    def find(self, protocol: ProtocolName, key: str) -> Device | None:
        """The device with that key, None when it is unknown."""
        ...

    def sos_stored(self, device_id: int) -> bool:
        """Whether the panic call of that device that is going on now is safe on disk or in the database."""
        ...

    def auto_register(self) -> bool:
        """Whether unknown devices are let in."""
        ...

    def make_code(self) -> str:
        """A fresh authentication code."""
        ...


# --- what sessions decode ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fix:
    """A position as a terminal said it: not yet converted, not yet believed. ``raw`` is kept if it is refused."""

    device: Device
    at: datetime
    lon_deg: float
    lat_deg: float
    datum: Datum
    speed_ms: float
    course_deg: int
    altitude_m: int
    flags: int
    located: bool
    raw: bytes


@dataclass(frozen=True, slots=True)
class Sample:
    """A sensor's value."""

    device: Device
    quantity: str
    at: datetime
    value: float
    unit: str
    flag: str = "N"


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that cannot be used, with the reason; it goes to quarantine."""

    protocol: ProtocolName
    key: str | None
    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Heard:
    """The device said something."""

    device: Device


@dataclass(frozen=True, slots=True)
class Online:
    """The device has proved who it is: from here on it can be sent texts."""

    device: Device


@dataclass(frozen=True, slots=True)
class CodeGiven:
    """JT/T 808 registration handed out this code."""

    device: Device
    code: str


@dataclass(frozen=True, slots=True)
class WantsIn:
    """An unknown device that may be let in: make its row; the session goes on when it speaks again."""

    protocol: ProtocolName
    key: str
    kind: str
    name: str
    plate: str | None = None


@dataclass(frozen=True, slots=True)
class TextAnswered:
    """The terminal's 0001 to a text: 0 taken."""

    downlink_id: int
    result: int


@dataclass(frozen=True, slots=True)
class TextUnanswered:
    """The text was sent again and again and never answered."""

    downlink_id: int


@dataclass(frozen=True, slots=True)
class Image:
    """A station's picture, joined from its packets."""

    device: Device
    at: datetime
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Counted:
    """Something worth a figure and nothing more, e.g. ``malformed_items``."""

    what: str
    number: int = 1


Item = (
    Fix
    | Sample
    | Refused
    | Heard
    | Online
    | CodeGiven
    | WantsIn
    | TextAnswered
    | TextUnanswered
    | Image
    | Counted
)


@dataclass(slots=True)
class Turn:
    """What a session makes of some bytes: what to send back, what was decoded, whether to hang up."""

    send: list[bytes] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    close: bool = False


class Session(Protocol):
    """One connection's state machine. Times are seconds of a monotonic clock and wall time, both handed in."""

    def feed(self, data: bytes, now: datetime, now_s: float) -> Turn:
        """Takes what the socket gave."""
        ...

    def tick(self, now: datetime, now_s: float) -> Turn:
        """Called about once a second: asks again for what is missing."""
        ...

    def end(self) -> Turn:
        """The connection is gone."""
        ...


# --- what is stored ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A row of ``position``. Times are microseconds since 1970. ``fresh``: newer than any the device sent before,
    so it cannot be a repeat."""

    device_id: int
    at_us: int
    lon_e7: int
    lat_e7: int
    speed_cms: int
    course_deg: int
    altitude_m: int
    flags: int
    received_us: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A row of ``reading``."""

    device_id: int
    quantity: str
    at_us: int
    value: float
    unit: str
    flag: str
    received_us: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """A row of ``device_event``. Without a place of its own the store puts it where the device stands."""

    device_id: int
    kind: Literal["sos", "threshold"]
    at_us: int
    priority: int
    quantity: str | None = None
    value: float | None = None
    limit_value: float | None = None
    lon_e7: int | None = None
    lat_e7: int | None = None


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """A row of ``quarantine``; ``raw`` in hex."""

    source: str
    device_key: str | None
    reason: str
    raw_hex: str
    received_us: int


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A device's new authentication code."""

    device_id: int
    code: str


@dataclass(frozen=True, slots=True)
class SeenRow:
    """When a device was heard last."""

    device_id: int
    at_us: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What is stored in one transaction, exactly once: the database remembers ``uid``."""

    uid: str
    positions: tuple[PositionRow, ...] = ()
    readings: tuple[ReadingRow, ...] = ()
    events: tuple[EventRow, ...] = ()
    quarantine: tuple[QuarantineRow, ...] = ()
    codes: tuple[CodeRow, ...] = ()
    seen: tuple[SeenRow, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return (
            len(self.positions)
            + len(self.readings)
            + len(self.events)
            + len(self.quarantine)
            + len(self.codes)
            + len(self.seen)
        )
