"""What the analytics process is told at its start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AnalyticsSettings:
    """``database_url`` the database; ``tap`` ingest's Unix socket; ``snapshots`` and ``spool`` folders it writes.

    ``workers`` threads decode and analyse. ``analysis_width_px`` is how wide a picture is analysed at most and
    ``analysis_fps`` how often; faster cameras skip frames. A packet that waited longer than ``behind_s`` means
    the process cannot keep up: the least important cameras then go down to key frames.
    """

    database_url: str
    tap: Path
    snapshots: Path
    spool: Path
    workers: int = 2
    analysis_width_px: int = 480
    analysis_fps: float = 12.5
    queue_s: float = 4.0
    behind_s: float = 0.5
