"""How one thing moves, in metres: on the ground where it has places there, else by its own height in the picture."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from analytics.model import Kind, Point, Scene, Track
from gis.ground import LocalFrame

HEIGHT_M: dict[Kind, float] = {"person": 1.7, "vehicle": 1.5, "other": 1.0}
"""How tall a thing is taken to be where there is no pose."""
FORESHORTENED = 0.6
"""There, a metre towards the camera is taken for so much less in the picture than one across: between a camera that looks
along the street and one that looks straight down."""
REL_SIGMA_PICTURE = 0.35
"""One sigma of a speed so measured, as a share: heights differ, and nobody knows how steeply it looks."""
FIX_LOST_S = 2.0
FASTEST_MS = 70.0
"""What seems faster is two things taken for one: the way begins anew."""
LEAST_SPAN_S = 0.35
_95_TO_1_SIGMA = 2.4477


@dataclass(frozen=True, slots=True)
class Speed:
    """A speed over a window with one sigma; ``east_ms`` and ``north_ms`` are right and down in the picture without
    a place on the ground."""

    ms: float
    sigma_ms: float
    east_ms: float
    north_ms: float
    on_ground: bool


class Way:
    """The places of one track over the last ``keep_s``."""

    def __init__(self, keep_s: float = 3.0) -> None:
        self._keep_s = keep_s
        self.places: deque[tuple[float, float, float]] = deque()  # seconds, metres, metres
        self.on_ground = False
        self._rel_sigma = REL_SIGMA_PICTURE
        self._foot: Point | None = None
        self._fix_s = -math.inf

    def add(self, track: Track, scene: Scene, frame: LocalFrame | None) -> None:
        """Takes a track as it is at one frame; ``frame`` is where places on the ground are measured from."""
        if track.coasting:
            return
        at_s = track.at.timestamp()
        if self.places and at_s <= self.places[-1][0]:
            return
        if track.fix is not None and frame is not None:
            if not self.on_ground:
                self.places.clear()
            self.on_ground, self._fix_s = True, at_s
            self._put(at_s, *frame.to_enu(track.fix.place.lon, track.fix.place.lat))
            if track.distance_m:
                sigma_m = track.fix.ellipse.major_m / _95_TO_1_SIGMA
                self._rel_sigma = min(0.5, sigma_m / track.distance_m)
            return
        if self.on_ground and at_s - self._fix_s < FIX_LOST_S:
            return
        if self.on_ground or self._foot is None or not self.places:
            self.on_ground, self._rel_sigma = False, REL_SIGMA_PICTURE
            last = self.places[-1][1:] if self.places else (0.0, 0.0)
            self.places.clear()
            self._put(at_s, *last)
        else:
            m_per_height = HEIGHT_M[track.kind] / max(track.box[3], 0.01)
            _, x, y = self.places[-1]
            right_m = (track.foot[0] - self._foot[0]) * aspect(scene) * m_per_height
            down_m = (track.foot[1] - self._foot[1]) * m_per_height / FORESHORTENED
            self._put(at_s, x + right_m, y + down_m)
        self._foot = track.foot

    def begin(
        self, track: Track, scene: Scene, frame: LocalFrame | None
    ) -> Iterator[tuple[datetime, Point]]:
        """Takes in, one by one, where a track was before it was believed; gives the moment and the foot of each.

        Its places then are those under its feet in the picture, moved by what parts them from its place now. Nothing where
        it has no place on the ground now.
        """
        ground = scene.ground
        if ground is None or frame is None or track.fix is None:
            return
        trail = [(at, foot) for at, foot in track.trail if at < track.at]
        feet = np.array([foot for _, foot in trail] + [track.foot], np.float64)
        spots = ground.spots(feet * (ground.width_px, ground.height_px), np.ones(len(feet)))
        if not spots.falls.all():
            return
        now = np.array(frame.to_enu(track.fix.place.lon, track.fix.place.lat))
        self.on_ground, self._fix_s = True, track.at.timestamp()
        for (at, foot), (x_m, y_m) in zip(trail, spots.enu[:-1] + now - spots.enu[-1], strict=True):
            self._put(at.timestamp(), float(x_m), float(y_m))
            yield at, foot

    def speed(self, over_s: float = 1.0) -> Speed | None:
        """The speed over the last ``over_s``: a straight line fitted through the places.

        Its sigma is of the fit and of the scale: a pose turned a little makes all speeds too large or too small.
        None while it has been seen too shortly.
        """
        if not self.places:
            return None
        end_s = self.places[-1][0]
        near = np.array([p for p in self.places if end_s - p[0] <= over_s], np.float64)
        span_s = near[-1, 0] - near[0, 0]
        if len(near) < 3 or span_s < LEAST_SPAN_S:
            return None
        t_s = near[:, 0] - near[:, 0].mean()
        spread = float(t_s @ t_s)
        slope = t_s @ near[:, 1:] / spread
        left = near[:, 1:] - near[:, 1:].mean(axis=0) - t_s[:, None] * slope
        noise_m = math.sqrt(float((left**2).sum()) / max(1, 2 * len(near) - 4))
        ms = math.hypot(float(slope[0]), float(slope[1]))
        sigma_ms = math.hypot(noise_m / math.sqrt(spread), self._rel_sigma * ms)
        return Speed(ms, sigma_ms, float(slope[0]), float(slope[1]), self.on_ground)

    @property
    def here(self) -> tuple[float, float] | None:
        """Its last place, metres."""
        return self.places[-1][1:] if self.places else None

    def _put(self, at_s: float, x_m: float, y_m: float) -> None:
        if self.places:
            then_s, x, y = self.places[-1]
            if math.hypot(x_m - x, y_m - y) > FASTEST_MS * (at_s - then_s):
                self.places.clear()
        self.places.append((at_s, x_m, y_m))
        while at_s - self.places[0][0] > self._keep_s:
            self.places.popleft()


@dataclass(slots=True)
class Standing:
    """Since when a thing has not gone anywhere: it stands while it stays within ``radius_m`` of where it stopped."""

    radius_m: float
    since_s: float = 0.0
    _anchor: tuple[float, float] | None = None

    def update(self, at_s: float, place: tuple[float, float], slack_m: float = 0.0) -> float:
        """Takes its place; returns for how long it has stood. ``slack_m`` widens the radius by the place's error."""
        anchor = self._anchor
        if anchor is None or math.dist(anchor, place) > self.radius_m + slack_m:
            self._anchor, self.since_s = place, at_s
        return at_s - self.since_s


def aspect(scene: Scene) -> float:
    """The picture's width over its height; 16 to 9 where nobody knows."""
    if scene.frame is not None:
        return scene.frame.width_px / scene.frame.height_px
    if scene.ground is not None:
        return scene.ground.width_px / scene.ground.height_px
    return 16 / 9


def frame_of(scene: Scene) -> LocalFrame | None:
    """Where places on the ground are measured from; None without a pose."""
    return scene.ground.frame if scene.ground is not None else None
