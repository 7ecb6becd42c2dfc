"""What every search of stored rows shares: its windows, the binary arrays of samples, and a track's row as a find."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from analytics.model import Box
from analytics.search import Hit, PictureShape, When, Window
from analytics.zone_check import check_points
from gis.errors import InvalidInput
from gis.model import LonLat

MAX_LIMIT = 200
MAX_CANDIDATES = 1000
_HEADER_BYTES = 20
"""Of one dimension: how many, whether any is null, the type, the length and the first index."""
NEWEST = datetime(9999, 1, 1, tzinfo=UTC)

Boxes = NDArray[np.float64]


def asked(when: When, limit: int) -> list[Window]:
    """The windows of a search. Raises :class:`InvalidInput` for them, and for a limit outside 1..200."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"limit {limit} is outside 1..{MAX_LIMIT}", "limit")
    return when.windows()


def times_of(data: bytes) -> list[int]:
    """An ``integer[]`` as ``array_send`` writes it: a header, then each value after its length."""
    times: list[int] = np.frombuffer(data, ">i4", offset=_HEADER_BYTES)[1::2].tolist()
    return times


def boxes_of(data: bytes) -> Boxes:
    """A track's boxes, ``(n, 4)``, out of a ``real[]`` as ``array_send`` writes it."""
    values = np.frombuffer(data, ">f4", offset=_HEADER_BYTES)[1::2]
    return values.astype(np.float64).reshape(-1, 4)


def window_params(windows: Sequence[Window]) -> dict[str, Any]:
    """Windows as the queries take them."""
    return {"starts": [begin for begin, _ in windows], "ends": [end for _, end in windows]}


def check_shape(shape: PictureShape) -> None:
    """Raises :class:`InvalidInput` for what cannot be an area or a line."""
    check_points("intrusion" if shape.closed else "line_crossing", shape.points)


def of_track(
    row: Any,
    at: datetime,
    box: Box,
    point: LonLat | None,
    standing_s: float | None,
    distance_m: float | None = None,
    score: float = 0.0,
) -> Hit:
    """A track's row as a find. Its beginning is what pages go by; ``at`` is the moment that was looked for."""
    return Hit(
        "track",
        f"track:{row.id}",
        row.start_at,
        row.end_at,
        at,
        camera_id=row.camera_id,
        box=box,
        picture=row.snapshot,
        kind=row.kind,
        label=row.label,
        colour=row.colour,
        speed_ms=row.speed_ms,
        heading_deg=row.heading_deg,
        standing_s=standing_s,
        point=point,
        distance_m=distance_m,
        track_uid=UUID(row.uid),
        score=score,
    )
