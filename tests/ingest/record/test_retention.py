"""What is deleted when, and what is held."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from gis.clock import ManualClock
from gis.db import Database
from ingest import store
from ingest.record import playback
from ingest.record.retention import retain
from tests.ingest.record.recordings import add_camera, indexed, record, recording_files
from tests.ingest.streams import START, units


def test_retention_by_age_and_by_room_spares_held_footage(
    database: Database, tmp_path: Path
) -> None:
    short, long = add_camera(database, "short", 1), add_camera(database, "long", 30)
    rows = []
    for camera in (short, long):
        for hour in range(4):
            rows += record(
                tmp_path, camera, [units(session=hour + 1, start=START + timedelta(hours=hour))]
            )
    store.save_segments(database, rows)
    at = START + timedelta(hours=1)
    playback.hold(
        database, short.id, at, at + timedelta(seconds=3), "test", "incident:1", "officer"
    )
    clock = ManualClock(START + timedelta(days=1, hours=2, minutes=30))
    done = retain(tmp_path, database, clock, 0)
    left = {r.path for r in rows} & set(recording_files(tmp_path))
    assert (done.expired, done.for_space, done.still_short) == (
        2,
        0,
        False,
    )  # hours 0 and 2; hour 1 is held
    assert left == {rows[1].path, rows[3].path, *(r.path for r in rows[4:])}
    assert set(indexed(database)) == left

    free = iter([1, 100])
    done = retain(tmp_path, database, clock, 50, lambda root: next(free))
    assert done.for_space == 1  # no more than makes up the bytes
    assert not done.still_short
    assert set(recording_files(tmp_path)) == left - {rows[4].path}
    done = retain(tmp_path, database, clock, 1 << 40, lambda root: 1)
    assert done.still_short
    assert set(recording_files(tmp_path)) == {rows[1].path}  # held
    assert playback.release(database, "incident:1") == 1
    assert retain(tmp_path, database, clock, 0).expired == 0  # it is an incident's footage now
    clock.advance(365 * 86400)
    assert retain(tmp_path, database, clock, 0).expired == 1
    assert recording_files(tmp_path) == []
    assert not list(tmp_path.glob("*/2*"))  # the folders of the days went too


def test_newest_minutes_survive_a_full_disk(database: Database, tmp_path: Path) -> None:
    camera = add_camera(database)
    store.save_segments(database, record(tmp_path, camera, [units()]))
    clock = ManualClock(START + timedelta(minutes=5))
    assert retain(tmp_path, database, clock, 50, lambda root: 1).still_short
    assert len(recording_files(tmp_path)) == 1


def test_hold_is_widened_not_doubled(database: Database) -> None:
    camera = add_camera(database)
    minute = timedelta(minutes=1)
    first = playback.hold(database, camera.id, START, START + minute, "r", "incident:7", "a")
    again = playback.hold(database, camera.id, START - minute, START, "r", "incident:7", "a")
    assert first == again
    held = playback.held(database, [camera.id], START - minute * 9, START + minute * 9)
    assert held == {camera.id: [playback.Span(START - minute, START + minute)]}
