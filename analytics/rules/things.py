"""What the rules about things left and taken have in common: candidates held against who is there, and their size."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from analytics.model import Box, Firing, Point, Scene, Track, Zone
from analytics.rules.catalogue import CATALOGUE
from analytics.standing import Nature, Standing, StandingThings
from analytics.zone import inside
from gis.model import GroundFix

WALKED = 0.8
"""Of its box's larger side: a track that came so far from where it began is somebody who came, not what was put down."""
NEAR = 1.0
"""Of a box's larger side: who was so near when it appeared may have brought or taken it."""
COVERS = 0.25
BROUGHT_S = 8.0
FORGET_S = 30.0
SURE = 0.55
SURE_OTHER = 0.7
HARDLY_PERSON = 0.5
ITSELF = 0.7
"""A track lies so far within the thing where it is the thing."""
FOOT_SIGMA_PX = 2.0
SETTLES_S = 12.0
"""What goes away so soon after an area was first looked at did not stand there: it is one who stood still while it was learnt."""
MOST = 12
"""More candidates at once are no things: it snows, or the sun comes through leaves."""


@dataclass(slots=True)
class _Walker:
    """A track that has been seen to come."""

    first: Point
    last_at: datetime
    boxes: list[tuple[datetime, Box]] = field(default_factory=list)
    walked: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One that counts now."""

    standing: Standing
    size_m: float | None
    fix: GroundFix | None
    brought_at: datetime | None  # when somebody was seen beside it


class Things:
    """One zone's things left (``thing``) or places where something is missing (``gap``)."""

    def __init__(self, zone: Zone, nature: Nature) -> None:
        self._zone = zone
        self._nature = nature
        self._standing = StandingThings(zone.points)
        self._walkers: dict[UUID, _Walker] = {}
        self._dwell_s = zone.dwell_s or CATALOGUE[zone.rule].dwell_s
        self._began: datetime | None = None

    def update(self, scene: Scene) -> tuple[list[Found], list[Standing]]:
        """Takes a frame; what is to be told now, and what was told of and has gone or come back."""
        self._see(scene)
        frame = scene.frame
        if frame is None or (scene.motion is not None and scene.motion.blind):
            return [], []
        moving = [t.box for t in scene.tracks if not t.coasting and t.standing_s < 1.0]
        if not self._standing.update(frame, moving):
            return [], []
        at = scene.at
        self._began = self._began or at
        mine = [s for s in self._standing.all if s.nature == self._nature]
        ended = [s for s in self._standing.gone if s.told and s.nature == self._nature]
        if len(mine) > MOST:
            return [], ended
        found = []
        for each in mine:
            if each.told or each.stands_s(at) < self._dwell_s or each.seen_at != at:
                continue
            if self._nature == "gap" and (each.since - self._began).total_seconds() < SETTLES_S:
                continue
            if not inside(self._zone.points, each.foot) or self._somebody(each, scene):
                continue
            size_m, fix = _measured(each, scene)
            if size_m is not None and size_m < self._zone.min_size_m:
                continue
            found.append(Found(each, size_m, fix, self._brought_at(each)))
            each.told = True
        return found, ended

    def firing(self, found: Found, why: str, why_en: str) -> Firing:
        """The event of one."""
        sure = abs(found.standing.edge - 0.5) * 2
        return Firing.of_scene(
            self._zone, "other", min(0.99, max(SURE, sure)), found.standing.box, why, why_en,
            found.size_m and round(found.size_m, 2), found.fix,
        )  # fmt: skip

    def _see(self, scene: Scene) -> None:
        for track in scene.tracks:
            walker = self._walkers.get(track.uid)
            if walker is None:
                first = track.trail[0][1] if track.trail else track.foot
                walker = self._walkers[track.uid] = _Walker(first, scene.at)
            walker.last_at = scene.at
            walker.boxes.append((scene.at, track.box))
            while (scene.at - walker.boxes[0][0]).total_seconds() > FORGET_S + self._dwell_s:
                walker.boxes.pop(0)
            way = max(abs(track.foot[0] - walker.first[0]), abs(track.foot[1] - walker.first[1]))
            walker.walked = walker.walked or way > WALKED * max(track.box[2], track.box[3])
        for uid, walker in list(self._walkers.items()):
            if (scene.at - walker.last_at).total_seconds() > FORGET_S + self._dwell_s:
                del self._walkers[uid]

    def _somebody(self, each: Standing, scene: Scene) -> bool:
        """Whether it is a person, or a vehicle where those do not count, or one of them stands over it now."""
        for track in scene.tracks:
            if _share(each.box, track.box) < COVERS:
                continue
            walker = self._walkers.get(track.uid)
            came = walker is not None and walker.walked
            if track.kind == "vehicle" and came:
                if "vehicle" not in self._zone.classes:
                    return True
            elif (came and not _is_it(each, track)) or _surely_person(track):
                return True
        return False

    def _brought_at(self, each: Standing) -> datetime | None:
        """When one who came was last beside it around the time it appeared."""
        x, y, w, h = each.box
        near = NEAR * max(w, h)
        grown = (x - near, y - near, w + 2 * near, h + 2 * near)
        times = [
            at
            for walker in self._walkers.values()
            if walker.walked
            for at, box in walker.boxes
            if abs((at - each.since).total_seconds()) <= BROUGHT_S and _share(grown, box) > 0.0
        ]
        return max(times, default=None)


def _is_it(each: Standing, track: Track) -> bool:
    """Whether ``track`` is the thing itself: hardly a person, and no larger. Who brought it may have left the track to it."""
    sure = track.confidence
    hardly = sure >= SURE_OTHER if track.kind == "other" else sure < HARDLY_PERSON
    return hardly and _share(track.box, each.box) >= ITSELF


def _surely_person(track: Track) -> bool:
    tall = track.size is None or track.size.height_m >= 1.2
    known = track.kind == "person" and track.label is not None
    return known and track.confidence >= 0.7 and tall


def _measured(each: Standing, scene: Scene) -> tuple[float | None, GroundFix | None]:
    """The larger side in metres and the place on the ground, as far as the pose tells."""
    ground, frame = scene.ground, scene.frame
    if ground is None or frame is None:
        return None, None
    x_px, y_px = each.foot[0] * frame.width_px, each.foot[1] * frame.height_px
    fix = ground.locate(x_px, y_px, FOOT_SIGMA_PX)
    if fix is None:
        return None, None
    scale = ground.px_per_m(fix.place)
    if not scale:
        return None, fix
    return max(each.box[2] * frame.width_px, each.box[3] * frame.height_px) / scale, fix


def _share(of: Box, by: Box) -> float:
    """The share of ``of`` that ``by`` covers."""
    w = min(of[0] + of[2], by[0] + by[2]) - max(of[0], by[0])
    h = min(of[1] + of[3], by[1] + by[3]) - max(of[1], by[1])
    return max(0.0, w) * max(0.0, h) / max(1e-9, of[2] * of[3])


def words(found: Found, at: datetime) -> tuple[str, str]:
    """Size, place and time, as far as each is known."""
    zh: list[str] = []
    en: list[str] = []
    if found.size_m is not None:
        zh.append(f"大小约 {found.size_m:.1f} 米")
        en.append(f"about {found.size_m:.1f} m large")
    if found.fix is not None:
        zh.append(f"位置误差 ±{found.fix.ellipse.major_m:.1f} 米")
        en.append(f"placed within ±{found.fix.ellipse.major_m:.1f} m")
    if found.brought_at is not None:
        ago_s = (at - found.brought_at).total_seconds()
        zh.append(f"{ago_s:.0f} 秒前有人或车在其旁")
        en.append(f"somebody was beside it {ago_s:.0f} s ago")
    return "".join(f"，{each}" for each in zh), "".join(f", {each}" for each in en)
