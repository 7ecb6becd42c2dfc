"""Named places on the map."""

from __future__ import annotations

from web.schemas.common import Out


class PlaceOut(Out):
    id: int
    kind: str
    name: str
    name_en: str | None
    lon: float
    lat: float
    distance_m: float | None = None
