"""Who is who from frame to frame: a constant-velocity Kalman filter for all tracks at once and one assignment.

Boxes are in picture pixels. The filtered quantity is the foot point, the middle of the lower edge; width and
height follow more slowly. A track is confirmed when it was seen several times *and* moved from where it began:
leaves, flags and the digits of a burnt-in clock change without going anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from analytics.boxes import BORDER_SHARE, boxes_at, feet_of, grown, iou, shares, way
from analytics.model import Detections

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CONFIRM_HITS = 3
CONFIRM_MORE_HITS = 4
CONFIRM_FAR_SHARE = 0.35
"""One that has not gone this far (of its own size) yet must have been seen once more."""
CONFIRM_SHARE = 0.14
"""Of the thing's own size (the square root of its area) that it must have gone to be confirmed."""
CONFIRM_BORDER_SHARE = 0.35
"""The same for a thing cut by the picture's border: it may only be growing there."""
CONFIRM_MIN_PX = 3.0
CONFIRM_SURE = 5.0
"""How many standard errors its speed must be away from standing still."""
JITTER_SHARE = 0.04
JITTER_MIN_PX = 1.0
"""What an edge's jitter is taken for before it was seen."""
CONFIRM_LOOKS = 40
CLUTTER_CELLS = (24, 14)
CLUTTER_FADES_S = 40.0
CLUTTER_MOST = 6.0
"""Where many things appear and vanish without going anywhere, a new one must show more to be believed."""
COAST_OF_LIFE = 0.5
"""A track unseen for longer than this share of the time it was seen was not much of a thing."""
TENTATIVE_S = 0.35
COAST_S = 1.5
COAST_COVERED_S = 4.0
COAST_STANDING_S = 3.0
STANDING_SHARE_S = 0.15
"""Slower than this many of its own sizes a second is standing."""
VELOCITY_FADES_S = 0.8
COAST_BORDER_S = 0.5
GATE = 4.0
SIZE_RATIO = 4.0
ACCELERATION = 3.0
START_SPEED = 4.0
"""One sigma of acceleration (sizes/s²) and of a new track's speed (sizes/s)."""
MEASURE_SHARE = 0.07
MEASURE_MIN_PX = 1.5
COVERED = 0.5
INSIDE = 0.7
_NEVER = 1e6


@dataclass(slots=True)
class _Life:
    """What one track keeps besides its numbers: until it is confirmed all it was seen at, then the last only."""

    uid: UUID
    start_s: float
    measured: list[list[float]]
    t_s: list[float] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class TrackView:
    """A confirmed track at one frame. ``box_px`` left, top, width, height; ``velocity_px_s`` of the foot.

    ``fresh``: confirmed at this very frame; ``history`` then holds the earlier ``(t_s, box_px)``.
    """

    uid: UUID
    start_s: float
    box_px: tuple[float, float, float, float]
    velocity_px_s: tuple[float, float]
    seen: bool
    fresh: bool
    history: tuple[tuple[float, tuple[float, float, float, float]], ...]


@dataclass(frozen=True, slots=True)
class Tracked:
    """One frame's outcome: the confirmed tracks alive, and the confirmed ones that ended now."""

    alive: tuple[TrackView, ...]
    ended: tuple[UUID, ...]
    tentative: int


class Tracker:
    """The tracks of one camera. ``width_px`` and ``height_px`` are the picture's."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self._width_px = width_px
        self._height_px = height_px
        self._lives: list[_Life] = []
        self._foot = np.empty((0, 2))
        self._velocity = np.empty((0, 2))
        self._cov = np.empty((0, 3))  # place, place-speed, speed: one for both axes
        self._size = np.empty((0, 2))
        self._hits = np.empty(0, np.int64)
        self._confirmed = np.empty(0, bool)
        self._last_seen_s = np.empty(0)
        self._covered = np.empty(0, bool)
        self._now_s: float | None = None
        across, down = CLUTTER_CELLS
        self._clutter = np.zeros((down + 2, across + 2))

    def boxes_px(self) -> NDArray[np.float32]:
        """``(n, 4)``: where the confirmed tracks are, for the background model to leave alone."""
        boxes: NDArray[np.float32] = boxes_at(self._foot, self._size)[self._confirmed].astype(
            np.float32
        )
        return boxes

    def __len__(self) -> int:
        return int(np.count_nonzero(self._confirmed))

    @property
    def busy(self) -> bool:
        """Whether anything at all is followed."""
        return bool(self._lives)

    def update(self, detections: Detections, now_s: float, blind: bool = False) -> Tracked:
        """Takes the detections of the frame at ``now_s``. A blind frame lets every track coast without blame."""
        dt_s = 0.0 if self._now_s is None else max(0.0, now_s - self._now_s)
        self._now_s = now_s
        self._predict(dt_s)
        self._clutter *= np.exp(-dt_s / CLUTTER_FADES_S)
        if blind:
            self._last_seen_s += dt_s
        boxes = detections.boxes_px.astype(np.float64)
        predicted = boxes_at(self._foot, self._size)
        if len(self._lives) and len(boxes):
            boxes = self._join(predicted, boxes)
        rows, columns = self._assign(predicted, boxes)
        seen = np.zeros(len(self._lives), bool)
        seen[rows] = True
        self._correct(rows, boxes[columns], now_s)
        self._covered[:] = False
        lost = np.flatnonzero(~seen)
        free = np.ones(len(boxes), bool)
        free[columns] = False
        if len(boxes) and len(lost):
            self._covered[lost] = shares(predicted[lost], boxes).max(axis=1) >= COVERED
        if free.any() and len(rows):
            # What lies inside a thing just seen is a piece of it.
            pieces = shares(boxes[free], boxes_at(self._foot[rows], self._size[rows])).max(axis=1)
            free[np.flatnonzero(free)[pieces >= INSIDE]] = False
        fresh = self._confirm(rows)
        alive = self._views(seen, fresh)
        ended = self._bury(now_s)
        alive = tuple(v for v in alive if v.uid not in ended)
        self._begin(boxes[free], now_s)
        return Tracked(alive, ended, int(np.count_nonzero(~self._confirmed)))

    def _predict(self, dt_s: float) -> None:
        if not len(self._lives) or dt_s == 0.0:
            return
        assert self._now_s is not None
        coasting = self._now_s - dt_s > self._last_seen_s + 1e-6
        self._velocity[coasting] *= np.exp(-dt_s / VELOCITY_FADES_S)
        self._foot += self._velocity * dt_s
        scale = np.sqrt(self._size.prod(axis=1))
        place, mixed, speed = self._cov.T
        noise = (ACCELERATION * scale) ** 2
        self._cov[:, 0] = place + 2 * dt_s * mixed + dt_s**2 * speed + noise * dt_s**4 / 4
        self._cov[:, 1] = mixed + dt_s * speed + noise * dt_s**3 / 2
        self._cov[:, 2] = speed + noise * dt_s**2

    def _join(self, predicted: Floats, boxes: Floats) -> Floats:
        """Several pieces within one predicted box that together have its size are that thing."""
        inside = shares(boxes, grown(predicted, 1.15)) >= INSIDE
        inside &= inside.sum(axis=1, keepdims=True) == 1
        pieces = np.flatnonzero(inside.sum(axis=0) > 1)
        gone: list[int] = []
        for track in pieces:
            of = np.flatnonzero(inside[:, track])
            left, top = boxes[of, 0].min(), boxes[of, 1].min()
            right = (boxes[of, 0] + boxes[of, 2]).max()
            bottom = (boxes[of, 1] + boxes[of, 3]).max()
            whole = np.array([left, top, right - left, bottom - top])
            one = iou(predicted[track : track + 1], boxes[of]).max()
            if iou(predicted[track : track + 1], whole[None])[0, 0] > one:
                boxes[of[0]] = whole
                gone.extend(int(i) for i in of[1:])
        return np.delete(boxes, gone, axis=0) if gone else boxes

    def _assign(
        self, predicted: Floats, boxes: Floats
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        nothing = np.empty(0, np.intp)
        if not len(predicted) or not len(boxes):
            return nothing, nothing
        feet, sizes = feet_of(boxes), boxes[:, 2:]
        scale = np.sqrt(self._size.prod(axis=1))
        variance = self._cov[:, 0] + (MEASURE_SHARE * scale + MEASURE_MIN_PX) ** 2
        distance = np.hypot(
            np.subtract.outer(self._foot[:, 0], feet[:, 0]),
            np.subtract.outer(self._foot[:, 1], feet[:, 1]),
        )
        distance /= np.sqrt(variance)[:, None]
        overlap = iou(predicted, boxes)
        ratio = np.abs(
            np.subtract.outer(
                np.log(self._size[:, 0] * self._size[:, 1]), np.log(sizes[:, 0] * sizes[:, 1])
            )
        )
        possible = ((distance < GATE) | (overlap > 0.2)) & (ratio < np.log(SIZE_RATIO))
        cost = np.minimum(distance / GATE, 1.0) + (1.0 - overlap) + 0.3 * ratio
        cost -= 0.2 * self._confirmed[:, None]  # a known thing has the first claim
        rows, columns = linear_sum_assignment(np.where(possible, cost, _NEVER))
        kept = possible[rows, columns]
        return rows[kept], columns[kept]

    def _correct(self, rows: NDArray[np.intp], boxes: Floats, now_s: float) -> None:
        if not len(rows):
            return
        scale = np.sqrt(boxes[:, 2] * boxes[:, 3])
        noise = (MEASURE_SHARE * scale + MEASURE_MIN_PX) ** 2
        place, mixed, speed = self._cov[rows].T
        gain_place = place / (place + noise)
        gain_speed = mixed / (place + noise)
        error = feet_of(boxes) - self._foot[rows]
        self._foot[rows] += gain_place[:, None] * error
        self._velocity[rows] += gain_speed[:, None] * error
        self._cov[rows] = np.stack(
            [place * (1 - gain_place), mixed * (1 - gain_place), speed - gain_speed * mixed], axis=1
        )
        # A box that flickers between a whole and a part settles in a few frames.
        blend = np.where(self._hits[rows] < 4, 0.6, 0.4)[:, None]
        self._size[rows] += blend * (boxes[:, 2:] - self._size[rows])
        self._hits[rows] += 1
        self._last_seen_s[rows] = now_s
        filtered = boxes_at(self._foot[rows], self._size[rows])
        for row, box, raw in zip(rows.tolist(), filtered.tolist(), boxes.tolist(), strict=True):
            life = self._lives[row]
            if self._confirmed[row]:
                life.t_s.clear()
                life.boxes.clear()
            else:
                life.measured.append(raw)
            life.t_s.append(now_s)
            life.boxes.append((box[0], box[1], box[2], box[3]))

    def _confirm(self, rows: NDArray[np.intp]) -> Flags:
        fresh = np.zeros(len(self._lives), bool)
        waiting = rows[(~self._confirmed[rows]) & (self._hits[rows] >= CONFIRM_HITS)]
        for row in waiting.tolist():
            life = self._lives[row]
            doubt = self._doubt(row)
            if self._hits[row] < CONFIRM_HITS + doubt:
                continue
            scale = float(np.sqrt(self._size[row].prod()))
            gone, sureness, cut = way(
                np.array(life.t_s[-CONFIRM_LOOKS:]),
                np.array(life.measured[-CONFIRM_LOOKS:]),
                (self._width_px, self._height_px),
                JITTER_SHARE * scale + JITTER_MIN_PX,
            )
            share = (CONFIRM_BORDER_SHARE if cut else CONFIRM_SHARE) * (1 + doubt)
            if gone < max(CONFIRM_MIN_PX * (1 + doubt), share * scale):
                continue
            if gone < CONFIRM_FAR_SHARE * scale and self._hits[row] < CONFIRM_MORE_HITS:
                continue
            if sureness >= CONFIRM_SURE:
                life.measured.clear()
                self._confirmed[row] = fresh[row] = True
        return fresh

    def _cell(self, row: int) -> tuple[int, int]:
        across, down = CLUTTER_CELLS
        x = int(self._foot[row, 0] / self._width_px * across)
        y = int((self._foot[row, 1] - self._size[row, 1] / 2) / self._height_px * down)
        return min(max(y, 0), down - 1) + 1, min(max(x, 0), across - 1) + 1

    def _doubt(self, row: int) -> float:
        """0 where nothing unreal shows up; grows with the failed starts of the last minute around here."""
        y, x = self._cell(row)
        failed = float(self._clutter[y - 1 : y + 2, x - 1 : x + 2].sum())
        return min(max(0.0, failed - 3.0) / 4.0, CLUTTER_MOST)

    def _views(self, seen: Flags, fresh: Flags) -> tuple[TrackView, ...]:
        views = []
        boxes = boxes_at(self._foot, self._size)
        for row in np.flatnonzero(self._confirmed).tolist():
            life = self._lives[row]
            x, y, w, h = boxes[row].tolist()
            vx, vy = self._velocity[row].tolist()
            views.append(
                TrackView(
                    uid=life.uid,
                    start_s=life.start_s,
                    box_px=(x, y, w, h),
                    velocity_px_s=(vx, vy),
                    seen=bool(seen[row]),
                    fresh=bool(fresh[row]),
                    history=tuple(zip(life.t_s[:-1], life.boxes[:-1], strict=True))
                    if fresh[row]
                    else (),
                )
            )
        return tuple(views)

    def _bury(self, now_s: float) -> tuple[UUID, ...]:
        if not self._lives:
            return ()
        unseen_s = now_s - self._last_seen_s
        speed = np.hypot(*self._velocity.T)
        standing = speed < STANDING_SHARE_S * np.sqrt(self._size.prod(axis=1))
        patience = np.where(
            self._covered, COAST_COVERED_S, np.where(standing, COAST_STANDING_S, COAST_S)
        )
        picture = np.array([self._width_px, self._height_px])
        boxes = boxes_at(self._foot, self._size)
        low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
        cut = ((low <= BORDER_SHARE * picture) | (high >= (1 - BORDER_SHARE) * picture)).any(axis=1)
        patience = np.where(cut, np.minimum(patience, COAST_BORDER_S), patience)
        lived_s = self._last_seen_s - np.array([life.start_s for life in self._lives])
        patience = np.minimum(patience, TENTATIVE_S + COAST_OF_LIFE * lived_s)
        patience = np.where(self._confirmed, patience, TENTATIVE_S)
        middle_y = self._foot[:, 1] - self._size[:, 1] / 2
        outside = (self._foot[:, 0] < 0) | (self._foot[:, 0] > self._width_px)
        outside |= (middle_y < 0) | (middle_y > self._height_px)
        gone = (unseen_s > patience) | (outside & (unseen_s > 0))
        ended = tuple(self._lives[i].uid for i in np.flatnonzero(gone & self._confirmed))
        if gone.any():
            for row in np.flatnonzero(gone & ~self._confirmed).tolist():
                self._clutter[self._cell(row)] += 1.0
            self._keep(~gone)
        return ended

    def _keep(self, kept: Flags) -> None:
        self._lives = [life for life, stays in zip(self._lives, kept, strict=True) if stays]
        self._foot, self._velocity = self._foot[kept], self._velocity[kept]
        self._cov, self._size = self._cov[kept], self._size[kept]
        self._hits, self._confirmed = self._hits[kept], self._confirmed[kept]
        self._last_seen_s, self._covered = self._last_seen_s[kept], self._covered[kept]

    def _begin(self, boxes: Floats, now_s: float) -> None:
        if not len(boxes):
            return
        n = len(boxes)
        scale = np.sqrt(boxes[:, 2] * boxes[:, 3])
        for box in boxes.tolist():
            life = _Life(uuid4(), now_s, [box])
            life.t_s.append(now_s)
            life.boxes.append((box[0], box[1], box[2], box[3]))
            self._lives.append(life)
        start = np.stack(
            [
                (MEASURE_SHARE * scale + MEASURE_MIN_PX) ** 2,
                np.zeros(n),
                (START_SPEED * scale) ** 2,
            ],
            axis=1,
        )
        self._foot = np.concatenate([self._foot, feet_of(boxes)])
        self._velocity = np.concatenate([self._velocity, np.zeros((n, 2))])
        self._cov = np.concatenate([self._cov, start])
        self._size = np.concatenate([self._size, boxes[:, 2:]])
        self._hits = np.concatenate([self._hits, np.ones(n, np.int64)])
        self._confirmed = np.concatenate([self._confirmed, np.zeros(n, bool)])
        self._last_seen_s = np.concatenate([self._last_seen_s, np.full(n, now_s)])
        self._covered = np.concatenate([self._covered, np.zeros(n, bool)])
