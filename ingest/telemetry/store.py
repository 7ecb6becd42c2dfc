"""The gateway's rows in the database: one transaction per batch, positions by binary COPY."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import psycopg2

from gis.db import Database, load_queries
from gis.errors import DatabaseAway, WanglouError
from ingest.telemetry.model import (
    Batch,
    Device,
    EventRow,
    PositionRow,
    ReadingRow,
    WantsIn,
    from_us,
)
from ingest.telemetry.watch import Threshold

_SQL = load_queries(Path(__file__).resolve().parent.parent / "sql")
_T = TypeVar("_T")

# PostgreSQL counts binary timestamps in microseconds since 2000-01-01.
_PG_EPOCH_US = 946_684_800_000_000
_DAY_US = 86_400_000_000
_COPY_HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_END = b"\xff\xff"
# Count of fields, then for each its length and value: int4, int8, 4 x int4 ... as in the COPY's column list.
_COPY_ROW = struct.Struct(">hiiiqiiiiiiihihiiiq")
STATEMENT_TIMEOUT_MS = 30_000
# Refusals that pass by themselves: somebody else holds a lock, or makes the same partition at this moment.
_TRY_LATER = (
    psycopg2.errors.LockNotAvailable,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.QueryCanceled,
    psycopg2.errors.DuplicateTable,
    psycopg2.errors.UniqueViolation,
)
KEEP_BATCHES = timedelta(days=7)
KEEP_QUARANTINE = timedelta(days=30)


class BatchRejected(WanglouError):
    """The database is there and refuses the batch; trying again would not help."""


class TelemetryStore:
    """What the gateway reads and writes. Raises :class:`gis.errors.DatabaseAway` where it cannot be reached."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._days: set[tuple[str, int]] = set()

    def devices(self) -> list[Device]:
        """Every device."""
        return [Device(*row) for row in self._database.rows(_SQL["telemetry_devices"])]

    def newest(self) -> dict[int, tuple[int, int]]:
        """Per device the time (µs) and the flags of its newest position."""
        return {
            row.device_id: (_us(row.at), row.flags)
            for row in self._database.rows(_SQL["telemetry_newest"])
        }

    def thresholds(self, known: Iterable[int]) -> list[Threshold]:
        """Every threshold; the state of those in ``known`` is not looked up."""
        rows = self._database.rows(_SQL["telemetry_thresholds"], {"known": list(known)})
        return [Threshold(*row) for row in rows]

    def add_device(self, wanted: WantsIn) -> None:
        """Makes the row of a device that is let in."""
        self._database.run(
            _SQL["telemetry_add_device"],
            {
                "protocol": wanted.protocol,
                "key": wanted.key,
                "kind": wanted.kind,
                "name": wanted.name,
                "plate": wanted.plate,
            },
        )

    def write(self, batch: Batch) -> bool:
        """Stores the batch; False where it was in already. Raises :class:`BatchRejected`."""
        for first in (True, False):
            try:
                self._ensure_days(batch)
                return self._write(batch)
            except _TRY_LATER as error:
                raise DatabaseAway(f"batch {batch.uid} has to wait: {error}".strip()) from error
            except psycopg2.Error as error:
                # A partition that was there may have gone, e.g. with a restored database: look again, once.
                self._days.clear()
                if not first or not isinstance(error, psycopg2.errors.CheckViolation):
                    raise BatchRejected(f"batch {batch.uid}: {error}".strip()) from error
        raise AssertionError("the second round returns or raises")

    def purge(self, now: datetime) -> None:
        """Forgets old batches and old quarantine."""
        self._database.run(_SQL["telemetry_purge_batches"], {"before": now - KEEP_BATCHES})
        self._database.run(_SQL["telemetry_purge_quarantine"], {"before": now - KEEP_QUARANTINE})

    def prepare_days(self, now: datetime) -> None:
        """Makes today's and tomorrow's partitions before they are needed."""
        today = int(now.timestamp()) // 86400
        self._make_days({(p, today + i) for p in ("position", "reading") for i in (0, 1)})

    def open_texts(self, after: datetime) -> list[tuple[int, int, str]]:
        """Texts made after ``after`` that no terminal has answered: id, device and body."""
        rows = self._database.rows(_SQL["telemetry_open_texts"], {"after": after})
        return [(row.id, row.device_id, row.body) for row in rows]

    def text_sent(self, downlink_id: int, at: datetime) -> None:
        """Marks the text as sent."""
        self._database.run(_SQL["telemetry_text_sent"], {"id": downlink_id, "at": at})

    def text_answered(self, downlink_id: int, at: datetime, result: int) -> None:
        """Marks the text as answered."""
        self._database.run(
            _SQL["telemetry_text_answered"], {"id": downlink_id, "at": at, "result": result}
        )

    def _ensure_days(self, batch: Batch) -> None:
        wanted = {("position", row.at_us // _DAY_US) for row in batch.positions}
        wanted |= {("reading", row.at_us // _DAY_US) for row in batch.readings}
        self._make_days(wanted)

    def _make_days(self, wanted: set[tuple[str, int]]) -> None:
        for parent in ("position", "reading"):
            days = [d for p, d in sorted(wanted - self._days) if p == parent]
            if not days:
                continue
            # Its own transaction: making a partition locks the parent, and must not do so for a whole batch.
            self._database.run(
                _SQL["telemetry_ensure_days"],
                {"parent": parent, "days": [date(1970, 1, 1) + timedelta(days=d) for d in days]},
            )
            self._days |= {(parent, d) for d in days}

    def _write(self, batch: Batch) -> bool:
        with self._database.transaction() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", (STATEMENT_TIMEOUT_MS,))
            cursor.execute(_SQL["telemetry_begin_batch"], {"uid": batch.uid})
            if cursor.fetchone() is None:
                return False
            if batch.positions:
                _positions(cursor, batch.positions)
            if batch.readings:
                _readings(cursor, batch.readings)
            for event in batch.events:
                cursor.execute(_SQL["telemetry_event"], _event(event))
            if batch.quarantine:
                cursor.execute(
                    _SQL["telemetry_quarantine"],
                    _columns(
                        batch.quarantine,
                        ("source", "device_key", "reason", "raw_hex"),
                        received_at=lambda r: from_us(r.received_us),
                    ),
                )
            for code in batch.codes:
                cursor.execute(
                    _SQL["telemetry_code"], {"device_id": code.device_id, "code": code.code}
                )
            if batch.seen:
                cursor.execute(
                    _SQL["telemetry_seen"],
                    _columns(batch.seen, ("device_id",), at=lambda r: from_us(r.at_us)),
                )
        return True


def _us(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _columns(
    rows: Sequence[_T], names: Sequence[str], **computed: Callable[[_T], Any]
) -> dict[str, list[Any]]:
    """Rows turned into one list per column, for ``unnest``."""
    out: dict[str, list[Any]] = {name: [getattr(row, name) for row in rows] for name in names}
    for name, compute in computed.items():
        out[name] = [compute(row) for row in rows]
    return out


def pack_positions(rows: Iterable[PositionRow]) -> BytesIO:
    """Rows in PostgreSQL's binary COPY format."""
    out = [_COPY_HEAD]
    pack = _COPY_ROW.pack
    for r in rows:
        out.append(
            pack(
                9,
                4,
                r.device_id,
                8,
                r.at_us - _PG_EPOCH_US,
                4,
                r.lon_e7,
                4,
                r.lat_e7,
                4,
                r.speed_cms,
                2,
                r.course_deg,
                2,
                r.altitude_m,
                4,
                r.flags,
                8,
                r.received_us - _PG_EPOCH_US,
            )
        )
    out.append(_COPY_END)
    return BytesIO(b"".join(out))


def _positions(cursor: Any, rows: Sequence[PositionRow]) -> None:
    fresh = [row for row in rows if row.fresh]
    if fresh:
        cursor.copy_expert(_SQL["telemetry_copy_positions"], pack_positions(fresh))
    if len(fresh) < len(rows):
        cursor.execute(_SQL["telemetry_late_table"])
        late = pack_positions(row for row in rows if not row.fresh)
        cursor.copy_expert(_SQL["telemetry_copy_late"], late)
        cursor.execute(_SQL["telemetry_merge_late"])
    newest: dict[int, PositionRow] = {}
    for row in rows:
        known = newest.get(row.device_id)
        if known is None or row.at_us > known.at_us:
            newest[row.device_id] = row
    # In the order of the key, so that two writers cannot lock each other out.
    latest = [newest[device] for device in sorted(newest)]
    cursor.execute(
        _SQL["telemetry_latest_positions"],
        _columns(
            latest,
            ("device_id", "lon_e7", "lat_e7", "speed_cms", "course_deg", "flags"),
            at=lambda r: from_us(r.at_us),
            received_at=lambda r: from_us(r.received_us),
        ),
    )


def _readings(cursor: Any, rows: Sequence[ReadingRow]) -> None:
    columns = _columns(
        rows,
        ("device_id", "quantity", "value", "unit", "flag"),
        at=lambda r: from_us(r.at_us),
        received_at=lambda r: from_us(r.received_us),
    )
    cursor.execute(_SQL["telemetry_readings"], columns)
    cursor.execute(_SQL["telemetry_latest_readings"], columns)


def _event(event: EventRow) -> dict[str, Any]:
    placed = event.lon_e7 is not None and event.lat_e7 is not None
    return {
        "device_id": event.device_id,
        "kind": event.kind,
        "at": from_us(event.at_us),
        "quantity": event.quantity,
        "value": event.value,
        "limit_value": event.limit_value,
        "priority": event.priority,
        "lon": (event.lon_e7 or 0) / 1e7 if placed else None,
        "lat": (event.lat_e7 or 0) / 1e7 if placed else None,
    }
