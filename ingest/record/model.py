"""The nouns of recording: fragments, segments and their rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.fmp4_marks import SEAL_BYTES
from ingest.model import MAIN

TICKS = 90_000
LOCAL_TIER = 0  # the recordings folder


@dataclass(frozen=True, slots=True)
class Fragment:
    """One GOP in a file: where it lies, when it starts after the file's start, how long it lasts (1/90000 s).

    ``video_length`` bytes of it, from its beginning, are the pictures. A long GOP is written in parts: one that is
    not ``key`` goes on with the GOP of the fragment before, and nothing can start there. ``sha256`` is of the whole
    (:mod:`ingest.record.chain`), empty in recordings of version 0.1.0.
    """

    offset: int
    length: int
    start_90k: int
    duration_90k: int
    video_length: int
    key: bool = True
    sha256: bytes = b""

    @property
    def end(self) -> int:
        """Where the next fragment may begin in the file: behind the seal, where there is one."""
        return self.offset + self.length + (SEAL_BYTES if self.sha256 else 0)


Hole = tuple[int, int]  # from, to after the file's start, 1/90000 s


@dataclass(frozen=True, slots=True)
class CameraClock:
    """A camera's own clock minus ours, and how far capture times may be off, in seconds; None where not known."""

    offset_s: float | None = None
    error_s: float | None = None


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One recording file as its index row says it. ``path`` is relative to the recordings folder.

    ``media_start_90k`` is the decode time of the file's start on the line of :data:`ingest.fmp4.MEDIA_EPOCH`. The
    chain is None in files of version 0.1.0.
    """

    camera_id: int
    path: str
    start_at: datetime
    init_length: int
    frames: int
    codec: str
    width_px: int
    height_px: int
    fragments: tuple[Fragment, ...]
    open: bool
    stream: str = MAIN
    audio_codec: str | None = None
    media_start_90k: int | None = None
    holes: tuple[Hole, ...] = ()
    chain_before: bytes | None = None
    chain_after: bytes | None = None
    clock: CameraClock = CameraClock()

    @property
    def end_at(self) -> datetime:
        """When the last fragment ends."""
        if not self.fragments:
            return self.start_at
        last = self.fragments[-1]
        return self.start_at + ticks(last.start_90k + last.duration_90k)

    @property
    def size_bytes(self) -> int:
        """Where the last fragment ends in the file."""
        return self.fragments[-1].end if self.fragments else self.init_length


@dataclass(frozen=True, slots=True)
class SegmentFacts:
    """What the index knows of a file as a whole."""

    id: int
    size_bytes: int
    open: bool
    tier: int


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A segment as playback reads it."""

    id: int
    path: str
    start_at: datetime
    end_at: datetime
    init_length: int
    codec: str
    width_px: int
    height_px: int
    fragments: tuple[Fragment, ...]
    stream: str = MAIN
    tier: int = LOCAL_TIER
    audio_codec: str | None = None
    media_start_90k: int | None = None
    holes: tuple[Hole, ...] = ()
    chain_before: bytes | None = None
    chain_after: bytes | None = None
    clock: CameraClock = CameraClock()


@dataclass(frozen=True, slots=True)
class CameraStateRow:
    """A row of ``camera_state``, by its columns."""

    camera_id: int
    state: str
    reason: str
    since: datetime
    last_packet_at: datetime | None
    codec: str | None
    width_px: int | None
    height_px: int | None
    fps: float | None
    bitrate_bps: int | None
    reconnects: int
    recording: bool
    camera_clock_offset_s: float | None = None
    packets_lost: int = 0


def ticks(count: int) -> timedelta:
    """1/90000 s as a duration."""
    return timedelta(microseconds=round(count * 1_000_000 / TICKS))
