"""How many people a part of the picture shows that are too close to be told apart. Pure.

Upright figures of the size that people have at that distance are laid over what differs, the one that explains most of what
is left first, until none explains enough (a marked point process solved greedily: W. Ge and R. Collins, "Marked point
processes for crowd counting", CVPR 2009; foreground in units of one person by perspective: A. Chan, Z.-S. Liang and
N. Vasconcelos, "Privacy preserving crowd monitoring", CVPR 2008). Who is hidden behind another one shows in no pixel; how
many those are follows from how close the others stand and how flat the camera looks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.area_picture import Different
from analytics.besides import Besides
from analytics.opencv import cv2
from analytics.upright import TALL_M, WIDE_M, Upright

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

LEAST_PX = 6.0
"""Smaller figures have no shape."""
TRUNK = 0.6
"""Of a person's breadth that is filled from the shoulders to the feet."""
SWELL_PX = 1.5
"""Soft edges make everybody wider by so much."""
STEPS = (14.0, 4.0)
"""Figures are tried at so many places of their own height and width."""
SEEN_LEAST = 0.4
"""Of a figure that must lie in the picture."""
FILLED = 0.5
"""Of a figure that must differ, whether explained already or not."""
ENOUGH = 0.33
"""Of a figure that must be explained by nobody else, less half of what of it does not differ."""
EMPTY_COST = 0.5
SEEN_MORE = 0.2
"""One counts by the share of him that is explained by nobody else, and so much more: the less it is, the more often it is a
shadow, a mirror image or an arm."""
OUTLINED = 0.55
"""What differs must have edges: twice its breadth of them would be one alone; light from lamps has hardly any."""
HIDES = 2.0
"""How many are not found, by the square of how many stand on the strip that each hides behind him. Fitted on crowds of one to
sixteen on the demo's square and in its yard, at other places than the bench measures."""
HIDDEN_MOST = 2.5
NEAR_M, NEAR_STRIP = 1.5, 0.35
"""Those within so many metres, or so much of the strip, are close."""
ALONE_HEIGHTS, ALONE_OTHERS = 1.5, 0.8
"""Who is alone has nobody within so many of his heights, and no other figure in what touches him that is worth more."""
TOGETHER = 0.5
"""A pixel as likely as this holds those together whom it joins."""


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """Those found. ``boxes`` ``(n, 4)`` left, top, right, bottom within the part; ``feet`` ``(n, 2)`` column and row there.

    ``worth`` ``(n,)`` 0..1: how much each counts; ``hidden`` ``(n,)``: how many more are likely to stand unseen behind. ``group``
    ``(n,)``: those of one number touch one another.
    """

    boxes: Indices
    feet: Floats
    worth: Floats
    hidden: Floats
    group: Indices
    groups: NDArray[np.int32]
    """``(h, w)``: the groups' numbers by pixel, 0 where nobody is."""

    def __len__(self) -> int:
        return len(self.boxes)

    def without(self, gone: NDArray[np.bool_]) -> Figures:
        """The others."""
        keep = ~gone
        return Figures(
            self.boxes[keep],
            self.feet[keep],
            self.worth[keep],
            self.hidden[keep],
            self.group[keep],
            self.groups,
        )

    def group_of(self, box: tuple[float, float, float, float]) -> int:
        """Which group fills most of a box (left, top, width, height within the part); 0 for none."""
        x, y, w, h = (round(v) for v in box)
        part = self.groups[max(0, y) : max(0, y + h), max(0, x) : max(0, x + w)]
        if not part.size:
            return 0
        many = np.bincount(part.ravel())
        many[0] = 0
        best = int(many.argmax())
        return best if many[best] >= 0.15 * part.size else 0


class Finder:
    """Finds figures in one part of the picture, and learns what else they bring with them."""

    def __init__(self, about: Upright) -> None:
        self._about = about
        _, _, width, height = about.rect
        places: list[NDArray[np.float64]] = []
        row = 0.0
        rows = len(about.tall_px)
        while row < rows:
            tall = about.tall_px[int(row)]
            if not tall >= LEAST_PX:
                row += 1.0
                continue
            wide = TRUNK * about.wide_px[int(row)] + SWELL_PX
            columns = np.arange(0.0, width, max(1.0, wide / STEPS[1]))
            same = np.tile((row + 1.0, tall, wide), (len(columns), 1))
            places.append(np.column_stack([columns, same]))
            row += max(1.0, tall / STEPS[0])
        every = np.concatenate(places) if places else np.empty((0, 4))
        column, foot, tall_px, wide_px = every.T
        top = np.clip(np.round(foot - tall_px), 0, height)
        bottom = np.minimum(foot, height)
        left = np.clip(np.round(column - wide_px / 2), 0, width)
        right = np.clip(np.maximum(left + 1, np.round(column + wide_px / 2)), 0, width)
        seen = (bottom - top >= SEEN_LEAST * tall_px) & (bottom > top) & (right > left)
        self._feet = np.column_stack([column, foot])[seen]
        self._boxes = np.column_stack([left, top, right, bottom]).astype(np.intp)[seen]
        self._tall_px = tall_px[seen]
        self._besides = Besides()

    def __len__(self) -> int:
        return len(self._boxes)

    def find(self, seen: Different) -> Figures:
        """Those in what differs."""
        there = (seen.likely > TOGETHER).astype(np.uint8)
        _, groups = cv2.connectedComponents(there)
        filled = self._share(cv2.integral(seen.likely), self._boxes)
        here = np.flatnonzero(filled > FILLED)
        boxes, filled = self._boxes[here], filled[here]
        left_over = seen.likely.copy()
        found: list[int] = []
        gains: list[float] = []
        while len(boxes):
            gain = self._share(cv2.integral(left_over), boxes) - EMPTY_COST * (1.0 - filled)
            best = int(gain.argmax())
            if gain[best] < ENOUGH:
                break
            found.append(int(here[best]))
            gains.append(float(gain[best]))
            x0, y0, x1, y1 = boxes[best].tolist()
            left_over[max(0, y0 - 1) : y1 + 1, max(0, x0 - 1) : x1 + 1] = 0.0
            self._besides.take_from(left_over, *self._stands(int(here[best])))
            going = gain >= 0.8 * ENOUGH
            here, boxes, filled = here[going], boxes[going], filled[going]
        chosen = np.array(found, np.intp)
        worth = np.minimum(1.0, np.array(gains) + SEEN_MORE)
        kept = self._outlined(seen, chosen)
        chosen, worth = chosen[kept], worth[kept]
        feet = self._feet[chosen]
        hidden = self._hidden(feet, worth)
        figures = Figures(
            self._boxes[chosen], feet, worth, hidden, np.zeros(len(chosen), np.intp), groups
        )
        group = [
            figures.group_of((x0, y0, x1 - x0, y1 - y0))
            for x0, y0, x1, y1 in figures.boxes.tolist()
        ]
        figures.group[:] = group
        self._learn(seen, figures, chosen)
        return figures

    def _stands(self, place: int) -> tuple[float, float, float]:
        column, foot = self._feet[place].tolist()
        return column, foot, float(self._tall_px[place])

    def _learn(self, seen: Different, figures: Figures, chosen: Indices) -> None:
        """From those who are alone: one seen whole, and in what touches him nobody else who is."""
        for group in np.unique(figures.group).tolist():
            of = np.flatnonzero(figures.group == group)
            best = int(of[figures.worth[of].argmax()])
            column, foot, tall_px = self._stands(int(chosen[best]))
            others = figures.worth[of[of != best]]
            near = np.abs(figures.feet - figures.feet[best]).max(axis=1) < ALONE_HEIGHTS * tall_px
            if not group or figures.worth[best] < 1.0 or (others > ALONE_OTHERS).any():
                continue
            if len(of) > 2 or np.count_nonzero(near) > len(of):
                continue
            self._besides.learn(seen.likely * (figures.groups == group), column, foot, tall_px)

    @staticmethod
    def _share(sums: Floats, boxes: Indices) -> Floats:
        """``(n,)``: the mean within each box, by the integral picture."""
        left, top, right, bottom = boxes.T
        total = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        mean: Floats = total / ((right - left) * (bottom - top))
        return mean

    def _outlined(self, seen: Different, chosen: Indices) -> NDArray[np.bool_]:
        """Which of them have edges, and are not light on the ground."""
        if not len(chosen):
            return np.zeros(0, np.bool_)
        width = seen.likely.shape[1]
        rows = np.minimum(self._feet[chosen, 1].astype(int) - 1, len(self._about.wide_px) - 1)
        wide = self._about.wide_px[rows]
        around = self._boxes[chosen].copy()
        middle = self._feet[chosen, 0]
        around[:, 0] = np.clip(np.floor(middle - 0.75 * wide), 0, width - 1)
        around[:, 2] = np.clip(np.ceil(middle + 0.75 * wide), 1, width)
        edges = self._share(cv2.integral(seen.steps), around)
        levels = self._share(cv2.integral(seen.levels), around)
        outlined: NDArray[np.bool_] = edges * wide >= OUTLINED * np.maximum(levels, 1e-6)
        return outlined

    def _hidden(self, feet: Floats, worth: Floats) -> Floats:
        """How many stand unseen behind each.

        Behind a person lies a strip of ground as wide as he is and as long as his shadow would be if the camera were a lamp. Who stands
        in the nearer part of it is not found, where others cover what he leaves to be seen. Both follow from how many are found close
        by, so their product does from the square.
        """
        if len(feet) < 2:
            return np.zeros(len(feet))
        spots = self._about.feet_m(feet[:, 1], feet[:, 0])
        away_m = np.maximum(np.hypot(spots[:, 0], spots[:, 1]), 0.1)
        strip_m = TALL_M * away_m / self._about.camera.pose.height_m
        middle = spots * (1.0 + 0.15 * strip_m / away_m)[:, None]
        reach_m = np.maximum(NEAR_M, NEAR_STRIP * strip_m)
        apart = np.hypot(*(middle[:, None] - spots[None]).transpose(2, 0, 1))
        close = (apart < reach_m[:, None]) & ~np.eye(len(feet), dtype=np.bool_)
        per_m2 = close @ worth / (np.pi * reach_m**2)
        hidden: Floats = np.minimum(HIDDEN_MOST, HIDES * np.square(WIDE_M * strip_m * per_m2))
        return hidden
