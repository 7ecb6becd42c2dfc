"""Zones and lines."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from analytics.model import RuleName
from web.schemas.common import Body, LonLatPair, Out, Priority


class ZoneIn(Body):
    camera_id: int | None  # null: drawn on the map, ``ground`` instead of ``points``
    name: str = Field(min_length=1, max_length=100)
    name_en: str | None = Field(default=None, max_length=100)
    rule: RuleName
    points: list[tuple[float, float]] = Field(default=[], max_length=64)  # normalised 0..1
    classes: list[Literal["person", "vehicle", "other"]] | None = Field(default=None, min_length=1)
    dwell_s: float | None = Field(default=None, ge=0, le=3600)  # null, as classes: the rule's own
    direction: Literal["both", "left_to_right", "right_to_left"] = "both"
    priority: Priority = 2
    rearm_s: float = Field(default=30, ge=0, le=86400)
    enabled: bool = True
    arrow: tuple[tuple[float, float], tuple[float, float]] | None = None
    schedule: list[tuple[int, int]] = Field(default=[], max_length=70)  # minutes of the local week
    min_size_m: float = Field(default=0, ge=0, le=50)
    threshold: float | None = None
    clear: float | None = None
    gauge_m: tuple[float, float] | None = None
    ground: list[LonLatPair] = Field(default=[], max_length=64)
    preset: str | None = Field(default=None, min_length=1, max_length=100)  # null: for the home


class ZonePatch(Body):
    """What is absent stays. Null empties ``name_en``, ``arrow``, ``gauge_m`` and ``preset``, and gives ``classes``, ``dwell_s``,
    ``threshold`` and ``clear`` back to the rule; elsewhere it leaves the value alone."""

    expected_version: int
    name: str | None = Field(default=None, min_length=1, max_length=100)
    name_en: str | None = Field(default=None, max_length=100)
    points: list[tuple[float, float]] | None = Field(default=None, min_length=1, max_length=64)
    classes: list[Literal["person", "vehicle", "other"]] | None = Field(default=None, min_length=1)
    dwell_s: float | None = Field(default=None, ge=0, le=3600)
    direction: Literal["both", "left_to_right", "right_to_left"] | None = None
    priority: Priority | None = None
    rearm_s: float | None = Field(default=None, ge=0, le=86400)
    enabled: bool | None = None
    arrow: tuple[tuple[float, float], tuple[float, float]] | None = None
    schedule: list[tuple[int, int]] | None = Field(default=None, max_length=70)
    min_size_m: float | None = Field(default=None, ge=0, le=50)
    threshold: float | None = None
    clear: float | None = None
    gauge_m: tuple[float, float] | None = None
    ground: list[LonLatPair] | None = Field(default=None, min_length=2, max_length=64)
    preset: str | None = Field(default=None, min_length=1, max_length=100)  # null: for the home


class ZoneOut(Out):
    id: int
    camera_id: int | None
    name: str
    name_en: str | None
    rule: RuleName
    points: list[tuple[float, float]]
    classes: list[str]
    dwell_s: float
    direction: str
    priority: Priority
    rearm_s: float
    enabled: bool
    version: int
    arrow: tuple[tuple[float, float], tuple[float, float]] | None
    schedule: list[tuple[int, int]]
    min_size_m: float
    threshold: float | None
    clear: float | None
    gauge_m: tuple[float, float] | None
    ground: list[LonLatPair]
    preset: str | None
