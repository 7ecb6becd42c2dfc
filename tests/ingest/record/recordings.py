"""Recordings made on the spot, for tests of what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gis.clock import SystemClock
from gis.db import Database
from gis.model import LonLat
from ingest import store
from ingest.model import Camera
from ingest.record.disk import REAL, Disk
from ingest.record.model import SegmentRow, StoredSegment
from ingest.record.recorder import Recorder
from ingest.unit import AudioUnit, MediaUnit


def add_camera(database: Database, code: str = "gate", retention_days: int = 30) -> Camera:
    camera_id = database.rows(
        "INSERT INTO camera (code, name, url, geom, retention_days) VALUES (%s, %s, 'rtsp://h/x',"
        " ST_SetSRID(ST_MakePoint(121, 31), 4326), %s) RETURNING id",
        (code, code, retention_days),
    )[0].id
    return make_camera(camera_id, code, retention_days)


def make_camera(camera_id: int = 1, code: str = "gate", retention_days: int = 30) -> Camera:
    return Camera(
        camera_id, code, code, None, "rtsp://h/x", None, None, LonLat(121, 31), None,
        True, True, True, False, retention_days, 1,
    )  # fmt: skip


@contextmanager
def recording(
    root: Path,
    told: Callable[[SegmentRow], None],
    segment_s: float = 300,
    disk: Disk = REAL,
) -> Iterator[Recorder]:
    recorder = Recorder(root, segment_s, SystemClock(), told, disk)
    recorder.start()
    try:
        yield recorder
    finally:
        recorder.stop()


def record(
    root: Path,
    camera: Camera,
    streams: Sequence[Sequence[MediaUnit | AudioUnit]],
    segment_s: float = 300,
    disk: Disk = REAL,
) -> list[SegmentRow]:
    """Plays the streams into a recorder, one connection each; the newest row of every file."""
    rows: dict[str, SegmentRow] = {}

    def told(row: SegmentRow) -> None:
        rows[row.path] = row

    with recording(root, told, segment_s, disk) as recorder:
        for stream in streams:
            for unit in stream:
                if isinstance(unit, AudioUnit):
                    recorder.audio(camera, unit)
                else:
                    recorder.unit(camera, unit)
            recorder.ended(camera, "main", "no_packets")
    return list(rows.values())


def recording_files(root: Path) -> list[str]:
    """Every recording under ``root``, relative to it."""
    return sorted(str(path.relative_to(root)) for path in root.glob("*/*/*/*/*.mp4"))


def indexed(database: Database) -> dict[str, bool]:
    """Path of every indexed file, and whether its row says that it is still being written."""
    return {row.path: row.open for row in database.rows("SELECT path, open FROM segment")}


def stored(database: Database) -> list[StoredSegment]:
    """Every indexed file with its fragments, in order of time."""
    found = store.segments_by_path(database, list(indexed(database)))
    return sorted(found, key=lambda segment: segment.start_at)
