"""Which box belongs to which track: the cheapest assignment of those pairs that are possible at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

SMALL_PAIRS = 250
"""So few contested pairs are solved at once: taking them apart would cost more."""
_FORBIDDEN = 1e6


def match(
    track: Indices, box: Indices, cost: Floats, tracks: int, boxes: int, apart: float
) -> tuple[Indices, Indices]:
    """The tracks and boxes that belong together, in step.

    ``track``, ``box`` and ``cost`` are the possible pairs, in step; ``apart`` is what it costs to leave a track
    without a box. Things far from each other share no candidate, so the problem falls apart into small ones, each
    solved by itself: the work grows with the crowds, not with the square of all things.
    """
    good = cost < apart
    track, box, cost = track[good], box[good], cost[good]
    alone = (np.bincount(track, minlength=tracks)[track] == 1) & (
        np.bincount(box, minlength=boxes)[box] == 1
    )
    if alone.all():
        return track, box
    rows, columns = [track[alone]], [box[alone]]
    track, box, cost = track[~alone], box[~alone], cost[~alone]
    for of in _groups(track, box, tracks, boxes):
        some, row = np.unique(track[of], return_inverse=True)
        other, column = np.unique(box[of], return_inverse=True)
        # A column of its own for each track: to stay without a box.
        table = np.full((len(some), len(other) + len(some)), _FORBIDDEN)
        table[row, column] = cost[of]
        table[np.arange(len(some)), len(other) + np.arange(len(some))] = apart
        r, c = linear_sum_assignment(table)
        kept = c < len(other)
        rows.append(some[r[kept]])
        columns.append(other[c[kept]])
    return np.concatenate(rows), np.concatenate(columns)


def _groups(track: Indices, box: Indices, tracks: int, boxes: int) -> list[Indices]:
    if len(track) <= SMALL_PAIRS:
        return [np.arange(len(track))]
    n = tracks + boxes
    graph = coo_array((np.ones(len(track), np.int8), (track, tracks + box)), shape=(n, n))
    _, group = connected_components(graph, directed=False)
    order = np.argsort(group[track], kind="stable")
    return np.split(order, np.flatnonzero(np.diff(group[track[order]])) + 1)
