"""People who merge in the picture are counted by what they cover; single ones exactly; vehicles and light not at all."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from analytics.model import Scene, Track
from analytics.rules.headcount import Headcount, Heads
from tests.support.crowds import Spot, scene, spots
from tests.support.zones import area_of, placed, scene_of, zone

AREA = area_of((-8, 11), (8, 11), (8, 34), (-8, 34))


def counted(
    people: Sequence[Spot],
    tracks: Callable[[float], Sequence[Track]] = lambda t: (),
    seconds: float = 4.0,
    **changes: object,
) -> Heads:
    """What is counted in the end where nobody was for three seconds."""
    count = Headcount(zone(rule="people_count", points=AREA, threshold=5.0, **changes))
    heads = None
    for i in range(int((3 + seconds) * 5)):
        t = i / 5
        there = people if t >= 3 else ()
        heads = count.update(scene(t, there, tracks(t) if t >= 3 else ()))
    assert heads is not None
    return heads


def of(people: Sequence[Spot]) -> Callable[[float], list[Track]]:
    """One track for each."""
    return lambda t: [placed(i + 1, t, *spot) for i, spot in enumerate(people)]


@pytest.mark.parametrize("north_m", [13.0, 18.0, 24.0, 30.0])
def test_one_person_is_one_at_any_distance(north_m: float) -> None:
    alone = [(1.0, north_m)]
    followed = counted(alone, of(alone))
    assert followed.people == 1 and not followed.estimated
    assert round(counted(alone).people) == 1


def test_people_apart_are_counted_exactly_by_their_tracks() -> None:
    people = [(-6.0, 14.0), (-2.0, 16.0), (2.5, 18.0), (6.0, 15.0)]
    heads = counted(people, of(people))
    assert heads.people == 4 and not heads.estimated


@pytest.mark.parametrize("many", [2, 4, 8, 12, 16])
def test_a_crowd_without_a_track_is_counted_within_a_quarter(many: int) -> None:
    heads = counted(spots(many, 0.9))
    assert heads.estimated and heads.sigma is not None
    assert abs(heads.people - many) <= max(1.2, 0.25 * many)
    assert abs(heads.people - many) <= 3 * max(0.5, heads.sigma)


def test_more_people_are_never_fewer() -> None:
    everyone = spots(12, 0.9)
    numbers = [counted(everyone[:n]).people for n in range(0, 13, 2)]
    assert all(a <= b + 0.5 for a, b in itertools.pairwise(numbers))
    assert numbers[0] == 0


@pytest.mark.parametrize("many", [4, 8])
def test_the_number_does_not_depend_on_the_distance(many: int) -> None:
    numbers = [
        counted(spots(many, 1.0, (0.0, north_m))).people for north_m in (16.0, 20.0, 25.0, 29.0)
    ]
    assert max(numbers) - min(numbers) <= 0.3 * many + 0.5


def test_a_crowd_that_stands_is_still_there() -> None:
    crowd = spots(8, 0.9)
    assert counted(crowd, seconds=40.0).people == pytest.approx(counted(crowd).people, abs=1.5)


def test_who_stood_there_from_the_start_leaves_no_ghost() -> None:
    count = Headcount(zone(rule="people_count", points=AREA, threshold=5.0))
    for i in range(60):
        heads = count.update(scene(i / 5, spots(3, 2.0) if i < 25 else ()))
    assert round(heads.people) == 0


def test_those_outside_the_area_do_not_count() -> None:
    assert counted(spots(6, 1.0, (14.0, 24.0))).people == 0


def test_ignored_areas_hold_nobody() -> None:
    assert counted(spots(6, 1.0), ignored=(AREA,)).people == 0


def test_a_vehicle_is_no_crowd() -> None:
    """As much of the picture as six people, but it drove there."""
    wide = [(x / 2.5, 20.0 + y) for x in range(-3, 4) for y in (0.0, 0.6)]

    def car(t: float) -> list[Track]:
        return [placed(1, t, 0.0, 20.6, kind="vehicle", shape=(0.2, 0.19), speed_ms=6.0)]

    assert counted(wide, car).people == 0
    assert counted(wide).people > 4


def test_people_taken_for_a_vehicle_are_a_crowd() -> None:
    """What never drove may be people who stand together."""

    def slow(t: float) -> list[Track]:
        return [placed(1, t, 0.0, 20.0, kind="vehicle", shape=(0.2, 0.2), speed_ms=0.4)]

    assert counted(spots(8, 0.9), slow).people > 5


def test_a_common_box_that_leaps_is_no_vehicle() -> None:
    """It seems fast for a moment whenever somebody joins."""

    def leaping(t: float) -> list[Track]:
        speed_ms = 9.0 if t % 2.0 < 0.5 else 0.4
        return [placed(1, t, 0.0, 20.0, kind="vehicle", shape=(0.2, 0.2), speed_ms=speed_ms)]

    assert counted(spots(8, 0.9), leaping).people > 5


@pytest.mark.parametrize("light", [0.6, 1.3])
def test_another_light_is_nobody(light: float) -> None:
    count = Headcount(zone(rule="people_count", points=AREA, threshold=5.0))
    heads = [count.update(scene(i / 5, (), light=1.0 if i < 20 else light)) for i in range(60)]
    assert max(each.people for each in heads) == 0


def test_without_a_pose_or_a_picture_tracks_alone_count() -> None:
    people = spots(5, 1.5)

    def without_pose(t: float) -> Scene:
        made = scene(t, people, of(people)(t))
        return Scene(made.at, made.tracks, made.frame, made.motion)

    for make in (without_pose, lambda t: scene_of(t, *of(people)(t))):
        count = Headcount(zone(rule="people_count", points=AREA, threshold=5.0))
        heads = [count.update(make(i / 5)) for i in range(30)][-1]
        assert heads.people == 5 and not heads.estimated


def test_a_blind_moment_is_learnt_anew() -> None:
    count = Headcount(zone(rule="people_count", points=AREA, threshold=5.0))
    for i in range(60):
        heads = count.update(scene(i / 5, (), light=1.0 if i < 20 else 0.4, blind=20 <= i < 24))
    assert heads.people == 0


def test_two_counts_of_the_same_pictures_agree() -> None:
    crowd = spots(6, 0.9)
    one, two = counted(crowd), counted(crowd)
    assert np.isclose(one.people, two.people) and one.sigma == two.sigma
