"""Writes imported map data: each source's rows are replaced in one transaction by COPY."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gis.db import Database, load_queries
from gis.imports import ImportSummary, Refusal

_SQL = load_queries(Path(__file__).parent / "sql")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class RoadRow:
    """A stretch of street; ``source`` and ``target`` are places in the list of nodes."""

    source: int
    target: int
    road_class: str
    name: str | None
    name_en: str | None
    one_way: bool
    speed_kmh: float
    geom: BaseGeometry


@dataclass(frozen=True, slots=True)
class AreaRow:
    kind: str
    name: str | None
    name_en: str | None
    height_m: float | None
    geom: BaseGeometry  # MultiPolygon


@dataclass(frozen=True, slots=True)
class PlaceRow:
    ref: str
    kind: str
    name: str
    name_en: str | None
    props: dict[str, Any]
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class PipeNodeRow:
    ref: str
    kind: str
    name: str | None
    props: dict[str, Any]
    geom: BaseGeometry  # Point


@dataclass(frozen=True, slots=True)
class PipeEdgeRow:
    ref: str
    kind: str
    from_ref: str
    to_ref: str
    diameter_mm: float | None
    material: str | None
    length_m: float | None  # None: measured along the geometry
    props: dict[str, Any]
    geom: BaseGeometry  # LineString


@dataclass(frozen=True, slots=True)
class MapRows:
    """A base map: streets, areas and named places of one source."""

    nodes: Sequence[tuple[float, float]]
    edges: Sequence[RoadRow]
    areas: Sequence[AreaRow]
    places: Sequence[PlaceRow]


def last_digest(database: Database, kind: str, source: str) -> str | None:
    """The digest of the file that ``source`` was last imported from."""
    row = database.row(_SQL["import_digest"], {"kind": kind, "source": source})
    return None if row is None else str(row.digest)


def replace_map(
    database: Database, source: str, rows: MapRows, digest: str, refused: Sequence[Refusal]
) -> ImportSummary:
    """Replaces the streets, areas and places of ``source``."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["import_lock"])
        removed = 0
        for name in ("road_clear", "road_node_clear", "area_clear"):
            cursor.execute(_SQL[name], {"source": source})
            removed += cursor.rowcount
        cursor.execute(_SQL["road_top"])
        top = cursor.fetchone()
        points = shapely.points([list(n) for n in rows.nodes]) if rows.nodes else []
        _copy(
            cursor,
            "road_node_copy",
            ((top.node + 1 + i, source, wkb) for i, wkb in enumerate(_wkb(points))),
        )
        cursor.execute(_SQL["road_edge_stage"])
        _copy(
            cursor,
            "road_edge_copy",
            (
                (
                    top.edge + 1 + i, top.node + 1 + e.source, top.node + 1 + e.target, e.road_class,
                    e.name, e.name_en, e.one_way, e.speed_kmh, wkb,
                )
                for i, (e, wkb) in enumerate(
                    zip(rows.edges, _wkb([e.geom for e in rows.edges]), strict=True)
                )
            ),
        )  # fmt: skip
        cursor.execute(_SQL["road_edge_insert"], {"source": source})
        _copy(
            cursor,
            "area_copy",
            (
                (source, a.kind, a.name, a.name_en, a.height_m, wkb)
                for a, wkb in zip(rows.areas, _wkb([a.geom for a in rows.areas]), strict=True)
            ),
        )
        # A source may give a map and a list of places; neither import may prune the other's.
        removed += _merge_places(cursor, f"osm:{source}", rows.places)
        kept = {
            "road_node": len(rows.nodes),
            "road_edge": len(rows.edges),
            "map_area": len(rows.areas),
            "place": len(rows.places),
        }
        return _record(cursor, "osm", source, digest, kept, refused, removed)


def replace_places(
    database: Database,
    source: str,
    places: Sequence[PlaceRow],
    digest: str,
    refused: Sequence[Refusal],
) -> ImportSummary:
    """Replaces the named places of ``source``."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["import_lock"])
        removed = _merge_places(cursor, source, places)
        return _record(cursor, "places", source, digest, {"place": len(places)}, refused, removed)


def replace_pipes(
    database: Database,
    source: str,
    network: str,
    nodes: Sequence[PipeNodeRow],
    edges: Sequence[PipeEdgeRow],
    digest: str,
    refused: Sequence[Refusal],
) -> ImportSummary:
    """Replaces one network of ``source``."""
    which = {"source": source, "network": network}
    with database.transaction() as cursor:
        cursor.execute(_SQL["import_lock"])
        cursor.execute(_SQL["pipe_stage"])
        _copy(
            cursor,
            "pipe_node_copy",
            (
                (n.ref, n.kind, n.name, _json(n.props), wkb)
                for n, wkb in zip(nodes, _wkb([n.geom for n in nodes]), strict=True)
            ),
        )
        _copy(
            cursor,
            "pipe_edge_copy",
            (
                (
                    e.ref, e.kind, e.from_ref, e.to_ref, e.diameter_mm, e.material, e.length_m,
                    _json(e.props), wkb,
                )
                for e, wkb in zip(edges, _wkb([e.geom for e in edges]), strict=True)
            ),
        )  # fmt: skip
        removed = 0
        for name in ("pipe_edge_prune", "pipe_node_merge", "pipe_edge_merge", "pipe_node_prune"):
            cursor.execute(_SQL[name], which)
            removed += cursor.rowcount if name.endswith("prune") else 0
        kept = {"pipe_node": len(nodes), "pipe_edge": len(edges)}
        return _record(cursor, f"pipes:{network}", source, digest, kept, refused, removed)


def _merge_places(cursor: Any, source: str, places: Sequence[PlaceRow]) -> int:
    cursor.execute(_SQL["place_stage"])
    points = shapely.points([[p.lon, p.lat] for p in places]) if places else []
    _copy(
        cursor,
        "place_copy",
        (
            (p.ref, p.kind, p.name, p.name_en, _json(p.props), wkb)
            for p, wkb in zip(places, _wkb(points), strict=True)
        ),
    )
    cursor.execute(_SQL["place_prune"], {"source": source})
    removed: int = cursor.rowcount
    cursor.execute(_SQL["place_merge"], {"source": source})
    return removed


def _record(
    cursor: Any,
    kind: str,
    source: str,
    digest: str,
    kept: dict[str, int],
    refused: Sequence[Refusal],
    removed: int,
) -> ImportSummary:
    summary = ImportSummary(kind, source, kept, tuple(refused), removed)
    cursor.execute(
        _SQL["import_record"],
        {
            "kind": kind,
            "source": source,
            "digest": digest,
            "kept": summary.rows_kept,
            "refused": len(refused),
        },
    )
    return summary


def _copy(cursor: Any, name: str, rows: Iterable[tuple[Any, ...]]) -> None:
    text = io.StringIO()
    for row in rows:
        text.write("\t".join(map(_field, row)))
        text.write("\n")
    text.seek(0)
    cursor.copy_expert(_SQL[name], text)


def _field(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value).translate(_ESCAPES)


def _wkb(geometries: Any) -> list[str]:
    """EWKB in hex with the SRID, as COPY reads a geometry column."""
    if len(geometries) == 0:
        return []
    marked = shapely.set_srid(geometries, 4326)
    return list(shapely.to_wkb(marked, hex=True, include_srid=True))


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
