"""RTCP (RFC 3550 section 6): the camera's sender reports, and the receiver reports it is owed. Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass

SENDER_REPORT = 200
RECEIVER_REPORT = 201
_SDES = 202
BYE = 203
_NTP_EPOCH_S = 2_208_988_800  # seconds from 1900 to 1970
_ERA_1_S = 2**32 - _NTP_EPOCH_S - 86_400  # a day before the first era ends
_OLDEST_S = 946_684_800.0  # 2000-01-01: a clock that was never set counts from 1900 or 1970


@dataclass(frozen=True, slots=True)
class SenderReport:
    """The camera's clock at one moment of a track: wall time and RTP time of the same instant."""

    ssrc: int
    unix_s: float | None  # by the camera's clock, since 1970; None where it was never set
    ntp_s: float  # the same as it was sent, since 1900: good for differences
    ntp_middle: int  # the middle 32 bits, to be named in the answer
    rtp: int


def parse(packet: bytes, now_unix_s: float) -> tuple[SenderReport | None, bool]:
    """The newest sender report of a compound packet, and whether the camera says goodbye.

    ``now_unix_s`` tells the era of 32-bit times, which begin anew in 2036. What cannot be read ends the packet;
    nothing is raised.
    """
    report: SenderReport | None = None
    bye = False
    at = 0
    while at + 4 <= len(packet) and packet[at] >> 6 == 2:
        kind = packet[at + 1]
        end = at + 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big")
        if kind == SENDER_REPORT and at + 28 <= min(end, len(packet)):
            ssrc, seconds, fraction, rtp = struct.unpack_from(">IIII", packet, at + 4)
            next_era = now_unix_s > _ERA_1_S and seconds < 1 << 31
            ntp_s = seconds + fraction / 2**32 + (2**32 if next_era else 0)
            unix_s = ntp_s - _NTP_EPOCH_S
            known = unix_s > _OLDEST_S
            middle = (seconds & 0xFFFF) << 16 | fraction >> 16
            report = SenderReport(ssrc, unix_s if known else None, ntp_s, middle, rtp)
        elif kind == BYE:
            bye = True
        at = end
    return report, bye


def receiver_report(
    own: int,
    ssrc: int,
    fraction_lost: int,
    lost: int,
    highest: int,
    last_sr: int,
    since_sr_s: float,
) -> bytes:
    """A receiver report on one source with the name of the receiver behind it, as one compound packet.

    ``fraction_lost`` 0..255 since the report before; ``lost`` in all; ``last_sr`` is the ``ntp_middle`` of the
    last sender report, 0 without one. Jitter is told as 0: packets are read in batches, so it is not known.
    """
    delay = min(0xFFFFFFFF, round(since_sr_s * 65536)) if last_sr else 0
    block = struct.pack(
        ">IIIIII",
        ssrc,
        (fraction_lost & 255) << 24 | min(lost, 0x7FFFFF),
        highest,
        0,
        last_sr,
        delay,
    )
    report = struct.pack(">BBHI", 0x81, RECEIVER_REPORT, 7, own) + block
    name = b"wanglou"
    item = struct.pack(">IBB", own, 1, len(name)) + name + b"\x00"
    item += bytes(-len(item) % 4)
    return report + struct.pack(">BBH", 0x81, _SDES, len(item) // 4) + item
