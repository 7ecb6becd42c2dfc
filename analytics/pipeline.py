"""What happens to one camera's packets, in order: decode → motion → track → locate and classify → rules."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from analytics import rules
from analytics.decode import Decoder
from analytics.locate import Locator
from analytics.model import Effort, Firing, Frame, Track, TrackRecord, Watch
from analytics.motion import Motion, MotionDetector
from analytics.track import Tracked, Tracker, TrackView
from analytics.trajectory import Trajectory
from analytics.zone import check_points
from gis.clock import Clock
from gis.errors import InvalidInput
from ingest.model import Packet

log = logging.getLogger(__name__)

QUIET_AFTER_S = 3.0
"""With nothing moving for so long, every second frame is looked at; the first thing seen ends that."""
RECORD_AT_LEAST_S = 0.6
NEAR = 0.1
"""Of the picture: as far around a zone places are exact at every frame."""
LIVE_RECORD_EVERY_S = 2.0
STAGES = ("decode", "motion", "track", "locate", "rules")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one packet led to. ``records`` are tracks to store: ended ones, and living ones with an event."""

    firings: tuple[tuple[Firing, Frame], ...] = ()
    records: tuple[TrackRecord, ...] = ()


@dataclass(slots=True)
class StageTimes:
    """Seconds spent in each stage, and the frames that went through."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    frames: int = 0
    rested: int = 0  # frames not looked at, because the scene was quiet
    shed: int = 0  # frames not looked at, because there was no time


class Pipeline:
    """One camera. Not safe for two threads at once; the worker pool sees to that."""

    def __init__(self, watch: Watch, clock: Clock, width_px: int = 480, fps: float = 12.5) -> None:
        self.times = StageTimes()
        self.decoder = Decoder(width_px, fps)
        self.tracks_alive = 0
        self.pose_problem: str | None = None
        self._clock = clock
        self._watch = watch
        self.zone_problems: tuple[str, ...] = ()
        self._reach: list[tuple[float, float, float, float]] = []
        self._rules: list[rules.Rule] = []
        self._rules = self._make_rules(watch)
        self._motion = MotionDetector()
        self._tracker: Tracker | None = None
        self._locator: Locator | None = None
        self._picture: tuple[int, int] | None = None
        self._session: int | None = None
        self._trajectories: dict[UUID, Trajectory] = {}
        self._moved_s = 0.0
        self._skipped = False

    @property
    def watch(self) -> Watch:
        """What it was told to watch."""
        return self._watch

    def reconfigure(self, watch: Watch) -> None:
        """Takes changed zones and pose over. Rules of unchanged zones keep their state."""
        self._rules = self._make_rules(watch)
        if watch.pose != self._watch.pose:
            self._picture = None
        self._watch = watch

    def process(self, packet: Packet, arrived_s: float, effort: Effort = Effort.FULL) -> Outcome:
        """Takes one packet through all steps."""
        firings: list[tuple[Firing, Frame]] = []
        records: list[TrackRecord] = []
        started_s = self._clock.monotonic_s()
        for frame in self.decoder.decode(packet, arrived_s, effort is Effort.KEYS):
            started_s = self._spent("decode", started_s)
            records += self._fit(frame)
            started_s = self._clock.monotonic_s()
            if self._may_rest(frame, effort):
                continue
            motion = self._see(frame)
            started_s = self._spent("motion", started_s)
            tracked = self._follow(frame, motion)
            started_s = self._spent("track", started_s)
            tracks = self._locate(frame, tracked)
            started_s = self._spent("locate", started_s)
            fired = [f for rule in self._rules for f in rule.update(tracks)]
            started_s = self._spent("rules", started_s)
            firings += [(f, frame) for f in fired]
            records += self._records(tracked, fired, frame.at.timestamp())
            self.times.frames += 1
        self._spent("decode", started_s)
        return Outcome(tuple(firings), tuple(records))

    def finish(self) -> tuple[TrackRecord, ...]:
        """Ends every track, as when the camera is no longer watched; returns those worth storing."""
        records = tuple(t.record() for t in self._trajectories.values() if _worth(t))
        self._trajectories.clear()
        self._tracker = None
        self.tracks_alive = 0
        return records

    def _make_rules(self, watch: Watch) -> list[rules.Rule]:
        """A rule for every usable zone; those of unchanged zones are kept with their state."""
        kept = {rule.zone: rule for rule in self._rules}
        made: list[rules.Rule] = []
        problems: list[str] = []
        for zone in watch.zones:
            if not zone.enabled:
                continue
            try:
                check_points(zone.rule, zone.points)
            except InvalidInput as error:
                problems.append(f"zone {zone.id} '{zone.name}': {error}")
                log.warning("zone-unusable camera=%s zone=%s reason=%s", watch.code, zone.id, error)
                continue
            made.append(kept.get(zone) or rules.make(zone))
        self.zone_problems = tuple(problems)
        self._reach = []
        for rule in made:
            xs, ys = zip(*rule.zone.points, strict=True)
            self._reach.append((min(xs), min(ys), max(xs), max(ys)))
        return made

    def _fit(self, frame: Frame) -> tuple[TrackRecord, ...]:
        """Fits to the picture's size and to a new stream; tracks do not live through either."""
        ended: tuple[TrackRecord, ...] = ()
        picture = (frame.width_px, frame.height_px)
        if self._session != frame.session or (self._picture and self._picture != picture):
            ended = self.finish()
            self._session = frame.session
        if self._picture != picture:
            self._picture = picture
            self._locator = self._make_locator(*picture)
        if self._tracker is None:
            self._tracker = Tracker(*picture)
            self._moved_s = frame.at.timestamp()  # nobody knows yet whether it is quiet
        return ended

    def _make_locator(self, width_px: int, height_px: int) -> Locator | None:
        self.pose_problem = None
        if self._watch.pose is None:
            return None
        try:
            return Locator(self._watch.pose, width_px, height_px)
        except InvalidInput as error:
            self.pose_problem = str(error)
            log.warning("pose-unusable camera=%s reason=%s", self._watch.code, error)
            return None

    def _may_rest(self, frame: Frame, effort: Effort) -> bool:
        """Whether this frame need not be looked at; never two in a row."""
        assert self._tracker is not None
        quiet = frame.at.timestamp() - self._moved_s > QUIET_AFTER_S and not self._tracker.busy
        self._skipped = not self._skipped and (quiet or effort is Effort.HALF)
        if self._skipped and quiet:
            self.times.rested += 1
        elif self._skipped:
            self.times.shed += 1
        return self._skipped

    def _see(self, frame: Frame) -> Motion:
        assert self._tracker is not None
        motion = self._motion.detect(frame, self._tracker.boxes_px())
        if len(motion.detections) or motion.blind:
            self._moved_s = frame.at.timestamp()
        return motion

    def _follow(self, frame: Frame, motion: Motion) -> Tracked:
        assert self._tracker is not None
        tracked = self._tracker.update(motion.detections, frame.at.timestamp(), motion.blind)
        self.tracks_alive = len(tracked.alive)
        return tracked

    def _locate(self, frame: Frame, tracked: Tracked) -> list[Track]:
        tracks = []
        for view in tracked.alive:
            trajectory = self._trajectories.get(view.uid)
            if trajectory is None:
                trajectory = Trajectory(
                    self._watch.camera_id, view, frame.width_px, frame.height_px
                )
                self._trajectories[view.uid] = trajectory
            exact = self._near_a_zone(view)
            tracks.append(trajectory.update(view, frame.at.timestamp(), self._locator, exact))
        return tracks

    def _near_a_zone(self, view: TrackView) -> bool:
        """Whether a rule may fire for it now, so that its place must be this frame's."""
        assert self._picture is not None
        x, y, w, h = view.box_px
        foot_x, foot_y = (x + w / 2) / self._picture[0], (y + h) / self._picture[1]
        return any(
            left - NEAR <= foot_x <= right + NEAR and top - NEAR <= foot_y <= bottom + NEAR
            for left, top, right, bottom in self._reach
        )

    def _records(
        self, tracked: Tracked, fired: Sequence[Firing], now_s: float
    ) -> list[TrackRecord]:
        for firing in fired:
            # An event's track is stored at once and while it goes on, so that its path can be shown.
            trajectory = self._trajectories[firing.track.uid]
            trajectory.has_event = True
            trajectory.saved_s = now_s - LIVE_RECORD_EVERY_S
        records = []
        for trajectory in self._trajectories.values():
            if trajectory.has_event and now_s - trajectory.saved_s >= LIVE_RECORD_EVERY_S:
                trajectory.saved_s = now_s
                records.append(trajectory.record())
        for uid in tracked.ended:
            trajectory = self._trajectories.pop(uid)
            if _worth(trajectory):
                records.append(trajectory.record())
        return records

    def _spent(self, stage: str, since_s: float) -> float:
        now_s = self._clock.monotonic_s()
        self.times.seconds[stage] += now_s - since_s
        return now_s


def _worth(trajectory: Trajectory) -> bool:
    return trajectory.has_event or trajectory.seen_s >= RECORD_AT_LEAST_S
