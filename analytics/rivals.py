"""Which of many possible pairs are true, where of those that share an ending or a beginning only one can be. Pure.

Each pair's weight speaks for itself alone. An ending asks every beginning that it might go on to, and each answers how free
it is, given what the other endings want of it; some rounds of this come close to the true marginal probabilities (belief
propagation for data association, Williams and Lau, IEEE Transactions on Aerospace and Electronic Systems 50, 2014). A rival
that belongs elsewhere itself is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

CHAIN = 0.4
"""A pair is left out where two others, each at least so likely, say the same by way of a third track."""
ROUNDS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two passages by their numbers: one that ended, one that began. ``weight`` is the likelihood ratio of "the same"."""

    left: int
    came: int
    weight: float
    gap_s: float
    distance_m: float
    alike: float | None


def settled(pairs: Sequence[Pair], least: float) -> list[tuple[Pair, float]]:
    """Pairs at least ``least`` likely with their probabilities, surest first.

    What a chain of others says already is left out.
    """
    if not pairs:
        return []
    after: dict[int, list[int]] = defaultdict(list)
    before: dict[int, list[int]] = defaultdict(list)
    for i, pair in enumerate(pairs):
        after[pair.left].append(i)
        before[pair.came].append(i)
    weights = {(pair.left, pair.came): pair.weight for pair in pairs}

    def same(a: int, b: int) -> float:
        w = max(weights.get((a, b), 0.0), weights.get((b, a), 0.0))
        return w / (1.0 + w)

    # Two tracks that may well be of one thing themselves do not compete for a third.
    of_end = _rivals(after, lambda i, k: 1 - same(pairs[i].came, pairs[k].came), len(pairs))
    of_start = _rivals(before, lambda i, k: 1 - same(pairs[i].left, pairs[k].left), len(pairs))
    weight = np.array([pair.weight for pair in pairs])
    free = np.ones(len(pairs))
    for _ in range(ROUNDS):
        wanted = weight / (1.0 + of_end @ (weight * free))
        free = 1.0 / (1.0 + of_start @ wanted)
    wanted = weight * free
    marginal = wanted / (1.0 + wanted + of_end @ wanted)
    likely = {(p.left, p.came): q for p, q in zip(pairs, marginal.tolist(), strict=True)}
    out: list[tuple[Pair, float]] = []
    for pair in pairs:
        left, came = pair.left, pair.came
        probability = likely[left, came]
        by_way = max(
            (
                min(likely[left, pairs[i].came], likely.get((pairs[i].came, came), 0.0))
                for i in after[left]
            ),
            default=0.0,
        )
        if probability >= least and by_way < max(least, CHAIN):
            out.append((pair, min(probability, 0.99)))
    return sorted(out, key=lambda item: -item[1])


def _rivals(
    groups: Mapping[int, Sequence[int]], share: Callable[[int, int], float], n: int
) -> csr_array:
    """``(n, n)``: how far each pair competes with each other one of its group."""
    rows, columns, shares = [], [], []
    for group in groups.values():
        for i in group:
            for k in group:
                if i != k:
                    rows.append(i)
                    columns.append(k)
                    shares.append(share(i, k))
    return csr_array((shares, (rows, columns)), shape=(n, n))
