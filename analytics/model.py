"""The nouns of analytics: frames, detections, tracks and events.

Picture coordinates have their origin at the top left. ``_px`` is pixels of the camera's own picture, whatever
smaller size was analysed; values without a unit are normalised, 0..1 of the picture's width and height.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Literal, Protocol, get_args
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from gis.errors import InvalidInput
from gis.ground import GroundCamera
from gis.model import GroundFix, LonLat, Pose

if TYPE_CHECKING:
    from analytics.picture_health import Look

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]
Kind = Literal["person", "vehicle", "other"]
KINDS: tuple[Kind, ...] = ("person", "vehicle", "other")
EventKind = Literal["person", "vehicle", "other", "scene"]
"""What an event is about; ``scene`` is the picture or the place as a whole: a dark camera, water on the road."""
RuleName = Literal[
    "intrusion",
    "line_crossing",
    "wrong_way",
    "loitering",
    "people_count",
    "crowd_density",
    "abnormal_motion",
    "fast_motion",
    "stopped_vehicle",
    "congestion",
    "left_object",
    "removed_object",
    "smoke",
    "fire",
    "water_on_road",
    "water_level",
    "camera_occluded",
    "camera_blurred",
    "camera_moved",
    "camera_dark",
    "camera_frozen",
]
Colour = Literal[
    "black", "white", "gray", "red", "orange", "yellow", "green", "blue", "purple", "brown"
]
COLOURS: tuple[Colour, ...] = get_args(Colour)
Direction = Literal["both", "left_to_right", "right_to_left"]


class Effort(IntEnum):
    """How much of a camera is worked on: every frame, every second one, or key frames alone."""

    FULL = 0
    HALF = 1
    KEYS = 2


Box = tuple[float, float, float, float]
"""Left, top, width, height."""
Point = tuple[float, float]


class Picture(Protocol):
    """The decoded picture behind a frame; turned into colour only when somebody wants to see it."""

    def bgr(self) -> NDArray[np.uint8]:
        """``(height, width, 3)``, blue-green-red, the camera's own size."""
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture, made small for analysis.

    ``gray`` is ``(h, w)`` luma with ``w`` at most the analysis width; ``scale`` is picture pixels per analysis
    pixel. ``at`` is capture time (UTC), ``arrived_s`` when its packet came, on the monotonic clock. Raises
    :class:`InvalidInput` when ``gray`` is not a two-dimensional ``uint8`` array.
    """

    camera_id: int
    session: int
    at: datetime
    gray: Gray
    width_px: int
    height_px: int
    arrived_s: float
    picture: Picture
    key: bool = False  # whether it is a key frame
    hidden: Gray | None = None  # (h, w), 255 where a privacy mask has blacked it out; None: nowhere

    def __post_init__(self) -> None:
        if self.gray.ndim != 2 or self.gray.dtype != np.uint8:
            raise InvalidInput(
                f"a frame's gray must be uint8 of shape (h, w), got {self.gray.dtype} of shape {self.gray.shape}",
                "gray",
            )
        if self.width_px <= 0 or self.height_px <= 0:
            raise InvalidInput(f"a frame of {self.width_px}×{self.height_px} pixels is empty")

    @property
    def scale(self) -> float:
        """Picture pixels per analysis pixel."""
        return self.width_px / int(self.gray.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """What was seen in one frame.

    ``boxes_px`` is ``(n, 4)`` float32: left, top, width, height in picture pixels, width and height above 0.
    ``confidence`` is ``(n,)`` float32, 0..1. Raises :class:`InvalidInput` with expected and actual otherwise.

    >>> Detections(np.array([[10, 20, 30, 60]], np.float32), np.ones(1, np.float32)).feet_px.tolist()
    [[25.0, 80.0]]
    """

    boxes_px: Floats
    confidence: Floats

    def __post_init__(self) -> None:
        if self.boxes_px.ndim != 2 or self.boxes_px.shape[1] != 4:
            raise InvalidInput(
                f"boxes_px must have shape (n, 4), got {self.boxes_px.shape}", "boxes_px"
            )
        if self.boxes_px.dtype != np.float32:
            raise InvalidInput(f"boxes_px must be float32, got {self.boxes_px.dtype}", "boxes_px")
        n = len(self.boxes_px)
        if self.confidence.shape != (n,) or self.confidence.dtype != np.float32:
            raise InvalidInput(
                f"confidence must be float32 of shape ({n},), got {self.confidence.dtype} of shape "
                f"{self.confidence.shape}",
                "confidence",
            )
        if n and not (np.isfinite(self.boxes_px).all() and (self.boxes_px[:, 2:] > 0).all()):
            raise InvalidInput(
                "boxes_px must be finite with width and height above 0, got "
                f"{self.boxes_px[~(self.boxes_px[:, 2:] > 0).all(axis=1)].tolist()}",
                "boxes_px",
            )
        if n and not ((self.confidence >= 0) & (self.confidence <= 1)).all():
            raise InvalidInput(
                f"confidence must lie in 0..1, got {float(self.confidence.min())}..{float(self.confidence.max())}",
                "confidence",
            )

    def __len__(self) -> int:
        return len(self.boxes_px)

    @property
    def feet_px(self) -> Floats:
        """``(n, 2)``: the middle of each box's lower edge, where the thing touches the ground."""
        feet: Floats = np.stack(
            [
                self.boxes_px[:, 0] + self.boxes_px[:, 2] / 2,
                self.boxes_px[:, 1] + self.boxes_px[:, 3],
            ],
            axis=1,
        )
        return feet

    @staticmethod
    def none() -> Detections:
        """Nothing seen."""
        return Detections(np.empty((0, 4), np.float32), np.empty(0, np.float32))


@dataclass(frozen=True, slots=True)
class Size:
    """How large a thing is, in metres, standing upright on the ground."""

    height_m: float
    width_m: float


NowhereCode = Literal["no_pose", "turned_away", "above_horizon", "too_far", "feet_hidden"]


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Why a thing has no place on the ground; ``major_m`` is how uncertain the place would be, where it is too far."""

    code: NowhereCode
    major_m: float | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """One moving thing as it stands at one frame.

    ``box`` and ``foot`` are normalised. ``coasting`` says that nothing was seen at this frame and the place is
    predicted. ``trail`` holds the feet seen before the track was confirmed, oldest first, on its first frame
    only: rules must not miss what happened while it was still in doubt. ``fix`` is None where the pose is
    unknown or the place too uncertain, and ``nowhere`` says why.
    """

    uid: UUID
    camera_id: int
    kind: Kind
    confidence: float
    first_at: datetime
    at: datetime
    box: Box
    foot: Point
    coasting: bool
    trail: tuple[tuple[datetime, Point], ...] = ()
    fix: GroundFix | None = None
    speed_ms: float | None = None
    size: Size | None = None
    distance_m: float | None = None
    heading_deg: float | None = None  # clockwise from north
    standing_s: float = 0.0  # how long it has not gone anywhere
    label: str | None = None  # what a detector calls it: car, bus, bicycle
    colour: Colour | None = None
    nowhere: Nowhere | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """All that is known at one analysed frame: what a rule looks at.

    ``tracks`` are the confirmed ones. ``frame`` and ``motion`` are None where stored tracks are gone through again.
    ``ground`` is how the picture lies on the ground, None without a usable pose.
    """

    at: datetime
    tracks: tuple[Track, ...] = ()
    frame: Frame | None = None
    motion: Motion | None = None
    ground: GroundCamera | None = None
    health: Look | None = None  # about once a second: what the picture says of the camera itself


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """What moved in one frame. ``blind``: the whole picture changed, so nothing can be said.

    ``cells`` is ``(9, 16)``: the cells over the picture in which something moved; see :mod:`analytics.motion_index`. What
    stands there, different from what was learnt, is among ``detections`` but moves no cell. ``stir`` is the analysed picture's: 255 where something moves, 128 where something
    stands, 0 elsewhere; None where nothing is seen.
    """

    detections: Detections
    blind: bool
    cells: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((9, 16), np.bool_))
    stir: Gray | None = None


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """A track as stored. ``t_ms`` (after ``start_at``) and ``boxes`` (normalised) run in parallel.

    ``heading_deg`` is from its first to its last place on the ground, None where it ended where it began.
    ``snapshot`` is its best picture, relative to the snapshots folder; ``portrait`` that picture itself, a JPEG, until
    it is written there. ``look`` is what a model makes of its
    appearance, a vector of length 1.
    """

    uid: UUID
    camera_id: int
    kind: Kind
    confidence: float
    start_at: datetime
    end_at: datetime
    t_ms: tuple[int, ...]
    boxes: tuple[Box, ...]
    speed_ms: float | None
    path: tuple[LonLat, ...]
    label: str | None = None
    colour: Colour | None = None
    heading_deg: float | None = None
    standing_s: float = 0.0
    snapshot: str | None = None
    look: tuple[float, ...] | None = None
    portrait: bytes | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.t_ms) != len(self.boxes):
            raise InvalidInput(
                f"track {self.uid} has {len(self.t_ms)} times and {len(self.boxes)} boxes", "boxes"
            )


@dataclass(frozen=True, slots=True)
class Zone:
    """An area or a line to watch, as stored.

    It is drawn in one camera's picture (``points`` normalised, ``ground`` empty) or on the map (``ground``,
    ``camera_id`` None). A rule always has a camera and ``points``: of a map zone it gets what that camera sees of it,
    ``ground`` besides (:func:`analytics.map_zones.in_picture`). Seen from the first point looking at the next, ``left_to_right`` runs from the
    left side of a line to its right side. ``arrow`` is a rule's second drawing, from its first point to its second,
    normalised or longitude and latitude like the zone itself: the way traffic may go, or a gauge from bottom to top.
    ``schedule`` holds spans of minutes of the week, local time, Monday 00:00 is 0; empty is always. ``min_size_m``
    is the least height or width, whichever is larger, of a thing that counts. What ``threshold`` (it fires there)
    and ``clear`` (it is over there) mean stands with each rule, None is the rule's own. ``gauge_m`` is what a gauge
    reads at the arrow's two ends. ``preset`` is which of its device's presets a camera that turns has to stand at; None
    is its home.
    ``ignored`` are areas of the watching camera's picture in which it sees nothing; only a part of a :class:`Watch` has
    them.
    """

    id: int
    camera_id: int | None
    name: str
    name_en: str | None
    rule: RuleName
    points: tuple[Point, ...]
    classes: tuple[Kind, ...]
    dwell_s: float
    direction: Direction
    priority: int
    rearm_s: float
    enabled: bool
    version: int
    arrow: tuple[Point, Point] | None = None
    schedule: tuple[tuple[int, int], ...] = ()
    min_size_m: float = 0.0
    threshold: float | None = None
    clear: float | None = None
    gauge_m: tuple[float, float] | None = None
    ground: tuple[LonLat, ...] = ()
    preset: str | None = None
    ignored: tuple[tuple[Point, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class PrivacyMask:
    """A region of a camera's picture, normalised, that analytics never sees.

    ``preset`` is the token of the preset that it was drawn at, of a camera that turns; None: wherever it looks. One that
    is not ``enabled`` hides nothing.
    """

    id: int
    camera_id: int
    name: str
    points: tuple[Point, ...]
    version: int
    preset: str | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Watch:
    """One camera as analytics needs it: where it looks from, and what to watch for there.

    Of a camera that turns, pose and zones are those of where it stands now. ``away``: it stands where no pose is known.
    ``moving``: it turns. ``view_since`` is since when it stands so; None where it does not turn.
    ``attended``: it is near an open incident.
    """

    camera_id: int
    code: str
    pose: Pose | None
    zones: tuple[Zone, ...]
    masks: tuple[PrivacyMask, ...] = ()
    away: bool = False
    moving: bool = False
    view_since: datetime | None = None
    attended: bool = False

    @property
    def importance(self) -> int:
        """0 (most: something is going on there) to 5; a camera without zones is the least important."""
        if self.attended:
            return 0
        return min((z.priority for z in self.zones if z.enabled), default=5)


@dataclass(frozen=True, slots=True)
class Firing:
    """What a rule says: this, here, now, and why in one sentence of each language.

    ``zone`` is None for what is watched of every camera without drawing anything. ``value`` is the number the rule
    fired on: a count, a speed in m/s, a level in metres. ``over`` says that what fired before has ended: no new event,
    the last one's end.
    """

    rule: RuleName
    priority: int
    zone: Zone | None
    kind: EventKind
    confidence: float
    box: Box
    why: str
    why_en: str
    track: Track | None = None
    fix: GroundFix | None = None
    value: float | None = None
    over: bool = False

    @staticmethod
    def of(zone: Zone, track: Track, why: str, why_en: str, value: float | None = None) -> Firing:
        """One track did what the zone watches for."""
        return Firing(
            rule=zone.rule,
            priority=zone.priority,
            zone=zone,
            kind=track.kind,
            confidence=track.confidence,
            box=track.box,
            why=why,
            why_en=why_en,
            track=track,
            fix=track.fix,
            value=value,
        )

    @staticmethod
    def of_scene(
        zone: Zone,
        kind: EventKind,
        confidence: float,
        box: Box,
        why: str,
        why_en: str,
        value: float | None = None,
        fix: GroundFix | None = None,
    ) -> Firing:
        """Something that is not one track's doing: a crowd, a jam, the picture itself.

        A zone with id 0 stands for none that was drawn: see :func:`analytics.rules.catalogue.standing_zone`.
        """
        return Firing(
            rule=zone.rule,
            priority=zone.priority,
            zone=zone if zone.id else None,
            kind=kind,
            confidence=confidence,
            box=box,
            why=why,
            why_en=why_en,
            fix=fix,
            value=value,
        )


@dataclass(frozen=True, slots=True)
class Crossing:
    """Something went over a line; counted whether it fires or not."""

    zone_id: int
    camera_id: int
    direction: Literal["left_to_right", "right_to_left"]
    kind: Kind
    at: datetime


@dataclass(frozen=True, slots=True)
class LevelReading:
    """What the gauge of a zone of the rule water_level read."""

    zone_id: int
    at: datetime
    level_m: float


@dataclass(frozen=True, slots=True)
class Ending:
    """What a rule told of is over: it ends the events of this rule, camera and zone that still go on."""

    camera_id: int
    rule: RuleName
    zone_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """A rule fired, as written. ``snapshot`` is relative to the snapshots folder, None where it failed."""

    uid: UUID
    camera_id: int
    zone_id: int | None
    track_uid: UUID | None
    rule: RuleName
    kind: EventKind
    priority: int
    confidence: float
    at: datetime
    box: Box
    fix: GroundFix | None
    snapshot: str | None
    why: str
    why_en: str
    value: float | None = None
    nowhere: Nowhere | None = None
