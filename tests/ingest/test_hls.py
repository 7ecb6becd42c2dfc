"""The portal's files: parts that play, keep their numbers and leave the window."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gis.clock import ManualClock
from ingest.live.hls import HlsWriter, read_index
from tests.ingest.streams import START, ffprobe, units, until
from tests.support.live import CAMERA


def hls_files(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()} if folder.is_dir() else set()


def test_hls_parts_play_keep_their_numbers_and_leave_the_window(tmp_path: Path) -> None:
    clock = ManualClock(START + timedelta(seconds=15))
    folder = tmp_path / "gate"
    hls = HlsWriter(tmp_path, 60, clock)
    hls.start()
    for unit in units(gop=5, repeat=3):
        hls.unit(CAMERA, unit)
        hls.unit(replace(CAMERA, code="private", published=False), unit)
    hls.ended(CAMERA, "main", "no_packets")
    until(lambda: hls.parts == 15, "15 seconds of parts")
    hls.stop()
    parts = read_index(folder)
    assert [p.number for p in parts] == list(range(15))
    assert {p.init for p in parts} == {"init-0.mp4"}
    assert [p.start_at for p in parts] == [START + timedelta(seconds=n) for n in range(15)]
    assert all(p.duration_s == pytest.approx(1.0) for p in parts)
    assert not (tmp_path / "private").exists()
    whole = tmp_path / "whole.mp4"
    whole.write_bytes(
        b"".join((folder / name).read_bytes() for name in ["init-0.mp4", *(p.file for p in parts)])
    )
    assert int(ffprobe(whole)["streams"][0]["nb_read_frames"]) == 150
    one = tmp_path / "one.mp4"
    one.write_bytes((folder / "init-0.mp4").read_bytes() + (folder / "7.m4s").read_bytes())
    assert int(ffprobe(one)["streams"][0]["nb_read_frames"]) == 10

    clock.advance(50)  # 65 s after the start: five parts are too old
    again = HlsWriter(tmp_path, 60, clock)
    again.start()
    for unit in units(gop=5, session=2, start=START + timedelta(seconds=60)):
        again.unit(CAMERA, unit)
    again.ended(CAMERA, "main", "no_packets")
    until(lambda: again.parts == 5, "the parts of the second run")
    until(lambda: read_index(folder)[0].number == 5, "old parts to go")
    assert [p.number for p in read_index(folder)] == list(range(5, 20))
    assert {p.init for p in read_index(folder)[10:]} == {"init-1.mp4"}
    until(lambda: "4.m4s" not in hls_files(folder), "old files to go")
    assert hls_files(folder) == {f"{n}.m4s" for n in range(5, 20)} | {
        "init-0.mp4",
        "init-1.mp4",
        "index.json",
    }
    again.keep_only(set())
    until(lambda: not folder.exists(), "the files of an unpublished camera to go")
    again.stop()
