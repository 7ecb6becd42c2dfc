"""Sample entries of MP4 tracks: what a decoder must know before the first sample. Pure bytes.

H.264 and H.265 by ISO/IEC 14496-15; MJPEG and AAC by ISO/IEC 14496-14 (``esds``, object types 0x6C and 0x40);
Opus by "Encapsulation of Opus in ISO Base Media File Format" 0.8.1; G.711 by QuickTime's ``alaw`` and ``ulaw``,
which FFmpeg and VLC play but browsers do not.
"""

from __future__ import annotations

import struct

from ingest import h264, h265
from ingest.fmp4_boxes import box, full_box
from ingest.unit import AudioFormat, StreamFormat

_OTI_AAC = 0x40
_OTI_JPEG = 0x6C
_STREAM_VIDEO = 0x04
_STREAM_AUDIO = 0x05


def video_entry(form: StreamFormat) -> bytes:
    """The sample entry of a stream of pictures. Raises :class:`ValueError` for a codec that has none here."""
    if form.codec == "h264":
        sps = [u for u in form.parameter_sets if h264.nal_type(u) == h264.SPS]
        pps = [u for u in form.parameter_sets if h264.nal_type(u) == h264.PPS]
        kind, config = b"avc1", box(b"avcC", h264.configuration(sps, pps))
    elif form.codec == "hevc":
        sets = [
            [u for u in form.parameter_sets if h265.nal_type(u) == kind]
            for kind in (h265.VPS, h265.SPS, h265.PPS)
        ]
        kind, config = b"hvc1", box(b"hvcC", h265.configuration(*sets))
    elif form.codec == "mjpeg":
        kind, config = b"mp4v", _esds(_OTI_JPEG, _STREAM_VIDEO)
    else:
        raise ValueError(f"the codec '{form.codec}' has no place in a recording")
    visual = struct.pack(
        ">6xH16xHHIIIH32sHh",
        1,
        form.width_px,
        form.height_px,
        0x480000,
        0x480000,
        0,
        1,
        b"",
        24,
        -1,
    )
    return box(kind, visual, config)


def audio_entry(form: AudioFormat) -> bytes:
    """The sample entry of a stream of sound. Raises :class:`ValueError` for a codec that has none here."""
    if form.codec == "aac":
        kind, config = b"mp4a", _esds(_OTI_AAC, _STREAM_AUDIO, form.config)
    elif form.codec == "opus":
        # version, channels, pre-skip (a live stream has been going on), input rate, gain, mapping family 0
        kind, config = (
            b"Opus",
            box(b"dOps", struct.pack(">BBHIhB", 0, form.channels, 0, form.rate_hz, 0, 0)),
        )
    elif form.codec in _G711:
        kind, config = _G711[form.codec], b""
    else:
        raise ValueError(f"the sound codec '{form.codec}' has no place in a recording")
    rate = form.rate_hz << 16 if form.rate_hz < 1 << 16 else 0
    return box(kind, struct.pack(">6xH8xHH4xI", 1, form.channels, 16, rate), config)


_G711 = {"pcma": b"alaw", "pcmu": b"ulaw"}


def audio_codec(form: AudioFormat) -> str:
    """What the index says of a sound track: RFC 6381 where it has a name for it."""
    if form.codec == "aac":
        kind = form.config[0] >> 3 if form.config else 2
        return f"mp4a.40.{kind}"
    return {"opus": "opus", "pcma": "alaw", "pcmu": "ulaw"}[form.codec]


def _esds(object_type: int, stream: int, specific: bytes = b"") -> bytes:
    """``esds`` (ISO/IEC 14496-1, 7.2.6.5) with its decoder configuration."""
    info = _descriptor(5, specific) if specific else b""
    decoder = struct.pack(">BBB2xII", object_type, stream << 2 | 1, 0, 0, 0) + info
    content = struct.pack(">HB", 0, 0) + _descriptor(4, decoder) + _descriptor(6, b"\x02")
    return full_box(b"esds", 0, 0, _descriptor(3, content))


def _descriptor(tag: int, content: bytes) -> bytes:
    """A descriptor with its length in seven bits a byte."""
    length = [len(content) & 0x7F]
    while len(content) >> 7 * len(length):
        length.insert(0, 0x80 | len(content) >> 7 * len(length) & 0x7F)
    return bytes([tag, *length]) + content
