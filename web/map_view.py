"""Tiles and places as the API gives them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from gis.db import Database
from gis.errors import NotFound
from gis.model import LonLat
from web.schemas import PlaceOut


@dataclass(frozen=True, slots=True)
class Tile:
    """A vector tile and the tag of its content."""

    data: bytes
    etag: str


def tile(database: Database, name: Literal["base", "pipes"], z: int, x: int, y: int) -> Tile:
    """One tile. Raises :class:`NotFound` outside the grid."""
    from gis import tiles

    if x >= 1 << z or y >= 1 << z:
        raise NotFound(f"tile {z}/{x}/{y} is outside the grid")
    data = (
        tiles.base_tile(database, z, x, y) if name == "base" else tiles.pipe_tile(database, z, x, y)
    )
    return Tile(data, f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"')


def search(database: Database, text: str, near_to: LonLat | None, limit: int) -> list[PlaceOut]:
    """Places by name."""
    from gis import gazetteer

    return [_out(p) for p in gazetteer.search(database, text, near_to, limit)]


def near(database: Database, place: LonLat) -> PlaceOut:
    """The nearest place. Raises :class:`NotFound` when there is none at all."""
    from gis import gazetteer

    found = gazetteer.nearest(database, place)
    if found is None:
        raise NotFound("no place is known near here")
    return _out(found)


def _out(place: object) -> PlaceOut:
    return PlaceOut.model_validate(place)
