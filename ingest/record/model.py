"""The nouns of recording: fragments, segments and their rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

TICKS = 90_000


@dataclass(frozen=True, slots=True)
class Fragment:
    """One GOP in a file: where it lies, when it starts after the file's start, how long it lasts (1/90000 s)."""

    offset: int
    length: int
    start_90k: int
    duration_90k: int


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One recording file as its index row says it. ``path`` is relative to the recordings folder."""

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
        if not self.fragments:
            return self.init_length
        return self.fragments[-1].offset + self.fragments[-1].length


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


def ticks(count: int) -> timedelta:
    """1/90000 s as a duration."""
    return timedelta(microseconds=round(count * 1_000_000 / TICKS))
