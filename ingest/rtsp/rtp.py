"""RTP of one track (RFC 3550): order, loss and the camera's restarts. Pure.

Over TCP nothing is lost on the way, yet cameras leave packets out when they are overloaded, and some send them
out of order. Packets after a gap are held until the gap closes or :data:`HELD_PACKETS` are waiting.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ingest.rtsp.wire import Run

_HEADER = struct.Struct(">BBHII")
_read_header = _HEADER.unpack_from
# The interleaved header's lead and length, then RTP's: flags, type and number; time and source.
_read_packet = struct.Struct(">HHIQ").unpack_from
_DOLLAR = 0x24
HELD_PACKETS = 16
_RESTART = 3000  # a step of the sequence number larger than this is no loss (RFC 3550 appendix A.1)


Bytes = bytes | memoryview


@dataclass(slots=True)
class Frame:
    """One access unit as it was sent."""

    units: list[bytes]  # NAL units; one JPEG; one packet of sound
    timestamp: int  # RTP, 32 bits
    damaged: bool = False  # a part of it is missing
    after_loss: bool = False  # something before it is missing, so only a key frame can be shown


class Depacketizer(Protocol):
    """Joins payloads to access units."""

    def push(
        self, packet: bytes, start: int, end: int, timestamp: int, marker: bool
    ) -> list[Frame] | None:
        """Takes the payload ``packet[start:end]``, which is not empty; returns the access units that are whole by now, if any."""
        ...

    def lost(self) -> None:
        """Packets are missing before the next one."""
        ...


class Fragments(Protocol):
    """A depacketizer whose large units come in fragments (FU of RFC 6184 and RFC 7798)."""

    fragmentation: tuple[int, int, int, int]
    """Mask and value of the first payload byte, where the byte with the start and end bit stands, where data begin."""

    def open_fragments(self) -> tuple[list[Bytes], int]:
        """The fragments so far of the unit that is not whole yet, to be added to, and its time; -1 where nothing simply
        goes on."""
        ...

    def grew(self, size_bytes: int) -> None:
        """So much was added to them."""
        ...

    def push(
        self, packet: Bytes, start: int, end: int, timestamp: int, marker: bool
    ) -> list[Frame] | None:
        """As :meth:`Depacketizer.push`; nothing of ``packet`` itself is kept in what is returned."""
        ...


Deliver = Callable[[list[Frame]], None]
"""Takes the access units that are whole, in order."""


class RtpReceiver:
    """Follows one track's packets and gives them to ``depacketizer`` in order."""

    def __init__(self, payload_type: int, depacketizer: Depacketizer) -> None:
        self._type = payload_type
        self._push = depacketizer.push
        self._lost: Callable[[], None] = depacketizer.lost
        self._expected = -1  # the next sequence number, -1 before the first packet
        self._held: dict[int, bytes] = {}
        self.ssrc = 0
        self.received = 0
        self.lost_packets = 0
        self.late_packets = 0  # twice, or after their gap was given up
        self.unreadable = 0  # no RTP, or another payload type
        self.other_type: int | None = None  # the last payload type that nobody announced
        self._cycles = 0

    def take(self, packet: bytes) -> list[Frame] | None:
        """One packet as it came; returns the access units completed by it, if any."""
        if len(packet) < 12:
            self.unreadable += 1
            return None
        first, second, sequence, timestamp, ssrc = _read_header(packet)
        if second & 127 != self._type or first >> 6 != 2:
            self.unreadable += 1
            if first >> 6 == 2:
                self.other_type = second & 127
            return None
        if sequence == self._expected and ssrc == self.ssrc and not self._held:
            self.received += 1
            if sequence == 65535:
                self._cycles += 1
                self._expected = 0
            else:
                self._expected = sequence + 1
            if first == 0x80 and len(packet) > 12:
                return self._push(packet, 12, len(packet), timestamp, second > 127)
            return self._payload(packet, first, second, timestamp)
        return self._out_of_order(packet, sequence, ssrc)

    def run_of(self, channel: int, units: Fragments, deliver: Deliver) -> Run:
        """For :attr:`Framer.runs`: takes plain packets that come in order, as nearly all do, without their being cut out
        of the buffer one by one, and gives what becomes whole to ``deliver`` at once. The fragments that only go on with
        an open unit are most of a large picture: for them even ``units`` is not asked.
        """
        mask, value, bits_at, data_at = units.fragmentation
        bits_at, data_at = 16 + bits_at, 16 + data_at  # behind both headers
        push, lead_of_ours = units.push, _DOLLAR << 8 | channel
        plain, marker = 0x8000_0000 | self._type << 16, 0x80_0000
        full = plain + 0x1_0000

        def run(buffer: bytes, at: int, end: int) -> int:
            if self._held or self._expected < 0:
                return at
            source, wanted = self.ssrc, plain | self._expected
            view = memoryview(buffer)  # pieces of it are cut out without a copy
            parts, time = units.open_fragments()
            clock, known, since = time << 32 | source, len(parts), at
            while end - at > 16:
                lead, length, head, when = _read_packet(buffer, at)
                stop = at + 4 + length
                if (
                    head == wanted  # and has no marker
                    and when == clock
                    and lead == lead_of_ours
                    and at + data_at <= stop <= end
                    and buffer[at + 16] & mask == value
                    and buffer[at + bits_at] < 64  # it neither begins nor ends a unit
                ):
                    parts.append(view[at + data_at : stop])
                    at = stop
                    wanted += 1
                    if wanted == full:
                        wanted = plain
                    continue
                if (
                    (head != wanted and head != wanted + marker)
                    or lead != lead_of_ours
                    or when & 0xFFFF_FFFF != source
                    or length < 13  # no payload
                    or stop > end
                ):
                    break
                if at > since:
                    units.grew(at - since - data_at * (len(parts) - known))
                frames = push(view, at + 16, stop, when >> 32, head != wanted)
                at = stop
                wanted += 1
                if wanted == full:
                    wanted = plain
                if frames is not None:
                    self._took_before(wanted & 0xFFFF)
                    deliver(frames)
                parts, time = units.open_fragments()
                clock, known, since = time << 32 | source, len(parts), at
            if at > since:
                units.grew(at - since - data_at * (len(parts) - known))
            self._took_before(wanted & 0xFFFF)
            return at

        return run

    def _took_before(self, sequence: int) -> None:
        """The packets before ``sequence`` were taken in order."""
        count = (sequence - self._expected) & 0xFFFF
        self.received += count
        self._cycles += self._expected + count >> 16
        self._expected = sequence

    def _payload(
        self, packet: bytes, first: int, second: int, timestamp: int
    ) -> list[Frame] | None:
        """The payload of a packet that has padding, an extension or contributors."""
        start, end = 12 + 4 * (first & 15), len(packet)
        if first & 0x10 and start + 4 <= end:
            start += 4 + 4 * (packet[start + 2] << 8 | packet[start + 3])
        if first & 0x20 and packet[-1] <= end - start:
            end -= packet[-1]
        if start > end:
            self.unreadable += 1
            self._lost()
            return None
        if start == end:
            return None  # nothing but padding
        return self._push(packet, start, end, timestamp, second > 127)

    def _out_of_order(self, packet: bytes, sequence: int, ssrc: int) -> list[Frame] | None:
        if self._expected < 0 or ssrc != self.ssrc:
            if self._expected >= 0:
                self._restart()
            self.ssrc = ssrc
            self._expected = sequence
            return self.take(packet)
        ahead = (sequence - self._expected) & 0xFFFF
        if _RESTART < ahead < 65536 - 100:
            self._restart()
            self._expected = sequence
            return self.take(packet)
        if ahead >= 65536 - 100 or sequence in self._held:
            self.late_packets += 1
            return None
        self._held[sequence] = packet
        out: list[Frame] = []
        if len(self._held) > HELD_PACKETS and self._expected not in self._held:
            self._give_up(out)
        self._release(out)
        return out or None

    def _restart(self) -> None:
        """The camera began to count anew: what was held belongs to the past."""
        self._held.clear()
        self._lost()

    def _give_up(self, out: list[Frame]) -> None:
        """The gap does not close: goes on with the first packet after it."""
        nearest = min(self._held, key=lambda s: (s - self._expected) & 0xFFFF)
        self.lost_packets += (nearest - self._expected) & 0xFFFF
        if nearest < self._expected:
            self._cycles += 1
        self._expected = nearest
        self._lost()

    def _release(self, out: list[Frame]) -> None:
        """Hands on the held packets that follow each other now."""
        while (packet := self._held.pop(self._expected, None)) is not None:
            held, self._held = self._held, {}
            out += self.take(packet) or ()
            self._held = held

    @property
    def highest(self) -> int:
        """The extended highest sequence number received, for reports; 0 before the first packet."""
        if self._expected < 0:
            return 0
        return (self._cycles << 16) + self._expected - 1 & 0xFFFFFFFF
