"""H.265 in RTP (RFC 7798): single units, aggregation and fragmentation units. Pure."""

from __future__ import annotations

from ingest import annexb
from ingest.rtsp.depacketize.nal import NalAssembler
from ingest.rtsp.rtp import Bytes, Frame

_AGGREGATION = 48
_FRAGMENTATION = 49


class H265Depacketizer(NalAssembler):
    """Payloads to access units of NAL units. ``with_order``: ``sprop-max-don-diff`` is above 0, so decoding
    order numbers stand in the payloads; they are passed over, for over TCP units come in decoding order."""

    def __init__(self, with_order: bool = False) -> None:
        super().__init__()
        self._order = 2 if with_order else 0
        self.fragmentation = (0x7E, _FRAGMENTATION << 1, 2, 3 + self._order)

    def push(
        self, packet: Bytes, start: int, end: int, timestamp: int, marker: bool
    ) -> list[Frame] | None:
        out: list[Frame] = []
        if timestamp != self._timestamp or self._gap:
            self._begin(timestamp, out)
        kind = packet[start] >> 1 & 63
        if end - start < 3:
            self._unreadable()
        elif kind == _FRAGMENTATION:
            fragment = packet[start + 2]
            body = packet[start + 3 + self._order : end]
            if fragment & 0x80:
                first = bytes((packet[start] & 0x81 | (fragment & 63) << 1, packet[start + 1]))
                self._begin_unit(first, body)
            else:
                self._go_on(body)
            if fragment & 0x40:
                unit = self._whole()
                if unit is not None:
                    self._unit(unit, out)
        elif kind == _AGGREGATION:
            self._aggregate(packet, start + 2, end, out)
        elif kind < _AGGREGATION:
            if self._order and packet[start : start + 3] != b"\x00\x00\x00":
                unit = bytes(packet[start : start + 2]) + packet[start + 2 + self._order : end]
                self._unit(unit, out)
            else:
                self._unit(bytes(packet[start:end]), out)
        else:
            self._unreadable()
        if marker:
            self._end(out)
        return out or None

    def _aggregate(self, packet: Bytes, at: int, end: int, out: list[Frame]) -> None:
        order = self._order  # two bytes before the first unit, one before each other
        while at + order + 2 < end:
            at += order
            order = 1 if self._order else 0
            stop = at + 2 + (packet[at] << 8 | packet[at + 1])
            if stop > end:
                self._unreadable()
                return
            if stop > at + 3:
                self._unit(bytes(packet[at + 2 : stop]), out)
            at = stop

    def _unit(self, unit: bytes, out: list[Frame]) -> None:
        if unit.startswith(b"\x00\x00"):
            for one in annexb.whole(unit):
                if one is unit:
                    self._unreadable()
                else:
                    self._unit(one, out)
            return
        kind = unit[0] >> 1 & 63
        first = len(unit) > 2 and unit[2] >= 0x80  # first_slice_segment_in_pic_flag
        self._add(unit, kind < 32, first, out)
