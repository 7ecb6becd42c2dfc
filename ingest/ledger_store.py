"""Rows of the coverage ledger: changes of cameras' recording, processes' lives, and what coverage is made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from gis import said
from gis.db import Database, load_queries
from gis.said import why_of
from ingest.record.coverage import Entry, Recorded, Span
from ingest.record.model import ticks
from ingest.record.states import Change, Run

_SQL = load_queries(Path(__file__).parent / "sql")

SEEN_EVERY = timedelta(seconds=30)  # a process that was seen so lately counts as living


@dataclass(frozen=True, slots=True)
class CoveredCamera:
    """A camera as coverage names it."""

    id: int
    code: str
    since: datetime


def save_changes(database: Database, changes: Sequence[Change]) -> None:
    """Writes changes of cameras' recording. Raises :class:`gis.errors.DatabaseAway`."""
    rows = [
        {"camera_id": c.camera_id, "why": why_of(c.entry.detail)} | asdict(c.entry) for c in changes
    ]
    database.run(_SQL["ledger_save_changes"], {"rows": json.dumps(rows, default=_text)})


def save_runs(database: Database, runs: Sequence[Run]) -> None:
    """Writes when processes lived. Raises :class:`gis.errors.DatabaseAway`."""
    rows = [asdict(run) for run in runs]
    database.run(_SQL["ledger_save_runs"], {"rows": json.dumps(rows, default=_text)})


def forget(database: Database, before: datetime) -> None:
    """Deletes what is older than ``before``."""
    database.run(_SQL["ledger_forget_changes"], {"before": before})
    database.run(_SQL["ledger_forget_runs"], {"before": before})


def cameras(database: Database, camera_ids: Sequence[int]) -> list[CoveredCamera]:
    """Some cameras, by code."""
    rows = database.rows(_SQL["ledger_cameras"], {"camera_ids": list(camera_ids)})
    return [CoveredCamera(row.id, row.code, row.created_at) for row in rows]


def recorded(
    database: Database, camera_ids: Sequence[int], from_at: datetime, to_at: datetime
) -> dict[int, list[Recorded]]:
    """Every file's time within the window, in order, by camera."""
    found: dict[int, list[Recorded]] = {camera_id: [] for camera_id in camera_ids}
    values = {"camera_ids": list(camera_ids), "from_at": from_at, "to_at": to_at}
    for row in database.rows(_SQL["ledger_recorded"], values):
        holes = tuple(
            (row.start_at + ticks(start), row.start_at + ticks(end))
            for start, end in zip(row.hole_start_90k, row.hole_end_90k, strict=True)
        )
        found[row.camera_id].append(Recorded(row.start_at, row.end_at, holes))
    return found


def entries(
    database: Database, camera_ids: Sequence[int], from_at: datetime, to_at: datetime
) -> dict[int, list[Entry]]:
    """What the ledger says of the window, in order, by camera."""
    found: dict[int, list[Entry]] = {camera_id: [] for camera_id in camera_ids}
    values = {"camera_ids": list(camera_ids), "from_at": from_at, "to_at": to_at}
    for row in database.rows(_SQL["ledger_entries"], values):
        found[row.camera_id].append(
            Entry(row.at, row.state, row.reason, said.read(row.detail, row.why))
        )
    return found


def runs(
    database: Database, from_at: datetime, to_at: datetime, now: datetime
) -> tuple[list[Span], datetime | None]:
    """When ingest processes lived within the window, and since when that is written down."""
    known = database.rows(_SQL["ledger_known_since"])[0].since
    rows = database.rows(_SQL["ledger_runs"], {"from_at": from_at, "to_at": to_at})
    living = [
        Span(row.started_at, now if row.open and now - row.end_at < SEEN_EVERY else row.end_at)
        for row in rows
    ]
    return [span for span in living if span.end_at > span.start_at], known


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a row")
