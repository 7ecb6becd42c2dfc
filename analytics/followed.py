"""All that a camera follows at once: one row each in arrays that stay in step.

What is filtered is the foot point, the middle of a box's lower edge, on the plane it stands on (:mod:`analytics.plane`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray

from analytics.boxes import boxes_at, cut_by_border, edges_of, feet_of
from analytics.drift import Drift
from analytics.kalman import Motions, turned
from analytics.parked import Patch
from analytics.plane import Places, Plane

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]
Box = tuple[float, float, float, float]

SPEED_FADES_S = (0.6, 1.5)
SPEED_KNOWN_HITS = 25
"""Unseen, a thing is soon believed to have stopped, the sooner the less its speed was known: from the first, for a new
one, to the second for one seen so often."""
ACCELERATION = 3.0
ACCELERATION_LASTS_S = 0.1
START_SPEED = 4.0
"""One sigma of acceleration (sizes/s², for so long) and of a new track's speed (sizes/s)."""
MEASURE_SHARE = 0.07
MEASURE_MIN_PX = 1.5
BLURRED = 3.0
"""How much less exact a foot is that was made out within a box of several."""
COLUMNS = 16
VOUCHED = 0.6
"""So sure a model has to be that it is a person."""
YOUNG_HITS = 4
SIZE_FOLLOWS_YOUNG, SIZE_FOLLOWS = 0.6, 0.4
PERSON_FOLLOWS_YOUNG, PERSON_FOLLOWS_TREND, PERSON_FOLLOWS = 0.7, 0.5, 0.3
"""Of a box's size as it was seen, so much is believed: of one seen so few times, and of others. A person comes nearer or
into sight steadily: half is believed where he grows or shrinks as of late, less where he wavers. Lamps and blobs that
join and part would lead the box astray so."""
ANCHOR_SIZES = 0.6
"""Who has not gone this many of its own sizes stands."""


@dataclass(slots=True, eq=False)
class Life:
    """What one track keeps besides its numbers; ``t_s`` and ``boxes`` until it is confirmed only. ``doubted`` is the name it
    began under: confirmed, it may be one that came back."""

    uid: UUID
    doubted: UUID
    start_s: float
    first_at: Floats
    entered: bool
    t_s: list[float] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    look: NDArray[np.float32] | None = None
    look_s: float = -1e9
    patch: Patch | None = None
    roused_s: float = -1e9


class Followed:
    """The tracks alive. All arrays have a row for each of ``lives``; they are written in place only.

    ``motions`` are the filtered places and speeds on the plane; ``foot`` ``(n, 2)`` and ``size`` ``(n, 2)`` the box in
    picture pixels; ``by_px`` and ``to_px`` ``(n, 2, 2)`` and ``unit`` what :class:`analytics.plane.Places` says of the
    plane there. ``hits``: how often each was seen; ``seen_s``: when last, or until when it is not held
    against it that it was not; ``missed``: at how many frames since; ``own_s``: when last in a box of its own; ``merged_s``: for how long it has been in one box
    with another; ``grew`` ``(n, 2)``: how a person's box came out wider and higher than expected of late, in pixels; ``anchor``, ``anchor_s``: where on the plane it has stayed, and since when. ``vouched``: how sure a model
    is that it is a person, 0..1; 0 where none said so.
    """

    foot: Floats
    size: Floats
    anchor: Floats
    grew: Floats
    unit: Floats
    hits: Floats
    seen_s: Floats
    missed: Floats
    own_s: Floats
    merged_s: Floats
    anchor_s: Floats
    vouched: Floats

    def __init__(self, plane: Plane) -> None:
        self._plane = plane
        self.lives: list[Life] = []
        self.motions = Motions.none()
        self.drift = Drift(np.empty((0, 4)), 0.0)
        self.confirmed = np.empty(0, bool)
        self.by_px = self.to_px = np.empty((0, 2, 2))
        self._use(np.empty((0, COLUMNS)))

    def _use(self, table: Floats) -> None:
        self._table = table
        self.foot, self.size, self.anchor = table[:, :2], table[:, 2:4], table[:, 4:6]
        self.unit, self.hits, self.seen_s = table.T[6:9]
        self.missed, self.own_s, self.merged_s, self.anchor_s, self.vouched = table.T[9:14]
        self.grew = table[:, 14:16]

    def __len__(self) -> int:
        return len(self.lives)

    def boxes(self) -> Floats:
        """``(n, 4)``: where they are, in picture pixels."""
        return boxes_at(self.foot, self.size)

    def box(self, row: int) -> Box:
        """The box of one of them."""
        box = boxes_at(self.foot[row : row + 1], self.size[row : row + 1])[0].tolist()
        return box[0], box[1], box[2], box[3]

    def scale(self) -> Floats:
        """Their sizes in the picture: the square roots of their boxes' areas."""
        scale: Floats = np.sqrt(self.size[:, 0] * self.size[:, 1])
        return scale

    def extent(self) -> Floats:
        """Their sizes in the plane's units."""
        return self._extent(self.scale(), self.unit)

    def speed_px_s(self) -> Floats:
        """``(n, 2)``: how fast their feet go in the picture."""
        return turned(self.to_px, self.motions.speed)

    def predict(self, now_s: float, dt_s: float) -> None:
        """Moves all on to ``now_s``, ``dt_s`` after the last time."""
        if not self.lives or dt_s == 0.0:
            return
        coasting = self.seen_s < now_s - dt_s - 1e-6
        slowed = np.count_nonzero(coasting)
        if slowed:
            fades_s = np.interp(self.hits[coasting], (0, SPEED_KNOWN_HITS), SPEED_FADES_S)
            left = np.exp(-dt_s / fades_s)
            # Its mean over the step takes it as far as many short steps would.
            mean = fades_s / dt_s * (1.0 - left)
            self.motions.speed[coasting] *= mean[:, None]
        drive = np.square(ACCELERATION * self.extent()) * ACCELERATION_LASTS_S
        self.motions.predict(dt_s, drive)
        ahead = self.foot + turned(self.to_px, self.motions.speed * dt_s)
        self.foot[:], places = self._plane.feet_px(self.motions.at, ahead)
        if slowed:
            self.motions.speed[coasting] *= (left / mean)[:, None]
        # Who comes nearer grows.
        growth = np.minimum(np.maximum(self.unit / places.unit, 0.7), 1.4)
        self.size *= growth[:, None]
        self.by_px, self.to_px = places.by_px, places.to_px
        self.unit[:] = places.unit

    def place(self, rows: Indices, boxes: Floats) -> None:
        """Puts the feet of ``rows`` where those of ``boxes`` are."""
        feet = feet_of(boxes)
        places = self._plane.places(feet)
        self.foot[rows], self.motions.at[rows] = feet, places.at
        self._lie(rows, places)

    def halt(self, rows: Indices, boxes: Floats, now_s: float) -> None:
        """Lets ``rows`` stand in ``boxes``, as seen now."""
        self.place(rows, boxes)
        self.motions.speed[rows] = 0.0
        self.seen_s[rows], self.missed[rows], self.merged_s[rows] = now_s, 0.0, 0.0
        self._anchor(rows, now_s)

    def _anchor(self, rows: Indices, now_s: float) -> None:
        """Who has gone away from where it stood begins to stand anew."""
        at = self.motions.at[rows]
        went_x, went_y = (at - self.anchor[rows]).T
        extent = self._extent(self.scale()[rows], self.unit[rows])
        far = np.hypot(went_x, went_y) > ANCHOR_SIZES * extent
        if np.count_nonzero(far):
            self.anchor[rows[far]], self.anchor_s[rows[far]] = at[far], now_s

    def _lie(self, rows: Indices, places: Places) -> None:
        self.by_px[rows], self.to_px[rows] = places.by_px, places.to_px
        self.unit[rows] = places.unit

    def correct(self, rows: Indices, boxes: Floats, blurred: Flags, now_s: float) -> None:
        """Takes the boxes that ``rows`` were seen in; of those ``blurred`` only roughly where."""
        if not len(rows):
            return
        feet = feet_of(boxes)
        places = self._plane.places(feet)
        hits, size = self.hits[rows], self.size[rows]
        # A box that flickers between a whole and a part settles in a few frames.
        young, times = hits < YOUNG_HITS, np.ones(len(rows))
        follows = np.where(young, SIZE_FOLLOWS_YOUNG, SIZE_FOLLOWS)[:, None].repeat(2, axis=1)
        more = boxes[:, 2:] - size
        persons = self.vouched[rows] >= VOUCHED
        if np.count_nonzero(persons):
            grew = self.grew[rows[persons]]
            trend = grew * more[persons] > 0
            share = np.where(trend, PERSON_FOLLOWS_TREND, PERSON_FOLLOWS)
            share[young[persons]] = PERSON_FOLLOWS_YOUNG
            follows[persons] = share
            self.grew[rows[persons]] = 0.5 * grew + more[persons]
        if np.count_nonzero(blurred):
            follows[blurred], times[blurred] = 0.0, BLURRED
            self.grew[rows[blurred]] = 0.0
        self.motions.correct(rows, places.at, measured_noise(boxes, places, times))
        at = self.motions.at[rows]
        feet += turned(places.to_px, at - places.at)
        size += follows * more
        self.foot[rows], self.size[rows], self.hits[rows] = feet, size, hits + 1
        self._lie(rows, places)
        self.seen_s[rows], self.missed[rows] = now_s, 0.0
        self.own_s[rows[~blurred]] = now_s
        self._anchor(rows, now_s)
        doubtful = ~self.confirmed[rows]
        if np.count_nonzero(doubtful):
            self.drift.add(rows[doubtful], edges_of(boxes[doubtful]), now_s)
            filtered = boxes_at(feet[doubtful], size[doubtful]).tolist()
            for row, box in zip(rows[doubtful].tolist(), filtered, strict=True):
                life = self.lives[row]
                life.t_s.append(now_s)
                life.boxes.append((box[0], box[1], box[2], box[3]))

    def _extent(self, scale: Floats, unit: Floats) -> Floats:
        least, most = self._plane.least_size, self._plane.most_size
        return np.minimum(np.maximum(scale * unit, least), most)

    def keep(self, kept: Flags) -> None:
        """Drops the rows that are not ``kept``."""
        self.lives = [life for life, stays in zip(self.lives, kept, strict=True) if stays]
        self.motions.keep(kept)
        self.drift.keep(kept)
        self.by_px, self.to_px = self.by_px[kept], self.to_px[kept]
        self.confirmed = self.confirmed[kept]
        self._use(self._table[kept])

    def begin(self, boxes: Floats, picture: tuple[int, int], now_s: float) -> None:
        """Begins a track for each box."""
        if not len(boxes):
            return
        places = self._plane.places(feet_of(boxes))
        cut = cut_by_border(boxes, picture).tolist()
        lives = []
        for box, at, entered in zip(boxes.tolist(), places.at, cut, strict=True):
            first = (box[0], box[1], box[2], box[3])
            uid = uuid4()
            lives.append(Life(uid, uid, now_s, at, entered, [now_s], [first]))
        self._append(boxes, places, lives, now_s, confirmed=False)

    def take_up(self, life: Life, box: Box, now_s: float) -> None:
        """Follows again one who is known."""
        boxes = np.array([box])
        self._append(boxes, self._plane.places(feet_of(boxes)), [life], now_s, confirmed=True)

    def _append(
        self, boxes: Floats, places: Places, lives: list[Life], now_s: float, confirmed: bool
    ) -> None:
        n = len(boxes)
        extent = self._extent(np.sqrt(boxes[:, 2] * boxes[:, 3]), places.unit)
        noise = measured_noise(boxes, places)
        self.lives += lives
        self.motions.append(Motions.start(places.at, noise, START_SPEED * extent))
        self.drift.append(Drift(edges_of(boxes), now_s))
        self.by_px = np.concatenate([self.by_px, places.by_px])
        self.to_px = np.concatenate([self.to_px, places.to_px])
        self.confirmed = np.concatenate([self.confirmed, np.full(n, confirmed)])
        self._use(np.concatenate([self._table, np.zeros((n, COLUMNS))]))
        new = slice(-n, None)
        self.foot[new], self.size[new], self.anchor[new] = feet_of(boxes), boxes[:, 2:], places.at
        self.unit[new], self.hits[new] = places.unit, 1.0
        self.seen_s[new] = self.own_s[new] = self.anchor_s[new] = now_s


def measured_noise(boxes: Floats, places: Places, times: Floats | float = 1.0) -> Floats:
    """``(n, 2, 2)``: the covariance on the plane of feet measured from ``boxes``, ``times`` less exact than usual."""
    sigma = (MEASURE_SHARE * np.sqrt(boxes[:, 2] * boxes[:, 3]) + MEASURE_MIN_PX) * times
    noise: Floats = places.by_px @ places.by_px.transpose(0, 2, 1)
    noise *= np.square(sigma)[:, None, None]
    return noise
