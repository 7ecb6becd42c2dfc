"""What a camera says it sends: session descriptions (SDP, RFC 8866), read as cameras write them. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

VIDEO = "video"
AUDIO = "audio"

# Static payload types of RFC 3551: encoding, clock, channels.
_STATIC = {
    0: ("PCMU", 8000, 1),
    8: ("PCMA", 8000, 1),
    14: ("MPA", 90_000, 1),
    26: ("JPEG", 90_000, 1),
    32: ("MPV", 90_000, 1),
}
_CODECS = {
    "H264": "h264",
    "H265": "hevc",
    "HEVC": "hevc",
    "JPEG": "mjpeg",
    "MPEG4-GENERIC": "aac",
    "PCMA": "pcma",
    "PCMU": "pcmu",
    "OPUS": "opus",
}
MAX_TRACKS = 32


@dataclass(frozen=True, slots=True)
class Track:
    """One ``m=`` section. ``codec`` is our name of it, None for one that we cannot take; ``encoding`` is the SDP's."""

    kind: str  # VIDEO, AUDIO, or another media name
    payload_type: int
    encoding: str  # upper case: H264, MPEG4-GENERIC, …
    clock_hz: int
    channels: int
    control: str  # absolute address for SETUP
    parameters: dict[str, str] = field(
        default_factory=dict
    )  # of the fmtp line, names in lower case
    size_px: tuple[int, int] | None = None  # where an attribute says so
    direction: str | None = None

    @property
    def codec(self) -> str | None:
        """``h264``, ``hevc``, ``mjpeg``, ``aac``, ``pcma``, ``pcmu``, ``opus``, or None."""
        codec = _CODECS.get(self.encoding)
        if codec in ("pcma", "pcmu") and (self.clock_hz, self.channels) != (8000, 1):
            return None
        return codec

    @property
    def parameter_sets(self) -> list[bytes]:
        """The NAL units of ``sprop-…`` parameters; what is no base64 is left out."""
        names = ("sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets")
        texts = [t for name in names for t in self.parameters.get(name, "").split(",")]
        return [unit for unit in map(_base64, texts) if unit]


@dataclass(frozen=True, slots=True)
class Description:
    """A whole SDP: its tracks, and the address that PLAY is asked of."""

    tracks: tuple[Track, ...]
    control: str

    def first(self, kind: str) -> Track | None:
        """The first track of ``kind`` that we can take, else the first of that kind."""
        mine = [t for t in self.tracks if t.kind == kind and not self._backchannel(t)]
        return next((t for t in mine if t.codec), mine[0] if mine else None)

    def _backchannel(self, track: Track) -> bool:
        """A loudspeaker: ONVIF writes directions as the client sees them, so its own tracks are ``recvonly``."""
        as_client = any(t.direction == "recvonly" for t in self.tracks)
        return as_client and track.direction == "sendonly"


def _base64(text: str) -> bytes:
    text = text.strip()
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def join_control(base: str, control: str) -> str:
    """The address of a track: a relative one is appended as text, which is what cameras expect."""
    if not control or control == "*":
        return base
    if re.match(r"rtsps?://", control, re.IGNORECASE):
        return control
    if control.startswith("?"):
        return base + control
    return base.rstrip("/") + "/" + control.lstrip("/")


def parse_sdp(body: bytes, base: str) -> Description:
    """Reads a description; ``base`` is the address that its controls are relative to.

    Lines that cannot be read are passed over: a description without any track is the caller's to refuse.
    """
    heads: list[str] = []
    sections: list[list[str]] = []
    for line in body.decode("utf-8", errors="replace").splitlines():
        text = line.strip()
        if text.startswith("m="):
            sections.append([])
            heads.append(text[2:])
        if sections:
            sections[-1].append(text)
    outer = body.decode("utf-8", errors="replace").split("\nm=", 1)[0].splitlines()
    control = join_control(base, _attribute([line.strip() for line in outer], "control"))
    formats = _formats(line for section in sections for line in section)
    tracks: list[Track] = []
    for head, section in list(zip(heads, sections, strict=True))[:MAX_TRACKS]:
        track = _track(head, section, control)
        if track is not None:
            # Some cameras write a track's fmtp line into another track's section.
            other = formats.get(track.payload_type, {}) if track.payload_type >= 96 else {}
            tracks.append(track if track.parameters else replace(track, parameters=other))
    return Description(tuple(tracks), control)


def _attribute(lines: list[str], name: str) -> str:
    head = f"a={name}:"
    return next((line[len(head) :].strip() for line in lines if line.startswith(head)), "")


def _formats(lines: Iterable[str]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for line in lines:
        if match := re.match(r"a=fmtp:\s*(\d+)\s+(.*)", line):
            pairs = (part.partition("=") for part in match[2].split(";"))
            found[int(match[1])] = {n.strip().lower(): v.strip() for n, e, v in pairs if n.strip()}
    return found


def _track(head: str, section: list[str], base: str) -> Track | None:
    words = head.split()
    if len(words) < 4:
        return None
    types = [int(word) for word in words[3:] if word.isdecimal()]
    maps = {
        int(m[1]): (m[2].upper(), int(m[3]), int(m[4] or 1))
        for line in section
        if (m := re.match(r"a=rtpmap:\s*(\d+)\s+([^/\s]+)/(\d+)(?:/(\d+))?", line))
    }
    payload_type = types[0] if types else next(iter(maps), -1)
    fallback = ("UNKNOWN", 90_000, 1)
    encoding, clock_hz, channels = maps.get(payload_type) or _STATIC.get(payload_type, fallback)
    control = join_control(base, _attribute(section, "control"))
    directions = [
        d for d in ("sendonly", "recvonly", "sendrecv", "inactive") if f"a={d}" in section
    ]
    return Track(
        kind=words[0].lower(),
        payload_type=payload_type,
        encoding=encoding,
        clock_hz=clock_hz or 90_000,
        channels=channels,
        control=control,
        parameters=_formats(section).get(payload_type, {}),
        size_px=_size(section),
        direction=directions[0] if directions else None,
    )


def _size(section: list[str]) -> tuple[int, int] | None:
    for line in section:
        match = re.match(r"a=(?:x-dimensions:|framesize:\s*\d+\s+)\s*(\d+)[,-](\d+)", line)
        if match and 0 < int(match[1]) <= 65535 and 0 < int(match[2]) <= 65535:
            return int(match[1]), int(match[2])
    return None
