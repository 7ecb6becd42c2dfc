"""How many went over a line, by direction, class and quarter of an hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from analytics.model import Crossing, Kind
from analytics.store import QUERIES
from gis.db import Database

QUARTER_S = 900


@dataclass(frozen=True, slots=True)
class QuarterCount:
    """One quarter of an hour, from ``from_at`` on."""

    from_at: datetime
    direction: Literal["left_to_right", "right_to_left"]
    kind: Kind
    count: int


def add(database: Database, crossing: Crossing) -> bool:
    """Counts a crossing. False when its zone or camera is gone."""
    values = {
        "zone_id": crossing.zone_id,
        "camera_id": crossing.camera_id,
        "from_at": crossing.at - timedelta(seconds=crossing.at.timestamp() % QUARTER_S),
        "direction": crossing.direction,
        "kind": crossing.kind,
    }
    return database.run(QUERIES["count_crossing"], values) == 1


def counts(
    database: Database, zone_id: int, start: datetime, end: datetime
) -> tuple[QuarterCount, ...]:
    """A line's counts of the quarters that begin in ``start`` ≤ at < ``end``; those without any are left out.

    Of a line on the map the count of the camera that saw most stands for all: they see the same things.
    """
    values = {"zone_id": zone_id, "start": start, "end": end}
    return tuple(
        QuarterCount(row.from_at, row.direction, row.kind, row.count)
        for row in database.rows(QUERIES["crossing_counts"], values)
    )
