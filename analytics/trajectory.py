"""All that is known of one track: where it was, how large it is, what it most likely is."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median

import numpy as np

from analytics.boxes import BORDER_SHARE
from analytics.classify import SURE_WITH_POSE, likeliest, odds_by_shape, odds_by_size, sure_by_shape
from analytics.detect.asking import Answer, Opinion
from analytics.detect.model import kind_of
from analytics.locate import ABOVE_HORIZON, NO_POSE, Located, Locator, Things, ground_speed_ms
from analytics.model import KINDS, Box, Kind, Nowhere, Point, Size, Track, TrackRecord
from analytics.portrait import Colours, Portrait
from analytics.snapshot import relative_path
from analytics.track import TrackView
from gis.model import LonLat

SAMPLE_EVERY_S = 0.2
MAX_SAMPLES = 3000
COURSE_OVER_S = 1.2
COURSE_MIN_M = 0.6
RECENT_S = 3.0
SPEED_OVER_S = 0.4
"""The window keeps the foot's jitter out of the speed."""
HEADING_MIN_M = 1.5
"""Who ended nearer than this to where it began has no heading."""
HEADING_OVER = 3
"""A way's first and last place are the means of so many."""
TRUST_CUT_SIDE = 0.5
TRUST_CUT_FOOT = 0.85
"""What the kind is worth of a thing never seen whole: half a car looks like a person, a person without feet less so
like anything else."""


def follow(
    trajectories: Sequence[Trajectory],
    views: Sequence[TrackView],
    at_s: float,
    locator: Locator | None,
    colours: Colours | None = None,
    dark: float = 0.0,
) -> list[Track]:
    """One frame of all tracks of a camera, ``views[i]`` that of ``trajectories[i]``. All are placed at once, which
    costs little more than placing one. ``dark``: how dark the picture is (:func:`analytics.locate.darkness`)."""
    going = [
        i
        for i, (life, view) in enumerate(zip(trajectories, views, strict=True))
        if not life.rests(view)
    ]
    places: list[Located | None] = [None] * len(views)
    for i in going:
        trajectories[i].prepare(views[i], locator)
    if locator is not None and going:
        found = locator.locate_many(
            Things(
                np.array([views[i].box_px for i in going]),
                np.array([trajectories[i].odds for i in going]),
                np.array([_or_nan(trajectories[i].facing_rad) for i in going]),
                np.array([trajectories[i].off_px(views[i]) for i in going]),
                np.array([views[i].own_foot_s for i in going]),
                dark,
            )
        )
        for i, located in zip(going, found, strict=True):
            places[i] = located
    return [
        life.update(view, at_s, located, locator is not None, colours)
        for life, view, located in zip(trajectories, views, places, strict=True)
    ]


class Trajectory:
    """One track's life. Feed every view of it in order, through :func:`follow`."""

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
        self._speeds: deque[tuple[float, float]] = deque()
        self.facing_rad: float | None = None
        self._log_size: tuple[float, float] | None = None
        self._whole = False
        self._trust = 1.0
        self._log_aspect: float | None = None
        self._opinion = Opinion()
        self._fastest_ms: float | None = None  # a vehicle that crawls has driven before
        self._look: tuple[float, ...] | None = None
        self._portrait = Portrait(view.start_s)
        self._standing_s = 0.0
        self._track: Track | None = None
        self._view = view
        self._among: dict[Kind, float] = dict.fromkeys(KINDS, 1 / len(KINDS))
        self.kind: Kind = "other"
        self.confidence = 0.0
        self.has_event = False
        self.saved_s = view.start_s

    @property
    def odds(self) -> tuple[float, float, float]:
        """How likely it is each of :data:`KINDS`."""
        others = sum(share for kind, share in self._among.items() if kind != self.kind)
        person, vehicle, other = (
            self.confidence
            if kind == self.kind
            else (1.0 - self.confidence) * self._among[kind] / max(others, 1e-9)
            for kind in KINDS
        )
        return person, vehicle, other

    def off_px(self, view: TrackView) -> tuple[float, float]:
        """How far what was detected lies from where it is taken to be: its foot's middle, and its lower edge."""
        if view.measured_px is None:
            return 0.0, 0.0
        (x, y, w, h), (left, top, wide, tall) = view.box_px, view.measured_px
        return left + wide / 2 - x - w / 2, top + tall - y - h

    def rests(self, view: TrackView) -> bool:
        """Whether it is parked and was told of already: then nothing is asked about it."""
        return view.resting and self._track is not None

    def prepare(self, view: TrackView, locator: Locator | None) -> None:
        """Takes in what was seen before it was confirmed. Comes before its place at this frame is asked for."""
        if not view.fresh or not view.history:
            return
        boxes = np.array([box for _, box in view.history])
        places: list[Located | None] = [None] * len(boxes)
        if locator is not None:
            n = len(boxes)
            places = locator.locate_many(Things.sure(boxes, [self.kind] * n, [None] * n))
        for (then_s, box), located in zip(view.history, places, strict=True):
            self._sample(box, then_s, located)
        self._face()

    def _face(self) -> float | None:
        """Its course; where it has one its front points there, and goes on doing so where it stands."""
        course = self._course()
        if course is not None:
            self.facing_rad = course
        return course

    def _course(self) -> float | None:
        """Clockwise from north, radians; None while it hardly moved on the ground."""
        if len(self._recent) < 2:
            return None
        t1, e1, n1 = self._recent[-1]
        before = (p for p in self._recent if 0 < t1 - p[0] <= COURSE_OVER_S)
        t0, e0, n0 = next(before, self._recent[-2])
        if t1 == t0 or math.hypot(e1 - e0, n1 - n0) < COURSE_MIN_M:
            return None
        return math.atan2(e1 - e0, n1 - n0)

    def update(
        self,
        view: TrackView,
        at_s: float,
        located: Located | None,
        posed: bool,
        colours: Colours | None = None,
    ) -> Track:
        """The track as it stands at ``at_s`` (seconds since 1970), seen at ``located``; ``posed``: its camera has a pose.

        ``colours`` is the frame in colour, where its picture may be taken from.
        """
        self._view = view
        self._standing_s = max(self._standing_s, view.standing_s)
        if view.resting and self._track is not None:
            self._last_s = at_s
            self._track = replace(
                self._track,
                at=_time(at_s),
                standing_s=view.standing_s,
                box=self._normal(view.box_px),
                foot=self._foot(view.box_px),
                speed_ms=None if self._track.speed_ms is None else 0.0,
                heading_deg=None,
                coasting=False,
                trail=(),
            )
            return self._track
        trail: tuple[tuple[datetime, Point], ...] = ()
        if view.fresh:
            trail = tuple((_time(t), self._foot(box)) for t, box in view.history)
        if view.seen:
            self._sample(view.box_px, at_s, located)
        speed_ms = self._recent_speed_ms()
        if speed_ms is not None:
            self._fastest_ms = max(self._fastest_ms or 0.0, speed_ms)
        self._decide(view, self._fastest_ms)
        if colours is not None and view.seen:
            self._portrait.consider(colours, view.box_px, self.kind, at_s)
        course_rad = self._face()
        self._track = Track(
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
            size=self._size() if posed else None,
            distance_m=located.distance_m if located else None,
            heading_deg=None if course_rad is None else _degrees(course_rad),
            standing_s=view.standing_s,
            label=self.label,
            colour=self._portrait.colour,
            nowhere=_nowhere(located, posed),
        )
        return self._track

    def record(self) -> TrackRecord:
        """The track as it is stored."""
        if self._t_s and self._last_s - self._t_s[-1] >= SAMPLE_EVERY_S:
            # It stood to the end.
            self._t_s.append(self._last_s)
            self._boxes.append(self._normal(self._view.box_px))
        t_s, boxes = self._t_s, self._boxes
        portrait = self._portrait.take()
        has_picture = self._portrait.jpeg is not None
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
            label=self.label,
            colour=self._portrait.colour,
            heading_deg=self._heading_deg(),
            standing_s=self._standing_s,
            snapshot=relative_path(self.uid, _time(self._start_s)) if has_picture else None,
            portrait=portrait,
            look=self._look,
        )

    def hear(self, answer: Answer) -> None:
        """Takes a detector's answer as evidence; it shows from the next frame on."""
        self._opinion.hear(answer)
        self._look = answer.look or self._look

    @property
    def label(self) -> str | None:
        """What a detector calls it, where that fits what it is taken for."""
        label = self._opinion.label
        return label if label is not None and kind_of(label) == self.kind else None

    def _heading_deg(self) -> float | None:
        """From its first to its last place."""
        if len(self._ground) < 2:
            return None
        n = min(HEADING_OVER, len(self._ground) // 2)
        ways = np.array([(east, north) for _, east, north, _ in self._ground])
        east_m, north_m = (ways[-n:].mean(axis=0) - ways[:n].mean(axis=0)).tolist()
        if math.hypot(east_m, north_m) < HEADING_MIN_M:
            return None
        return _degrees(math.atan2(east_m, north_m))

    @property
    def seen_s(self) -> float:
        """From its first to its last sight."""
        return self._last_s - self._start_s

    def _sample(
        self, box_px: tuple[float, float, float, float], at_s: float, located: Located | None
    ) -> None:
        self._last_s = at_s
        x, y, w, h = box_px
        margin_x, margin_y = BORDER_SHARE * self._width_px, BORDER_SHARE * self._height_px
        cut_side = x <= margin_x or x + w >= self._width_px - margin_x
        whole = not cut_side and y > margin_y and y + h < self._height_px - margin_y
        if not self._whole:
            self._trust = 1.0 if whole else TRUST_CUT_SIDE if cut_side else TRUST_CUT_FOOT
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
            self._pass(at_s, located.east_m, located.north_m)
        if self._t_s and at_s - self._t_s[-1] < SAMPLE_EVERY_S * 0.95:
            return
        self._t_s.append(at_s)
        self._boxes.append(self._normal(box_px))
        if located is not None and located.fix is not None:
            self._ground.append((at_s, located.east_m, located.north_m, located.fix.place))
        if len(self._t_s) > MAX_SAMPLES:
            self._t_s, self._boxes = self._t_s[::2], self._boxes[::2]
            self._ground = self._ground[::2]

    def _decide(self, view: TrackView, speed_ms: float | None) -> None:
        size, odds = self._size(), None
        if size is not None:
            odds, most = odds_by_size(size, speed_ms), SURE_WITH_POSE
        elif self._log_aspect is not None:
            height_px = max(view.box_px[3], 1.0)
            speed = math.hypot(*view.velocity_px_s) / height_px
            odds = odds_by_shape(math.exp(self._log_aspect), speed)
            most = sure_by_shape(height_px / self._height_px)
        if odds is not None:
            self.kind, self.confidence = likeliest(odds, most)
            self._among = odds
        self.confidence *= self._trust
        self.kind, self.confidence = self._opinion.weigh(self.kind, self.confidence)

    def _size(self) -> Size | None:
        if self._log_size is None:
            return None
        return Size(math.exp(self._log_size[0]), math.exp(self._log_size[1]))

    def _recent_speed_ms(self) -> float | None:
        """The median of the last seconds."""
        return median(speed for _, speed in self._speeds) if self._speeds else None

    def _pass(self, at_s: float, east_m: float, north_m: float) -> None:
        """Takes in a place that it was at."""
        recent, speeds = self._recent, self._speeds
        recent.append((at_s, east_m, north_m))
        while at_s - recent[0][0] > RECENT_S:
            recent.popleft()
        while speeds and at_s - speeds[0][0] > RECENT_S:
            speeds.popleft()
        before = next((p for p in reversed(recent) if at_s - p[0] >= SPEED_OVER_S), None)
        if before is not None:
            way_m = math.hypot(east_m - before[1], north_m - before[2])
            speeds.append((before[0], way_m / (at_s - before[0])))

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


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _nowhere(located: Located | None, posed: bool) -> Nowhere | None:
    if not posed:
        return NO_POSE
    return ABOVE_HORIZON if located is None else located.nowhere


def _degrees(course_rad: float) -> float:
    """Clockwise from north, 0 up to but not including 360."""
    degrees = math.degrees(course_rad) % 360.0
    return 0.0 if degrees >= 360.0 else degrees


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
