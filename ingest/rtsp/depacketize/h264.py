"""H.264 in RTP (RFC 6184): single units, STAP-A and FU-A, that is packetization modes 0 and 1. Pure."""

from __future__ import annotations

from ingest import annexb
from ingest.rtsp.depacketize.nal import NalAssembler
from ingest.rtsp.rtp import Bytes, Frame

_STAP_A = 24
_FU_A = 28
_ONE = tuple(bytes((n,)) for n in range(256))  # every header, made once


class H264Depacketizer(NalAssembler):
    """Payloads to access units of NAL units."""

    fragmentation = (0x1F, _FU_A, 1, 2)

    def push(
        self, packet: Bytes, start: int, end: int, timestamp: int, marker: bool
    ) -> list[Frame] | None:
        out: list[Frame] = []
        if timestamp != self._timestamp or self._gap:
            self._begin(timestamp, out)
        header = packet[start]
        kind = header & 31
        if kind == _FU_A and end - start > 2:
            fragment = packet[start + 1]
            if fragment & 0x80:
                self._begin_unit(_ONE[header & 0xE0 | fragment & 0x1F], packet[start + 2 : end])
            else:
                self._go_on(packet[start + 2 : end])
            if fragment & 0x40:
                unit = self._whole()
                if unit is not None:
                    self._unit(unit, out)
        elif kind < _STAP_A:
            self._unit(bytes(packet[start:end]), out)
        elif kind == _STAP_A:
            self._aggregate(packet, start + 1, end, out)
        else:
            self._unreadable()
        if marker:
            self._end(out)
        return out or None

    def _aggregate(self, packet: Bytes, at: int, end: int, out: list[Frame]) -> None:
        while at + 2 < end:
            stop = at + 2 + (packet[at] << 8 | packet[at + 1])
            if stop > end:
                self._unreadable()
                return
            if stop > at + 2:
                self._unit(bytes(packet[at + 2 : stop]), out)
            at = stop

    def _unit(self, unit: bytes, out: list[Frame]) -> None:
        kind = unit[0] & 31
        if kind == 0:
            for one in annexb.whole(unit):
                if one is unit:
                    self._unreadable()
                else:
                    self._unit(one, out)
            return
        picture = kind <= 5
        # first_mb_in_slice is the first Exp-Golomb code: a set bit stands for 0.
        first = len(unit) > 1 and unit[1] >= 0x80 and kind in (1, 2, 5)
        self._add(unit, picture, first, out)
