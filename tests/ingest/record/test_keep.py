"""The keeping as the process runs it: a disk that fills, down to the last bytes, and what is said of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gis.clock import ManualClock
from gis.db import Database
from gis.errors import DatabaseAway
from ingest import store
from ingest.record.filling import DiskLimits, DiskUsage
from ingest.record.keep import LOCKED_HINT, FootageKeeper
from ingest.record.model import SegmentRow
from ingest.record.recorder import Recorder
from ingest.record.storage import Storage
from tests.ingest.record.footage import keep
from tests.ingest.record.recordings import add_camera
from tests.ingest.streams import START, units, until

SIZE = 3268
"""Of one made-up recording."""


class Disk:
    """A disk of which the test says how full it is besides the recordings."""

    def __init__(self, root: Path, total_bytes: int) -> None:
        self.root = root
        self.total_bytes = total_bytes
        self.other_bytes = 0

    def __call__(self, root: Path) -> DiskUsage:
        used = sum(p.stat().st_size for p in self.root.rglob("*.mp4"))
        taken = self.other_bytes + used
        return DiskUsage(taken, self.total_bytes - taken)


def keeper(
    database: Database, root: Path, clock: ManualClock, limits: DiskLimits, disk: Disk | None
) -> FootageKeeper:
    storage = Storage(database, root, b"", clock)
    stop = threading.Event()
    if disk is None:
        return FootageKeeper(storage, database, root, limits, clock, stop)
    return FootageKeeper(storage, database, root, limits, clock, stop, disk)


def events(database: Database) -> list[tuple[str, int]]:
    rows = database.rows("SELECT kind, priority FROM system_event ORDER BY id")
    return [(row.kind, row.priority) for row in rows]


def test_from_warning_to_locked(database: Database, tmp_path: Path) -> None:
    camera = add_camera(database)
    rows = keep(database, tmp_path, camera, START, 10)
    store.hold(
        database, camera.id, rows[8].start_at + timedelta(seconds=1),
        rows[9].start_at + timedelta(seconds=1), "r", "incident:1", "x",
    )  # fmt: skip
    clock = ManualClock(START + timedelta(hours=2))
    disk = Disk(tmp_path, 100 * SIZE)
    watched = keeper(database, tmp_path, clock, DiskLimits(80, 90, 5 * SIZE), disk)
    watched.retain()
    assert watched.facts()["disk_level"] == "ok" and events(database) == []
    disk.other_bytes = 71 * SIZE
    watched.retain()
    assert watched.facts()["disk_level"] == "warn"
    disk.other_bytes = 82 * SIZE
    watched.retain()
    watched.retain()
    assert events(database) == [("disk_warn", 4), ("disk_alarm", 3)]
    disk.other_bytes = 87 * SIZE
    assert watched.retain().for_space == 2
    assert watched.hint is None
    disk.other_bytes = 99 * SIZE
    done = watched.retain()
    assert (done.for_space, done.still_short) == (6, True)
    assert {p.name for p in tmp_path.rglob("*.mp4")} == {
        r.path.rsplit("/", 1)[1] for r in rows[8:]
    }  # fmt: skip
    assert watched.facts()["disk_level"] == "locked" and watched.hint == LOCKED_HINT
    assert events(database)[2:] == [("disk_short", 2), ("disk_locked", 1)]
    row = database.rows("SELECT cause, value, limit_value FROM system_event ORDER BY id LIMIT 1")[0]
    assert (row.cause, row.value, row.limit_value) == ("system:disk:0", 81.0, 80.0)


def test_the_level_is_told_when_the_database_comes_back(tmp_path: Path) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/none", wait_s=0.1)
    disk = Disk(tmp_path, 100)
    disk.other_bytes = 96
    watched = keeper(away, tmp_path, ManualClock(), DiskLimits(85, 95, 1), disk)
    with pytest.raises(DatabaseAway):
        watched.retain()
    assert watched.facts()["disk_level"] == "alarm"
    assert watched.facts()["disk_used_percent"] == 96.0


# --- a real, small file system ----------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of four megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "wanglou-test", str(folder)],
        capture_output=True, check=False,
    ) if os.geteuid() == 0 and shutil.which("mount") else None  # fmt: skip
    if done is None or done.returncode != 0:
        pytest.skip("a file system can only be mounted by root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Camera5:
    """A camera that sends five GOPs at a time, twenty minutes apart, into a recorder on a disk."""

    GOPS = 5

    def __init__(self, database: Database, root: Path, clock: ManualClock) -> None:
        self.camera = add_camera(database)
        self.clock = clock
        self.sent = 0
        self.recorder = Recorder(root, 300, clock, lambda row: _index(database, row))
        self.recorder.start()

    def send(self) -> None:
        at = START + timedelta(minutes=20 * self.sent)
        for unit in units(session=self.sent + 1, start=at):
            self.recorder.unit(self.camera, unit)
        self.recorder.ended(self.camera, "main", "no_packets")
        self.sent += 1
        until(self._settled, "every GOP is written or refused")
        self.clock.advance(20 * 60)

    def _settled(self) -> bool:
        done = self.recorder.fragments + self.recorder.dropped_gops
        return done >= self.GOPS * self.sent and not self.recorder.recording(self.camera.id)


def _index(database: Database, row: SegmentRow) -> None:
    assert store.save_segments(database, [row]) == []


def _names(root: Path) -> set[str]:
    return {str(p.relative_to(root)) for p in root.rglob("*.mp4")}


def test_recording_goes_on_to_the_last_bytes_beside_locked_footage_and_again_after_a_release(
    database: Database, small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock(START)
    one = Camera5(database, small_disk, clock)
    watched = keeper(database, small_disk, clock, DiskLimits(85, 95, 512 << 10), None)
    try:
        # Retention makes room and recording never stops, though twice the disk is recorded.
        while one.recorder.written_bytes < 8 << 20:
            one.send()
            watched.retain()
        assert one.recorder.dropped_gops == 0
        # All of it is locked: recording goes on into what was to stay free, to the end, then stops loudly.
        store.hold(
            database, one.camera.id, START, START + timedelta(days=99), "r", "incident:9", "x"
        )
        locked = _names(small_disk)
        while one.recorder.dropped_gops == 0:
            one.send()
            watched.retain()
        assert shutil.disk_usage(small_disk).free < 100 << 10
        assert "recording-stopped camera=gate" in caplog.text
        assert watched.hint == LOCKED_HINT
        assert locked <= _names(small_disk)
        # A release lets it go on: it is an incident's footage now, so it goes last, but it goes.
        store.release(database, "incident:9")
        assert watched.retain().for_space > 0
        one.recorder.retry_now()
        lost = one.recorder.dropped_gops
        one.send()
        assert one.recorder.dropped_gops == lost
    finally:
        one.recorder.stop()
