"""Snapping, travel times and ways, against small graphs worked out by hand and against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.db import Database
from gis.ground import LocalFrame
from gis.model import LonLat
from gis.road_store import RoadRows
from gis.roads import MAIN_WALK_M, OFF_ROAD_MS, LiveRoadGraph, RoadGraph

FRAME = LocalFrame(LonLat(120.98, 31.38))
Edge = tuple[int, int, float, bool]  # source, target, km/h, one way


def at(e_m: float, n_m: float) -> LonLat:
    return LonLat(*FRAME.to_lonlat(e_m, n_m))


def graph(
    nodes: list[tuple[float, float]], edges: list[Edge], walk_m: float = MAIN_WALK_M
) -> RoadGraph:
    places = [at(*n) for n in nodes]
    return RoadGraph(
        RoadRows(
            node_lon=np.array([p.lon for p in places]),
            node_lat=np.array([p.lat for p in places]),
            source=np.array([e[0] for e in edges], dtype=np.int64),
            target=np.array([e[1] for e in edges], dtype=np.int64),
            one_way=np.array([e[3] for e in edges], dtype=np.bool_),
            speed_kmh=np.array([e[2] for e in edges], dtype=np.float64),
            length_m=np.array([np.hypot(*np.subtract(nodes[e[0]], nodes[e[1]])) for e in edges]),
            lines=tuple(
                np.array(
                    [[places[e[0]].lon, places[e[0]].lat], [places[e[1]].lon, places[e[1]].lat]]
                )
                for e in edges
            ),
        ),
        walk_m,
    )


# 0 --- 1 --- 2     0-1 and 1-2 slow and two-way, 0-3-2 a fast detour, 3 above.
SQUARE = [(0.0, 0.0), (500.0, 0.0), (1000.0, 0.0), (500.0, 400.0)]


def test_the_faster_way_wins_over_the_shorter() -> None:
    roads = graph(
        SQUARE, [(0, 1, 18, False), (1, 2, 18, False), (0, 3, 72, False), (3, 2, 72, False)]
    )
    way = roads.route(at(0, 0), at(1000, 0))
    assert way is not None
    assert way.distance_m == pytest.approx(2 * np.hypot(500, 400), abs=0.5)
    assert way.eta_s == pytest.approx(way.distance_m / 20.0, rel=1e-3)
    middle = [FRAME.to_enu(*p) for p in way.path]
    assert min(np.hypot(e - 500, n - 400) for e, n in middle) < 0.1


def test_a_place_within_an_edge_counts_its_share_and_the_steps_beside_it() -> None:
    roads = graph(SQUARE[:2], [(0, 1, 36, False)])
    eta = roads.eta_to(at(400, 10), [at(100, -20)])[0]
    assert eta is not None
    assert eta.distance_m == pytest.approx(300 + 30, abs=0.2)
    assert eta.eta_s == pytest.approx(300 / 10 + 30 / OFF_ROAD_MS, abs=0.1)


def test_one_way_streets_force_the_way_round() -> None:
    nodes = [(0.0, 0.0), (300.0, 0.0), (300.0, 300.0), (0.0, 300.0)]
    roads = graph(nodes, [(0, 1, 36, True), (1, 2, 36, True), (2, 3, 36, True), (3, 0, 36, True)])
    ahead = roads.route(at(100, 0), at(200, 0))
    back = roads.route(at(200, 0), at(100, 0))
    assert ahead is not None and back is not None
    assert ahead.distance_m == pytest.approx(100, abs=0.2)
    assert back.distance_m == pytest.approx(1100, abs=0.5)
    assert len(back.path) >= 6


def test_out_of_reach_is_none() -> None:
    nodes = [(0.0, 0.0), (300.0, 0.0), (2000.0, 0.0), (2300.0, 0.0)]
    roads = graph(nodes, [(0, 1, 36, False), (2, 3, 36, False)])
    etas = roads.eta_to(at(150, 0), [at(2100, 0), at(10, 0), at(150, 20_000)])
    assert etas[0] is None
    assert etas[1] is not None
    assert etas[2] is None
    assert roads.eta_to(at(0, 50_000), [at(0, 0)]) == [None]


def test_a_one_way_dead_end_can_be_entered_but_not_left() -> None:
    nodes = [(0.0, 0.0), (300.0, 0.0), (600.0, 0.0)]
    roads = graph(nodes, [(0, 1, 36, False), (1, 2, 36, True)])
    assert roads.route(at(0, 0), at(590, 0)) is not None
    assert roads.route(at(590, 0), at(0, 0)) is None


# A ring 0-1-2-3 of 400 m by 300 m; 4 is the end of a one-way street beside the ring's crossing 1.
RING = [(0.0, 0.0), (400.0, 0.0), (400.0, 300.0), (0.0, 300.0), (500.0, 0.0)]
RING_EDGES: list[Edge] = [(0, 1, 36, False), (1, 2, 36, False), (2, 3, 36, True), (3, 0, 36, True)]


def test_from_a_street_without_a_way_out_the_main_network_beside_it_is_taken() -> None:
    roads = graph(RING, [*RING_EDGES, (1, 4, 36, True)])
    into = roads.route(at(100, 0), at(490, 0))
    out = roads.route(at(490, 0), at(100, 0))
    assert into is not None and out is not None
    assert into.distance_m == pytest.approx(390, abs=0.2)
    assert into.eta_s == pytest.approx(39, abs=0.1)
    assert out.distance_m == pytest.approx(90 + 300, abs=0.2)
    assert out.eta_s == pytest.approx(90 / OFF_ROAD_MS + 30, abs=0.1)
    strict = graph(RING, [*RING_EDGES, (1, 4, 36, True)], walk_m=0.0)
    assert strict.route(at(490, 0), at(100, 0)) is None


def test_to_a_street_without_a_way_in_the_main_network_beside_it_is_taken() -> None:
    roads = graph(RING, [*RING_EDGES, (4, 1, 36, True)])
    etas = roads.eta_to(at(490, 0), [at(100, 0), at(499, 0)])
    assert etas[0] is not None and etas[1] is not None
    assert etas[0].eta_s == pytest.approx(90 / OFF_ROAD_MS + 30, abs=0.1)
    assert etas[1].eta_s == pytest.approx(0.9, abs=0.1)  # along the street itself


def test_from_island_to_island_both_sides_go_by_the_main_network() -> None:
    nodes = [*RING, (430.0, 100.0), (430.0, 250.0), (-40.0, 100.0), (-40.0, 200.0)]
    roads = graph(nodes, [*RING_EDGES, (5, 6, 36, False), (7, 8, 36, False)])
    way = roads.route(at(430, 200), at(-40, 150))
    assert way is not None
    # 30 m and 40 m on foot; between them 100 m up, 400 m across and 150 m down the ring.
    assert way.distance_m == pytest.approx(30 + 100 + 400 + 150 + 40, abs=0.3)
    same = roads.eta_to(at(430, 240), [at(430, 110)])[0]
    assert same is not None
    assert same.eta_s == pytest.approx(13, abs=0.1)


def test_the_main_network_is_taken_at_once_where_it_is_hardly_farther() -> None:
    nodes = [*RING, (10.0, 15.0), (390.0, 15.0)]
    roads = graph(nodes, [*RING_EDGES, (5, 6, 36, False)])
    near, far = roads.snap([at(200, 14), at(200, 35)])
    assert near is not None and near.edge == 0
    assert near.off_m == pytest.approx(14, abs=0.1)
    assert far is not None and far.edge == 0
    strict = graph(nodes, [*RING_EDGES, (5, 6, 36, False)], walk_m=0.0)
    (nearest,) = strict.snap([at(200, 14)])
    assert nearest is not None and nearest.edge == 4


def test_of_parallel_streets_the_faster_counts() -> None:
    roads = graph(SQUARE[:3], [(0, 1, 18, False), (0, 1, 72, False), (1, 2, 36, False)])
    eta = roads.eta_to(at(999, 0), [at(0, 0)])[0]
    assert eta is not None
    assert eta.eta_s == pytest.approx(500 / 20 + 499 / 10, abs=0.2)


def test_an_empty_graph_reaches_nothing() -> None:
    roads = graph([], [])
    assert roads.eta_to(at(0, 0), [at(1, 1)]) == [None]
    assert roads.route(at(0, 0), at(1, 1)) is None


@st.composite
def networks(draw: st.DrawFn) -> tuple[list[tuple[float, float]], list[Edge]]:
    count = draw(st.integers(3, 8))
    nodes = [
        (float(draw(st.integers(0, 20)) * 37 + i), float(draw(st.integers(0, 20)) * 41 + i * 3))
        for i in range(count)
    ]
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(
        lambda p: p[0] != p[1]
    )
    edges = draw(
        st.lists(
            st.tuples(pairs, st.sampled_from([18.0, 36.0, 72.0]), st.booleans()),
            min_size=1,
            max_size=14,
        )
    )
    return nodes, [(a, b, speed, one_way) for (a, b), speed, one_way in edges]


@settings(max_examples=60, deadline=None)
@given(networks())
def test_times_between_crossings_match_floyd_warshall(
    network: tuple[list[tuple[float, float]], list[Edge]],
) -> None:
    nodes, edges = network
    time_s = np.full((len(nodes), len(nodes)), np.inf)
    np.fill_diagonal(time_s, 0.0)
    for a, b, speed, one_way in edges:
        seconds = np.hypot(*np.subtract(nodes[a], nodes[b])) / (speed / 3.6)
        time_s[a, b] = min(time_s[a, b], seconds)
        if not one_way:
            time_s[b, a] = min(time_s[b, a], seconds)
    for k in range(len(nodes)):
        time_s = np.minimum(time_s, time_s[:, k : k + 1] + time_s[k : k + 1, :])
    roads = graph(nodes, edges, walk_m=0.0)
    # A place exactly on a crossing may snap to any street there, so that times start from its ends:
    # compare only crossings where nothing but two-way streets meet.
    free = [
        n
        for n in range(len(nodes))
        if any(n in e[:2] for e in edges) and all(not e[3] for e in edges if n in e[:2])
        and all(_clear(nodes, e, n) for e in edges)
    ]  # fmt: skip
    for scene in free:
        etas = roads.eta_to(at(*nodes[scene]), [at(*nodes[o]) for o in free])
        ways = roads.routes_to(at(*nodes[scene]), [at(*nodes[o]) for o in free])
        for origin, eta, way in zip(free, etas, ways, strict=True):
            if np.isinf(time_s[origin, scene]):
                assert eta is None and way is None
                continue
            assert eta is not None and way is not None
            assert eta.eta_s == pytest.approx(time_s[origin, scene], abs=0.05)
            drawn = np.array([FRAME.to_enu(*p) for p in way.path])
            assert np.hypot(*np.diff(drawn, axis=0).T).sum() == pytest.approx(
                way.distance_m, abs=0.5
            )


def _clear(nodes: list[tuple[float, float]], edge: Edge, node: int) -> bool:
    """Whether an edge passes a crossing it does not belong to at more than a metre."""
    if node in edge[:2]:
        return True
    a, b, p = (np.array(nodes[i]) for i in (edge[0], edge[1], node))
    share = np.clip(np.dot(p - a, b - a) / np.dot(b - a, b - a), 0, 1)
    return bool(np.hypot(*(a + share * (b - a) - p)) > 1.0)


def test_the_live_graph_reads_again_after_an_import(database: Database) -> None:
    live = LiveRoadGraph(database)
    assert len(live.current()) == 0
    with database.transaction() as cursor:
        cursor.execute(
            "INSERT INTO road_node (id, geom) VALUES (1, ST_SetSRID(ST_Point(120.98, 31.38), 4326)),"
            " (7, ST_SetSRID(ST_Point(120.99, 31.38), 4326));"
            "INSERT INTO road_edge (id, source, target, class, speed_kmh, length_m, geom) VALUES"
            " (5, 7, 1, 'primary', 36, 951.4, ST_SetSRID(ST_MakeLine(ST_Point(120.99, 31.38), ST_Point(120.98, 31.38)), 4326))"
        )
        cursor.execute("INSERT INTO map_import VALUES ('osm', 'test', 'x', 1, 0)")
    roads = live.current()
    assert len(roads) == 1
    assert live.current() is roads
    eta = roads.eta_to(LonLat(120.98, 31.38), [LonLat(120.99, 31.38)])[0]
    assert eta is not None
    assert eta.eta_s == pytest.approx(95.14, abs=0.1)
