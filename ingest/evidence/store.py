"""Evidence in the database: the footage to pack, and the exports asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import numpy as np
from psycopg2.extras import Json

from gis import said
from gis.clock import Clock
from gis.db import Database
from gis.errors import NotFound, WrongState
from gis.said import say, why_of
from ingest.columns import booleans, integers
from ingest.evidence.export import Packed
from ingest.evidence.job import ExportJob, mask_from_json, mask_to_json
from ingest.evidence.manifest import GapEntry
from ingest.evidence.model import CameraFootage, FootageSegment, Mask, OpenSegment, Readable
from ingest.fmp4 import to_media_90k
from ingest.record.covered import gaps_between
from ingest.record.storage import Storage
from ingest.record.tiers import SegmentReader
from ingest.store import QUERIES

AHEAD_BYTES = 4 << 20
Gaps = Callable[[int, datetime, datetime], Sequence[GapEntry]]


@dataclass(frozen=True, slots=True)
class FootageSize:
    """How much was recorded of a camera in a span."""

    bytes: int
    recorded_s: int


def footage(
    database: Database,
    camera_ids: Sequence[int],
    from_at: datetime,
    to_at: datetime,
    gaps: Gaps,
) -> list[CameraFootage]:
    """The cameras with everything the index knows of their footage of a span, by id.

    Raises :class:`NotFound` that names a camera there is not.
    """
    rows = database.rows(QUERIES["export_cameras"], {"ids": list(camera_ids)})
    missing = set(camera_ids) - {row.id for row in rows}
    if missing:
        raise NotFound(say("no_camera", "there is no camera {id}", id=min(missing)))
    return [
        CameraFootage(
            row.id, row.code, row.name, row.name_en, _segments(database, row.id, from_at, to_at),
            tuple(gaps(row.id, from_at, to_at)),
        )
        for row in rows
    ]  # fmt: skip


def _segments(
    database: Database, camera_id: int, from_at: datetime, to_at: datetime
) -> tuple[FootageSegment, ...]:
    values = {"camera_id": camera_id, "from_at": from_at, "to_at": to_at}
    return tuple(_segment(row) for row in database.rows(QUERIES["footage_of"], values))


def _segment(row: Any) -> FootageSegment:
    begin = row.media_start_90k if row.media_start_90k is not None else to_media_90k(row.start_at)
    offsets = integers(row.offsets)
    keys = booleans(row.keys) if row.keys is not None else np.ones(len(offsets), np.bool_)
    return FootageSegment(
        row.id, row.path, row.tier, row.start_at, row.init_length, row.codec, row.width_px, row.height_px,
        row.audio_codec, offsets, integers(row.lengths), integers(row.starts) + begin, integers(row.durations), keys,
        bytes(row.frag_sha256) if row.frag_sha256 is not None else None,
        bytes(row.chain_before) if row.chain_before is not None else None,
        _ms(row.clock_offset_s), _ms(row.clock_error_s),
    )  # fmt: skip


def _ms(seconds: float | None) -> int | None:
    return round(seconds * 1000) if seconds is not None else None


def footage_size(
    database: Database, camera_ids: Sequence[int], from_at: datetime, to_at: datetime
) -> dict[int, FootageSize]:
    """How much there is to pack, by camera; cameras without footage of the span are left out."""
    values = {"camera_ids": list(camera_ids), "from_at": from_at, "to_at": to_at}
    return {
        row.camera_id: FootageSize(int(row.bytes), int(row.recorded_s))
        for row in database.rows(QUERIES["footage_size"], values)
    }


def camera_ids_by_code(database: Database, codes: Sequence[str]) -> list[int]:
    """The cameras' ids in the order of their codes. Raises :class:`NotFound` that quotes an unknown code."""
    rows = database.rows(QUERIES["camera_ids_by_code"], {"codes": list(codes)})
    known = {row.code: row.id for row in rows}
    for code in codes:
        if code not in known:
            raise NotFound(f"there is no camera {code!r}: see 'wanglou camera list'")
    return [known[code] for code in codes]


def _job(row: Any) -> ExportJob:
    values = {f.name: getattr(row, f.name) for f in fields(ExportJob)}
    values["camera_ids"] = tuple(row.camera_ids)
    values["message"] = said.read(row.message, row.why)
    values["mask"] = mask_from_json(row.mask) if row.mask is not None else None
    return ExportJob(**values)


def add(
    cursor: Any,
    camera_ids: Sequence[int],
    from_at: datetime,
    to_at: datetime,
    reason: str,
    mask: Mask | None,
    by: str,
    expected_bytes: int,
) -> ExportJob:
    """Asks for an export in the cursor's transaction."""
    cursor.execute(
        QUERIES["export_add"],
        {
            "camera_ids": list(camera_ids),
            "from_at": from_at,
            "to_at": to_at,
            "reason": reason,
            "mask": Json(mask_to_json(mask)) if mask is not None else None,
            "by": by,
            "expected_bytes": expected_bytes,
        },
    )
    return _job(cursor.fetchone())


def job(database: Database, job_id: int) -> ExportJob:
    """One export. Raises :class:`NotFound`."""
    row = database.row(QUERIES["export_by_id"], {"id": job_id})
    if row is None:
        raise NotFound(say("no_export", "there is no export {id}", id=job_id))
    return _job(row)


def jobs(
    database: Database, camera_ids: Sequence[int] | None, before: int | None, limit: int
) -> list[ExportJob]:
    """Exports, newest first; ``camera_ids``: only those all of whose cameras are among them."""
    values = {
        "camera_ids": list(camera_ids) if camera_ids is not None else None,
        "before": before,
        "limit": limit,
    }
    return [_job(row) for row in database.rows(QUERIES["exports"], values)]


def cancel(cursor: Any, job_id: int, by: str, now: datetime) -> ExportJob:
    """Stops an export in the cursor's transaction. Raises :class:`WrongState` when there is nothing to stop."""
    cursor.execute(QUERIES["export_cancel"], {"id": job_id, "by": by, "now": now})
    row = cursor.fetchone()
    if row is None:
        raise WrongState(
            say("export_ended", "export {id} has ended already, or is being stopped", id=job_id)
        )
    return _job(row)


def redo_unfinished(database: Database, now: datetime) -> int:
    """What an exporter that ended had in hand waits again; returns how many."""
    database.run(QUERIES["exports_stopped"], {"now": now})
    return database.run(QUERIES["exports_redo"])


def claim(database: Database, now: datetime) -> ExportJob | None:
    """The oldest export that waits, now running."""
    row = database.row(QUERIES["export_claim"], {"now": now})
    return _job(row) if row is not None else None


def progress(database: Database, job_id: int, read_bytes: int) -> bool:
    """Notes how far an export is; whether it is wanted still."""
    row = database.row(QUERIES["export_progress"], {"id": job_id, "read_bytes": read_bytes})
    return row is not None and row.cancelled_by is None


def expect(database: Database, job_id: int, expected_bytes: int) -> None:
    """Notes how much footage there is to read."""
    database.run(QUERIES["export_expected"], {"id": job_id, "expected_bytes": expected_bytes})


def end(database: Database, job_id: int, state: str, message: str, now: datetime) -> None:
    """Notes that an export has ended without a package."""
    database.run(
        QUERIES["export_end"],
        {"id": job_id, "state": state, "now": now} | _message(message),
    )


def done(
    database: Database,
    job_id: int,
    packed: Packed,
    file_name: str,
    size_bytes: int,
    message: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Notes that an export's package is ready."""
    database.run(
        QUERIES["export_done"],
        {
            "id": job_id,
            "now": now,
            "expires_at": expires_at,
            "file_name": file_name,
            "bytes": size_bytes,
            "manifest_sha256": packed.manifest_sha256,
            "fragments": packed.fragments,
            "altered": packed.altered,
            "unavailable": packed.unavailable,
        }
        | _message(message),
    )


def _message(message: str) -> dict[str, object]:
    why = why_of(message)
    return {"message": message, "why": None if why is None else Json(why)}


def expire(database: Database, now: datetime) -> list[str]:
    """Packages whose time is over, now marked so; their file names."""
    return [row.file_name for row in database.rows(QUERIES["exports_expire"], {"now": now})]


def package_files(database: Database) -> set[str]:
    """The file names of the packages that may lie in the exports folder."""
    return {row.file_name for row in database.rows(QUERIES["export_files"])}


def opener(storage: Storage) -> OpenSegment:
    """Opens recordings by their number, wherever they lie."""

    def open_one(segment: FootageSegment) -> Readable:
        reader = storage.open_segment(segment.id)
        return reader if reader.path is not None else _Ahead(reader)

    return open_one


class _Ahead:
    """Reads a remote file in large pieces, for each is a request."""

    def __init__(self, reader: SegmentReader) -> None:
        self._reader = reader
        self._from = 0
        self._piece = b""

    def read_at(self, offset: int, length: int) -> bytes:
        begin = offset - self._from
        if not 0 <= begin <= begin + length <= len(self._piece):
            self._from, begin = offset, 0
            self._piece = self._reader.read_at(offset, max(length, AHEAD_BYTES))
        return self._piece[begin : begin + length]

    def close(self) -> None:
        self._reader.close()


def gaps(database: Database, clock: Clock) -> Gaps:
    """What was never recorded of a span, and why."""

    def of(camera_id: int, from_at: datetime, to_at: datetime) -> list[GapEntry]:
        return [
            GapEntry(gap.start_at, gap.end_at, gap.reason, gap.detail)
            for gap in gaps_between(database, camera_id, from_at, to_at, clock.now())
        ]

    return of
