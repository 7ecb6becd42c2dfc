"""Which tables feed which topic."""

from __future__ import annotations

from collections.abc import Sequence

from gis.db import Database
from web import camera_store, things_view
from web.camera_view import camera_feed_out
from web.feed import FeedRow, Source


def _cameras(database: Database, ids: Sequence[int] | None) -> list[FeedRow]:
    rows = camera_store.cameras(database, ids)
    return [FeedRow(row.id, camera_feed_out(row).model_dump_json(), row.id) for row in rows]


def _vehicles(database: Database, ids: Sequence[int] | None) -> list[FeedRow]:
    return [FeedRow(v.id, v.model_dump_json()) for v in things_view.vehicles(database, ids)]


def _sensors(database: Database, _ids: Sequence[int] | None) -> list[FeedRow]:
    return [FeedRow(s.id, s.model_dump_json()) for s in things_view.sensors(database)]


# In the order they are sent: what someone must act on first.
SOURCES: tuple[Source, ...] = (
    Source("camera", _cameras, channels=("camera",), polled=True),
    Source("vehicle", _vehicles, polled=True),
    Source("sensor", _sensors, polled=True),
)
