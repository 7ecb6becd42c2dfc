"""The table of tracks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from analytics.model import TrackRecord
from analytics.motion_index import bits_of, feet_grid
from analytics.stands import stands
from gis.db import Database, load_queries
from gis.model import LonLat

QUERIES = load_queries(Path(__file__).parent / "sql")


def write(database: Database, record: TrackRecord) -> bool:
    """Writes a track, or a longer account of one written before. False when nothing changed."""
    values = {
        "uid": str(record.uid),
        "camera_id": record.camera_id,
        "kind": record.kind,
        "confidence": record.confidence,
        "start_at": record.start_at,
        "end_at": record.end_at,
        "t_ms": list(record.t_ms),
        "box": [value for box in record.boxes for value in box],
        "speed_ms": record.speed_ms,
        "lon": [place.lon for place in record.path],
        "lat": [place.lat for place in record.path],
        "label": record.label,
        "colour": record.colour,
        "heading_deg": record.heading_deg,
        "standing_s": record.standing_s,
        "snapshot": record.snapshot,
        "look": None if record.look is None else list(record.look),
        "cells": bits_of(feet_grid(record.boxes)),
        "stands": [value for stand in stands(record.t_ms, record.boxes) for value in stand] or None,
    }
    return database.run(QUERIES["upsert_track"], values) == 1


def track(database: Database, uid: UUID) -> TrackRecord | None:
    """A track as far as it is written; ``path`` is empty where it has no place on the ground."""
    row = database.row(QUERIES["track"], {"uid": str(uid)})
    return None if row is None else read(row)


def tracks_of(database: Database, uids: Iterable[UUID]) -> dict[UUID, TrackRecord]:
    """Tracks by their uids, without their ground paths; those not stored are missing."""
    rows = database.rows(QUERIES["tracks_of"], {"uids": [str(uid) for uid in uids]})
    return {record.uid: record for record in map(read, rows)}


def tracks_between(
    database: Database, camera_id: int, start: datetime, end: datetime, samples: int
) -> list[TrackRecord]:
    """A camera's tracks of a stretch of time, oldest first, without their ground paths.

    Where they have more than ``samples`` samples together, the newest tracks that have not.
    """
    values = {"camera_id": camera_id, "from": start, "to": end, "samples": samples}
    return [read(row) for row in database.rows(QUERIES["tracks_between"], values)]


def read(row: Any) -> TrackRecord:
    """A row of ``track``. Where the query leaves ``box`` null, all boxes are empty; where ``path``, there is none."""
    box = row.box or (0.0,) * (4 * len(row.t_ms))
    path = row.path or ()
    return TrackRecord(
        uid=UUID(row.uid),
        camera_id=row.camera_id,
        kind=row.kind,
        confidence=row.confidence,
        start_at=row.start_at,
        end_at=row.end_at,
        t_ms=tuple(row.t_ms),
        boxes=tuple((box[i], box[i + 1], box[i + 2], box[i + 3]) for i in range(0, len(box), 4)),
        speed_ms=row.speed_ms,
        path=tuple(LonLat(path[i], path[i + 1]) for i in range(0, len(path), 2)),
        label=row.label,
        colour=row.colour,
        heading_deg=row.heading_deg,
        standing_s=row.standing_s,
        snapshot=row.snapshot,
        look=None if row.look is None else tuple(row.look),
    )
