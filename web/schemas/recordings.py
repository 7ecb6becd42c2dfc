"""What is recorded, and what is missing."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from web.schemas.common import Out, WhyOut
from web.schemas.events import EventOut


class SpanOut(Out):
    start_at: datetime
    end_at: datetime


GapReason = Literal[
    "refused",
    "unreachable",
    "no_packets",
    "no_key_frame",
    "unsupported",
    "clock_step",
    "disk_full",
    "disk_slow",
    "disk_failed",
    "switched_off",
    "process_stopped",
    "unknown",
]


class GapOut(Out):
    start_at: datetime
    end_at: datetime
    reason: GapReason
    detail: str  # one sentence, may be empty
    why: WhyOut | None  # of the detail; null: it is empty, or of an earlier version


class ClassSpanOut(SpanOut):
    """Footage that is kept as an event's or an incident's; what is not named is continuous."""

    name: Literal["event", "incident"]


class CameraTimelineOut(Out):
    camera_id: int
    recorded: list[SpanOut]
    gaps: list[GapOut]  # since the camera was added, up to some seconds ago
    held: list[SpanOut]
    classes: list[ClassSpanOut]
    events: list[EventOut]


class TimelineOut(Out):
    from_at: datetime
    to_at: datetime
    cameras: list[CameraTimelineOut]


class RecordedFileOut(Out):
    """A recording file. ``fragments``: rows of offset, bytes of the pictures, bytes of the whole, start and duration in
    1/90000 s after the file's beginning. ``media_90k`` is the decode time of that beginning, since 2020-01-01.
    ``parts``: the fragments (by their place) that go on with the GOP of the one before, so that nothing starts there."""

    id: int
    start_at: datetime
    codec: str
    width_px: int
    height_px: int
    init_bytes: int
    audio: str | None
    media_90k: int
    parts: list[int]
    fragments: list[tuple[int, int, int, int, int]]


class RecordingIndexOut(Out):
    """What was recorded of a camera in a span, for a player of one's own."""

    camera_id: int
    from_at: datetime
    to_at: datetime
    files: list[RecordedFileOut]
