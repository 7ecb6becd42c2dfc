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
from ingest import footage_store


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


def test_footage_from_before_classes_and_totals_is_counted_and_marked(
    empty_database_url: str,
) -> None:
    database = Database(empty_database_url)
    steps = migrations()
    with database.transaction() as cursor:
        for step in steps[:3]:
            cursor.execute(step.sql)
        cursor.execute(
            """
            INSERT INTO camera (code, name, url, geom) VALUES ('a', 'a', 'rtsp://h/x', ST_SetSRID(ST_MakePoint(1, 2), 4326));
            INSERT INTO segment (camera_id, path, start_at, end_at, init_length, bytes, frames, codec, width_px, height_px,
                frag_offset, frag_length, frag_start_90k, frag_duration_90k)
            SELECT 1, n::text, '2026-03-01T00:00Z'::timestamptz + n * interval '5 min',
                '2026-03-01T00:05Z'::timestamptz + n * interval '5 min', 9, 100, 1, 'avc1', 1, 1, '{}', '{}', '{}', '{}'
            FROM generate_series(0, 3) n;
            INSERT INTO evidence_hold (camera_id, from_at, to_at, reason, subject, created_by)
            VALUES (1, '2026-03-01T00:01Z', '2026-03-01T00:02Z', 'r', 'incident:7', 'x');
            INSERT INTO event (uid, camera_id, rule, kind, priority, confidence, at, box, why, why_en)
            VALUES (gen_random_uuid(), 1, 'intrusion', 'person', 2, 1, '2026-03-01T00:16Z', '{0,0,1,1}', 'w', 'w');
            """
        )
    with database.transaction() as cursor:
        for step in steps[3:]:
            cursor.execute(step.sql)
    total = database.rows("SELECT bytes, segments, oldest_at FROM footage_total")
    assert [(t.bytes, t.segments, t.oldest_at.isoformat()) for t in total] == [
        (400, 4, "2026-03-01T00:00:00+00:00")
    ]
    assert footage_store.raise_classes(database) == 2
    rows = database.rows("SELECT class AS footage_class FROM segment ORDER BY start_at")
    assert [r.footage_class for r in rows] == ["incident", "continuous", "continuous", "event"]
    database.close()


def test_a_newer_database_is_refused(database: Database) -> None:
    database.run("INSERT INTO schema_migration (number, name) VALUES (9999, 'from the future')")
    with pytest.raises(SetupError, match="at step 9999, this program knows only"):
        migrate(database)


def test_a_step_that_arrives_after_a_later_one_is_taken_all_the_same(database: Database) -> None:
    database.run("DELETE FROM schema_migration WHERE number = 7")
    database.run(
        "ALTER TABLE camera_state DROP COLUMN camera_clock_offset_s, DROP COLUMN packets_lost"
    )
    assert migrate(database) == ["0007_clock"]
    assert migrate(database) == []


def test_a_number_stands_once(tmp_path: Path) -> None:
    (tmp_path / "0001_a.sql").write_text("")
    (tmp_path / "0003_b.sql").write_text("")
    assert [step.number for step in migrations(tmp_path)] == [1, 3]
    (tmp_path / "0003_c.sql").write_text("")
    with pytest.raises(ValueError, match="stands twice"):
        migrations(tmp_path)
    (tmp_path / "note.sql").write_text("")
    with pytest.raises(ValueError, match="NNNN_name"):
        migrations(tmp_path)


def test_an_ordinary_role_cannot_touch_the_log(cluster: Cluster, database: Database) -> None:
    database.run("INSERT INTO audit (actor, action, subject) VALUES ('a', 'b', 'c')")
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(Exception, match="append-only"):
            database.run(statement)
