"""What makes one find better than another."""

from __future__ import annotations

from analytics.search import Look
from analytics.search_score import look_score, near_score, stand_score

SMALL, LARGE = (0.4, 0.4, 0.02, 0.04), (0.2, 0.2, 0.3, 0.5)


def test_a_thing_seen_large_is_better_and_no_better_than_large() -> None:
    anything = Look()
    assert look_score(anything, None, 0.5, SMALL) < look_score(anything, None, 0.5, LARGE) == 1.0


def test_a_heading_counts_only_where_it_is_asked_for_and_also_through_north() -> None:
    north = Look(heading_deg=350.0, tolerance_deg=45.0)
    ahead, aside = (look_score(north, heading, 0.5, LARGE) for heading in (5.0, 320.0))
    assert ahead == round((1 + 1 - 15 / 45) / 2, 6) > aside
    assert look_score(Look(), 5.0, 0.5, LARGE) == look_score(Look(), 320.0, 0.5, LARGE)


def test_how_sure_the_kind_is_counts_where_a_kind_or_label_is_asked_for() -> None:
    for look in (Look(kinds=("person",)), Look(labels=("bus",))):
        assert look_score(look, None, 0.9, LARGE) > look_score(look, None, 0.4, LARGE)
    assert look_score(Look(), None, 0.9, LARGE) == look_score(Look(), None, 0.4, LARGE)


def test_the_longer_and_the_nearer_the_better() -> None:
    assert stand_score(3600, 60) > stand_score(61, 60) > stand_score(60, 60) == 0.5
    assert near_score(0, 100) == 1.0 > near_score(1, 100) > near_score(100, 100) == 0.0
