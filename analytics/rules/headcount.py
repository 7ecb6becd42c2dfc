"""How many people are in an area: those told apart, and an estimate of those who are not."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from statistics import median_low
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from analytics.area_picture import AreaPicture, Different
from analytics.heads import Figures, Finder
from analytics.model import Box, Frame, Scene, Track, Zone
from analytics.planes import Rect
from analytics.rules.stays import Stays
from analytics.upright import Upright, upright
from analytics.zone import inside
from gis.ground import GroundCamera

SMOOTH_S = 2.0
"""An estimate is the median over so long."""
COUNT_S = 1.0
"""The number of those told apart is the median over so long: one is covered by another for a moment, or taken for two."""
ALONE = 1.7
"""One track and no more figures than this, by their worth, are one person and a shadow or an arm."""
DROVE_MS, DROVE_S = 4.0, 0.8
"""What is taken for a vehicle and was so fast for so long is one; what never was may be people who stand together, whose
common box leaps when another one joins them."""
REACH = 0.15
LATELY_S = 0.7
FORGET_S = 10.0
WRONG = 0.3
HIDDEN_WRONG = 0.5
"""One sigma of an estimate, as a share of it, and of those who are taken to stand unseen."""


@dataclass(frozen=True, slots=True)
class Heads:
    """``people`` in the area at one moment; ``sigma`` is its standard deviation, None where each of them is followed by
    himself. ``told`` are those alone who are told apart, ``seen`` those followed and seen now, ``boxes`` where anybody is,
    normalised."""

    people: float
    sigma: float | None
    told: float
    seen: tuple[Track, ...]
    boxes: tuple[Box, ...]

    @property
    def estimated(self) -> bool:
        """Whether people were counted who cannot be told apart."""
        return self.sigma is not None


@dataclass(frozen=True, slots=True)
class _Look:
    at: datetime
    people: float
    sigma: float | None
    boxes: tuple[Box, ...]


class Headcount:
    """One zone's people.

    Where the camera's pose is known, people who merge in the picture are counted by :mod:`analytics.heads`; else, and in
    stored tracks, only those whom the tracker tells apart.
    """

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._stays: Stays[None] = Stays(zone, lambda: None)
        self._crowd = _Crowd(zone) if "person" in zone.classes else None
        self._told: deque[tuple[float, int]] = deque()
        self._looks: deque[_Look] = deque()

    def update(self, scene: Scene) -> Heads:
        """Takes one frame."""
        seen = tuple(track for track, _ in self._stays.follow(scene))
        within = {track.uid for track in seen}
        within |= {
            track.uid
            for track in scene.tracks
            if track.coasting
            and track.kind in self._zone.classes
            and self._stays.all[track.uid].since is not None
        }
        at_s = scene.at.timestamp()
        self._told.append((at_s, len(within)))
        while at_s - self._told[0][0] > COUNT_S:
            self._told.popleft()
        told = float(median_low([n for _, n in self._told]))
        boxes = tuple(track.box for track in seen)
        look = self._crowd.update(scene, seen) if self._crowd is not None else None
        if look is not None:
            self._looks.append(look)
        while self._looks and (scene.at - self._looks[0].at).total_seconds() > SMOOTH_S:
            self._looks.popleft()
        if 2 * sum(each.sigma is not None for each in self._looks) <= len(self._looks):
            return Heads(told, None, told, seen, boxes)
        people = float(np.median([each.people for each in self._looks]))
        sigma = float(np.median([each.sigma or 0.0 for each in self._looks]))
        return Heads(people, sigma, told, seen, boxes + self._looks[-1].boxes)


class _Crowd:
    """One zone's part of the picture."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._camera: GroundCamera | None = None
        self._shape: tuple[int, ...] = ()
        self._picture: AreaPicture | None = None
        self._finder: Finder | None = None
        self._drove: dict[UUID, datetime] = {}
        self._fast_since: dict[UUID, datetime] = {}
        self._vehicles: deque[tuple[datetime, tuple[Box, ...]]] = deque()

    def update(self, scene: Scene, seen: tuple[Track, ...]) -> _Look | None:
        """Takes a frame and who is seen in the area; None where it is no time for a look, or nothing can be said."""
        frame = scene.frame
        if frame is None or scene.ground is None:
            return None
        if scene.ground is not self._camera or frame.gray.shape != self._shape:
            self._camera, self._shape = scene.ground, frame.gray.shape
            self._begin(scene.ground, frame)
        self._notice_vehicles(scene)
        picture, finder = self._picture, self._finder
        if picture is None or finder is None:
            return None
        if scene.motion is not None and scene.motion.blind:
            picture.forget()
            return None
        if not picture.due(frame.at):
            return None
        different = picture.look(frame, [track.box for track in scene.tracks])
        if different is None:
            return None
        self._leave_out_vehicles(different)
        figures = finder.find(different)
        if len(figures):
            figures = figures.without(picture.drop_ghosts(figures.boxes))
        return self._counted(scene.at, figures, seen)

    def _begin(self, camera: GroundCamera, frame: Frame) -> None:
        self._picture = self._finder = None
        rect = _part(self._zone, camera, frame)
        if rect is None:
            return
        finder = Finder(upright(camera, rect, frame.scale))
        if len(finder):
            self._picture, self._finder = AreaPicture(rect), finder

    def _notice_vehicles(self, scene: Scene) -> None:
        boxes = []
        for track in scene.tracks:
            if track.kind != "vehicle":
                self._drove.pop(track.uid, None)
                self._fast_since.pop(track.uid, None)
                continue
            if track.speed_ms is None or track.speed_ms < DROVE_MS:
                self._fast_since.pop(track.uid, None)
            since = self._fast_since.get(track.uid)
            if since is None and track.speed_ms is not None and track.speed_ms >= DROVE_MS:
                since = self._fast_since[track.uid] = scene.at
            fast = since is not None and (scene.at - since).total_seconds() >= DROVE_S
            if fast or track.label is not None or track.uid in self._drove:
                self._drove[track.uid] = scene.at
                boxes.append(track.box)
        self._vehicles.append((scene.at, tuple(boxes)))
        while (scene.at - self._vehicles[0][0]).total_seconds() > LATELY_S:
            self._vehicles.popleft()
        for uid, at in list(self._drove.items()):
            if (scene.at - at).total_seconds() > FORGET_S:
                del self._drove[uid]
        alive = {track.uid for track in scene.tracks}
        for uid in self._fast_since.keys() - alive:
            del self._fast_since[uid]

    def _leave_out_vehicles(self, different: Different) -> None:
        height, width = self._shape
        left, top, _, _ = different.rect
        for _, boxes in self._vehicles:
            for x, y, w, h in boxes:
                x0, x1 = (x - REACH * w) * width - left, (x + (1 + REACH) * w) * width - left
                y0, y1 = (y - REACH * h) * height - top, (y + (1 + REACH) * h) * height - top
                if x1 > 0 and y1 > 0:
                    different.likely[
                        max(0, int(y0)) : int(y1) + 1, max(0, int(x0)) : int(x1) + 1
                    ] = 0

    def _counted(self, at: datetime, figures: Figures, seen: tuple[Track, ...]) -> _Look:
        """Group by group of those who touch one another."""
        assert self._picture is not None
        height, width = self._shape
        left, top, _, _ = self._picture.rect
        here = [
            inside(self._zone.points, foot)
            and not any(inside(area, foot) for area in self._zone.ignored)
            for foot in ((figures.feet + np.array([left, top])) / (width, height)).tolist()
        ]
        mine = figures.without(~np.array(here, np.bool_))
        followed: dict[int, int] = {}
        alone = 0
        for track in seen:
            x, y, w, h = track.box
            group = figures.group_of((x * width - left, y * height - top, w * width, h * height))
            if group and (mine.group == group).any():
                followed[group] = followed.get(group, 0) + 1
            else:
                alone += 1
        people, variance, estimated = float(alone), 0.0, False
        for group in np.unique(mine.group).tolist():
            of = mine.group == group
            worth, hidden = mine.worth[of], mine.worth[of] * mine.hidden[of]
            many, known = float(worth.sum() + hidden.sum()), followed.get(group, 0)
            if known >= many or (known == 1 and many <= ALONE):
                people += known
                continue
            people += many
            estimated = True
            variance += float((worth * (1.0 - worth)).sum()) + (WRONG * many) ** 2
            variance += (HIDDEN_WRONG * float(hidden.sum())) ** 2
        boxes = tuple(
            ((x0 + left) / width, (y0 + top) / height, (x1 - x0) / width, (y1 - y0) / height)
            for x0, y0, x1, y1 in mine.boxes.tolist()
        )
        return _Look(at, people, math.sqrt(variance) if estimated else None, boxes)


def _part(zone: Zone, camera: GroundCamera, frame: Frame) -> Rect | None:
    """The analysed pixels in which people are seen who stand in the zone; None where nobody can stand there."""
    height, width = frame.gray.shape
    points = np.array(zone.points) * (width, height)
    left, top = np.floor(points.min(axis=0))
    right, bottom = np.ceil(points.max(axis=0))
    top, bottom = max(0, int(top)), min(height, int(bottom) + 2)
    about = upright(
        camera, (max(0, int(left)), top, max(1, int(right - left)), bottom - top), frame.scale
    )
    rows = _finite(about)
    if not len(rows):
        return None
    tall, wide = about.tall_px[rows[0]], about.wide_px[min(rows[-1], bottom - top - 1)]
    x0, x1 = max(0, int(left - 2 * wide)), min(width, int(right + 2 * wide) + 1)
    y0 = max(0, int(top + rows[0] - 1.2 * tall))
    return (x0, y0, x1 - x0, bottom - y0)


def _finite(about: Upright) -> NDArray[np.intp]:
    return np.flatnonzero(np.isfinite(about.tall_px))
