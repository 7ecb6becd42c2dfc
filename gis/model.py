"""The nouns of place: points, positions, camera poses, error ellipses. WGS-84, longitude first, metres."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gis.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class LonLat:
    """A point on WGS-84, degrees. Raises :class:`InvalidInput` when out of range."""

    lon: float
    lat: float

    def __post_init__(self) -> None:
        if not -180.0 <= self.lon <= 180.0:
            raise InvalidInput(f"longitude {self.lon!r} is outside -180..180", "lon")
        if not -90.0 <= self.lat <= 90.0:
            raise InvalidInput(f"latitude {self.lat!r} is outside -90..90", "lat")


@dataclass(frozen=True, slots=True)
class Position:
    """Where something was, when, and how it moved. ``course_deg`` is clockwise from north."""

    place: LonLat
    at: datetime
    speed_ms: float | None = None
    course_deg: float | None = None
    altitude_m: float | None = None


POSE_VALUES = (
    "east_m",
    "north_m",
    "height_m",
    "yaw_deg",
    "pitch_deg",
    "roll_deg",
    "hfov_deg",
    "k1",
    "k2",
)
"""The values of a pose in the order of its covariance; ``east_m`` and ``north_m`` are its place's."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a camera stands and looks.

    ``yaw_deg`` clockwise from north, ``pitch_deg`` negative looks down, ``roll_deg`` clockwise seen from
    behind the camera, ``hfov_deg`` the full horizontal angle of a pinhole without distortion: it stands for the focal
    length. ``k1`` and ``k2`` are the lens's distortion (:mod:`gis.lens`). ``sigma_deg`` is one sigma of each of the
    three angles. ``covariance`` replaces it where the pose was fitted: row by row the square matrix of
    :data:`POSE_VALUES`.
    """

    place: LonLat
    height_m: float
    yaw_deg: float
    pitch_deg: float
    hfov_deg: float
    roll_deg: float = 0.0
    sigma_deg: float = 0.5
    k1: float = 0.0
    k2: float = 0.0
    covariance: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Ellipse:
    """A 95 % error ellipse on the ground: semi-axes in metres, major axis clockwise from north in degrees."""

    major_m: float
    minor_m: float
    angle_deg: float


@dataclass(frozen=True, slots=True)
class GroundFix:
    """A place on the ground with its uncertainty."""

    place: LonLat
    ellipse: Ellipse
