"""The map: vector tiles and places."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from gis import tiles
from gis.model import LonLat
from gis.tiles import Tile
from web import map_view
from web.api.binary import binary
from web.deps import DatabaseDep, RuntimeDep, UserDep, require
from web.model import CurrentUser
from web.schemas.places import PlaceOut

router = APIRouter(tags=["map"])
MVT = "application/vnd.mapbox-vector-tile"
Zoom = Annotated[int, Path(ge=0, le=tiles.MAX_ZOOM)]
Axis = Annotated[int, Path(ge=0)]
PipesReader = Annotated[
    CurrentUser, Depends(require("admin", "dispatcher", "commander", "reviewer"))
]


def _answer(tile: Tile, if_none_match: str | None) -> Response:
    headers = {"ETag": tile.etag, "Cache-Control": "private, max-age=60"}
    if if_none_match is not None and tile.etag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(tile.data, media_type=MVT, headers=headers)


@router.get("/tiles/base/{z}/{x}/{y}.mvt", response_class=Response, responses=binary(MVT))
def base_tile(
    z: Zoom,
    x: Axis,
    y: Axis,
    user: UserDep,
    running: RuntimeDep,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Base map: layers ``area``, ``road``, ``place``."""
    database = running.database
    tile = running.tiles.get(
        ("base", z, x, y), lambda: tiles.base_tile(database, z, x, y, public=False)
    )
    return _answer(tile, if_none_match)


@router.get("/tiles/pipes/{z}/{x}/{y}.mvt", response_class=Response, responses=binary(MVT))
def pipe_tile(
    z: Zoom,
    x: Axis,
    y: Axis,
    user: PipesReader,
    running: RuntimeDep,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Pipe networks: layers ``pipe_edge``, ``pipe_node``. Not for responders."""
    database = running.database
    tile = running.tiles.get(("pipes", z, x, y), lambda: tiles.pipes_tile(database, z, x, y))
    return _answer(tile, if_none_match)


@router.get("/places")
def search_places(
    user: UserDep,
    database: DatabaseDep,
    q: Annotated[str, Query(min_length=1, max_length=100)],
    lon: Annotated[float | None, Query(ge=-180, le=180)] = None,
    lat: Annotated[float | None, Query(ge=-90, le=90)] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> list[PlaceOut]:
    """Places by name, best first; nearer ones first where ``lon`` and ``lat`` are given."""
    near = LonLat(lon, lat) if lon is not None and lat is not None else None
    return map_view.search(database, q, near, limit)


@router.get("/places/near")
def place_near(
    user: UserDep,
    database: DatabaseDep,
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-90, le=90)],
) -> PlaceOut:
    """The nearest named place."""
    return map_view.near(database, LonLat(lon, lat))
