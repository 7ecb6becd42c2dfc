"""Line crossing: a foot goes over a line, in the direction the zone asks for; all crossings are counted."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from analytics import wording
from analytics.model import Crossing, Firing, Point, Scene, Track, Zone
from analytics.rules.catalogue import threshold_of
from analytics.wording import things
from analytics.zone import segments_cross, signed_distance

MARGIN = 0.006
"""Of the picture: a foot this near to the line is on neither side, so that jitter crosses nothing."""
MIN_CONFIDENCE = 0.5
FORGET_S = 10.0
WINDOW_S = 900.0


Way = Literal["left_to_right", "right_to_left"]


@dataclass(slots=True)
class _Walk:
    """One track against this line: the last place that was clearly on one side, and what was told."""

    side: int = 0
    foot: Point = (0.0, 0.0)
    crossed: tuple[datetime, Way] | None = None
    told_at: dict[str, datetime] | None = None
    seen_at: datetime | None = None


class LineCrossing:
    """Fires when a track's way from one side to the other goes over the line itself, not over its extension.

    The same track fires again in the same direction only after the zone's ``rearm_s``. A crossing made while
    the track was still in doubt, or of a kind not yet clear, fires as soon as it is clear; it is counted for the moment
    at which it was made.

    With a ``threshold`` of 0 nothing fires; above 1 it fires when so many crossed within :data:`WINDOW_S`, and again
    after ``rearm_s`` when they were fewer in between. Crossings of the zone's classes are counted in any case, in both
    directions.
    """

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._walks: dict[UUID, _Walk] = {}
        self._counted: list[Crossing] = []
        self._most = threshold_of(zone) or 0.0
        self._lately: deque[datetime] = deque()
        self._full = False
        self._full_at: datetime | None = None

    def counted(self) -> tuple[Crossing, ...]:
        """See :class:`analytics.rules.watched.Counter`."""
        counted, self._counted = tuple(self._counted), []
        return counted

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        tracks = scene.tracks
        if not tracks:
            return []
        fired: list[Firing] = []
        now = max(track.at for track in tracks)
        for track in tracks:
            walk = self._walks.setdefault(track.uid, _Walk())
            walk.seen_at = now
            for at, foot in track.trail:
                self._step(walk, at, foot)
            if not track.coasting:
                self._step(walk, track.at, track.foot)
            firing = self._tell(track, walk)
            if firing is not None:
                fired.append(firing)
        for uid, walk in list(self._walks.items()):
            if walk.seen_at is not None and (now - walk.seen_at).total_seconds() > FORGET_S:
                del self._walks[uid]
        return fired

    def _step(self, walk: _Walk, at: datetime, foot: Point) -> None:
        away = signed_distance(self.zone.points, foot)
        if abs(away) < MARGIN:
            return
        side = 1 if away > 0 else -1
        if walk.side == -side and segments_cross(walk.foot, foot, *self.zone.points):
            walk.crossed = at, "left_to_right" if side < 0 else "right_to_left"
        walk.side, walk.foot = side, foot

    def _tell(self, track: Track, walk: _Walk) -> Firing | None:
        if walk.crossed is None:
            return None
        at, direction = walk.crossed
        if track.kind not in self.zone.classes or track.confidence < MIN_CONFIDENCE:
            return None
        walk.crossed = None
        assert self.zone.camera_id is not None
        self._counted.append(Crossing(self.zone.id, self.zone.camera_id, direction, track.kind, at))
        if self.zone.direction not in ("both", direction) or self._most == 0:
            return None
        if self._most > 1:
            return self._tell_many(track)
        told = walk.told_at = walk.told_at or {}
        last = told.get(direction)
        if last is not None and (track.at - last).total_seconds() < self.zone.rearm_s:
            return None
        told[direction] = track.at
        why, why_en = wording.line_crossing(self.zone, track, direction)
        return Firing.of(self.zone, track, why, why_en)

    def _tell_many(self, track: Track) -> Firing | None:
        self._lately.append(track.at)
        while (track.at - self._lately[0]).total_seconds() > WINDOW_S:
            self._lately.popleft()
        many = len(self._lately)
        if many < self._most:
            self._full = False
            return None
        rested = (
            self._full_at is None or (track.at - self._full_at).total_seconds() >= self.zone.rearm_s
        )
        if self._full or not rested:
            return None
        self._full, self._full_at = True, track.at
        words = things.many_crossed(self.zone, many, self._most, WINDOW_S)
        return Firing.of(self.zone, track, *words, value=float(many))
