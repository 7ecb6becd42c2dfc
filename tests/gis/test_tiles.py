"""Tiles as a browser reads them."""

from __future__ import annotations

import math

import pytest

from gis.clock import ManualClock
from gis.cluster import PORTAL_ROLE, Cluster
from gis.db import Database
from gis.errors import InvalidInput
from gis.tiles import TileCache, base_tile, pipes_tile
from tests.support import mvt

LON, LAT = 120.98, 31.38


def address(z: int, lon: float = LON, lat: float = LAT) -> tuple[int, int, int]:
    n = 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return z, int((lon + 180) / 360 * n), int(y * n)


@pytest.fixture
def town(database: Database) -> Database:
    """A river, a house, two streets, two places, and a water main with a valve and a customer."""
    with database.transaction() as cursor:
        cursor.execute(
            """
            INSERT INTO map_area (source, kind, name, name_en, height_m, geom) VALUES
              ('t', 'water', '澄江', 'Cheng River', NULL, ST_Multi(ST_MakeEnvelope(120.97, 31.3795, 120.99, 31.3798, 4326))),
              ('t', 'building', NULL, NULL, 18.5, ST_Multi(ST_MakeEnvelope(120.9801, 31.3802, 120.9805, 31.3804, 4326)));
            INSERT INTO road_node (id, geom) SELECT i, ST_SetSRID(ST_Point(120.978 + i * 0.001, 31.38), 4326) FROM generate_series(1, 4) i;
            INSERT INTO road_edge (id, source, target, class, name, name_en, speed_kmh, length_m, geom)
              SELECT i, i, i + 1, CASE WHEN i < 3 THEN 'primary' ELSE 'residential' END,
                     CASE WHEN i < 3 THEN '人民路' ELSE '书院巷' END, NULL, 50, 95,
                     ST_SetSRID(ST_MakeLine(ST_Point(120.978 + i * 0.001, 31.38), ST_Point(120.979 + i * 0.001, 31.38)), 4326)
              FROM generate_series(1, 3) i;
            INSERT INTO place (source, source_ref, kind, name, name_en, geom) VALUES
              ('t', '1', 'hospital', '人民医院', 'People''s Hospital', ST_SetSRID(ST_Point(120.98, 31.3801), 4326)),
              ('t', '2', 'crossing', '人民路与书院巷路口', NULL, ST_SetSRID(ST_Point(120.981, 31.38), 4326));
            INSERT INTO pipe_node (source, source_ref, network, kind, name, geom) VALUES
              ('t', 'v', 'water', 'valve', 'V-1', ST_SetSRID(ST_Point(120.98, 31.38), 4326)),
              ('t', 'c', 'water', 'customer', NULL, ST_SetSRID(ST_Point(120.9805, 31.38), 4326));
            INSERT INTO pipe_edge (source, source_ref, network, kind, from_node, to_node, diameter_mm, material, length_m, geom)
              SELECT 't', 'm', 'water', 'main', a.id, b.id, 300, 'DI', 47, ST_MakeLine(a.geom, b.geom)
              FROM pipe_node a, pipe_node b WHERE a.source_ref = 'v' AND b.source_ref = 'c';
            """
        )
    return database


def test_a_near_tile_holds_everything(town: Database) -> None:
    layers = mvt.read(base_tile(town, *address(15), public=False))
    assert {f.props["kind"] for f in layers["area"]} == {"water", "building"}
    building = next(f for f in layers["area"] if f.props["kind"] == "building")
    assert building.props["height_m"] == pytest.approx(18.5)
    assert building.type == 3
    # Two stretches of one street come as one line.
    assert sorted(f.props["name"] for f in layers["road"]) == ["书院巷", "人民路"]
    assert [f.props["name_en"] for f in layers["place"]] == ["People's Hospital"]
    nearer = mvt.read(base_tile(town, *address(17), public=False))
    assert {f.props["kind"] for f in nearer["place"]} == {"crossing", "hospital"}


def test_a_far_tile_is_thinned(town: Database) -> None:
    layers = mvt.read(base_tile(town, *address(12), public=False))
    assert [f.props["kind"] for f in layers["area"]] == ["water"]
    assert [f.props["class"] for f in layers["road"]] == ["primary"]
    assert "place" not in layers


def test_pipes(town: Database) -> None:
    layers = mvt.read(pipes_tile(town, *address(17)))
    (edge,) = layers["pipe_edge"]
    assert edge.props["network"] == "water"
    assert edge.props["diameter_mm"] == pytest.approx(300)
    assert edge.id == edge.props["id"]
    assert {f.props["kind"] for f in layers["pipe_node"]} == {"valve", "customer"}
    far = mvt.read(pipes_tile(town, *address(14)))
    assert "pipe_node" not in far and len(far["pipe_edge"]) == 1


def test_nothing_there_is_no_bytes(town: Database) -> None:
    assert base_tile(town, *address(15, 10.0, 50.0), public=False) == b""
    assert pipes_tile(town, *address(15, 10.0, 50.0)) == b""


def test_the_portals_role_gets_the_same_map_from_the_public_views(
    town: Database, cluster: Cluster
) -> None:
    name = town.row("SELECT current_database()")[0]  # type: ignore[index]
    town.run(f"GRANT SELECT ON public_area, public_road, public_place TO {PORTAL_ROLE}")
    outside = Database(cluster.url(PORTAL_ROLE, name))
    try:
        assert mvt.read(base_tile(outside, *address(15), public=True)) == mvt.read(
            base_tile(town, *address(15), public=False)
        )
    finally:
        outside.close()


@pytest.mark.parametrize(
    ("z", "x", "y", "field"), [(-1, 0, 0, "z"), (21, 0, 0, "z"), (3, 8, 0, "x"), (3, 0, -1, "y")]
)
def test_no_such_tile(town: Database, z: int, x: int, y: int, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        base_tile(town, z, x, y, public=False)
    assert refused.value.field == field


def test_the_cache_keeps_for_a_while_and_drops_the_oldest() -> None:
    clock = ManualClock()
    cache = TileCache(size=2, keep_s=60, clock=clock)
    made: list[str] = []

    def make(key: str) -> bytes:
        made.append(key)
        return key.encode()

    first = cache.get("a", lambda: make("a"))
    assert cache.get("a", lambda: make("a")) is first
    assert first.etag != cache.get("b", lambda: make("b")).etag
    clock.advance(61)
    cache.get("a", lambda: make("a"))
    cache.get("c", lambda: make("c"))
    cache.get("b", lambda: make("b"))
    assert made == ["a", "b", "a", "c", "b"]
