"""Reading and writing bit fields of parameter sets (ITU-T H.264 clause 7.2, 9.1)."""

from __future__ import annotations

# What a NAL unit is for; both H.264 and H.265 are sorted by these.
OTHER, PICTURE, KEY, SETS, PADDING = range(5)


class BitsExhausted(ValueError):
    """The bytes ended before the field."""


class BitReader:
    """Reads big-endian bit fields and Exp-Golomb codes from ``data``."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._length = len(data) * 8
        self._at = 0

    def bits(self, count: int) -> int:
        """An unsigned field of ``count`` bits."""
        end = self._at + count
        if end > self._length:
            raise BitsExhausted(f"wanted {count} bits at bit {self._at} of {self._length}")
        self._at = end
        return (self._value >> (self._length - end)) & ((1 << count) - 1)

    def flag(self) -> bool:
        """One bit."""
        return self.bits(1) == 1

    def ue(self) -> int:
        """An unsigned Exp-Golomb code."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > 32:
                raise BitsExhausted("an Exp-Golomb code longer than 32 bits")
        return (1 << zeros) - 1 + self.bits(zeros)

    def se(self) -> int:
        """A signed Exp-Golomb code."""
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)


class BitWriter:
    """Writes what :class:`BitReader` reads."""

    def __init__(self) -> None:
        self._bits: list[str] = []

    def bits(self, value: int, count: int) -> BitWriter:
        self._bits.append(format(value, f"0{count}b") if count else "")
        return self

    def ue(self, value: int) -> BitWriter:
        width = (value + 1).bit_length()
        return self.bits(0, width - 1).bits(value + 1, width)

    def se(self, value: int) -> BitWriter:
        return self.ue(2 * value - 1 if value > 0 else -2 * value)

    def rbsp(self) -> bytes:
        """The bytes with the stop bit and the trailing zeros."""
        text = "".join(self._bits) + "1"
        text += "0" * (-len(text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big")


def unescape(payload: bytes) -> bytes:
    """RBSP: the emulation prevention bytes (00 00 03) taken out."""
    if b"\x00\x00\x03" not in payload:
        return payload
    out = bytearray()
    start = 0
    while (at := payload.find(b"\x00\x00\x03", start)) >= 0:
        out += payload[start : at + 2]
        start = at + 3
    return bytes(out + payload[start:])


def escape(rbsp: bytes) -> bytes:
    """The emulation prevention bytes put in, so that no start code stands inside."""
    out = bytearray()
    zeros = 0
    for byte in rbsp:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)
