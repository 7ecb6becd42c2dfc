"""The demo city in a real database."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from scipy.sparse.csgraph import dijkstra

from demo.city_model import City
from demo.load import load
from gis.db import Database
from gis.gazetteer import nearest, search
from gis.roads import RoadGraph
from gis.tiles import base_tile, pipes_tile
from tests.support import mvt
from tests.support.city import demo_city, one_worker

pytestmark = one_worker


@pytest.fixture(scope="module")
def city() -> City:
    return demo_city()


def _encrypt(text: str) -> bytes:
    return text[::-1].encode()


def _counts(database: Database) -> dict[str, int]:
    tables = (
        "camera zone device threshold unit place road_node road_edge map_area pipe_node pipe_edge"
    )
    return {
        t: database.row(f"SELECT count(*) FROM {t}")[0]  # type: ignore[index]
        for t in tables.split()
    }


def _written(database: Database) -> list[object]:
    """Which transactions wrote the map's rows, and how many rows each: a second import would show."""
    tables = ["place", "road_node", "road_edge", "map_area", "pipe_node", "pipe_edge"]
    return [
        tuple(row)
        for t in tables
        for row in database.rows(
            f"SELECT '{t}', xmin::text, count(*) FROM {t} GROUP BY xmin ORDER BY 2"
        )
    ]


def test_the_whole_city_arrives_and_a_second_start_changes_nothing(
    database: Database, city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(database, city, 8554, "secret", _encrypt, tmp_path)
    counts = _counts(database)
    assert counts["camera"] == len(city.cameras)
    assert counts["zone"] == len(city.zones)
    assert counts["device"] == 60 + len(city.stations)
    assert counts["unit"] == 30
    assert counts["road_edge"] == len(city.streets)
    assert counts["map_area"] == len(city.buildings) + len(city.areas)
    assert counts["pipe_edge"] == sum(len(n.edges) for n in city.pipes)
    assert {p.name for p in tmp_path.iterdir()} == {
        "city.osm.pbf", "places.csv", "pipes-water.geojson", "pipes-gas.geojson",
        "pipes-sewer.geojson", "pipes-power.geojson",
    }  # fmt: skip
    versions = database.rows("SELECT code, version FROM camera")
    written = _written(database)
    made = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    load(database, city, 8554, "secret", _encrypt, tmp_path)
    assert {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()} == made  # none made again
    assert _written(database) == written
    assert _counts(database) == counts
    assert database.rows("SELECT code, version FROM camera") == versions

    # Another port and password reach the cameras; what people decided since stays.
    database.run("UPDATE camera SET published = false WHERE code = 'cam-square'")
    database.run("UPDATE unit SET duty = 'off' WHERE code = 'P-01'")
    units = database.rows("SELECT code, id, station_id FROM unit ORDER BY code")
    load(database, city, 9554, "other", _encrypt, tmp_path)
    assert _counts(database) == counts
    row = database.row("SELECT url, password_enc, published FROM camera WHERE code = 'cam-square'")
    assert row is not None
    assert (row.url, bytes(row.password_enc), row.published) == (
        "rtsp://127.0.0.1:9554/cam-square", b"rehto", False,
    )  # fmt: skip
    assert database.row("SELECT duty FROM unit WHERE code = 'P-01'")[0] == "off"  # type: ignore[index]
    assert database.rows("SELECT code, id, station_id FROM unit ORDER BY code") == units

    # The map works: a crossing is named, a street is found, units reach the yard, tiles hold layers.
    camera = next(c for c in city.cameras if c.code == "cam-people-dongmen")
    named = nearest(database, camera.pose.place)
    assert named is not None and named.zh.startswith("人民路与东门街路口")
    assert named.en.endswith("People Rd & Dongmen St")
    assert search(database, "waterworks")[0].name == "第一自来水厂"
    graph = RoadGraph.load(database)
    yard = next(c for c in city.cameras if c.code == "cam-yard").pose.place
    at = {c.id: c.at for c in city.crossings}
    homes = [city.lonlat(at[v.home]) for v in city.vehicles]
    with monkeypatch.context() as patched:
        runs = []
        patched.setattr("gis.roads.dijkstra", lambda *a, **k: runs.append(1) or dijkstra(*a, **k))
        etas = graph.eta_to(yard, homes)
    assert len(runs) == 1  # one for all that could come
    assert all(eta is not None and 0 < eta.eta_s < 900 for eta in etas)
    way = graph.route(homes[0], yard)
    assert way is not None and len(way.path) > 5
    x, y = _tile(120.98, 31.38, 15)
    base = mvt.read(base_tile(database, 15, x, y, public=False))
    assert set(base) == {"area", "road", "place"}
    pipes = mvt.read(pipes_tile(database, 16, *_tile(120.98, 31.38, 16)))
    assert {f.props["network"] for f in pipes["pipe_edge"]} == {"water", "gas", "sewer", "power"}


def _tile(lon: float, lat: float, z: int) -> tuple[int, int]:
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * 2**z), int(y * 2**z)
