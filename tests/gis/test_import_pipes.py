"""Pipe networks from GeoJSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gis.db import Database
from gis.errors import InvalidInput
from gis.import_pipes import import_pipes


def node(ref: str | None, lon: float, lat: float, **props: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {**({"ref": ref} if ref else {}), **props},
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
    }


def edge(ref: str, *points: tuple[float, float], **props: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"ref": ref, **props},
        "geometry": {"type": "LineString", "coordinates": [list(p) for p in points]},
    }


A, B, C = (120.98, 31.38), (120.981, 31.38), (120.982, 31.38)
GOOD = [
    node("a", *A, kind="source", name="水厂", head_m=42),
    node("v", *B, kind="valve", operable=False),
    node("c", *C, kind="customer"),
    edge("p1", A, B, **{"from": "a", "to": "v", "diameter_mm": 300, "material": "DI"}),
    edge("p2", B, (120.9815, 31.3801), C, kind="service"),
]


def write(tmp_path: Path, features: list[Any], **extra: Any) -> Path:
    path = tmp_path / "net.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **extra}))
    return path


def test_nodes_and_edges_are_tied(database: Database, tmp_path: Path) -> None:
    summary = import_pipes(database, write(tmp_path, GOOD), "water", "w")
    assert summary.kept == {"pipe_node": 3, "pipe_edge": 2}
    assert summary.refused == ()
    rows = database.rows(
        "SELECT e.*, a.source_ref AS a, b.source_ref AS b FROM pipe_edge e"
        " JOIN pipe_node a ON a.id = from_node JOIN pipe_node b ON b.id = to_node ORDER BY e.source_ref"
    )
    # The second names no nodes: its ends lie on them.
    assert [(r.source_ref, r.a, r.b, r.kind) for r in rows] == [
        ("p1", "a", "v", "main"),
        ("p2", "v", "c", "service"),
    ]
    assert rows[0].length_m == pytest.approx(95.1, abs=0.1)
    valve = database.row("SELECT props FROM pipe_node WHERE source_ref = 'v'")
    assert valve is not None and valve.props == {"operable": False}


def test_bad_features_are_told_by_number(database: Database, tmp_path: Path) -> None:
    features = [
        *GOOD,
        node(None, *A),
        node("a", *A),
        node("x", 120.98, 99.0),
        edge("p3", A, C, **{"from": "a", "to": "nowhere"}),
        edge("p4", A, C, **{"from": "a", "to": "v"}),
        edge("p5", A, (120.99, 31.39)),
        edge("p6", A, B, diameter_mm=-5),
        edge("p7", A, A),
        {"type": "Feature"},
        node("y", *A, kind="teapot"),
    ]
    summary = import_pipes(database, write(tmp_path, features), "water", "w")
    assert summary.kept == {"pipe_node": 3, "pipe_edge": 2}
    reasons = {r.where: r.reason for r in summary.refused}
    for number, words in {
        6: "has no ref",
        7: "'a' stands twice",
        8: "latitude 99.0",
        9: "'nowhere' is not in the file",
        10: "95.1 m from its node 'v'",
        11: "no node is near",
        12: "diameter_mm -5 is not above zero",
        13: "has no length",
        14: "not a GeoJSON feature",
        15: "'teapot'",
    }.items():
        assert words in reasons[f"feature {number}"]
    assert len(reasons) == 10


def test_a_second_import_replaces_its_network_and_keeps_ids(
    database: Database, tmp_path: Path
) -> None:
    import_pipes(database, write(tmp_path, GOOD), "water", "w")
    import_pipes(database, write(tmp_path, GOOD), "gas", "w")
    valve = database.row("SELECT id FROM pipe_node WHERE network = 'water' AND source_ref = 'v'")
    summary = import_pipes(database, write(tmp_path, GOOD[:2] + GOOD[3:4]), "water", "w")
    assert summary.removed == 2  # the customer and its service pipe
    assert database.row("SELECT id FROM pipe_node WHERE network = 'water' AND source_ref = 'v'") == valve  # fmt: skip
    counts = database.rows("SELECT network, count(*) FROM pipe_edge GROUP BY 1 ORDER BY 1")
    assert [tuple(c) for c in counts] == [("gas", 2), ("water", 1)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not GeoJSON"),
        ('{"type": "Point"}', "FeatureCollection"),
        ('{"type": "FeatureCollection", "features": []}', "no pipe"),
    ],
)
def test_what_is_no_network_is_refused(
    database: Database, tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "net.geojson"
    path.write_text(content)
    with pytest.raises(InvalidInput, match=message):
        import_pipes(database, path, "water", "w")


def test_unknown_networks_and_source_names_are_refused(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    with pytest.raises(InvalidInput, match="'steam' is not known"):
        import_pipes(database, path, "steam", "w")
    with pytest.raises(InvalidInput, match="source ''"):
        import_pipes(database, path, "water", "")


def test_a_projected_file_is_refused_with_its_system(database: Database, shared_data: Path) -> None:
    with pytest.raises(InvalidInput, match="convert it to EPSG:4326"):
        import_pipes(database, shared_data / "gis" / "ky4_pipes.geojson", "water", "ky4")
