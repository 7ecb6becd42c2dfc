"""Files and rows that no longer agree, and what the start-up makes of them."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from gis.db import Database
from ingest import store
from ingest.fmp4 import fragment, init_segment, to_media_90k
from ingest.record import chain
from ingest.record.repair import RepairReport, repair
from tests.ingest.record.recordings import add_camera, indexed, record, stored
from tests.ingest.streams import START, ffprobe, samples, units


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

    report = repair(tmp_path, database, {"gate": camera.id})
    assert report == RepairReport(cut=1, indexed=2, removed_empty=1, set_aside=1, rows_removed=1)
    assert indexed(database) == {rows[n].path: False for n in (0, 1, 2)}
    assert two.stat().st_size == rows[1].fragments[2].end
    assert strange.exists()
    assert rubbish.with_suffix(".mp4.unreadable").exists()
    found = stored(database)
    assert [len(s.fragments) for s in found] == [5, 3, 5]
    assert found[2].fragments == rows[2].fragments
    assert (found[2].start_at, found[2].end_at) == (rows[2].start_at, rows[2].end_at)
    for path in (one, two, three):
        ffprobe(path)
    assert repair(tmp_path, database, {"gate": camera.id}) == RepairReport()


def test_repair_trusts_no_empty_folder(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    camera = add_camera(database)
    store.save_segments(database, record(tmp_path / "mounted", camera, [units()]))
    (tmp_path / "unmounted").mkdir()
    report = repair(tmp_path / "unmounted", database, {"gate": camera.id})
    assert report.rows_removed == 0
    assert "is the disk mounted?" in caplog.text
    assert len(indexed(database)) == 1


def test_rows_outlive_a_disk_that_is_not_mounted_while_recording_goes_on(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    camera = add_camera(database)
    hours = [units(session=n, start=START + timedelta(hours=n)) for n in range(1, 7)]
    earlier = record(tmp_path / "mounted", camera, hours)
    store.save_segments(database, earlier)
    # This process records into the mount point, and so did the one before it.
    before, now = (
        record(tmp_path / "r", camera, [units(session=n, start=START + timedelta(hours=n))])
        for n in (8, 9)
    )
    store.save_segments(database, [*before, *now])
    ours = {row.path for row in now}
    for made in (ours.__contains__, lambda path: False):
        report = repair(tmp_path / "r", database, {"gate": camera.id}, made)
        assert report == RepairReport()
        assert "is the disk mounted?" in caplog.text
        caplog.clear()
    assert len(indexed(database)) == 8


def test_files_of_this_process_and_of_other_tiers_are_left_alone(
    database: Database, tmp_path: Path
) -> None:
    camera = add_camera(database)
    rows = record(
        tmp_path, camera, [units(session=n, start=START + timedelta(hours=n)) for n in range(1, 5)]
    )
    moved, left_over, mine, _ = rows
    store.save_segments(database, rows)
    database.run(
        "INSERT INTO storage_tier (id, position, name, kind, path) VALUES (1, 1, 'far', 'path', '/far')"
    )
    database.run(
        "UPDATE segment SET tier = 1 WHERE path = ANY(%s)", ([moved.path, left_over.path],)
    )
    database.run("UPDATE segment SET open = true WHERE path = %s", (mine.path,))
    (tmp_path / moved.path).unlink()
    os.truncate(tmp_path / left_over.path, 100)  # the mover removes it
    with (tmp_path / mine.path).open("ab") as file:
        file.write(b"the next GOP, on its way")
    size = (tmp_path / mine.path).stat().st_size
    report = repair(tmp_path, database, {"gate": camera.id}, lambda path: path == mine.path)
    assert report == RepairReport()
    assert (tmp_path / mine.path).stat().st_size == size
    assert (tmp_path / left_over.path).stat().st_size == 100
    assert indexed(database)[mine.path] is True
    assert len(indexed(database)) == 4


def test_damage_to_what_had_been_written_whole_is_told_and_keeps_its_hashes(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    camera = add_camera(database)
    cut, spoilt, longer = record(
        tmp_path, camera, [units(session=n, start=START + timedelta(hours=n)) for n in range(1, 4)]
    )
    store.save_segments(database, [cut, replace(spoilt, open=True), longer])
    os.truncate(tmp_path / cut.path, cut.fragments[3].end)
    last = spoilt.fragments[-1]
    data = bytearray((tmp_path / spoilt.path).read_bytes())
    data[last.offset + last.length - 5] ^= 0xFF
    (tmp_path / spoilt.path).write_bytes(data)
    with (tmp_path / longer.path).open("ab") as file:
        file.write(b"the disk took this of a GOP it had refused")
    report = repair(tmp_path, database, {"gate": camera.id})
    assert report == RepairReport(cut=1, indexed=2, damaged=1)
    assert f"recording-damaged path={tmp_path / cut.path} fragments=4 indexed=5" in caplog.text
    assert (tmp_path / longer.path).stat().st_size == longer.size_bytes
    kept = stored(database)
    assert [s.fragments for s in kept] == [
        cut.fragments[:4],
        spoilt.fragments,  # the hash is of what was written: whoever checks sees the change
        longer.fragments,
    ]


def test_recordings_of_the_first_version_are_repaired_too(
    database: Database, tmp_path: Path
) -> None:
    """Files without a head and seals, as version 0.1.0 wrote them."""
    camera = add_camera(database)
    stream = units()
    path = "gate/2026/03/01/080000-1.mp4"
    whole = init_segment(stream[0].format)
    for number in range(5):
        gop = samples(stream)[10 * number : 10 * number + 10]
        whole += fragment(number + 1, to_media_90k(START) + number * 90_000, gop)
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_bytes(whole[:-10])
    report = repair(tmp_path, database, {"gate": camera.id})
    assert report == RepairReport(cut=1, indexed=1)
    (kept,) = stored(database)
    assert [f.sha256 for f in kept.fragments] == [b""] * 4
    assert (kept.chain_before, kept.chain_after) == (None, None)
    assert kept.fragments[-1].end == (tmp_path / path).stat().st_size
    assert int(ffprobe(tmp_path / path)["streams"][0]["nb_read_frames"]) == 40
    # What is recorded from now on begins the chain.
    (row,) = record(tmp_path, camera, [units(session=2, start=START + timedelta(hours=1))])
    assert row.chain_before == chain.FIRST


def test_every_cut_of_a_file_is_repaired_to_something_playable(
    database: Database, tmp_path: Path
) -> None:
    camera = add_camera(database)
    row = record(tmp_path, camera, [units()])[0]
    whole = (tmp_path / row.path).read_bytes()
    ends = [row.init_length] + [f.end for f in row.fragments]
    rng = np.random.default_rng(3)
    for cut in sorted({*rng.integers(0, len(whole), 25).tolist(), *ends}):
        (tmp_path / row.path).write_bytes(whole[:cut])
        database.run("DELETE FROM segment")
        repair(tmp_path, database, {"gate": camera.id})
        expected = sum(1 for e in ends[1:] if e <= cut)
        found = stored(database)
        assert [len(s.fragments) for s in found] == ([expected] if expected else [])
        if expected:
            with av.open(str(tmp_path / row.path)) as container:
                assert sum(1 for _ in container.decode(video=0)) == expected * 10
