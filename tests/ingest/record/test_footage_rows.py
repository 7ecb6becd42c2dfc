"""The rows behind retention: totals that are always true, classes that only rise, holds that nothing gets past, and plans
that never read more than they need."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg2
import pytest

from gis.clock import ManualClock
from gis.db import Database
from ingest import footage_store, store
from ingest.footage_store import CLASSES
from ingest.record import holds
from ingest.record.holds import HoldDraft
from ingest.record.retention import retain
from tests.ingest.record.footage import keep, segment
from tests.ingest.record.recordings import add_camera
from tests.ingest.streams import START

MINUTE = timedelta(minutes=1)
TRUE_TOTALS = """
    SELECT tier, camera_id, class AS footage_class, sum(bytes)::bigint AS bytes, count(*)::integer AS segments,
           min(start_at) AS oldest_at FROM segment GROUP BY tier, camera_id, class ORDER BY 1, 2, 3"""
KEPT_TOTALS = """
    SELECT tier, camera_id, class AS footage_class, bytes, segments, oldest_at FROM footage_total WHERE segments > 0
    ORDER BY 1, 2, 3"""


def add_tier(database: Database) -> None:
    database.run(
        "INSERT INTO storage_tier (id, position, name, kind, path) VALUES (1, 1, 'second', 'path', '/x')"
    )


def classes(database: Database) -> list[str]:
    rows = database.rows("SELECT class AS footage_class FROM segment ORDER BY start_at, camera_id")
    return [row.footage_class for row in rows]


@pytest.mark.parametrize("seed", range(4))
def test_totals_equal_the_sum_after_whatever_happens(database: Database, seed: int) -> None:
    add_tier(database)
    random_of = random.Random(seed)
    cameras = [add_camera(database, f"c{n}") for n in range(3)]
    rows = [segment(c, START + 5 * n * MINUTE)[0] for c in cameras for n in range(12)]

    def some() -> list[int]:
        ids = [row.id for row in database.rows("SELECT id FROM segment ORDER BY id")]
        return random_of.sample(ids, min(len(ids), random_of.randint(0, 6)))

    def put() -> None:
        chosen = random_of.sample(rows, random_of.randint(1, 8))
        changed = [
            segment(
                next(c for c in cameras if c.id == r.camera_id),
                r.start_at,
                fragments=random_of.randint(1, 9),
                still_open=random_of.random() < 0.5,
            )[0]
            for r in chosen
        ]
        store.save_segments(database, changed)

    steps: list[Callable[[], object]] = [
        put,
        put,
        lambda: database.run("DELETE FROM segment WHERE id = ANY (%s)", (some(),)),
        lambda: database.run("UPDATE segment SET tier = 1 - tier WHERE id = ANY (%s)", (some(),)),
        lambda: database.run(
            "UPDATE segment SET class = %s WHERE id = ANY (%s)", (random_of.choice(CLASSES), some())
        ),
        lambda: database.run(
            "UPDATE segment SET bytes = bytes + 7, tier = %s, class = %s, start_at = start_at - %s "
            "WHERE id = ANY (%s)",
            (random_of.randint(0, 1), random_of.choice(CLASSES), random_of.randint(0, 99) * MINUTE, some()),
        ),
    ]  # fmt: skip
    for _ in range(60):
        random_of.choice(steps)()
        assert database.rows(KEPT_TOTALS) == database.rows(TRUE_TOTALS)
    database.run("DELETE FROM segment")
    assert database.rows(KEPT_TOTALS) == []


def test_writers_of_the_same_totals_do_not_lose_each_others_counts(database: Database) -> None:
    cameras = [add_camera(database, f"c{n}") for n in range(4)]
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            order = cameras[number:] + cameras[:number]
            for round_ in range(15):
                at = START + timedelta(hours=number, minutes=round_)
                store.save_segments(database, [segment(c, at)[0] for c in order])
                if round_ % 3 == 2:
                    paths = [segment(c, at)[0].path for c in reversed(order)]
                    database.run("DELETE FROM segment WHERE path = ANY (%s)", (paths,))
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert database.rows(KEPT_TOTALS) == database.rows(TRUE_TOTALS) != []


# --- classes ----------------------------------------------------------------------------------------------------


def test_a_mark_raises_what_is_recorded_what_is_being_recorded_and_what_is_indexed_late(
    database: Database,
) -> None:
    camera, other = add_camera(database, "a"), add_camera(database, "b")
    closed, _ = segment(camera, START)
    growing, _ = segment(camera, START + 5 * MINUTE, still_open=True)
    before, _ = segment(camera, START - 5 * MINUTE)
    elsewhere, _ = segment(other, START)
    store.save_segments(database, [closed, growing, before, elsewhere])
    with database.transaction() as cursor:
        footage_store.mark(cursor, camera.id, START + 4 * MINUTE, START + 11 * MINUTE)
    assert footage_store.raise_classes(database) == 1
    assert classes(database) == ["continuous", "event", "continuous", "continuous"]
    store.save_segments(database, [segment(camera, START + 5 * MINUTE)[0]])  # it closes
    late, _ = segment(camera, START + 10 * MINUTE)
    after, _ = segment(camera, START + 15 * MINUTE)
    store.save_segments(database, [late, after])
    rows = database.rows(
        "SELECT path, class AS footage_class FROM segment WHERE camera_id = %s", (camera.id,)
    )
    assert {r.path for r in rows if r.footage_class == "event"} == {
        closed.path, growing.path, late.path,
    }  # fmt: skip
    assert footage_store.raise_classes(database) == 0


def test_marks_that_overlap_join_and_settle_when_their_time_is_over(database: Database) -> None:
    camera = add_camera(database)
    for second in range(0, 600, 20):
        at = START + timedelta(seconds=second)
        with database.transaction() as cursor:
            footage_store.mark(
                cursor, camera.id, at - timedelta(seconds=10), at + timedelta(seconds=30)
            )
    (mark,) = database.rows("SELECT from_at, to_at, settled_at FROM footage_mark")
    assert (mark.from_at, mark.to_at) == (
        START - timedelta(seconds=10), START + timedelta(seconds=610),
    )  # fmt: skip
    footage_store.raise_classes(database)
    assert (
        database.rows("SELECT settled_at FROM footage_mark")[0].settled_at is None
    )  # just changed
    database.run("UPDATE footage_mark SET changed_at = now() - interval '1 hour'")
    footage_store.raise_classes(database)
    assert database.rows("SELECT settled_at FROM footage_mark")[0].settled_at is not None
    assert footage_store.forget_marks(database) == 1  # START is longer ago than events are kept


def test_several_may_apply_marks_at_once(database: Database) -> None:
    cameras = [add_camera(database, f"c{n}") for n in range(6)]
    store.save_segments(
        database, [segment(c, START + 5 * n * MINUTE)[0] for c in cameras for n in range(20)]
    )
    with database.transaction() as cursor:
        for camera in cameras:
            footage_store.mark(cursor, camera.id, START, START + 99 * MINUTE)
    raised: list[int] = []
    threads = [
        threading.Thread(target=lambda: raised.append(footage_store.raise_classes(database)))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(raised) == [0, 0, 0, 0, 120]
    assert database.rows(KEPT_TOTALS) == database.rows(TRUE_TOTALS)


def test_an_incidents_footage_stays_its_own_class_after_the_hold(database: Database) -> None:
    camera = add_camera(database)
    store.save_segments(
        database, [segment(camera, START)[0], segment(camera, START + 5 * MINUTE)[0]]
    )
    store.hold(database, camera.id, START, START + MINUTE, "r", "incident:7", "x")
    footage_store.raise_classes(database)
    store.release(database, "incident:7")
    with database.transaction() as cursor:
        footage_store.mark(cursor, camera.id, START, START + 9 * MINUTE)
    footage_store.raise_classes(database)
    assert classes(database) == ["incident", "event"]  # a lower mark lowers nothing


# --- holds ------------------------------------------------------------------------------------------------------


def lay(database: Database, camera_id: int, **changes: Any) -> int:
    draft = HoldDraft("lock", camera_id, START, START + 5 * MINUTE, "test", **changes)
    with database.transaction() as cursor:
        return holds.lay(cursor, ManualClock(), draft, "officer").id


def test_no_statement_deletes_held_footage_or_a_hold(database: Database) -> None:
    camera = add_camera(database)
    store.save_segments(database, [segment(camera, START)[0]])
    lay(database, camera.id)
    for statement in (
        "DELETE FROM segment",
        "TRUNCATE segment",
        "TRUNCATE segment CASCADE",
        "DELETE FROM evidence_hold",
        "TRUNCATE evidence_hold",
    ):
        with pytest.raises(psycopg2.errors.RestrictViolation):
            database.run(statement)
    ids = [row.id for row in database.rows("SELECT id FROM segment")]
    assert len(store.delete_segments(database, ids)) == 1
    assert database.rows("SELECT count(*) AS n FROM segment")[0].n == 1


def test_a_released_or_expired_hold_protects_no_longer(database: Database) -> None:
    camera = add_camera(database)
    store.save_segments(database, [segment(camera, START)[0]])
    number = lay(database, camera.id)
    now = START + timedelta(days=100)
    assert footage_store.delete_expired(database, now, 10) == []
    database.run(
        "UPDATE evidence_hold SET expires_at = now() - interval '1 second' WHERE id = %s", (number,)
    )
    assert len(footage_store.delete_expired(database, now, 10)) == 1
    assert [(f.tier, f.size_bytes) for f in footage_store.leftovers(database, [0], 9)] == [
        (0, 3268)
    ]


def _delete(database: Database, **changes: Any) -> list[Any]:
    values = {"tiers": [0], "class": "continuous", "before": START + timedelta(days=9), "need_bytes": 1 << 40,
              "limit": 100} | changes  # fmt: skip
    sql = store.QUERIES["delete_oldest"]
    with database.transaction() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def test_a_hold_laid_while_a_deletion_is_under_way_waits_for_it(database: Database) -> None:
    camera = add_camera(database)
    store.save_segments(database, [segment(camera, START)[0]])
    deleting, laying = database.connect(), database.connect()
    with deleting.cursor() as one:
        one.execute(store.QUERIES["delete_oldest"], {"tiers": [0], "class": "continuous", "need_bytes": 1 << 40,
                    "before": START + timedelta(days=9), "limit": 9})  # fmt: skip
        assert len(one.fetchall()) == 1
        with laying.cursor() as two:
            two.execute("SET lock_timeout = '200ms'")
            with pytest.raises(psycopg2.errors.LockNotAvailable):
                two.execute(*_insert(camera.id))
        laying.rollback()
        deleting.rollback()  # the deletion did not happen after all
    lay(database, camera.id)
    assert _delete(database) == []
    deleting.close()
    laying.close()


def test_a_deletion_passes_over_footage_that_a_hold_is_being_laid_on(database: Database) -> None:
    camera = add_camera(database)
    first, second = segment(camera, START)[0], segment(camera, START + 10 * MINUTE)[0]
    store.save_segments(database, [first, second])
    laying = database.connect()
    with laying.cursor() as two:
        two.execute(*_insert(camera.id))
        assert [row.path for row in _delete(database)] == [
            second.path
        ]  # not yet committed, yet safe
        laying.commit()
    assert _delete(database) == []
    laying.close()


def test_a_deletion_that_began_before_the_hold_is_refused_by_the_guard(database: Database) -> None:
    """Its own look at the holds was too early: the row's trigger looks again."""
    camera = add_camera(database)
    store.save_segments(database, [segment(camera, START)[0]])
    deleting = database.connect()
    with deleting.cursor() as one:
        one.execute(
            "DECLARE old CURSOR FOR SELECT id FROM segment s WHERE NOT footage_held(s.camera_id, s.start_at, s.end_at)"
        )
        one.execute("FETCH ALL FROM old")
        found = [row.id for row in one.fetchall()]
        lay(database, camera.id)
        with pytest.raises(psycopg2.errors.RestrictViolation, match="held as evidence"):
            one.execute("DELETE FROM segment WHERE id = ANY (%s)", (found,))
    deleting.close()


def test_holds_and_deletions_racing_never_lose_held_footage(database: Database) -> None:
    """Every hold that saw its footage there finds it there ever after."""
    camera = add_camera(database)
    rows = [segment(camera, START + 5 * n * MINUTE)[0] for n in range(60)]
    store.save_segments(database, rows)
    promised: list[str] = []
    over = threading.Event()

    def delete() -> None:
        while not over.is_set():
            footage_store.delete_oldest(
                database, [0], "continuous", START + timedelta(days=9), 1, 3
            )
            if database.rows("SELECT count(*) AS n FROM segment")[0].n <= len(promised):
                return

    deleter = threading.Thread(target=delete)
    deleter.start()
    random_of = random.Random(7)
    for row in random_of.sample(rows, 25):
        with database.transaction() as cursor:
            cursor.execute(*_insert(camera.id, row.start_at + MINUTE, row.start_at + 2 * MINUTE))
            cursor.execute("SELECT path FROM segment WHERE path = %s", (row.path,))
            there = cursor.fetchone()
        if there is not None:
            promised.append(row.path)
    over.set()
    deleter.join()
    assert promised
    left = {row.path for row in database.rows("SELECT path FROM segment")}
    assert set(promised) <= left


def _insert(
    camera_id: int, from_at: Any = START, to_at: Any = START + 5 * MINUTE
) -> tuple[str, Any]:
    return (
        "INSERT INTO evidence_hold (camera_id, from_at, to_at, reason, subject, created_by, kind) "
        "VALUES (%s, %s, %s, 'r', 'lock:' || gen_random_uuid(), 'x', 'lock')",
        (camera_id, from_at, to_at),
    )


# --- what goes, and how it is found -----------------------------------------------------------------------------


def test_days_and_bytes_by_class(database: Database, tmp_path: Any) -> None:
    camera = add_camera(database, retention_days=2)
    rows = keep(database, tmp_path, camera, START, 9)
    database.run(
        "UPDATE segment SET class = 'event' WHERE path = ANY (%s)", ([r.path for r in rows[:4]],)
    )
    database.run("UPDATE segment SET class = 'incident' WHERE path = %s", (rows[4].path,))
    clock = ManualClock(START + timedelta(days=3))
    assert retain(tmp_path, database, clock, 0).expired == 4  # continuous: the camera's two days
    clock.advance(86400)
    database.run("UPDATE retention_class SET bytes = 2 * 3268 WHERE class = 'event'")
    done = retain(tmp_path, database, clock, 0)
    assert (done.expired, done.over_limit) == (0, 2)  # the two oldest of four
    left = {row.path for row in database.rows("SELECT path FROM segment")}
    assert left == {rows[2].path, rows[3].path, rows[4].path}
    database.run("UPDATE retention_class SET days = 1 WHERE class = 'event'")
    assert retain(tmp_path, database, clock, 0).expired == 2
    database.run("UPDATE retention_class SET days = 1 WHERE class = 'incident'")
    database.run("UPDATE camera SET retention_days = 90")
    assert retain(tmp_path, database, clock, 0).expired == 0  # never sooner than continuous footage
    assert not any((tmp_path / r.path).exists() for r in rows if r != rows[4])


def test_a_full_disk_takes_the_lowest_class_first_and_the_oldest_of_it(
    database: Database, tmp_path: Any
) -> None:
    camera = add_camera(database)
    rows = keep(database, tmp_path, camera, START, 6)
    for path, name in (
        (rows[0].path, "incident"),
        (rows[1].path, "event"),
        (rows[3].path, "event"),
    ):
        database.run("UPDATE segment SET class = %s WHERE path = %s", (name, path))
    lay(
        database,
        camera.id,
    )  # START .. START + 5 min: the first, and the second that touches it
    clock = ManualClock(START + timedelta(days=1))
    gone: list[str] = []
    while True:
        before = {row.path for row in database.rows("SELECT path FROM segment")}
        free = iter([0, 10])
        done = retain(tmp_path, database, clock, 1, lambda root, free=free: next(free, 0))
        if done.still_short:
            break
        gone += sorted(before - {row.path for row in database.rows("SELECT path FROM segment")})
    assert gone == [rows[2].path, rows[4].path, rows[5].path, rows[3].path]
    assert {p.name for p in tmp_path.rglob("*.mp4")} == {
        rows[0].path.rsplit("/", 1)[1], rows[1].path.rsplit("/", 1)[1],
    }  # fmt: skip


def _plan(database: Database, query: str, values: dict[str, Any]) -> str:
    with database.transaction() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + store.QUERIES[query], values)
        found = cursor.fetchone()[0]
        cursor.connection.rollback()
    return json.dumps(found)


def _nodes(plan: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "Node Type" in node:
                found.append(node)
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(json.loads(plan))
    return found


def test_what_goes_next_is_found_by_a_short_range_of_an_index(database: Database) -> None:
    """200,000 recordings of 50 cameras: each deletion touches little more than what it deletes."""
    for n in range(50):
        add_camera(database, f"c{n}")
    database.run("ALTER TABLE segment DISABLE TRIGGER USER")
    database.run(
        """
        INSERT INTO segment (camera_id, path, start_at, end_at, init_length, bytes, frames, codec, width_px, height_px,
            frag_offset, frag_length, frag_start_90k, frag_duration_90k, class)
        SELECT 1 + n %% 50, n::text, %(at)s::timestamptz + n / 50 * interval '5 min',
            %(at)s::timestamptz + (n / 50 + 1) * interval '5 min', 100, 1000, 1, 'avc1', 1, 1, '{}', '{}', '{}', '{}',
            CASE n %% 10 WHEN 0 THEN 'event' WHEN 1 THEN 'incident' ELSE 'continuous' END
        FROM generate_series(0, 199999) n""",
        {"at": START},
    )
    database.run("ALTER TABLE segment ENABLE TRIGGER USER")
    database.run("INSERT INTO footage_total " + TRUE_TOTALS.replace(" ORDER BY 1, 2, 3", ""))
    connection = database.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE segment, footage_total, camera")
    connection.close()
    oldest = {"tiers": [0], "class": "continuous", "before": START + timedelta(days=30), "need_bytes": 5000,
              "limit": 20}  # fmt: skip
    expired = {"now": START + timedelta(days=30, hours=2), "limit": 20}
    for query, values in (("delete_oldest", oldest), ("delete_expired", expired)):
        plan = _plan(database, query, values)
        scans = [
            n
            for n in _nodes(plan)
            if n.get("Relation Name") == "segment" and "Scan" in n["Node Type"]
        ]
        assert scans and all("Index" in node["Node Type"] for node in scans), plan
        read = sum(
            (n["Actual Rows"] + n.get("Rows Removed by Filter", 0)) * n["Actual Loops"]
            for n in scans
        )
        assert read < 500, (query, read)
