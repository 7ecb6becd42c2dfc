"""Playing recordings back: single pictures, files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from gis.clock import ManualClock
from gis.db import Database
from gis.errors import NotFound, StorageAway
from ingest import store
from ingest.record import playback
from ingest.record.storage import Storage
from ingest.record.tiers import MARK
from tests.ingest.record.recordings import add_camera, record
from tests.ingest.streams import START, units


def ticks_seen(jpeg: bytes) -> int:
    """Where the moving square stands in a test picture: its frame number."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    columns = np.nonzero(picture[85, :, 2] > 200)[0]
    return round(int(columns.min()) / 4)


def test_frame_at_a_moment_is_the_right_one(database: Database, tmp_path: Path) -> None:
    camera = add_camera(database)
    storage = Storage(database, tmp_path, b"", ManualClock())
    for b_frames in (0, 2):
        start = START + timedelta(hours=b_frames)
        store.save_segments(
            database,
            record(tmp_path, camera, [units(start=start, session=b_frames + 1, b_frames=b_frames)]),
        )
        for number in (0, 7, 19, 20, 43):
            at = start + timedelta(seconds=number / 10 + 0.05)
            assert ticks_seen(playback.frame_jpeg(database, storage, camera.id, at)) == number
        assert (
            ticks_seen(
                playback.frame_jpeg(database, storage, camera.id, start + timedelta(seconds=9))
            )
            == 49
        )
    for bad in (START - timedelta(seconds=1), START + timedelta(hours=1)):
        with pytest.raises(NotFound, match="no recording at"):
            playback.frame_jpeg(database, storage, camera.id, bad)


def test_a_frame_of_a_recording_that_moved_to_another_tier(
    database: Database, tmp_path: Path
) -> None:
    local, far = tmp_path / "local", tmp_path / "far"
    far.mkdir()
    (far / MARK).touch()
    camera = add_camera(database)
    (row,) = record(local, camera, [units()])
    store.save_segments(database, [row])
    (far / row.path).parent.mkdir(parents=True)
    (local / row.path).rename(far / row.path)
    database.run(
        "INSERT INTO storage_tier (id, position, name, kind, path) VALUES (1, 1, 'far', 'path', %s)",
        (str(far),),
    )
    database.run("UPDATE segment SET tier = 1")
    storage = Storage(database, local, b"", ManualClock())
    at = START + timedelta(seconds=0.75)
    assert ticks_seen(playback.frame_jpeg(database, storage, camera.id, at)) == 7
    (far / MARK).unlink()
    (far / row.path).unlink()
    with pytest.raises(StorageAway, match="is its disk mounted"):
        playback.frame_jpeg(database, storage, camera.id, at)


def test_the_camera_of_a_segment_is_told_for_rights(database: Database, tmp_path: Path) -> None:
    camera = add_camera(database)
    store.save_segments(database, record(tmp_path, camera, [units()]))
    number = database.rows("SELECT id FROM segment")[0].id
    assert playback.segment_camera(database, number) == camera.id
    with pytest.raises(NotFound, match="no recording 999"):
        playback.segment_camera(database, 999)
