"""Line crossing: a foot goes over a line, in the direction the zone asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from analytics import wording
from analytics.model import Firing, Point, Track, Zone
from analytics.zone import segments_cross, signed_distance

MARGIN = 0.006
"""Of the picture: a foot this near to the line is on neither side, so that jitter crosses nothing."""
MIN_CONFIDENCE = 0.5
FORGET_S = 10.0


@dataclass(slots=True)
class _Walk:
    """One track against this line: the last place that was clearly on one side, and what was told."""

    side: int = 0
    foot: Point = (0.0, 0.0)
    crossed: str | None = None
    told_at: dict[str, datetime] | None = None
    seen_at: datetime | None = None


class LineCrossing:
    """Fires when a track's way from one side to the other goes over the line itself, not over its extension.

    The same track fires again in the same direction only after the zone's ``rearm_s``. A crossing made while
    the track was still in doubt, or of a kind not yet clear, fires as soon as it is clear.
    """

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._walks: dict[UUID, _Walk] = {}

    def update(self, tracks: Sequence[Track]) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        if not tracks:
            return []
        fired: list[Firing] = []
        now = max(track.at for track in tracks)
        for track in tracks:
            walk = self._walks.setdefault(track.uid, _Walk())
            walk.seen_at = now
            for _, foot in track.trail:
                self._step(walk, foot)
            if not track.coasting:
                self._step(walk, track.foot)
            firing = self._tell(track, walk)
            if firing is not None:
                fired.append(firing)
        for uid, walk in list(self._walks.items()):
            if walk.seen_at is not None and (now - walk.seen_at).total_seconds() > FORGET_S:
                del self._walks[uid]
        return fired

    def _step(self, walk: _Walk, foot: Point) -> None:
        away = signed_distance(self.zone.points, foot)
        if abs(away) < MARGIN:
            return
        side = 1 if away > 0 else -1
        if walk.side == -side and segments_cross(walk.foot, foot, *self.zone.points):
            walk.crossed = "left_to_right" if side < 0 else "right_to_left"
        walk.side, walk.foot = side, foot

    def _tell(self, track: Track, walk: _Walk) -> Firing | None:
        direction = walk.crossed
        if direction is None:
            return None
        if self.zone.direction not in ("both", direction):
            walk.crossed = None
            return None
        if track.kind not in self.zone.classes or track.confidence < MIN_CONFIDENCE:
            return None
        walk.crossed = None
        told = walk.told_at = walk.told_at or {}
        last = told.get(direction)
        if last is not None and (track.at - last).total_seconds() < self.zone.rearm_s:
            return None
        told[direction] = track.at
        why, why_en = wording.line_crossing(self.zone, track, direction)
        return Firing(self.zone, track, why, why_en)
