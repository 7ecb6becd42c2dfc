"""Named places from CSV."""

from __future__ import annotations

from pathlib import Path

import pytest

from gis.datum import from_wgs84
from gis.db import Database
from gis.errors import InvalidInput
from gis.import_places import import_places


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "places.csv"
    path.write_text(text, encoding=encoding)
    return path


def test_good_rows_are_taken_bad_ones_told_by_line(database: Database, tmp_path: Path) -> None:
    lon, lat = from_wgs84("gcj02", 120.98, 31.38)
    path = write(
        tmp_path,
        "name,name_en,kind,lon,lat,datum\n"
        "实验小学,Experimental Primary School,school,120.98,31.38,\n"
        f'"同一处, 引号",,school,{lon!r},{lat!r},GCJ-02\n'
        "颠倒,,school,31.38,120.98,wgs84\n"
        "没有种类,,,120.98,31.38,wgs84\n"
        "\n"
        "字,,school,east,31.38,wgs84\n"
        "谁,,school,120.98,31.38,mars\n"
        "实验小学,,school,120.99,31.38,\n",
        "utf-8-sig",
    )
    summary = import_places(database, path, "schools")
    assert summary.kept == {"place": 3}
    reasons = {r.where: r.reason for r in summary.refused}
    assert "latitude 120.98" in reasons["line 4"]
    assert reasons["line 5"] == "kind is empty"
    assert "'east' is not a number" in reasons["line 7"]
    assert "'mars'" in reasons["line 8"]
    rows = database.rows("SELECT name, ST_X(geom) AS x, ST_Y(geom) AS y FROM place ORDER BY id")
    assert [r.name for r in rows] == ["实验小学", "同一处, 引号", "实验小学"]
    assert (rows[1].x, rows[1].y) == pytest.approx((120.98, 31.38), abs=1e-7)


def test_a_second_import_keeps_ids_and_removes_what_is_gone(
    database: Database, tmp_path: Path
) -> None:
    head = "name,name_en,kind,lon,lat,datum\n"
    import_places(database, write(tmp_path, head + "甲,,school,1,1,\n乙,,school,2,2,\n"), "s")
    before = dict(database.rows("SELECT name, id FROM place"))
    summary = import_places(database, write(tmp_path, head + "乙,B,school,3,3,\n"), "s")
    assert summary.removed == 1
    after = database.rows("SELECT name, id, name_en FROM place")
    assert [tuple(r) for r in after] == [("乙", before["乙"], "B")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title,lon,lat\nx,1,1\n", "lacks the column 'name'"),
        ("name,kind,lon,lat\nx,school,200,1\n", "no place that could be taken.*line 2"),
        ("", "lacks the column"),
    ],
)
def test_a_file_without_a_place_is_refused(
    database: Database, tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        import_places(database, write(tmp_path, text), "s")


def test_another_encoding_is_told(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "name,kind,lon,lat\n实验小学,school,1,1\n", "gb18030")
    with pytest.raises(InvalidInput, match="not CSV in UTF-8"):
        import_places(database, path, "s")


def test_a_map_of_the_same_source_keeps_its_crossings(database: Database, tmp_path: Path) -> None:
    database.run(
        "INSERT INTO place (source, source_ref, kind, name, geom)"
        " VALUES ('osm:s', 'x1', 'crossing', '路口', ST_SetSRID(ST_Point(1, 1), 4326))"
    )
    path = write(tmp_path, "name,kind,lon,lat\n甲,school,1,1\n")
    assert import_places(database, path, "s").removed == 0
    with pytest.raises(InvalidInput, match="without a colon"):
        import_places(database, path, "osm:s")
