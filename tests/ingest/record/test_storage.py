"""Recordings are found wherever they lie."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from gis.clock import ManualClock
from gis.db import Database
from gis.errors import NotFound
from ingest.record.storage import REFRESH_S, Storage, open_segment
from ingest.record.tiers import MARK
from tests.ingest.record.footage import keep
from tests.ingest.record.recordings import add_camera
from tests.ingest.streams import START

KEY = Fernet.generate_key()


def test_a_recording_is_read_on_whatever_tier_its_row_names(
    database: Database, tmp_path: Path, clock: ManualClock
) -> None:
    local, other = tmp_path / "local", tmp_path / "other"
    local.mkdir()
    other.mkdir()
    (other / MARK).touch()
    (row,) = keep(database, local, add_camera(database), START)
    number = database.rows("SELECT id FROM segment")[0].id
    content = (local / row.path).read_bytes()
    storage = Storage(database, local, KEY, clock)
    with open_segment(storage, number) as reader:
        assert reader.path == local / row.path
        assert reader.read() == content
        (other / row.path).parent.mkdir(parents=True)
        (local / row.path).rename(other / row.path)
        database.run(
            "INSERT INTO storage_tier (id, position, name, kind, path) VALUES (1, 1, 'b', 'path', %s)",
            (str(other),),
        )
        database.run("UPDATE segment SET tier = 1")
        assert b"".join(reader.chunks()) == content  # an open one stays readable
    with open_segment(
        storage, number
    ) as reader:  # the new tier is noticed at once where it is needed
        assert reader.path == other / row.path
    database.run("UPDATE storage_tier SET path = %s WHERE id = 1", (str(tmp_path),))
    clock.advance(REFRESH_S)
    with pytest.raises(Exception, match="is its disk mounted"):
        open_segment(storage, number)
    database.run("UPDATE segment SET tier = 0")
    with pytest.raises(NotFound, match="file is not there"):
        open_segment(storage, number)
    with pytest.raises(NotFound, match="deleted by retention"):
        open_segment(storage, number + 1)
