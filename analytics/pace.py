"""How often a camera's frames must be analysed while it is awake: by how fast things go, and by what is new. Pure.

Every frame is decoded, for the next one builds on it; comparing it with the background, following what moves and asking
the rules costs ten times as much. One who walks is followed as well by five frames a second as by twelve.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from analytics.model import Box, Zone
from analytics.rules.catalogue import CATALOGUE
from analytics.track import Tracked, TrackView
from analytics.zone import around

STANDS_SHARE_S = 0.2
"""What goes less than this many of its own sizes a second stands: a look every so often is enough."""
LEAST_FPS = 5.0
STEP_SIZES = 0.45
"""So many of its own sizes (the square root of its box's area) may a thing go from one frame to the next."""
NEW_S = 0.8
"""How fast a thing is, is known only when it was seen for so long: till then every frame counts."""
CREDIT_S = 1.6
"""So long may every frame count for what is new; then only as often as things turn out to be there."""
CREDIT_LEAST_S = 0.5
CREDIT_GROWS = 0.1
"""Seconds a second: where leaves and noise are new all the time, so large a share of it is spent on them."""


def sizes_per_s(view: TrackView) -> float:
    """A thing's speed in its own sizes."""
    _, _, w, h = view.box_px
    return math.hypot(*view.velocity_px_s) / math.sqrt(w * h)


class Pace:
    """One camera's. Tell it of every analysed frame."""

    def __init__(self, most_fps: float) -> None:
        self._most_fps = most_fps
        self._asking: list[tuple[Box, float]] = []
        self._credit_s = CREDIT_S
        self._spending = False
        self._at_s: float | None = None

    def reconfigure(self, zones: Iterable[Zone]) -> None:
        """What is watched now."""
        self._asking = [
            (around([(x, y, 0.0, 0.0) for x, y in zone.points]), CATALOGUE[zone.rule].least_fps)
            for zone in zones
            if CATALOGUE[zone.rule].least_fps > 0
        ]

    @property
    def asked(self) -> bool:
        """Whether a rule has to see how things move, not only where to."""
        return bool(self._asking)

    def after(self, tracked: Tracked, at_s: float, moved: Sequence[Box] = ()) -> float:
        """How many frames a second are wanted after the one at ``at_s``.

        ``moved`` is where something moved, in shares of the picture.
        """
        passed_s = 0.0 if self._at_s is None else max(0.0, at_s - self._at_s)
        self._at_s = at_s
        gained_s = passed_s * (CREDIT_GROWS - self._spending)
        self._credit_s = min(CREDIT_S, max(0.0, self._credit_s + gained_s))
        moving = [view for view in tracked.alive if not view.resting]
        new = tracked.tentative > 0 or any(at_s - view.start_s < NEW_S for view in moving)
        self._spending = new and self._credit_s > (0.0 if self._spending else CREDIT_LEAST_S)
        if self._spending:
            return self._most_fps
        asked = (fps for area, fps in self._asking if any(_touch(area, box) for box in moved))
        steps = (sizes_per_s(view) / STEP_SIZES for view in moving if view.seen)
        return min(self._most_fps, max((LEAST_FPS, *asked, *steps)))


def _touch(one: Box, two: Box) -> bool:
    return (
        one[0] < two[0] + two[2]
        and two[0] < one[0] + one[2]
        and one[1] < two[1] + two[3]
        and two[1] < one[1] + one[3]
    )
