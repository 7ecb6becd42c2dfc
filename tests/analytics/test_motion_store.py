"""The motion index in a real database, and what is removed when it is too old."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest

from analytics import motion_store, track_store
from analytics.keeper import Keeper, Removed
from analytics.model import TrackRecord
from analytics.motion_index import MotionMinute, pack
from analytics.spool import from_json, to_json
from gis.clock import ManualClock
from gis.db import Database
from gis.errors import InvalidInput
from tests.support.console import add_camera

MINUTE = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
FAR = datetime(9999, 1, 1, tzinfo=UTC)
ALL = np.ones((9, 16), np.bool_)


def _cell(row: int, column: int) -> np.ndarray:
    grid = np.zeros((9, 16), np.bool_)
    grid[row, column] = True
    return grid


def _part(
    camera_id: int,
    moved: dict[int, np.ndarray],
    watched: tuple[tuple[int, int], ...] = ((0, 60),),
    minute_at: datetime = MINUTE,
) -> MotionMinute:
    grids = b"".join(pack(grid) for grid in moved.values())
    return MotionMinute(camera_id, minute_at, tuple(moved), grids, watched)


def test_two_accounts_of_a_minute_add_up(database: Database) -> None:
    camera = add_camera(database, "C-1")
    assert motion_store.write(database, _part(camera, {3: _cell(1, 1)}, ((0, 10),)))
    assert motion_store.write(
        database, _part(camera, {3: _cell(2, 2), 20: _cell(5, 5)}, ((10, 30),))
    )
    (found,) = motion_store.minutes(database, camera, [(MINUTE, FAR)], ALL, FAR, 10)
    assert found.moved == (3, 20)
    assert (found.unpacked()[0] == (_cell(1, 1) | _cell(2, 2))).all()
    assert motion_store.watched(database, camera, MINUTE, FAR) == [
        (MINUTE, MINUTE + timedelta(seconds=30))
    ]
    assert not motion_store.write(database, _part(camera + 1, {3: _cell(1, 1)}))


def test_minutes_are_found_by_their_cells_and_windows_newest_first(database: Database) -> None:
    camera = add_camera(database, "C-1")
    for i in range(6):
        at = MINUTE + timedelta(minutes=i)
        motion_store.write(database, _part(camera, {i: _cell(i % 2, 0)}, minute_at=at))
    windows = [(MINUTE, MINUTE + timedelta(minutes=2)), (MINUTE + timedelta(minutes=4), FAR)]
    found = motion_store.minutes(database, camera, windows, _cell(0, 0), FAR, 10)
    assert [m.minute_at.minute for m in found] == [4, 0]
    found = motion_store.minutes(database, camera, windows, ALL, found[0].minute_at, 2)
    assert [m.minute_at.minute for m in found] == [1, 0]


def test_the_band_tells_motion_quiet_and_unknown_apart(database: Database) -> None:
    camera = add_camera(database, "C-1")
    motion_store.write(database, _part(camera, {s: _cell(0, 0) for s in range(30)}))
    motion_store.write(database, _part(camera, {}, minute_at=MINUTE + timedelta(minutes=1)))
    end = MINUTE + timedelta(minutes=3)
    by_minute = motion_store.band(database, camera, MINUTE, end, 3)
    assert (by_minute.step_s, by_minute.level.tolist()) == (60.0, [50, 0, -1])
    fine = motion_store.band(database, camera, MINUTE + timedelta(seconds=20), end, 16)
    assert fine.step_s == 10.0
    assert fine.level.tolist() == [100, 0, 0, 0] + [0] * 6 + [-1] * 6
    with pytest.raises(InvalidInput, match="steps 0"):
        motion_store.band(database, camera, MINUTE, end, 0)


def test_a_waiting_minute_survives_the_disk() -> None:
    part = _part(7, {3: _cell(1, 1), 4: _cell(2, 2)}, ((0, 2), (3, 60)))
    assert from_json(to_json(part)) == part


@pytest.fixture
def keeper(database: Database, tmp_path: Path, clock: ManualClock) -> Keeper:
    return Keeper(database, tmp_path, clock, threading.Event())


def _track(database: Database, camera: int, at: datetime, snapshot: str | None = None) -> UUID:
    uid = uuid4()
    record = TrackRecord(
        uid, camera, "person", 0.9, at, at + timedelta(seconds=2), (0, 2000),
        ((0.1, 0.1, 0.1, 0.2), (0.2, 0.1, 0.1, 0.2)), None, (), snapshot=snapshot,
    )  # fmt: skip
    track_store.write(database, record)
    return uid


def test_what_is_older_than_the_footage_goes_with_its_picture(
    database: Database, keeper: Keeper, clock: ManualClock, tmp_path: Path
) -> None:
    camera = add_camera(database, "C-1", retention_days=2)
    longer = add_camera(database, "C-2", retention_days=9)
    old, young = clock.now() - timedelta(days=3), clock.now() - timedelta(days=1)
    (tmp_path / "old.jpg").write_bytes(b"x")
    gone = _track(database, camera, old, "old.jpg")
    stay = [_track(database, camera, young), _track(database, longer, old)]
    for camera_id, at in ((camera, old), (camera, young), (longer, old)):
        at = at.replace(second=0, microsecond=0)
        motion_store.write(database, _part(camera_id, {1: _cell(0, 0)}, minute_at=at))
    assert keeper.retain() == Removed(1, 1, 1)
    assert not (tmp_path / "old.jpg").exists()
    assert track_store.track(database, gone) is None
    assert all(track_store.track(database, uid) for uid in stay)
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    assert len(motion_store.watched(database, camera, epoch, FAR)) == 1
    assert keeper.retain() == Removed()


def test_tracks_of_events_of_incidents_and_of_held_footage_stay(
    database: Database, keeper: Keeper, clock: ManualClock
) -> None:
    camera = add_camera(database, "C-1", retention_days=2)
    old = clock.now() - timedelta(days=3)
    of_event, of_incident, held, gone = (
        _track(database, camera, old + timedelta(hours=4 * i)) for i in range(4)
    )
    database.run(
        "INSERT INTO event (uid, camera_id, track_uid, rule, kind, priority, confidence, at, box, why, why_en) "
        "VALUES (gen_random_uuid(), %s, %s, 'intrusion', 'person', 2, 1, %s, '{0,0,1,1}', 'w', 'w')",
        (camera, str(of_event), old),
    )
    database.run(
        "INSERT INTO segment (camera_id, path, start_at, end_at, init_length, bytes, frames, codec, width_px, "
        "height_px, frag_offset, frag_length, frag_start_90k, frag_duration_90k, class) VALUES "
        "(%s, 'a', %s, %s, 9, 1, 1, 'avc1', 1, 1, '{}', '{}', '{}', '{}', 'incident')",
        (camera, old + timedelta(hours=4), old + timedelta(hours=4, minutes=5)),
    )
    database.run(
        "INSERT INTO evidence_hold (camera_id, from_at, to_at, reason, subject, created_by, kind) "
        "VALUES (%s, %s, %s, 'r', 'lock:1', 'x', 'lock')",
        (camera, old + timedelta(hours=7), old + timedelta(hours=9)),
    )
    assert keeper.retain().tracks == 1
    assert track_store.track(database, gone) is None
    assert all(track_store.track(database, uid) for uid in (of_event, of_incident, held))


def test_a_stretch_that_goes_on_is_cut_where_its_footage_begins(
    database: Database, keeper: Keeper, clock: ManualClock
) -> None:
    camera = add_camera(database, "C-1", retention_days=1)
    database.run(
        "INSERT INTO motion_watched VALUES (%s, %s, %s)",
        (camera, clock.now() - timedelta(days=30), clock.now()),
    )
    keeper.retain()
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    ((begin, end),) = motion_store.watched(database, camera, epoch, FAR)
    assert timedelta(days=1) <= clock.now() - begin < timedelta(days=1, hours=1)
    assert end == clock.now()
