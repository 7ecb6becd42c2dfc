"""Who is who from frame to frame: all tracks of a camera predicted, assigned and corrected at once.

Boxes are in picture pixels. One frame's way is :meth:`Tracker.update`; its steps are modules of their own: where each
is looked for and what belongs to whom (:mod:`analytics.pairs`), who is hidden or in one box with another
(:mod:`analytics.covered`), who is believed and who is gone (:mod:`analytics.belief`). One that stands for long is put
aside (:mod:`analytics.parked`), one that vanished is remembered for a while (:mod:`analytics.again`). Frames may come 2 to
25 times a second, at uneven intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from analytics.again import Appeared, Memory, Vanished
from analytics.appearance import look_of
from analytics.belief import Clutter, Lost, confirm, lost, word_counts
from analytics.boxes import boxes_at, cut_by_border, near, share_of
from analytics.covered import Covered, cover
from analytics.followed import VOUCHED, Box, Followed, Life
from analytics.halted import Stir
from analytics.model import Detections, Gray
from analytics.pairs import INSIDE, gate_of, join_pieces, no_wider, paired
from analytics.parked import Parked, Standing, patch_of, sought, still_there
from analytics.plane import PicturePlane, Plane

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

PARK_S = 30.0
PARK_AGAIN_S = 10.0
SOUGHT_S = 3.0
"""So long after it was roused a thing is sought by its look, too: beside the hole it leaves in the background it would
be mistaken."""
STANDS_S = 3.0
"""Who has stood for so long is no passer-by: behind it a parked thing is looked at as ever."""
LOOK_EVERY_S = 0.8
LOOKS_A_FRAME = 4


NOBODY = UUID(int=0)


class TrackView(NamedTuple):
    """A confirmed track at one frame. ``box_px`` left, top, width, height; ``velocity_px_s`` of the foot.

    ``fresh``: confirmed at this very frame; ``history`` then holds the earlier ``(t_s, box_px)``. ``standing_s``: how
    long it has not gone anywhere; ``resting``: it is parked, nothing about it changes until it is roused.

    How far its foot is its own: ``measured_px`` is the box detected at this frame, None where it was not seen, is parked, or
    was seen in one box with others, which ``shared`` says; ``own_foot_s``: how long ago it was last seen in a box of its own;
    ``clipped``: its box reaches the picture's border. ``doubted``: under which name it was followed till it was confirmed, of
    one ``fresh``; another one's where it is one that came back.
    """

    uid: UUID
    start_s: float
    box_px: Box
    velocity_px_s: tuple[float, float]
    seen: bool
    fresh: bool
    history: tuple[tuple[float, Box], ...]
    standing_s: float = 0.0
    resting: bool = False
    measured_px: Box | None = None
    shared: bool = False
    own_foot_s: float = 0.0
    clipped: bool = False
    doubted: UUID = NOBODY


class Doubtful(NamedTuple):
    """One that is followed but not confirmed yet; ``due``: it was seen at the last frame, and if a model said that it is a
    person it would be confirmed at the next."""

    uid: UUID
    box_px: Box
    due: bool


@dataclass(frozen=True, slots=True)
class Tracked:
    """One frame's outcome: the confirmed tracks alive, those that vanished now and may come back under their uid,
    and those that ended: they vanished some time ago, or came to nothing."""

    alive: tuple[TrackView, ...]
    vanished: tuple[UUID, ...]
    ended: tuple[UUID, ...]
    tentative: int


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The tracks seen at a frame, and the boxes they were ``measured`` in, in step."""

    rows: Indices
    measured: Floats
    covered: Covered


class Tracker:
    """The tracks of one camera. ``width_px`` and ``height_px`` are the picture's."""

    def __init__(self, width_px: int, height_px: int, plane: Plane | None = None) -> None:
        self._picture = (width_px, height_px)
        self._tracks = Followed(plane or PicturePlane())
        self._clutter = Clutter(self._picture)
        self._now_s: float | None = None
        self._sought_until_s = -1e18
        self._parked: Parked[Life] = Parked()
        self._memory: Memory[Life] = Memory()

    def boxes_px(self) -> NDArray[np.float32]:
        """``(n, 4)``: where the confirmed tracks are, for the background model to leave alone.

        Not the parked ones: they become background.
        """
        boxes: NDArray[np.float32] = self._tracks.boxes()[self._tracks.confirmed].astype(np.float32)
        return boxes

    def __len__(self) -> int:
        return int(np.count_nonzero(self._tracks.confirmed)) + len(self._parked)

    @property
    def busy(self) -> bool:
        """Whether anything at all is followed that may move."""
        return bool(self._tracks.lives)

    def doubtful(self) -> list[Doubtful]:
        """Those not confirmed yet, as they stand after the last frame."""
        tracks = self._tracks
        rows = np.flatnonzero(~tracks.confirmed)
        due = word_counts(tracks, rows, self._clutter) & (tracks.seen_s[rows] == self._now_s)
        return [
            Doubtful(tracks.lives[row].uid, tracks.box(row), soon)
            for row, soon in zip(rows.tolist(), due.tolist(), strict=True)
        ]

    def vouch(self, uid: UUID, confidence: float) -> None:
        """A model says, as sure as ``confidence`` (0..1), that one, in doubt or not, is a person."""
        for row, life in enumerate(self._tracks.lives):
            if life.uid == uid:
                self._tracks.vouched[row] = max(self._tracks.vouched[row], confidence)

    def update(
        self,
        detections: Detections,
        now_s: float,
        blind: bool = False,
        gray: Gray | None = None,
        stir: Gray | None = None,
    ) -> Tracked:
        """Takes the detections of the frame at ``now_s``. A blind frame lets every track coast without blame.

        ``gray`` is the analysed picture; without it nothing is parked, and who returns is known by place alone. ``stir`` is
        what of it moves and what stands (:class:`analytics.model.Motion`).
        """
        tracks = self._tracks
        dt_s = 0.0 if self._now_s is None else max(0.0, now_s - self._now_s)
        self._now_s = now_s
        boxes = detections.boxes_px.astype(np.float64)
        scale = 1.0 if gray is None else self._picture[0] / gray.shape[1]
        if gray is not None and not blind:
            self._rouse(gray, scale, boxes, now_s)
        if len(self._parked):
            boxes = boxes[~self._parked.take(boxes)]
        before = None if stir is None else Stir(stir, scale, tracks.boxes())
        tracks.predict(now_s, dt_s)
        self._clutter.fade(dt_s)
        if blind:
            tracks.seen_s += dt_s
        else:
            tracks.missed += 1.0
        predicted = tracks.boxes()
        if gray is not None and now_s < self._sought_until_s:
            boxes = np.concatenate([boxes, self._seek(predicted, gray, scale, now_s)])
        gate = gate_of(tracks, now_s)
        pairs = near(gate.reach, boxes)
        whole, joined = join_pieces(tracks, predicted, boxes, *pairs)
        if len(whole) < len(boxes):
            boxes, pairs = whole, near(gate.reach, whole)
        rows, columns = paired(tracks, predicted, boxes, gate, *pairs)
        measured = boxes[columns]
        if np.count_nonzero(joined):
            in_pieces = joined[columns] & (tracks.vouched[rows] >= VOUCHED)
            measured[in_pieces] = no_wider(tracks, rows[in_pieces], measured[in_pieces])
        covered = cover(
            tracks,
            self._parked.boxes,
            predicted,
            boxes,
            rows,
            columns,
            measured,
            dt_s,
            now_s,
            before,
        )
        tracks.correct(rows, measured, covered.blurred, now_s)
        free = np.ones(len(boxes), bool)
        free[columns] = False
        free[covered.several] = False
        if np.count_nonzero(free) and len(rows):
            # What lies inside a thing just seen is a piece of it.
            whole, left = boxes_at(tracks.foot[rows], tracks.size[rows]), np.flatnonzero(free)
            of, by = near(boxes[left], whole)
            free[left[of[share_of(boxes[left[of]], whole[by]) >= INSIDE]]] = False
        fresh = confirm(tracks, rows, self._clutter, self._picture)
        self._recall(fresh, gray, scale)
        if gray is not None:
            self._remember_looks(rows, gray, scale, now_s)
        where = tracks.boxes()
        cut = cut_by_border(where, self._picture)
        gone = lost(tracks, cut, covered.hidden, self._picture, now_s)
        told = tracks.confirmed if gone is None else tracks.confirmed & ~gone.vanished
        seen = Seen(rows, measured, covered)
        alive = self._views(np.flatnonzero(told), where, cut, seen, fresh, now_s)
        vanished = () if gone is None else self._bury(gone, now_s, gray, scale)
        alive += [_parked_view(thing, now_s) for thing in self._parked.things]
        if gray is not None and not blind:
            self._park(gray, scale, now_s)
        tracks.begin(boxes[free], self._picture, now_s)
        ended = tuple(life.uid for life in self._memory.forget(now_s))
        tentative = len(tracks) - np.count_nonzero(tracks.confirmed)
        return Tracked(tuple(alive), vanished, ended, int(tentative))

    def _recall(self, fresh: Flags, gray: Gray | None, scale: float) -> None:
        """Gives those who came back their old names."""
        if not len(self._memory):
            return
        for row in np.flatnonzero(fresh).tolist():
            life = self._tracks.lives[row]
            life.look = None if gray is None else look_of(gray, self._tracks.box(row), scale)
            size = float(self._tracks.extent()[row])
            before = self._memory.recall(
                Appeared(life.start_s, life.first_at, size, life.entered, life.look)
            )
            if before is not None:
                life.uid, life.start_s = before.uid, before.start_s

    def _remember_looks(self, rows: Indices, gray: Gray, scale: float, now_s: float) -> None:
        """Renews the looks that are oldest, a few a frame."""
        lives = self._tracks.lives
        due = [
            (lives[row].look_s, row)
            for row in rows[self._tracks.confirmed[rows]].tolist()
            if now_s - lives[row].look_s >= LOOK_EVERY_S
        ]
        for _, row in sorted(due)[:LOOKS_A_FRAME]:
            life = lives[row]
            life.look_s = now_s
            look = look_of(gray, self._tracks.box(row), scale)
            if look is not None:
                life.look = look if life.look is None else 0.7 * life.look + np.float32(0.3) * look

    def _views(
        self, told: Indices, where: Floats, cut: Flags, seen: Seen, fresh: Flags, now_s: float
    ) -> list[TrackView]:
        """What is told of the tracks ``told`` at this frame; all are at ``where``, and those ``cut`` reach the border."""
        tracks = self._tracks
        own: list[Box | None] = [None] * len(tracks)
        shared = seen.covered.carried
        for row, box, blurred in zip(
            seen.rows.tolist(), seen.measured.tolist(), seen.covered.blurred.tolist(), strict=True
        ):
            if blurred:
                shared[row] = True
            else:
                own[row] = (box[0], box[1], box[2], box[3])
        was_seen = np.zeros(len(tracks), bool)
        was_seen[seen.rows] = True
        was_seen |= seen.covered.halted
        facts = [
            each.tolist() for each in (where, tracks.speed_px_s(), was_seen, fresh, shared, cut)
        ]
        times = tracks.anchor_s.tolist(), tracks.own_s.tolist()
        views = []
        for row in told.tolist():
            life = tracks.lives[row]
            box, velocity, is_seen, is_fresh, is_shared, is_cut = (each[row] for each in facts)
            history: tuple[tuple[float, Box], ...] = ()
            if is_fresh:
                history = tuple(zip(life.t_s[:-1], life.boxes[:-1], strict=True))
                life.t_s, life.boxes = [], []
            views.append(
                TrackView(
                    life.uid,
                    life.start_s,
                    tuple(box),
                    tuple(velocity),
                    is_seen,
                    is_fresh,
                    history,
                    now_s - times[0][row],
                    False,
                    own[row],
                    is_shared,
                    now_s - times[1][row],
                    is_cut,
                    life.doubted if is_fresh else NOBODY,
                )
            )
        return views

    def _bury(self, those: Lost, now_s: float, gray: Gray | None, scale: float) -> tuple[UUID, ...]:
        """Lets go of whom nobody has seen for too long; parks those that only became background."""
        tracks = self._tracks
        vanished = []
        extent = tracks.extent()
        for row in np.flatnonzero(those.vanished).tolist():
            life, where = tracks.lives[row], tracks.box(row)
            if (
                gray is not None
                and life.patch is not None
                and those.standing[row]
                and still_there(life.patch, gray, where, scale)
            ):
                self._parked.add(life, where, float(tracks.anchor_s[row]), life.patch, now_s)
                continue
            vanished.append(life.uid)
            self._memory.add(self._as_remembered(row, float(extent[row]), those))
        self._clutter.add(tracks, np.flatnonzero(those.failed))
        tracks.keep(~those.gone)
        return tuple(vanished)

    def _as_remembered(self, row: int, extent: float, those: Lost) -> Vanished[Life]:
        tracks = self._tracks
        life = tracks.lives[row]
        return Vanished(
            life,
            float(tracks.seen_s[row]),
            tracks.motions.at[row],
            tracks.motions.speed[row],
            extent,
            bool(those.left[row]),
            life.look,
        )

    def _park(self, gray: Gray, scale: float, now_s: float) -> None:
        """Puts aside what has stood for long."""
        tracks = self._tracks
        long = tracks.confirmed & (now_s - tracks.anchor_s >= PARK_S)
        long &= (tracks.seen_s == now_s) & (tracks.merged_s == 0)
        if not long.any():
            return
        kept = np.ones(len(tracks), bool)
        for row in np.flatnonzero(long).tolist():
            life = tracks.lives[row]
            if now_s - life.roused_s < PARK_AGAIN_S:
                continue
            where = tracks.box(row)
            life.patch = patch_of(gray, where, scale)
            if life.patch is not None:
                self._parked.add(life, where, float(tracks.anchor_s[row]), life.patch, now_s)
                kept[row] = False
        tracks.keep(kept)

    def _rouse(self, gray: Gray, scale: float, boxes: Floats, now_s: float) -> None:
        """Takes up again what stands there no longer."""
        tracks = self._tracks
        stands = now_s - tracks.anchor_s >= STANDS_S
        moving = tracks.boxes()[tracks.confirmed & ~stands]
        for thing, box in self._parked.changed(gray, scale, now_s, boxes, moving):
            life = thing.owner
            life.roused_s = now_s
            self._sought_until_s = now_s + SOUGHT_S
            self._tracks.take_up(life, box, now_s)
            if box == thing.box_px:
                self._tracks.anchor_s[-1] = thing.since_s

    def _seek(self, predicted: Floats, gray: Gray, scale: float, now_s: float) -> Floats:
        """``(n, 4)``: where those just roused are seen by their look."""
        found = []
        for life, box in zip(self._tracks.lives, predicted.tolist(), strict=True):
            if life.patch is not None and now_s - life.roused_s < SOUGHT_S:
                seen = sought(life.patch, gray, (box[0], box[1], box[2], box[3]), scale)
                if seen is not None:
                    found.append(seen)
        return np.array(found, np.float64).reshape(-1, 4)


def _parked_view(thing: Standing[Life], now_s: float) -> TrackView:
    return TrackView(
        thing.owner.uid,
        thing.owner.start_s,
        thing.box_px,
        (0.0, 0.0),
        seen=True,
        fresh=False,
        history=(),
        standing_s=now_s - thing.since_s,
        resting=True,
    )
