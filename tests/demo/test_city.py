"""The demo city is one city, always the same, and nothing in it stands where it cannot."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, Point, Polygon

from analytics.zone_check import check_zone
from analytics.zone_store import ZoneDraft
from demo import city_files
from demo.city_joins import WELD_M, Piece, weld
from demo.city_lines import Centreline
from demo.city_model import City
from demo.city_seen import ground_camera
from demo.city_zones import on_map
from gis.model import LonLat
from tests.support.city import demo_city, one_worker

pytestmark = one_worker
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def city() -> City:
    return demo_city()


def _reached(links: dict[object, list[object]], start: object) -> int:
    seen, todo = {start}, [start]
    while todo:
        for there in links[todo.pop()]:
            if there not in seen:
                seen.add(there)
                todo.append(there)
    return len(seen)


def test_another_process_builds_the_same_city(city: City) -> None:
    code = "from demo import city, city_files; print(city_files.digest(city.build_city()))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == city_files.digest(city)


def test_every_crossing_can_be_driven_to_and_left(city: City) -> None:
    ahead: dict[object, list[object]] = defaultdict(list)
    back: dict[object, list[object]] = defaultdict(list)
    for street in city.streets:
        pairs = [(street.source, street.target)]
        if not street.one_way:
            pairs.append((street.target, street.source))
        for a, b in pairs:
            ahead[a].append(b)
            back[b].append(a)
    crossings = len(city.crossings)
    assert crossings > 500
    assert _reached(ahead, city.crossings[0].id) == crossings
    assert _reached(back, city.crossings[0].id) == crossings


def test_streets_end_at_their_crossings(city: City) -> None:
    at = {c.id: c.at for c in city.crossings}
    for street in city.streets:
        assert math.dist(street.line[0], at[street.source]) < 0.02
        assert math.dist(street.line[-1], at[street.target]) < 0.02
        assert street.length_m == pytest.approx(LineString(street.line).length, abs=0.1)


def test_no_street_is_a_stub_or_just_misses_another(city: City) -> None:
    lines = [LineString(s.line) for s in city.streets]
    tree = shapely.STRtree(lines)
    meeting = Counter(end for s in city.streets for end in (s.source, s.target))
    for street in city.streets:
        assert street.length_m >= WELD_M, street
        assert street.source != street.target, street
        for end, spot in ((street.source, street.line[0]), (street.target, street.line[-1])):
            if meeting[end] == 1:
                near = {int(i) for i in tree.query(Point(spot), predicate="dwithin", distance=5.0)}
                assert near == {street.id - 1}, street


def _piece(name: str, *points: tuple[float, float], one_way: bool = False) -> Piece:
    line = LineString(points)
    return Centreline(name, name, "residential", line, one_way), line


def test_welding_joins_a_street_that_ends_just_short_of_another() -> None:
    done = weld([_piece("a", (0, 0), (100, 0), one_way=True), _piece("b", (40, 1), (40, 80))])
    ends = sorted((o.name, line.coords[0], line.coords[-1]) for o, line in done)
    assert ends == [
        ("a", (0.0, 0.0), (40.0, 0.0)),
        ("a", (40.0, 0.0), (100.0, 0.0)),
        ("b", (40.0, 0.0), (40.0, 80.0)),
    ]


def test_welding_drops_a_stub_and_keeps_the_busier_crossing() -> None:
    done = weld(
        [
            _piece("a", (0, 0), (50, 0)), _piece("a", (50, 0), (100, 0)),
            _piece("b", (50, -60), (50, 0)), _piece("b", (50, 0), (51, 2)),
            _piece("c", (51, 2), (52, 4), (90, 90)), _piece("far", (40, 8), (40, 70)),
        ]
    )  # fmt: skip
    assert [o.name for o, _ in done] == ["a", "a", "b", "c", "far"]
    assert list(done[3][1].coords) == [(50.0, 0.0), (90.0, 90.0)]
    assert list(done[4][1].coords) == [(40.0, 8.0), (40.0, 70.0)]


def test_only_bridges_cross_water(city: City) -> None:
    water = shapely.union_all([Polygon(a.ring) for a in city.areas if a.kind == "water"])
    for street in city.streets:
        wet_m = LineString(street.line).intersection(water).length
        assert street.bridge == (wet_m > 5.0), street.name
    assert sum(s.bridge for s in city.streets) > 12


def test_buildings_stand_on_dry_land_beside_the_streets(city: City) -> None:
    footprints = [Polygon(b.ring) for b in city.buildings]
    assert len(footprints) > 1000
    tree = shapely.STRtree(footprints)
    for street in city.streets:
        carriageway = LineString(street.line).buffer(street.width_m / 2, cap_style="flat")
        assert len(tree.query(carriageway, predicate="intersects")) == 0, street.name
    for area in city.areas:
        if area.kind == "water" or area.use == "yard":
            assert len(tree.query(Polygon(area.ring), predicate="intersects")) == 0, area.name


def test_the_city_has_what_its_services_need(city: City) -> None:
    kinds: dict[str, int] = defaultdict(int)
    for place in city.places:
        kinds[place.kind] += 1
    for kind, least in {
        "hospital": 3, "police_station": 5, "fire_station": 3, "school": 5, "market": 2,
        "estate": 50, "government": 1, "chemical_plant": 1,
    }.items():  # fmt: skip
        assert kinds[kind] >= least, kind
    services: dict[str, int] = defaultdict(int)
    for vehicle in city.vehicles:
        services[vehicle.service] += 1
    assert dict(services) == {"taxi": 30, "police": 12, "fire": 6, "ambulance": 6, "municipal": 6}
    assert len({v.phone for v in city.vehicles}) == 60
    assert all((v.code is None) == (v.service == "taxi") for v in city.vehicles)


@pytest.mark.parametrize("network", ["water", "gas", "sewer", "power"])
def test_each_pipe_network_hangs_together(city: City, network: str) -> None:
    (pipes,) = [n for n in city.pipes if n.network == network]
    at = {n.key: n.at for n in pipes.nodes}
    assert len(at) == len(pipes.nodes)
    links: dict[object, list[object]] = defaultdict(list)
    for edge in pipes.edges:
        links[edge.source].append(edge.target)
        links[edge.target].append(edge.source)
        assert edge.line[0] == at[edge.source]
        assert edge.line[-1] == at[edge.target]
    assert _reached(links, pipes.nodes[0].key) == len(at)


def test_sewers_fall_all_the_way_to_the_outfall(city: City) -> None:
    (sewer,) = [n for n in city.pipes if n.network == "sewer"]
    invert = {n.key: float(dict(n.props)["invert_m"]) for n in sewer.nodes if n.kind != "customer"}
    gravity = [e for e in sewer.edges if e.kind == "gravity"]
    assert gravity
    assert all(invert[e.source] >= invert[e.target] for e in gravity)


def test_some_valves_do_not_turn(city: City) -> None:
    (water,) = [n for n in city.pipes if n.network == "water"]
    stuck = [n for n in water.nodes if n.kind == "valve" and not dict(n.props)["operable"]]
    valves = sum(n.kind == "valve" for n in water.nodes)
    assert 0.01 < len(stuck) / valves < 0.08


def test_eight_cameras_look_at_open_ground(city: City) -> None:
    assert len(city.cameras) >= 8
    assert sum(c.published for c in city.cameras) == 4
    buildings = shapely.STRtree([Polygon(b.ring) for b in city.buildings])
    for camera in city.cameras:
        pose = camera.pose
        assert (
            6 <= pose.height_m <= 12 and -35 <= pose.pitch_deg <= -12 and 55 <= pose.hfov_deg <= 90
        )
        assert math.dist(city.point(pose.place), camera.at) < 0.05
        assert len(buildings.query(Point(camera.at).buffer(1.0), predicate="intersects")) == 0
        # What it looks at, in the middle of its picture, is not hidden by a building.
        fix = ground_camera(camera).locate(camera.width_px / 2, camera.height_px / 2)
        assert fix is not None
        sight = LineString([camera.at, city.point(fix.place)])
        assert len(buildings.query(sight, predicate="intersects")) == 0, camera.code
        assert all(math.dist(t.at, camera.at) > 10.0 for t in city.trees)


def test_zones_lie_on_their_ground(city: City) -> None:
    cameras = {c.code: c for c in city.cameras}
    for zone in city.zones:
        assert all(0.0 <= v <= 1.0 for point in zone.points for v in point)
        if zone.camera is None:
            continue
        camera = cameras[zone.camera]
        geometry = ground_camera(camera)
        for x, y in zone.points:
            fix = geometry.locate(x * camera.width_px, y * camera.height_px)
            assert fix is not None
            spot = Point(city.point(fix.place))
            if zone.rule != "line_crossing":
                assert Polygon(zone.ground).buffer(0.3).contains(spot)
            else:
                assert LineString(zone.ground).distance(spot) < 0.3


def test_the_yards_camera_sees_most_of_the_yard(city: City) -> None:
    zone = next(z for z in city.zones if z.camera == "cam-yard")
    picture = Polygon(np.array(zone.points) * (960, 540))
    assert picture.is_valid
    assert picture.area > 0.35 * 960 * 540
    camera = ground_camera(next(c for c in city.cameras if c.code == "cam-yard"))
    view = Polygon([city.frame.to_enu(*p) for p in camera.field_of_view()])
    yard = Polygon(zone.ground)
    assert yard.intersection(view).area > 0.75 * yard.area


def test_every_zone_is_one_that_its_rule_can_watch(city: City) -> None:
    for zone in city.zones:
        corners = on_map(city.frame, zone.ground)
        ground = [LonLat(*pair) for pair in zip(corners[::2], corners[1::2], strict=True)]
        check_zone(
            ZoneDraft(
                camera_id=1 if zone.camera else None,
                name=zone.name,
                rule=zone.rule,
                points=zone.points,
                classes=zone.classes,
                threshold=zone.threshold,
                clear=zone.clear,
                arrow=zone.arrow,
                gauge_m=zone.gauge_m,
                schedule=zone.schedule,
                ground=() if zone.camera else tuple(ground),
            )
        )
