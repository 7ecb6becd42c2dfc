"""OpenStreetMap files: a small one written by hand, and a whole real city."""

from __future__ import annotations

from pathlib import Path

import pytest

from gis.db import Database
from gis.errors import InvalidInput
from gis.gazetteer import nearest
from gis.import_osm import import_osm
from gis.model import LonLat
from gis.osm_tags import height_m, max_speed_kmh, road
from gis.roads import RoadGraph

TOWN = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <node id="1" lat="31.380" lon="120.980"/>
 <node id="2" lat="31.380" lon="120.985"/>
 <node id="3" lat="31.380" lon="120.990"/>
 <node id="4" lat="31.384" lon="120.985"/>
 <node id="5" lat="31.376" lon="120.985"/>
 <node id="6" lat="31.3801" lon="120.9852"><tag k="amenity" v="police"/><tag k="name" v="玉山派出所"/><tag k="name:en" v="Yushan Police Station"/></node>
 <node id="7" lat="31.381" lon="120.981"/>
 <node id="8" lat="31.381" lon="120.982"/>
 <node id="9" lat="31.382" lon="120.982"/>
 <node id="10" lat="31.382" lon="120.981"/>
 <way id="100"><nd ref="1"/><nd ref="2"/><nd ref="3"/>
   <tag k="highway" v="primary"/><tag k="name" v="人民路"/><tag k="name:en" v="People Rd"/><tag k="maxspeed" v="70"/></way>
 <way id="101"><nd ref="4"/><nd ref="2"/><nd ref="5"/>
   <tag k="highway" v="residential"/><tag k="name" v="东门街"/><tag k="oneway" v="-1"/></way>
 <way id="102"><nd ref="3"/><nd ref="4"/><tag k="highway" v="footway"/></way>
 <way id="103"><nd ref="3"/><nd ref="999"/><tag k="highway" v="service"/></way>
 <way id="104"><nd ref="7"/><nd ref="8"/><nd ref="9"/><nd ref="10"/><nd ref="7"/>
   <tag k="building" v="yes"/><tag k="building:levels" v="6"/></way>
 <way id="105"><nd ref="7"/><nd ref="9"/><nd ref="8"/><nd ref="10"/><nd ref="7"/>
   <tag k="leisure" v="park"/><tag k="name" v="坏园"/></way>
</osm>
"""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "town.osm"
    path.write_text(TOWN, encoding="utf-8")
    return path


def test_ways_are_cut_where_they_meet(database: Database, town: Path) -> None:
    summary = import_osm(database, town, "town")
    assert summary.kept == {"road_node": 5, "road_edge": 4, "map_area": 1, "place": 2}
    edges = database.rows(
        "SELECT e.name, e.name_en, e.speed_kmh, e.one_way, e.length_m, ST_X(a.geom) AS x0, ST_Y(a.geom) AS y0, ST_X(b.geom) AS x1, ST_Y(b.geom) AS y1"
        " FROM road_edge e JOIN road_node a ON a.id = source JOIN road_node b ON b.id = target ORDER BY e.id"
    )
    west, east, south_in, south_out = edges
    assert (west.name, west.name_en, west.speed_kmh, west.one_way) == ("人民路", "People Rd", 70, False)  # fmt: skip
    assert west.length_m == pytest.approx(475.6, abs=0.3)
    assert (east.x0, east.x1) == (120.985, 120.99)
    # oneway=-1 runs against the drawing: from node 5 in the south to node 4 in the north.
    assert south_in.one_way and south_out.one_way
    assert (south_in.y0, south_out.y1) == (31.376, 31.384)


def test_what_cannot_be_taken_is_named(database: Database, town: Path) -> None:
    refused = {r.where: r.reason for r in import_osm(database, town, "town").refused}
    assert "node 999" in refused["way 103"]
    assert "rings" in refused["way 105"]
    assert len(refused) == 2


def test_crossings_and_stations_have_names(database: Database, town: Path) -> None:
    import_osm(database, town, "town")
    named = nearest(database, LonLat(120.985, 31.37995))
    assert named is not None
    assert named.zh == "人民路与东门街路口"
    assert named.en == "People Rd & 东门街"
    row = database.row("SELECT name_en FROM place WHERE kind = 'police_station'")
    assert row is not None and row.name_en == "Yushan Police Station"
    assert database.row("SELECT height_m FROM map_area")[0] == 18.0  # type: ignore[index]


def test_a_second_import_replaces_its_own_rows_only(database: Database, town: Path) -> None:
    import_osm(database, town, "town")
    import_osm(database, town, "other")
    ids = database.rows("SELECT id FROM place WHERE source = 'osm:town' ORDER BY id")
    again = import_osm(database, town, "town")
    assert (
        again.removed == 10
    )  # streets, crossings of streets and areas are made anew, places are kept
    assert database.rows("SELECT id FROM place WHERE source = 'osm:town' ORDER BY id") == ids
    counts = database.rows("SELECT imported_from, count(*) FROM road_edge GROUP BY 1 ORDER BY 1")
    assert [tuple(c) for c in counts] == [("other", 4), ("town", 4)]
    rows = database.rows("SELECT kind, source, rows_kept, rows_refused FROM map_import ORDER BY 2")
    assert [tuple(r) for r in rows] == [("osm", "other", 12, 2), ("osm", "town", 12, 2)]


def test_a_place_that_is_gone_is_removed(database: Database, town: Path) -> None:
    import_osm(database, town, "town")
    text = TOWN.replace('<tag k="amenity" v="police"/>', "")
    town.write_text(text, encoding="utf-8")
    import_osm(database, town, "town")
    assert database.rows("SELECT kind FROM place") == [("crossing",)]


@pytest.mark.parametrize("content", ["", "<osm", "<?xml version='1.0'?><osm version='0.6'></osm>"])
def test_a_file_that_is_no_map_changes_nothing(
    database: Database, town: Path, tmp_path: Path, content: str
) -> None:
    import_osm(database, town, "town")
    bad = tmp_path / "bad.osm"
    bad.write_text(content)
    with pytest.raises(InvalidInput, match=r"bad\.osm"):
        import_osm(database, bad, "town")
    assert database.row("SELECT count(*) FROM road_edge")[0] == 4  # type: ignore[index]


def test_a_missing_file_is_named(database: Database, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none\.osm\.pbf cannot be read: No such file"):
        import_osm(database, tmp_path / "none.osm.pbf")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "motorway"}, ("motorway", 100.0, 1)),
        ({"highway": "primary", "maxspeed": "30 mph"}, ("primary", 48.28032, 0)),
        ({"highway": "residential", "junction": "roundabout"}, ("residential", 30.0, 1)),
        ({"highway": "tertiary", "oneway": "-1"}, ("tertiary", 40.0, -1)),
        ({"highway": "service", "access": "private"}, ("service", 20.0, 0)),
        ({"highway": "service", "access": "no"}, None),
        ({"highway": "service", "access": "no", "emergency": "yes"}, ("service", 20.0, 0)),
        ({"highway": "service", "access": "no", "motor_vehicle": "yes"}, ("service", 20.0, 0)),
        ({"highway": "pedestrian"}, None),
        ({"highway": "service", "area": "yes"}, None),
    ],
)
def test_which_ways_a_car_on_duty_uses(
    tags: dict[str, str], expected: tuple[str, float, int] | None
) -> None:
    found = road(tags)
    assert (None if found is None else (found.road_class, found.speed_kmh, found.direction)) == expected  # fmt: skip


def test_numbers_in_tags() -> None:
    assert max_speed_kmh({"maxspeed": "FR:urban"}) is None
    assert max_speed_kmh({"maxspeed": "0"}) is None
    assert height_m({"height": "12.5 m"}) == 12.5
    assert height_m({"building:levels": "4"}) == 12.0
    assert height_m({"height": "tall"}) is None


def test_a_real_city(database: Database, shared_data: Path) -> None:
    summary = import_osm(database, shared_data / "gis" / "monaco.osm.pbf", "monaco")
    assert summary.kept["map_area"] > 23_000
    assert summary.kept["road_edge"] > 2_500
    assert len(summary.refused) < 30
    graph = RoadGraph.load(database)
    harbour, station = LonLat(7.4246, 43.7351), LonLat(7.4193, 43.7384)
    way = graph.route(station, harbour)
    assert way is not None
    assert 600 < way.distance_m < 4000
    assert 60 < way.eta_s < 600
    named = nearest(database, LonLat(7.4277, 43.7396))  # by the casino
    assert named is not None and "Monte-Carlo" in named.en
