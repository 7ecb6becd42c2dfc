"""How much of each day is recorded."""

from __future__ import annotations

from datetime import datetime

from web.schemas.common import Out
from web.schemas.recordings import GapOut


class CoverageDayOut(Out):
    day: str  # 2026-03-01, in the zone asked for
    start_at: datetime
    end_at: datetime
    due_s: (
        float  # how long it should have been recorded: since it was added, up to some seconds ago
    )
    recorded_s: float
    percent: float | None  # null: nothing was due
    gaps: list[GapOut]


class CameraCoverageOut(Out):
    camera_id: int
    code: str
    due_s: float
    recorded_s: float
    percent: float | None
    days: list[CoverageDayOut]


class CoverageOut(Out):
    start_at: datetime
    end_at: datetime
    due_s: float
    recorded_s: float
    percent: float | None
    cameras: list[CameraCoverageOut]
