"""Rates and proposals: what a proposal says of its record is so, whatever the record."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command import noise
from command.noise import Change, Sample, Settings

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def sample(number: int, false: bool, **more: object) -> Sample:
    base = Sample(number, camera_id=1, week_min=600, day=number % 7, place=(0.5, 0.5), false=false)
    return replace(base, **more)  # type: ignore[arg-type]


places = st.tuples(st.floats(0, 1), st.floats(0, 1))
maybe = st.none() | st.floats(0.01, 200)
samples = st.builds(
    Sample,
    event_id=st.integers(1, 10**6),
    camera_id=st.integers(1, 2),
    week_min=st.integers(0, noise.WEEK_MIN - 1),
    day=st.integers(0, 29),
    place=places | st.sampled_from([(0.2, 0.8), (0.21, 0.81), (0.22, 0.79)]),
    false=st.booleans(),
    size_m=maybe,
    stay_s=maybe,
    value=maybe,
)
schedules = st.sampled_from([(), ((480, 1200),), ((9960, 10440),), ((0, 1440), (4320, 5760))])
settings = st.builds(
    Settings,
    outline=st.just(SQUARE),
    min_size_m=st.floats(0, 3),
    dwell_s=st.floats(0, 30),
    threshold=maybe,
    over=st.sampled_from(["above", "below", None]),
    schedule=schedules,
    ignored=st.just({}) | st.just({1: (((0.6, 0.6), (0.9, 0.6), (0.9, 0.9)),)}),
)


@given(st.lists(samples, max_size=40), settings)
def test_a_proposal_loses_no_true_sample_and_more_than_half_of_the_false_ones(
    record: list[Sample], zone: Settings
) -> None:
    firing = [s for s in record if not noise.suppressed(s, zone)]
    for made in noise.propose(record, zone):
        after = noise.changed(zone, made.change)
        assert not [s for s in firing if not s.false and noise.suppressed(s, after)]
        gone = [s.event_id for s in firing if s.false and noise.suppressed(s, after)]
        assert sorted(gone) == sorted(made.false_gone)
        assert made.false_all == sum(s.false for s in firing) >= noise.MIN_FALSE
        assert made.true_all == sum(not s.false for s in firing)
        assert len(gone) > made.false_all / 2


@given(st.lists(samples, max_size=40), settings)
def test_what_was_applied_is_not_proposed_again(record: list[Sample], zone: Settings) -> None:
    for made in noise.propose(record, zone):
        after = noise.changed(zone, made.change)
        for again in noise.propose(record, after):
            assert again.change != made.change


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_holds_the_share_and_narrows(false: int, more: int) -> None:
    found = noise.rate(false, false + more)
    assert 0 <= found.low <= found.high <= 1
    if found.share is not None:
        assert found.low <= found.share <= found.high
        tenfold = noise.rate(10 * false, 10 * (false + more))
        assert tenfold.high - tenfold.low <= found.high - found.low + 1e-12


def test_wilsons_interval() -> None:
    """Against Newcombe (1998), table I: 81 of 263, method 3."""
    found = noise.rate(81, 263)
    assert (found.low, found.high) == (
        pytest.approx(0.2553, abs=5e-5),
        pytest.approx(0.3662, abs=5e-5),
    )
    assert noise.rate(0, 0).share is None


def test_a_tree_is_ignored_where_it_stands() -> None:
    leaves = [sample(i, True, place=(0.2 + 0.01 * i, 0.8)) for i in range(8)]
    people = [sample(100 + i, False, place=(0.3 + 0.05 * i, 0.5)) for i in range(5)]
    (made,) = noise.propose(leaves + people, Settings(outline=SQUARE))
    assert made.change.kind == "ignore" and made.change.camera_id == 1
    assert len(made.false_gone) == 8
    xs, ys = [x for x, _ in made.change.area], [y for _, y in made.change.area]
    assert min(xs) < 0.2 and max(xs) > 0.27 and min(ys) < 0.8 < max(ys) < 0.9


def test_a_tree_that_people_walk_through_is_not_ignored() -> None:
    leaves = [sample(i, True, place=(0.2 + 0.01 * i, 0.8)) for i in range(8)]
    people = [sample(100 + i, False, place=(0.2 + 0.02 * i, 0.8)) for i in range(5)]
    assert noise.propose(leaves + people, Settings(outline=SQUARE)) == []


def test_cats_give_a_least_size_between_them_and_the_people() -> None:
    cats = [sample(i, True, place=(i / 10, 0.3), size_m=0.3 + 0.01 * i) for i in range(9)]
    people = [sample(100 + i, False, place=(i / 10, 0.35), size_m=1.6 + 0.02 * i) for i in range(4)]
    found = {
        made.change.kind: made for made in noise.propose(cats + people, Settings(outline=SQUARE))
    }
    assert found["min_size"].change.number == 1.0
    assert (found["min_size"].before, len(found["min_size"].false_gone)) == (0.0, 9)


def test_no_number_is_raised_where_nothing_true_shows_that_it_stays() -> None:
    cats = [sample(i, True, place=(i / 10, i / 10), size_m=0.3) for i in range(9)]
    two = [sample(100 + i, False, place=(i / 10, 0.35), size_m=1.7) for i in range(2)]
    kinds = {made.change.kind for made in noise.propose(cats + two, Settings(outline=SQUARE))}
    assert "min_size" not in kinds


def test_a_threshold_goes_down_where_the_rule_fires_below() -> None:
    haze = [sample(i, True, place=(i / 10, i / 10), value=0.3 + 0.001 * i) for i in range(9)]
    fog = [sample(100 + i, False, place=(i / 10, i / 9), value=0.1) for i in range(3)]
    zone = Settings(threshold=0.35, over="below", allowed=frozenset({"threshold"}))
    (made,) = noise.propose(haze + fog, zone)
    assert made.change == Change("threshold", number=0.2) and made.before == 0.35


def test_headlights_at_dusk_give_a_hole_in_the_schedule() -> None:
    dusk = [
        sample(i, True, place=(i / 12, i / 12), day=i, week_min=(i % 7) * 1440 + 18 * 60 + 3 * i)
        for i in range(10)
    ]
    night = [
        sample(100 + i, False, place=(0.5, i / 9), week_min=i * 1440 + 23 * 60) for i in range(4)
    ]
    found = {
        made.change.kind: made for made in noise.propose(dusk + night, Settings(outline=SQUARE))
    }
    made = found["schedule"]
    assert made.change.hole_min == (18 * 60, 18 * 60 + 30)
    assert len(made.change.schedule) == 8 and len(made.false_gone) == 10


def test_one_night_of_false_alarms_is_no_time_of_day() -> None:
    burst = [sample(i, True, place=(i / 10, i / 10), day=3, week_min=4000 + i) for i in range(9)]
    assert noise.propose(burst, Settings(outline=SQUARE, allowed=frozenset({"schedule"}))) == []


def test_the_codes_of_false_alarms() -> None:
    assert "tree" in noise.FALSE_CODES and "other_false" in noise.FALSE_CODES
    assert not set(noise.FALSE_CODES) & {"staff", "allowed", "exercise", "other"}
