"""Intrusion, step by step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from analytics.model import Firing, Point, Scene, Size, Track, Zone
from analytics.rules.intrusion import Intrusion
from gis.model import Ellipse, GroundFix, LonLat

START = datetime(2026, 3, 1, tzinfo=UTC)
A, B = UUID(int=1), UUID(int=2)
IN, OUT, EDGE = (0.5, 0.5), (0.05, 0.5), (0.195, 0.5)


def _zone(**changes: Any) -> Zone:
    values: dict[str, Any] = {
        "id": 7,
        "camera_id": 1,
        "name": "变电站围栏",
        "name_en": "Substation fence",
        "rule": "intrusion",
        "points": ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)),
        "classes": ("person",),
        "dwell_s": 0.0,
        "direction": "both",
        "priority": 2,
        "rearm_s": 30.0,
        "enabled": True,
        "version": 1,
    }
    return Zone(**(values | changes))


def _track(at_s: float, foot: Point, uid: UUID = A, **changes: Any) -> Track:
    values: dict[str, Any] = {
        "uid": uid,
        "camera_id": 1,
        "kind": "person",
        "confidence": 0.9,
        "first_at": START,
        "at": START + timedelta(seconds=at_s),
        "box": (foot[0] - 0.02, foot[1] - 0.2, 0.04, 0.2),
        "foot": foot,
        "coasting": False,
    }
    return Track(**(values | changes))


def _scene(tracks: list[Track]) -> Scene:
    return Scene(max(track.at for track in tracks), tuple(tracks))


def _times(rule: Intrusion, steps: list[tuple[float, list[Track]]]) -> list[float]:
    return [t for t, tracks in steps for _ in rule.update(_scene(tracks))]


def test_fires_once_on_the_first_frame_inside() -> None:
    rule = Intrusion(_zone())
    steps = [(0.1 * i, [_track(0.1 * i, OUT if i < 5 else IN)]) for i in range(100)]
    assert _times(rule, steps) == [0.5]


def test_dwell_counts_from_the_first_step_inside() -> None:
    rule = Intrusion(_zone(dwell_s=2.0))
    steps = [(0.1 * i, [_track(0.1 * i, OUT if i < 5 else IN)]) for i in range(60)]
    assert _times(rule, steps) == [pytest.approx(2.5)]


def test_passing_through_is_no_dwell() -> None:
    rule = Intrusion(_zone(dwell_s=2.0))
    steps = [(0.1 * i, [_track(0.1 * i, IN if (i // 15) % 2 else OUT)]) for i in range(200)]
    assert _times(rule, steps) == []


def test_the_edge_does_not_chatter() -> None:
    rule = Intrusion(_zone(rearm_s=0.0))
    feet = [(0.205, 0.5), EDGE]
    steps = [(0.1 * i, [_track(0.1 * i, feet[i % 2])]) for i in range(100)]
    assert len(_times(rule, steps)) == 1


def test_comes_again_after_leaving_and_rearm() -> None:
    def visit(rearm_s: float) -> int:
        rule = Intrusion(_zone(rearm_s=rearm_s))
        where = [IN] * 20 + [OUT] * 40 + [IN] * 20
        return len(_times(rule, [(0.1 * i, [_track(0.1 * i, f)]) for i, f in enumerate(where)]))

    assert visit(rearm_s=3.0) == 2
    assert visit(rearm_s=30.0) == 1


def test_a_lost_and_found_person_is_one_event_a_second_one_is_another() -> None:
    rule = Intrusion(_zone())
    assert len(rule.update(_scene([_track(0, IN, A)]))) == 1
    assert rule.update(_scene([_track(1, IN, B)])) == [], "A is gone: B is taken for A"
    lost = _track(2, IN, A, coasting=True)
    assert rule.update(_scene([lost, _track(2, IN, UUID(int=3))])) == [], (
        "a predicted A is not a second person"
    )
    rule = Intrusion(_zone())
    assert len(rule.update(_scene([_track(0, IN, A)]))) == 1
    assert len(rule.update(_scene([_track(1, IN, A), _track(1, IN, B)]))) == 1
    assert rule.update(_scene([_track(2, IN, A), _track(2, IN, B)])) == []


def test_later_than_rearm_another_person_is_another_event() -> None:
    rule = Intrusion(_zone(rearm_s=10.0))
    rule.update(_scene([_track(0, IN, A)]))
    assert len(rule.update(_scene([_track(11, IN, B)]))) == 1


def test_one_who_was_out_of_sight_is_told_of_when_surely_back() -> None:
    rule = Intrusion(_zone())
    gone, back = _track(0, IN, coasting=True), [_track(0.1 * i, IN) for i in range(1, 9)]
    assert rule.update(_scene([gone])) == [], "a guess"
    assert [len(rule.update(_scene([track]))) for track in back[:2]] == [0, 0], "a glimpse"
    assert rule.update(_scene([_track(0.3, IN, coasting=True)])) == []
    fired = [len(rule.update(_scene([track]))) for track in back[3:]]
    assert fired == [0, 0, 0, 1, 0], "seen again for a quarter of a second without a break"


@pytest.mark.parametrize("changes", [{"kind": "vehicle"}, {"confidence": 0.3}])
def test_others_and_guesses_do_not_fire(changes: dict[str, Any]) -> None:
    rule = Intrusion(_zone())
    assert rule.update(_scene([_track(0, IN, **changes)])) == []
    assert len(rule.update(_scene([_track(0.1, IN)]))) == 1, "once it is clear, it fires"


def test_what_happened_before_confirmation_counts_as_dwell() -> None:
    rule = Intrusion(_zone(dwell_s=1.0))
    trail = tuple((START + timedelta(seconds=0.2 * i), IN) for i in range(5))
    assert len(rule.update(_scene([_track(1.0, IN, trail=trail)]))) == 1


def test_says_why_in_both_languages() -> None:
    fix = GroundFix(LonLat(120.98, 31.38), Ellipse(1.8, 0.9, 30.0))
    track = _track(0, IN, fix=fix, size=Size(1.72, 0.5), distance_m=24.3, speed_ms=1.4)
    (fired,) = Intrusion(_zone()).update(_scene([track]))
    assert isinstance(fired, Firing)
    assert fired.why == (
        "一名人员进入“变电站围栏”，高约 1.7 米，速度约 1.4 米/秒，距镜头 24 米，位置误差 ±1.8 米，类别置信度 90%。"
    )
    assert fired.why_en == (
        "A person entered “Substation fence”, about 1.7 m tall, moving at about 1.4 m/s, 24 m from the camera, "
        "placed within ±1.8 m, class confidence 90 %."
    )
