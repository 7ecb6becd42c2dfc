"""H.264 over RTP: an access unit cut once into payloads that every viewer shares, and one viewer's own headers. Pure.

The cutting is RFC 6184's packetization mode 1: small NAL units share a packet (STAP-A), large ones are cut into
fragments (FU-A), all of one length but the last, so that a whole picture can leave in one system call
(:mod:`ingest.live.path`). Retransmissions are RFC 4588's.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

PAYLOAD_BYTES = (
    1200  # with RTP, SRTP, UDP and IPv6 headers this fits 1280, the least any IPv6 link carries
)
RUN_PACKETS = 40  # that much leaves in one system call: under 64 KiB and the kernel's 64 segments
HISTORY_PACKETS = 1024  # kept for retransmission: a whole replay of some seconds

_STAP_A, _FU_A = 24, 28
_MARKER = 0x80
_VERSION = 0x80
_HEADER = struct.Struct(">BBH")
_TIMES = struct.Struct(">II")
_REPLAY_STEP_90K = 90  # a millisecond between replayed pictures


def packetize(nals: Sequence[bytes], limit_bytes: int = PAYLOAD_BYTES) -> list[bytes]:
    """The RTP payloads of one access unit's NAL units, none longer than ``limit_bytes`` (at least 3). Empty NAL
    units are left out."""
    payloads: list[bytes] = []
    together: list[bytes] = []
    size = 1

    def close() -> None:
        nonlocal size
        if len(together) == 1:
            payloads.append(together[0])
        elif together:
            payloads.append(_aggregate(together))
        together.clear()
        size = 1

    for nal in nals:
        if not nal:
            continue
        if len(nal) > limit_bytes:
            close()
            payloads += _fragments(nal, limit_bytes)
            continue
        if size + 2 + len(nal) > limit_bytes:
            close()
        together.append(nal)
        size += 2 + len(nal)
    close()
    return payloads


def _aggregate(nals: Sequence[bytes]) -> bytes:
    """STAP-A: the F bit is set if any has it, NRI is the highest (RFC 6184, 5.7.1)."""
    forbidden = max(nal[0] & 0x80 for nal in nals)
    importance = max(nal[0] & 0x60 for nal in nals)
    parts = [bytes((forbidden | importance | _STAP_A,))]
    for nal in nals:
        parts += (len(nal).to_bytes(2, "big"), nal)
    return b"".join(parts)


def _fragments(nal: bytes, limit_bytes: int) -> list[bytes]:
    """FU-A (RFC 6184, 5.8): the NAL unit's header goes into the two bytes in front of every piece."""
    indicator, kind = nal[0] & 0xE0 | _FU_A, nal[0] & 0x1F
    step = limit_bytes - 2
    starts = range(1, len(nal), step)
    out = []
    for start in starts:
        edge = (0x80 if start == 1 else 0) | (0x40 if start == starts[-1] else 0)
        out.append(bytes((indicator, edge | kind)) + nal[start : start + step])
    return out


@dataclass(frozen=True, slots=True)
class Run:
    """Payloads that leave together: all as long as the first, but the last, which may be shorter.

    ``closes`` says that the last of them ends its picture (the RTP marker).
    """

    payloads: tuple[bytes, ...]
    size: int
    closes: bool


def runs(payloads: Sequence[bytes], limit_packets: int = RUN_PACKETS) -> tuple[Run, ...]:
    """The payloads of one picture as runs, in order."""
    groups: list[list[bytes]] = []
    for payload in payloads:
        group = groups[-1] if groups else []
        if (
            group
            and len(group) < limit_packets
            and len(group[-1]) == len(group[0])
            and len(payload) <= len(group[0])
        ):
            group.append(payload)
        else:
            groups.append([payload])
    return tuple(
        Run(tuple(group), sum(map(len, group)), number == len(groups))
        for number, group in enumerate(groups, 1)
    )


class RtpClock:
    """One growing RTP time over a viewer's replay and the camera's reconnections. Pure."""

    def __init__(self) -> None:
        self._session: int | None = None
        self._offset = 0
        self._last = 0
        self._last_s = 0.0
        self._replaying = False

    def stamp(self, session: int, pts_90k: int, now_s: float, replay_left: int) -> int:
        """RTP time of the next unit, before the sender's random origin; strictly growing.

        ``replay_left`` is how many units of the replay follow before the present one.
        """
        if session != self._session:
            waited = round((now_s - self._last_s) * 90_000) if self._session is not None else 0
            self._offset = self._last + max(1, waited) - pts_90k
            self._session = session
        if replay_left > 0 or self._replaying:
            value = self._last + _REPLAY_STEP_90K
            self._offset = value - pts_90k
            self._replaying = replay_left > 0
        else:
            value = max(pts_90k + self._offset, self._last + 1)
        self._last, self._last_s = value, now_s
        return value


class RtpStream:
    """One viewer's RTP headers in front of shared payloads, and what can be sent again.

    ``rtx`` is SSRC and payload type of retransmissions; None: the same packet goes out again.
    ``sequence`` and ``origin_90k`` are where its sequence numbers and times begin.
    """

    def __init__(
        self,
        ssrc: int,
        payload_type: int,
        rtx: tuple[int, int] | None,
        sequence: int,
        rtx_sequence: int,
        origin_90k: int,
    ) -> None:
        self._ssrc = ssrc
        self._payload_type = payload_type
        self._rtx = rtx
        self._sequence = sequence & 0xFFFF
        self._rtx_sequence = rtx_sequence & 0xFFFF
        self._origin_90k = origin_90k
        self._history: list[tuple[int, int, bytes, bytes] | None] = [None] * HISTORY_PACKETS
        self.packets = 0
        self.payload_bytes = 0

    def stamp(self, time_90k: int) -> int:
        """A time before the origin is added, as it stands in headers and reports."""
        return (self._origin_90k + time_90k) & 0xFFFFFFFF

    def cut(self, run: Run, time_90k: int) -> list[bytes]:
        """The run's packets; ``time_90k`` is the picture's time before the origin is added."""
        times = _TIMES.pack(self.stamp(time_90k), self._ssrc)
        sequence, kind, history = self._sequence, self._payload_type, self._history
        last = len(run.payloads) - 1 if run.closes else -1
        out = []
        for index, payload in enumerate(run.payloads):
            kind_and_marker = kind | _MARKER if index == last else kind
            history[sequence % HISTORY_PACKETS] = (sequence, kind_and_marker, times, payload)
            out.append(_HEADER.pack(_VERSION, kind_and_marker, sequence) + times + payload)
            sequence = (sequence + 1) & 0xFFFF
        self._sequence = sequence
        self.packets += len(out)
        self.payload_bytes += run.size
        return out

    def again(self, sequence: int) -> bytes | None:
        """The packet numbered ``sequence`` for a receiver that missed it; None when it is no longer kept."""
        kept = self._history[sequence % HISTORY_PACKETS]
        if kept is None or kept[0] != sequence:
            return None
        _, kind_and_marker, times, payload = kept
        if self._rtx is None:
            return _HEADER.pack(_VERSION, kind_and_marker, sequence) + times + payload
        ssrc, kind = self._rtx
        number, self._rtx_sequence = self._rtx_sequence, (self._rtx_sequence + 1) & 0xFFFF
        return (
            _HEADER.pack(_VERSION, kind_and_marker & _MARKER | kind, number)
            + times[:4]
            + struct.pack(">IH", ssrc, sequence)
            + payload
        )
