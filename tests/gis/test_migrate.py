"""The schema arrives whole, by either road."""

from __future__ import annotations

from gis.db import Database
from gis.migrate import migrate


def test_second_run_changes_nothing(database: Database) -> None:
    assert migrate(database) == []
    assert database.row("SELECT count(*) FROM camera")[0] == 0
