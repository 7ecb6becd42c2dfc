"""Recording against a real disk and a real PostGIS: order, rolling, full disks, outages, repair, retention, playback."""

from __future__ import annotations

import errno
import itertools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from gis.clock import ManualClock, SystemClock
from gis.db import Database
from gis.errors import InvalidInput, NotFound
from gis.model import LonLat
from ingest import store
from ingest.model import Camera
from ingest.record import playback
from ingest.record.file import open_new
from ingest.record.index import SegmentIndex
from ingest.record.model import SegmentRow
from ingest.record.recorder import Recorder
from ingest.record.repair import RepairReport, recording_files, repair
from ingest.record.retention import retain
from ingest.unit import MediaUnit
from tests.ingest.streams import START, ffprobe, units, until


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
    opener: Callable[[Path], int] = open_new,
) -> Iterator[Recorder]:
    recorder = Recorder(root, segment_s, SystemClock(), told, opener)
    recorder.start()
    try:
        yield recorder
    finally:
        recorder.stop()


def record(
    root: Path, camera: Camera, streams: list[list[MediaUnit]], segment_s: float = 300
) -> list[SegmentRow]:
    """Plays the streams into a recorder, one connection each; the newest row of every file."""
    rows: dict[str, SegmentRow] = {}

    def told(row: SegmentRow) -> None:
        rows[row.path] = row

    with recording(root, told, segment_s) as recorder:
        for stream in streams:
            for unit in stream:
                recorder.unit(camera, unit)
            recorder.ended(camera)
    return list(rows.values())


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


def test_row_is_told_only_after_its_bytes_were_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: list[tuple[str, int]] = []
    real_data, real = os.fdatasync, os.fsync

    def synced(descriptor: int) -> None:
        real_data(descriptor)
        log.append(("sync", os.fstat(descriptor).st_size))

    def synced_new(descriptor: int) -> None:
        real(descriptor)
        is_folder = Path(f"/proc/self/fd/{descriptor}").resolve().is_dir()
        log.append(("folder" if is_folder else "new", 0))

    monkeypatch.setattr(os, "fdatasync", synced)
    monkeypatch.setattr(os, "fsync", synced_new)
    with recording(tmp_path, lambda r: log.append(("row", r.size_bytes))) as recorder:
        for unit in units():
            recorder.unit(make_camera(), unit)
        recorder.ended(make_camera())
    kinds = [kind for kind, _ in log]
    assert kinds[:6] == ["folder"] * 4 + ["new", "folder"]
    assert kinds[6:] == ["sync", "row"] * 5 + ["row"]
    for (kind, size), (_, row_size) in itertools.pairwise(log[6:]):
        if kind == "sync":
            assert row_size <= size


def test_unrecorded_camera_and_headless_units_write_nothing(tmp_path: Path) -> None:
    with recording(tmp_path, lambda r: pytest.fail("told")) as recorder:
        for unit in units():
            recorder.unit(replace(make_camera(), recorded=False), unit)
        recorder.unit(make_camera(), units()[3])
        recorder.ended(make_camera())
    assert recording_files(tmp_path) == []


def test_full_disk_stops_one_camera_and_goes_on_by_itself(tmp_path: Path) -> None:
    full = threading.Event()
    full.set()

    def opener(path: Path) -> int:
        if full.is_set() and path.parts[-5] == "gate":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return open_new(path)

    rows: list[SegmentRow] = []
    gate, yard = make_camera(1, "gate"), make_camera(3, "yard")
    with recording(tmp_path, rows.append, opener=opener) as recorder:
        stream = units(repeat=2)
        for unit in stream[:51]:
            recorder.unit(gate, unit)
            recorder.unit(yard, unit)
        until(lambda: recorder.problem(1), "the problem to be seen")
        until(lambda: recorder.fragments == 5, "the other camera's fragments")
        assert recorder.problem(1) == f"recording stopped: {tmp_path}: No space left on device"
        assert recorder.problem(3) is None
        assert (recorder.recording(1), recorder.recording(3)) == (False, True)
        until(lambda: recorder.dropped_gops == 5, "the lost GOPs to be counted")
        full.clear()
        recorder.retry_now()
        for unit in stream[51:]:
            recorder.unit(gate, unit)
        recorder.ended(gate)
        until(
            lambda: any(r.path.startswith("gate/") and not r.open for r in rows),
            "the camera's file",
        )
    assert recorder.problem(1) is None
    last = [r for r in rows if r.path.startswith("gate/")][-1]
    assert last.frames == 50
    assert int(ffprobe(tmp_path / last.path)["streams"][0]["nb_read_frames"]) == 50


def test_disk_that_fills_within_a_fragment_leaves_whole_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    room = [60_000]

    def write(descriptor: int, data: bytes) -> int:
        if len(data) < 100:
            return real(descriptor, data)
        part = data[: room[0]]
        if not part:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        room[0] -= len(part)
        return real(descriptor, part)

    rows: list[SegmentRow] = []
    with recording(tmp_path, rows.append) as recorder:
        monkeypatch.setattr(os, "write", write)
        for unit in units(repeat=2):
            recorder.unit(make_camera(), unit)
        until(lambda: recorder.problem(1), "the full disk")
        monkeypatch.setattr(os, "write", real)
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
        assert "recording stopped" in (recorder.problem(1) or "")
        recorder.ended(good)
    assert {r.path.split("/")[0] for r in rows} == {"good"}
    assert rows[-1].frames == 50
    assert len(recording_files(tmp_path)) == 1


def test_index_waits_for_the_database_and_catches_up(database: Database, tmp_path: Path) -> None:
    camera = add_camera(database)
    away = Database("postgresql://nobody@127.0.0.1:9/none?connect_timeout=1")
    index = SegmentIndex(away, 0.05)
    with recording(tmp_path, index.put, segment_s=2) as recorder:
        for unit in units():
            recorder.unit(camera, unit)
        until(lambda: recorder.fragments == 4, "fragments while the database is away")
        assert index.flush() is False
        assert index.waiting == 2
        index._database = database
        assert index.flush() is True
        assert list(store.segment_paths(database).values()).count(True) == 1
        recorder.ended(camera)
        until(lambda: recorder.fragments == 5 and index.waiting, "the end")
    assert index.flush()
    assert index.flush()  # nothing waits: nothing changes
    spans = playback.timeline(database, [camera.id, 999], START, START + timedelta(hours=1))
    assert spans == {camera.id: [playback.Span(START, START + timedelta(seconds=5))], 999: []}


def test_row_of_an_unknown_camera_does_not_hold_up_the_others(
    database: Database, tmp_path: Path
) -> None:
    camera = add_camera(database)
    index = SegmentIndex(database, 1)
    rows = record(tmp_path, camera, [units()])
    index.put(replace(rows[0], camera_id=4711, path="gone/x.mp4"))
    index.put(replace(rows[0], path="bad.mp4", init_length=0))  # the table's own check refuses it
    index.put(rows[0])
    assert index.flush()
    assert store.segment_paths(database) == {rows[0].path: False}
    assert index.refused == 1


def test_repair_settles_files_and_rows_after_a_crash(database: Database, tmp_path: Path) -> None:
    camera = add_camera(database)
    rows = record(
        tmp_path, camera, [units(session=n, start=START + timedelta(hours=n)) for n in range(1, 6)]
    )
    one, two, three, four, five = (tmp_path / r.path for r in rows)
    # 1: whole and indexed. 2: a crash left an open row and half a fragment. 3: never indexed. 4: row, no file.
    # 5: only half an init segment.
    cut = rows[1].fragments[3].offset + 100
    os.truncate(two, cut)
    half = replace(rows[1], fragments=rows[1].fragments[:2], frames=20, open=True)
    store.save_segments(database, [rows[0], half, rows[3]])
    four.unlink()
    os.truncate(five, 300)
    strange = tmp_path / "stranger" / "2026" / "01" / "01" / "x.mp4"
    strange.parent.mkdir(parents=True)
    strange.write_bytes(b"not ours")
    rubbish = three.with_name("rubbish.mp4")
    rubbish.write_bytes(os.urandom(100_000))

    files = recording_files(tmp_path)
    report = repair(tmp_path, files, database, {"gate": camera.id})
    assert report == RepairReport(cut=1, indexed=2, removed_empty=1, set_aside=1, rows_removed=1)
    assert store.segment_paths(database) == {rows[n].path: False for n in (0, 1, 2)}
    assert two.stat().st_size == rows[1].fragments[2].offset + rows[1].fragments[2].length
    assert strange.exists()
    assert rubbish.with_suffix(".mp4.unreadable").exists()
    stored = store.segments_between(database, camera.id, START, START + timedelta(days=1))
    assert [len(s.fragments) for s in stored] == [5, 3, 5]
    assert stored[2].fragments == rows[2].fragments
    assert (stored[2].start_at, stored[2].end_at) == (rows[2].start_at, rows[2].end_at)
    for path in (one, two, three):
        ffprobe(path)
    assert (
        repair(tmp_path, recording_files(tmp_path), database, {"gate": camera.id}) == RepairReport()
    )


def test_repair_trusts_no_empty_folder(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    camera = add_camera(database)
    store.save_segments(database, record(tmp_path / "mounted", camera, [units()]))
    (tmp_path / "unmounted").mkdir()
    report = repair(tmp_path / "unmounted", [], database, {"gate": camera.id})
    assert report.rows_removed == 0
    assert "is the disk mounted?" in caplog.text
    assert len(store.segment_paths(database)) == 1


def test_every_cut_of_a_file_is_repaired_to_something_playable(
    database: Database, tmp_path: Path
) -> None:
    camera = add_camera(database)
    row = record(tmp_path, camera, [units()])[0]
    whole = (tmp_path / row.path).read_bytes()
    ends = [row.init_length] + [f.offset + f.length for f in row.fragments]
    rng = np.random.default_rng(3)
    for cut in sorted({*rng.integers(0, len(whole), 25).tolist(), *ends}):
        (tmp_path / row.path).write_bytes(whole[:cut])
        store.delete_segments(database, [row.path])
        repair(tmp_path, recording_files(tmp_path), database, {"gate": camera.id})
        expected = sum(1 for e in ends[1:] if e <= cut)
        stored = store.segments_between(database, camera.id, START, START + timedelta(days=1))
        assert [len(s.fragments) for s in stored] == ([expected] if expected else [])
        if expected:
            with av.open(str(tmp_path / row.path)) as container:
                assert sum(1 for _ in container.decode(video=0)) == expected * 10


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
    assert set(store.segment_paths(database)) == left

    free = iter([1, 100])
    done = retain(tmp_path, database, clock, 50, lambda root: next(free))
    assert done.for_space == 5  # one batch is enough; the held one stays
    assert not done.still_short
    assert set(recording_files(tmp_path)) == {rows[1].path}
    done = retain(tmp_path, database, clock, 50, lambda root: 1)
    assert done.still_short
    assert playback.release(database, "incident:1") == 1
    assert retain(tmp_path, database, clock, 0).expired == 1
    assert recording_files(tmp_path) == []
    assert not list(tmp_path.glob("*/*"))  # the folders of the days went too


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


@contextmanager
def http_server(folder: Path) -> Iterator[str]:
    """Serves ``folder`` with byte ranges, which the standard library's handler lacks."""

    class Ranged(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            return

        def do_GET(self) -> None:
            data = Path(self.translate_path(self.path)).read_bytes()
            asked = self.headers.get("Range")
            status, start, end = 200, 0, len(data)
            if asked:
                first, _, last = asked.removeprefix("bytes=").partition("-")
                status, start, end = 206, int(first), int(last) + 1 if last else len(data)
            self.send_response(status)
            self.send_header("Content-Type", self.guess_type(self.path))
            self.send_header("Content-Length", str(end - start))
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(data)}")
            self.end_headers()
            self.wfile.write(data[start:end])

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Ranged, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_vod_playlist_plays_over_http_with_a_gap(database: Database, tmp_path: Path) -> None:
    camera = add_camera(database)
    rows = record(
        tmp_path,
        camera,
        [units(session=1), units(session=2, start=START + timedelta(seconds=60))],
        segment_s=3,
    )
    store.save_segments(database, rows)
    uri = {row.id: row.path for row in database.rows("SELECT id, path FROM segment")}
    # From the middle of the second GOP to the middle of the later stretch.
    window = (START + timedelta(seconds=1.5), START + timedelta(seconds=62.5))
    text = playback.playlist(database, camera.id, *window, uri.__getitem__)
    assert text.count("#EXTINF:1.00000,") == 4 + 3
    assert text.count("#EXT-X-DISCONTINUITY") == 1  # between the stretches, not between files
    dates = [line.split(":", 1)[1] for line in text.splitlines() if "PROGRAM-DATE-TIME" in line]
    assert [datetime.fromisoformat(d) for d in dates] == [
        START + timedelta(seconds=s) for s in (1, 3, 60)
    ]
    (tmp_path / "all.m3u8").write_text(text)
    with http_server(tmp_path) as address, av.open(f"{address}/all.m3u8") as container:
        assert sum(1 for _ in container.decode(video=0)) == 70


def test_playlist_refuses_empty_and_endless_windows(database: Database) -> None:
    camera = add_camera(database)
    with pytest.raises(NotFound, match="no recording"):
        playback.playlist(database, camera.id, START, START + timedelta(hours=1))
    for end in (START, START - timedelta(hours=1), START + timedelta(days=9)):
        with pytest.raises(InvalidInput, match="not between"):
            playback.playlist(database, camera.id, START, end)


def ticks_seen(jpeg: bytes) -> int:
    """Where the moving square stands in a test picture: its frame number."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    columns = np.nonzero(picture[85, :, 2] > 200)[0]
    return round(int(columns.min()) / 4)


def test_frame_at_a_moment_is_the_right_one(database: Database, tmp_path: Path) -> None:
    camera = add_camera(database)
    for b_frames in (0, 2):
        start = START + timedelta(hours=b_frames)
        store.save_segments(
            database,
            record(tmp_path, camera, [units(start=start, session=b_frames + 1, b_frames=b_frames)]),
        )
        for number in (0, 7, 19, 20, 43):
            at = start + timedelta(seconds=number / 10 + 0.05)
            assert ticks_seen(playback.frame_jpeg(database, tmp_path, camera.id, at)) == number
        assert (
            ticks_seen(
                playback.frame_jpeg(database, tmp_path, camera.id, start + timedelta(seconds=9))
            )
            == 49
        )
    for bad in (START - timedelta(seconds=1), START + timedelta(hours=1)):
        with pytest.raises(NotFound, match="no recording at"):
            playback.frame_jpeg(database, tmp_path, camera.id, bad)


def test_segment_file_is_found_or_says_why_not(database: Database, tmp_path: Path) -> None:
    camera = add_camera(database)
    row = record(tmp_path, camera, [units()])[0]
    store.save_segments(database, [row])
    number = database.rows("SELECT id FROM segment")[0].id
    assert playback.segment_file(database, tmp_path, number) == tmp_path / row.path
    assert playback.segment_camera(database, number) == camera.id
    (tmp_path / row.path).unlink()
    with pytest.raises(NotFound, match="not there"):
        playback.segment_file(database, tmp_path, number)
    with pytest.raises(NotFound, match="no recording 999"):
        playback.segment_file(database, tmp_path, 999)


def test_hevc_is_recorded_too(tmp_path: Path) -> None:
    row = record(tmp_path, make_camera(), [units("hevc", b_frames=2)])[0]
    facts = ffprobe(tmp_path / row.path)
    assert int(facts["streams"][0]["nb_read_frames"]) == 50
    assert row.codec.startswith("hvc1.")
