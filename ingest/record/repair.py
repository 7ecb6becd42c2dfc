"""Start-up: makes files and index agree again after a crash, a power cut or a time without the database.

The file is the truth. An unfinished one is cut at its last fragment that is as it was written, and indexed; one without a
row is indexed; a row without a file goes. What cannot be read is set aside, never deleted. Files whose row is closed and
of their size are not opened. Recording goes on meanwhile: files of this process are left alone.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import BinaryIO

from gis.db import Database
from ingest import store
from ingest.fmp4 import from_media_90k
from ingest.fmp4_reader import FileFacts, NotARecording, read_file
from ingest.model import MAIN
from ingest.record.disk import REAL, Disk
from ingest.record.holes import hole_before, holes_in
from ingest.record.model import (
    LOCAL_TIER,
    CameraClock,
    Fragment,
    Hole,
    SegmentFacts,
    SegmentRow,
    StoredSegment,
)
from ingest.record.proof import fragment_sha256, holds
from ingest.record.scan import camera_files

log = logging.getLogger(__name__)

_EMPTY_BYTES = 64 << 10  # a file this short without a whole init segment holds no picture
_BATCH = 50
_DELETE_BATCH = 5000


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What was found and done, in files. ``damaged`` ones lack bytes that had once been made durable."""

    cut: int = 0
    indexed: int = 0
    removed_empty: int = 0
    set_aside: int = 0
    damaged: int = 0
    rows_removed: int = 0


@dataclass(slots=True)
class _Work:
    """What one repair goes on with."""

    root: Path
    disk: Disk
    database: Database
    counts: Counter[str] = field(default_factory=Counter)
    gone: list[int] = field(default_factory=list)  # rows whose files are not there
    rows: int = 0  # of the local tier, this process's own left out


def nothing_ours(path: str) -> bool:
    """No file is being written by this process."""
    return False


def repair(
    root: Path,
    database: Database,
    camera_ids: Mapping[str, int],
    ours: Callable[[str], bool] = nothing_ours,
    disk: Disk = REAL,
) -> RepairReport:
    """Settles the files under ``root`` with the index. ``camera_ids``: camera by its folder's name; ``ours`` says of a
    path whether this process made the file.

    Files in folders of unknown cameras stay as they are, as do rows of other tiers. Raises
    :class:`gis.errors.DatabaseAway` and :class:`OSError`; another run finds the rest.
    """
    work = _Work(root, disk, database)
    for code, camera_id in camera_ids.items():
        _camera(work, code, camera_id, ours)
    if 2 * len(work.gone) > work.rows:
        # Also when an earlier run has recorded into the empty folder meanwhile.
        log.error(
            "recordings-missing folder=%s rows=%d of=%d reason=most files of the index are not there: is the disk mounted?",
            root, len(work.gone), work.rows,
        )  # fmt: skip
        work.gone.clear()
    for at in range(0, len(work.gone), _DELETE_BATCH):
        for path in store.delete_segments(database, work.gone[at : at + _DELETE_BATCH]):
            log.error(
                "evidence-missing path=%s reason=the file of held footage is gone: put it back from a copy",
                path,
            )
    work.counts["rows_removed"] = len(work.gone)
    report = RepairReport(**{f.name: work.counts[f.name] for f in fields(RepairReport)})
    if report != RepairReport():
        log.info("recordings-repaired %s", report)
    return report


def _camera(work: _Work, code: str, camera_id: int, ours: Callable[[str], bool]) -> None:
    """Settles one camera's files and rows. The files are listed first: what is made after that is ``ours``."""
    files = camera_files(work.root, code)
    rows = store.segment_facts(work.database, camera_id)
    earlier = {p: row for p, row in rows.items() if row.tier == LOCAL_TIER and not ours(p)}
    work.rows += len(earlier)
    work.gone += [row.id for path, row in earlier.items() if path not in files]
    unsettled = [
        path for path, size in files.items() if _unsettled(rows.get(path), size) and not ours(path)
    ]
    for at in range(0, len(unsettled), _BATCH):
        batch = unsettled[at : at + _BATCH]
        known = store.segments_by_path(work.database, [p for p in batch if p in rows])
        told = {segment.path: segment for segment in known}
        settled = list(_settle_all(work, camera_id, batch, rows, told))
        store.save_segments(work.database, settled)
        # Retention may have been at it in between, row and file; its file is the one that counts.
        lost = [row.path for row in settled if not (work.root / row.path).exists()]
        work.gone += [segment.id for segment in store.segments_by_path(work.database, lost)]


def _unsettled(row: SegmentFacts | None, size_bytes: int) -> bool:
    """Whether a file must be looked into. One that was moved to another tier is the mover's."""
    if row is None:
        return True
    return row.tier == LOCAL_TIER and (row.open or row.size_bytes != size_bytes)


def _settle_all(
    work: _Work,
    camera_id: int,
    paths: Sequence[str],
    rows: Mapping[str, SegmentFacts],
    told: Mapping[str, StoredSegment],
) -> Iterator[SegmentRow]:
    for path in paths:
        full, row = work.root / path, rows.get(path)
        if (
            row is not None
            and not row.open
            and full.exists()
            and full.stat().st_size > row.size_bytes
        ):
            # The disk refused even to be cut back when it refused the last GOP.
            work.disk.cut(full, row.size_bytes)
            work.counts["cut"] += 1
            continue
        settled = _settle(work, full, told.get(path))
        if settled is not None:
            facts, hashes = settled
            yield row_of(facts, hashes, camera_id, path)
        elif row is not None:
            work.gone.append(row.id)


def _settle(
    work: _Work, full: Path, told: StoredSegment | None
) -> tuple[FileFacts, list[bytes]] | None:
    """Makes one file end with a whole fragment; returns its facts and the SHA-256 of each fragment.

    None where nothing of it can be played.
    """
    known = told.fragments if told is not None else ()
    try:
        with full.open("rb") as file:
            facts, hashes = _whole(file, known)
    except FileNotFoundError:
        return None
    except NotARecording as error:
        if full.stat().st_size <= _EMPTY_BYTES:
            work.disk.unlink(full)
            work.counts["removed_empty"] += 1
            return None
        work.disk.rename(full, full.with_suffix(".mp4.unreadable"))
        work.counts["set_aside"] += 1
        log.error("recording-set-aside path=%s reason=%s", full, error)
        return None
    if len(facts.fragments) < len(known):
        work.counts["damaged"] += 1
        log.error(
            "recording-damaged path=%s fragments=%d indexed=%d",
            full,
            len(facts.fragments),
            len(known),
        )
    if not facts.fragments:
        work.disk.unlink(full)
        work.counts["removed_empty"] += 1
        return None
    if full.stat().st_size != facts.whole_bytes:
        work.disk.cut(full, facts.whole_bytes)
        work.counts["cut"] += 1
    work.counts["indexed"] += 1
    return facts, hashes


def _whole(file: BinaryIO, known: Sequence[Fragment]) -> tuple[FileFacts, list[bytes]]:
    """The facts up to the last fragment that is as it was written, and each one's SHA-256.

    Fragments in ``known`` had been made durable and keep the hash they had then. Of the others one write may have been
    under way when power was lost: it may be there in part, with any of its bytes missing.
    """
    facts = read_file(file)
    if facts.head is None:
        return facts, [b""] * len(facts.fragments)
    last = len(facts.fragments) - 1
    if last >= len(known) and holds(file, facts, last) is None:
        facts = replace(facts, fragments=facts.fragments[:-1])
    hashes = [f.sha256 for f in known[: len(facts.fragments)]]
    return facts, hashes + [fragment_sha256(file, f) for f in facts.fragments[len(hashes) :]]


def row_of(facts: FileFacts, hashes: Sequence[bytes], camera_id: int, path: str) -> SegmentRow:
    """The closed index row of a file with at least one fragment. ``hashes``: SHA-256 of each, or empty ones."""
    first = facts.fragments[0].decode_90k
    fragments = tuple(
        Fragment(
            f.offset, f.length, f.decode_90k - first, f.duration_90k, f.video_length, f.key, sha256
        )
        for f, sha256 in zip(facts.fragments, hashes, strict=True)
    )
    holes: list[Hole] = []
    for before, found, fragment in zip(
        [None, *fragments], facts.fragments, fragments, strict=False
    ):
        if before is not None:
            holes += hole_before(before.start_90k + before.duration_90k, fragment.start_90k)
        holes += holes_in(fragment.start_90k, found.durations_90k)
    head = facts.head
    return SegmentRow(
        camera_id=camera_id,
        path=path,
        start_at=from_media_90k(first),
        init_length=facts.init_length,
        frames=sum(f.frames for f in facts.fragments),
        codec=facts.codec,
        width_px=facts.width_px,
        height_px=facts.height_px,
        fragments=fragments,
        open=False,
        stream=head.stream if head else MAIN,
        audio_codec=facts.audio_codec,
        media_start_90k=first,
        holes=tuple(holes),
        chain_before=head.chain_before if head else None,
        chain_after=facts.fragments[-1].link,
        clock=CameraClock(head.clock_offset_s, head.clock_error_s) if head else CameraClock(),
    )
