"""The schema arrives whole, by either road."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from gis.cluster import Cluster, find_binaries
from gis.db import Database
from gis.errors import SetupError
from gis.migrate import migrate, migrations


def _dump(url: str) -> str:
    """The schema as pg_dump sees it, without the lines that differ from run to run."""
    done = subprocess.run(
        [str(find_binaries() / "pg_dump"), "--schema-only", "--no-owner", url],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return re.sub(r"^(--.*|\\(un)?restrict .*|)\n", "", done.stdout, flags=re.M)


def test_migrated_equals_fresh(database_url: str, empty_database_url: str) -> None:
    migrated = Database(empty_database_url)
    with migrated.transaction() as cursor:
        for step in migrations():
            cursor.execute(step.sql)
    migrated.close()
    fresh = _dump(database_url)
    assert "CREATE TABLE public.camera" in fresh
    assert _dump(empty_database_url) == fresh


def test_a_fresh_database_has_seen_every_step_and_a_second_run_changes_nothing(
    empty_database_url: str,
) -> None:
    database = Database(empty_database_url)
    assert migrate(database) == ["fresh"]
    assert migrate(database) == []
    assert [row.number for row in database.rows("SELECT number FROM schema_migration")] == [
        step.number for step in migrations()
    ]
    database.close()


def test_a_newer_database_is_refused(database: Database) -> None:
    database.run("INSERT INTO schema_migration (number, name) VALUES (9999, 'from the future')")
    with pytest.raises(SetupError, match="at step 9999, this program knows only"):
        migrate(database)


def test_steps_are_numbered_without_a_hole(tmp_path: Path) -> None:
    (tmp_path / "0001_a.sql").write_text("")
    (tmp_path / "0003_b.sql").write_text("")
    with pytest.raises(ValueError, match=r"not 1\.\.n"):
        migrations(tmp_path)
    (tmp_path / "note.sql").write_text("")
    with pytest.raises(ValueError, match="NNNN_name"):
        migrations(tmp_path)


def test_an_ordinary_role_cannot_touch_the_log(cluster: Cluster, database: Database) -> None:
    database.run("INSERT INTO audit (actor, action, subject) VALUES ('a', 'b', 'c')")
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(Exception, match="append-only"):
            database.run(statement)
