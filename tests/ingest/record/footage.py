"""Index rows and files made up on the spot, without a recorder, for tests of what is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from gis.db import Database
from ingest import store
from ingest.fmp4_marks import SEAL_BYTES
from ingest.model import Camera
from ingest.record.chain import digest
from ingest.record.model import Fragment, SegmentRow

INIT = b"init" * 25


def segment(
    camera: Camera,
    start_at: datetime,
    length_s: float = 300,
    fragment_bytes: int = 1000,
    fragments: int = 3,
    still_open: bool = False,
) -> tuple[SegmentRow, bytes]:
    """A row and its file's content; the fragments' hashes are true."""
    part_90k = round(length_s * 90_000 / fragments)
    content, parts = INIT, []
    for number in range(fragments):
        data = f"{camera.code} {start_at:%d%H%M%S} {number} ".encode().ljust(fragment_bytes, b".")
        parts.append(
            Fragment(len(content), len(data), number * part_90k, part_90k, len(data), True, digest(data))
        )  # fmt: skip
        content += data + b"s" * SEAL_BYTES
    path = f"{camera.code}/{start_at:%Y/%m/%d/%H%M%S}-1.mp4"
    row = SegmentRow(
        camera.id, path, start_at, len(INIT), 10, "avc1.42c01f", 320, 240, tuple(parts), still_open
    )
    return row, content


def keep(
    database: Database, root: Path, camera: Camera, start_at: datetime, count: int = 1, **facts: int
) -> list[SegmentRow]:
    """``count`` closed recordings, five minutes each, indexed, with their files under ``root``."""
    rows = []
    for number in range(count):
        row, content = segment(camera, start_at + timedelta(minutes=5 * number), **facts)
        full = root / row.path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(content)
        rows.append(row)
    assert store.save_segments(database, rows) == []
    return rows
