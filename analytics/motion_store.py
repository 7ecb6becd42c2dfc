"""The motion index in the database: minutes in which something moved, and when a camera was looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.motion_index import (
    Grid,
    MotionMinute,
    at_second,
    bits_of,
    deflate,
    inflate,
    moved_of,
    seconds_of,
)
from analytics.store import QUERIES
from gis.db import Database
from gis.errors import InvalidInput

Window = tuple[datetime, datetime]
MAX_STEPS = 4000


@dataclass(frozen=True, slots=True, eq=False)
class MotionBand:
    """How much moved over a time, by equal steps. ``level`` is ``(n,)`` int16: percent of the seconds looked at in which
    something moved, at least 1 where anything did; -1 where nothing was looked at."""

    from_at: datetime
    step_s: float
    level: NDArray[np.int16]


def write(database: Database, part: MotionMinute) -> bool:
    """Adds what is known of a minute to what was. False when its camera is unknown."""
    key = {"camera_id": part.camera_id, "minute_at": part.minute_at}
    with database.transaction() as cursor:
        written = False
        if part.moved:
            cursor.execute(QUERIES["motion_minute_for_update"], key)
            row = cursor.fetchone()
            whole = (
                part if row is None else part.merged(_minute(part.camera_id, part.minute_at, row))
            )
            cursor.execute(
                QUERIES["put_motion_minute"],
                key
                | {
                    "cells": bits_of(whole.cells),
                    "seconds": seconds_of(whole.moved),
                    "grids": deflate(whole.grids),
                },
            )
            written = cursor.rowcount == 1
        for begin, end in part.watched:
            span = {
                "camera_id": part.camera_id,
                "from_at": at_second(part.minute_at, begin),
                "to_at": at_second(part.minute_at, end),
            }
            cursor.execute(QUERIES["extend_motion_watched"], span)
            if cursor.rowcount == 0:
                cursor.execute(QUERIES["add_motion_watched"], span)
            written |= cursor.rowcount == 1
    return written


def minutes(
    database: Database,
    camera_id: int,
    windows: Sequence[Window],
    cells: Grid,
    before: datetime,
    limit: int,
) -> list[MotionMinute]:
    """Minutes in which something moved in any of ``cells``, newest first; those at the windows' ends reach beyond them."""
    rows = database.rows(
        QUERIES["motion_minutes"],
        {
            "camera_id": camera_id,
            "starts": [start for start, _ in windows],
            "ends": [end for _, end in windows],
            "cells": bits_of(cells),
            "before": before,
            "limit": limit,
        },
    )
    return [_minute(camera_id, row.minute_at, row) for row in rows]


def watched(database: Database, camera_id: int, from_at: datetime, to_at: datetime) -> list[Window]:
    """When the camera was looked at, cut to the time asked for."""
    rows = database.rows(
        QUERIES["motion_watched"], {"camera_id": camera_id, "from_at": from_at, "to_at": to_at}
    )
    return [(row.from_at, row.to_at) for row in rows]


def band(
    database: Database, camera_id: int, from_at: datetime, to_at: datetime, steps: int
) -> MotionBand:
    """How much moved, in about ``steps`` equal steps of whole seconds, or of whole minutes where that is finer than
    needed. Raises :class:`InvalidInput` for a number of steps outside 1..4000."""
    if not 1 <= steps <= MAX_STEPS:
        raise InvalidInput(f"steps {steps} is outside 1..{MAX_STEPS}", "steps")
    step_s = max(1, -(-round((to_at - from_at).total_seconds()) // steps))
    whole = 1
    if step_s >= 60:
        step_s = whole = -(-step_s // 60) * 60
        whole = 60
    start = datetime.fromtimestamp(from_at.timestamp() // whole * whole, from_at.tzinfo)
    count = -(-round((to_at - start).total_seconds()) // step_s)
    key = {"camera_id": camera_id, "from_at": start, "to_at": to_at, "step_s": step_s}
    moved = np.zeros(count, np.int64)
    if step_s >= 60:
        for row in database.rows(QUERIES["motion_by_step"], key):
            moved[row.step] = row.seconds
    else:
        first = start.replace(second=0, microsecond=0)
        for row in database.rows(QUERIES["motion_seconds"], key | {"from_at": first}):
            at_s = round((row.minute_at - start).total_seconds())
            seconds = np.array(moved_of(row.seconds), np.int64) + at_s
            np.add.at(moved, seconds[(seconds >= 0) & (seconds < count * step_s)] // step_s, 1)
    looked = _looked(watched(database, camera_id, start, to_at), start, count, step_s)
    # What moved was looked at, also where the stretch is written a moment later.
    looked = np.maximum(looked, moved)
    level = np.where(
        looked == 0, -1, np.ceil(100 * moved / np.maximum(looked, 1)).clip(0, 100)
    ).astype(np.int16)
    return MotionBand(start, float(step_s), level)


def _looked(
    spans: Sequence[Window], start: datetime, count: int, step_s: float
) -> NDArray[np.float64]:
    """Seconds looked at in each step."""
    edges = np.arange(count + 1) * step_s
    total = np.zeros(count + 1)
    for begin, end in spans:
        a, b = (begin - start).total_seconds(), (end - start).total_seconds()
        total += np.clip(edges, a, b) - a
    return np.diff(total)


def _minute(camera_id: int, minute_at: datetime, row: Any) -> MotionMinute:
    moved = moved_of(row.seconds)
    return MotionMinute(camera_id, minute_at, moved, inflate(bytes(row.grids)), ())
