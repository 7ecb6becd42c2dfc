"""The table of privacy masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from analytics.change import KEEP, Keep, given
from analytics.locked import Rows
from analytics.model import Point, PrivacyMask
from analytics.privacy import check_mask
from analytics.zone_store import flat, pairs
from gis.db import Database, load_queries
from gis.errors import NotFound
from gis.said import say

QUERIES = load_queries(Path(__file__).parent / "sql")


@dataclass(frozen=True, slots=True)
class MaskChange:
    """What to change of a mask; without a preset it holds always."""

    name: str | Keep = KEEP
    points: tuple[Point, ...] | Keep = KEEP
    preset: str | Keep | None = KEEP
    enabled: bool | Keep = KEEP


def masks(database: Database, camera_ids: Sequence[int] | None = None) -> list[PrivacyMask]:
    """The masks of some cameras, or all."""
    ids = None if camera_ids is None else list(camera_ids)
    return [_mask(row) for row in database.rows(QUERIES["privacy_masks"], {"camera_ids": ids})]


def by_camera(database: Database) -> dict[int, tuple[PrivacyMask, ...]]:
    """Every camera's masks, but those that are switched off."""
    found: dict[int, tuple[PrivacyMask, ...]] = {}
    for mask in masks(database):
        if mask.enabled:
            found[mask.camera_id] = (*found.get(mask.camera_id, ()), mask)
    return found


def mask(database: Database, mask_id: int) -> PrivacyMask:
    """One mask. Raises :class:`NotFound`."""
    row = database.row(QUERIES["privacy_mask"], {"id": mask_id})
    if row is None:
        raise _missing(mask_id)
    return _mask(row)


def add(
    database: Database,
    camera_id: int,
    name: str,
    points: Sequence[Point],
    preset: str | None = None,
) -> PrivacyMask:
    """Adds a mask. Raises :class:`InvalidInput` for points that enclose nothing, :class:`NotFound` for no camera."""
    check_mask(points)
    values = {"camera_id": camera_id, "name": name, "points": flat(points), "preset": preset}
    row = database.row(QUERIES["insert_privacy_mask"], values)
    if row is None:
        raise NotFound(say("no_camera", "there is no camera {id}", id=camera_id))
    return mask(database, row.id)


def change(cursor: Any, mask_id: int, expected_version: int, wanted: MaskChange) -> PrivacyMask:
    """Changes a mask. Raises :class:`NotFound`, :class:`StaleVersion`, :class:`InvalidInput`."""
    changes = given(wanted)
    before = _ROWS.locked(cursor, mask_id, expected_version, changes)
    after = replace(before, version=before.version + 1, **changes)
    check_mask(after.points)
    cursor.execute(QUERIES["update_privacy_mask"], asdict(after) | {"points": flat(after.points)})
    return after


def delete(cursor: Any, mask_id: int, expected_version: int) -> None:
    """Removes a mask. Raises :class:`NotFound`, :class:`StaleVersion`."""
    _ROWS.locked(cursor, mask_id, expected_version, {})
    cursor.execute(QUERIES["delete_privacy_mask"], {"id": mask_id})


def _missing(row_id: int) -> NotFound:
    return NotFound(say("no_mask", "there is no privacy mask {id}", id=row_id))


def _mask(row: Any) -> PrivacyMask:
    points = pairs(row.points)
    return PrivacyMask(
        row.id, row.camera_id, row.name, points, row.version, row.preset, row.enabled
    )


_ROWS = Rows("privacy mask", QUERIES["privacy_mask_for_update"], _mask, _missing)
