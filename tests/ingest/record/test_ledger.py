"""The ledger: what changes, what is written while the database is away, and coverage read back from PostGIS."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.clock import ManualClock
from gis.db import Database
from gis.errors import DatabaseAway
from gis.said import say, why_of
from ingest import store
from ingest.record.coverage import Entry
from ingest.record.covered import coverage
from ingest.record.ledger import RUN_EVERY_S, Ledger
from ingest.record.recorder import Recorder
from ingest.record.states import RecordingState, Trouble
from tests.ingest.record.recordings import add_camera, record, stored
from tests.ingest.streams import START, units, until

SILENT = say("silent", "connect: {place} does not answer", place="10.0.0.7:554")
AWAY = "postgresql://nobody@127.0.0.1:9/none?connect_timeout=1"


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def log(database: Database) -> list[tuple[float, str, str | None, str]]:
    rows = database.rows("SELECT at, state, reason, detail FROM camera_state_log ORDER BY at, id")
    return [((r.at - START).total_seconds(), r.state, r.reason, r.detail) for r in rows]


def test_only_changes_are_told_and_the_streams_trouble_comes_first() -> None:
    state = RecordingState()
    full = Trouble("disk_full", "no room")
    away = Trouble("unreachable", "nobody answers")
    assert state.waits(at(0)) == Entry(at(0), "waiting", None, "")
    assert state.waits(at(1)) is None
    assert state.flows(at(2)) == Entry(at(2), "recording", None, "")
    assert state.disk(full, at(3)) == Entry(at(3), "missing", "disk_full", "no room")
    assert state.disk(full, at(4)) is None
    assert state.stream_trouble(Trouble("no_packets"), at(5)) == Entry(
        at(5), "missing", "no_packets", ""
    )
    # The same with a sentence to it says more; without one again it says less.
    assert state.stream_trouble(Trouble("no_packets", "play: …"), at(5)) is not None
    assert state.stream_trouble(Trouble("no_packets"), at(6)) is None
    assert state.stream_trouble(away, at(7)) == Entry(
        at(7), "missing", "unreachable", "nobody answers"
    )
    assert state.disk(None, at(8)) is None  # still no pictures
    assert state.waits(at(9)) is None  # it is only being tried again
    assert state.flows(at(10)) == Entry(at(10), "recording", None, "")


CALLS: list[Callable[[RecordingState, datetime], Entry | None]] = [
    lambda s, t: s.flows(t),
    lambda s, t: s.waits(t),
    lambda s, t: s.stream_trouble(Trouble("refused", "x"), t),
    lambda s, t: s.stream_trouble(Trouble("unreachable"), t),
    lambda s, t: s.disk(Trouble("disk_failed", "y"), t),
    lambda s, t: s.disk(None, t),
]


@given(st.lists(st.sampled_from(CALLS), max_size=40))
def test_an_entry_is_told_once_until_another_one_comes(
    calls: list[Callable[[RecordingState, datetime], Entry | None]],
) -> None:
    state = RecordingState()
    told = [e for i, call in enumerate(calls) if (e := call(state, at(i))) is not None]
    for before, after in itertools.pairwise(told):
        assert (before.state, before.reason, before.detail) != (
            after.state,
            after.reason,
            after.detail,
        )
    assert all((e.state == "missing") == (e.reason is not None) for e in told)


def test_changes_and_runs_reach_the_database_once(database: Database, tmp_path: Path) -> None:
    camera = add_camera(database)
    clock = ManualClock(at(0))
    ledger = Ledger(tmp_path / "ledger.jsonl", clock)
    ledger.stream_state(camera.id, "connecting", "", at(0))
    ledger.stream_state(camera.id, "online", "", at(1))
    ledger.stream_state(camera.id, "stalled", "play: no picture", at(9))
    ledger.stream_state(4711, "online", "", at(1))  # deleted meanwhile
    ledger.flush(database)
    ledger.flush(database)
    assert ledger.waiting == 0
    assert log(database) == [
        (0, "waiting", None, ""),
        (1, "recording", None, ""),
        (9, "missing", "no_packets", "play: no picture"),
    ]
    clock.advance(RUN_EVERY_S)
    ledger.flush(database)
    (run,) = database.rows("SELECT * FROM ingest_run")
    assert (run.started_at, run.seen_at, run.ended_at) == (at(0), at(RUN_EVERY_S), None)
    clock.advance(2)
    ledger.end(database)
    (run,) = database.rows("SELECT * FROM ingest_run")
    assert run.ended_at == run.seen_at == at(RUN_EVERY_S + 2)


def test_what_the_database_did_not_see_survives_the_process(
    database: Database, tmp_path: Path
) -> None:
    camera = add_camera(database)
    clock = ManualClock(at(0))
    spool = tmp_path / "spool" / "ledger.jsonl"
    away = Database(AWAY)
    first = Ledger(spool, clock)
    for second in range(1, 100):
        if second in (3, 50):
            first.stream_state(camera.id, "online", "", at(second))
        if second == 40:
            first.stream_state(camera.id, "unreachable", SILENT, at(second))
        clock.advance(1)
        with pytest.raises(DatabaseAway):
            first.flush(away)
    assert first.waiting == 3
    # Killed: only the file is left, its last line cut off, one of rubbish in it.
    lines = spool.read_bytes().splitlines(keepends=True)
    assert len(lines) <= 3 + 5  # each change once, the process every half minute
    spool.write_bytes(b'{"camera_id": 1, "state": "odd", "reason": null, "at": "2026-01-01"}\n')
    with spool.open("ab") as file:
        file.writelines([*lines, b"garbage\n", lines[0][:20]])
    clock.advance(60)
    second = Ledger(spool, clock)
    assert second.waiting == 3
    second.stream_state(camera.id, "connecting", "", at(170))
    second.flush(database)
    assert [entry[:3] for entry in log(database)] == [
        (3, "recording", None),
        (40, "missing", "unreachable"),
        (50, "recording", None),
        (170, "waiting", None),
    ]
    whys = database.rows("SELECT why FROM camera_state_log WHERE detail <> ''")
    assert [row.why for row in whys] == [why_of(SILENT)], "the code is spooled too"
    old, new = database.rows("SELECT * FROM ingest_run ORDER BY started_at")
    assert (old.started_at, new.started_at) == (at(0), at(159))
    assert at(60) <= old.seen_at <= at(99)
    assert not spool.exists()


def test_old_entries_are_forgotten_and_the_first_run_is_not(
    database: Database, tmp_path: Path
) -> None:
    camera = add_camera(database)
    clock = ManualClock(at(0))
    for _ in range(3):
        ledger = Ledger(tmp_path / "a.jsonl", clock)
        ledger.stream_state(camera.id, "online", "", clock.now())
        ledger.flush(database)
        clock.advance(86400 * 300)
    ledger = Ledger(tmp_path / "a.jsonl", clock)
    ledger.flush(database)
    assert [entry[0] for entry in log(database)] == [86400 * 600]
    started = [r.started_at for r in database.rows("SELECT * FROM ingest_run ORDER BY 1, 2")]
    assert sorted(started) == [at(0), at(86400 * 600), at(86400 * 900)]


def test_recorder_tells_the_ledger_and_coverage_is_read_back(
    database: Database, tmp_path: Path
) -> None:
    """Ten seconds recorded, then a hole within the session, a disk that refuses, a camera that goes away."""
    camera = add_camera(database)
    database.run("UPDATE camera SET created_at = %s", (at(-30),))
    clock = ManualClock(at(-20))
    ledger = Ledger(tmp_path / "ledger.jsonl", clock)
    ledger.flush(database)
    rows = []
    recorder = Recorder(tmp_path / "r", 300, clock, rows.append, ledger=ledger)
    recorder.start()
    recorder.state(camera, "main", "connecting", "", at(-20))
    recorder.state(camera, "main", "unreachable", SILENT, at(-15))
    recorder.state(camera, "main", "online", "", at(0))
    stream = units(repeat=2)
    for unit in (u for u in stream if not 360_000 <= u.packet.dts_90k < 540_000):
        recorder.unit(camera, unit)
    clock.advance(34.5)
    recorder.ended(camera, "main", "no_packets")
    recorder.state(camera, "main", "stalled", "play: no picture for 4 s", at(14.501))
    recorder.state(camera, "sub", "refused", "not of the recorded stream", at(15))
    clock.advance(25.5)
    recorder.stop()
    until(lambda: rows and not rows[-1].open, "the file's end")
    store.save_segments(database, [rows[-1]])
    ledger.flush(database)
    (found,) = coverage(database, [camera.id], [(at(-3600), at(3600))], at(50))
    (part,) = found.parts
    assert part.window is not None
    assert [
        ((g.start_at - START).total_seconds(), (g.end_at - START).total_seconds(), g.reason)
        for g in part.gaps
    ] == [
        (-30, -20, "unknown"),
        (-20, 0, "unreachable"),
        (4, 6, "unknown"),
        (10, 40, "no_packets"),
    ]
    assert part.gaps[1].detail == "connect: 10.0.0.7:554 does not answer"
    assert part.gaps[1].why == why_of(SILENT)
    assert part.gaps[3].detail == "play: no picture for 4 s" and part.gaps[3].why is None
    assert (part.recorded_s, part.due_s) == (8, 70)


def test_coverage_of_files_of_the_first_version(database: Database, tmp_path: Path) -> None:
    """Rows without hashes, without holes, without a ledger."""
    camera = add_camera(database)
    database.run("UPDATE camera SET created_at = %s", (at(0),))
    store.save_segments(database, record(tmp_path, camera, [units()]))
    database.run(
        "UPDATE segment SET frag_video_length = NULL, frag_key = NULL, frag_sha256 = NULL, chain_before = NULL,"
        " chain_after = NULL, media_start_90k = NULL"
    )
    (segment,) = stored(database)
    assert [(f.video_length == f.length, f.key, f.sha256) for f in segment.fragments] == [
        (True, True, b"")
    ] * 5
    (found,) = coverage(database, [camera.id], [(at(0), at(5)), (at(5), at(8))], at(600))
    assert [p.percent for p in found.parts] == [100, 0]
    assert [g.reason for g in found.parts[1].gaps] == ["unknown"]
