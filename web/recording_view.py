"""Recordings as the API gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gis.db import Database
from web.schemas import TimelineOut


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """A recording file and whose it is."""

    camera_id: int
    path: Path


def timeline(
    database: Database, camera_ids: Sequence[int], start: datetime, end: datetime
) -> TimelineOut:
    """What there is."""
    raise NotImplementedError


def playlist(database: Database, camera_id: int, start: datetime, end: datetime) -> str:
    """A stretch as an HLS playlist."""
    raise NotImplementedError


def segment(database: Database, segment_id: int, recordings: Path) -> SegmentFile:
    """One file."""
    raise NotImplementedError


def frame(database: Database, camera_id: int, at: datetime, recordings: Path) -> bytes:
    """The frame at or before ``at`` as JPEG."""
    raise NotImplementedError
