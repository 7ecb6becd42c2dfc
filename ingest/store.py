"""Ingest's rows in the database: cameras, their states, and the index of recordings."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg2

from gis.db import Database, load_queries
from gis.errors import DatabaseAway, InvalidInput
from gis.model import LonLat, Pose
from ingest.model import Camera
from ingest.record.model import CameraStateRow, Fragment, SegmentRow, StoredSegment
from ingest.secret import decrypt

log = logging.getLogger(__name__)

QUERIES = load_queries(Path(__file__).parent / "sql")


def camera_from_row(row: Mapping[str, Any], key: bytes) -> Camera:
    """A camera from a row's columns by name. A password encrypted with another key counts as absent."""
    password: str | None = None
    if row["password_enc"] is not None:
        try:
            password = decrypt(key, bytes(row["password_enc"]))
        except InvalidInput as error:
            log.warning("camera-password-unreadable camera=%s reason=%s", row["code"], error)
    place = LonLat(row["lon"], row["lat"])
    angles = (row["height_m"], row["yaw_deg"], row["pitch_deg"], row["hfov_deg"])
    pose = None
    if all(value is not None for value in angles):
        pose = Pose(place, *angles, row["roll_deg"], row["pose_sigma_deg"])
    return Camera(
        row["id"], row["code"], row["name"], row["name_en"], row["url"], row["username"], password,
        place, pose, row["enabled"], row["recorded"], row["analysed"], row["published"],
        row["retention_days"], row["version"],
    )  # fmt: skip


def camera_rows(database: Database) -> list[dict[str, Any]]:
    """Every camera's columns by name; the password still encrypted."""
    return [row._asdict() for row in database.rows(QUERIES["cameras"])]


def cameras(database: Database, key: bytes) -> list[Camera]:
    """Every camera as configured, its password decrypted with ``key``."""
    return [camera_from_row(row, key) for row in camera_rows(database)]


def save_states(database: Database, rows: Sequence[CameraStateRow]) -> None:
    """Writes the states of several cameras at once."""
    if rows:
        database.run(QUERIES["upsert_camera_states"], {"rows": _json(rows)})


def _segment_columns(row: SegmentRow) -> dict[str, object]:
    return {
        "camera_id": row.camera_id,
        "path": row.path,
        "start_at": row.start_at,
        "end_at": row.end_at,
        "init_length": row.init_length,
        "bytes": row.size_bytes,
        "frames": row.frames,
        "codec": row.codec,
        "width_px": row.width_px,
        "height_px": row.height_px,
        "frag_offset": [f.offset for f in row.fragments],
        "frag_length": [f.length for f in row.fragments],
        "frag_start_90k": [f.start_90k for f in row.fragments],
        "frag_duration_90k": [f.duration_90k for f in row.fragments],
        "open": row.open,
    }


def save_segments(database: Database, rows: Sequence[SegmentRow]) -> list[SegmentRow]:
    """Writes index rows; returns those the database refuses for what they say, with nothing of the rest lost.

    Raises :class:`DatabaseAway`; then nothing was written, and the same rows may be sent again.
    """
    if not rows:
        return []
    try:
        _run_segments(database, rows)
    except psycopg2.Error as error:
        if len(rows) == 1:
            if isinstance(error, psycopg2.OperationalError):
                raise DatabaseAway(f"the index row was not taken now: {error}") from error
            return list(rows)
        half = len(rows) // 2
        return save_segments(database, rows[:half]) + save_segments(database, rows[half:])
    return []


def _run_segments(database: Database, rows: Sequence[SegmentRow]) -> None:
    database.run(
        QUERIES["upsert_segments"],
        {"rows": json.dumps([_segment_columns(r) for r in rows], default=_text)},
    )


def segment_paths(database: Database) -> dict[str, bool]:
    """Path of every indexed file, and whether its row says that it is still being written."""
    return {row.path: row.open for row in database.rows(QUERIES["segment_paths"])}


def delete_segments(database: Database, paths: Sequence[str]) -> None:
    """Takes rows out of the index."""
    if paths:
        database.run(QUERIES["delete_segments"], {"paths": list(paths)})


def delete_expired(database: Database, now: datetime, limit: int) -> list[tuple[str, int]]:
    """Takes footage past its retention out of the index; returns (path, bytes) of the files to remove."""
    rows = database.rows(QUERIES["delete_expired"], {"now": now, "limit": limit})
    return [(row.path, row.bytes) for row in rows]


def delete_oldest(database: Database, before: datetime, limit: int) -> list[tuple[str, int]]:
    """The same for the oldest footage that ended before ``before``."""
    rows = database.rows(QUERIES["delete_oldest"], {"before": before, "limit": limit})
    return [(row.path, row.bytes) for row in rows]


def spans(
    database: Database, camera_ids: Sequence[int], from_at: datetime, to_at: datetime
) -> list[tuple[int, datetime, datetime]]:
    """(camera, start, end) of every segment within the window, by camera and time."""
    return _spans(database, "spans", camera_ids, from_at, to_at)


def held_spans(
    database: Database, camera_ids: Sequence[int], from_at: datetime, to_at: datetime
) -> list[tuple[int, datetime, datetime]]:
    """(camera, start, end) of every hold within the window."""
    return _spans(database, "held_spans", camera_ids, from_at, to_at)


def _spans(
    database: Database, query: str, camera_ids: Sequence[int], from_at: datetime, to_at: datetime
) -> list[tuple[int, datetime, datetime]]:
    values = {"camera_ids": list(camera_ids), "from_at": from_at, "to_at": to_at}
    return [(row[0], row[1], row[2]) for row in database.rows(QUERIES[query], values)]


def segments_between(
    database: Database, camera_id: int, from_at: datetime, to_at: datetime
) -> list[StoredSegment]:
    """One camera's segments within the window, in order."""
    values = {"camera_id": camera_id, "from_at": from_at, "to_at": to_at}
    return [_stored(row) for row in database.rows(QUERIES["segments_between"], values)]


def segment_at(database: Database, camera_id: int, at: datetime) -> StoredSegment | None:
    """The camera's last segment that starts at or before ``at``."""
    row = database.row(QUERIES["segment_at"], {"camera_id": camera_id, "at": at})
    return _stored(row) if row is not None else None


def segment_file(database: Database, segment_id: int) -> tuple[str, int] | None:
    """Path and camera of a segment."""
    row = database.row(QUERIES["segment_by_id"], {"id": segment_id})
    return (row.path, row.camera_id) if row is not None else None


def _stored(row: Any) -> StoredSegment:
    arrays = (row.frag_offset, row.frag_length, row.frag_start_90k, row.frag_duration_90k)
    fragments = tuple(Fragment(*values) for values in zip(*arrays, strict=True))
    return StoredSegment(
        row.id, row.path, row.start_at, row.end_at, row.init_length, row.codec, row.width_px, row.height_px, fragments
    )  # fmt: skip


def hold(
    database: Database, camera_id: int, from_at: datetime, to_at: datetime, reason: str, subject: str, by: str
) -> int:  # fmt: skip
    """Writes a hold; returns its id."""
    values = {
        "camera_id": camera_id,
        "from_at": from_at,
        "to_at": to_at,
        "reason": reason,
        "subject": subject,
        "by": by,
    }
    return int(database.rows(QUERIES["hold"], values)[0].id)


def release(database: Database, subject: str) -> int:
    """Ends the holds for ``subject``; returns how many."""
    return database.run(QUERIES["release"], {"subject": subject})


def _json(rows: Sequence[CameraStateRow]) -> str:
    return json.dumps([asdict(row) for row in rows], default=_text)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a row")
