"""A disk that hangs or cannot follow: told at once, whole GOPs lost and counted, a reason in the ledger."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from gis.clock import ManualClock
from ingest.record import writer
from ingest.record.disk import RealDisk
from ingest.record.ledger import Ledger
from ingest.record.model import SegmentRow
from ingest.record.recorder import Recorder
from ingest.record.states import Trouble
from ingest.record.writer import RETRY_S, STUCK_S
from tests.ingest.record.recordings import make_camera, recording_files
from tests.ingest.record.test_format import check_file
from tests.ingest.streams import START, ffprobe, units, until


class HangingDisk(RealDisk):
    """Answers only while ``answers`` is set."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.answers.set()
        self.waiting = threading.Event()

    def sync(self, descriptor: int) -> None:
        if not self.answers.is_set():
            self.waiting.set()
            assert self.answers.wait(60), "the test never let the disk answer"
        super().sync(descriptor)


class RefusingDisk(HangingDisk):
    """Has no room while ``full`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.full = threading.Event()

    def write(self, descriptor: int, parts: Sequence[bytes]) -> None:
        if self.full.is_set():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().write(descriptor, parts)


class Told:
    """A recorder's rows, newest by file, and what its ledger holds."""

    def __init__(self, root: Path, disk: HangingDisk) -> None:
        self.rows: dict[str, SegmentRow] = {}
        self.clock = ManualClock(START)
        self.ledger = Ledger(root / "ledger.jsonl", self.clock)
        self.recorder = Recorder(root / "r", 300, self.clock, self._row, disk, ledger=self.ledger)

    def _row(self, row: SegmentRow) -> None:
        self.rows[row.path] = row

    def entries(self) -> list[tuple[float, str, str | None]]:
        return [
            ((c.entry.at - START).total_seconds(), c.entry.state, c.entry.reason)
            for c in self.ledger._changes
        ]


def test_a_disk_that_hangs_is_told_and_nothing_is_lost_if_it_comes_back(tmp_path: Path) -> None:
    disk = HangingDisk()
    told = Told(tmp_path, disk)
    camera = make_camera()
    told.recorder.start()
    stream = units(repeat=2)
    for unit in stream[:21]:
        told.recorder.unit(camera, unit)
    until(lambda: told.recorder.fragments == 2, "the first GOPs")
    assert told.recorder.stuck_s == 0
    disk.answers.clear()
    for unit in stream[21:]:
        told.recorder.unit(camera, unit)
    assert disk.waiting.wait(15)
    told.clock.advance(STUCK_S - 1)
    assert told.recorder.problem(camera.id) is None
    told.clock.advance(2)
    assert told.recorder.problem(camera.id) == Trouble(
        "disk_slow",
        f"recording waits: {tmp_path / 'r'}: the disk has not answered for {STUCK_S + 1:.0f} s",
    )
    assert told.recorder.problem(camera.id + 1) is None  # on the other writer
    disk.answers.set()
    until(lambda: told.recorder.problem(camera.id) is None, "the disk to be well again")
    told.recorder.ended(camera, "main", "no_packets")
    told.recorder.stop()
    (row,) = told.rows.values()
    assert row.frames == 100
    assert told.recorder.dropped_gops == 0


def test_a_disk_that_cannot_follow_loses_whole_gops_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GOPs of 8 s are written in parts: without its first part the rest of one is lost too."""
    stream = units(frames=320, gop=80)
    gop_bytes = sum(len(u.sample) for u in stream[:80])
    monkeypatch.setattr(writer, "WAITING_BYTES", gop_bytes)
    disk = HangingDisk()
    told = Told(tmp_path, disk)
    camera = make_camera()
    told.recorder.start()
    disk.answers.clear()
    for unit in stream[:161]:  # two GOPs; there is room for one while the first write hangs
        told.recorder.unit(camera, unit)
    assert told.recorder.dropped_gops >= 1
    lost = told.recorder.dropped_gops
    disk.answers.set()
    until(lambda: told.recorder.fragments == 4 - lost, "what was taken to be written")
    for unit in stream[161:]:
        told.recorder.unit(camera, unit)
        if unit.packet.key or unit.packet.dts_90k % (4 * 90_000) == 0:
            until(lambda: told.recorder._writers[1]._waiting == 0, "the disk to follow")
    told.recorder.ended(camera, "main", "no_packets")
    told.recorder.stop()
    assert told.recorder.dropped_gops == lost
    (path,) = recording_files(tmp_path / "r")
    row = told.rows[path]
    assert len(row.fragments) == 8 - lost
    assert row.holes == ((8 * 90_000 * 1 + (2 - lost) * 360_000, 16 * 90_000),)
    check_file(tmp_path / "r", row)
    assert int(ffprobe(tmp_path / "r" / path)["streams"][0]["nb_read_frames"]) == row.frames
    missing = [e for e in told.entries() if e[1] == "missing"]
    assert missing[0] == (16 - 4 * lost, "missing", "disk_slow")
    back = told.entries()[told.entries().index(missing[0]) + 1]
    assert back == (16, "recording", None)


def test_a_camera_that_never_sends_a_key_frame_is_told_and_recorded_again_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = units(frames=320, gop=160)
    monkeypatch.setattr(writer, "LARGEST_BYTES", sum(len(u.sample) for u in stream[:140]))
    told = Told(tmp_path, HangingDisk())
    camera = make_camera()
    told.recorder.start()
    for unit in stream[:161]:
        told.recorder.unit(camera, unit)
    until(lambda: told.recorder.problem(camera.id), "the file to be too large")
    problem = told.recorder.problem(camera.id)
    assert problem is not None
    assert problem.reason == "no_key_frame"
    assert "no key frame for 0 min; set the camera's key frame interval" in problem.detail
    told.clock.advance(RETRY_S)
    for unit in stream[161:]:
        told.recorder.unit(camera, unit)
    told.recorder.ended(camera, "main", "no_packets")
    told.recorder.stop()
    first, second = (told.rows[path] for path in recording_files(tmp_path / "r"))
    assert (first.frames, second.frames) == (120, 120)
    assert told.recorder.dropped_gops == 2  # the fourth quarter of each GOP
    for row in (first, second):
        check_file(tmp_path / "r", row)


def test_a_stepped_clock_cuts_and_is_the_reason(tmp_path: Path) -> None:
    told = Told(tmp_path, HangingDisk())
    camera = make_camera()
    told.recorder.start()
    for unit in units():
        told.recorder.unit(camera, unit)
    told.clock.advance(3605.2)  # it was 5.2 s, then the clock was set forward by an hour
    told.recorder.ended(camera, "main", "clock_step")
    for unit in units(session=2, start=START + timedelta(seconds=3605.5)):
        told.recorder.unit(camera, unit)
    told.recorder.ended(camera, "main", "no_packets")
    told.recorder.stop()
    assert len(told.rows) == 2
    assert told.entries()[:3] == [
        (0, "recording", None),
        (3605.2, "missing", "clock_step"),
        (3605.5, "recording", None),
    ]


def test_a_full_disk_is_the_reason_until_it_takes_pictures_again(tmp_path: Path) -> None:
    disk = RefusingDisk()
    told = Told(tmp_path, disk)
    camera = make_camera()
    told.recorder.start()
    stream = units(repeat=4)
    for unit in stream[:21]:
        told.recorder.unit(camera, unit)
    until(lambda: told.recorder.fragments == 2, "the first GOPs")
    disk.full.set()
    for unit in stream[21:51]:
        told.recorder.unit(camera, unit)
    until(lambda: told.recorder.dropped_gops == 3, "the disk to be full")
    disk.full.clear()
    for unit in stream[51:61]:  # the next try is not due yet
        told.recorder.unit(camera, unit)
    until(lambda: told.recorder.dropped_gops == 4, "one more GOP to be lost")
    told.clock.advance(RETRY_S)
    for unit in stream[61:81]:
        told.recorder.unit(camera, unit)
    until(lambda: told.recorder.fragments == 4, "the disk to take pictures again")
    assert told.entries() == [
        (0, "recording", None),
        (2, "missing", "disk_full"),
        (6, "recording", None),
    ]
    # Full again, and the camera goes away meanwhile: once it is back nothing speaks against it.
    disk.full.set()
    for unit in stream[81:101]:
        told.recorder.unit(camera, unit)
    until(lambda: told.recorder.dropped_gops == 6, "the disk to be full again")
    told.clock.advance(20)
    told.recorder.ended(camera, "main", "no_packets")
    until(lambda: told.recorder.problem(camera.id) is None, "the end of the stream")
    disk.full.clear()
    told.clock.advance(20)
    for unit in units(session=2, start=START + timedelta(seconds=60)):
        told.recorder.unit(camera, unit)
    told.recorder.ended(camera, "main", "switched_off")
    told.recorder.stop()
    assert told.entries()[3:] == [
        (8, "missing", "disk_full"),
        (RETRY_S + 20, "missing", "no_packets"),
        (60, "recording", None),
        (RETRY_S + 40, "missing", "switched_off"),
    ]
    for path in recording_files(tmp_path / "r"):
        check_file(tmp_path / "r", told.rows[path])
