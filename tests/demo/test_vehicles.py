"""The demo's vehicles: how they drive, how they follow orders, and that a real gateway takes what they say."""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from demo.city_model import City, DemoVehicle, Service
from demo.driving import CRUISE_FACTOR, EMERGENCY_FACTOR, Driver, Spot, StreetMap
from demo.fleet import Order, Vehicle, read_order
from demo.vehicles import Fleet, ask, make_fleet, trigger_sos
from gis.clock import SystemClock
from gis.datum import to_wgs84
from gis.db import Database
from gis.errors import NotFound, SetupError
from gis.model import LonLat
from ingest.telemetry import jt808
from ingest.telemetry.settings import GatewaySettings
from tests.support.city import demo_city, one_worker
from tests.support.gateway import Running, until

pytestmark = one_worker

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def city() -> City:
    return demo_city()


@pytest.fixture(scope="module")
def streets(city: City) -> StreetMap:
    return StreetMap(city)


def about(
    city: City, service: Service, phone: str = "13900000001", **fields: object
) -> DemoVehicle:
    home = city.streets[10].source
    code = None if service == "taxi" else "P-01"
    vehicle = DemoVehicle(phone, f"苏E{phone[-5:]}", service, code, "车", "car", home, None, 2)
    return replace(vehicle, **fields)  # type: ignore[arg-type]


def test_ways_are_the_fastest(city: City, streets: StreetMap) -> None:
    ids = {c.id: i for i, c in enumerate(city.crossings)}
    best: dict[tuple[int, int], float] = {}
    for index, street in enumerate(city.streets):
        seconds = street.length_m / (street.speed_kmh / 3.6)
        ends = [(ids[street.source], ids[street.target])]
        if not streets.one_way(index):
            ends.append((ends[0][1], ends[0][0]))
        for end in ends:
            best[end] = min(best.get(end, math.inf), seconds)
    rows, columns = zip(*best, strict=True)
    graph = csr_matrix((list(best.values()), (rows, columns)), shape=(len(ids), len(ids)))
    rng = random.Random(1)
    for _ in range(25):
        a, b = rng.sample([c.id for c in city.crossings], 2)
        expected = float(np.asarray(dijkstra(graph, indices=ids[a]))[ids[b]])
        start, goal = streets.at_crossing(a), streets.at_crossing(b)
        path = streets.route(start, goal)
        assert path is not None
        seconds = sum(
            abs(leg.end_m - leg.start_m) / (city.streets[leg.street].speed_kmh / 3.6)
            for leg in path.legs
        )
        assert seconds == pytest.approx(expected, rel=0.01, abs=0.5)
        assert math.dist(path.points[0], streets.point(start)) < 0.5
        assert math.dist(path.points[-1], streets.point(goal)) < 0.5
        for leg in path.legs:
            assert leg.end_m >= leg.start_m or not streets.one_way(leg.street)


def test_every_street_can_be_reached_and_left(city: City, streets: StreetMap) -> None:
    middle = streets.nearest((0.0, 0.0))
    for index, street in enumerate(city.streets):
        spot = Spot(index, street.length_m / 2)
        assert streets.route(middle, spot) is not None, street
        assert streets.route(spot, middle) is not None, street


def test_ways_start_and_end_in_the_middle_of_streets(streets: StreetMap) -> None:
    rng = random.Random(2)
    for _ in range(50):
        start, goal = streets.random_spot(rng), streets.random_spot(rng)
        path = streets.route(start, goal)
        assert path is not None
        assert math.dist(path.points[0], streets.point(start)) < 0.01
        assert math.dist(path.points[-1], streets.point(goal)) < 0.01
        middle = path.spot(path.length_m / 2)
        assert math.dist(streets.point(middle), path.at(path.length_m / 2)[0]) < 0.01
        assert path.spot(0.0).street == start.street
        assert all(
            math.dist(a, b) < 400 for a, b in zip(path.points, path.points[1:], strict=False)
        )


@pytest.mark.parametrize("emergency", [False, True])
def test_driving_is_plausible(city: City, streets: StreetMap, emergency: bool) -> None:
    driver = Driver(streets, Spot(0, 1.0), random.Random(3))
    goal = streets.at_crossing(city.crossings[-1].id)
    assert driver.drive_to(goal, emergency)
    factor = EMERGENCY_FACTOR if emergency else CRUISE_FACTOR
    last, course, seconds = driver.point, driver.course_rad, 0
    while not driver.arrived:
        driver.advance(1.0)
        seconds += 1
        assert seconds < 3600
        assert driver.speed_ms <= 60 / 3.6 * factor + 0.1
        # Changing lanes at a crossing moves the vehicle a little sideways too.
        assert math.dist(last, driver.point) <= 60 / 3.6 * factor + 6.0
        assert abs(math.remainder(driver.course_rad - course, 2 * math.pi)) <= math.radians(61)
        last, course = driver.point, driver.course_rad
    assert math.dist(driver.point, streets.point(goal)) < 6.0
    straight = math.dist(streets.point(Spot(0, 1.0)), streets.point(goal))
    assert straight <= driver.mileage_m


def test_an_emergency_is_faster(city: City, streets: StreetMap) -> None:
    def seconds(emergency: bool) -> int:
        driver = Driver(streets, Spot(0, 1.0), random.Random(4))
        driver.drive_to(streets.at_crossing(city.crossings[-1].id), emergency)
        count = 0
        while not driver.arrived:
            driver.advance(1.0)
            count += 1
        return count

    assert seconds(True) < 0.75 * seconds(False)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        (
            "DISPATCH #1042 lon=120.98123 lat=31.38123 人民路",
            Order(1042, LonLat(120.98123, 31.38123)),
        ),
        ("DISPATCH #7 lon=121 lat=31", Order(7, LonLat(121.0, 31.0))),
        ("CLEAR #1042", 1042),
        ("DISPATCH #7 lon=999 lat=31", None),
        ("DISPATCH lon=121 lat=31", None),
        ("注意交通安全", None),
    ],
)
def test_orders_are_read(text: str, order: Order | int | None) -> None:
    assert read_order(text) == order


@pytest.mark.parametrize("service", ["police", "fire"])
def test_a_unit_drives_to_the_scene_and_stays_until_cleared(
    city: City, streets: StreetMap, service: Service
) -> None:
    vehicle = Vehicle(about(city, service), streets, random.Random(5))
    home = vehicle.driver.point
    scene = city.crossings[-1].at
    place = city.lonlat(scene)
    vehicle.take(f"DISPATCH #9 lon={place.lon:.6f} lat={place.lat:.6f} 某路")
    status = vehicle.report(AT).status
    assert vehicle.on_task and status & jt808.STATUS_FULL == jt808.STATUS_FULL
    assert vehicle.report(AT).signals == jt808.SIGNAL_CLEARANCE_LIGHTS | jt808.SIGNAL_HORN
    for _ in range(1200):
        vehicle.advance(1.0)
    assert math.dist(vehicle.driver.point, scene) < 10.0
    assert vehicle.report(AT).signals == 0
    vehicle.take("CLEAR #8")  # somebody else's
    for _ in range(300):
        vehicle.advance(1.0)
    assert vehicle.on_task and math.dist(vehicle.driver.point, scene) < 10.0
    vehicle.take("CLEAR #9")
    assert not vehicle.on_task
    for _ in range(1500):
        vehicle.advance(1.0)
    assert math.dist(vehicle.driver.point, scene) > 50.0
    if service == "fire":
        assert math.dist(vehicle.driver.point, home) < 10.0
        assert not vehicle.report(AT).status & jt808.STATUS_ACC


def test_taxis_roam_and_change_their_sign(city: City, streets: StreetMap) -> None:
    taxi = Vehicle(about(city, "taxi"), streets, random.Random(6))
    signs, places = set(), set()
    for _ in range(600):
        taxi.advance(5.0)
        signs.add(taxi.report(AT).status & jt808.STATUS_FULL)
        places.add(tuple(round(x / 200) for x in taxi.driver.point))
    assert signs == {0, jt808.STATUS_FULL} and len(places) > 10


def test_reports_are_in_the_terminals_own_datum(city: City, streets: StreetMap) -> None:
    plain = Vehicle(about(city, "fire"), streets, random.Random(7)).report(AT)
    shifted = Vehicle(about(city, "fire", datum="gcj02"), streets, random.Random(7)).report(AT)
    assert shifted.status & jt808.STATUS_SHIFTED and not plain.status & jt808.STATUS_SHIFTED
    assert abs(shifted.lon_deg - plain.lon_deg) > 0.003
    lon, lat = to_wgs84("gcj02", shifted.lon_deg, shifted.lat_deg)
    assert (lon, lat) == pytest.approx((plain.lon_deg, plain.lat_deg), abs=1e-7)


def test_the_same_seed_drives_the_same_way(city: City, streets: StreetMap) -> None:
    def trip() -> list[tuple[float, float]]:
        vehicle = Vehicle(about(city, "taxi"), streets, random.Random(8))
        points = []
        for _ in range(100):
            vehicle.advance(5.0)
            points.append(vehicle.driver.point)
        return points

    assert trip() == trip()


class FleetThread:
    """The fleet in a thread of this process."""

    def __init__(self, fleet: Fleet) -> None:
        import asyncio

        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(fleet.serve(self._stop)))
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture
def gateway(database: Database, tmp_path: Path) -> Iterator[Running]:
    settings = GatewaySettings(
        database.url,
        tmp_path,
        jt808_port=0,
        hj212_port=0,
        sl651_port=0,
        batch_s=0.05,
        directory_s=0.2,
    )
    running = Running(settings).start()
    yield running
    running.stop()


def test_a_fleet_reports_to_a_real_gateway(
    city: City, gateway: Running, database: Database, tmp_path: Path
) -> None:
    fleet_city = replace(
        city,
        vehicles=(
            about(city, "police", "13900000001"),
            about(city, "taxi", "13900000002", datum="gcj02"),
            about(city, "taxi", "13900000003"),  # the last taxi: the faulty one
        ),
    )
    vehicles = make_fleet(fleet_city)
    assert [v.faulty for v in vehicles] == [False, False, True]
    for vehicle in vehicles:
        database.run(
            "INSERT INTO device (protocol, key, kind, name) VALUES ('jt808', %s, 'vehicle', %s)",
            (vehicle.about.phone, vehicle.about.plate),
        )
    until(lambda: gateway.fact("devices") == 3, "the gateway to know the vehicles")
    with pytest.raises(SetupError, match="do not answer"):
        trigger_sos(tmp_path)
    fleet = FleetThread(Fleet(tmp_path, gateway.gateway.servers.numbers["jt808"], vehicles))
    try:
        until(lambda: gateway.fact("terminals_online") == 3, "three terminals on line")
        until(
            lambda: database.row("SELECT count(*) AS n FROM position_latest").n == 3,  # type: ignore[union-attr]
            "a position of each",
        )
        west, south, east, north = 120.9, 31.3, 121.1, 31.5
        for row in database.rows(
            "SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat FROM position_latest"
        ):
            assert west < row.lon < east and south < row.lat < north
        # The order arrives and is followed.
        place = city.lonlat(city.crossings[-1].at)
        database.run(
            "INSERT INTO downlink (device_id, body) SELECT id, %s FROM device WHERE key = '13900000001'",
            (f"DISPATCH #1001 lon={place.lon:.6f} lat={place.lat:.6f} 某路",),
        )
        until(
            lambda: database.row("SELECT FROM downlink WHERE result = 0") is not None,
            "the order's answer",
        )
        listed = ask(tmp_path, {"do": "list"})["vehicles"]
        assert isinstance(listed, list) and [v["order"] for v in listed] == [1001, None, None]
        # The panic button becomes one event, and the terminal lets go of it.
        assert trigger_sos(tmp_path) == "13900000002"
        until(
            lambda: database.row("SELECT FROM device_event WHERE kind = 'sos'") is not None,
            "the event",
        )
        until(lambda: not vehicles[1].terminal.sos, "the terminal's bit to be cleared")
        assert len(database.rows("SELECT FROM device_event")) == 1
        with pytest.raises(NotFound, match="'1'"):
            trigger_sos(tmp_path, "1")
        assert ask(tmp_path, {"do": "dance"})["ok"] is False
    finally:
        fleet.stop()
    until(lambda: gateway.fact("terminals_online") == 0, "all logged out")


def test_a_faulty_terminal_is_counted_and_still_heard(
    city: City, streets: StreetMap, gateway: Running, database: Database
) -> None:
    vehicle = Vehicle(about(city, "taxi"), streets, random.Random(9), faulty=True)
    database.run(
        "INSERT INTO device (protocol, key, kind, name) VALUES ('jt808', '13900000001', 'vehicle', 'x')"
    )
    until(lambda: gateway.fact("devices") == 1, "the gateway to know the vehicle")
    client = gateway.connect("jt808")
    client.send(vehicle.terminal.connect())
    while vehicle.terminal.state != "online":
        client.send(vehicle.terminal.feed(client.receive()).answer)
    clock = SystemClock()
    start = clock.now().timestamp() - 200
    for second in range(40):
        at = datetime.fromtimestamp(start + second * 3, UTC)
        client.send(vehicle.terminal.report(vehicle.report(at)) + vehicle.garbage())
    until(lambda: len(database.rows("SELECT FROM position")) == 40, "all forty positions")
    assert gateway.fact("malformed_items") == 5
    bad = gateway.fact("jt808_frames_bad")
    assert isinstance(bad, int) and bad >= 4
    until(lambda: len(database.rows("SELECT FROM quarantine")) == bad, "the garbage kept")
