"""What analytics writes reaches the database in order, whatever happens to the database or to the process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from analytics import gauge_store, zone_store
from analytics.model import LevelReading, Zone
from analytics.spool import Spool
from analytics.writer import RETRY_S, Writer
from analytics.zone_store import ZoneDraft
from demo.running import ROOT, until
from gis.clock import ManualClock
from gis.db import Database
from gis.errors import DatabaseAway
from tests.analytics.flood import AT, OVER_AT, ROWS, fall, gauge, rise


class AtTimesAway(Database):
    """The test's database, which can be cut off, and gives up the next transactions as after a deadlock."""

    away = False
    deadlocks = 0

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        if self.away:
            raise DatabaseAway("cut off by the test")
        if self.deadlocks:
            self.deadlocks -= 1
            raise psycopg2.errors.DeadlockDetected("deadlock detected")
        with super().transaction() as cursor:
            yield cursor


@pytest.fixture
def zone(database: Database) -> Zone:
    """A gauge in the picture of a camera."""
    row = database.row(
        "INSERT INTO camera (code, name, url, geom) VALUES ('CAM-1', 'CAM-1', 'rtsp://127.0.0.1/x', "
        "ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326)) RETURNING id"
    )
    assert row is not None
    drawn = gauge(row.id, 0)
    draft = ZoneDraft(
        row.id, drawn.name, drawn.rule, (), arrow=drawn.arrow, gauge_m=drawn.gauge_m, threshold=3.0
    )
    return gauge(row.id, zone_store.add(database, draft).id)


@pytest.fixture
def cut(database_url: str) -> Iterator[AtTimesAway]:
    database = AtTimesAway(database_url, size=1)
    yield database
    database.close()


def make_writer(database: Database, folder: Path, clock: ManualClock) -> Writer:
    return Writer(database, folder / "snapshots", Spool(folder / "spool"), clock)


def advanced(clock: ManualClock) -> bool:
    """Time has gone on until the writer tries again."""
    clock.advance(RETRY_S)
    return True


def check_whole(database: Database, zone: Zone) -> None:
    """Fails unless the database has the whole flood."""
    (event,) = database.rows("SELECT at, over_at FROM event")
    assert (event.at, event.over_at) == (AT, OVER_AT)
    read = gauge_store.readings(database, zone.id, AT, AT + timedelta(hours=1))
    assert [reading.level_m for reading in read] == pytest.approx([3.2, 2.1])


def test_ends_and_readings_wait_until_the_database_is_back(
    database: Database, cut: AtTimesAway, zone: Zone, tmp_path: Path, clock: ManualClock
) -> None:
    writer = make_writer(cut, tmp_path, clock)
    cut.away = True
    writer.start()
    rise(writer, zone)
    fall(writer, zone)
    until(lambda: writer.waiting == ROWS, 20, "everything on disk")
    assert database.rows("SELECT FROM event") == []
    cut.away = False
    clock.advance(RETRY_S)
    until(lambda: writer.waiting == 0, 20, "catching up")
    writer.stop()
    check_whole(database, zone)
    assert (writer.counts.ended, writer.counts.levels, writer.counts.lost) == (1, 2, 0)


def test_an_end_that_comes_while_its_event_waits_stands_behind_it(
    database: Database, cut: AtTimesAway, zone: Zone, tmp_path: Path, clock: ManualClock
) -> None:
    spool = Spool(tmp_path / "spool")
    for n in range(1, 201):  # so much waits before it that catching up takes several rounds
        spool.add(LevelReading(zone.id, AT - timedelta(minutes=n), 1.0))
    before = Writer(cut, tmp_path / "snapshots", spool, clock)
    cut.away = True
    before.start()
    rise(before, zone)
    before.stop()
    assert before.waiting == 202

    after = make_writer(database, tmp_path, clock)
    fall(after, zone)
    after.start()
    until(lambda: after.waiting == 0, 20, "catching up")
    until(lambda: after.counts.ended == 1, 20, "the end")
    after.stop()
    check_whole(database, zone)


def test_what_a_deadlock_hits_is_written_afterwards(
    database: Database, cut: AtTimesAway, zone: Zone, tmp_path: Path, clock: ManualClock
) -> None:
    writer = make_writer(cut, tmp_path, clock)
    cut.deadlocks = 2  # the first reading, and the first try to catch up
    writer.start()
    rise(writer, zone)
    fall(writer, zone)
    until(lambda: writer.counts.spooled == ROWS, 20, "everything on disk")
    clock.advance(RETRY_S)
    until(lambda: cut.deadlocks == 0, 20, "the second deadlock")
    until(lambda: advanced(clock) and writer.waiting == 0, 20, "catching up")
    writer.stop()
    check_whole(database, zone)
    assert writer.counts.lost == 0


def test_a_killed_process_leaves_what_it_could_not_write_to_the_next(
    database: Database, zone: Zone, tmp_path: Path, clock: ManualClock
) -> None:
    arguments = [str(tmp_path), str(zone.camera_id), str(zone.id)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.analytics.flood", *arguments], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"%d\n" % ROWS
        finally:
            process.kill()
    writer = make_writer(database, tmp_path, clock)
    assert writer.waiting == ROWS
    writer.start()
    until(lambda: writer.waiting == 0, 20, "catching up")
    writer.stop()
    check_whole(database, zone)
    assert list((tmp_path / "spool").iterdir()) == []
