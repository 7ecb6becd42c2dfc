"""When a thing seen is believed: it was seen several times *and* moved from where it began, or a model says that it is a
person; and it is gone when it was not seen for too long.

Where many things appear and vanish without going anywhere, a new one must show more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.boxes import near, share_of
from analytics.followed import VOUCHED, Followed

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

CONFIRM_HITS = 3
CONFIRM_MORE_HITS = 4
CONFIRM_FAR_SHARE = 0.35
"""One that has not gone this far (of its own size) yet must have been seen once more."""
CONFIRM_SHARE = 0.14
"""Of the thing's own size (the square root of its area) that it must have gone to be confirmed."""
CONFIRM_BORDER_SHARE = 0.35
CONFIRM_BORDER_PICTURE = 0.015
"""The same for a thing cut by the picture's border: it may only be growing there. It must have gone this share of the
picture's width besides: road paint at the border swells and shrinks with the camera's exposure."""
CONFIRM_MIN_PX = 3.0
CONFIRM_SURE = 5.0
"""How many standard errors its speed must be away from standing still."""
VOUCHED_HITS = 2
VOUCHED_SHARED = 0.5
"""Whom a model is so sure of to be a person is believed without having gone anywhere, once seen again. People come and go,
even those who stand; a vehicle may have been parked there all along, under a shadow that moves."""
JITTER_SHARE = 0.04
JITTER_MIN_PX = 1.0
"""What an edge's jitter is taken for before it was seen."""
CLUTTER_CELLS = (24, 14)
CLUTTER_FADES_S = 40.0
CLUTTER_FROM, CLUTTER_PER, CLUTTER_MOST = 2.0, 3.0, 6.0
"""So many failed starts around a place are nothing; by so many more each, doubt grows by one, up to the most."""
COAST_OF_LIFE = 0.5
"""A track unseen for longer than this share of the time it was seen was not much of a thing."""
TENTATIVE_S = 0.35
TENTATIVE_MOST_S = 6.0
"""What has gone nowhere for so long is begun anew: a digit that jumps after a minute has not walked."""
COAST_S = 1.5
COAST_COVERED_S = 4.0
COAST_STANDING_S = 3.0
COAST_BORDER_S = 0.5
COAST_FRAMES = 1
"""However long frames take to come, so many may be missed."""
STANDING_SHARE_S = 0.15
"""Slower than this many of its own sizes a second is standing."""


class Clutter:
    """Where in the picture things fail to become anything."""

    def __init__(self, picture: tuple[int, int]) -> None:
        self._picture = picture
        across, down = CLUTTER_CELLS
        self._failed = np.zeros((down + 2, across + 2))

    def fade(self, dt_s: float) -> None:
        """Forgets with time."""
        self._failed *= math.exp(-dt_s / CLUTTER_FADES_S)

    def add(self, tracks: Followed, rows: Indices) -> None:
        """``rows`` came to nothing."""
        for y, x in zip(*self._cells(tracks, rows), strict=True):
            self._failed[y, x] += 1.0

    def doubt(self, tracks: Followed, rows: Indices) -> Floats:
        """0 where nothing unreal shows up; grows with the failed starts of the last minute around here."""
        y, x = self._cells(tracks, rows)
        failed = sum(self._failed[y + dy, x + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1))
        doubt: Floats = np.clip(
            (np.asarray(failed) - CLUTTER_FROM) / CLUTTER_PER, 0.0, CLUTTER_MOST
        )
        return doubt

    def _cells(self, tracks: Followed, rows: Indices) -> tuple[Indices, Indices]:
        across, down = CLUTTER_CELLS
        x = tracks.foot[rows, 0] / self._picture[0] * across
        y = (tracks.foot[rows, 1] - tracks.size[rows, 1] / 2) / self._picture[1] * down
        return (
            np.clip(y, 0, down - 1).astype(np.intp) + 1,
            np.clip(x, 0, across - 1).astype(np.intp) + 1,
        )


def confirm(tracks: Followed, rows: Indices, clutter: Clutter, picture: tuple[int, int]) -> Flags:
    """Confirms those of ``rows``, just seen, that have shown enough. ``(n,)``: which are confirmed by this."""
    fresh = np.zeros(len(tracks), bool)
    waiting = rows[~tracks.confirmed[rows]]
    if len(waiting):
        vouched = tracks.vouched[waiting] >= VOUCHED
        waiting = waiting[tracks.hits[waiting] >= np.where(vouched, VOUCHED_HITS, CONFIRM_HITS)]
    if not len(waiting):
        return fresh
    hits, scale = tracks.hits[waiting], tracks.scale()[waiting]
    doubt = clutter.doubt(tracks, waiting)
    gone = tracks.drift.gone(waiting, picture, JITTER_SHARE * scale + JITTER_MIN_PX)
    share = np.where(gone.cut, CONFIRM_BORDER_SHARE, CONFIRM_SHARE) * (1 + doubt)
    real = (hits >= CONFIRM_HITS + doubt) & (gone.sureness >= CONFIRM_SURE)
    least_px = np.where(gone.cut, CONFIRM_BORDER_PICTURE * picture[0], CONFIRM_MIN_PX)
    real &= gone.far_px >= np.maximum(least_px * (1 + doubt), share * scale)
    real &= (gone.far_px >= CONFIRM_FAR_SHARE * scale) | (hits >= CONFIRM_MORE_HITS)
    told = (tracks.vouched[waiting] >= VOUCHED) & (hits >= VOUCHED_HITS + doubt) & ~real
    if np.count_nonzero(told):
        real[told] = _apart(tracks, waiting[told])
    fresh[waiting[real]] = True
    tracks.confirmed |= fresh
    return fresh


def word_counts(tracks: Followed, rows: Indices, clutter: Clutter) -> Flags:
    """``(k,)``: which of ``rows`` were seen so often that, seen once more, a model's word would be enough."""
    enough: Flags = tracks.hits[rows] + 1 >= VOUCHED_HITS + clutter.doubt(tracks, rows)
    return enough


def _apart(tracks: Followed, rows: Indices) -> Flags:
    """``(k,)``: which of ``rows`` share no more than :data:`VOUCHED_SHARED` with one confirmed: the model may have seen that one."""
    boxes = tracks.boxes()
    one, other = boxes[rows], boxes[tracks.confirmed]
    of, by = near(one, other)
    shared = np.maximum(share_of(one[of], other[by]), share_of(other[by], one[of]))
    apart = np.ones(len(rows), bool)
    apart[of[shared > VOUCHED_SHARED]] = False
    return apart


@dataclass(frozen=True, slots=True, eq=False)
class Lost:
    """``(n,)`` each: who is ``gone``, of these who had been told of and has ``vanished``, and who ``failed``, came to
    nothing; of all, who would have ``left`` through the picture's border, and who is ``standing``."""

    gone: Flags
    vanished: Flags
    failed: Flags
    left: Flags
    standing: Flags


def lost(
    tracks: Followed,
    cut: Flags,
    hidden: Flags,
    picture: tuple[int, int],
    now_s: float,
) -> Lost | None:
    """Who has not been seen for too long; None where nobody is gone.

    ``cut``: those that reach the picture's border; ``hidden``: those behind something.
    """
    if not np.count_nonzero((tracks.seen_s < now_s) | ~tracks.confirmed):
        return None
    unseen_s = now_s - tracks.seen_s
    speed = np.hypot(tracks.motions.speed[:, 0], tracks.motions.speed[:, 1])
    standing = speed < STANDING_SHARE_S * tracks.extent()
    patience = np.where(hidden, COAST_COVERED_S, np.where(standing, COAST_STANDING_S, COAST_S))
    patience = np.where(cut, np.minimum(patience, COAST_BORDER_S), patience)
    lived_s = tracks.seen_s - np.array([life.start_s for life in tracks.lives])
    patience = np.minimum(patience, TENTATIVE_S + COAST_OF_LIFE * lived_s)
    patience = np.where(tracks.confirmed, patience, TENTATIVE_S)
    middle_y = tracks.foot[:, 1] - tracks.size[:, 1] / 2
    outside = (tracks.foot[:, 0] < 0) | (tracks.foot[:, 0] > picture[0])
    outside |= (middle_y < 0) | (middle_y > picture[1])
    stale = ~tracks.confirmed & (lived_s > TENTATIVE_MOST_S)
    gone = (unseen_s > patience) & (tracks.missed > COAST_FRAMES)
    gone |= (outside & (unseen_s > 0)) | stale
    if not np.count_nonzero(gone):
        return None
    vanished = gone & tracks.confirmed
    return Lost(gone, vanished, gone & ~tracks.confirmed & ~stale, cut | outside, standing)
