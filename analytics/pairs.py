"""Which of the boxes seen belong to which tracks: where each track is looked for, and what each pair costs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.assign import match
from analytics.boxes import boxes_at, feet_of, grown, iou_of, share_of, union
from analytics.followed import MEASURE_MIN_PX, MEASURE_SHARE, Followed
from analytics.kalman import inverted

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

GATE = 4.0
SIZE_RATIO = 4.0
APART = 2.2
"""What it costs to leave a track without a box; the worst possible pair costs 2.4."""
UNSEEN_COST = 0.1
"""For each second that a track was not seen, up to two: one seen just now has the better claim."""
RUSH_SIZES_S, RUSH_NEW_SIZES_S = 2.5, 12.0
"""How many of its own sizes a second a thing may be off the place it was expected at, and a new one."""
NEW_HITS = 3
INSIDE = 0.7
"""The share of a box that lies in another one's when it is inside it."""
JOINED_FILL = 0.4
"""Pieces of one thing fill so much of the box around them."""
_OVER, _UNDER = np.array([0.575, 1.1]), np.array([0.575, 0.1])
"""Of a box's size, how far from its foot what may overlap with it reaches, left and up, right and down."""
_LOG_SIZE_RATIO = math.log(SIZE_RATIO)


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """Where each track is looked for: ``reach`` ``(n, 4)`` are boxes around all of that; whatever touches none of them is
    no candidate. ``sharpness`` ``(n, 2, 2)`` is the inverse covariance of its foot in pixels, ``most_px`` how far off it
    may be at all."""

    reach: Floats
    sharpness: Floats
    most_px: Floats
    unseen_s: Floats
    scale: Floats


def gate_of(tracks: Followed, now_s: float) -> Gate:
    """Where ``tracks``, predicted for ``now_s``, are looked for."""
    scale = tracks.scale()
    spread = tracks.to_px @ tracks.motions.pp @ tracks.to_px.transpose(0, 2, 1)
    # A view of the diagonals.
    variance = spread.reshape(-1, 4)[:, ::3]
    variance += np.square(MEASURE_SHARE * scale + MEASURE_MIN_PX)[:, None]
    unseen_s = now_s - tracks.seen_s
    rush = np.where(tracks.hits < NEW_HITS, RUSH_NEW_SIZES_S, RUSH_SIZES_S) * unseen_s
    most_px = scale * (1.0 + rush)
    around = np.minimum(np.sqrt(variance) * GATE, most_px[:, None])
    reach = np.empty((len(scale), 4))
    reach[:, :2] = tracks.foot - np.maximum(around, tracks.size * _OVER)
    reach[:, 2:] = tracks.foot + np.maximum(around, tracks.size * _UNDER)
    reach[:, 2:] -= reach[:, :2]
    return Gate(reach, inverted(spread), most_px, unseen_s, scale)


def join_pieces(
    tracks: Followed, predicted: Floats, boxes: Floats, track: Indices, box: Indices
) -> tuple[Floats, Flags]:
    """``boxes``, in which several pieces within one predicted box that together have its size are that thing; and
    which of them are joined so.

    ``track`` and ``box`` are the pairs near each other, in step.
    """
    joined = np.zeros(len(boxes), bool)
    if len(track) < 2 or np.bincount(track).max() < 2:
        return boxes, joined
    within = share_of(boxes[box], grown(predicted[track], 1.15)) >= INSIDE
    within &= tracks.confirmed[track]
    box, track = box[within], track[within]
    alone = np.bincount(box, minlength=len(boxes))[box] == 1
    box, track = box[alone], track[alone]
    pieces = np.flatnonzero(np.bincount(track, minlength=len(predicted)) > 1)
    gone: list[int] = []
    for row in pieces.tolist():
        of = box[track == row]
        here, single = predicted[row : row + 1], iou_of(predicted[row : row + 1], boxes[of]).max()
        whole = _made_of(here, boxes[of])
        of = of[share_of(boxes[of], whole[None]) >= INSIDE]
        filled = boxes[of, 2:].prod(axis=1).sum() >= JOINED_FILL * whole[2:].prod()
        if filled and iou_of(here, whole[None])[0] > single:
            boxes[of[0]], joined[of[0]] = whole, True
            gone.extend(int(i) for i in of[1:])
    return (np.delete(boxes, gone, axis=0), np.delete(joined, gone)) if gone else (boxes, joined)


def no_wider(tracks: Followed, rows: Indices, boxes: Floats) -> Floats:
    """``boxes`` that pieces of the persons ``rows`` were joined to, no larger than the person himself, their feet where
    they are: who comes nearer grows both ways, what grows one way only is several that part."""
    size = tracks.size[rows]
    grown = np.maximum(1.0, (boxes[:, 2:] / size).min(axis=1))
    return boxes_at(feet_of(boxes), np.minimum(boxes[:, 2:], size * grown[:, None]))


def _made_of(thing: Floats, pieces: Floats) -> Floats:
    """The box around those of ``pieces`` that make it more like the ``thing``: who passes close by one that is whole
    is no piece of it."""
    overlap = iou_of(thing, pieces)
    first = int(overlap.argmax())
    whole: Floats = pieces[first]
    best = float(overlap[first])
    for piece in pieces[np.argsort(-pieces[:, 2:].prod(axis=1), kind="stable")]:
        more = union(np.stack([whole, piece]))
        alike = float(iou_of(thing, more[None])[0])
        if alike > best:
            whole, best = more, alike
    return whole


def paired(
    tracks: Followed, predicted: Floats, boxes: Floats, gate: Gate, track: Indices, box: Indices
) -> tuple[Indices, Indices]:
    """The tracks and boxes that belong together, in step, of the pairs ``track`` and ``box`` that are near each other."""
    if not len(track):
        return track, box
    of, to = predicted[track], boxes[box]
    x, y = (feet_of(to) - tracks.foot[track]).T
    sharpness = gate.sharpness[track]
    a, b, d = sharpness[:, 0, 0], sharpness[:, 0, 1], sharpness[:, 1, 1]
    distance = np.sqrt(a * x * x + 2 * b * x * y + d * y * y)
    overlap = iou_of(of, to)
    ratio = np.abs(2 * np.log(gate.scale)[track] - np.log(to[:, 2] * to[:, 3]))
    possible = (distance < GATE) & (np.hypot(x, y) < gate.most_px[track])
    possible = (possible | (overlap > 0.2)) & (ratio < _LOG_SIZE_RATIO)
    cost = np.minimum(distance / GATE, 1.0) + (1.0 - overlap)
    cost += 0.3 * ratio + UNSEEN_COST * np.minimum(gate.unseen_s, 2.0)[track]
    cost -= 0.2 * tracks.confirmed[track]  # a known thing has the first claim
    return match(track[possible], box[possible], cost[possible], len(predicted), len(boxes), APART)
