"""Searches for motion, answered from the database, and what searches offer to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import numpy as np

from analytics import motion_store
from analytics.model import Kind
from analytics.motion_index import Grid, area_grid
from analytics.search import (
    CUT_S,
    Cursor,
    Hit,
    Order,
    Page,
    PictureShape,
    When,
    motion_hits,
    page_of,
)
from analytics.search_rows import NEWEST, asked, check_shape
from analytics.store import QUERIES
from gis.db import Database
from gis.errors import InvalidInput

MAX_CAMERAS = 64
MAX_MINUTES = 4000
MAX_LABELLED = 3000


def moved(
    database: Database,
    camera_ids: Sequence[int],
    when: When,
    area: PictureShape | None,
    limit: int,
    before: Cursor | None = None,
    order: Order = "newest",
) -> Page:
    """When something moved in a drawn area of one camera's picture, or anywhere in some cameras' pictures.

    The best are those in which the largest share of the area moved at once; of more than ``MAX_MINUTES`` busy minutes of a
    camera, of the newest. Raises :class:`InvalidInput` for an area with other than one camera, no or too many cameras, and for what
    :meth:`When.windows` and :func:`check_points` refuse.
    """
    windows = asked(when, limit)
    if not 1 <= len(camera_ids) <= MAX_CAMERAS:
        raise InvalidInput(
            f"choose 1 to {MAX_CAMERAS} cameras to look for motion, not {len(camera_ids)}",
            "camera_ids",
        )
    cells: Grid = np.ones((9, 16), np.bool_)
    if area is not None:
        if len(camera_ids) != 1:
            raise InvalidInput(
                f"an area is drawn in one camera's picture, but {len(camera_ids)} cameras are chosen",
                "camera_ids",
            )
        check_shape(area)
        cells = area_grid(area.points)
    end = NEWEST
    if before is not None and order == "newest":
        # Finds are cut at the same moments on every page: the one that holds the cursor is built anew and left out.
        cut_s = (before.at.timestamp() // CUT_S + 1) * CUT_S
        end = datetime.fromtimestamp(cut_s, UTC)
    hits: list[Hit] = []
    total = 0
    looked_from: datetime | None = None
    for camera_id in camera_ids:
        found = motion_store.minutes(database, camera_id, windows, cells, end, MAX_MINUTES)
        if len(found) == MAX_MINUTES:
            # The oldest stretch may go on in minutes that were not fetched.
            oldest_s = (found[-1].minute_at.timestamp() // CUT_S + 1) * CUT_S
            found = [m for m in found if m.minute_at.timestamp() >= oldest_s]
            whole_from = datetime.fromtimestamp(oldest_s, UTC)
            looked_from = whole_from if looked_from is None else max(looked_from, whole_from)
        some, count = motion_hits(camera_id, found, cells, windows, limit + 1, before, order)
        hits += some
        total += count
    exact = looked_from is None
    if order == "newest":
        return page_of(hits, exact, limit, total=total)
    return page_of(hits, exact, limit, total=total, order=order, looked_from=looked_from)


def every_camera(database: Database) -> list[int]:
    """The ids of all cameras."""
    return [row.id for row in database.rows(QUERIES["camera_ids"])]


def labels(
    database: Database, camera_ids: Sequence[int], start: datetime, end: datetime
) -> list[tuple[str, Kind]]:
    """What detectors called the newest :data:`MAX_LABELLED` things of each camera, and their kind; the most frequent first,
    each once."""
    params = {"camera_ids": list(camera_ids), "from_at": start, "to_at": end, "most": MAX_LABELLED}
    found: dict[str, Kind] = {}
    for row in database.rows(QUERIES["track_labels"], params):
        found.setdefault(row.label, row.kind)
    return list(found.items())


def track_picture(database: Database, uid: UUID) -> tuple[int, str | None] | None:
    """A track's camera and picture, relative to the snapshots folder; None where there is no such track."""
    row = database.row(QUERIES["track_picture"], {"uid": str(uid)})
    return None if row is None else (row.camera_id, row.snapshot)
