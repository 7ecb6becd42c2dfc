"""Writes the demo city in the formats that the imports read, so that it enters by the same door as a real one."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import osmium
import osmium.osm.mutable as osm

from demo.city_model import Area, City, NamedPlace, PipeNetwork, Point, Ring

MAP_FILE = "city.osm.pbf"
PLACES_FILE = "places.csv"


@dataclass(frozen=True, slots=True)
class CityFiles:
    """Where the files lie; ``pipes`` by network."""

    map: Path
    places: Path
    pipes: dict[str, Path]


def digest(city: City) -> str:
    """A fingerprint of all that the files hold."""
    parts = {"streets", "areas", "buildings", "places", "pipes", "crossings"}
    found = hashlib.sha256()
    for f in fields(City):
        if f.name in parts:
            found.update(repr(getattr(city, f.name)).encode())
    return found.hexdigest()


def write(city: City, folder: Path) -> CityFiles:
    """Writes the map (OpenStreetMap PBF), the named places (CSV) and one GeoJSON file per pipe network."""
    folder.mkdir(parents=True, exist_ok=True)
    files = CityFiles(
        folder / MAP_FILE,
        folder / PLACES_FILE,
        {n.network: folder / f"pipes-{n.network}.geojson" for n in city.pipes},
    )
    _write_map(city, files.map)
    _write_places(city, city.places, files.places)
    for network in city.pipes:
        text = json.dumps(_pipes(city, network), ensure_ascii=False, separators=(",", ":"))
        files.pipes[network.network].write_text(text, encoding="utf-8")
    return files


class _MapWriter:
    """Numbers nodes and ways as they come; nodes are shared where streets meet."""

    def __init__(self, city: City) -> None:
        self._city = city
        self.nodes: list[Any] = []
        self.ways: list[Any] = []
        self.relations: list[Any] = []

    def node(self, at: Point) -> int:
        place = self._city.lonlat(at)
        self.nodes.append(osm.Node(id=len(self.nodes) + 1, location=(place.lon, place.lat)))
        return len(self.nodes)

    def way(self, nodes: Sequence[int], tags: dict[str, str]) -> int:
        self.ways.append(osm.Way(id=len(self.ways) + 1, nodes=list(nodes), tags=tags))
        return len(self.ways)

    def area(self, ring: Ring, holes: Sequence[Ring], tags: dict[str, str]) -> None:
        if not holes:
            self._ring(ring, tags)
            return
        members = [("w", self._ring(ring, {}), "outer")]
        members += [("w", self._ring(hole, {}), "inner") for hole in holes]
        self.relations.append(
            osm.Relation(
                id=len(self.relations) + 1, members=members, tags={"type": "multipolygon", **tags}
            )
        )

    def _ring(self, ring: Ring, tags: dict[str, str]) -> int:
        nodes = [self.node(at) for at in ring]
        return self.way([*nodes, nodes[0]], tags)


def _write_map(city: City, path: Path) -> None:
    out = _MapWriter(city)
    crossing = {c.id: out.node(c.at) for c in city.crossings}
    for street in city.streets:
        tags = {
            "highway": street.road_class,
            "name": street.name,
            "name:en": street.name_en,
            "maxspeed": f"{street.speed_kmh:.0f}",
            "lanes": str(street.lanes),
        }
        if street.one_way:
            tags["oneway"] = "yes"
        if street.bridge:
            tags["bridge"] = "yes"
        inner = [out.node(at) for at in street.line[1:-1]]
        out.way([crossing[street.source], *inner, crossing[street.target]], tags)
    for area in city.areas:
        out.area(area.ring, area.holes, _area_tags(area))
    for building in city.buildings:
        tags = {"building": "yes", "height": f"{building.height_m:g}"}
        if building.name:
            tags["name"] = building.name
            tags["name:en"] = building.name_en or building.name
        out.area(building.ring, (), tags)
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for node in out.nodes:
            writer.add_node(node)
        for way in out.ways:
            writer.add_way(way)
        for relation in out.relations:
            writer.add_relation(relation)


# How each use of ground is tagged. Named places come from the CSV file, so that no tag here makes one as well.
_USES: dict[str, tuple[str, str]] = {
    "river": ("natural", "water"),
    "lake": ("natural", "water"),
    "canal": ("natural", "water"),
    "park": ("landuse", "recreation_ground"),
    "industrial": ("landuse", "industrial"),
    "works": ("landuse", "industrial"),
    "residential": ("landuse", "residential"),
    "yard": ("barrier", "fence"),
}


def _area_tags(area: Area) -> dict[str, str]:
    tags: dict[str, str] = {}
    if area.kind == "district":
        tags = {"boundary": "administrative", "admin_level": "8"}
    else:
        key, value = _USES.get(area.use, ("landuse", "commercial"))
        tags[key] = value
    # A named estate or works would be taken for a named place; it is one already.
    if area.name and not (
        area.kind == "land" and tags.get("landuse") in ("residential", "industrial")
    ):
        tags["name"] = area.name
        tags["name:en"] = area.name_en or area.name
    return tags


def _write_places(city: City, places: Sequence[NamedPlace], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ref", "name", "name_en", "kind", "lon", "lat", "datum"])
        for place in places:
            at = city.lonlat(place.at)
            writer.writerow(
                [place.key, place.name, place.name_en, place.kind, f"{at.lon:.7f}", f"{at.lat:.7f}", "wgs84"]
            )  # fmt: skip


def _pipes(city: City, network: PipeNetwork) -> dict[str, Any]:
    def coordinates(at: Point) -> list[float]:
        place = city.lonlat(at)
        return [round(place.lon, 7), round(place.lat, 7)]

    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "properties": {"ref": n.key, "kind": n.kind, "name": n.name, **dict(n.props)},
            "geometry": {"type": "Point", "coordinates": coordinates(n.at)},
        }
        for n in network.nodes
    ]
    features += [
        {
            "type": "Feature",
            "properties": {
                "ref": e.key,
                "kind": e.kind,
                "from": e.source,
                "to": e.target,
                "diameter_mm": e.diameter_mm,
                "material": e.material,
                **dict(e.props),
            },
            "geometry": {"type": "LineString", "coordinates": [coordinates(p) for p in e.line]},
        }
        for e in network.edges
    ]
    return {"type": "FeatureCollection", "features": features}
