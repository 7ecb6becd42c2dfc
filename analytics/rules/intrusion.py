"""Intrusion: a foot stands in an area for as long as the zone asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from analytics import wording
from analytics.model import Firing, Track, Zone
from analytics.zone import distance, inside

MARGIN = 0.012
"""Of the picture: one who is in is out only this far beyond the edge, and for :data:`OUT_S`."""
OUT_S = 1.0
MIN_CONFIDENCE = 0.5
FORGET_S = 10.0


@dataclass(slots=True)
class _Visit:
    """One track and this zone."""

    inside_since: datetime | None = None
    outside_since: datetime | None = None
    told: bool = False
    told_at: datetime | None = None
    here_at: datetime | None = None  # alive as a track, though perhaps only predicted
    seen_at: datetime | None = None


class Intrusion:
    """Fires once per visit of a track.

    A track that left may fire again after the zone's ``rearm_s``. Within ``rearm_s`` of the zone's last event
    another track fires only while more things are seen inside than the events told of: one person who was lost and
    found again is one event, a second person beside the first is another.
    """

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._visits: dict[UUID, _Visit] = {}
        self._last_at: datetime | None = None
        self._told_inside = 0

    def update(self, tracks: Sequence[Track]) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        if not tracks:
            return []
        at = max(track.at for track in tracks)
        ready: list[tuple[Track, _Visit, float]] = []
        for track in tracks:
            visit = self._visits.setdefault(track.uid, _Visit())
            visit.here_at = at
            if not track.coasting:
                visit.seen_at = at
            self._follow(track, visit)
            if visit.inside_since is None or track.coasting or visit.told:
                continue
            if track.kind not in self.zone.classes or track.confidence < MIN_CONFIDENCE:
                continue
            inside_s = (track.at - visit.inside_since).total_seconds()
            if inside_s >= self.zone.dwell_s:
                ready.append((track, visit, inside_s))
        fired = [f for f in (self._tell(*candidate, at=at) for candidate in ready) if f is not None]
        self._forget(at)
        return fired

    def _follow(self, track: Track, visit: _Visit) -> None:
        if visit.inside_since is None and not track.coasting:
            for at, foot in track.trail:
                if not inside(self.zone.points, foot):
                    visit.inside_since = None
                elif visit.inside_since is None:
                    visit.inside_since = at
        if inside(self.zone.points, track.foot):
            visit.outside_since = None
            if visit.inside_since is None and not track.coasting:
                visit.inside_since = track.at
            return
        if visit.inside_since is None or distance(self.zone.points, track.foot) <= MARGIN:
            return
        if not visit.told and visit.outside_since is None:
            # Nobody was told yet: a passer-by at the edge must not gather dwell.
            visit.inside_since = None
            return
        visit.outside_since = visit.outside_since or track.at
        if (track.at - visit.outside_since).total_seconds() >= OUT_S:
            visit.inside_since = visit.outside_since = None
            rested = (
                visit.told_at is None or self._age_s(visit.told_at, track.at) >= self.zone.rearm_s
            )
            visit.told = visit.told and not rested

    def _tell(self, track: Track, visit: _Visit, inside_s: float, at: datetime) -> Firing | None:
        present = sum(
            1
            for v in self._visits.values()
            if v.told and v.inside_since is not None and v.seen_at == at
        )
        visit.told, visit.told_at = True, at
        same_cause = (
            self._last_at is not None and self._age_s(self._last_at, at) < self.zone.rearm_s
        )
        if same_cause and present + 1 <= self._told_inside:
            return None
        self._told_inside = present + 1
        self._last_at = at
        why, why_en = wording.intrusion(self.zone, track, inside_s)
        return Firing(self.zone, track, why, why_en)

    def _forget(self, at: datetime) -> None:
        for uid, visit in list(self._visits.items()):
            if visit.here_at is not None and self._age_s(visit.here_at, at) > FORGET_S:
                del self._visits[uid]

    @staticmethod
    def _age_s(then: datetime, now: datetime) -> float:
        return (now - then).total_seconds()
