"""Things hidden by others, and boxes that are several things at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.boxes import inside, near, share_of
from analytics.followed import Followed
from analytics.halted import Stir
from analytics.pairs import INSIDE

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

COVERED = 0.5
MERGED_RATIO = 1.3
MERGED_MOST = 3.0
MERGED_S = 15.0
"""A box this much larger than the thing it belongs to, and holding another, is both; so is a box that belongs to none,
if not larger by more than this than all it holds. They stay two for so long."""


@dataclass(frozen=True, slots=True, eq=False)
class Covered:
    """``(n,)``: ``hidden``, the tracks behind a box; ``carried``, those of them that are in it and go along.
    ``blurred``: for which of the pairs the box is of several things. ``several``: the boxes that belong to no track, but are
    several known things together."""

    hidden: Flags
    carried: Flags
    halted: Flags
    blurred: Flags
    several: Indices


def cover(
    tracks: Followed,
    parked: Floats,
    predicted: Floats,
    boxes: Floats,
    rows: Indices,
    columns: Indices,
    measured: Floats,
    dt_s: float,
    now_s: float,
    stir: Stir | None = None,
) -> Covered:
    """Finds what is hidden by the boxes, given the pairs of tracks and boxes, ``rows`` and ``columns``.

    Where one box is two things, what is ``measured`` of the one seen becomes its own part of the box, and the other goes
    along in it without blame; by ``stir``, it stands where it was as long as something stands there. ``parked`` are the boxes of things that stand for long.
    """
    hidden, carried, halted = np.zeros((3, len(tracks)), bool)
    blurred = np.zeros(len(rows), bool)
    several = np.empty(0, np.intp)
    if np.count_nonzero(tracks.merged_s):
        tracks.merged_s[rows] = np.maximum(0.0, tracks.merged_s[rows] - dt_s)
    if not len(boxes) or (len(rows) == len(tracks) and not len(parked)):
        return Covered(hidden, carried, halted, blurred, several)
    unseen = np.ones(len(tracks), bool)
    unseen[rows] = False
    lost = np.flatnonzero(unseen)
    where = predicted.copy()
    if stir is not None:
        known = lost[tracks.confirmed[lost]]
        halted[known] = stir.halted(known)
        where[halted] = stir.before[halted]
    of, by = near(where[lost], boxes)
    behind = share_of(where[lost[of]], boxes[by]) >= COVERED
    of, by = lost[of[behind]], by[behind]
    if not len(of) and not len(parked):
        return Covered(hidden, carried, halted, blurred, several)
    hidden[of] = True
    owner = np.full(len(boxes), -1)
    owner[columns] = np.arange(len(rows))
    area_of = tracks.size[:, 0] * tracks.size[:, 1]
    area, own = boxes[:, 2] * boxes[:, 3], np.zeros(len(boxes))
    own[columns] = area_of[rows]
    both = (area > MERGED_RATIO * own) & (owner >= 0)
    both[columns] &= tracks.confirmed[rows]
    known = tracks.confirmed[of]
    held = np.bincount(by[known], area_of[of[known]], minlength=len(boxes))
    stands = np.bincount(by[halted[of]], minlength=len(boxes)) > 0
    both |= (owner < 0) & (held > 0) & ((area <= MERGED_MOST * held) | stands)
    several = np.flatnonzero(both & (owner < 0))
    merged = both[by] & tracks.confirmed[of]
    stay = np.unique(of[merged & halted[of]])
    halted[:] = False
    halted[stay] = True
    shared = by[merged]
    blameless = of[merged]
    blameless = blameless[(tracks.merged_s[blameless] < MERGED_S) & ~halted[blameless]]
    tracks.merged_s[blameless] += dt_s
    tracks.seen_s[blameless] += dt_s
    if len(parked):
        standing, before = near(parked, boxes)
        holds = share_of(parked[standing], boxes[before]) >= INSIDE
        shared = np.concatenate([shared, before[holds & both[before]]])
    shared = shared[owner[shared] >= 0]
    part = owner[np.unique(shared)]
    measured[part] = inside(predicted[rows[part]], measured[part])
    if stir is not None and len(part):
        still = part[stir.halted(rows[part])]
        measured[still] = stir.before[rows[still]]
        tracks.motions.speed[rows[still]] = 0.0
    blurred[part] = True
    # Who is hidden in it goes along with it, or stands where it was.
    carried[of[merged]] = True
    along = merged & ~halted[of]
    tracks.place(of[along], inside(predicted[of[along]], boxes[by[along]]))
    if len(stay):
        tracks.halt(stay, where[stay], now_s)
    return Covered(hidden, carried, halted, blurred, several)
