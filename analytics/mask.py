"""Makes people and marked regions unrecognisable in footage that leaves the house.

It hides too much rather than too little: everything that moves and is not surely a vehicle, with a margin, half a second
before it was first seen and a while after it was last; and the whole picture where nothing can be told, as in the moment
when a camera's light is switched.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.boxes import grown, shares
from analytics.classify import by_shape
from analytics.model import Frame, Gray
from analytics.motion import MotionDetector
from analytics.track import Tracker, TrackView
from ingest.evidence.model import FragmentFilter, MakeFilter, Mask, Polygon
from ingest.fmp4 import MEDIA_EPOCH, TIMESCALE, from_media_90k
from ingest.record.transcode import Picture, Reencoder

ANALYSIS_WIDTH_PX = 480
AHEAD_90K = TIMESCALE // 2
KEPT_90K = 3 * TIMESCALE // 2
MARGIN = 1.35  # of a box's width and height
MARGIN_PX = 6.0
SURELY_A_VEHICLE = 0.7
WITHIN_A_VEHICLE = 0.8
LEARN_LOOKS = 60
LEARN_FRAMES = 75  # at 25 a second: what the background's model wants to see before it judges
GRAIN_LEVELS = 2.0
BLOCKS = 7  # across the shorter side of what is hidden
QUALITY = 20
Box = tuple[float, float, float, float]


def make_mask(mask: Mask) -> MakeFilter:
    """What changes the pictures of an export as ``mask`` says."""

    def make(code: str, init: bytes) -> FragmentFilter:
        return Reencoder(init, Masker(mask, mask.regions.get(code, ())), quality=QUALITY)

    return make


class Masker:
    """Hides ``regions`` and, where the mask says so, people, in one camera's pictures. A painter of
    :mod:`ingest.record.transcode`."""

    def __init__(self, mask: Mask, regions: Sequence[Polygon]) -> None:
        self._style = mask.style
        self._people = _People() if mask.people else None
        self._polygons = [np.array(region, np.float64) / 1000 for region in regions]

    def learn(self, pictures: Iterator[Picture]) -> None:
        """Sees pictures from all over the footage before the first one is painted."""
        if self._people is not None:
            self._people.learn(pictures)

    def paint(self, frames: Iterator[tuple[Picture, int]]) -> Iterator[Picture]:
        """The pictures with all of it hidden."""
        found: Iterator[tuple[Picture, Sequence[Box] | None]]
        if self._people is not None:
            found = self._people.find(frames)
        else:
            found = ((picture, ()) for picture, _ in frames)
        for picture, boxes in found:
            yield _hidden(picture, boxes, self._polygons, self._style)


@dataclass(slots=True)
class _Seen:
    """A picture and where people were seen in it; None: nothing can be told, so all of it is hidden."""

    picture: Picture
    at_90k: int
    boxes: list[Box] | None


@dataclass(slots=True)
class _People:
    """Where people are in the pictures of one camera, fed in order."""

    _motion: MotionDetector = field(default_factory=MotionDetector)
    _tracker: Tracker | None = None
    _before: deque[_Seen] = field(default_factory=deque)

    def find(
        self, frames: Iterator[tuple[Picture, int]]
    ) -> Iterator[tuple[Picture, Sequence[Box] | None]]:
        """Each picture with the boxes to hide: those of its own, of the time shortly before and shortly after."""
        waiting: deque[_Seen] = deque()
        for picture, at_90k in frames:
            waiting.append(self._look(picture, at_90k))
            while at_90k - waiting[0].at_90k >= AHEAD_90K:
                yield self._settled(waiting)
        while waiting:
            yield self._settled(waiting)

    def learn(self, pictures: Iterator[Picture]) -> None:
        """Teaches the background from pictures spread over the footage: their median, for nobody stands in one place
        in most of them. Who does is taken for a part of the scene: what does not move is not found by its moving."""
        looks = [_small(picture) for picture in islice(pictures, LEARN_LOOKS)]
        looks = [look for look in looks if look.shape == looks[0].shape]
        if not looks:
            return
        middle = np.median(np.stack(looks), axis=0)
        rng = np.random.default_rng(1)
        for n in range(LEARN_FRAMES):
            gray = np.clip(middle + rng.normal(0, GRAIN_LEVELS, middle.shape), 0, 255)
            at = MEDIA_EPOCH + timedelta(seconds=n / 25)
            height, width = gray.shape
            look = Frame(0, 0, at, gray.astype(np.uint8), width, height, 0.0, _Gone())
            self._motion.detect(look, np.empty((0, 4), np.float32))

    def _look(self, picture: Picture, at_90k: int) -> _Seen:
        frame = _frame(picture, at_90k)
        if self._tracker is None:
            self._tracker = Tracker(frame.width_px, frame.height_px)
        motion = self._motion.detect(frame, self._tracker.boxes_px())
        tracked = self._tracker.update(motion.detections, at_90k / TIMESCALE, motion.blind)
        if motion.blind or not self._motion.ready:
            return _Seen(picture, at_90k, None)
        vehicles = [t.box_px for t in tracked.alive if _vehicle(t, frame.height_px)]
        boxes = [t.box_px for t in tracked.alive if t.box_px not in vehicles]
        seen = motion.detections.boxes_px.astype(np.float64)
        if len(seen) and vehicles:
            inside = shares(seen, grown(np.array(vehicles), 1.1)).max(axis=1) >= WITHIN_A_VEHICLE
            seen = seen[~inside]
        boxes += [(float(b[0]), float(b[1]), float(b[2]), float(b[3])) for b in seen]
        return _Seen(picture, at_90k, boxes)

    def _settled(self, waiting: deque[_Seen]) -> tuple[Picture, Sequence[Box] | None]:
        now = waiting.popleft()
        while self._before and now.at_90k - self._before[0].at_90k > KEPT_90K:
            self._before.popleft()
        around = [*self._before, now, *waiting]
        self._before.append(_Seen(np.empty((0, 0, 3), np.uint8), now.at_90k, now.boxes))
        if now.boxes is None:
            return now.picture, None
        return now.picture, [box for seen in around for box in seen.boxes or ()]


def _frame(picture: Picture, at_90k: int) -> Frame:
    height, width = picture.shape[:2]
    return Frame(0, 0, from_media_90k(at_90k), _small(picture), width, height, 0.0, _Gone())


def _small(picture: Picture) -> Gray:
    height, width = picture.shape[:2]
    gray: Gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    if width > ANALYSIS_WIDTH_PX:
        size = (ANALYSIS_WIDTH_PX, max(1, round(height * ANALYSIS_WIDTH_PX / width)))
        gray = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
    return gray


class _Gone:
    """The picture behind a frame, which nobody asks for here."""

    def bgr(self) -> NDArray[np.uint8]:
        raise NotImplementedError("masking looks at the small picture alone")


def _vehicle(track: TrackView, picture_height: int) -> bool:
    width, height = track.box_px[2:]
    speed = float(np.hypot(*track.velocity_px_s)) / max(height, 1.0)
    kind, sure = by_shape(height / max(width, 1.0), speed, height / picture_height)
    return kind == "vehicle" and sure >= SURELY_A_VEHICLE


def _hidden(
    picture: Picture,
    boxes: Sequence[Box] | None,
    polygons: Sequence[NDArray[np.float64]],
    style: str,
) -> Picture:
    """The picture with the boxes and polygons made unrecognisable."""
    height, width = picture.shape[:2]
    if boxes is None:
        return _veiled(picture, style)
    out = picture.copy()
    if boxes:
        wide = grown(np.array(boxes, np.float64), MARGIN)
        low = np.floor(wide[:, :2] - MARGIN_PX).astype(int)
        high = np.ceil(wide[:, :2] + wide[:, 2:] + MARGIN_PX).astype(int)
        cover = np.zeros((height, width), np.uint8)
        for (left, top), (right, bottom) in zip(low.tolist(), high.tolist(), strict=True):
            cover[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = 255
        _cover(out, picture, cover, style)
    for polygon in polygons:
        cover = np.zeros((height, width), np.uint8)
        points = np.round(polygon * (width, height)).astype(np.int32)
        cv2.fillPoly(cover, [points], 255)
        _cover(out, picture, cover, style)
    return out


def _cover(out: Picture, picture: Picture, cover: Gray, style: str) -> None:
    """Hides what ``cover`` (255) marks, each connected stretch by itself."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cover, connectivity=8)
    for n in range(1, count):
        left, top, width, height = (int(v) for v in stats[n][:4])
        window = (slice(top, top + height), slice(left, left + width))
        veiled = _veiled(picture[window], style)
        marked = labels[window] == n
        out[window][marked] = veiled[marked]


def _veiled(part: Picture, style: str) -> Picture:
    """A few blocks instead of the picture, with hard edges or soft ones; nothing finer is left in it."""
    height, width = part.shape[:2]
    scale = max(1.0, min(height, width) / BLOCKS)
    size = (max(1, round(width / scale)), max(1, round(height / scale)))
    if min(height, width) <= BLOCKS:
        size = (1, 1)
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    how = cv2.INTER_NEAREST if style == "pixelate" else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(small, (width, height), interpolation=how), np.uint8)
