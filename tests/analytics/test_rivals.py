"""Of pairs that exclude each other the probabilities are nearly those of counting all ways that things can be."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from analytics.rivals import Pair, settled

LEFT, CAME = 3, 3


def _pair(left: int, came: int, weight: float) -> Pair:
    return Pair(left, 100 + came, weight, 10.0, 20.0, None)


def _likely(pairs: list[Pair], least: float = 0.0) -> dict[tuple[int, int], float]:
    return {(p.left, p.came): q for p, q in settled(pairs, least)}


def _counted(weights: np.ndarray) -> np.ndarray:
    """Every way to give each ending one beginning or none, no beginning twice, by its weight."""
    total, of_pair = 0.0, np.zeros_like(weights)
    for way in product(range(-1, CAME), repeat=LEFT):
        given = [came for came in way if came >= 0]
        if len(set(given)) < len(given):
            continue
        w = float(np.prod([weights[i, j] for i, j in enumerate(way) if j >= 0]))
        total += w
        for i, j in enumerate(way):
            if j >= 0:
                of_pair[i, j] += w
    return of_pair / total


@pytest.mark.parametrize("seed", range(6))
def test_probabilities_are_those_of_all_ways_counted(seed: int) -> None:
    weights = np.exp(np.random.default_rng(seed).normal(0, 1.5, (LEFT, CAME)))
    pairs = [_pair(i, j, float(weights[i, j])) for i in range(LEFT) for j in range(CAME)]
    likely, counted = _likely(pairs), _counted(weights)
    for i, j in product(range(LEFT), range(CAME)):
        assert likely[i, 100 + j] == pytest.approx(counted[i, j], abs=0.08)


def test_a_rival_that_belongs_elsewhere_is_none() -> None:
    contested = [_pair(0, 0, 5.0), _pair(1, 0, 5.0)]
    assert _likely(contested)[0, 100] < 0.5
    assert _likely([*contested, _pair(1, 1, 500.0)])[0, 100] > 0.75


def test_what_is_not_likely_enough_is_left_out() -> None:
    assert settled([], 0.5) == []
    assert _likely([_pair(0, 0, 0.5), _pair(1, 1, 9.0)], 0.5).keys() == {(1, 101)}
