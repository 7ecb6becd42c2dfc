"""Loitering: somebody stays about, walking to and fro; also one who leaves for a moment and comes back."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from analytics.model import Firing, Scene, Track, Zone
from analytics.rules.catalogue import clear_of, threshold_of
from analytics.rules.stays import Stay, Stays
from analytics.rules.way import HEIGHT_M, Way, aspect, frame_of
from analytics.wording import things

RETURN_S = 20.0
"""One who was away for no longer counts on."""
FOUND_S, ALIKE = 6.0, 1.3
"""So does a new track that begins where another ended, within so long and with a height that differs by no larger factor."""
NEAR_M = 1.5
WALK_MS = 1.0
"""So far from there, and so much further for every second between."""
SAMPLE_S = 1.0
GAP_S = 2.5
MOST_SAMPLES = 1200
TO_AND_FRO = 1.5
"""Of how far its places are apart it must have walked, at least: one who walks past slowly goes straight on."""
STEP_M = 0.7
"""Places nearer than this to the last one are no way walked: one who stands sways, and so does his box."""


@dataclass(slots=True)
class _Account:
    """What is known of one person's stay; samples are seconds in the area since the one before, and where."""

    way: Way = field(default_factory=Way)
    samples: deque[tuple[float, float, float]] = field(default_factory=deque)
    visits: int = 0
    since: datetime | None = None
    sampled_s: float = -math.inf
    last: Track | None = None

    @property
    def inside_s(self) -> float:
        return sum(sample[0] for sample in self.samples)

    def walked_m(self) -> float:
        """The way through its places, without the swaying of one who stands."""
        total_m, at = 0.0, None
        for _, x, y in self.samples:
            if at is None:
                at = (x, y)
            step_m = math.dist(at, (x, y))
            if step_m >= STEP_M:
                total_m += step_m
                at = (x, y)
        return total_m

    def radius_m(self) -> float:
        """From the middle of its places to the furthest."""
        n = len(self.samples)
        cx, cy = sum(s[1] for s in self.samples) / n, sum(s[2] for s in self.samples) / n
        return max(math.dist((cx, cy), s[1:]) for s in self.samples)


class Loitering:
    """Fires when somebody's stays in the area come to the dwell, having walked ``threshold`` metres meanwhile within a
    circle of ``clear`` metres radius.

    One who walks on out of that circle begins anew, and one who only stands, as at a bus stop, does not count unless the
    threshold is 0. Once told of, the same person is told of again only after having been away for longer than
    :data:`RETURN_S`, and after ``rearm_s``.
    """

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._stays: Stays[_Account] = Stays(zone, _Account)
        threshold, radius = threshold_of(zone), clear_of(zone)
        assert threshold is not None and radius is not None
        self._walk_m, self._radius_m = threshold, radius
        self._away: dict[UUID, Stay[_Account]] = {}

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        fired: list[Firing] = []
        known = set(self._stays.all)
        there = self._stays.follow(scene)
        self._note_lost(scene)
        for track, stay in there:
            if stay.data.last is None:
                self._take_over(track, stay, scene, known)
            account = stay.data
            self._look(track, stay, scene)
            if stay.told or account.inside_s < self.zone.dwell_s:
                continue
            walked_m = account.walked_m()
            if walked_m < self._walk_m:
                continue
            if self._walk_m > 0 and walked_m < TO_AND_FRO * 2 * account.radius_m():
                continue
            if not self._stays.tell(stay, scene.at):
                continue
            words = things.loitering(
                self.zone, track, account.inside_s, walked_m, self._radius_m, account.visits
            )
            fired.append(Firing.of(self.zone, track, *words, value=account.inside_s))
        return fired

    def _look(self, track: Track, stay: Stay[_Account], scene: Scene) -> None:
        account = stay.data
        at_s = track.at.timestamp()
        before_s = account.last.at.timestamp() if account.last is not None else at_s
        account.way.add(track, scene, frame_of(scene))
        if account.since != stay.since:
            if at_s - before_s > RETURN_S:
                account.samples.clear()
                account.visits = 0
            account.since = stay.since
            account.visits += 1
            account.sampled_s = at_s
            assert stay.since is not None
            waited_s = max(0.0, at_s - stay.since.timestamp())
            self._sample(account, min(waited_s, self.zone.dwell_s))
        account.last = track
        passed_s = at_s - account.sampled_s
        if passed_s >= SAMPLE_S:
            account.sampled_s = at_s
            self._sample(account, passed_s if passed_s <= GAP_S else SAMPLE_S)

    def _sample(self, account: _Account, passed_s: float) -> None:
        here = account.way.here
        if here is None:
            return
        account.samples.append((passed_s, *here))
        while len(account.samples) > MOST_SAMPLES or account.radius_m() > self._radius_m:
            account.samples.popleft()

    def _note_lost(self, scene: Scene) -> None:
        """Keeps those who were in the area and are not seen any more, for :data:`RETURN_S`."""
        for uid, stay in self._stays.all.items():
            if stay.data.last is not None and stay.seen_at != scene.at:
                self._away[uid] = stay
            elif stay.seen_at == scene.at:
                self._away.pop(uid, None)
        for uid, stay in list(self._away.items()):
            last = stay.data.last
            if last is None or (scene.at - last.at).total_seconds() > RETURN_S:
                del self._away[uid]

    def _take_over(
        self, track: Track, stay: Stay[_Account], scene: Scene, known: set[UUID]
    ) -> None:
        """A new track that begins where one ended is the same person: what was gathered counts on."""
        best, best_m = None, math.inf
        for uid, other in self._away.items():
            last = other.data.last
            if uid == track.uid or last is None or last.kind != track.kind:
                continue
            gap_s = (track.first_at - last.at).total_seconds()
            apart_m = _apart_m(last, track, scene)
            if not -0.5 <= gap_s <= FOUND_S or not _alike(last, track):
                continue
            if apart_m < min(best_m, NEAR_M + WALK_MS * max(0.0, gap_s)):
                best, best_m = uid, apart_m
        if best is None:
            return
        before = self._away.pop(best)
        stay.data = before.data
        stay.told, stay.told_at = stay.told or before.told, stay.told_at or before.told_at
        before.data = _Account()


def _alike(a: Track, b: Track) -> bool:
    """Whether two sights may be of one person: as tall, of the colour."""
    if a.colour is not None and b.colour is not None and a.colour != b.colour:
        return False
    if a.size is not None and b.size is not None:
        ratio = a.size.height_m / b.size.height_m
    else:
        ratio = a.box[3] / max(b.box[3], 1e-6)
    return 1 / ALIKE <= ratio <= ALIKE


def _apart_m(a: Track, b: Track, scene: Scene) -> float:
    """Between the last place of one and the present of the other."""
    frame = frame_of(scene)
    if frame is not None and a.fix is not None and b.fix is not None:
        one = frame.to_enu(a.fix.place.lon, a.fix.place.lat)
        return math.dist(one, frame.to_enu(b.fix.place.lon, b.fix.place.lat))
    m_per_height = HEIGHT_M[a.kind] / max(0.01, (a.box[3] + b.box[3]) / 2)
    right = (b.foot[0] - a.foot[0]) * aspect(scene)
    return math.hypot(right, b.foot[1] - a.foot[1]) * m_per_height
