"""AAC in RTP: RFC 3640 (mode ``AAC-hbr`` and its kin). Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.rtsp.rtp import Frame

SAMPLES = 1024  # in one access unit
_MAX_UNIT_BYTES = 64 << 10


class AacDepacketizer:
    """Payloads to AAC access units, several of which may come in one packet or one in several.

    ``parameters`` are those of the fmtp line. Raises :class:`ValueError` when they cannot be used.
    """

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._size_bits = _number(parameters, "sizelength", 13)
        self._index_bits = _number(parameters, "indexlength", 3)
        self._delta_bits = _number(parameters, "indexdeltalength", 3)
        self._constant = _number(parameters, "constantsize", 0)
        self._parts: list[bytes] = []  # of an access unit that is not whole yet
        self._missing = 0
        self.unreadable = 0

    def lost(self) -> None:
        """Packets are missing: what is not whole stays so."""
        self._parts, self._missing = [], 0

    def push(
        self, packet: bytes, start: int, end: int, timestamp: int, marker: bool
    ) -> list[Frame] | None:
        at = start
        sizes = [self._constant]
        if not self._constant:
            if end - start < 2:
                self._refuse()
                return None
            header_bits = packet[start] << 8 | packet[start + 1]
            at = start + 2 + (header_bits + 7) // 8
            if at > end:
                self._refuse()
                return None
            sizes = self._sizes(packet[start + 2 : at], header_bits)
        if self._missing:
            return self._go_on(packet[at:end], timestamp)
        out: list[Frame] = []
        for number, size in enumerate(sizes):
            unit = packet[at : min(end, at + size)]
            if len(unit) < size:
                if len(sizes) > 1 or size > _MAX_UNIT_BYTES:
                    self._refuse()
                    break
                self._parts, self._missing = [unit], size - len(unit)
                break
            if unit:
                out.append(Frame([unit], (timestamp + number * SAMPLES) & 0xFFFFFFFF))
            at += size
        return out or None

    def _sizes(self, header: bytes, bits: int) -> list[int]:
        value, length = int.from_bytes(header, "big"), len(header) * 8
        sizes: list[int] = []
        at, index_bits = 0, self._index_bits
        while at + self._size_bits + index_bits <= bits:
            sizes.append((value >> (length - at - self._size_bits)) & ((1 << self._size_bits) - 1))
            at += self._size_bits + index_bits
            index_bits = self._delta_bits
        return sizes

    def _go_on(self, piece: bytes, timestamp: int) -> list[Frame] | None:
        self._parts.append(piece)
        self._missing -= len(piece)
        if self._missing > 0:
            return None
        if self._missing < 0:
            self._refuse()
            return None
        unit, self._parts = b"".join(self._parts), []
        return [Frame([unit], timestamp)]

    def _refuse(self) -> None:
        self.unreadable += 1
        self._parts, self._missing = [], 0


def _number(parameters: Mapping[str, str], name: str, default: int) -> int:
    text = parameters.get(name, str(default))
    if not text.isdecimal() or int(text) > 1 << 16:
        raise ValueError(f"the AAC parameter {name} is '{text}'")
    return int(text)
