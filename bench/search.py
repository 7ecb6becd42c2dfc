"""How quick searches are over a camera's month: 43,200 minutes, 200,000 tracks.

``.venv/bin/python -m bench.search`` makes its own database server and removes it again.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from analytics import motion_store, search_near, search_store, search_tracks
from analytics.search import Cursor, Daily, Look, MapShape, Page, PictureShape, When
from bench.apart import own_database
from bench.report import Figure, percentile, show
from bench.search_data import SPOT, City, generate
from gis.db import Database
from gis.ground import LocalFrame
from gis.model import LonLat

TURNS = 30
PAGE = 60
AREA = PictureShape(((0.3, 0.5), (0.6, 0.5), (0.6, 0.9), (0.3, 0.9)))
LINE = PictureShape(((0.1, 0.7), (0.9, 0.7)), closed=False, direction="right_to_left")


def search_speed(tracks: int = 200_000) -> list[Figure]:
    """p50 and p95 of each kind of search, over the whole month, first page and one further on."""
    with (
        tempfile.TemporaryDirectory(prefix="wanglou-bench-") as folder,
        own_database(Path(folder), fast_unsafe=True) as database,
    ):
        started_s = time.perf_counter()
        city = generate(database, tracks)
        made_s = time.perf_counter() - started_s
        figures = [
            Figure("search", "rows", "tracks", tracks, ""),
            Figure("search", "rows", "made in", round(made_s, 1), "s"),
            Figure("search", "rows", "motion index", _size(database, "motion_minute"), "MB"),
            Figure("search", "rows", "tracks' table and indexes", _size(database, "track"), "MB"),
        ]
        for case, ask in questions(database, city).items():
            figures += _measured(case, ask)
    return figures


def questions(database: Database, city: City) -> dict[str, Callable[[], Page | None]]:
    """Each kind of search over the whole time."""
    month = When(city.begin, city.end)
    nights = When(city.begin, city.end, Daily(22 * 60, 5 * 60, "Asia/Shanghai"))
    noon = city.end - timedelta(hours=10)
    around = When(noon, noon + timedelta(minutes=20))
    cameras = [city.camera_id]
    red_north = Look(kinds=("vehicle",), colours=("red",), heading_deg=0.0, tolerance_deg=45.0)
    frame = LocalFrame(SPOT)
    corners = [frame.to_lonlat(e, n) for e, n in ((-10, 5), (10, 5), (10, 15), (-10, 15))]
    on_map = MapShape(tuple(LonLat(lon, lat) for lon, lat in corners))
    person = Look(kinds=("person",))
    second = search_tracks.passed(database, cameras, month, Look(), None, PAGE).next
    further = Cursor.of(second) if second else None

    def band() -> None:
        motion_store.band(database, city.camera_id, city.begin, city.end, 1200)

    def labels() -> None:
        search_store.labels(database, cameras, city.begin, city.end)

    return {
        "motion in an area": lambda: search_store.moved(database, cameras, month, AREA, PAGE),
        "motion in an area, nights": lambda: search_store.moved(
            database, cameras, nights, AREA, PAGE
        ),
        "red vehicle going north over a line": lambda: search_tracks.passed(
            database, cameras, month, red_north, LINE, PAGE
        ),
        "red vehicle going north, on the map": lambda: search_tracks.passed(
            database, cameras, month, red_north, on_map, PAGE
        ),
        "motion in an area, best first": lambda: search_store.moved(
            database, cameras, month, AREA, PAGE, order="best"
        ),
        "red vehicle going north over a line, best first": lambda: search_tracks.passed(
            database, cameras, month, red_north, LINE, PAGE, order="best"
        ),
        "red vehicle going north, on the map, best first": lambda: search_tracks.passed(
            database, cameras, month, red_north, on_map, PAGE, order="best"
        ),
        "anything, best first": lambda: search_tracks.passed(
            database, cameras, month, Look(), None, PAGE, order="best"
        ),
        "stood in an area over a minute, longest first": lambda: search_tracks.stood(
            database, cameras, month, person, AREA, 60, PAGE, order="best"
        ),
        "labels to choose from": labels,
        "anything, second page": lambda: search_tracks.passed(
            database, cameras, month, Look(), None, PAGE, further
        ),
        "nothing that fits": lambda: search_tracks.passed(
            database, cameras, month, Look(labels=("tram",)), AREA, PAGE
        ),
        "stood in an area over a minute": lambda: search_tracks.stood(
            database, cameras, month, person, AREA, 60, PAGE
        ),
        "stood over ten minutes: none": lambda: search_tracks.stood(
            database, cameras, month, person, AREA, 600, PAGE
        ),
        "within 100 m in 20 minutes": lambda: search_near.near(
            database, None, around, SPOT, 100, PAGE
        ),
        "motion band of the month": band,
    }


def _measured(case: str, ask: Callable[[], Page | None]) -> list[Figure]:
    page = ask()
    taken_ms: list[float] = []
    for _ in range(TURNS):
        started_s = time.perf_counter()
        ask()
        taken_ms.append((time.perf_counter() - started_s) * 1000)
    figures = [
        Figure("search", case, "p50", round(percentile(taken_ms, 0.5), 1), "ms"),
        Figure("search", case, "p95", round(percentile(taken_ms, 0.95), 1), "ms"),
    ]
    if page is not None:
        figures.append(Figure("search", case, "found", page.total, "" if page.exact else "or more"))
    return figures


def _size(database: Database, table: str) -> float:
    row = database.row("SELECT pg_total_relation_size(%s::regclass) AS bytes", (table,))
    assert row is not None
    return round(float(row.bytes) / 1e6, 1)


def measure() -> Sequence[Figure]:
    """For ``./run bench``."""
    return search_speed()


if __name__ == "__main__":
    print(show(search_speed()))
