"""Batches on disk: in order, whole, bounded, and each counted once by the database."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gis.clock import ManualClock
from gis.db import Database
from ingest.telemetry.directory import Directory
from ingest.telemetry.intake import Intake
from ingest.telemetry.model import (
    Batch,
    CodeRow,
    EventRow,
    PositionRow,
    QuarantineRow,
    ReadingRow,
    SeenRow,
    to_us,
)
from ingest.telemetry.settings import GatewaySettings
from ingest.telemetry.spool import Spool, dump, load
from ingest.telemetry.store import BatchRejected, TelemetryStore
from ingest.telemetry.validate import Limits
from ingest.telemetry.writer import Writer

AT = to_us(datetime(2026, 1, 1, 23, 59, 59, tzinfo=UTC))


def batch(device: int = 1, at_us: int = AT, fresh: bool = True) -> Batch:
    return Batch(
        str(uuid.uuid4()),
        (PositionRow(device, at_us, 1209800000, 313800000, 1000, 90, -5, 3, at_us, fresh),),
        (ReadingRow(device, "water_level_m", at_us, 3.5, "m", "N", at_us),),
        (EventRow(device, "sos", at_us, 1, lon_e7=1209800000, lat_e7=313800000),),
        (QuarantineRow("jt808", None, "坏", "7e00", at_us),),
        (CodeRow(device, "code"),),
        (SeenRow(device, at_us),),
    )


def test_a_batch_survives_the_disk(tmp_path: Path) -> None:
    given = batch()
    assert load(dump(given)) == given
    for torn in (dump(given)[:-9], b"", b"[]", b'{"uid": "x"}'):
        with pytest.raises(ValueError):
            load(torn)


def test_order_restart_and_rejects(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s", 10**6)
    batches = [batch(i) for i in range(3)]
    for one in batches:
        spool.put(one)
    assert spool.oldest() == batches[0] and len(spool) == 3
    spool.done()
    (tmp_path / "s" / "000000000009-x.new").write_bytes(b"torn")
    again = Spool(tmp_path / "s", 10**6)
    assert len(again) == 2 and again.oldest() == batches[1] and again.bytes == spool.bytes
    again.reject(batches[1], "does not fit")
    assert again.oldest() == batches[2] and again.rejected == 1
    assert [p.read_text() for p in (tmp_path / "s" / "rejected").glob("*.txt")] == [
        "does not fit\n"
    ]
    # A file that somebody broke does not block the ones behind it.
    path = next(iter((tmp_path / "s").glob("*.json")))
    again.put(batches[0])
    path.write_bytes(b"{")
    assert again.oldest() == batches[0] and again.rejected == 2


def test_a_full_spool_gives_up_the_oldest_and_says_so(tmp_path: Path) -> None:
    size = len(dump(batch()))
    spool = Spool(tmp_path / "s", 3 * size)
    for _ in range(5):
        spool.put(batch())
    assert len(spool) == 3 and spool.lost_rows == 2 * 6 and spool.bytes <= 3 * size


def device(database: Database) -> int:
    row = database.row(
        "INSERT INTO device (protocol, key, kind, name) VALUES ('jt808', '1', 'vehicle', 'x') RETURNING id"
    )
    assert row is not None
    return int(row.id)


def count(database: Database, table: str) -> int:
    return len(database.rows(f"SELECT FROM {table}"))


def test_a_batch_counts_once_and_days_are_made(database: Database) -> None:
    store = TelemetryStore(database)
    given = batch(device(database))
    assert store.write(given) is True
    assert store.write(given) is False  # its commit's answer was lost, it comes again
    again = replace(
        given, uid=str(uuid.uuid4()), positions=(replace(given.positions[0], fresh=False),)
    )
    assert store.write(again) is True
    for table, rows in (("position", 1), ("reading", 1), ("device_event", 2), ("quarantine", 2)):
        assert count(database, table) == rows, table
    row = database.row("SELECT *, tableoid::regclass::text AS part FROM position")
    assert row is not None
    assert (row.part, row.lon_e7, row.altitude_m, row.at) == (
        "position_20260101",
        1209800000,
        -5,
        datetime(2026, 1, 1, 23, 59, 59, tzinfo=UTC),
    )
    late = AT + 2_000_000  # the next day begins
    assert store.write(batch(given.positions[0].device_id, late)) is True
    assert database.row("SELECT FROM position_20260102") is not None
    # Somebody drops a partition behind the store's back.
    database.run("DROP TABLE position_20260102")
    assert store.write(batch(given.positions[0].device_id, late)) is True
    assert database.row("SELECT FROM position_20260102") is not None


def test_a_device_that_has_gone_does_not_hold_up_the_rest(database: Database) -> None:
    store = TelemetryStore(database)
    assert store.write(batch(device=999)) is True
    assert count(database, "position") == 1
    assert count(database, "position_latest") == 0 and count(database, "device_event") == 0


def test_a_batch_the_database_refuses_is_put_aside(database: Database, tmp_path: Path) -> None:
    store = TelemetryStore(database)
    here = device(database)
    good, bad = batch(here), batch(here, AT + 5)
    bad = replace(bad, events=(EventRow(here, "sos", AT, 9),))  # there is no priority 9
    with pytest.raises(BatchRejected, match=bad.uid):
        store.write(bad)
    clock = ManualClock(datetime(2026, 1, 2, tzinfo=UTC))
    intake = Intake(Limits())
    settings = GatewaySettings(database.url, tmp_path)
    spool = Spool(settings.spool, settings.spool_limit_bytes)
    spool.put(bad)
    spool.put(good)
    directory = Directory(store, intake, False)
    writer = Writer(settings, store, spool, intake, directory, clock)
    writer.step()
    assert (len(spool), spool.rejected, writer.away) == (0, 1, "")
    assert count(database, "position") == 1


def test_old_figures_are_forgotten(database: Database) -> None:
    store = TelemetryStore(database)
    store.write(batch(device(database)))
    store.purge(datetime.now(UTC) + timedelta(days=8))
    assert count(database, "telemetry_batch") == 0
    store.purge(datetime.now(UTC) + timedelta(days=40))
    assert count(database, "quarantine") == 0
