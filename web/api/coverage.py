"""Coverage: what of a time was recorded of each camera, and why the rest was not."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from web import camera_store
from web.coverage_view import coverage_out
from web.deps import RuntimeDep, must_see, require
from web.model import CurrentUser
from web.schemas.coverage import CoverageOut
from web.times import UtcTime, span

router = APIRouter(tags=["recordings"])
Reader = Annotated[CurrentUser, Depends(require("reviewer", "dispatcher", "commander", "admin"))]
MOST_DAYS = 31


@router.get("/coverage")
def coverage(
    user: Reader,
    running: RuntimeDep,
    from_at: Annotated[UtcTime | None, Query(alias="from")] = None,
    to_at: Annotated[UtcTime | None, Query(alias="to")] = None,
    camera_ids: Annotated[
        str | None, Query(max_length=5000, pattern=r"^\d{1,9}(,\d{1,9})*$")
    ] = None,
    utc_offset_min: Annotated[int, Query(ge=-840, le=840)] = 480,
) -> CoverageOut:
    """What was recorded, by camera and day, with gaps and reasons: of ``1,2,3`` or of every camera you may see; the last
    24 hours unless said otherwise, at most 31 days. Days begin at midnight, ``utc_offset_min`` minutes ahead of UTC."""
    now = running.settings.clock.now()
    start, end = span(from_at, to_at, now, 86400, MOST_DAYS * 86400)
    if camera_ids is None:
        ids = [row.id for row in camera_store.cameras(running.database) if user.sees(row.id)]
    else:
        ids = list(dict.fromkeys(int(part) for part in camera_ids.split(",")))
        for camera_id in ids:
            must_see(user, camera_id)
    offset = timedelta(minutes=utc_offset_min)
    return coverage_out(running.database, ids, start, end, now, offset)
