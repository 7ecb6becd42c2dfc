"""One access unit on its way to every viewer of a stream, and the forms that are made of it once for all of them."""

from __future__ import annotations

from ingest import annexb
from ingest.fmp4 import Sample, fragment
from ingest.live.rtp import Run, packetize, runs
from ingest.unit import MediaUnit


class LiveUnit:
    """``number`` counts the units of the stream without a gap; ``base_90k`` is the decode time its session began at.

    The forms are made when the first viewer needs them. They are asked for in one event loop only.
    """

    __slots__ = ("_fragment", "_runs", "base_90k", "key", "number", "size", "unit")

    def __init__(self, number: int, unit: MediaUnit, base_90k: int) -> None:
        self.number = number
        self.unit = unit
        self.base_90k = base_90k
        self.key = unit.packet.key
        self.size = len(unit.sample)
        self._runs: tuple[Run, ...] | None = None
        self._fragment: bytes | None = None

    @property
    def runs(self) -> tuple[Run, ...]:
        """RTP payloads of an H.264 picture; a key frame has its parameter sets in front."""
        if self._runs is None:
            sets = self.unit.format.parameter_sets if self.key else ()
            nals = annexb.from_lengths(self.unit.sample)
            self._runs = runs(packetize((*sets, *nals)))
        return self._runs

    @property
    def fragment(self) -> bytes:
        """``moof`` and ``mdat``. The media time counts from the session's first unit, whoever watches since when."""
        if self._fragment is None:
            packet = self.unit.packet
            sample = Sample(
                self.unit.sample,
                max(1, packet.duration_90k),
                packet.pts_90k - packet.dts_90k,
                packet.key,
            )
            self._fragment = fragment(
                self.number & 0xFFFFFFFF, packet.dts_90k - self.base_90k, [sample]
            )
        return self._fragment
