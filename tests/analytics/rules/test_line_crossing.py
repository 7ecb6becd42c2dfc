"""Line crossing, step by step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from analytics.model import Scene, Track, Zone
from analytics.rules.line_crossing import LineCrossing

START = datetime(2026, 3, 1, tzinfo=UTC)


def _zone(**changes: Any) -> Zone:
    values: dict[str, Any] = {
        "id": 3,
        "camera_id": 1,
        "name": "出口",
        "name_en": "Exit",
        "rule": "line_crossing",
        "points": ((0.5, 0.9), (0.5, 0.3)),
        "classes": ("vehicle",),
        "dwell_s": 0.0,
        "direction": "both",
        "priority": 3,
        "rearm_s": 30.0,
        "enabled": True,
        "version": 1,
    }
    return Zone(**(values | changes))


def _walk(
    rule: LineCrossing, xs: list[float], y: float = 0.6, dt_s: float = 0.1, **changes: Any
) -> list[str]:
    said = []
    for i, x in enumerate(xs):
        values: dict[str, Any] = {
            "uid": UUID(int=5),
            "camera_id": 1,
            "kind": "vehicle",
            "confidence": 0.9,
            "first_at": START,
            "at": START + timedelta(seconds=dt_s * i),
            "box": (x - 0.1, y - 0.1, 0.2, 0.1),
            "foot": (x, y),
            "coasting": False,
        }
        track = Track(**(values | changes))
        said += [f.why_en for f in rule.update(Scene(track.at, (track,)))]
    return said


RIGHT = [0.3 + 0.02 * i for i in range(20)]


def test_both_ways_are_told_apart() -> None:
    (right,) = _walk(LineCrossing(_zone()), RIGHT)
    assert right.startswith("A vehicle crossed “Exit” from left to right")
    (left,) = _walk(LineCrossing(_zone()), RIGHT[::-1])
    assert "from right to left" in left


@pytest.mark.parametrize(("direction", "count"), [("left_to_right", 1), ("right_to_left", 0)])
def test_the_wrong_way_is_silent(direction: str, count: int) -> None:
    assert len(_walk(LineCrossing(_zone(direction=direction)), RIGHT)) == count


def test_beside_the_line_is_not_over_it() -> None:
    assert _walk(LineCrossing(_zone()), RIGHT, y=0.2) == []


def test_jitter_on_the_line_crosses_nothing() -> None:
    assert _walk(LineCrossing(_zone()), [0.4] + [0.5 + 0.004 * (-1) ** i for i in range(50)]) == []


def test_to_and_fro_counts_once_per_direction_until_rearmed() -> None:
    there_and_back = (RIGHT + RIGHT[::-1]) * 3
    assert len(_walk(LineCrossing(_zone()), there_and_back)) == 2
    assert len(_walk(LineCrossing(_zone(rearm_s=1.0)), there_and_back)) == 6


def test_a_jump_over_the_line_is_seen() -> None:
    assert len(_walk(LineCrossing(_zone()), [0.2, 0.8])) == 1


def test_crossed_before_confirmation_is_told_on_the_first_frame() -> None:
    trail = tuple((START, (0.4 + 0.05 * i, 0.6)) for i in range(4))
    assert len(_walk(LineCrossing(_zone()), [0.62], trail=trail)) == 1


def test_a_kind_that_becomes_clear_later_is_told_then() -> None:
    rule = LineCrossing(_zone())
    assert _walk(rule, RIGHT, kind="other") == []
    assert len(_walk(rule, [0.7])) == 1


def test_all_are_counted_whatever_fires() -> None:
    there_and_back = (RIGHT + RIGHT[::-1]) * 2
    silent = LineCrossing(_zone(threshold=0.0))
    assert _walk(silent, there_and_back) == []
    ways = [(c.direction, c.kind, c.zone_id, c.camera_id) for c in silent.counted()]
    assert (
        ways
        == [
            ("left_to_right", "vehicle", 3, 1),
            ("right_to_left", "vehicle", 3, 1),
        ]
        * 2
    )
    assert silent.counted() == (), "each is given once"
    one_way = LineCrossing(_zone(direction="left_to_right"))
    assert len(_walk(one_way, there_and_back)) == 1
    assert len(one_way.counted()) == 4
    persons = LineCrossing(_zone(classes=("person",)))
    _walk(persons, there_and_back)
    assert persons.counted() == ()


def test_many_within_a_quarter_of_an_hour_fire_once() -> None:
    there_and_back = (RIGHT + RIGHT[::-1]) * 4
    (said,) = _walk(LineCrossing(_zone(threshold=5.0)), there_and_back)
    assert "crossed 5 times within 15 min" in said


def test_a_crossing_is_counted_for_the_moment_it_was_made() -> None:
    """Though it was not clear before the end what crossed."""
    rule = LineCrossing(_zone(threshold=0.0))
    _walk(rule, RIGHT, confidence=0.4)
    assert not rule.counted()
    then = START + timedelta(seconds=0.1 * len(RIGHT))
    _walk(rule, [RIGHT[-1]], at=then)
    (crossing,) = rule.counted()
    assert START + timedelta(seconds=1.0) <= crossing.at <= START + timedelta(seconds=1.2)
