"""The table of tracks on a real PostGIS."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from analytics import link_store, track_store
from analytics.model import TrackRecord
from gis.db import Database
from gis.model import LonLat

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def camera_id(database: Database) -> int:
    row = database.row(
        "INSERT INTO camera (code, name, url, geom) VALUES ('CAM-1', 'CAM-1', 'rtsp://127.0.0.1/x', "
        "ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326)) RETURNING id"
    )
    assert row is not None
    return int(row.id)


def test_a_track_grows_but_never_shrinks(database: Database, camera_id: int) -> None:
    box = (0.1, 0.2, 0.3, 0.4)
    short = TrackRecord(
        uuid4(), camera_id, "other", 0.5, AT, AT + timedelta(seconds=1), (0,), (box,), None, ()
    )
    path = (LonLat(120.98, 31.38), LonLat(120.981, 31.381), LonLat(120.982, 31.381))
    whole = replace(
        short,
        kind="person",
        end_at=AT + timedelta(seconds=9),
        t_ms=(0, 200, 400),
        boxes=(box,) * 3,
        speed_ms=1.4,
        path=path,
    )
    assert track_store.write(database, short) is True
    assert track_store.write(database, whole) is True
    assert track_store.write(database, short) is False
    found = track_store.track(database, short.uid)
    assert found is not None
    assert (found.kind, found.t_ms, found.path) == ("person", (0, 200, 400), path)
    assert found.boxes[2] == pytest.approx(box)
    assert track_store.track(database, uuid4()) is None


def test_a_track_comes_back_without_what_was_not_asked_for(
    database: Database, camera_id: int
) -> None:
    box = (0.25, 0.5, 0.125, 0.25)
    path = (LonLat(120.98, 31.38), LonLat(120.981, 31.381))
    track = TrackRecord(
        uuid4(), camera_id, "vehicle", 0.5, AT, AT + timedelta(seconds=9), (0, 9000), (box, box), 1.5, path,
        "car", "red", 45.0, 4.0, "a.jpg", (0.6, 0.8),
    )  # fmt: skip
    assert track_store.write(database, track)
    whole = track_store.track(database, track.uid)
    assert whole is not None and whole.look == pytest.approx(track.look)
    assert replace(whole, look=track.look) == track
    (found,) = track_store.tracks_of(database, [track.uid, uuid4()]).values()
    assert found == replace(whole, path=())
    assert track_store.tracks_between(database, camera_id, AT, AT + timedelta(hours=1), 2) == [
        found
    ]
    assert track_store.tracks_between(database, camera_id, AT, AT + timedelta(hours=1), 1) == []
    (passage,) = link_store.passages(database, AT - timedelta(seconds=1))
    assert (passage.uid, passage.camera_id, passage.colour) == (track.uid, camera_id, "red")
