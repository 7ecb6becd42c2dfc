"""Tiles and places as the API gives them."""

from __future__ import annotations

from gis import gazetteer
from gis.db import Database
from gis.errors import NotFound
from gis.model import LonLat
from gis.place_store import Place
from web.schemas.places import PlaceOut


def search(database: Database, text: str, near_to: LonLat | None, limit: int) -> list[PlaceOut]:
    """Places by name."""
    return [
        _out(place, place.name, place.name_en)
        for place in gazetteer.search(database, text, near_to, limit)
    ]


def near(database: Database, point: LonLat) -> PlaceOut:
    """The point in words ("80 m east of ..."), told from the nearest named place, whose own position it
    carries. Raises :class:`NotFound` where nothing with a name is near."""
    found = gazetteer.nearest(database, point)
    if found is None:
        raise NotFound(f"no named place is near {point.lon:.5f}, {point.lat:.5f}")
    out = _out(found.place, found.zh, found.en)
    out.distance_m = found.distance_m
    return out


def _out(place: Place, name: str, name_en: str | None) -> PlaceOut:
    return PlaceOut(
        id=place.id,
        kind=place.kind,
        name=name,
        name_en=name_en,
        lon=place.at.lon,
        lat=place.at.lat,
        distance_m=place.distance_m,
    )
