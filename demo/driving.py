"""How vehicles move through the demo city: fastest ways, street speeds, traffic lights. Pure and seeded."""

from __future__ import annotations

import heapq
import math
import random
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass

import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from demo.city_model import City, Point, Street

CRUISE_FACTOR = 0.8  # of the street's speed, in everyday traffic
EMERGENCY_FACTOR = 1.3
ACCELERATION_MS2 = 1.8
BRAKING_MS2 = 2.5
TURN_MS = 6.0
_TURN_RAD = math.radians(35)
_STEP_S = 0.5


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on a street: its index and the metres from its source."""

    street: int
    offset_m: float


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of one street, driven from one offset to another."""

    street: int
    start_m: float
    end_m: float


class Path:
    """A way as one polyline. ``legs`` are the streets, ``limits_ms`` the speed on each piece of the line."""

    def __init__(self, streets: list[_Line], legs: list[Leg]) -> None:
        self._streets = streets
        self.legs = [leg for leg in legs if leg.start_m != leg.end_m] or legs[:1]
        self._leg_ends: list[float] = []
        self.points: list[Point] = []
        self._limits: list[float] = []
        self._cum: list[float] = [0.0]
        self._turns: list[tuple[float, bool]] = []
        for leg in self.legs:
            self._add(leg)
        self.length_m = self._cum[-1]

    def _add(self, leg: Leg) -> None:
        line = self._streets[leg.street]
        points = line.between(leg.start_m, leg.end_m)
        if self.points:
            # Where streets meet: slow for the turn, perhaps wait for the lights.
            before = _heading(self.points[-2], self.points[-1]) if len(self.points) > 1 else 0.0
            after = _heading(points[0], points[1]) if len(points) > 1 else before
            turn = abs(math.remainder(after - before, 2 * math.pi)) > _TURN_RAD
            self._turns.append((self._cum[-1], turn))
        else:
            self.points.append(points[0])
        for point in points[1:]:
            step = math.dist(self.points[-1], point)
            if step > 0:
                self.points.append(point)
                self._cum.append(self._cum[-1] + step)
                self._limits.append(line.speed_ms)
        self._leg_ends.append(self._cum[-1])

    def at(self, s_m: float) -> tuple[Point, float, float, float]:
        """Point, heading (radians clockwise from north), speed limit and lane offset at ``s_m`` from the start."""
        if len(self.points) < 2:
            line = self._streets[self.legs[0].street]
            return self.points[0], line.heading, line.speed_ms, line.lane_m
        i = min(max(bisect_right(self._cum, s_m) - 1, 0), len(self._limits) - 1)
        a, b = self.points[i], self.points[i + 1]
        share = min(max((s_m - self._cum[i]) / (self._cum[i + 1] - self._cum[i]), 0.0), 1.0)
        point = (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
        lane_m = self._streets[self._leg(s_m).street].lane_m
        return point, _heading(a, b), self._limits[i], lane_m

    def spot(self, s_m: float) -> Spot:
        """Which street that is, and where on it."""
        leg = self._leg(s_m)
        begin = self._leg_ends[self.legs.index(leg) - 1] if leg is not self.legs[0] else 0.0
        gone = min(max(s_m - begin, 0.0), abs(leg.end_m - leg.start_m))
        return Spot(leg.street, leg.start_m + math.copysign(gone, leg.end_m - leg.start_m))

    def crossing_after(self, s_m: float) -> tuple[float, bool] | None:
        """How far the next crossing is on the way, and whether the way turns there."""
        for at_m, turn in self._turns:
            if at_m > s_m:
                return at_m - s_m, turn
        return None

    def _leg(self, s_m: float) -> Leg:
        return self.legs[min(bisect_right(self._leg_ends, s_m), len(self.legs) - 1)]


class _Line:
    """A street as the driver needs it."""

    def __init__(self, street: Street) -> None:
        self.points = street.line
        self.cum = [0.0]
        for a, b in zip(street.line, street.line[1:], strict=False):
            self.cum.append(self.cum[-1] + math.dist(a, b))
        self.length_m = self.cum[-1]
        self.speed_ms = street.speed_kmh / 3.6
        self.source, self.target, self.one_way = street.source, street.target, street.one_way
        # The middle of the lane beside the centre line: traffic keeps right.
        self.lane_m = 0.0 if street.one_way else street.shape.lane_m / 2
        self.heading = _heading(street.line[0], street.line[-1])

    def between(self, start_m: float, end_m: float) -> list[Point]:
        """The line from one offset to the other, backwards where that is the direction."""
        low, high = sorted((start_m, end_m))
        inner = [p for p, c in zip(self.points, self.cum, strict=True) if low < c < high]
        points = [self._at(low), *inner, self._at(high)]
        return points if start_m <= end_m else points[::-1]

    def _at(self, offset_m: float) -> Point:
        i = min(max(bisect_right(self.cum, offset_m) - 1, 0), len(self.points) - 2)
        a, b = self.points[i], self.points[i + 1]
        length = self.cum[i + 1] - self.cum[i]
        share = min(max((offset_m - self.cum[i]) / length, 0.0), 1.0) if length else 0.0
        return (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))


def _heading(a: Point, b: Point) -> float:
    return math.atan2(b[0] - a[0], b[1] - a[1])


class StreetMap:
    """The city's streets as a graph, with fastest ways by Dijkstra; distances in metres, times in seconds."""

    def __init__(self, city: City) -> None:
        self.city = city
        self._lines = [_Line(street) for street in city.streets]
        self._tree = shapely.STRtree([shapely.LineString(s.line) for s in city.streets])
        self._open_dead_ends()
        self._out: dict[int, list[tuple[int, int, bool]]] = {}
        for index, line in enumerate(self._lines):
            self._out.setdefault(line.source, []).append((line.target, index, True))
            if not line.one_way:
                self._out.setdefault(line.target, []).append((line.source, index, False))
        self.signals = {c.id for c in city.crossings if c.signals}

    def _open_dead_ends(self) -> None:
        """Lets vehicles turn around where a one-way street leads out of the rest of the network, or into it."""
        ids = {crossing.id: i for i, crossing in enumerate(self.city.crossings)}
        ends = [(ids[line.source], ids[line.target]) for line in self._lines]
        arcs = ends + [
            (b, a) for (a, b), line in zip(ends, self._lines, strict=True) if not line.one_way
        ]
        rows, columns = zip(*arcs, strict=True)
        graph = csr_matrix(([1] * len(arcs), (rows, columns)), shape=(len(ids), len(ids)))
        _, labels = connected_components(graph, connection="strong")
        main = Counter(labels.tolist()).most_common(1)[0][0]
        for (a, b), line in zip(ends, self._lines, strict=True):
            line.one_way = line.one_way and labels[a] == main and labels[b] == main

    def one_way(self, street: int) -> bool:
        """Whether a street, by its index, is driven from its source to its target only."""
        return self._lines[street].one_way

    def nearest(self, point: Point) -> Spot:
        """The spot on a street that is closest to a point."""
        index = int(self._tree.nearest(shapely.Point(point)))
        line = shapely.LineString(self._lines[index].points)
        return Spot(index, float(line.project(shapely.Point(point))))

    def at_crossing(self, crossing: int) -> Spot:
        """The end of some street at a crossing. Raises :class:`KeyError` for one without streets."""
        for index, line in enumerate(self._lines):
            if line.source == crossing:
                return Spot(index, 0.0)
            if line.target == crossing:
                return Spot(index, line.length_m)
        raise KeyError(crossing)

    def random_spot(self, rng: random.Random) -> Spot:
        """Somewhere on a street; longer streets are likelier."""
        weights = [line.length_m for line in self._lines]
        index = rng.choices(range(len(self._lines)), weights)[0]
        return Spot(index, rng.uniform(0.0, self._lines[index].length_m))

    def point(self, spot: Spot) -> Point:
        """Where a spot lies."""
        return self._lines[spot.street].between(spot.offset_m, spot.offset_m)[0]

    def route(self, start: Spot, goal: Spot) -> Path | None:
        """The fastest way, or None where there is none."""
        a, b = self._lines[start.street], self._lines[goal.street]
        if start.street == goal.street and (goal.offset_m >= start.offset_m or not a.one_way):
            return Path(self._lines, [Leg(start.street, start.offset_m, goal.offset_m)])
        first = {a.target: Leg(start.street, start.offset_m, a.length_m)}
        if not a.one_way:
            first.setdefault(a.source, Leg(start.street, start.offset_m, 0.0))
        last = {b.source: Leg(goal.street, 0.0, goal.offset_m)}
        if not b.one_way:
            last.setdefault(b.target, Leg(goal.street, b.length_m, goal.offset_m))
        way = self._search(first, last)
        if way is None:
            return None
        nodes, edges = way
        legs = [first[nodes[0]]]
        for index, forward in edges:
            length = self._lines[index].length_m
            legs.append(Leg(index, 0.0, length) if forward else Leg(index, length, 0.0))
        legs.append(last[nodes[-1]])
        return Path(self._lines, legs)

    def _seconds(self, leg: Leg) -> float:
        return abs(leg.end_m - leg.start_m) / self._lines[leg.street].speed_ms

    def _search(
        self, first: dict[int, Leg], last: dict[int, Leg]
    ) -> tuple[list[int], list[tuple[int, bool]]] | None:
        goal = -1
        best = {node: self._seconds(leg) for node, leg in first.items()}
        came: dict[int, tuple[int, int, bool]] = {}
        heap = [(seconds, node) for node, seconds in best.items()]
        heapq.heapify(heap)
        while heap:
            seconds, node = heapq.heappop(heap)
            if seconds > best.get(node, math.inf):
                continue
            if node == goal:
                break
            steps = [
                (self._lines[index].length_m / self._lines[index].speed_ms, to, index, forward)
                for to, index, forward in self._out.get(node, ())
            ]
            if node in last:
                steps.append((self._seconds(last[node]), goal, -1, True))
            for cost, to, index, forward in steps:
                if seconds + cost < best.get(to, math.inf):
                    best[to] = seconds + cost
                    came[to] = (node, index, forward)
                    heapq.heappush(heap, (seconds + cost, to))
        if goal not in came:
            return None
        node = came[goal][0]
        nodes, edges = [node], []
        while node in came:  # where the way begins nothing came before
            before, index, forward = came[node]
            edges.append((index, forward))
            nodes.append(before)
            node = before
        return nodes[::-1], edges[::-1]


class Driver:
    """Drives a path with a plausible speed, and tells where the vehicle is and where it points."""

    def __init__(self, streets: StreetMap, start: Spot, rng: random.Random) -> None:
        self._streets = streets
        self._rng = rng
        self._path: Path | None = None
        self._s_m = 0.0
        self._wait_s = 0.0
        self._waited_m = -1.0
        self._spot = start
        self.emergency = False
        self.speed_ms = 0.0
        self.course_rad = 0.0
        self.mileage_m = 0.0
        self.point = streets.point(start)

    @property
    def arrived(self) -> bool:
        """Whether there is nowhere left to go."""
        return self._path is None

    @property
    def spot(self) -> Spot:
        """Where on the streets the vehicle is."""
        return self._spot if self._path is None else self._path.spot(self._s_m)

    def drive_to(self, goal: Spot, emergency: bool = False) -> bool:
        """Takes the fastest way from here; False where there is none."""
        path = self._streets.route(self.spot, goal)
        if path is None:
            return False
        self._spot = self.spot
        self._path, self._s_m, self._wait_s, self._waited_m = path, 0.0, 0.0, -1.0
        self.emergency = emergency
        return True

    def halt(self) -> None:
        """Stops where it is."""
        self._spot, self._path, self.speed_ms = self.spot, None, 0.0

    def advance(self, seconds: float) -> None:
        """Lets ``seconds`` pass."""
        while seconds > 0 and self._path is not None:
            step = min(_STEP_S, seconds)
            seconds -= step
            self._step(self._path, step)

    def _step(self, path: Path, dt: float) -> None:
        if self._wait_s > 0:
            self._wait_s -= dt
            self.speed_ms = 0.0
            return
        _, _, limit, _ = path.at(self._s_m)
        goal_ms = limit * (EMERGENCY_FACTOR if self.emergency else CRUISE_FACTOR)
        # Brake early enough for the end of the way and for the next turn.
        left_m = max(path.length_m - self._s_m, 0.0)
        goal_ms = min(goal_ms, math.sqrt(2 * BRAKING_MS2 * left_m) + 0.5)
        crossing = path.crossing_after(self._s_m)
        if crossing is not None:
            ahead_m, turn = crossing
            if turn:
                goal_ms = min(goal_ms, math.sqrt(TURN_MS**2 + 2 * BRAKING_MS2 * ahead_m))
            if ahead_m < 12.0 and not self.emergency and self._waited_m != self._s_m + ahead_m:
                self._waited_m = self._s_m + ahead_m
                if self._rng.random() < 0.3:
                    self._wait_s = self._rng.uniform(3.0, 20.0)
        change = goal_ms - self.speed_ms
        self.speed_ms += min(max(change, -BRAKING_MS2 * 2 * dt), ACCELERATION_MS2 * dt)
        moved = max(self.speed_ms, 0.0) * dt
        self._s_m += moved
        self.mileage_m += moved
        point, heading, _, lane_m = path.at(self._s_m)
        self.point = (
            point[0] + lane_m * math.cos(heading),
            point[1] - lane_m * math.sin(heading),
        )
        turned = math.remainder(heading - self.course_rad, 2 * math.pi)
        most = math.radians(60) * dt if self.speed_ms < 15 else math.radians(30) * dt
        self.course_rad += min(max(turned, -most), most)
        if self._s_m >= path.length_m - 0.5:
            self._spot = path.spot(path.length_m)
            self._path, self.speed_ms = None, 0.0
