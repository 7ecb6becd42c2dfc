"""From what a camera sends to access units that stand alone: normalised, with the stream's format. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ingest import annexb, h264, h265
from ingest.model import Packet


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """What a decoder or an MP4 file must know of a stream before its first picture."""

    codec: str  # "h264" or "hevc"
    parameter_sets: tuple[bytes, ...]  # NAL units: VPS, SPS, PPS in this order
    width_px: int
    height_px: int
    rfc6381: str  # avc1.42c01f, hvc1.1.6.L93.B0
    reorder: (
        int | None
    )  # frames shown later than one decoded after them; None: the stream does not say


@dataclass(frozen=True, slots=True)
class MediaUnit:
    """One packet with both of its packings, as the hub, the recorder and HLS take it."""

    packet: Packet
    sample: bytes  # four-byte lengths, no parameter sets: an MP4 sample
    format: StreamFormat


@dataclass(frozen=True, slots=True)
class ParsedUnit:
    """One access unit of a known format. ``data`` is Annex B with the parameter sets in front when ``key``."""

    data: bytes
    sample: bytes
    key: bool
    format: StreamFormat


class UnitParser:
    """Follows one stream of ``codec`` (``h264`` or ``hevc``), starting from the parameter sets in ``extradata``.

    Until parameter sets are known nothing can be shown, so units before them are counted and left out.
    """

    def __init__(self, codec: str, extradata: bytes = b"") -> None:
        self._codec = codec
        self._nal = h264 if codec == "h264" else h265
        self._kinds = (h264.SPS, h264.PPS) if codec == "h264" else (h265.VPS, h265.SPS, h265.PPS)
        self._sets: dict[tuple[int, int], bytes] = {}
        self._format: StreamFormat | None = None
        self.skipped = 0
        self.broken_sets = 0
        self._take(annexb.split(extradata))

    @property
    def format(self) -> StreamFormat | None:
        """The stream's format as far as it is known."""
        return self._format

    def parse(self, data: bytes) -> ParsedUnit | None:
        """One access unit from Annex B bytes; None when it shows nothing, or the format is not known yet."""
        nal = self._nal
        units = annexb.split(data)
        sets = [u for u in units if nal.is_parameter_set(u)]
        if sets:
            self._take(sets)
        body = [u for u in units if not (nal.is_parameter_set(u) or nal.is_padding(u))]
        if self._format is None or not any(nal.is_picture(u) for u in body):
            self.skipped += 1
            return None
        key = any(nal.is_key(u) for u in body)
        head = self._format.parameter_sets if key else ()
        return ParsedUnit(annexb.join((*head, *body)), annexb.to_lengths(body), key, self._format)

    def _take(self, sets: list[bytes]) -> None:
        """Remembers the newest parameter set of each kind; PPS by their id, for a stream may use several."""
        before = dict(self._sets)
        for unit in sets:
            kind = self._nal.nal_type(unit)
            try:
                if kind == self._nal.SPS:
                    self._nal.parse_sps(unit)
                number = self._nal.pps_id(unit) if kind == self._nal.PPS else 0
            except ValueError:
                self.broken_sets += 1
                continue
            if kind == self._nal.SPS and before.get((kind, 0), unit) != unit:
                # Another sequence begins. Its own PPS stand in the same access unit, after it.
                self._sets = {k: v for k, v in self._sets.items() if k[0] != self._nal.PPS}
            self._sets[kind, number] = unit
        if self._sets != before:
            self._format = self._build() or self._format

    def _build(self) -> StreamFormat | None:
        ordered = [
            [self._sets[slot] for slot in sorted(self._sets) if slot[0] == kind]
            for kind in self._kinds
        ]
        if not all(ordered):
            return None
        if self._codec == "h264":
            sps264 = h264.parse_sps(ordered[0][0])
            width, height, reorder = sps264.width_px, sps264.height_px, sps264.reorder
            text = h264.codec_string(ordered[0][0])
        else:
            sps265 = h265.parse_sps(ordered[1][0])
            width, height, reorder = sps265.width_px, sps265.height_px, sps265.reorder
            text = h265.codec_string(ordered[1][0])
        flat = tuple(unit for kind in ordered for unit in kind)
        return StreamFormat(self._codec, flat, width, height, text, reorder)
