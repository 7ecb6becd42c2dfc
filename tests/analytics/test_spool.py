"""What waits on disk comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.model import Event, TrackRecord
from analytics.spool import Spool, from_json, to_json
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
    spool = Spool(tmp_path)
    (tmp_path / "0001.json").write_text("{", encoding="utf-8")
    spool.add(_track())
    assert spool.drain(lambda item: None) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["0001.bad"]
