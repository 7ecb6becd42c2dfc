"""Coverage as the API and the command line give it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from gis.db import Database
from ingest.record.coverage import Coverage, add_up
from ingest.record.covered import coverage, days
from web.schemas.coverage import CameraCoverageOut, CoverageDayOut, CoverageOut
from web.schemas.recordings import GapOut


def coverage_out(
    database: Database,
    camera_ids: Sequence[int],
    start: datetime,
    end: datetime,
    now: datetime,
    utc_offset: timedelta,
) -> CoverageOut:
    """The coverage of some cameras by day, a day being cut at the midnights of a zone ``utc_offset`` ahead of UTC."""
    windows = days(start, end, utc_offset)
    cameras: list[CameraCoverageOut] = []
    everything: list[Coverage] = []
    for found in coverage(database, camera_ids, windows, now):
        everything += found.parts
        recorded_s, due_s = add_up(found.parts)
        cameras.append(
            CameraCoverageOut(
                camera_id=found.camera.id,
                code=found.camera.code,
                due_s=round(due_s, 3),
                recorded_s=round(recorded_s, 3),
                percent=percent(recorded_s, due_s),
                days=[
                    _day(window, part, utc_offset)
                    for window, part in zip(found.windows, found.parts, strict=True)
                ],
            )
        )
    recorded_s, due_s = add_up(everything)
    return CoverageOut(
        start_at=start,
        end_at=end,
        due_s=round(due_s, 3),
        recorded_s=round(recorded_s, 3),
        percent=percent(recorded_s, due_s),
        cameras=cameras,
    )


def _day(
    window: tuple[datetime, datetime], part: Coverage, utc_offset: timedelta
) -> CoverageDayOut:
    return CoverageDayOut(
        day=f"{window[0] + utc_offset:%Y-%m-%d}",
        start_at=window[0],
        end_at=window[1],
        due_s=round(part.due_s, 3),
        recorded_s=round(part.recorded_s, 3),
        percent=percent(part.recorded_s, part.due_s),
        gaps=[GapOut.model_validate(gap) for gap in part.gaps],
    )


def percent(recorded_s: float, due_s: float) -> float | None:
    """Of a hundred, cut after three digits: what is not whole never shows as 100."""
    return int(100_000 * recorded_s / due_s) / 1000 if due_s > 0 else None
