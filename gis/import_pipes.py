"""Imports one pipe network from GeoJSON (RFC 7946, WGS-84): Point features are nodes, LineString features edges.

Node properties: ``ref`` (needed), ``kind``, ``name``. Edge properties: ``ref``, ``from`` and ``to`` (refs of nodes,
needed), ``kind``, ``diameter_mm``, ``material``, ``length_m``. Any other property is kept as it is. Where an edge
names no nodes, each of its ends takes the nearest node within :data:`SNAP_M`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import shapely
from shapely.geometry import LineString, Point

from gis import import_store
from gis.db import Database
from gis.errors import InvalidInput
from gis.ground import LocalFrame
from gis.import_store import PipeEdgeRow, PipeNodeRow
from gis.imports import ImportSummary, Refusals, check_source, digest
from gis.model import LonLat

Network = Literal["water", "gas", "sewer", "power"]
NETWORKS: tuple[str, ...] = get_args(Network)
NODE_KINDS = frozenset(
    [
        "junction",
        "valve",
        "hydrant",
        "pump",
        "source",
        "customer",
        "manhole",
        "outfall",
        "regulator",
        "substation",
        "pole",
        "tank",
    ]
)
EDGE_KINDS = frozenset(["main", "service", "cable", "gravity", "pressure"])
SNAP_M = 1.0
"""An edge's end farther than this from its node does not belong to it."""
_DEFAULT_EDGE = {"water": "main", "gas": "main", "sewer": "gravity", "power": "cable"}
_WGS84_CRS = ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490", "EPSG:4490")


def import_pipes(database: Database, path: Path, network: str, source: str) -> ImportSummary:
    """Replaces one network of ``source`` by a file's; bad features are refused with their number in the file.

    Raises :class:`InvalidInput` on an unknown network, a file that is no GeoJSON in WGS-84, or one with no
    good edge.
    """
    check_source(source)
    if network not in NETWORKS:
        raise InvalidInput(
            f"network {network!r} is not known: give one of {', '.join(NETWORKS)}", "network"
        )
    stamp = digest(path)
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InvalidInput(f"{path} is not GeoJSON: {error}", "path") from error
    nodes, edges, refused = read(document, network, str(path))
    if not edges:
        first = f", first {refused.found[0]}" if refused.found else ""
        raise InvalidInput(f"{path} holds no pipe that could be taken{first}", "path")
    return import_store.replace_pipes(database, source, network, nodes, edges, stamp, refused.found)


def read(
    document: Any, network: str, name: str = "the file"
) -> tuple[list[PipeNodeRow], list[PipeEdgeRow], Refusals]:
    """A GeoJSON document's nodes and edges. Raises :class:`InvalidInput` when it is none or not WGS-84."""
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        raise InvalidInput(f"{name} is not a GeoJSON FeatureCollection", "path")
    crs = str(document.get("crs") or "")
    if crs and not any(known in crs for known in _WGS84_CRS):
        raise InvalidInput(
            f"{name} is in another coordinate system ({crs[:120]}): convert it to EPSG:4326 first "
            "(ogr2ogr -t_srs EPSG:4326)",
            "path",
        )
    reader = _Reader(network)
    for i, feature in enumerate(features, start=1):
        reader.feature(f"feature {i}", feature)
    reader.join()
    return list(reader.nodes.values()), list(reader.edges.values()), reader.refused


@dataclass(slots=True)
class _Reader:
    network: str
    nodes: dict[str, PipeNodeRow] = field(default_factory=dict)
    edges: dict[str, PipeEdgeRow] = field(default_factory=dict)
    refused: Refusals = field(default_factory=Refusals)
    _lines: list[tuple[str, str, dict[str, Any], LineString]] = field(default_factory=list)

    def feature(self, where: str, feature: Any) -> None:
        try:
            geometry = feature["geometry"]
            props = dict(feature.get("properties") or {})
            kind = geometry["type"]
            points = _points(geometry["coordinates"], kind)
        except (TypeError, KeyError, AttributeError, IndexError, ValueError):
            self.refused.add(where, "is not a GeoJSON feature with a geometry")
            return
        except InvalidInput as error:
            self.refused.add(where, str(error))
            return
        ref = str(props.pop("ref", props.pop("id", feature.get("id", ""))) or "")
        if not ref:
            self.refused.add(where, "has no ref")
        elif kind == "Point":
            self._node(where, ref, props, points[0])
        elif len(set(points)) < 2:
            self.refused.add(where, f"edge {ref!r} has no length")
        else:
            self._lines.append((where, ref, props, LineString(points)))

    def join(self) -> None:
        """Ties the edges to their nodes, once all nodes are known."""
        tree = shapely.STRtree([n.geom for n in self.nodes.values()])
        refs = list(self.nodes)
        for where, ref, props, line in self._lines:
            if ref in self.edges:
                self.refused.add(where, f"edge {ref!r} stands twice")
                continue
            ends: list[str] = []
            for key, at in (("from", line.coords[0]), ("to", line.coords[-1])):
                given = props.pop(key, None)
                end = str(given) if given is not None else self._near(tree, refs, at)
                if end is None:
                    self.refused.add(
                        where, f"edge {ref!r} names no {key!r} and no node is near that end"
                    )
                elif end not in self.nodes:
                    self.refused.add(where, f"edge {ref!r}: node {end!r} is not in the file")
                elif (off_m := _apart_m(self.nodes[end].geom, at)) > SNAP_M:
                    self.refused.add(
                        where, f"edge {ref!r} ends {off_m:.1f} m from its node {end!r}"
                    )
                else:
                    ends.append(end)
            if len(ends) == 2:
                self._edge(where, ref, ends, props, line)

    def _node(self, where: str, ref: str, props: dict[str, Any], at: tuple[float, float]) -> None:
        kind = str(props.pop("kind", "junction") or "junction")
        if ref in self.nodes:
            self.refused.add(where, f"node {ref!r} stands twice")
        elif kind not in NODE_KINDS:
            self.refused.add(where, f"node {ref!r}: kind {kind!r} is not known")
        else:
            name = props.pop("name", None)
            self.nodes[ref] = PipeNodeRow(ref, kind, str(name) if name else None, props, Point(at))

    def _edge(
        self, where: str, ref: str, ends: list[str], props: dict[str, Any], line: LineString
    ) -> None:
        kind = str(props.pop("kind", None) or _DEFAULT_EDGE[self.network])
        if kind not in EDGE_KINDS:
            self.refused.add(where, f"edge {ref!r}: kind {kind!r} is not known")
            return
        try:
            diameter_mm = _positive(props.pop("diameter_mm", None), "diameter_mm")
            length_m = _positive(props.pop("length_m", None), "length_m")
        except InvalidInput as error:
            self.refused.add(where, f"edge {ref!r}: {error}")
            return
        material = props.pop("material", None)
        self.edges[ref] = PipeEdgeRow(
            ref=ref,
            kind=kind,
            from_ref=ends[0],
            to_ref=ends[1],
            diameter_mm=diameter_mm,
            material=str(material) if material else None,
            length_m=length_m,
            props=props,
            geom=line,
        )

    def _near(self, tree: Any, refs: list[str], at: tuple[float, float]) -> str | None:
        if not refs:
            return None
        nearest = refs[int(tree.nearest(Point(at)))]
        return nearest if _apart_m(self.nodes[nearest].geom, at) <= SNAP_M else None


def _points(coordinates: Any, kind: str) -> list[tuple[float, float]]:
    if kind == "Point":
        coordinates = [coordinates]
    elif kind != "LineString":
        raise InvalidInput(f"geometry {kind} is neither Point nor LineString")
    points: list[tuple[float, float]] = []
    for pair in coordinates:
        lon, lat = float(pair[0]), float(pair[1])
        LonLat(lon, lat)
        points.append((lon, lat))
    return points


def _positive(value: Any, name: str) -> float | None:
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InvalidInput(f"{name} {value!r} is not a number", name) from None
    if not (math.isfinite(number) and number > 0.0):
        raise InvalidInput(f"{name} {value!r} is not above zero", name)
    return number


def _apart_m(node: Point, at: tuple[float, ...]) -> float:
    east, north = LocalFrame(LonLat(node.x, node.y)).to_enu(float(at[0]), float(at[1]))
    return math.hypot(east, north)
