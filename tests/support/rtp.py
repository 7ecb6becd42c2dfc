"""RTP as cameras send it: access units cut into payloads, and payloads into packets."""

from __future__ import annotations

import struct
from collections.abc import Sequence

MTU = 1400


def h264_payloads(units: Sequence[bytes], mtu: int = MTU, aggregate: bool = False) -> list[bytes]:
    """RFC 6184: single units and FU-A; small ones in a STAP-A with ``aggregate``."""
    out: list[bytes] = []
    small: list[bytes] = []

    def flush() -> None:
        if len(small) == 1:
            out.append(small[0])
        elif small:
            out.append(b"\x18" + b"".join(struct.pack(">H", len(u)) + u for u in small))
        small.clear()

    for unit in units:
        if len(unit) <= mtu:
            if not aggregate or sum(map(len, small)) + len(unit) + 2 * len(small) + 3 > mtu:
                flush()
            small.append(unit)
            if not aggregate:
                flush()
            continue
        flush()
        body = unit[1:]
        for at in range(0, len(body), mtu - 2):
            piece = body[at : at + mtu - 2]
            bits = (0x80 if at == 0 else 0) | (0x40 if at + len(piece) == len(body) else 0)
            out.append(bytes([unit[0] & 0xE0 | 28, bits | unit[0] & 31]) + piece)
    flush()
    return out


def h265_payloads(units: Sequence[bytes], mtu: int = MTU, aggregate: bool = False) -> list[bytes]:
    """RFC 7798: single units and fragmentation units; small ones aggregated with ``aggregate``."""
    out: list[bytes] = []
    small: list[bytes] = []

    def flush() -> None:
        if len(small) == 1:
            out.append(small[0])
        elif small:
            out.append(b"\x60\x01" + b"".join(struct.pack(">H", len(u)) + u for u in small))
        small.clear()

    for unit in units:
        if len(unit) <= mtu:
            if not aggregate or sum(map(len, small)) + len(unit) + 2 * len(small) + 4 > mtu:
                flush()
            small.append(unit)
            if not aggregate:
                flush()
            continue
        flush()
        body, kind = unit[2:], unit[0] >> 1 & 63
        for at in range(0, len(body), mtu - 3):
            piece = body[at : at + mtu - 3]
            bits = (0x80 if at == 0 else 0) | (0x40 if at + len(piece) == len(body) else 0)
            out.append(bytes([unit[0] & 0x81 | 49 << 1, unit[1], bits | kind]) + piece)
    flush()
    return out


def jpeg_payloads(picture: bytes, mtu: int = MTU) -> list[bytes]:
    """RFC 2435 of a baseline JPEG (4:2:0 or 4:2:2, standard Huffman tables): its own quantisation tables are sent
    in front, its restart interval where it has one."""
    tables, restart, kind, width, height, at = b"", 0, 1, 0, 0, 2
    while True:
        marker, length = picture[at + 1], int.from_bytes(picture[at + 2 : at + 4], "big")
        body = picture[at + 4 : at + 2 + length]
        at += 2 + length
        if marker == 0xDB:
            for place in range(0, len(body), 65):
                tables += body[place + 1 : place + 65]
        elif marker == 0xC0:
            height, width = struct.unpack_from(">HH", body, 1)
            kind = 0 if body[7] == 0x21 else 1
        elif marker == 0xDD:
            restart = int.from_bytes(body, "big")
        elif marker == 0xDA:
            break
    scan = picture[at:].removesuffix(b"\xff\xd9")
    out: list[bytes] = []
    place = 0
    while place < len(scan):
        head = struct.pack(">I", place) + bytes(
            [kind + (64 if restart else 0), 255, -(-width // 8) & 255, -(-height // 8) & 255]
        )
        if restart:
            head += struct.pack(">HH", restart, 0xFFFF)
        if place == 0:
            head += struct.pack(">HH", 0, len(tables)) + tables
        piece = scan[place : place + mtu - len(head)]
        out.append(head + piece)
        place += len(piece)
    return out


def aac_payloads(units: Sequence[bytes], mtu: int = MTU) -> list[bytes]:
    """RFC 3640, AAC-hbr: all units in one packet where they fit, else each in as many as it takes."""
    headers = b"".join(struct.pack(">H", len(u) << 3) for u in units)
    whole = struct.pack(">H", 16 * len(units)) + headers + b"".join(units)
    if len(whole) <= mtu:
        return [whole]
    out: list[bytes] = []
    for unit in units:
        for at in range(0, len(unit), mtu - 4):
            out.append(struct.pack(">HH", 16, len(unit) << 3) + unit[at : at + mtu - 4])
    return out


class Packets:
    """Numbers the payloads of one track."""

    def __init__(self, payload_type: int = 96, ssrc: int = 0xCAFE, sequence: int = 100) -> None:
        self.payload_type = payload_type
        self.ssrc = ssrc
        self.sequence = sequence

    def packet(self, payload: bytes, timestamp: int, marker: bool) -> bytes:
        """The next packet."""
        head = struct.pack(
            ">BBHII",
            0x80,
            (0x80 if marker else 0) | self.payload_type,
            self.sequence,
            timestamp & 0xFFFFFFFF,
            self.ssrc,
        )
        self.sequence = (self.sequence + 1) & 0xFFFF
        return head + payload

    def unit(self, payloads: Sequence[bytes], timestamp: int) -> list[bytes]:
        """The packets of one access unit, the last one marked."""
        last = len(payloads) - 1
        return [self.packet(p, timestamp, i == last) for i, p in enumerate(payloads)]


def sender_report(ssrc: int, unix_s: float, rtp: int) -> bytes:
    """An RTCP sender report: the camera's clock shows ``unix_s`` at RTP time ``rtp``."""
    ntp_s = unix_s + 2_208_988_800
    second, part = int(ntp_s), int(ntp_s % 1 * 2**32)
    return struct.pack(">BBHIIIIII", 0x80, 200, 6, ssrc, second, part, rtp & 0xFFFFFFFF, 0, 0)
