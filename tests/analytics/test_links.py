"""Links across cameras: walks with known truth, and what may and may not be one thing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from analytics.links import (
    DETOUR,
    Passage,
    Transit,
    ground_m2,
    neighbours,
    passage,
    propose,
    transit,
)
from analytics.model import TrackRecord
from bench.links import city, judged
from gis.ground import LocalFrame
from gis.model import LonLat

FRAME = LocalFrame(LonLat(120.98, 31.38))
NEAR = {1: frozenset({2}), 2: frozenset({1, 3}), 3: frozenset({2})}
Metres = tuple[float, float]


def walk(
    camera: int, start: Metres, end: Metres, from_s: float, speed_ms: float = 1.4, **what: object
) -> Passage:
    """A straight walk on the ground, five places a second."""
    way = math.hypot(end[0] - start[0], end[1] - start[1])
    steps = max(2, round(way / speed_ms * 5))
    shares = [i / (steps - 1) for i in range(steps)]
    places = [
        FRAME.to_lonlat(start[0] + s * (end[0] - start[0]), start[1] + s * (end[1] - start[1]))
        for s in shares
    ]
    values: dict[str, object] = {
        "uid": uuid4(),
        "camera_id": camera,
        "kind": "person",
        "confidence": 0.9,
        "label": None,
        "colour": None,
        "look": None,
        "speed_ms": speed_ms,
        "t_s": tuple(from_s + s * way / speed_ms for s in shares),
        "path": tuple(LonLat(*p) for p in places),
    }
    return Passage(**(values | what))  # type: ignore[arg-type]


def pairs(passages: Sequence[Passage], **how: object) -> set[tuple[UUID, UUID]]:
    return {(k.from_uid, k.to_uid) for k in propose(passages, NEAR, **how)}  # type: ignore[arg-type]


# East along a street: out of camera 1's ground at 20 m, into camera 2's at 55 m.
LEAVES = walk(1, (0, 0), (20, 0), 0)
ARRIVES = walk(2, (55, 0), (75, 0), 20 / 1.4 + 35 / 1.4)


def test_one_who_walks_on_is_proposed_with_a_reason() -> None:
    (link,) = propose([LEAVES, ARRIVES], NEAR)
    assert (link.from_uid, link.to_uid) == (LEAVES.uid, ARRIVES.uid)
    assert link.probability > 0.8
    assert link.gap_s == pytest.approx(25, abs=0.5)
    assert link.distance_m == pytest.approx(35, abs=0.5)
    assert link.why == "离开 25 秒后在 35 米外出现，时间与速度相符"
    assert link.why_en == "came in 25 s after, 35 m on, as its speed has it"


@pytest.mark.parametrize(
    "came",
    [
        walk(2, (55, 0), (75, 0), 20 / 1.4 + 2),  # far too soon
        walk(2, (55, 0), (75, 0), 20 / 1.4 + 140),  # far too late
        walk(2, (-15, 0), (-35, 0), 20 / 1.4 + 25),  # behind its back
        walk(2, (55, 0), (75, 0), 20 / 1.4 + 25, 9.0, kind="vehicle", confidence=0.97),
        walk(3, (55, 0), (75, 0), 20 / 1.4 + 25),  # no neighbour
        walk(1, (55, 0), (75, 0), 20 / 1.4 + 25),  # the same camera
    ],
)
def test_what_is_not_the_same_is_not_proposed(came: Passage) -> None:
    assert pairs([LEAVES, came]) == set()


def test_two_who_could_be_it_share_the_probability() -> None:
    other = walk(2, (55, 1), (75, 1), 20 / 1.4 + 25.5)
    links = propose([LEAVES, ARRIVES, other], NEAR, least=0.0)
    chances = {k.to_uid: k.probability for k in links if k.from_uid == LEAVES.uid}
    assert 0.2 < chances[ARRIVES.uid] < 0.6 and 0.2 < chances[other.uid] < 0.6
    assert sum(chances.values()) <= 1.0


def test_colour_and_look_decide_between_two() -> None:
    left = replace(LEAVES, colour="red")
    right = replace(ARRIVES, colour="red")
    wrong = walk(2, (55, 1), (75, 1), 20 / 1.4 + 25.5, colour="white")
    assert pairs([left, right, wrong]) == {(left.uid, right.uid)}
    unlike, alike = (0.0, 1.0), (0.8, 0.6)
    left = replace(LEAVES, look=(1.0, 0.0))
    right = replace(ARRIVES, look=alike)
    wrong = walk(2, (55, 1), (75, 1), 20 / 1.4 + 25.5, look=unlike)
    assert pairs([left, right, wrong]) == {(left.uid, right.uid)}


def test_the_busier_the_place_the_less_is_believed() -> None:
    crowd = [walk(2, (80, 30), (80, 50), 3.0 * i) for i in range(20)]
    alone = propose([LEAVES, ARRIVES], NEAR, least=0.0)[0].probability
    among = {k.to_uid: k.probability for k in propose([LEAVES, ARRIVES, *crowd], NEAR, least=0.0)}
    assert among[ARRIVES.uid] < alone - 0.05


def test_both_cameras_saw_it_at_the_same_time() -> None:
    one = walk(1, (0, 0), (20, 0), 0)
    other = walk(2, (10, 1), (40, 1), 10 / 1.4)
    (link,) = propose([one, other], NEAR)
    assert link.gap_s < 0 and link.distance_m == pytest.approx(1.0, abs=0.2)
    assert "两台摄像头同时看到 7 秒" in link.why and "both cameras saw it for 7 s" in link.why_en
    beside = walk(2, (10, 15), (40, 15), 10 / 1.4)
    assert pairs([one, beside]) == set()


def test_what_two_cameras_see_from_beginning_to_end_is_one_thing() -> None:
    one = walk(1, (0, 0), (20, 0), 0)
    other = walk(2, (0, 1), (20, 1), 0)
    (link,) = propose([other, one], NEAR)
    assert (link.from_uid, link.to_uid) == (one.uid, other.uid)


def test_a_chain_is_told_link_by_link() -> None:
    near = {1: frozenset({2, 3}), 2: frozenset({1, 3}), 3: frozenset({1, 2})}
    last = walk(3, (90, 0), (110, 0), 20 / 1.4 + 25 + 35 / 1.4)
    found = {(k.from_uid, k.to_uid) for k in propose([LEAVES, ARRIVES, last], near)}
    assert found == {(LEAVES.uid, ARRIVES.uid), (ARRIVES.uid, last.uid)}


def test_ways_are_learned_from_sure_links() -> None:
    """A footbridge with steps: everybody takes twice as long as the distance says."""
    assert transit([2.0] * 7) == Transit()
    learned = transit([1.9, 2.0, 2.1, 2.0, 2.05, 1.95, 2.0, 9.0])
    assert learned.factor == pytest.approx(2.0, abs=0.05) and learned.share < 0.2
    late = walk(2, (55, 0), (75, 0), 20 / 1.4 + 2.0 * 35 / 1.4)
    ways = {(1, 2, "person"): learned}
    plain = propose([LEAVES, late], NEAR, least=0.0)[0].probability
    known = propose([LEAVES, late], NEAR, ways=ways, least=0.0)[0].probability  # type: ignore[arg-type]
    assert known > plain + 0.1
    assert Transit().factor == DETOUR


def ring(x: float, y: float, side: float = 20.0) -> list[tuple[float, float]]:
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    return [FRAME.to_lonlat(*corner) for corner in corners]


def test_neighbours_by_their_grounds() -> None:
    found = neighbours({1: ring(0, 0), 2: ring(100, 0), 3: ring(10, 10), 4: ring(900, 0), 5: []})
    assert found == {1: frozenset({2, 3}), 2: frozenset({1, 3}), 3: frozenset({1, 2})}
    assert neighbours({}) == {}
    assert ground_m2(ring(0, 0)) == pytest.approx(400, rel=0.01)


def test_a_stored_track_as_a_passage() -> None:
    start = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
    record = TrackRecord(
        uid=uuid4(),
        camera_id=1,
        kind="person",
        confidence=0.9,
        start_at=start,
        end_at=start + timedelta(seconds=4),
        t_ms=(0, 1000, 2000, 4000),
        boxes=((0.0, 0.0, 0.1, 0.1),) * 4,
        speed_ms=1.0,
        path=tuple(LonLat(120.98, 31.38 + i * 1e-5) for i in range(4)),
    )
    made = passage(record)
    assert made is not None
    assert [t - made.t_s[0] for t in made.t_s] == [0, 1, 2, 4]
    cut = passage(replace(record, path=record.path[:3]))
    assert cut is not None and [t - cut.t_s[0] for t in cut.t_s] == [0, 2, 4]
    assert passage(replace(record, path=())) is None


@pytest.mark.parametrize(("per_minute", "recall"), [(2.0, 0.7), (8.0, 0.5)])
def test_a_city_of_walkers_and_cars(per_minute: float, recall: float) -> None:
    """Precision at the default threshold, and probabilities that do not promise more than is true."""
    said, found, wanted = judged(city(11, per_minute, looks=False))
    right = sum(ok for _, ok in said)
    assert len(said) > 20
    assert right >= 0.93 * len(said)
    assert found >= recall * wanted
    assert sum(p for p, _ in said) <= right + 0.05 * len(said)
