"""JPEG in RTP (RFC 2435): the headers that are not sent are made anew. Pure."""

from __future__ import annotations

import struct

from ingest.rtsp.rtp import Frame

MAX_PICTURE_BYTES = 16 << 20

# ITU-T T.81 annex K.1, in zigzag order as RFC 2435 appendix A gives them.
_LUMA = bytes.fromhex(
    "100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933"
    "383740485c4e404457453738506d51575f626768673e4d71797064785c656763"
)
_CHROMA = bytes.fromhex("1112121815182f1a1a2f63423842" + "63" * 50)
# ITU-T T.81 annex K.3: counts by code length, then the values.
_DC_LUMA = bytes.fromhex("00010501010101010100000000000000" + "000102030405060708090a0b")
_DC_CHROMA = bytes.fromhex("00030101010101010101010000000000" + "000102030405060708090a0b")
_AC_LUMA = bytes.fromhex(
    "0002010303020403050504040000017d"
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f0"
    "2433627282090a161718191a25262728292a3435363738393a434445464748494a"
    "535455565758595a636465666768696a737475767778797a838485868788898a"
    "92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6"
    "c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"
)
_AC_CHROMA = bytes.fromhex(
    "00020102040403040705040400010277"
    "000102031104052131061241510761711322328108144291a1b1c109233352f0"
    "156272d10a162434e125f11718191a262728292a35363738393a434445464748"
    "494a535455565758595a636465666768696a737475767778797a828384858687"
    "88898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3"
    "c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa"
)


def quantisers(quality: int) -> bytes:
    """Both tables for ``quality`` 1..99 (RFC 2435 appendix A), 64 bytes each."""
    factor = 5000 // quality if quality < 50 else 200 - 2 * quality
    return bytes(min(255, max(1, (value * factor + 50) // 100)) for value in _LUMA + _CHROMA)


def _segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def header(kind: int, width_px: int, height_px: int, tables: bytes, restart: int) -> bytes:
    """Everything in front of the entropy-coded data (RFC 2435 appendix B).

    ``kind`` 0: 4:2:2, 1: 4:2:0; ``tables`` are one or two quantisation tables of 64 bytes, or of 128 for 16 bits.
    """
    size = 64 if len(tables) <= 128 else 128
    parts = [b"\xff\xd8"]
    for number in range(max(1, len(tables) // size)):
        precision = 0x10 if size == 128 else 0
        table = tables[number * size : (number + 1) * size]
        parts.append(_segment(0xDB, bytes([precision | number]) + table))
    if restart:
        parts.append(_segment(0xDD, struct.pack(">H", restart)))
    second = 1 if len(tables) // size > 1 else 0
    sampling = 0x21 if kind == 0 else 0x22
    components = bytes([1, sampling, 0, 2, 0x11, second, 3, 0x11, second])
    parts.append(_segment(0xC0, struct.pack(">BHHB", 8, height_px, width_px, 3) + components))
    for place, table in ((0, _DC_LUMA), (0x10, _AC_LUMA), (1, _DC_CHROMA), (0x11, _AC_CHROMA)):
        parts.append(_segment(0xC4, bytes([place]) + table))
    parts.append(_segment(0xDA, bytes([3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0])))
    return b"".join(parts)


class MjpegDepacketizer:
    """Payloads to whole JPEG pictures. ``size_px`` is the SDP's, for pictures of more than 2040 pixels."""

    def __init__(self, size_px: tuple[int, int] | None = None) -> None:
        self._size_px = size_px
        self._parts: list[bytes] = []
        self._length = 0  # of the scan data so far; the next fragment begins here
        self._timestamp = -1
        self._open = False
        self._damaged = False
        self._after_loss = False
        self._tables: dict[int, bytes] = {}  # by quality 128..254, sent once for all pictures
        self.unreadable = 0

    def lost(self) -> None:
        """Packets are missing before the next one."""
        self._damaged = self._open
        self._after_loss = True

    def push(
        self, packet: bytes, start: int, end: int, timestamp: int, marker: bool
    ) -> list[Frame] | None:
        out: list[Frame] = []
        if timestamp != self._timestamp and self._open:
            self._finish(out, False)
        self._timestamp = timestamp
        if end - start < 9:
            self._refuse()
            return out or None
        offset = int.from_bytes(packet[start + 1 : start + 4], "big")
        kind, quality, width, height = packet[start + 4 : start + 8]
        at = start + 8
        restart = 0
        if 64 <= kind <= 127 and at + 4 <= end:
            restart = packet[at] << 8 | packet[at + 1]
            at += 4
        if offset == 0:
            if self._open:
                self._finish(out, False)
            at = self._begin(packet, at, end, (kind & 63, quality, width, height, restart))
        elif not self._open or offset != self._length:
            self._damaged = True
        if at >= 0:
            self._parts.append(packet[at:end])
            self._length += end - at
            if self._length > MAX_PICTURE_BYTES:
                self._refuse()
        if marker and self._open:
            self._finish(out, True)
        return out or None

    def _begin(
        self, packet: bytes, at: int, end: int, facts: tuple[int, int, int, int, int]
    ) -> int:
        """Begins a picture; returns where its data begins, -1 when it cannot be made."""
        kind, quality, width, height, restart = facts
        tables: bytes | None = None
        if quality >= 128 and at + 4 <= end:
            length = packet[at + 2] << 8 | packet[at + 3]
            at += 4
            if length and at + length <= end:
                tables = packet[at : at + length]
                at += length
                if quality < 255:
                    self._tables[quality] = tables
            else:
                tables = self._tables.get(quality)
        elif 1 <= quality <= 99:
            tables = quantisers(quality)
        size = (width * 8, height * 8)
        if not (width and height):
            size = self._size_px or (0, 0)
        if tables is None or len(tables) % 64 or not tables or kind > 1 or not all(size):
            self._refuse()
            return -1
        self._parts = [header(kind, *size, tables, restart)]
        self._length = 0
        self._open = True
        self._damaged = False
        return at

    def _finish(self, out: list[Frame], marked: bool) -> None:
        if not self._parts[-1].endswith(b"\xff\xd9"):
            self._parts.append(b"\xff\xd9")
        picture = b"".join(self._parts)
        out.append(Frame([picture], self._timestamp, self._damaged or not marked, self._after_loss))
        self._parts, self._open, self._damaged, self._after_loss = [], False, False, False

    def _refuse(self) -> None:
        self.unreadable += 1
        self._parts, self._open, self._length = [], False, 0
        self._after_loss = True
