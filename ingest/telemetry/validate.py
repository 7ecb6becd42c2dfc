"""Which fixes and values to believe: pure, one filter per device.

An impossible fix is not dropped and not stored as a position: it goes to quarantine with the reason.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from gis.datum import to_wgs84
from ingest.telemetry.model import Fix, PositionRow, Sample, to_us

VEHICLE_MAX_MS = 70.0  # 252 km/h: what no road vehicle of a city passes
JUMP_SLACK_M = 100.0  # GNSS noise between tall buildings
BELIEVE_AFTER = 3  # so many fixes that fit each other outvote the one before them
NULL_ISLAND_DEG = 0.01
_EARTH_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a device's clock may be off, and how late it may report, in seconds."""

    max_future_s: float = 300.0
    max_age_s: float = 30 * 86400.0


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same fix again."""


@dataclass(frozen=True, slots=True)
class NoFix:
    """The receiver says itself that it has no fix; nothing to store, nothing wrong."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a fix is not believed."""

    reason: str


def time_reason(at: datetime, now: datetime, limits: Limits) -> str | None:
    """Why ``at`` cannot be the time of something that is reported ``now``, or None."""
    ahead_s = (at - now).total_seconds()
    if ahead_s > limits.max_future_s:
        return f"in the future: {at:%Y-%m-%d %H:%M:%S}Z, {ahead_s:.0f} s ahead"
    if -ahead_s > limits.max_age_s:
        return f"too old: {at:%Y-%m-%d %H:%M:%S}Z, {-ahead_s / 86400:.0f} days"
    return None


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great-circle distance in metres on the mean sphere (haversine)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    a = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(a)))


@dataclass(slots=True)
class _Point:
    lon: float
    lat: float
    at_us: int

    def reaches(self, lon: float, lat: float, at_us: int) -> bool:
        """Whether a vehicle can have come from here to there in the time between."""
        seconds = (at_us - self.at_us) / 1e6
        return distance_m(self.lon, self.lat, lon, lat) <= VEHICLE_MAX_MS * seconds + JUMP_SLACK_M


class FixFilter:
    """Judges the fixes of one device. ``newest_us`` is the time of the newest one stored before, None for none."""

    def __init__(self, newest_us: int | None = None) -> None:
        self._newest_us = newest_us
        self._last: _Point | None = None
        self._doubted: _Point | None = None
        self._doubts = 0

    def judge(
        self, fix: Fix, now: datetime, received_us: int, limits: Limits
    ) -> PositionRow | Refusal | Duplicate | NoFix:
        """The row to store, or why there is none."""
        if not fix.located:
            return NoFix()
        lon, lat = fix.lon_deg, fix.lat_deg
        if not -90.0 <= lat <= 90.0 or not -180.0 <= lon <= 180.0:
            return Refusal(f"out of range: latitude {lat:g}, longitude {lon:g}")
        if abs(lon) < NULL_ISLAND_DEG and abs(lat) < NULL_ISLAND_DEG:
            return Refusal(f"null island: latitude {lat:g}, longitude {lon:g}")
        reason = time_reason(fix.at, now, limits)
        if reason is not None:
            return Refusal(reason)
        if fix.datum != "wgs84":
            lon, lat = to_wgs84(fix.datum, lon, lat)
        at_us = to_us(fix.at)
        fresh = self._newest_us is None or at_us > self._newest_us
        if fresh:
            if self._last is not None and not self._last.reaches(lon, lat, at_us):
                refusal = self._doubt(_Point(lon, lat, at_us), self._last)
                if refusal is not None:
                    return refusal
            self._newest_us = at_us
            self._last = _Point(lon, lat, at_us)
            self._doubted, self._doubts = None, 0
        elif self._last is not None and self._last == _Point(lon, lat, at_us):
            return Duplicate()
        return PositionRow(
            fix.device.id,
            at_us,
            round(lon * 1e7),
            round(lat * 1e7),
            round(fix.speed_ms * 100),
            fix.course_deg % 360,
            fix.altitude_m,
            fix.flags,
            received_us,
            fresh,
        )

    def _doubt(self, point: _Point, last: _Point) -> Refusal | None:
        """A jump is refused until several fixes in a row agree with each other: then the old place was wrong."""
        before = self._doubted
        fits = (
            before is not None
            and point.at_us > before.at_us
            and before.reaches(point.lon, point.lat, point.at_us)
        )
        self._doubted, self._doubts = point, self._doubts + 1 if fits else 1
        if self._doubts >= BELIEVE_AFTER:
            return None
        metres = distance_m(last.lon, last.lat, point.lon, point.lat)
        seconds = (point.at_us - last.at_us) / 1e6
        return Refusal(f"jump of {metres:.0f} m in {seconds:.1f} s")


def sample_reason(sample: Sample, now: datetime, limits: Limits) -> str | None:
    """Why a reading cannot be believed, or None."""
    if not math.isfinite(sample.value):
        return f"{sample.quantity} is {sample.value}"
    reason = time_reason(sample.at, now, limits)
    return None if reason is None else f"{sample.quantity} {reason}"
