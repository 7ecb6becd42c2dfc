"""From what a camera sends to access units that stand alone: normalised, with the stream's format. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ingest import annexb, h264, h265, jpeg
from ingest.bits import KEY, PADDING, PICTURE, SETS
from ingest.model import MAIN, Packet

JPEG_RFC6381 = "mp4v.6C"
"""MPEG-4 object type 0x6C; no browser plays it from a file, players do."""


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """What a decoder or an MP4 file must know of a stream before its first picture."""

    codec: str  # "h264", "hevc" or "mjpeg"
    parameter_sets: tuple[bytes, ...]  # NAL units: VPS, SPS, PPS in this order; none for mjpeg
    width_px: int
    height_px: int
    rfc6381: str  # avc1.42c01f, hvc1.1.6.L93.B0
    reorder: (
        int | None
    )  # frames shown later than one decoded after them; None: the stream does not say


class UnitPacket(Packet):
    """A packet whose Annex B bytes are made from its MP4 sample when somebody asks, for few sinks need both."""

    __slots__ = ("_form", "_made", "_sample")
    _form: StreamFormat | None
    _made: bytes | None
    _sample: bytes

    def __init__(
        self,
        camera_id: int,
        session: int,
        data: bytes | None,
        pts_90k: int,
        dts_90k: int,
        duration_90k: int,
        key: bool,
        capture_at: datetime,
        codec: str,
        width_px: int,
        height_px: int,
        stream: str = MAIN,
        sample: bytes = b"",
        form: StreamFormat | None = None,
    ) -> None:
        self.camera_id = camera_id
        self.session = session
        self.pts_90k = pts_90k
        self.dts_90k = dts_90k
        self.duration_90k = duration_90k
        self.key = key
        self.capture_at = capture_at
        self.codec = codec
        self.width_px = width_px
        self.height_px = height_px
        self.stream = stream
        self._made = data
        self._sample = sample
        self._form = form

    @property
    def data(self) -> bytes:  # type: ignore[override]  # read only
        """Annex B with the parameter sets in front of a key frame; for mjpeg the picture itself."""
        if self._made is not None:
            return self._made
        if self._form is None or self._form.codec == "mjpeg":
            return self._sample
        body = annexb.from_sample(self._sample)
        return annexb.join(self._form.parameter_sets) + body if self.key else body


@dataclass(slots=True)  # not frozen, as packets are not
class MediaUnit:
    """One packet with both of its packings, as the hub, the recorder and HLS take it."""

    packet: Packet
    sample: (
        bytes  # four-byte lengths, no parameter sets: an MP4 sample; for mjpeg the picture itself
    )
    format: StreamFormat
    after_loss: bool = (
        False  # pictures right before this one were lost, the time between shows nothing
    )


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """What a decoder must know of a sound track. ``config`` is AAC's AudioSpecificConfig, else empty."""

    codec: str  # "aac", "pcma", "pcmu" or "opus"
    rate_hz: int
    channels: int
    config: bytes = b""


@dataclass(frozen=True, slots=True)
class AudioUnit:
    """One packet of sound. Its times are on the clock of the same session's pictures, in 1/90000 s."""

    camera_id: int
    stream: str
    session: int
    data: bytes
    pts_90k: int
    duration_90k: int
    capture_at: datetime
    format: AudioFormat


@dataclass(
    slots=True
)  # not frozen: one is made per picture, and frozen ones take three times as long
class ParsedUnit:
    """One access unit of a known format, as an MP4 sample."""

    sample: bytes
    key: bool
    format: StreamFormat


class UnitParser:
    """Follows one stream of ``codec`` (``h264``, ``hevc`` or ``mjpeg``), starting from ``sets``: the parameter sets
    that the session description holds.

    Until parameter sets are known nothing can be shown, so units before them are counted and left out.
    """

    def __init__(self, codec: str, sets: list[bytes] | None = None) -> None:
        self._codec = codec
        self._nal = h264 if codec == "h264" else h265
        self._roles = self._nal.ROLES
        self._kinds = (h264.SPS, h264.PPS) if codec == "h264" else (h265.VPS, h265.SPS, h265.PPS)
        self._sets: dict[tuple[int, int], bytes] = {}
        self._seen: list[bytes] = []  # the sets that came last
        self._format: StreamFormat | None = None
        self.skipped = 0
        self.broken_sets = 0
        if sets and codec != "mjpeg":
            self._take([part for unit in sets for part in annexb.whole(unit)])

    @property
    def format(self) -> StreamFormat | None:
        """The stream's format as far as it is known."""
        return self._format

    def parse(self, units: list[bytes]) -> ParsedUnit | None:
        """One access unit from its NAL units (or its one JPEG); None when it shows nothing, or the format is not
        known yet."""
        if self._codec == "mjpeg":
            return self._picture(units[0])
        roles = self._roles
        sets: list[bytes] = []
        parts: list[bytes] = []
        key = picture = False
        for unit in units:
            role = roles[unit[0]]
            if role == SETS:
                sets.append(unit)
                continue
            if role == PADDING:
                continue
            if role == KEY:
                key = picture = True
            elif role == PICTURE:
                picture = True
            parts.append(len(unit).to_bytes(4, "big"))
            parts.append(unit)
        if sets and sets != self._seen:
            self._take(sets)
        if self._format is None or not picture:
            self.skipped += picture or not sets
            return None
        return ParsedUnit(b"".join(parts), key, self._format)

    def _picture(self, picture: bytes) -> ParsedUnit | None:
        try:
            width, height = jpeg.size_px(picture)
        except ValueError:
            self.skipped += 1
            return None
        form = self._format
        if form is None or (form.width_px, form.height_px) != (width, height):
            form = self._format = StreamFormat("mjpeg", (), width, height, JPEG_RFC6381, 0)
        return ParsedUnit(picture, True, form)

    def _take(self, sets: list[bytes]) -> None:
        """Remembers the newest parameter set of each kind; PPS by their id, for a stream may use several."""
        self._seen = sets
        before = dict(self._sets)
        for unit in sets:
            try:
                kind = self._nal.nal_type(unit)
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
