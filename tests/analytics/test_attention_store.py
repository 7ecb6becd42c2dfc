"""Cameras near an open incident matter most while it lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from analytics import attention_store, store
from gis.db import Database


@pytest.fixture
def cameras(database: Database) -> list[int]:
    found = []
    for code in ("A", "B", "C"):
        row = database.row(
            "INSERT INTO camera (code, name, url, geom, analysed) VALUES (%(code)s, %(code)s, "
            "'rtsp://127.0.0.1/x', ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326), true) RETURNING id",
            {"code": code},
        )
        assert row is not None
        found.append(int(row.id))
    return found


def _attended(database: Database) -> list[str]:
    return [watch.code for watch in store.watches(database) if watch.attended]


def test_whoever_is_attended_is_the_most_important(database: Database, cameras: list[int]) -> None:
    now = datetime.now(UTC)
    later = now + timedelta(minutes=5)
    a, b, c = cameras
    attention_store.attend(database, [a, b], "incident:1", later, now)
    attention_store.attend(database, {b, c, 9999}, "incident:2", later, now)
    assert _attended(database) == ["A", "B", "C"]
    assert {watch.importance for watch in store.watches(database)} == {0}
    attention_store.attend(database, (), "incident:2", later, now)
    assert _attended(database) == ["A", "B"]
    attention_store.attend(database, [b], "incident:1", later, now)
    assert _attended(database) == ["B"]


def test_what_nobody_renews_is_over_and_goes(database: Database, cameras: list[int]) -> None:
    now = datetime.now(UTC)
    attention_store.attend(database, cameras, "incident:1", now - timedelta(seconds=1), now)
    assert _attended(database) == []
    attention_store.attend(database, (), "incident:2", now, now)
    assert database.rows("SELECT FROM camera_attention") == []
