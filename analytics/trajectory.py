"""All that is known of one track: where it was, how large it is, what it most likely is."""

from __future__ import annotations

import math
from collections import deque
from datetime import UTC, datetime

import numpy as np

from analytics.boxes import BORDER_SHARE
from analytics.classify import by_shape, by_size
from analytics.locate import Located, Locator, ground_speed_ms
from analytics.model import Box, Kind, Point, Size, Track, TrackRecord
from analytics.track import TrackView
from gis.model import LonLat

SAMPLE_EVERY_S = 0.2
MAX_SAMPLES = 3000
COURSE_OVER_S = 1.2
COURSE_MIN_M = 0.6
RECENT_S = 3.0
TRUST_CUT_SIDE = 0.5
TRUST_CUT_FOOT = 0.85
"""What the kind is worth of a thing never seen whole: half a car looks like a person, a person without feet less so
like anything else."""


class Trajectory:
    """One track's life. Feed every view of it in order."""

    def __init__(self, camera_id: int, view: TrackView, width_px: int, height_px: int) -> None:
        self.uid = view.uid
        self._camera_id = camera_id
        self._width_px = width_px
        self._height_px = height_px
        self._start_s = view.start_s
        self._last_s = view.start_s
        self._t_s: list[float] = []
        self._boxes: list[Box] = []
        self._ground: list[tuple[float, float, float, LonLat]] = []
        self._recent: deque[tuple[float, float, float]] = deque()
        self._located: Located | None = None
        self._located_s = -1e18
        self._log_size: tuple[float, float] | None = None
        self._whole = False
        self._trust = 1.0
        self._log_aspect: float | None = None
        self.kind: Kind = "other"
        self.confidence = 0.0
        self.has_event = False
        self.saved_s = view.start_s

    def update(
        self, view: TrackView, at_s: float, locator: Locator | None, exact: bool = True
    ) -> Track:
        """The track as it stands at ``at_s`` (seconds since 1970).

        Without ``exact`` its place may be that of up to :data:`SAMPLE_EVERY_S` before: placing is the dearest
        thing done for a track.
        """
        trail: tuple[tuple[datetime, Point], ...] = ()
        if view.fresh:
            for then_s, box in view.history:
                self._sample(box, then_s, locator)
            trail = tuple((_time(t), self._foot(box)) for t, box in view.history)
        if not exact and at_s - self._located_s < SAMPLE_EVERY_S * 0.95:
            self._last_s = at_s if view.seen else self._last_s
        elif view.seen:
            self._located = self._sample(view.box_px, at_s, locator)
            self._located_s = at_s
        elif locator is not None:
            self._located = locator.locate(view.box_px, self.kind, self._course())
            self._located_s = at_s
        located = self._located
        speed_ms = self._recent_speed_ms()
        self._decide(view, speed_ms)
        return Track(
            uid=self.uid,
            camera_id=self._camera_id,
            kind=self.kind,
            confidence=self.confidence,
            first_at=_time(self._start_s),
            at=_time(at_s),
            box=self._normal(view.box_px),
            foot=self._foot(view.box_px),
            coasting=not view.seen,
            trail=trail,
            fix=located.fix if located else None,
            speed_ms=speed_ms,
            size=self._size() if locator else None,
            distance_m=located.distance_m if located else None,
        )

    def record(self) -> TrackRecord:
        """The track as it is stored."""
        t_s, boxes = self._t_s, self._boxes
        speed_ms = None
        if self._ground:
            t, east, north = (np.array([g[i] for g in self._ground], np.float64) for i in (0, 1, 2))
            speed_ms = ground_speed_ms(t, east, north)
        return TrackRecord(
            uid=self.uid,
            camera_id=self._camera_id,
            kind=self.kind,
            confidence=self.confidence,
            start_at=_time(self._start_s),
            end_at=_time(self._last_s),
            t_ms=tuple(round((t - self._start_s) * 1000) for t in t_s),
            boxes=tuple(boxes),
            speed_ms=speed_ms,
            path=_path([g[0] for g in self._ground], [g[3] for g in self._ground]),
        )

    @property
    def seen_s(self) -> float:
        """From its first to its last sight."""
        return self._last_s - self._start_s

    def _sample(
        self, box_px: tuple[float, float, float, float], at_s: float, locator: Locator | None
    ) -> Located | None:
        self._last_s = at_s
        x, y, w, h = box_px
        margin_x, margin_y = BORDER_SHARE * self._width_px, BORDER_SHARE * self._height_px
        cut_side = x <= margin_x or x + w >= self._width_px - margin_x
        whole = not cut_side and y > margin_y and y + h < self._height_px - margin_y
        if not self._whole:
            self._trust = 1.0 if whole else TRUST_CUT_SIDE if cut_side else TRUST_CUT_FOOT
        located = locator.locate(box_px, self.kind, self._course()) if locator else None
        # Cut boxes tell size and shape only as long as no whole one was seen.
        if whole or not self._whole:
            if whole and not self._whole:
                self._log_size = self._log_aspect = None
                self._whole = True
            self._log_aspect = _follow(self._log_aspect, math.log(h / w))
            if located is not None:
                height, width = self._log_size or (None, None)
                self._log_size = (
                    _follow(height, math.log(located.size.height_m)),
                    _follow(width, math.log(located.size.width_m)),
                )
        if located is not None and located.fix is not None:
            self._recent.append((at_s, located.east_m, located.north_m))
            while at_s - self._recent[0][0] > RECENT_S:
                self._recent.popleft()
        if self._t_s and at_s - self._t_s[-1] < SAMPLE_EVERY_S * 0.95:
            return located
        self._t_s.append(at_s)
        self._boxes.append(self._normal(box_px))
        if located is not None and located.fix is not None:
            self._ground.append((at_s, located.east_m, located.north_m, located.fix.place))
        if len(self._t_s) > MAX_SAMPLES:
            self._t_s, self._boxes = self._t_s[::2], self._boxes[::2]
            self._ground = self._ground[::2]
        return located

    def _decide(self, view: TrackView, speed_ms: float | None) -> None:
        size = self._size()
        if size is not None:
            self.kind, self.confidence = by_size(size, speed_ms)
        elif self._log_aspect is not None:
            height_px = max(view.box_px[3], 1.0)
            speed = math.hypot(*view.velocity_px_s) / height_px
            self.kind, self.confidence = by_shape(
                math.exp(self._log_aspect), speed, height_px / self._height_px
            )
        self.confidence *= self._trust

    def _size(self) -> Size | None:
        if self._log_size is None:
            return None
        return Size(math.exp(self._log_size[0]), math.exp(self._log_size[1]))

    def _course(self) -> float | None:
        """Clockwise from north, radians; None while it hardly moved on the ground."""
        if len(self._recent) < 2:
            return None
        t1, e1, n1 = self._recent[-1]
        t0, e0, n0 = next(p for p in self._recent if t1 - p[0] <= COURSE_OVER_S)
        if t1 == t0 or math.hypot(e1 - e0, n1 - n0) < COURSE_MIN_M:
            return None
        return math.atan2(e1 - e0, n1 - n0)

    def _recent_speed_ms(self) -> float | None:
        if len(self._recent) < 2:
            return None
        t, east, north = np.array(self._recent, np.float64).T
        return ground_speed_ms(t, east, north, over_s=0.4)

    def _normal(self, box_px: tuple[float, float, float, float]) -> Box:
        """Normalised, and cut to the picture."""
        x, y, w, h = box_px
        left, top = max(0.0, x), max(0.0, y)
        right, bottom = min(float(self._width_px), x + w), min(float(self._height_px), y + h)
        return (
            left / self._width_px,
            top / self._height_px,
            max(0.0, right - left) / self._width_px,
            max(0.0, bottom - top) / self._height_px,
        )

    def _foot(self, box_px: tuple[float, float, float, float]) -> Point:
        x, y, w, h = box_px
        return (x + w / 2) / self._width_px, min(1.0, (y + h) / self._height_px)


def _follow(old: float | None, new: float) -> float:
    return new if old is None else old + 0.2 * (new - old)


def _path(t_s: list[float], places: list[LonLat]) -> tuple[LonLat, ...]:
    """The ground path, each point the mean of its neighbours within half a second."""
    out: list[LonLat] = []
    times = np.array(t_s)
    for i, t in enumerate(t_s):
        first, end = np.searchsorted(times, [t - 0.5, t + 0.5001])
        half = min(i - int(first), int(end) - 1 - i)  # symmetric, or the ends would be drawn in
        near = places[i - half : i + half + 1]
        out.append(
            LonLat(sum(p.lon for p in near) / len(near), sum(p.lat for p in near) / len(near))
        )
    return tuple(out)


def _time(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
