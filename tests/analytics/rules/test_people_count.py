"""As many as the limit, counted through short losses."""

from __future__ import annotations

from typing import Any

from analytics.model import Track
from analytics.rules.people_count import PeopleCount
from tests.support.crowds import scene as picture_of
from tests.support.crowds import spots
from tests.support.zones import area_of, placed, played, scene_of, zone

AREA = area_of((-10, 12), (10, 12), (10, 32), (-10, 32))


def rule(**changes: Any) -> PeopleCount:
    values = {"rule": "people_count", "points": AREA, "threshold": 5.0, "dwell_s": 3.0}
    return PeopleCount(zone(**(values | changes)))


def people(n: int, t: float, **changes: Any) -> list[Track]:
    return [placed(i, t, -8 + 3 * i, 20 + i % 3, **changes) for i in range(1, n + 1)]


def test_at_the_limit_for_the_dwell() -> None:
    ((at_s, firing),) = played(rule(), 20, lambda t: people(5 if t >= 5 else 4, t))
    assert 8.0 <= at_s <= 9.0
    assert firing.value == 5.0 and firing.kind == "person"
    assert "5 people in “East gate”" in firing.why_en and "5 人" in firing.why


def test_one_lost_for_a_moment_counts_on() -> None:
    def hidden(t: float) -> list[Track]:
        everyone = people(5, t)
        return everyone[:4] + people(5, t, coasting=True)[4:] if 2 < t < 3 else everyone

    ((at_s, _),) = played(rule(), 8, hidden)
    assert at_s <= 4.0


def test_others_and_those_outside_do_not_count() -> None:
    assert not played(rule(), 10, lambda t: [*people(4, t), placed(9, t, 0, 25, kind="vehicle")])
    assert not played(rule(), 10, lambda t: [*people(4, t), placed(9, t, 20, 40)])


def test_again_only_after_clear() -> None:
    def waves(t: float) -> list[Track]:
        return people(5 if t % 20 < 10 else (5 if t < 20 else 3), t)

    assert len(played(rule(rearm_s=0.0, clear=4.0), 60, waves)) == 2


def test_says_when_it_is_over() -> None:
    counted = rule(clear=3.0)
    said = [
        (t, firing.over)
        for t in range(40)
        for firing in counted.update(scene_of(t, *people(6 if t < 15 else 2, t)))
    ]
    assert said == [(3, False), (18, True)]


def test_people_who_merge_are_estimated_and_the_event_says_so() -> None:
    counted = rule(dwell_s=1.0)
    crowd = spots(10, 0.8)
    fired = [
        firing
        for i in range(45)
        for firing in counted.update(picture_of(i / 5, crowd if i >= 15 else ()))
    ]
    (firing,) = fired
    assert firing.value is not None and 7 <= firing.value <= 13
    assert (
        firing.why_en.startswith("About ") and "(estimated from what they cover, ±" in firing.why_en
    )
    assert "约有" in firing.why and "估算" in firing.why
    assert firing.confidence < 0.9
    x, y, w, h = firing.box
    assert 0.3 < x < x + w < 0.7 and 0.2 < y < y + h < 0.8


def test_those_who_can_be_told_apart_are_no_estimate() -> None:
    ((_, firing),) = played(rule(), 10, lambda t: people(5, t))
    assert "About" not in firing.why_en and "约" not in firing.why
