"""Bodies of the routes that tell where a camera looks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from web.schemas.common import Body, EllipseOut, LonLatPair, Out
from web.schemas.events import Nowhere

PoseValue = Literal["yaw", "pitch", "roll", "hfov", "height", "position", "k1", "k2"]
_PRESET = Field(default=None, min_length=1, max_length=100)


class ControlPointIn(Body):
    number: int = Field(ge=1, le=200)
    x: float = Field(ge=-1, le=2)  # normalised; a point outside 0..1 is answered by name
    y: float = Field(ge=-1, le=2)
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    up_m: float = Field(default=0, ge=-50, le=200)  # above the ground there


class ControlPointOut(Out):
    number: int
    x: float
    y: float
    lon: float
    lat: float
    up_m: float


class PoseIn(Body):
    """Values to keep or to start from; null: as the camera has them."""

    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    height_m: float | None = Field(default=None, gt=0, le=500)
    yaw_deg: float | None = Field(default=None, ge=-360, le=360)
    pitch_deg: float | None = Field(default=None, ge=-90, le=90)
    roll_deg: float | None = Field(default=None, ge=-180, le=180)
    hfov_deg: float | None = Field(default=None, gt=0, lt=180)
    k1: float | None = Field(default=None, ge=-1, le=1)
    k2: float | None = Field(default=None, ge=-1, le=1)
    covariance: list[float] | None = Field(default=None, min_length=81, max_length=81)


class PoseOut(Out):
    lon: float
    lat: float
    height_m: float
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    hfov_deg: float
    k1: float
    k2: float
    covariance: list[float] | None  # 9 × 9: east, north, height, yaw, pitch, roll, hfov, k1, k2


class ControlPointsOut(Out):
    """The points kept for a preset, or for the camera's own pose (preset null), with the pose there."""

    preset: str | None
    version: int  # the camera's
    width_px: int
    height_px: int
    points: list[ControlPointOut]
    pose: PoseOut | None
    horizon: list[tuple[float, float]]
    grid: list[list[tuple[float, float]]]
    field_of_view: list[LonLatPair]


class ControlPointsIn(Body):
    expected_version: int
    preset: str | None = _PRESET
    points: list[ControlPointIn] = Field(max_length=100)


class CalibrateIn(Body):
    preset: str | None = _PRESET
    points: list[ControlPointIn] = Field(max_length=100)
    solve: list[PoseValue] = Field(min_length=1, max_length=8)
    pose: PoseIn = PoseIn()


class PoseSaveIn(CalibrateIn):
    expected_version: int


class ResidualOut(Out):
    number: int
    x: float | None  # where the fit sees it, normalised
    y: float | None
    px: float
    m: float | None
    held_px: float | None  # by a fit without this point
    held_m: float | None
    wrong: bool  # left out of the fit


class FitProblemOut(Out):
    code: str
    zh: str
    en: str
    points: list[int]
    fatal: bool


class SigmaOut(Out):
    value: PoseValue
    sigma: float


class CalibrateOut(Out):
    """A tried fit; ``pose`` is null where a problem is fatal."""

    pose: PoseOut | None
    residuals: list[ResidualOut]
    problems: list[FitProblemOut]
    rms_px: float | None
    held_out_px: float | None
    held_out_m: float | None
    sigmas: list[SigmaOut]
    horizon: list[tuple[float, float]]
    grid: list[list[tuple[float, float]]]
    field_of_view: list[LonLatPair]


class SpotIn(Body):
    """A point of the picture; with ``pose``, by that one instead of the camera's."""

    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)
    preset: str | None = _PRESET
    pose: PoseIn = PoseIn()


class SpotOut(Out):
    lon: float | None
    lat: float | None
    ellipse: EllipseOut | None
    nowhere: Nowhere | None
    nowhere_m: float | None
