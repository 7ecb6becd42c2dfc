"""Imports an OpenStreetMap file (.osm.pbf, .osm, .osm.bz2): streets, areas and named places."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import osmium
import shapely
from shapely.geometry import LineString, MultiPolygon

from gis import import_store, osm_tags
from gis.db import Database
from gis.errors import InvalidInput
from gis.ground import LocalFrame
from gis.import_store import AreaRow, MapRows, PlaceRow, RoadRow
from gis.imports import ImportSummary, Refusals, check_source, digest
from gis.model import LonLat

_RANK = ("motorway", "trunk", "primary", "secondary", "tertiary", "residential", "service")
SAME_CROSSING_M = 70.0
"""Nodes nearer than this where the same streets meet are one crossing: the lanes of a dual carriageway."""


def import_osm(database: Database, path: Path, source: str = "osm") -> ImportSummary:
    """Replaces the streets, areas and places of ``source`` by those of a file.

    Ways whose nodes are not all in the file and areas that close to nothing are refused with their number.
    Raises :class:`InvalidInput` when the file cannot be read or holds no map.
    """
    check_source(source)
    stamp = digest(path)
    rows, refused = read(path)
    return import_store.replace_map(database, source, rows, stamp, refused.found)


def read(path: Path) -> tuple[MapRows, Refusals]:
    """A file's streets, areas and places. Raises :class:`InvalidInput` when it cannot be read."""
    gathered = _Gathered()
    try:
        processor = osmium.FileProcessor(str(path)).with_locations().with_areas()
        for thing in processor:
            if isinstance(thing, osmium.osm.Node):
                gathered.node(thing)
            elif isinstance(thing, osmium.osm.Way):
                gathered.way(thing)
            elif isinstance(thing, osmium.osm.Area):
                gathered.area(thing)
    except (RuntimeError, OSError) as error:
        raise InvalidInput(
            f"{path} is not a readable OpenStreetMap file: {error}", "path"
        ) from error
    nodes, edges, crossings = _split(gathered.ways)
    rows = MapRows(nodes, edges, gathered.areas, [*gathered.places, *crossings])
    if not (rows.edges or rows.areas or rows.places):
        raise InvalidInput(f"{path} holds no street, area or named place", "path")
    return rows, gathered.refused


@dataclass(frozen=True, slots=True)
class _Way:
    road: osm_tags.RoadTags
    name: str | None
    name_en: str | None
    nodes: tuple[tuple[int, float, float], ...]  # ref, lon, lat


class _Named(NamedTuple):
    """A street at a crossing."""

    rank: int
    name: str
    name_en: str | None

    def width(self) -> tuple[int, str]:
        """Sorts the widest first."""
        return (self.rank, self.name)


@dataclass(slots=True)
class _Gathered:
    ways: list[_Way] = field(default_factory=list)
    areas: list[AreaRow] = field(default_factory=list)
    places: list[PlaceRow] = field(default_factory=list)
    refused: Refusals = field(default_factory=Refusals)
    _wkb: osmium.geom.WKBFactory = field(default_factory=osmium.geom.WKBFactory)

    def node(self, node: osmium.osm.Node) -> None:
        if not node.tags:
            return
        tags = dict(node.tags)
        kind = osm_tags.place_kind(tags)
        if kind is not None and "name" in tags:
            self._place(f"n{node.id}", kind, tags, node.location.lon, node.location.lat)

    def way(self, way: osmium.osm.Way) -> None:
        tags = dict(way.tags)
        line = tags.get("waterway") in osm_tags.WATERWAYS and not way.is_closed()
        road = osm_tags.road(tags)
        if road is None and not line:
            return
        missing = [n.ref for n in way.nodes if not n.location.valid()]
        if missing:
            self.refused.add(
                f"way {way.id}", f"node {missing[0]} and {len(missing) - 1} more are not in the file"
                if len(missing) > 1 else f"node {missing[0]} is not in the file",
            )  # fmt: skip
            return
        points = tuple((n.ref, n.location.lon, n.location.lat) for n in way.nodes)
        if len({p[1:] for p in points}) < 2:
            self.refused.add(f"way {way.id}", "has no length")
            return
        name, name_en = osm_tags.names(tags)
        if road is not None:
            self.ways.append(_Way(road, name, name_en, points))
        else:
            self._waterway(tags, points)

    def area(self, area: osmium.osm.Area) -> None:
        tags = dict(area.tags)
        drawn, named = osm_tags.area_kind(tags), osm_tags.place_kind(tags)
        if drawn is None and (named is None or "name" not in tags):
            return
        where = f"{'way' if area.from_way() else 'relation'} {area.orig_id()}"
        try:
            shape = shapely.from_wkb(self._wkb.create_multipolygon(area))
        except RuntimeError as error:
            self.refused.add(where, f"its rings do not make an area: {error}")
            return
        if shape.is_empty or shape.area == 0.0:
            self.refused.add(where, "has no inside")
            return
        name, name_en = tags.get("name"), tags.get("name:en")
        if drawn is not None:
            height = osm_tags.height_m(tags) if drawn == "building" else None
            self.areas.append(AreaRow(drawn, name, name_en, height, shape))
        if named is not None and name:
            spot = shape.representative_point()
            ref = f"{'w' if area.from_way() else 'r'}{area.orig_id()}"
            self._place(ref, named, tags, spot.x, spot.y)

    def _place(self, ref: str, kind: str, tags: Mapping[str, str], lon: float, lat: float) -> None:
        self.places.append(
            PlaceRow(ref, kind, tags["name"], tags.get("name:en"), {}, round(lon, 7), round(lat, 7))
        )

    def _waterway(
        self, tags: Mapping[str, str], points: tuple[tuple[int, float, float], ...]
    ) -> None:
        try:
            width_m = float(tags.get("width", "").removesuffix("m").strip())
        except ValueError:
            width_m = osm_tags.WATERWAYS[tags["waterway"]]
        frame = LocalFrame(LonLat(points[0][1], points[0][2]))
        line = LineString([frame.to_enu(lon, lat) for _, lon, lat in points])
        shape = shapely.transform(
            line.buffer(width_m / 2.0, quad_segs=3),
            lambda enu: np.column_stack(frame.to_lonlat(enu[:, 0], enu[:, 1])),
        )
        self.areas.append(
            AreaRow("water", tags.get("name"), tags.get("name:en"), None, MultiPolygon([shape]))
        )


def _split(ways: list[_Way]) -> tuple[list[tuple[float, float]], list[RoadRow], list[PlaceRow]]:
    """Cuts the ways where they meet, and names the crossings of differently named streets."""
    uses = Counter(ref for way in ways for ref, _, _ in way.nodes)
    ends = {way.nodes[i][0] for way in ways for i in (0, -1)}
    number: dict[int, int] = {}
    nodes: list[tuple[float, float]] = []
    edges: list[RoadRow] = []
    meeting: dict[int, set[_Named]] = defaultdict(set)

    def node(ref: int, lon: float, lat: float) -> int:
        if ref not in number:
            number[ref] = len(nodes)
            nodes.append((lon, lat))
        return number[ref]

    for way in ways:
        points = way.nodes if way.road.direction >= 0 else way.nodes[::-1]
        start = 0
        for i in range(1, len(points)):
            ref = points[i][0]
            last = i == len(points) - 1
            if not (last or uses[ref] > 1 or ref in ends):
                continue
            part = points[start : i + 1]
            start = i
            if len({p[1:] for p in part}) < 2:
                continue
            edges.append(
                RoadRow(
                    source=node(*part[0]),
                    target=node(*part[-1]),
                    road_class=way.road.road_class,
                    name=way.name,
                    name_en=way.name_en,
                    one_way=way.road.direction != 0,
                    speed_kmh=way.road.speed_kmh,
                    geom=LineString([p[1:] for p in part]),
                )
            )
            if way.name:
                named = _Named(_RANK.index(way.road.road_class), way.name, way.name_en)
                meeting[part[0][0]].add(named)
                meeting[part[-1][0]].add(named)
    return nodes, edges, _crossings(meeting, number, nodes)


def _crossings(
    meeting: dict[int, set[_Named]],
    number: dict[int, int],
    nodes: list[tuple[float, float]],
) -> list[PlaceRow]:
    found: list[PlaceRow] = []
    by_names: dict[tuple[str, ...], list[PlaceRow]] = defaultdict(list)
    for ref in sorted(meeting):
        # The widest streets name a crossing; one street may come in several classes.
        streets = list(
            {n.name: n for n in sorted(meeting[ref], key=_Named.width, reverse=True)}.values()
        )
        if len(streets) < 2:
            continue
        first, second = sorted(streets, key=_Named.width)[:2]
        lon, lat = nodes[number[ref]]
        frame = LocalFrame(LonLat(lon, lat))
        key = tuple(sorted((first.name, second.name)))
        if any(
            max(map(abs, frame.to_enu(other.lon, other.lat))) < SAME_CROSSING_M
            for other in by_names[key]
        ):
            continue
        row = PlaceRow(
            ref=f"x{ref}",
            kind="crossing",
            name=_crossing_name(first.name, second.name),
            name_en=f"{first.name_en or first.name} & {second.name_en or second.name}",
            props={},
            lon=lon,
            lat=lat,
        )
        by_names[key].append(row)
        found.append(row)
    return found


def _crossing_name(first: str, second: str) -> str:
    if all(any("\u4e00" <= c <= "\u9fff" for c in name) for name in (first, second)):
        return f"{first}与{second}路口"
    return f"{first} & {second}"
