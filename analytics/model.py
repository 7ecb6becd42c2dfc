"""The nouns of analytics: frames, detections, tracks and events.

Picture coordinates have their origin at the top left. ``_px`` is pixels of the camera's own picture, whatever
smaller size was analysed; values without a unit are normalised, 0..1 of the picture's width and height.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Literal, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from gis.errors import InvalidInput
from gis.model import GroundFix, LonLat, Pose

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]
Kind = Literal["person", "vehicle", "other"]
KINDS: tuple[Kind, ...] = ("person", "vehicle", "other")
RuleName = Literal["intrusion", "line_crossing"]
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


@dataclass(frozen=True, slots=True)
class Track:
    """One moving thing as it stands at one frame.

    ``box`` and ``foot`` are normalised. ``coasting`` says that nothing was seen at this frame and the place is
    predicted. ``trail`` holds the feet seen before the track was confirmed, oldest first, on its first frame
    only: rules must not miss what happened while it was still in doubt. ``fix`` is None where the pose is
    unknown or the place too uncertain.
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


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """A track as stored. ``t_ms`` (after ``start_at``) and ``boxes`` (normalised) run in parallel."""

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

    def __post_init__(self) -> None:
        if len(self.t_ms) != len(self.boxes):
            raise InvalidInput(
                f"track {self.uid} has {len(self.t_ms)} times and {len(self.boxes)} boxes", "boxes"
            )


@dataclass(frozen=True, slots=True)
class Zone:
    """An area or a line in one camera's picture, as stored; points are normalised.

    Seen from the first point looking at the next, ``left_to_right`` runs from the left side of a line to its
    right side.
    """

    id: int
    camera_id: int
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


@dataclass(frozen=True, slots=True)
class Watch:
    """One camera as analytics needs it: where it looks from, and what to watch for there."""

    camera_id: int
    code: str
    pose: Pose | None
    zones: tuple[Zone, ...]

    @property
    def importance(self) -> int:
        """1 (most) to 5; a camera without zones is the least important."""
        return min((z.priority for z in self.zones if z.enabled), default=5)


@dataclass(frozen=True, slots=True)
class Firing:
    """What a rule says: this track, in this zone, now, and why in one sentence of each language."""

    zone: Zone
    track: Track
    why: str
    why_en: str


@dataclass(frozen=True, slots=True)
class Event:
    """A rule fired, as written. ``snapshot`` is relative to the snapshots folder, None where it failed."""

    uid: UUID
    camera_id: int
    zone_id: int | None
    track_uid: UUID
    rule: RuleName
    kind: Kind
    priority: int
    confidence: float
    at: datetime
    box: Box
    fix: GroundFix | None
    snapshot: str | None
    why: str
    why_en: str
