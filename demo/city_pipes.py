"""The demo city's four pipe networks, laid along its streets.

Each network lies beside the middle of the street at a distance of its own: the whole street plan moved a few
metres, so that pipes meet wherever streets do.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from shapely import affinity
from shapely.geometry import LineString
from shapely.ops import substring

from demo.city_model import (
    Crossing,
    NamedPlace,
    Network,
    PipeEdge,
    PipeNetwork,
    PipeNode,
    Point,
    Street,
)

_SHIFT_M: dict[Network, Point] = {
    "water": (3.6, 3.4),
    "gas": (-3.7, -3.5),
    "sewer": (0.9, -0.8),
    "power": (4.6, -4.4),
}
_VALVE_FROM_CROSSING_M = 9.0
_HYDRANT_EVERY_M = 110.0
_MANHOLE_EVERY_M = 60.0
_POLE_EVERY_M = 80.0
_SERVICE_MAX_M = 260.0
_MAINS = frozenset(("junction", "hydrant", "manhole", "pole", "valve"))
_WATER_MM = {"primary": 600.0, "secondary": 400.0, "tertiary": 300.0, "residential": 200.0}
_GAS_MM = {"primary": 315.0, "secondary": 250.0, "tertiary": 200.0, "residential": 110.0}
Props = tuple[tuple[str, str | float | bool], ...]


def build(
    crossings: Sequence[Crossing], streets: Sequence[Street], places: Sequence[NamedPlace]
) -> tuple[PipeNetwork, ...]:
    """Water, gas, sewer and power."""
    plan = _Plan(crossings, streets, places)
    return (_water(plan), _gas(plan), _sewer(plan), _power(plan))


@dataclass(frozen=True, slots=True)
class _Plan:
    crossings: Sequence[Crossing]
    streets: Sequence[Street]
    places: Sequence[NamedPlace]

    def arms(self) -> dict[int, list[Street]]:
        found: dict[int, list[Street]] = defaultdict(list)
        for street in self.streets:
            found[street.source].append(street)
            found[street.target].append(street)
        return found

    def place(self, key: str) -> NamedPlace:
        return next(p for p in self.places if p.key == key)

    def crossing_near(self, at: Point) -> Crossing:
        return min(self.crossings, key=lambda c: math.dist(c.at, at))

    def tree(
        self, root: int, weight: Callable[[Street], float]
    ) -> tuple[dict[int, Street], dict[int, float]]:
        """Each crossing's street towards the root by least weight, and its distance along it in metres."""
        arms = self.arms()
        towards: dict[int, Street] = {}
        cost = {root: 0.0}
        metres = {root: 0.0}
        todo = [(0.0, root)]
        while todo:
            so_far, here = heapq.heappop(todo)
            if so_far > cost[here]:
                continue
            for street in arms[here]:
                there = street.target if street.source == here else street.source
                total = so_far + weight(street)
                if total < cost.get(there, math.inf):
                    cost[there] = total
                    metres[there] = metres[here] + street.length_m
                    towards[there] = street
                    heapq.heappush(todo, (total, there))
        return towards, metres


@dataclass(slots=True)
class _Draft:
    """A network while it is laid."""

    network: Network
    nodes: dict[str, PipeNode] = field(default_factory=dict)
    edges: list[PipeEdge] = field(default_factory=list)

    def moved(self, at: Point) -> Point:
        dx, dy = _SHIFT_M[self.network]
        return (round(at[0] + dx, 2), round(at[1] + dy, 2))

    def node(
        self, key: str, kind: str, at: Point, name: str | None = None, props: Props = ()
    ) -> str:
        if key not in self.nodes:
            self.nodes[key] = PipeNode(key, kind, (round(at[0], 2), round(at[1], 2)), name, props)
        return key

    def crossing(self, crossing: Crossing, kind: str = "junction") -> str:
        return self.node(f"j{crossing.id}", kind, self.moved(crossing.at))

    def edge(
        self,
        kind: str,
        source: str,
        target: str,
        line: Sequence[Point] | None,
        diameter_mm: float | None,
        material: str,
        props: Props = (),
    ) -> None:
        start, end = self.nodes[source].at, self.nodes[target].at
        inner = [] if line is None else [(round(x, 2), round(y, 2)) for x, y in line[1:-1]]
        key = f"{self.network[0]}{len(self.edges) + 1:05d}"
        drawn = (start, *inner, end)
        if len(set(drawn)) > 1:
            self.edges.append(
                PipeEdge(key, kind, source, target, drawn, diameter_mm, material, props)
            )

    def along(
        self,
        street: Street,
        start: str,
        end: str,
        stops: Sequence[tuple[float, str, str, Props]],
        kind: str,
        diameter_mm: float | None,
        material: str,
    ) -> None:
        """Lays a street's pipe from node to node through ``stops`` (metres from the start, key, kind, props)."""
        dx, dy = _SHIFT_M[self.network]
        line = affinity.translate(LineString(street.line), dx, dy)
        here, here_m = start, 0.0
        for at_m, key, stop_kind, props in [*stops, (line.length, end, "", ())]:
            part = substring(line, here_m, at_m)
            if key != end:
                tip = part.coords[-1]
                self.node(key, stop_kind, (tip[0], tip[1]), None, props)
            self.edge(kind, here, key, [(c[0], c[1]) for c in part.coords], diameter_mm, material)
            here, here_m = key, at_m

    def services(
        self,
        places: Sequence[NamedPlace],
        diameter_mm: float | None,
        material: str,
        through: str | None = None,
    ) -> None:
        """Ties customers to the nearest node of the mains, by way of a ``through`` (regulator) where given."""
        mains = [n for n in self.nodes.values() if n.kind in _MAINS]
        at = np.array([n.at for n in mains])
        for place in places:
            away_m = np.hypot(*(at - place.at).T)
            nearest = mains[int(np.argmin(away_m))]
            if away_m.min() > _SERVICE_MAX_M:
                continue
            source = nearest.key
            if through is not None:
                share = min(0.5, 8.0 / max(float(away_m.min()), 1.0))
                spot = (
                    nearest.at[0] + (place.at[0] - nearest.at[0]) * share,
                    nearest.at[1] + (place.at[1] - nearest.at[1]) * share,
                )
                source = self.node(f"{through[0]}-{place.key}", through, spot)
                self.edge("service", nearest.key, source, None, diameter_mm, material)
            target = self.node(f"c-{place.key}", "customer", place.at, place.name)
            self.edge("service", source, target, None, diameter_mm, material)

    def done(self) -> PipeNetwork:
        return PipeNetwork(self.network, tuple(self.nodes.values()), tuple(self.edges))


def _customers(plan: _Plan, but: Sequence[str]) -> list[NamedPlace]:
    open_ground = ("park", "square", "crossing")
    return [p for p in plan.places if p.kind not in open_ground and p.key not in but]


def _water(plan: _Plan) -> PipeNetwork:
    """A looped network with a valve on all arms but one of each crossing, hydrants, and a customer a block."""
    draft = _Draft("water")
    crossing = {c.id: c for c in plan.crossings}
    arms = plan.arms()
    for street in plan.streets:
        start, end = (draft.crossing(crossing[i]) for i in (street.source, street.target))
        valve_mm = _WATER_MM[street.road_class]
        stops: list[tuple[float, str, str, Props]] = []
        number = street.id
        roomy = street.length_m > 45.0
        if roomy and _valved(arms[street.source], street):
            stops.append((_VALVE_FROM_CROSSING_M, f"v{number}a", "valve", _valve(number, valve_mm)))
        count = int((street.length_m - 30.0) // _HYDRANT_EVERY_M)
        for i in range(count):
            at_m = street.length_m * (i + 1) / (count + 1)
            stops.append((at_m, f"h{number}-{i + 1}", "hydrant", (("type", "地上式"),)))
        if roomy and _valved(arms[street.target], street):
            at_m = street.length_m - _VALVE_FROM_CROSSING_M
            stops.append((at_m, f"v{number}b", "valve", _valve(number + 7, valve_mm)))
        material = "DI" if valve_mm >= 300 else "PE" if number % 3 else "CI"
        draft.along(street, start, end, stops, "main", valve_mm, material)
    works = plan.place("waterworks")
    nearest = plan.crossing_near(works.at)
    at, to = works.at, draft.nodes[f"j{nearest.id}"].at
    for i in (1, 2):
        # Two pumps side by side between the clear well and the town.
        pump = (at[0] + (to[0] - at[0]) * 0.3 + i * 3.0, at[1] + (to[1] - at[1]) * 0.3)
        draft.node("well", "source", at, works.name)
        draft.node(f"pump{i}", "pump", pump, f"{i} 号泵")
        draft.edge("main", "well", f"pump{i}", None, 800.0, "steel")
        draft.edge("main", f"pump{i}", f"j{nearest.id}", None, 800.0, "steel")
    draft.services(_customers(plan, ("waterworks",)), 100.0, "PE")
    return draft.done()


def _valved(arms: Sequence[Street], street: Street) -> bool:
    """The n - 1 rule: at a crossing of three or more, every arm but the last has a valve."""
    return len(arms) >= 3 and street is not arms[-1]


def _valve(number: int, diameter_mm: float) -> Props:
    # One in thirty does not turn: the map must know, or a burst is not stopped where the plan says.
    return (("operable", number % 30 != 0), ("diameter_mm", diameter_mm))


def _gas(plan: _Plan) -> PipeNetwork:
    """Medium pressure along the wider streets and to every block, a regulator before each customer."""
    draft = _Draft("gas")
    crossing = {c.id: c for c in plan.crossings}
    gate = plan.place("gas-gate")
    root = plan.crossing_near(gate.at)
    towards, _ = plan.tree(root.id, lambda s: s.length_m * (3.0 if s.bridge else 1.0))
    laid = {s.id for s in towards.values()}
    for street in plan.streets:
        wide = street.road_class in ("primary", "secondary")
        if street.id not in laid and not wide:
            continue
        start, end = (draft.crossing(crossing[i]) for i in (street.source, street.target))
        stops: list[tuple[float, str, str, Props]] = []
        if wide and street.length_m > 60.0:
            stops.append((12.0, f"v{street.id}", "valve", (("operable", street.id % 40 != 0),)))
        diameter = _GAS_MM[street.road_class]
        draft.along(street, start, end, stops, "main", diameter, "steel" if wide else "PE")
    draft.node("gate", "source", gate.at, gate.name)
    draft.edge("main", "gate", f"j{root.id}", None, 400.0, "steel")
    draft.services(
        _customers(plan, ("gas-gate", "substation", "oil")), 63.0, "PE", through="regulator"
    )
    return draft.done()


def _sewer(plan: _Plan) -> PipeNetwork:
    """A tree that falls to the works by the river: manholes on the way, pressure pipes under water."""
    draft = _Draft("sewer")
    crossing = {c.id: c for c in plan.crossings}
    works = plan.place("sewage")
    root = plan.crossing_near(works.at)
    towards, metres = plan.tree(root.id, lambda s: s.length_m * (4.0 if s.bridge else 1.0))
    upstream: dict[int, int] = defaultdict(lambda: 1)
    for here in sorted(towards, key=lambda c: -metres[c]):
        street = towards[here]
        there = street.target if street.source == here else street.source
        upstream[there] += upstream[here]
    for here in sorted(metres, key=lambda c: metres[c]):
        draft.node(
            f"j{here}", "manhole", draft.moved(crossing[here].at), None,
            (("invert_m", round(-4.5 + metres[here] * 0.0011, 2)),),
        )  # fmt: skip
    for here, street in sorted(towards.items()):
        forward = street.source == here
        there = street.target if forward else street.source
        downhill = street if forward else _reversed(street)
        count = int(street.length_m // _MANHOLE_EVERY_M) if not street.bridge else 0
        high, low = metres[here], metres[there]
        stops: list[tuple[float, str, str, Props]] = []
        for i in range(count):
            share = (i + 1) / (count + 1)
            invert = round(-4.5 + (high + (low - high) * share) * 0.0011, 2)
            stops.append(
                (
                    street.length_m * share,
                    f"m{street.id}-{i + 1}",
                    "manhole",
                    (("invert_m", invert),),
                )
            )
        diameter = min(1800.0, 300.0 + 100.0 * round(math.sqrt(upstream[here])))
        kind = "pressure" if street.bridge else "gravity"
        draft.along(downhill, f"j{here}", f"j{there}", stops, kind, diameter, "RC" if diameter > 600 else "HDPE")  # fmt: skip
    draft.node("outfall", "outfall", works.at, works.name, (("invert_m", -4.8),))
    draft.edge("gravity", f"j{root.id}", "outfall", None, 1800.0, "RC")
    draft.services(_customers(plan, ("sewage",)), 300.0, "HDPE")
    return draft.done()


def _reversed(street: Street) -> Street:
    return Street(
        street.id, street.target, street.source, street.road_class, street.name, street.name_en,
        street.one_way, street.bridge, street.line[::-1], street.length_m,
    )  # fmt: skip


def _power(plan: _Plan) -> PipeNetwork:
    """10 kV feeders from the substation: cables in the wider streets, poles in the others."""
    draft = _Draft("power")
    crossing = {c.id: c for c in plan.crossings}
    station = plan.place("substation")
    root = plan.crossing_near(station.at)
    towards, metres = plan.tree(root.id, lambda s: s.length_m)
    for here in sorted(metres):
        draft.crossing(crossing[here])
    for here, street in sorted(towards.items()):
        forward = street.source == here
        there = street.target if forward else street.source
        away = _reversed(street) if forward else street
        stops: list[tuple[float, str, str, Props]] = []
        if street.road_class == "residential":
            count = int(street.length_m // _POLE_EVERY_M)
            stops = [
                (street.length_m * (i + 1) / (count + 1), f"p{street.id}-{i + 1}", "pole", ())
                for i in range(count)
            ]
        material = "overhead" if stops else "XLPE"
        draft.along(away, f"j{there}", f"j{here}", stops, "cable", None, material)
    draft.node("substation", "substation", station.at, station.name, (("kv", 110.0),))
    draft.edge("cable", "substation", f"j{root.id}", None, None, "XLPE")
    draft.services(_customers(plan, ("substation",)), None, "XLPE")
    return draft.done()
