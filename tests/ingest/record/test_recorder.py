"""Recording to a real disk: order, rolling, full disks, odd streams."""

from __future__ import annotations

import errno
import itertools
import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.record import chain
from ingest.record.disk import RealDisk
from ingest.record.model import SegmentRow
from ingest.record.states import Trouble
from tests.ingest.record.recordings import make_camera, record, recording, recording_files
from tests.ingest.streams import START, ffprobe, units, until


def test_files_roll_at_key_frames_and_every_frame_is_there(tmp_path: Path) -> None:
    stream = units(repeat=3)
    rows = record(tmp_path, make_camera(), [stream], segment_s=4)
    assert [len(r.fragments) for r in rows] == [4, 4, 4, 3]
    assert [r.open for r in rows] == [False] * 4
    assert rows[0].path == f"gate/{START:%Y/%m/%d/%H%M%S}-1.mp4"
    for row, start_s in zip(rows, (0, 4, 8, 12), strict=True):
        assert row.start_at == START + timedelta(seconds=start_s)
        facts = ffprobe(tmp_path / row.path)
        assert int(facts["streams"][0]["nb_read_frames"]) == row.frames
        shown_s = float(facts["format"]["duration"]) - float(facts["format"]["start_time"])
        assert shown_s == pytest.approx(len(row.fragments), abs=1e-3)
        assert (tmp_path / row.path).stat().st_size == row.size_bytes
    assert all(a.end_at == b.start_at for a, b in itertools.pairwise(rows))


class LoggingDisk(RealDisk):
    """Writes down what is made durable, in order."""

    def __init__(self) -> None:
        self.log: list[tuple[str, int]] = []

    def sync(self, descriptor: int) -> None:
        super().sync(descriptor)
        target = Path(f"/proc/self/fd/{descriptor}").resolve()
        kind = "sync" if target.suffix == ".mp4" else "note"
        self.log.append((kind, os.fstat(descriptor).st_size))

    def sync_folder(self, path: Path) -> None:
        super().sync_folder(path)
        self.log.append(("folder", 0))


def test_row_is_told_only_after_its_bytes_were_synced(tmp_path: Path) -> None:
    disk = LoggingDisk()
    with recording(
        tmp_path, lambda r: disk.log.append(("row", r.size_bytes)), disk=disk
    ) as recorder:
        for unit in units():
            recorder.unit(make_camera(), unit)
        recorder.ended(make_camera(), "main", "no_packets")
    kinds = [kind for kind, _ in disk.log]
    # Five folders, the file and its name, the note on the chain and its name; then the GOPs; at the end the note.
    assert kinds[:9] == ["folder"] * 5 + ["sync", "folder"] + ["note", "folder"]
    assert kinds[9:] == ["sync", "row"] * 5 + ["note", "folder", "row"]
    for (kind, size), (_, row_size) in itertools.pairwise(disk.log[9:-3]):
        if kind == "sync":
            assert row_size == size


class RememberingDisk(RealDisk):
    """Knows up to where each file is durable, and what of it was let go."""

    def __init__(self) -> None:
        self.durable_bytes: dict[Path, int] = {}
        self.let_go_bytes: dict[Path, list[tuple[int, int]]] = {}

    def sync(self, descriptor: int) -> None:
        super().sync(descriptor)
        self.durable_bytes[_open_path(descriptor)] = os.fstat(descriptor).st_size

    def let_go(self, descriptor: int, from_bytes: int, to_bytes: int) -> None:
        super().let_go(descriptor, from_bytes, to_bytes)
        path = _open_path(descriptor)
        assert to_bytes <= self.durable_bytes[path], "not on the disk yet"
        self.let_go_bytes.setdefault(path, []).append((from_bytes, to_bytes))


def _open_path(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}").resolve()


def test_every_gop_leaves_the_memory_once_it_is_durable(tmp_path: Path) -> None:
    disk = RememberingDisk()
    rows: dict[str, SegmentRow] = {}
    with recording(tmp_path, lambda r: rows.update({r.path: r}), disk=disk) as recorder:
        for unit in units():
            recorder.unit(make_camera(), unit)
        recorder.ended(make_camera(), "main", "no_packets")
    (row,) = rows.values()
    path = tmp_path / row.path
    spans = disk.let_go_bytes[path]
    ends = [f.offset + f.length for f in row.fragments]
    assert [end for _, end in spans] == ends
    assert [begin for begin, _ in spans] == [0, *(f.offset for f in row.fragments[:-1])]
    data = path.read_bytes()
    for fragment in row.fragments:  # read back from the disk
        piece = data[fragment.offset : fragment.offset + fragment.length]
        assert chain.digest(piece) == fragment.sha256


def test_unrecorded_camera_and_headless_units_write_nothing(tmp_path: Path) -> None:
    with recording(tmp_path, lambda r: pytest.fail("told")) as recorder:
        for unit in units():
            recorder.unit(replace(make_camera(), recorded=False), unit)
        recorder.unit(make_camera(), units()[3])
        recorder.ended(make_camera(), "main", "no_packets")
    assert recording_files(tmp_path) == []


def test_full_disk_stops_one_camera_and_goes_on_by_itself(tmp_path: Path) -> None:
    full = threading.Event()
    full.set()

    class FullDisk(RealDisk):
        def create(self, path: Path) -> int:
            if full.is_set() and path.parts[-5] == "gate":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().create(path)

    rows: list[SegmentRow] = []
    gate, yard = make_camera(1, "gate"), make_camera(3, "yard")
    with recording(tmp_path, rows.append, disk=FullDisk()) as recorder:
        stream = units(repeat=2)
        for unit in stream[:51]:
            recorder.unit(gate, unit)
            recorder.unit(yard, unit)
        until(lambda: recorder.problem(1), "the problem to be seen")
        until(lambda: recorder.fragments == 5, "the other camera's fragments")
        assert recorder.problem(1) == Trouble(
            "disk_full", f"recording stopped: {tmp_path}: No space left on device"
        )
        assert recorder.problem(3) is None
        assert (recorder.recording(1), recorder.recording(3)) == (False, True)
        until(lambda: recorder.dropped_gops == 5, "the lost GOPs to be counted")
        full.clear()
        recorder.retry_now()
        for unit in stream[51:]:
            recorder.unit(gate, unit)
        recorder.ended(gate, "main", "no_packets")
        until(
            lambda: any(r.path.startswith("gate/") and not r.open for r in rows),
            "the camera's file",
        )
    assert recorder.problem(1) is None
    last = [r for r in rows if r.path.startswith("gate/")][-1]
    assert last.frames == 50
    assert int(ffprobe(tmp_path / last.path)["streams"][0]["nb_read_frames"]) == 50


class FillingDisk(RealDisk):
    """Takes ``room_bytes`` of fragments, then no more."""

    def __init__(self, room_bytes: int) -> None:
        self.room_bytes = room_bytes

    def write(self, descriptor: int, parts: Sequence[bytes]) -> None:
        data = b"".join(parts)
        super().write(descriptor, [data[: self.room_bytes]])
        self.room_bytes -= len(data)
        if self.room_bytes < 0:
            self.room_bytes = 0
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_disk_that_fills_within_a_fragment_leaves_whole_ones(tmp_path: Path) -> None:
    disk = FillingDisk(60_000)
    rows: list[SegmentRow] = []
    with recording(tmp_path, rows.append, disk=disk) as recorder:
        for unit in units(repeat=2):
            recorder.unit(make_camera(), unit)
        until(lambda: recorder.problem(1), "the full disk")
        disk.room_bytes = 1 << 30
    last = rows[-1]
    assert not last.open
    assert 0 < len(last.fragments) < 10
    assert (tmp_path / last.path).stat().st_size == last.size_bytes
    assert int(ffprobe(tmp_path / last.path)["streams"][0]["nb_read_frames"]) == last.frames


def test_odd_stream_of_one_camera_stops_no_other(tmp_path: Path) -> None:
    stream = units()
    odd = [replace(u, packet=replace(u.packet, pts_90k=u.packet.pts_90k + 2**40)) for u in stream]
    rows: list[SegmentRow] = []
    bad, good = make_camera(1, "bad"), make_camera(3, "good")  # both on one writer
    with recording(tmp_path, rows.append) as recorder:
        for one, other in zip(odd, stream, strict=True):
            recorder.unit(bad, one)
            recorder.unit(good, other)
        until(lambda: recorder.fragments == 4, "the good camera's fragments")
        problem = recorder.problem(1)
        assert problem is not None
        assert problem.reason == "unsupported"
        assert "recording stopped" in problem.detail
        recorder.ended(good, "main", "no_packets")
    assert {r.path.split("/")[0] for r in rows} == {"good"}
    assert rows[-1].frames == 50
    assert len(recording_files(tmp_path)) == 1


def test_hevc_is_recorded_too(tmp_path: Path) -> None:
    row = record(tmp_path, make_camera(), [units("hevc", b_frames=2)])[0]
    facts = ffprobe(tmp_path / row.path)
    assert int(facts["streams"][0]["nb_read_frames"]) == 50
    assert row.codec.startswith("hvc1.")
