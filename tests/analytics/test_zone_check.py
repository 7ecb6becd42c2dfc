"""Zones that are none are refused with a sentence that names the field."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.rules.catalogue import CATALOGUE, STANDING_ID, clear_of, threshold_of, with_standing
from analytics.zone_check import check_points, check_zone
from analytics.zone_store import ZoneDraft
from gis.errors import InvalidInput
from gis.ground import LocalFrame
from gis.model import LonLat
from tests.support.zones import zone

SQUARE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
HERE = LonLat(120.98, 31.38)
UP = ((0.5, 0.9), (0.5, 0.1))


def on_map(*metres: tuple[float, float]) -> tuple[LonLat, ...]:
    frame = LocalFrame(HERE)
    return tuple(LonLat(*frame.to_lonlat(east, north)) for east, north in metres)


@pytest.mark.parametrize(
    ("rule", "shape", "message"),
    [
        ("intrusion", [(0.1, 0.1), (0.9, 0.9)], "at least 3 different points, got 2"),
        ("intrusion", [(0.1, 0.1), (0.9, 0.9), (0.1, 0.1)], "got 2"),
        (
            "intrusion",
            [(0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)],
            r"crosses .* near \(0.5, 0.5\)",
        ),
        ("intrusion", [(0.1, 0.1), (1.2, 0.1), (0.5, 0.9)], r"point 2 is \(1.2, 0.1\), outside"),
        ("intrusion", [(0.1, float("nan")), (0.9, 0.1), (0.5, 0.9)], "must be numbers"),
        ("intrusion", [(0.5, 0.5), (0.501, 0.5), (0.5, 0.501)], "too small"),
        ("line_crossing", [(0.1, 0.1)], "2 points, got 1"),
        ("line_crossing", [(0.1, 0.1), (0.2, 0.2), (0.3, 0.1)], "2 points, got 3"),
        ("line_crossing", [(0.5, 0.5), (0.5, 0.5)], "longer"),
    ],
)
def test_wrong_shapes(rule: str, shape: list[tuple[float, float]], message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as error:
        check_points(rule, shape)  # type: ignore[arg-type]
    assert error.value.field == "points"


def test_right_shapes() -> None:
    check_points("intrusion", SQUARE)
    check_points("line_crossing", [(0.1, 0.5), (0.9, 0.5)])


def drawn(**changes: Any) -> ZoneDraft:
    return ZoneDraft(
        **({"camera_id": 1, "name": "东门", "rule": "intrusion", "points": SQUARE} | changes)
    )


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"schedule": ((600, 600),)}, "schedule", "must end after it begins"),
        ({"schedule": ((-5, 600),)}, "schedule", "begins at minute -5"),
        ({"schedule": ((0, 20_000),)}, "schedule", "a week has 10080"),
        ({"threshold": 3.0}, "threshold", "intrusion has no threshold"),
        ({"classes": ()}, "classes", "at least one"),
        ({"arrow": UP}, "arrow", "knows no arrow"),
        ({"ground": on_map((0, 0), (5, 0), (5, 5))}, "ground", "no places on the map"),
        ({"rule": "wrong_way"}, "arrow", "draw the way that is right"),
        ({"rule": "wrong_way", "arrow": (UP[0], UP[0])}, "arrow", "draw it longer"),
        ({"rule": "wrong_way", "arrow": ((0.5, 2.0), UP[1])}, "arrow", "outside the picture"),
        ({"rule": "wrong_way", "arrow": UP, "threshold": 0.0}, "threshold", "outside 1..200 m"),
        ({"rule": "people_count", "threshold": 5, "clear": 6}, "clear", "never be over"),
        ({"rule": "people_count", "clear": 60}, "clear", "above the threshold 10"),
        ({"rule": "congestion", "clear": 1}, "clear", "below the threshold 2.5"),
        ({"rule": "camera_dark"}, "points", "watches the whole picture"),
        ({"rule": "camera_dark", "points": (), "threshold": 300}, "threshold", r"1\.\.255"),
        ({"rule": "water_level", "points": ()}, "arrow", "the gauge, bottom to top"),
        ({"rule": "water_level", "points": (), "arrow": UP}, "gauge_m", "reads at the arrow"),
        (
            {"rule": "water_level", "points": (), "arrow": UP, "gauge_m": (3.0, 1.0), "threshold": 2},
            "gauge_m",
            "bottom to the top",
        ),
        (
            {"rule": "water_level", "points": (), "arrow": UP, "gauge_m": (1.0, 3.0)},
            "threshold",
            "needs a threshold",
        ),
        ({"camera_id": None}, "points", "on the map has no points"),
        ({"camera_id": None, "points": ()}, "ground", "give ground"),
        (
            {"camera_id": None, "points": (), "ground": on_map((0, 0), (5, 5), (5, 0), (0, 5))},
            "ground",
            "crosses",
        ),
        (
            {"camera_id": None, "points": (), "ground": on_map((0, 0), (0.1, 0), (0.1, 0.1))},
            "ground",
            "too small",
        ),
        (
            {"camera_id": None, "points": (), "ground": on_map((0, 0), (9e4, 0), (0, 9))},
            "ground",
            "90.0 km from the first",
        ),
        (
            {"camera_id": None, "points": (), "rule": "camera_dark"},
            "camera_id",
            "cannot be drawn on the map",
        ),
    ],
)  # fmt: skip
def test_what_makes_no_sense_names_its_field(
    changes: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as error:
        check_zone(drawn(**changes))
    assert error.value.field == field


def test_what_makes_sense() -> None:
    check_zone(drawn(schedule=((9960, 10440), (0, 1))))
    check_zone(drawn(rule="wrong_way", arrow=UP, threshold=3.0))
    check_zone(drawn(rule="people_count", threshold=5, clear=5))
    check_zone(drawn(rule="camera_frozen", points=(), enabled=False))
    check_zone(drawn(rule="water_level", points=(), arrow=UP, gauge_m=(1.0, 3.0), threshold=2.0))
    area = on_map((0, 0), (20, 0), (20, 10))
    check_zone(drawn(camera_id=None, points=(), ground=area))
    arrow = tuple((place.lon, place.lat) for place in area[:2])
    check_zone(drawn(camera_id=None, points=(), ground=area, rule="wrong_way", arrow=arrow))
    check_zone(drawn(camera_id=None, points=(), ground=area[:2], rule="line_crossing"))


@pytest.mark.parametrize("facts", CATALOGUE.values(), ids=lambda facts: facts.rule)
def test_the_catalogue_agrees_with_itself(facts: Any) -> None:
    for limit in (facts.threshold, facts.clear):
        if limit is not None:
            assert limit.least < limit.most
            assert limit.default is None or limit.least <= limit.default <= limit.most
    assert facts.classes
    assert facts.threshold is not None or facts.clear is None
    assert (facts.dwell is not None) or facts.dwell_s == 0
    assert facts.second is not None or not facts.second_needed
    watched = zone(rule=facts.rule, points=())
    threshold, clear = threshold_of(watched), clear_of(watched)
    if (
        threshold is not None
        and clear is not None
        and facts.clear.quantity == facts.threshold.quantity
    ):
        assert clear < threshold if facts.over == "above" else clear > threshold
        assert facts.clear.least <= clear <= facts.clear.most


def test_every_camera_is_watched_unless_a_zone_says_otherwise() -> None:
    every = [facts.rule for facts in CATALOGUE.values() if facts.every_camera]
    assert len(every) == 5
    off = zone(id=9, rule="camera_dark", points=(), enabled=False)
    found = with_standing(1, (off,))
    assert [z.rule for z in found if z.id == STANDING_ID] == [
        r for r in every if r != "camera_dark"
    ]
    assert found[0] is off
