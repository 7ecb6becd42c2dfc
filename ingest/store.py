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
from gis.model import LonLat
from gis.pose import pose_of
from gis.said import why_of
from ingest.model import Camera
from ingest.record.model import (
    CameraClock,
    CameraStateRow,
    Fragment,
    SegmentFacts,
    SegmentRow,
    StoredSegment,
)
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
    return Camera(
        row["id"], row["code"], row["name"], row["name_en"], row["url"], row["username"], password,
        LonLat(row["lon"], row["lat"]), pose_of(row), row["enabled"], row["recorded"], row["analysed"], row["published"],
        row["retention_days"], row["version"], row["sub_url"], row["record_stream"], row["analyse_stream"],
        row["publish_stream"], row["audio"], row["onvif_url"], row["onvif_profile"], row["ptz"],
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


def tell_lost(
    database: Database, now: datetime, lost_s: float, camera_ids: list[int] | None = None
) -> int:
    """Writes an event for every camera lost for ``lost_s`` seconds, once per loss; returns how many. ``camera_ids``: of
    these alone."""
    values = {"now": now, "lost_s": lost_s, "camera_ids": camera_ids}
    return database.run(QUERIES["tell_lost_cameras"], values)


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
        "stream": row.stream,
        "audio_codec": row.audio_codec,
        "media_start_90k": row.media_start_90k,
        "frag_video_length": [f.video_length for f in row.fragments],
        "frag_key": [f.key for f in row.fragments],
        "frag_sha256": b"".join(f.sha256 for f in row.fragments).hex() or None,
        "hole_start_90k": [start for start, _ in row.holes],
        "hole_end_90k": [end for _, end in row.holes],
        "chain_before": row.chain_before.hex() if row.chain_before is not None else None,
        "chain_after": row.chain_after.hex() if row.chain_after is not None else None,
        "clock_offset_s": row.clock.offset_s,
        "clock_error_s": row.clock.error_s,
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


def segment_facts(database: Database, camera_id: int) -> dict[str, SegmentFacts]:
    """What the index knows of each of a camera's files, whatever their tier, by path."""
    rows = database.rows(QUERIES["segment_facts"], {"camera_id": camera_id})
    return {row[0]: SegmentFacts(*row[1:]) for row in rows}


def segments_by_path(database: Database, paths: Sequence[str]) -> list[StoredSegment]:
    """Some segments with their fragments."""
    if not paths:
        return []
    return [
        _stored(row) for row in database.rows(QUERIES["segments_by_path"], {"paths": list(paths)})
    ]


def delete_segments(database: Database, ids: Sequence[int]) -> list[str]:
    """Takes rows out of the index; returns the paths of held footage, whose rows stay."""
    if not ids:
        return []
    return [row.path for row in database.rows(QUERIES["delete_segments"], {"ids": list(ids)})]


def held_spans(
    database: Database, camera_ids: Sequence[int], from_at: datetime, to_at: datetime
) -> list[tuple[int, datetime, datetime]]:
    """(camera, start, end) of every hold within the window."""
    values = {"camera_ids": list(camera_ids), "from_at": from_at, "to_at": to_at}
    return [(row[0], row[1], row[2]) for row in database.rows(QUERIES["held_spans"], values)]


def segment_at(database: Database, camera_id: int, at: datetime) -> StoredSegment | None:
    """The camera's last segment that starts at or before ``at``."""
    row = database.row(QUERIES["segment_at"], {"camera_id": camera_id, "at": at})
    return _stored(row) if row is not None else None


def segment_file(database: Database, segment_id: int) -> tuple[str, int] | None:
    """Path and camera of a segment."""
    row = database.row(QUERIES["segment_by_id"], {"id": segment_id})
    return (row.path, row.camera_id) if row is not None else None


def _stored(row: Any) -> StoredSegment:
    count = len(row.frag_offset)
    hashes = bytes(row.frag_sha256) if row.frag_sha256 is not None else b""
    videos, keys = row.frag_video_length or row.frag_length, row.frag_key or [True] * count
    fragments = tuple(
        Fragment(
            row.frag_offset[i], row.frag_length[i], row.frag_start_90k[i], row.frag_duration_90k[i], videos[i],
            keys[i], hashes[32 * i : 32 * i + 32],
        )
        for i in range(count)
    )  # fmt: skip
    return StoredSegment(
        row.id, row.path, row.start_at, row.end_at, row.init_length, row.codec, row.width_px, row.height_px,
        fragments, row.stream, row.tier, row.audio_codec, row.media_start_90k,
        tuple(zip(row.hole_start_90k, row.hole_end_90k, strict=True)), _bytes(row.chain_before),
        _bytes(row.chain_after), CameraClock(row.clock_offset_s, row.clock_error_s),
    )  # fmt: skip


def _bytes(value: memoryview | None) -> bytes | None:
    return bytes(value) if value is not None else None


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
    return json.dumps([asdict(row) | {"why": why_of(row.reason)} for row in rows], default=_text)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a row")
