"""What is deleted, and when: by age per camera, and the oldest first when the disk fills. Held footage never."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from gis.clock import Clock
from gis.db import Database
from ingest import store

log = logging.getLogger(__name__)

YOUNGEST_S = 600.0  # the last minutes stay even on a full disk: somebody may just be looking
_BATCH = 20
_EXPIRED_BATCH = 500


@dataclass(frozen=True, slots=True)
class Deleted:
    """What one pass removed, and whether the disk is still fuller than it should be."""

    expired: int
    for_space: int
    freed_bytes: int
    still_short: bool


def free_bytes(root: Path) -> int:
    """Free room on the recordings' disk."""
    return shutil.disk_usage(root).free


def retain(
    root: Path,
    database: Database,
    clock: Clock,
    min_free_bytes: int,
    free: Callable[[Path], int] = free_bytes,
) -> Deleted:
    """One pass. The row goes before the file, so no row ever points at a missing one.

    Raises :class:`gis.errors.DatabaseAway`.
    """
    expired = for_space = freed = 0
    while batch := store.delete_expired(database, clock.now(), _EXPIRED_BATCH):
        freed += _remove(root, batch)
        expired += len(batch)
    before = clock.now() - timedelta(seconds=YOUNGEST_S)
    while short := free(root) < min_free_bytes:
        batch = store.delete_oldest(database, before, _BATCH)
        if not batch:
            log.error(
                "disk-short folder=%s free_bytes=%d reason=only held and very new footage is left",
                root,
                free(root),
            )
            break
        freed += _remove(root, batch)
        for_space += len(batch)
    if expired or for_space:
        log.info("footage-deleted expired=%d for_space=%d bytes=%d", expired, for_space, freed)
    return Deleted(expired, for_space, freed, short)


def _remove(root: Path, files: list[tuple[str, int]]) -> int:
    """Unlinks the files and the day folders they leave empty; returns their size."""
    for path, _ in files:
        full = root / path
        full.unlink(missing_ok=True)
        for folder in list(full.parents)[:3]:
            try:
                folder.rmdir()
            except OSError:
                break  # not empty
    return sum(size for _, size in files)
