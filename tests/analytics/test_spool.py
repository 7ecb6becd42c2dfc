"""What waits on disk comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.model import Crossing, Ending, Event, LevelReading, TrackRecord
from analytics.spool import Row, Spool, from_json, to_json
from gis.errors import DatabaseAway
from gis.model import Ellipse, GroundFix, LonLat

AT = datetime(2026, 3, 1, 8, 0, 0, 123456, tzinfo=UTC)


def _event(why: str = "一名人员进入“东门”。", placed: bool = True) -> Event:
    fix = GroundFix(LonLat(120.98, 31.38), Ellipse(1.8, 0.9, 30.0)) if placed else None
    return Event(
        uuid4(),
        1,
        7,
        uuid4(),
        "intrusion",
        "person",
        2,
        0.9,
        AT,
        (0.1, 0.2, 0.3, 0.4),
        fix,
        "a.jpg",
        why,
        "x",
    )


def _track() -> TrackRecord:
    box = (0.1, 0.2, 0.3, 0.4)
    path = (LonLat(120.98, 31.38), LonLat(120.981, 31.381))
    return TrackRecord(uuid4(), 1, "person", 0.9, AT, AT, (0, 200), (box, box), 1.4, path)


@settings(max_examples=40, deadline=None)
@given(st.text(), st.booleans())
def test_events_survive(why: str, placed: bool) -> None:
    event = _event(why, placed)
    assert from_json(to_json(event)) == event


def test_tracks_survive() -> None:
    track = _track()
    assert from_json(to_json(track)) == track


def test_drains_in_order_and_only_what_was_written(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    items = [_event(), _track(), _event(placed=False)]
    for item in items:
        spool.add(item)
    got: list[object] = []

    def write(item: object) -> None:
        if len(got) == 2:
            raise DatabaseAway("gone again")
        got.append(item)

    with pytest.raises(DatabaseAway):
        spool.drain(write)
    assert got == items[:2]
    assert len(spool) == 1
    got.clear()
    assert Spool(tmp_path / "spool").drain(got.append) == 1, "a new process finds what waited"
    assert got == items[2:]


def test_a_broken_file_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "0001.json").write_text("{", encoding="utf-8")
    spool = Spool(tmp_path)
    spool.add(_track())
    assert spool.drain(lambda item: None) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["0001.bad"]


@pytest.mark.parametrize(
    "row",
    [
        Crossing(7, 1, "left_to_right", "vehicle", AT),
        LevelReading(7, AT, 2.35),
        Ending(1, "camera_dark", None, AT),
        Ending(1, "water_level", 7, AT),
    ],
)
def test_what_has_a_moment_survives(row: Row) -> None:
    assert from_json(to_json(row)) == row


def test_order_holds_over_a_restart_and_a_clock_that_is_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[Row] = [LevelReading(7, AT, float(n)) for n in range(4)]
    for row, now_ns in zip(rows, (2000, 1000, 3000, 500), strict=True):
        monkeypatch.setattr("analytics.spool.time.time_ns", lambda now_ns=now_ns: now_ns)
        Spool(tmp_path).add(row)  # each time by a new process
    found: list[Row] = []
    spool = Spool(tmp_path)
    assert spool.drain(found.append, most=3) == 3 and len(spool) == 1
    spool.drain(found.append)
    assert found == rows


def test_a_file_that_somebody_took_away_holds_up_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.add(_event())
    for path in tmp_path.glob("*.json"):
        path.unlink()
    spool.add(_track())
    found: list[Row] = []
    assert spool.drain(found.append) == 1
    assert isinstance(found[0], TrackRecord) and len(spool) == 0
