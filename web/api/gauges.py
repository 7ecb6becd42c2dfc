"""Water gauges in the picture: what they read over time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from analytics import gauge_store, zone_store
from web.deps import DatabaseDep, UserDep, must_see
from web.schemas.gauges import LevelOut
from web.times import UtcTime

router = APIRouter(tags=["zones"])


@router.get("/zones/{zone_id}/levels")
def gauge_levels(
    zone_id: int,
    user: UserDep,
    database: DatabaseDep,
    start: Annotated[UtcTime, Query()],
    end: Annotated[UtcTime, Query()],
) -> list[LevelOut]:
    """What a gauge (a zone of the rule ``water_level``) read from ``start`` to before ``end``, oldest first; 20,000 readings at
    most."""
    zone = zone_store.zone(database, zone_id)
    if zone.camera_id is not None:
        must_see(user, zone.camera_id)
    found = gauge_store.readings(database, zone_id, start, end)
    return [LevelOut(at=each.at, level_m=round(each.level_m, 3)) for each in found]
