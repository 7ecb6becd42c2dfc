"""What happens to one camera's packets, in order: gate → decode → motion → track → locate and classify → rules."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from uuid import UUID

import numpy as np

from analytics import map_zones, rules
from analytics.decode import Decoder, KeyDecoders
from analytics.detect.consult import Consult
from analytics.detect.service import DetectService
from analytics.gate import Step
from analytics.intake import Intake
from analytics.locate import TURNED_AWAY, Locator, darkness
from analytics.model import (
    Crossing,
    Effort,
    Firing,
    Frame,
    LevelReading,
    Motion,
    Scene,
    Track,
    TrackRecord,
    Watch,
)
from analytics.motion import MotionDetector
from analytics.motion_index import MotionIndex, MotionMinute
from analytics.pace import STANDS_SHARE_S, Pace, sizes_per_s
from analytics.picture_health import PictureHealth
from analytics.portrait import Colours
from analytics.privacy import Privacy
from analytics.rules.catalogue import with_standing
from analytics.track import Tracked, Tracker, TrackView
from analytics.trajectory import Trajectory, follow
from analytics.zone_check import check_zone
from gis.clock import Clock
from gis.errors import InvalidInput
from ingest.model import Packet

log = logging.getLogger(__name__)

WATCHED_EVERY_S = 4.0
"""A quiet camera's seconds count as watched this far apart, though it is looked at more seldom: its sizes are."""
NOTHING_MOVED = np.zeros((9, 16), np.bool_)
SETTLED_AFTER_S = 1.5
"""The pictures of a camera that stands again come so much later than its word that it does."""
RECORD_AT_LEAST_S = 0.6
LIVE_RECORD_EVERY_S = 2.0
RESTING_RECORD_EVERY_S = 60.0
STAGES = ("decode", "motion", "track", "locate", "rules")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one packet led to. ``records`` are tracks to store: ended ones, and living ones with an event.
    ``ended`` are the ends of what fired before."""

    firings: tuple[tuple[Firing, Frame], ...] = ()
    records: tuple[TrackRecord, ...] = ()
    motion: tuple[MotionMinute, ...] = ()
    ended: tuple[tuple[Firing, Frame], ...] = ()
    levels: tuple[LevelReading, ...] = ()
    crossings: tuple[Crossing, ...] = ()


@dataclass(slots=True)
class StageTimes:
    """Seconds spent in each stage, and the frames that went through."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    frames: int = 0


class Pipeline:
    """One camera. Not safe for two threads at once; the worker pool sees to that."""

    def __init__(
        self,
        watch: Watch,
        clock: Clock,
        width_px: int = 480,
        fps: float = 12.5,
        local: tzinfo = UTC,
        detect: DetectService | None = None,
        *,
        economy: bool = True,
        keys: KeyDecoders | None = None,
    ) -> None:
        """``economy`` False decodes everything, to compare with. ``keys`` are shared by the cameras of a process."""
        self.times = StageTimes()
        self.intake = Intake(width_px, fps, keys, economy)
        self.decoder.privacy = Privacy(watch.masks, watch.moving)
        self.tracks_alive = 0
        self.pose_problem: str | None = None
        self._clock = clock
        self._local = local
        self._watch = watch
        self.zone_problems: tuple[str, ...] = ()
        self._rules: list[rules.Watched] = []
        self._locator: Locator | None = None
        self._pace = Pace(fps)
        self._rules = self._make_rules(watch)
        self._motion = MotionDetector()
        self._health = PictureHealth()
        self.motion_index = MotionIndex(watch.camera_id)
        self._consult = Consult(watch.camera_id, detect) if detect else None
        self._tracker: Tracker | None = None
        self._picture: tuple[int, int] | None = None
        self._session: int | None = None
        self._trajectories: dict[UUID, Trajectory] = {}
        self._turned = False  # the picture shows another view than what was learned of it
        self._seen_at: datetime | None = None

    @property
    def decoder(self) -> Decoder:
        """What decodes its packets, with its counts."""
        return self.intake.decoder

    @property
    def watch(self) -> Watch:
        """What it was told to watch."""
        return self._watch

    def reconfigure(self, watch: Watch) -> None:
        """Takes changed zones and pose over. Rules of unchanged zones keep their state."""
        self._rules = self._make_rules(watch)
        if watch.pose != self._watch.pose:
            self._picture = None
        if (watch.masks, watch.moving) != (self._watch.masks, self._watch.moving):
            self.decoder.privacy = Privacy(watch.masks, watch.moving)
        if (watch.moving, watch.view_since) != (self._watch.moving, self._watch.view_since):
            self._turned = True
        self._watch = watch

    def parks(self, packet: Packet, arrived_s: float, effort: Effort) -> bool:
        """Whether ``packet`` needs no work now, as most of a quiet camera's; else :meth:`process` it next.

        Costs some microseconds: whoever receives packets does this at once.
        """
        step = self.intake.offer(packet, arrived_s, effort, self.tracks_alive > 0)
        return step is Step.PARK

    def process(self, packet: Packet, arrived_s: float, effort: Effort = Effort.FULL) -> Outcome:
        """Takes one packet through all steps."""
        firings: list[tuple[Firing, Frame]] = []
        ended: list[tuple[Firing, Frame]] = []
        records: list[TrackRecord] = []
        moved: list[MotionMinute] = []
        crossings: list[Crossing] = []
        started_s = self._clock.monotonic_s()
        for frame, rare in self.intake.frames(
            packet, arrived_s, effort, self.tracks_alive > 0, self._is_quiet
        ):
            started_s = self._spent("decode", started_s)
            if self._turned or self._watch.moving:
                records += self._turn(frame)
                if self._turned:
                    continue
            records += self._fit(frame)
            started_s = self._clock.monotonic_s()
            motion = self._see(frame, rare)
            moved += self._index(frame, motion, rare)
            started_s = self._spent("motion", started_s)
            if self._consult is not None:
                self._consult.hear(self._trajectories, self._tracker)
            tracked = self._follow(frame, motion)
            started_s = self._spent("track", started_s)
            tracks = self._locate(frame, tracked)
            if self._consult is not None and self._tracker is not None:
                self._consult.ask(frame, tracked.alive, self._trajectories, self._tracker)
            started_s = self._spent("locate", started_s)
            ground = self._locator.camera if self._locator else None
            health = self._health.look(frame, self._view(), quiet=rare)
            scene = Scene(frame.at, tuple(tracks), frame, motion, ground, health)
            fired = [f for rule in self._rules for f in rule.update(scene)]
            crossings += [c for rule in self._rules for c in rule.counted()]
            started_s = self._spent("rules", started_s)
            firings += [(f, frame) for f in fired if not f.over]
            ended += [(f, frame) for f in fired if f.over]
            records += self._records(tracked, fired, frame.at.timestamp())
            self._saw(frame, motion, tracked)
            self.times.frames += 1
            started_s = self._clock.monotonic_s()
        if self.intake.settle():
            self._motion.was_in_vain()
        self._spent("decode", started_s)
        return Outcome(
            tuple(firings),
            tuple(records),
            tuple(moved),
            tuple(ended),
            self._levels(),
            tuple(crossings),
        )

    @property
    def zones_learning(self) -> int:
        """How many zones do not know yet what is usual there."""
        return sum(rule.learning for rule in self._rules)

    def _levels(self) -> tuple[LevelReading, ...]:
        return tuple(reading for rule in self._rules for reading in rule.levels())

    def finish(self) -> tuple[TrackRecord, ...]:
        """Ends every track, as when the camera is no longer watched; returns those worth storing."""
        records = tuple(t.record() for t in self._trajectories.values() if _worth(t))
        if self._consult is not None:
            self._consult.forget(self._trajectories)
        self._trajectories.clear()
        self._tracker = None
        self.tracks_alive = 0
        return records

    def _make_rules(self, watch: Watch) -> list[rules.Watched]:
        """A rule for every usable zone and each that every camera has; those of unchanged zones keep their state.

        Of a zone on the map the camera watches what it sees, which is known with the first picture.
        """
        kept = {rule.zone: rule for rule in self._rules}
        made: list[rules.Watched] = []
        problems: list[str] = []
        for zone in with_standing(watch.camera_id, watch.zones):
            if not zone.enabled:
                continue
            try:
                check_zone(zone)
            except InvalidInput as error:
                problems.append(f"zone {zone.id} '{zone.name}': {error}")
                log.warning("zone-unusable camera=%s zone=%s reason=%s", watch.code, zone.id, error)
                continue
            if zone.camera_id is None:
                if self._locator is None:
                    continue
                seen = map_zones.in_picture(zone, watch.camera_id, self._locator.camera)
                if seen is None:
                    continue
                zone = seen
            made.append(kept.get(zone) or rules.make(zone, self._local))
        self.zone_problems = tuple(problems)
        self._pace.reconfigure(rule.zone for rule in made)
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
            self._locator = self._make_locator(*picture, frame.scale)
            self._rules = self._make_rules(self._watch)
        if self._tracker is None:
            self._tracker = Tracker(*picture, self._locator.plane if self._locator else None)
        return ended

    def _turn(self, frame: Frame) -> tuple[TrackRecord, ...]:
        """While the camera turns, and a moment longer, forgets what was learned of a view that is no more, so that
        nothing of the turn is taken for a thing."""
        watch = self._watch
        since = watch.view_since or frame.at
        self._turned = watch.moving or (frame.at - since).total_seconds() < SETTLED_AFTER_S
        ended = self.finish()
        self._motion = MotionDetector()
        self._health.look(frame, turning=True)
        if not self._turned:
            self._rules = []
            self._rules = self._make_rules(watch)
        return ended

    def _view(self) -> Hashable:
        """Where the camera looks, of one that turns."""
        watch = self._watch
        return None if watch.view_since is None else watch.pose or watch.view_since

    def _make_locator(self, width_px: int, height_px: int, grain_px: float) -> Locator | None:
        self.pose_problem = None
        if self._watch.pose is None:
            return None
        try:
            return Locator(self._watch.pose, width_px, height_px, grain_px)
        except InvalidInput as error:
            self.pose_problem = str(error)
            log.warning("pose-unusable camera=%s reason=%s", self._watch.code, error)
            return None

    def _see(self, frame: Frame, rare: bool) -> Motion:
        assert self._tracker is not None
        return self._motion.detect(frame, self._tracker.boxes_px(), rare)

    def _index(self, frame: Frame, motion: Motion, rare: bool) -> list[MotionMinute]:
        """Takes the frame into the motion index; before a quiet look nothing moved either."""
        done: list[MotionMinute] = []
        step = timedelta(seconds=WATCHED_EVERY_S)
        if rare and self._seen_at is not None:
            while frame.at - self._seen_at > step:
                self._seen_at += step
                done += self.motion_index.see(self._seen_at, NOTHING_MOVED)
        self._seen_at = frame.at
        unknown = motion.blind or not self._motion.ready
        done += self.motion_index.see(frame.at, None if unknown else motion.cells)
        return done

    def _saw(self, frame: Frame, motion: Motion, tracked: Tracked) -> None:
        """Tells the intake what this frame showed, and how soon the next one is wanted."""
        stirs = self._stirs(motion, tracked)
        fps = self.intake.most_fps
        if self._motion.ready and not motion.blind:
            size = (frame.width_px, frame.height_px) * 2
            moved = (motion.detections.boxes_px / size).tolist() if self._pace.asked else []
            fps = self._pace.after(tracked, frame.at.timestamp(), moved)
        self.intake.saw(frame, stirs, bool(tracked.alive), fps)

    def _is_quiet(self, frame: Frame, again: bool) -> bool:
        """Whether a look shows nothing new. Who stirs where he stands is new only to a rule that sees how."""
        if self._tracker is None or self._pace.asked:
            return self._motion.is_quiet(frame, again=again)
        return self._motion.is_quiet(frame, self._tracker.boxes_px(), again)

    def _stirs(self, motion: Motion, tracked: Tracked) -> bool:
        """Whether this frame shows anything that must be followed frame by frame."""
        if motion.blind or not self._motion.ready or tracked.tentative:
            return True
        return any(sizes_per_s(view) >= STANDS_SHARE_S for view in tracked.alive)

    def _follow(self, frame: Frame, motion: Motion) -> Tracked:
        assert self._tracker is not None
        tracked = self._tracker.update(
            motion.detections, frame.at.timestamp(), motion.blind, frame.gray, motion.stir
        )
        self.tracks_alive = len(tracked.alive)
        return tracked

    def _locate(self, frame: Frame, tracked: Tracked) -> list[Track]:
        lives = [self._trajectory(view, frame) for view in tracked.alive]
        at_s = frame.at.timestamp()
        dark = darkness(frame.gray) if lives else 0.0
        tracks = follow(lives, tracked.alive, at_s, self._locator, Colours(frame), dark)
        if self._watch.away:
            return [replace(track, nowhere=TURNED_AWAY) for track in tracks]
        return tracks

    def _trajectory(self, view: TrackView, frame: Frame) -> Trajectory:
        """That of a view; a new one for a new thing."""
        known = self._trajectories.get(view.uid)
        if known is None:
            known = Trajectory(self._watch.camera_id, view, frame.width_px, frame.height_px)
            self._trajectories[view.uid] = known
        if self._consult is not None and view.fresh:
            self._consult.meet(view, known)
        return known

    def _records(
        self, tracked: Tracked, fired: Sequence[Firing], now_s: float
    ) -> list[TrackRecord]:
        for firing in fired:
            if firing.track is None:
                continue
            # An event's track is stored at once and while it goes on, so that its path can be shown.
            trajectory = self._trajectories[firing.track.uid]
            trajectory.has_event = True
            trajectory.saved_s = now_s - RESTING_RECORD_EVERY_S
        records = []
        for view in tracked.alive:
            trajectory = self._trajectories[view.uid]
            every_s = RESTING_RECORD_EVERY_S if view.resting else LIVE_RECORD_EVERY_S
            if trajectory.has_event and now_s - trajectory.saved_s >= every_s:
                trajectory.saved_s = now_s
                records.append(trajectory.record())
        for uid in tracked.vanished:
            # It may come back; what is known so far is stored, and written again with more if it does.
            if _worth(self._trajectories[uid]):
                records.append(self._trajectories[uid].record())
        if self._consult is not None:
            self._consult.forget(tracked.ended)
        for uid in tracked.ended:
            del self._trajectories[uid]
        return records

    def _spent(self, stage: str, since_s: float) -> float:
        now_s = self._clock.monotonic_s()
        self.times.seconds[stage] += now_s - since_s
        return now_s


def _worth(trajectory: Trajectory) -> bool:
    return trajectory.has_event or trajectory.seen_s >= RECORD_AT_LEAST_S
