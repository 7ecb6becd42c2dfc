"""Start-up: makes files and index agree again after a crash, a power cut or a time without the database.

The file is the truth. An unfinished one is cut at its last whole fragment and indexed; one without a row is
indexed; a row without a file goes. What cannot be read is set aside, never deleted.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gis.db import Database
from ingest import store
from ingest.fmp4 import FileFacts, from_media_90k
from ingest.fmp4_reader import NotARecording, read_file
from ingest.record.model import Fragment, SegmentRow

log = logging.getLogger(__name__)

_EMPTY_BYTES = 64 << 10  # a file this short without a whole init segment holds no picture
_BATCH = 500


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What was found and done, in files."""

    cut: int = 0
    indexed: int = 0
    removed_empty: int = 0
    set_aside: int = 0
    rows_removed: int = 0


def row_of(facts: FileFacts, camera_id: int, path: str) -> SegmentRow:
    """The closed index row of a file with at least one fragment."""
    first = facts.fragments[0].decode_90k
    return SegmentRow(
        camera_id=camera_id,
        path=path,
        start_at=from_media_90k(first),
        init_length=facts.init_length,
        frames=sum(f.frames for f in facts.fragments),
        codec=facts.codec,
        width_px=facts.width_px,
        height_px=facts.height_px,
        fragments=tuple(
            Fragment(f.offset, f.length, f.decode_90k - first, f.duration_90k)
            for f in facts.fragments
        ),
        open=False,
    )


def recording_files(root: Path) -> list[str]:
    """Every recording under ``root``, relative to it. Taken before recording starts, it holds earlier runs' files only."""
    return [str(path.relative_to(root)) for path in sorted(root.glob("*/*/*/*/*.mp4"))]


def repair(
    root: Path, files: Sequence[str], database: Database, camera_ids: Mapping[str, int]
) -> RepairReport:
    """Settles ``files`` (see :func:`recording_files`) with the index. ``camera_ids``: camera by its folder's name.

    Files in folders of unknown cameras stay as they are. Raises :class:`gis.errors.DatabaseAway`; a second run
    with the same files goes on where this one ended.
    """
    known = store.segment_paths(database)
    counts: Counter[str] = Counter()
    present: set[str] = set()
    rows: list[SegmentRow] = []
    for path in files:
        camera_id = camera_ids.get(path.split("/")[0])
        if camera_id is None or known.get(path) is False:
            present.add(path)
            continue
        facts, what = _settle(root / path)
        counts[what] += 1
        if facts is None:
            continue
        present.add(path)
        rows.append(row_of(facts, camera_id, path))
        if len(rows) >= _BATCH:
            store.save_segments(database, rows)
            rows = []
    store.save_segments(database, rows)
    gone = [path for path in known if path not in present]
    if gone and not present:
        log.error(
            "recordings-missing folder=%s rows=%d reason=the folder is empty but the index is not: is the disk mounted?",
            root,
            len(gone),
        )
        gone = []
    store.delete_segments(database, gone)
    report = RepairReport(
        counts["cut"],
        counts["cut"] + counts["whole"],
        counts["empty"],
        counts["set aside"],
        len(gone),
    )
    if report != RepairReport():
        log.info("recordings-repaired %s", report)
    return report


def _settle(full: Path) -> tuple[FileFacts | None, str]:
    """Makes one file end with a whole fragment; returns its facts, None where nothing of it can be played."""
    try:
        with full.open("rb") as file:
            facts = read_file(file)
    except FileNotFoundError:
        return None, "gone"
    except NotARecording as error:
        if full.stat().st_size <= _EMPTY_BYTES:
            full.unlink()
            return None, "empty"
        full.rename(full.with_suffix(".mp4.unreadable"))
        log.error("recording-set-aside path=%s reason=%s", full, error)
        return None, "set aside"
    if not facts.fragments:
        full.unlink()
        return None, "empty"
    if full.stat().st_size == facts.whole_bytes:
        return facts, "whole"
    with full.open("r+b") as file:
        file.truncate(facts.whole_bytes)
        os.fsync(file.fileno())
    return facts, "cut"
