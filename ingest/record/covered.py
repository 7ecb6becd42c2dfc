"""Coverage read from the database: the files, the ledger and the processes' lives, put together by the pure part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gis.db import Database
from ingest import ledger_store
from ingest.ledger_store import CoveredCamera
from ingest.record.coverage import Coverage, Gap, Span, cover, due

CHINA_OFFSET = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class CameraCoverage:
    """A camera's coverage of consecutive windows."""

    camera: CoveredCamera
    windows: tuple[tuple[datetime, datetime], ...]
    parts: tuple[Coverage, ...]


def days(
    from_at: datetime, to_at: datetime, utc_offset: timedelta = CHINA_OFFSET
) -> list[tuple[datetime, datetime]]:
    """The window cut at the midnights of a zone that many hours ahead of UTC."""
    out: list[tuple[datetime, datetime]] = []
    at = from_at
    while at < to_at:
        local = at + utc_offset
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        end = min(to_at, midnight - utc_offset)
        out.append((at, end))
        at = end
    return out


def gaps_between(
    database: Database, camera_id: int, from_at: datetime, to_at: datetime, now: datetime
) -> tuple[Gap, ...]:
    """Everything of the window that was not recorded of a camera, whether it was due or not, with the reasons."""
    files = ledger_store.recorded(database, [camera_id], from_at, to_at)
    entries = ledger_store.entries(database, [camera_id], from_at, to_at)
    runs, known_since = ledger_store.runs(database, from_at, to_at, now)
    window = Span(from_at, to_at)
    return cover(window, files[camera_id], entries[camera_id], runs, known_since).gaps


def coverage(
    database: Database,
    camera_ids: Sequence[int],
    windows: Sequence[tuple[datetime, datetime]],
    now: datetime,
) -> list[CameraCoverage]:
    """Each camera's coverage of each of ``windows`` (in order, one after the other), by camera code."""
    if not windows:
        return []
    from_at, to_at = windows[0][0], windows[-1][1]
    cameras = ledger_store.cameras(database, camera_ids)
    ids = [camera.id for camera in cameras]
    files = ledger_store.recorded(database, ids, from_at, to_at)
    entries = ledger_store.entries(database, ids, from_at, to_at)
    runs, known_since = ledger_store.runs(database, from_at, to_at, now)
    out: list[CameraCoverage] = []
    for camera in cameras:
        parts = [
            cover(
                due(start, end, camera.since, now),
                (f for f in files[camera.id] if f.start_at < end and f.end_at > start),
                entries[camera.id],
                runs,
                known_since,
            )
            for start, end in windows
        ]
        out.append(CameraCoverage(camera, tuple(windows), tuple(parts)))
    return out
