"""Points in words, and places by name."""

from __future__ import annotations

import pytest

from gis.db import Database
from gis.errors import InvalidInput
from gis.gazetteer import nearest, search
from gis.ground import LocalFrame
from gis.model import LonLat

ORIGIN = LonLat(120.98, 31.38)
FRAME = LocalFrame(ORIGIN)


def at(e_m: float, n_m: float) -> LonLat:
    return LonLat(*FRAME.to_lonlat(e_m, n_m))


PLACES = [
    ("crossing", "人民路与东门街路口", "People Rd & Dongmen St", 0, 0),
    ("estate", "桂花新村", "Guihua Village", 120, 0),
    ("hospital", "人民医院", "People's Hospital", 0, 900),
    ("school", "东门小学", "Dongmen Primary School", -600, 100),
    ("school", "东门小学", "Dongmen Primary School (South)", 0, -5000),
    ("park", "无英文园", None, 4000, 4000),
]


@pytest.fixture
def town(database: Database) -> Database:
    for i, (kind, name, name_en, e, n) in enumerate(PLACES):
        spot = at(e, n)
        database.run(
            "INSERT INTO place (source, source_ref, kind, name, name_en, geom)"
            " VALUES ('t', %s, %s, %s, %s, ST_SetSRID(ST_Point(%s, %s), 4326))",
            (str(i), kind, name, name_en, spot.lon, spot.lat),
        )
    return database


@pytest.mark.parametrize(
    ("e", "n", "zh", "en"),
    [
        (81, 3, "人民路与东门街路口以东 80 米", "80 m east of People Rd & Dongmen St"),
        (-40, -42, "人民路与东门街路口西南 60 米", "60 m southwest of People Rd & Dongmen St"),
        (5, -12, "人民路与东门街路口", "People Rd & Dongmen St"),
        (0, 600, "人民医院以南 300 米", "300 m south of People's Hospital"),
        (4000, 4060, "无英文园以北 60 米", "60 m north of 无英文园"),
    ],
)
def test_a_point_in_words(town: Database, e: float, n: float, zh: str, en: str) -> None:
    name = nearest(town, at(e, n))
    assert name is not None
    assert (name.zh, name.en) == (zh, en)


def test_an_estates_middle_is_told_only_when_it_is_much_nearer(town: Database) -> None:
    inside = nearest(town, at(122, 4))
    assert inside is not None and inside.zh == "桂花新村"


def test_nothing_named_nearby(town: Database) -> None:
    assert nearest(town, at(20_000, 0)) is None


def test_search_in_chinese_nearest_first(town: Database) -> None:
    found = search(town, "东门小学", near=at(0, -4800))
    assert [p.name_en for p in found][:2] == [
        "Dongmen Primary School (South)",
        "Dongmen Primary School",
    ]
    assert found[0].distance_m == pytest.approx(200, abs=1)


def test_a_name_that_begins_with_the_words_comes_before_one_that_holds_them(town: Database) -> None:
    assert [p.kind for p in search(town, "东门")][:2] == ["school", "school"]
    assert "crossing" in [p.kind for p in search(town, "东门")]


def test_search_in_english_forgives_spelling(town: Database) -> None:
    assert search(town, "peoples hospitl")[0].name == "人民医院"
    assert search(town, "guihua")[0].kind == "estate"


def test_search_takes_percent_signs_as_they_are(town: Database) -> None:
    assert search(town, "%") == []


@pytest.mark.parametrize(("q", "limit", "field"), [("  ", 10, "q"), ("x", 0, "limit")])
def test_bad_searches_are_refused(town: Database, q: str, limit: int, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        search(town, q, limit=limit)
    assert refused.value.field == field
