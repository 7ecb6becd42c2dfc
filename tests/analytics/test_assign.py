"""An assignment taken apart is as good as the whole one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from analytics.assign import SMALL_PAIRS, match

N = 120


@pytest.mark.parametrize("pairs", [SMALL_PAIRS // 4, 4 * SMALL_PAIRS])
def test_the_parts_are_as_good_as_the_whole(pairs: int) -> None:
    rng = np.random.default_rng(2)
    track, box = rng.integers(0, N, pairs), rng.integers(0, N, pairs)
    near_by = np.abs(track - box) < 12
    track, box = np.unique(np.stack([track[near_by], box[near_by]]), axis=1)
    cost = rng.random(len(track))
    rows, columns = match(track, box, cost, N, N, apart=0.7)
    assert len(set(rows.tolist())) == len(rows) and len(set(columns.tolist())) == len(columns)
    whole = np.full((N, N + N), 1e6)
    whole[track, box] = cost
    whole[np.arange(N), N + np.arange(N)] = 0.7
    best = float(whole[linear_sum_assignment(whole)].sum())
    assert whole[rows, columns].sum() + 0.7 * (N - len(rows)) == pytest.approx(best)


def test_a_track_stays_without_a_box_rather_than_take_one_that_costs_more() -> None:
    rows, columns = match(
        np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([0.1, 0.2, 3.0]), 2, 2, apart=2.0
    )
    assert (rows.tolist(), columns.tolist()) == ([0], [0])


def test_nothing_to_assign() -> None:
    none = np.empty(0, np.intp)
    rows, columns = match(none, none, np.empty(0), 3, 0, apart=1.0)
    assert len(rows) == len(columns) == 0
