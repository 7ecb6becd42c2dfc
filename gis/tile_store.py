"""Asks PostGIS for vector tiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gis.db import Database, load_queries

_SQL = load_queries(Path(__file__).parent / "sql")
_BASE = _SQL["tile_base"]
_TABLES = {"area": "map_area", "road": "road_edge", "place": "place"}
_PUBLIC_VIEWS = {"area": "public_area", "road": "public_road", "place": "public_place"}


def _base(names: dict[str, str]) -> str:
    text = _BASE
    for layer, table in names.items():
        text = text.replace(f"{{{layer}}}", table)
    return text


_INNER_BASE = _base(_TABLES)
_PUBLIC_BASE = _base(_PUBLIC_VIEWS)


def base(database: Database, params: dict[str, Any], public: bool) -> bytes:
    """The base map's tile; ``public`` reads nothing but the public views."""
    return bytes(database.rows(_PUBLIC_BASE if public else _INNER_BASE, params)[0].tile)


def pipes(database: Database, params: dict[str, Any]) -> bytes:
    """The pipe networks' tile."""
    return bytes(database.rows(_SQL["tile_pipes"], params)[0].tile)
