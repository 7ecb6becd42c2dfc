"""Index rows on their way to a real PostGIS, which may be away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from gis.db import Database
from ingest.record import playback
from ingest.record.index import SegmentIndex
from tests.ingest.record.recordings import add_camera, indexed, record, recording
from tests.ingest.streams import START, units, until


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
        assert list(indexed(database).values()).count(True) == 1
        recorder.ended(camera, "main", "no_packets")
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
    assert indexed(database) == {rows[0].path: False}
    assert index.refused == 1
