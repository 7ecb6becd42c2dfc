"""The road graph: snapping, travel times of many vehicles to one scene, and the way there.

One Dijkstra run on the reversed graph, from the scene outwards, gives every vehicle's time at once. Times are
free-flow times by each street's speed; one-way streets are kept. Real maps hold streets that lead nowhere: a
one-way cut off at the map's edge, an island of yard lanes. A place there is led to the main network beside it.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from gis import road_store
from gis.db import Database
from gis.ground import LocalFrame
from gis.model import LonLat
from gis.road_store import RoadRows

SNAP_M = 500.0
"""A place farther from every street than this cannot be reached by road."""
OFF_ROAD_MS = 5.0
"""Speed between a place and the street beside it: yards, drives, the last steps."""
MAIN_NEAR_M = 20.0
"""A street of the main network is taken although one cut off from it is nearer by no more than this."""
MAIN_WALK_M = 150.0
"""Where there is no way, the main network is reached beside the road if it is farther by no more than this."""
_MIN_S = 1e-6  # a zero would read as "no arc" in a sparse matrix
_NONE = -9999  # scipy's mark for "no predecessor"


@dataclass(frozen=True, slots=True)
class RoadEta:
    """How long and how far by road."""

    eta_s: float
    distance_m: float


@dataclass(frozen=True, slots=True)
class Route:
    """A way by road; ``path`` is (lon, lat) from the origin to the scene, both included."""

    eta_s: float
    distance_m: float
    path: list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Snap:
    """A place on the nearest street: edge, share of its length from its source, and metres beside it."""

    edge: int
    share: float
    off_m: float


class RoadGraph:
    """A road network held as arrays. Raises nothing on an empty one: every place is out of reach then.

    The main network is the largest strongly connected part, by metres of street: from each of its crossings every
    other one can be driven to. ``walk_m`` is how much farther than the nearest street it may be from a place
    that has no way from or to its nearest street; 0 keeps strictly to the streets.
    """

    def __init__(self, rows: RoadRows, walk_m: float = MAIN_WALK_M) -> None:
        self.rows = rows
        self._walk_m = walk_m
        self._near_m = min(MAIN_NEAR_M, walk_m)
        self._nodes = len(rows.node_lon)
        self._edge_s = np.maximum(rows.length_m / (rows.speed_kmh / 3.6), _MIN_S)
        middle = (
            LonLat(float(np.mean(rows.node_lon)), float(np.mean(rows.node_lat)))
            if self._nodes
            else LonLat(0.0, 0.0)
        )
        self._frame = LocalFrame(middle)
        self._lines = [
            shapely.linestrings(np.column_stack(self._frame.to_enu(line[:, 0], line[:, 1])))
            for line in rows.lines
        ]
        self._tree = shapely.STRtree(self._lines)
        self._arcs()
        self._main = self._main_edges()
        self._main_tree = (
            self._tree
            if len(self._main) == len(self._lines)
            else shapely.STRtree([self._lines[edge] for edge in self._main])
        )

    @classmethod
    def load(cls, database: Database) -> RoadGraph:
        """Reads the graph from the database."""
        return cls(road_store.read(database))

    def __len__(self) -> int:
        """Number of edges."""
        return len(self._lines)

    def snap(self, places: Sequence[LonLat], within_m: float = SNAP_M) -> list[Snap | None]:
        """The street of each place, None where there is none within ``within_m``.

        The nearest one, or the main network's nearest where that is not much farther.
        """
        return [snaps[0] if snaps else None for snaps in self._snaps(places, within_m)]

    def _snaps(self, places: Sequence[LonLat], within_m: float) -> list[list[Snap]]:
        """The streets to try for each place, best first: none, one, or the nearest and the main network's."""
        if not self._lines or not places:
            return [[] for _ in places]
        lon = np.array([p.lon for p in places])
        lat = np.array([p.lat for p in places])
        points = shapely.points(np.column_stack(self._frame.to_enu(lon, lat)))
        nearest = self._nearest(self._tree, np.arange(len(self._lines)), points, within_m)
        if self._main_tree is self._tree:
            return [[] if snap is None else [snap] for snap in nearest]
        main = self._nearest(self._main_tree, self._main, points, within_m)
        return [self._choice(snap, other) for snap, other in zip(nearest, main, strict=True)]

    def _choice(self, nearest: Snap | None, main: Snap | None) -> list[Snap]:
        if nearest is None:
            return []
        if main is None or main.off_m > nearest.off_m + self._walk_m:
            return [nearest]
        return [main] if main.off_m <= nearest.off_m + self._near_m else [nearest, main]

    def _nearest(
        self,
        tree: shapely.STRtree,
        edges: NDArray[np.int64],
        points: NDArray[np.object_],
        within_m: float,
    ) -> list[Snap | None]:
        """The nearest of a tree's streets for each point; ``edges`` are the streets in the tree's order."""
        found: list[Snap | None] = [None] * len(points)
        (which, at), distances = tree.query_nearest(
            points, max_distance=within_m, return_distance=True, all_matches=False
        )
        for i, k, off_m in zip(which, at, distances, strict=True):
            edge = int(edges[k])
            share = float(shapely.line_locate_point(self._lines[edge], points[i], normalized=True))
            found[i] = Snap(edge, share, float(off_m))
        return found

    def eta_to(self, scene: LonLat, origins: Sequence[LonLat]) -> list[RoadEta | None]:
        """Time and distance by road from each origin to the scene; None where there is no way."""
        ways = self._ways(scene, origins)
        return [None if way is None else RoadEta(way.eta_s, way.distance_m) for way in ways]

    def route(self, origin: LonLat, scene: LonLat) -> Route | None:
        """The fastest way from origin to scene, or None where there is none."""
        return self.routes_to(scene, [origin])[0]

    def routes_to(self, scene: LonLat, origins: Sequence[LonLat]) -> list[Route | None]:
        """The fastest way from each origin to the scene, from one run."""
        ways = self._ways(scene, origins)
        return [
            None
            if way is None
            else Route(way.eta_s, way.distance_m, self._path(origin, scene, way))
            for way, origin in zip(ways, origins, strict=True)
        ]

    def _arcs(self) -> None:
        """Builds the reversed graph in CSR form: row = where an arc ends, column = where it starts."""
        rows = self.rows
        both = np.flatnonzero(~rows.one_way)
        start = np.concatenate([rows.source, rows.target[both]])
        end = np.concatenate([rows.target, rows.source[both]])
        edge = np.concatenate([np.arange(len(rows.source)), both])
        forward = np.concatenate([np.ones(len(rows.source), bool), np.zeros(len(both), bool)])
        weight = self._edge_s[edge]
        # Of parallel streets between two crossings only the fastest counts; a sum would count all.
        order = np.lexsort((weight, start, end))
        key = end[order] * max(self._nodes, 1) + start[order]
        first = np.ones(len(order), bool)
        first[1:] = key[1:] != key[:-1]
        keep = order[first]
        self._arc_key = key[first]
        self._arc_edge = edge[keep]
        self._arc_forward = forward[keep]
        self._columns = start[keep].astype(np.int32)
        self._weights = weight[keep]
        counts = (
            np.bincount(end[keep], minlength=self._nodes)
            if len(keep)
            else np.zeros(self._nodes, np.int64)
        )
        self._row_starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)

    def _main_edges(self) -> NDArray[np.int64]:
        """The edges between crossings of the largest strongly connected part."""
        rows = self.rows
        if not self._lines:
            return np.zeros(0, np.int64)
        graph = csr_matrix(
            (self._weights, self._columns, self._row_starts), shape=(self._nodes, self._nodes)
        )
        _, part = connected_components(graph, connection="strong")
        inside = part[rows.source] == part[rows.target]
        length_m = np.bincount(part[rows.source], weights=np.where(inside, rows.length_m, 0.0))
        return np.flatnonzero(inside & (part[rows.source] == np.argmax(length_m)))

    def _ways(self, scene: LonLat, origins: Sequence[LonLat]) -> list[_Way | None]:
        """The best way from each origin; the main network beside a place is tried where its own street has none."""
        goals, *starts = self._snaps([scene, *origins], SNAP_M)
        ways: list[_Way | None] = [None] * len(origins)
        for goal in goals:
            open_ = [i for i, way in enumerate(ways) if way is None and starts[i]]
            if not open_:
                break
            time_s, before = self._from_scene(goal)
            along_m: dict[int, float] = {self._nodes: 0.0}
            for i in open_:
                found = (self._way(goal, snap, time_s, before, along_m) for snap in starts[i])
                ways[i] = next((way for way in found if way is not None), None)
        return ways

    def _from_scene(self, goal: Snap) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Dijkstra from the scene, which hangs as one more node on the ends of its street."""
        edge = goal.edge
        ends = [(int(self.rows.source[edge]), goal.share)]
        if not self.rows.one_way[edge]:
            ends.append((int(self.rows.target[edge]), 1.0 - goal.share))
        if len(ends) == 2 and ends[0][0] == ends[1][0]:
            ends = [min(ends, key=lambda e: e[1])]
        weights = [max(share * self._edge_s[edge], _MIN_S) for _, share in ends]
        graph = csr_matrix(
            (
                np.concatenate([self._weights, weights]),
                np.concatenate([self._columns, np.array([n for n, _ in ends], np.int32)]),
                np.concatenate([self._row_starts, [len(self._weights) + len(ends)]]),
            ),
            shape=(self._nodes + 1, self._nodes + 1),
        )
        time_s, before = dijkstra(graph, indices=self._nodes, return_predecessors=True)
        return time_s, before

    def _way(
        self,
        goal: Snap,
        snap: Snap,
        time_s: NDArray[np.float64],
        before: NDArray[np.int32],
        along_m: dict[int, float],
    ) -> _Way | None:
        edge = snap.edge
        edge_s, edge_m = float(self._edge_s[edge]), float(self.rows.length_m[edge])
        one_way = bool(self.rows.one_way[edge])
        off_m = snap.off_m + goal.off_m
        options: list[tuple[float, float, int | None]] = []
        if edge == goal.edge and (goal.share >= snap.share or not one_way):
            part = abs(goal.share - snap.share)
            options.append((part * edge_s, part * edge_m, None))
        exits = [(int(self.rows.target[edge]), 1.0 - snap.share)]
        if not one_way:
            exits.append((int(self.rows.source[edge]), snap.share))
        for node, part in exits:
            if np.isfinite(time_s[node]):
                rest_m = self._rest_m(node, goal, before, along_m)
                options.append((part * edge_s + float(time_s[node]), part * edge_m + rest_m, node))
        if not options:
            return None
        seconds, metres, first = min(options, key=lambda o: o[0])
        nodes: list[int] = []
        while first is not None and first != self._nodes:
            nodes.append(first)
            first = int(before[first])
        return _Way(
            eta_s=seconds + off_m / OFF_ROAD_MS,
            distance_m=metres + off_m,
            snap=snap,
            goal=goal,
            nodes=nodes,
        )

    def _rest_m(
        self, node: int, goal: Snap, before: NDArray[np.int32], along_m: dict[int, float]
    ) -> float:
        """Metres along the tree from a node to the scene; remembers every node it passes."""
        trail: list[int] = []
        while node not in along_m:
            trail.append(node)
            node = int(before[node])
        for here in reversed(trail):
            after = int(before[here])
            if after == self._nodes:
                share = goal.share if self._enters_at_source(here, goal) else 1.0 - goal.share
                step_m = share * float(self.rows.length_m[goal.edge])
            else:
                step_m = float(self.rows.length_m[self._arc(here, after)[0]])
            along_m[here] = step_m + along_m[after]
        return along_m[trail[0]] if trail else along_m[node]

    def _enters_at_source(self, node: int, goal: Snap) -> bool:
        """Whether the last stretch runs from the scene's street's source end."""
        source, target = int(self.rows.source[goal.edge]), int(self.rows.target[goal.edge])
        if source != target:
            return node == source
        return goal.share <= 0.5 or bool(self.rows.one_way[goal.edge])

    def _arc(self, start: int, end: int) -> tuple[int, bool]:
        """The edge that an arc runs on and whether it runs from source to target."""
        at = int(np.searchsorted(self._arc_key, end * self._nodes + start))
        return int(self._arc_edge[at]), bool(self._arc_forward[at])

    def _path(self, origin: LonLat, scene: LonLat, way: _Way) -> list[tuple[float, float]]:
        parts: list[NDArray[np.float64]] = [np.array([[origin.lon, origin.lat]])]
        snap, goal, nodes = way.snap, way.goal, way.nodes
        if not nodes:
            parts.append(self._stretch(snap.edge, snap.share, goal.share))
        else:
            leaves_at_target = nodes[0] == int(self.rows.target[snap.edge])
            if self.rows.source[snap.edge] == self.rows.target[snap.edge]:
                leaves_at_target = bool(self.rows.one_way[snap.edge]) or snap.share >= 0.5
            parts.append(self._stretch(snap.edge, snap.share, 1.0 if leaves_at_target else 0.0))
            for here, after in itertools.pairwise(nodes):
                edge, forward = self._arc(here, after)
                line = self.rows.lines[edge]
                parts.append(line if forward else line[::-1])
            enter = 0.0 if self._enters_at_source(nodes[-1], goal) else 1.0
            parts.append(self._stretch(goal.edge, enter, goal.share))
        parts.append(np.array([[scene.lon, scene.lat]]))
        points = np.round(np.concatenate(parts), 7)
        fresh = np.ones(len(points), bool)
        fresh[1:] = np.any(points[1:] != points[:-1], axis=1)
        return [(float(lon), float(lat)) for lon, lat in points[fresh]]

    def _stretch(self, edge: int, start: float, end: float) -> NDArray[np.float64]:
        """The part of an edge between two shares of its length, in the direction of travel."""
        line = self.rows.lines[edge]
        drawn = self._lines[edge]
        total = float(drawn.length)
        steps = np.hypot(*np.diff(shapely.get_coordinates(drawn), axis=0).T)
        shares = np.concatenate([[0.0], np.cumsum(steps)]) / (total or 1.0)
        low, high = min(start, end), max(start, end)
        inner = line[(shares > low) & (shares < high)]
        ends = [
            (np.interp(s, shares, line[:, 0]), np.interp(s, shares, line[:, 1]))
            for s in (low, high)
        ]
        part = np.concatenate([[ends[0]], inner, [ends[1]]])
        return part if start <= end else part[::-1]


@dataclass(frozen=True, slots=True)
class _Way:
    eta_s: float
    distance_m: float
    snap: Snap
    goal: Snap
    nodes: list[int]  # crossings passed, origin's side first; empty on one and the same street


class LiveRoadGraph:
    """The database's road graph, read again after an import. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._graph: RoadGraph | None = None
        self._stamp: datetime | None = None

    def current(self) -> RoadGraph:
        """The graph as it stands now; one small query where nothing changed."""
        stamp = road_store.stamp(self._database)
        with self._lock:
            if self._graph is None or stamp != self._stamp:
                self._graph = RoadGraph.load(self._database)
                self._stamp = stamp
            return self._graph
