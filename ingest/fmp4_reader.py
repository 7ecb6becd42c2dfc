"""Reads back what :mod:`ingest.fmp4` writes, box by box: the repair at start-up depends on it.

Only headers and ``moof`` boxes are read; pictures and sound are skipped over.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from ingest import h264, h265
from ingest.fmp4 import VIDEO_TRACK
from ingest.fmp4_boxes import boxes
from ingest.fmp4_marks import SEAL_BYTES, Head, read_head, read_seal

_MAX_HEAD_BYTES = 1 << 20
_NOT_SYNC = 0x00010000


class NotARecording(ValueError):
    """The file does not begin as our recordings do."""


@dataclass(frozen=True, slots=True)
class FragmentFacts:
    """What a whole fragment in a file says: where it lies, when it starts and how long it lasts, 1/90000 s.

    ``length`` is pictures and sound together, without the seal. ``link`` is what the seal says, None where the file
    has none (version 0.1.0).
    """

    offset: int
    length: int
    video_length: int
    decode_90k: int
    durations_90k: tuple[int, ...]
    key: bool
    link: bytes | None

    @property
    def duration_90k(self) -> int:
        return sum(self.durations_90k)

    @property
    def frames(self) -> int:
        return len(self.durations_90k)

    @property
    def end(self) -> int:
        """Where the next fragment may begin in the file."""
        return self.offset + self.length + (SEAL_BYTES if self.link is not None else 0)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What can be read of a recording file: everything up to the last whole fragment. ``head`` is None in files of
    version 0.1.0."""

    init_length: int
    codec: str
    audio_codec: str | None
    width_px: int
    height_px: int
    head: Head | None
    fragments: tuple[FragmentFacts, ...]

    @property
    def whole_bytes(self) -> int:
        """Where the last whole fragment ends."""
        return self.fragments[-1].end if self.fragments else self.init_length


def _inner(payload: bytes, kind: bytes) -> bytes:
    for found, content in boxes(payload):
        if found == kind:
            return content
    raise NotARecording(f"the box '{kind.decode()}' is missing")


def _walk(payload: bytes, *kinds: bytes) -> bytes:
    for kind in kinds:
        payload = _inner(payload, kind)
    return payload


def _read_formats(moov: bytes) -> tuple[str, int, int, str | None]:
    """RFC 6381 string, width and height of the pictures; what the sound is, None where there is none."""
    video: tuple[str, int, int] | None = None
    audio: str | None = None
    for kind, track in boxes(moov):
        if kind != b"trak":
            continue
        media = _inner(track, b"mdia")
        entry = _walk(media, b"minf", b"stbl", b"stsd")[8:]
        if _inner(media, b"hdlr")[8:12] == b"vide":
            video = _read_video(entry[4:8], entry[8:])
        else:
            audio = _read_audio(entry[4:8], entry[8:])
    if video is None:
        raise NotARecording("there is no track of pictures")
    return *video, audio


def _read_video(kind: bytes, body: bytes) -> tuple[str, int, int]:
    width_px, height_px = struct.unpack(">HH", body[24:28])
    inner = dict(reversed(boxes(body[78:])))
    if kind == b"avc1" and b"avcC" in inner:
        config = inner[b"avcC"]
        return h264.codec_string(b"\x67" + config[1:4]), width_px, height_px
    if kind == b"hvc1" and b"hvcC" in inner:
        return _hevc_string(inner[b"hvcC"]), width_px, height_px
    if kind == b"mp4v" and b"esds" in inner:
        return "mp4v.6C", width_px, height_px
    raise NotARecording(f"the sample entry '{kind!r}' is not one of ours")


def _read_audio(kind: bytes, body: bytes) -> str:
    if kind == b"mp4a":
        # Version and flags 4; ES 2 + 3, decoder configuration 2 + 13, tag and length 2, then AudioSpecificConfig.
        config = _inner(body[28:], b"esds")[4 + 5 + 15 + 2 :]
        return f"mp4a.40.{config[0] >> 3 if config else 2}"
    names = {b"Opus": "opus", b"alaw": "alaw", b"ulaw": "ulaw"}
    if kind not in names:
        raise NotARecording(f"the sample entry '{kind!r}' is not one of ours")
    return names[kind]


def _hevc_string(config: bytes) -> str:
    at = 23
    for _ in range(config[22]):
        kind, count = config[at] & 63, int.from_bytes(config[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            length = int.from_bytes(config[at : at + 2], "big")
            unit = config[at + 2 : at + 2 + length]
            at += 2 + length
            if kind == h265.SPS:
                return h265.codec_string(unit)
    raise NotARecording("hvcC holds no sequence parameter set")


@dataclass(slots=True)
class _Pending:
    """A fragment of which not all has been met yet."""

    offset: int
    decode_90k: int
    durations_90k: tuple[int, ...]
    key: bool
    end: int = 0
    video_end: int = 0

    def whole(self, link: bytes | None) -> FragmentFacts:
        return FragmentFacts(
            self.offset, self.end - self.offset, self.video_end - self.offset, self.decode_90k,
            self.durations_90k, self.key, link,
        )  # fmt: skip


def read_file(file: BinaryIO) -> FileFacts:
    """The facts of a recording, complete or cut off anywhere.

    Whether a fragment's content is what was written is not looked at here: :mod:`ingest.record.proof` does.
    Raises :class:`NotARecording` when not even the init segment is whole.
    """
    size = file.seek(0, 2)
    at = 0
    moov: bytes | None = None
    head: Head | None = None
    init_length = 0
    fragments: list[FragmentFacts] = []
    pending: _Pending | None = None
    while at + 8 <= size:
        file.seek(at)
        start = file.read(8)
        length, kind = int.from_bytes(start[:4], "big"), start[4:]
        if length < 8 or at + length > size:
            break
        if kind in (b"moov", b"moof", b"uuid") and length > _MAX_HEAD_BYTES:
            break
        if kind == b"moov":
            moov, init_length = file.read(length - 8), at + length
        elif kind == b"moof":
            try:
                track, decode, durations, key = _read_moof(file.read(length - 8))
            except (NotARecording, struct.error):
                break
            if track == VIDEO_TRACK:
                if pending is not None:
                    break
                pending = _Pending(at, decode, durations, key)
        elif kind == b"mdat" and pending is not None:
            pending.end = at + length
            if not pending.video_end:
                pending.video_end = pending.end
            if head is None:
                fragments.append(pending.whole(None))
                pending = None
        elif kind == b"uuid" and moov is None:
            try:
                head = read_head(file.read(length - 8))
            except ValueError as error:
                raise NotARecording(str(error)) from error
        elif kind == b"uuid" and pending is not None and pending.video_end:
            link = read_seal(file.read(length - 8))
            if link is None:
                break
            fragments.append(pending.whole(link))
            pending = None
        elif kind != b"ftyp":
            break
        at += length
    if moov is None:
        raise NotARecording("the init segment is not whole")
    try:
        codec, width_px, height_px, audio = _read_formats(moov)
    except (struct.error, IndexError) as error:
        raise NotARecording(f"the init segment cannot be read: {error}") from error
    return FileFacts(init_length, codec, audio, width_px, height_px, head, tuple(fragments))


def _read_moof(payload: bytes) -> tuple[int, int, tuple[int, ...], bool]:
    """Track, decode time, duration of each sample, and whether the first is a key frame."""
    track = dict(boxes(_inner(payload, b"traf")))
    if not {b"tfhd", b"tfdt", b"trun"} <= track.keys():
        raise NotARecording("the fragment is not one of ours")
    (number,) = struct.unpack(">I", track[b"tfhd"][4:8])
    (decode,) = struct.unpack(">Q", track[b"tfdt"][4:12])
    trun = track[b"trun"]
    (count,) = struct.unpack(">I", trun[4:8])
    table = trun[12 : 12 + 16 * count]
    if count == 0 or len(table) != 16 * count:
        raise NotARecording("the fragment's table is not whole")
    entries = list(struct.iter_unpack(">IIIi", table))
    return number, decode, tuple(e[0] for e in entries), not entries[0][2] & _NOT_SYNC
