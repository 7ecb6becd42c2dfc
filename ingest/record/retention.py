"""What is deleted, and when: by days, by bytes per class, and the oldest of the lowest class when the disk fills.

Held footage never: every statement leaves it out, and the database refuses to delete it whoever asks.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from gis.clock import Clock
from gis.db import Database
from gis.errors import StorageAway
from ingest import footage_store
from ingest.footage_store import CLASSES, StoredFile
from ingest.record.tiers import LOCAL, FolderPlace, Place

log = logging.getLogger(__name__)

YOUNGEST_S = 600.0  # the last minutes stay even on a full disk: somebody may just be looking
_BATCH = 100
_EXPIRED_BATCH = 500


@dataclass(frozen=True, slots=True)
class Deleted:
    """What one pass removed, in recordings, and whether the disk is still fuller than it should be."""

    expired: int
    for_space: int
    freed_bytes: int  # on the local disk
    still_short: bool
    over_limit: int = 0


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
    """One pass. The row goes before the file, so no row ever points at a missing one; a file that outlives its row is
    remembered and removed later. Files of further tiers are left to :func:`sweep`.

    Raises :class:`gis.errors.DatabaseAway`.
    """
    local = FolderPlace(root, marked=False)
    freed = sweep(database, local, LOCAL)
    footage_store.raise_classes(database)
    expired = over_limit = for_space = 0
    while batch := footage_store.delete_expired(database, clock.now(), _EXPIRED_BATCH):
        freed += remove(database, local, LOCAL, batch)
        expired += len(batch)
    before = clock.now() - timedelta(seconds=YOUNGEST_S)
    for batch in _over_limit(database, before):
        freed += remove(database, local, LOCAL, batch)
        over_limit += len(batch)
    short = False
    while (need_bytes := min_free_bytes - free(root)) > 0:
        batch = _lowest(database, before, need_bytes)
        if not batch:
            short = True
            log.error(
                "disk-short folder=%s free_bytes=%d reason=only held and very new footage is left",
                root,
                free(root),
            )
            break
        freed += remove(database, local, LOCAL, batch)
        for_space += len(batch)
    if expired or over_limit or for_space:
        log.info(
            "footage-deleted expired=%d over_limit=%d for_space=%d bytes=%d",
            expired, over_limit, for_space, freed,
        )  # fmt: skip
    return Deleted(expired, for_space, freed, short, over_limit)


def _over_limit(database: Database, before: datetime) -> list[list[StoredFile]]:
    """Takes classes back to their bytes, on whatever tier their oldest lies."""
    done: list[list[StoredFile]] = []
    tiers = sorted({total.tier for total in footage_store.totals(database)})
    for name, over_bytes in footage_store.over_limit(database).items():
        left = over_bytes
        while left > 0 and (
            batch := footage_store.delete_oldest(database, tiers, name, before, left, _BATCH)
        ):
            done.append(batch)
            left -= sum(file.size_bytes for file in batch)
    return done


def _lowest(database: Database, before: datetime, need_bytes: int) -> list[StoredFile]:
    """The oldest local footage of the lowest class of which there is any to delete."""
    for name in CLASSES:
        batch = footage_store.delete_oldest(database, [LOCAL], name, before, need_bytes, _BATCH)
        if batch:
            return batch
    return []


def sweep(database: Database, place: Place, tier: int, limit: int = _EXPIRED_BATCH) -> int:
    """Removes a tier's files that no row names; returns the bytes freed.

    Raises :class:`StorageAway` when not even the first one could be removed.
    """
    waiting = footage_store.leftovers(database, [tier], limit)
    freed = remove(database, place, tier, waiting) if waiting else 0
    return freed


def remove(database: Database, place: Place, tier: int, files: Sequence[StoredFile]) -> int:
    """Removes those of ``files`` that lie on ``tier``; returns their bytes. What cannot be removed stays remembered."""
    gone: list[StoredFile] = []
    try:
        for file in files:
            if file.tier == tier:
                place.remove(file.path)
                gone.append(file)
    except StorageAway as error:
        if tier != LOCAL:
            raise
        log.error("file-not-removed reason=%s", error)
    finally:
        footage_store.forget_leftovers(database, tier, [file.path for file in gone])
    return sum(file.size_bytes for file in gone)
