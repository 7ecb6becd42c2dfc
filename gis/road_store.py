"""Reads the road graph's rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.db import Database, load_queries

_SQL = load_queries(Path(__file__).parent / "sql")


@dataclass(frozen=True, slots=True)
class RoadRows:
    """The road graph as arrays. ``source`` and ``target`` are places in the node arrays, not ids."""

    node_lon: NDArray[np.float64]
    node_lat: NDArray[np.float64]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    one_way: NDArray[np.bool_]
    speed_kmh: NDArray[np.float64]
    length_m: NDArray[np.float64]
    lines: tuple[NDArray[np.float64], ...]  # (n, 2) lon, lat from source to target


def read(database: Database) -> RoadRows:
    """Every node and edge of the database."""
    nodes = database.rows(_SQL["road_nodes"])
    edges = database.rows(_SQL["road_edges"])
    ids = np.array([n.id for n in nodes], dtype=np.int64)
    shapes = shapely.from_wkb([bytes(e.wkb) for e in edges])
    return RoadRows(
        node_lon=np.array([n.lon for n in nodes], dtype=np.float64),
        node_lat=np.array([n.lat for n in nodes], dtype=np.float64),
        source=np.searchsorted(ids, np.array([e.source for e in edges], dtype=np.int64)),
        target=np.searchsorted(ids, np.array([e.target for e in edges], dtype=np.int64)),
        one_way=np.array([e.one_way for e in edges], dtype=np.bool_),
        speed_kmh=np.array([e.speed_kmh for e in edges], dtype=np.float64),
        length_m=np.array([e.length_m for e in edges], dtype=np.float64),
        lines=tuple(shapely.get_coordinates(s) for s in shapes),
    )


def stamp(database: Database) -> datetime | None:
    """When roads were last imported."""
    row = database.row(_SQL["road_stamp"])
    return None if row is None else row.at
