"""Searches over a month of rows in a real database, and how many rows they look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from analytics import search_near, search_store, search_tracks
from analytics.search import (
    Cursor,
    Daily,
    Hit,
    Look,
    MapShape,
    Order,
    Page,
    PictureShape,
    When,
    rank,
)
from bench.search_data import SPOT, City, generate
from gis.cluster import Cluster
from gis.db import Database
from gis.errors import InvalidInput
from gis.ground import LocalFrame
from gis.model import LonLat
from tests.conftest import fresh_database

TRACKS = 4000
AREA = PictureShape(((0.3, 0.5), (0.6, 0.5), (0.6, 0.9), (0.3, 0.9)))
LINE = PictureShape(((0.1, 0.7), (0.9, 0.7)), closed=False, direction="right_to_left")
WARM = ("red", "yellow", "brown")
NORTH = Look(kinds=("vehicle",), colours=WARM, heading_deg=350.0, tolerance_deg=40.0)
OTHERS = 2


@pytest.fixture(scope="module")
def month(cluster: Cluster) -> Iterator[tuple[Database, City]]:
    """One camera's month, and as much of four others."""
    with fresh_database(cluster) as url:
        database = Database(url)
        city = generate(database, TRACKS, vehicles=6)
        for n in range(OTHERS):
            row = database.row(
                "INSERT INTO camera (code, name, url, geom) SELECT 'O' || %s, name, url, geom FROM camera LIMIT 1 "
                "RETURNING id",
                (n,),
            )
            database.run(
                "INSERT INTO motion_minute SELECT %s, minute_at, cells, seconds, grids FROM motion_minute "
                "WHERE camera_id = %s",
                (row.id, city.camera_id),
            )
            database.run(
                "INSERT INTO track (camera_id, uid, kind, confidence, start_at, end_at, t_ms, box, cells, path, label, colour, "
                "heading_deg, speed_ms) SELECT %s, gen_random_uuid(), kind, confidence, start_at, end_at, t_ms, box, cells, "
                "ST_Translate(path, 1, 0), label, colour, heading_deg, speed_ms FROM track WHERE camera_id = %s",
                (row.id, city.camera_id),
            )
        connection = database.connect()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE) track, motion_minute, event, position")
        connection.close()
        yield database, city
        database.close()


def _all(ask: Any, order: Order = "newest") -> list[Hit]:
    """Every page of a search, checked to be in order and without repeats."""
    hits: list[Hit] = []
    before: Cursor | None = None
    while True:
        page: Page = ask(before)
        hits += page.hits
        if page.next is None:
            break
        before = Cursor.of(page.next, order)
    places = [rank(h, order) for h in hits]
    assert places == sorted(places, reverse=True)
    assert len({(h.source, h.key, h.from_at) for h in hits}) == len(hits)
    return hits


def test_motion_is_found_in_its_area_and_at_night_only(month: tuple[Database, City]) -> None:
    database, city = month
    cameras = [city.camera_id]
    when = When(city.begin, city.begin + timedelta(days=3))
    found = _all(lambda b: search_store.moved(database, cameras, when, AREA, 40, b))
    assert len(found) == search_store.moved(database, cameras, when, AREA, 1).total > 100
    for hit in found:
        x, y, w, h = hit.box or (0, 0, 0, 0)
        assert x < 0.62 and x + w > 0.28 and y < 0.95 and y + h > 0.4
    nights = When(when.from_at, when.to_at, Daily(22 * 60, 5 * 60, "Asia/Shanghai"))
    some = _all(lambda b: search_store.moved(database, cameras, nights, AREA, 40, b))
    assert some and {h.from_at for h in some} <= {h.from_at for h in found}
    assert all((h.from_at + timedelta(hours=8)).hour in (22, 23, 0, 1, 2, 3, 4) for h in some)
    with pytest.raises(InvalidInput, match="2 cameras are chosen"):
        search_store.moved(database, [*cameras, 99], when, AREA, 40)


def test_warm_coloured_vehicles_going_north_over_a_line(month: tuple[Database, City]) -> None:
    database, city = month
    when = When(city.begin, city.end)
    cameras = [city.camera_id]
    found = _all(lambda b: search_tracks.passed(database, cameras, when, NORTH, LINE, 7, b))
    assert found
    for hit in found:
        assert hit.kind == "vehicle" and hit.colour in WARM
        assert hit.heading_deg is not None and (hit.heading_deg >= 310 or hit.heading_deg <= 30)
        assert hit.box is not None and 0.4 < hit.box[1] + hit.box[3] < 1  # on its way over the line
    without = _all(lambda b: search_tracks.passed(database, cameras, when, NORTH, None, 50, b))
    assert {h.key for h in found} < {h.key for h in without}
    expected = database.row(
        "SELECT count(*) AS n FROM track WHERE camera_id = %s AND colour IN ('red', 'yellow', 'brown') AND kind = 'vehicle' "
        "AND (heading_deg >= 310 OR heading_deg <= 30)",
        (city.camera_id,),
    )
    assert len(without) == expected.n


def test_passing_an_area_on_the_map(month: tuple[Database, City]) -> None:
    database, city = month
    frame = LocalFrame(SPOT)
    corners = [frame.to_lonlat(e, n) for e, n in ((-10, 5), (10, 5), (10, 15), (-10, 15))]
    shape = MapShape(tuple(LonLat(lon, lat) for lon, lat in corners))
    when = When(city.begin, city.begin + timedelta(days=2))
    page = search_tracks.passed(database, [city.camera_id], when, Look(colours=WARM), shape, 20)
    assert page.hits and page.exact and {h.colour for h in page.hits} <= set(WARM)
    with pytest.raises(InvalidInput, match="needs more than 2 points"):
        search_tracks.passed(
            database, [city.camera_id], when, Look(), MapShape(shape.points[:2]), 20
        )


def test_people_who_stood_here_over_a_minute(month: tuple[Database, City]) -> None:
    database, city = month
    when = When(city.begin, city.end)
    person = Look(kinds=("person",))
    whole = PictureShape(((0, 0), (1, 0), (1, 1), (0, 1)))
    stood = _all(
        lambda b: search_tracks.stood(database, [city.camera_id], when, person, whole, 60, 50, b)
    )
    expected = database.row(
        "SELECT count(*) AS n FROM track WHERE camera_id = %s AND kind = 'person' AND standing_s >= 62",
        (city.camera_id,),
    )
    assert len(stood) >= expected.n > 10
    assert all(h.standing_s is not None and h.standing_s >= 60 for h in stood)
    here = _all(
        lambda b: search_tracks.stood(database, [city.camera_id], when, person, AREA, 60, 50, b)
    )
    assert {h.key for h in here} < {h.key for h in stood}


def test_a_track_that_began_long_before_is_found(month: tuple[Database, City]) -> None:
    database, city = month
    database.run(
        "INSERT INTO track (camera_id, uid, kind, confidence, start_at, end_at, t_ms, box, label) VALUES "
        "(%s, gen_random_uuid(), 'vehicle', 0.9, %s, %s, '{0, 18000000}', '{0.4,0.4,0.1,0.2,0.4,0.4,0.1,0.2}', 'parked')",
        (city.camera_id, city.begin, city.begin + timedelta(hours=5)),
    )
    late = When(city.begin + timedelta(hours=3), city.begin + timedelta(hours=3, minutes=1))
    page = search_tracks.passed(
        database, [city.camera_id], late, Look(labels=("parked",)), AREA, 10
    )
    assert [h.label for h in page.hits] == ["parked"]
    assert page.hits[0].at <= late.to_at


def test_everything_near_a_spot_in_twenty_minutes(month: tuple[Database, City]) -> None:
    database, city = month
    noon = city.end - timedelta(hours=10)
    when = When(noon, noon + timedelta(minutes=20))
    found = _all(lambda b: search_near.near(database, None, when, SPOT, 100, 5, b))
    assert {h.source for h in found} >= {"track", "vehicle"}
    assert all(h.distance_m is not None and h.distance_m <= 100 for h in found)
    assert all(h.from_at < when.to_at and h.to_at >= when.from_at for h in found)
    vehicle = next(h for h in found if h.source == "vehicle")
    assert (vehicle.name or "").startswith("沪A") and vehicle.speed_ms == 9.0
    # Who may see one camera only is told of nothing else but vehicles.
    others = search_near.near(database, [city.camera_id + 1], when, SPOT, 100, 50)
    assert {h.source for h in others.hits} == {"vehicle"}
    with pytest.raises(InvalidInput, match="at most 24 hours"):
        search_near.near(database, None, When(city.begin, city.end), SPOT, 100, 5)


@pytest.mark.parametrize("what", ["motion", "passing", "map", "standing", "near"])
def test_the_best_first_are_the_same_finds_in_another_order(
    month: tuple[Database, City], what: str
) -> None:
    database, city = month
    cameras = [city.camera_id]
    when = When(city.begin, city.end)
    noon = city.end - timedelta(hours=10)
    around = When(noon, noon + timedelta(minutes=20))
    frame = LocalFrame(SPOT)
    corners = [frame.to_lonlat(e, n) for e, n in ((-10, 5), (10, 5), (10, 15), (-10, 15))]
    on_map = MapShape(tuple(LonLat(lon, lat) for lon, lat in corners))
    week = When(city.begin, city.begin + timedelta(days=7))
    ahead = Look(heading_deg=0.0, tolerance_deg=90.0)

    def ask(before: Cursor | None, order: Order) -> Page:
        match what:
            case "motion":
                return search_store.moved(database, cameras, when, AREA, 30, before, order)
            case "passing":
                return search_tracks.passed(database, cameras, week, ahead, LINE, 20, before, order)
            case "map":
                return search_tracks.passed(
                    database, cameras, when, Look(colours=WARM), on_map, 9, before, order
                )
            case "standing":
                return search_tracks.stood(
                    database, cameras, when, Look(), None, 30, 50, before, order
                )
            case _:
                return search_near.near(database, None, around, SPOT, 100, 5, before, order)

    newest = _all(lambda b: ask(b, "newest"))
    best = _all(lambda b: ask(b, "best"), "best")
    assert len(best) > 3 and sorted(best, key=lambda h: rank(h, "newest")) == newest[::-1]
    assert best != newest, "another order"


def test_where_too_many_fit_the_best_of_the_newest_are_told_as_such(
    month: tuple[Database, City], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, city = month
    monkeypatch.setattr(search_tracks, "MAX_RANKED", 50)
    when = When(city.begin, city.end)
    page = search_tracks.passed(database, [city.camera_id], when, Look(), None, 200, order="best")
    newest = search_tracks.passed(database, [city.camera_id], when, Look(), None, 50)
    assert {h.key for h in page.hits} == {h.key for h in newest.hits}
    assert (page.exact, page.next) == (False, None)
    assert page.looked_from == min(h.from_at for h in page.hits)


def test_the_labels_to_choose_from_are_those_of_the_time_and_the_cameras(
    month: tuple[Database, City],
) -> None:
    database, city = month
    found = search_store.labels(database, [city.camera_id], city.end - timedelta(days=3), city.end)
    assert set(found) == {
        ("car", "vehicle"), ("truck", "vehicle"), ("bus", "vehicle"), ("person", "person"), ("dog", "other"),
    }  # fmt: skip
    counts = {
        row.label: row.n
        for row in database.rows(
            "SELECT label, count(*) AS n FROM track WHERE camera_id = %s AND start_at >= %s GROUP BY label",
            (city.camera_id, city.end - timedelta(days=3)),
        )
    }
    assert [counts[label] for label, _ in found] == sorted(counts.values(), reverse=True)
    assert search_store.labels(database, [city.camera_id], city.end, city.end) == []


def _visited(plan: dict[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Every scan of a plan: its kind, its relation, and the rows it looked at."""
    if "Scan" in plan["Node Type"] and "Relation Name" in plan:
        removed = plan.get("Rows Removed by Filter", 0) + plan.get(
            "Rows Removed by Index Recheck", 0
        )
        yield (
            plan["Node Type"],
            plan["Relation Name"],
            (plan["Actual Rows"] + removed) * plan["Actual Loops"],
        )
    for part in plan.get("Plans", ()):
        yield from _visited(part)


def _scans(
    database: Database, monkeypatch: pytest.MonkeyPatch, ask: Any
) -> list[tuple[str, str, float]]:
    """What the statements of one search look at."""
    scans: list[tuple[str, str, float]] = []
    rows = Database.rows

    def explained(self: Database, sql: str, params: Any = None) -> list[Any]:
        (answer,) = rows(self, "EXPLAIN (ANALYZE, FORMAT JSON) " + sql, params)
        scans.extend(_visited(answer[0][0]["Plan"]))
        return rows(self, sql, params)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "rows", explained)
        ask()
    return [scan for scan in scans if scan[1] not in ("device", "camera")]


def test_no_search_goes_through_what_it_was_not_asked_for(
    month: tuple[Database, City], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, city = month
    cameras = [city.camera_id]
    when = When(city.begin, city.end)
    noon = city.end - timedelta(hours=10)
    around = When(noon, noon + timedelta(minutes=20))

    def scans(ask: Any) -> list[tuple[str, str, float]]:
        found = _scans(database, monkeypatch, ask)
        assert found and not [scan for scan in found if scan[0] == "Seq Scan" and scan[2]], found
        return found

    motion = scans(lambda: search_store.moved(database, cameras, when, AREA, 40))
    assert sum(n for _, _, n in motion) <= 43_200 * 0.05 + 10
    passed = scans(lambda: search_tracks.passed(database, cameras, when, NORTH, LINE, 40))
    narrow = [scan for scan in passed if scan[0] == "Index Only Scan"]
    wide = [scan for scan in passed if scan[0] != "Index Only Scan"]
    assert sum(n for _, _, n in narrow) <= TRACKS + 100
    assert sum(n for _, _, n in wide) <= TRACKS / 50, "only candidates' rows are fetched"
    nearby = scans(lambda: search_near.near(database, None, around, SPOT, 100, 40))
    per_minute = (OTHERS + 1) * TRACKS / 43_200
    assert sum(n for _, name, n in nearby if name == "track") < 10 * (30 * per_minute + 20)
    assert sum(n for _, name, n in nearby if name.startswith("position")) <= 6 * 121
