"""Zones and tracks for tests of rules: sensible values, and what a test wants otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from analytics.model import Firing, Kind, Scene, Track, Zone
from gis.ground import GroundCamera
from gis.model import Ellipse, GroundFix, LonLat, Pose

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday
SQUARE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))


def zone(**changes: Any) -> Zone:
    """An intrusion area in the middle of camera 1's picture."""
    values: dict[str, Any] = {
        "id": 1,
        "camera_id": 1,
        "name": "东门",
        "name_en": "East gate",
        "rule": "intrusion",
        "points": SQUARE,
        "classes": ("person",),
        "dwell_s": 0.0,
        "direction": "both",
        "priority": 2,
        "rearm_s": 30.0,
        "enabled": True,
        "version": 1,
    }
    return Zone(**(values | changes))


def track(number: int, t_s: float, foot: tuple[float, float], **changes: Any) -> Track:
    """Thing ``number`` at ``foot``, ``t_s`` after :data:`START`: a person of 0.05 by 0.1 of the picture."""
    kind: Kind = changes.get("kind", "person")
    width, height = changes.pop("shape", (0.12, 0.08) if kind == "vehicle" else (0.05, 0.1))
    values: dict[str, Any] = {
        "uid": UUID(int=number),
        "camera_id": 1,
        "kind": "person",
        "confidence": 0.9,
        "first_at": START,
        "at": START + timedelta(seconds=t_s),
        "box": (foot[0] - width / 2, foot[1] - height, width, height),
        "foot": foot,
        "coasting": False,
    }
    return Track(**(values | changes))


HERE = LonLat(120.98, 31.38)
NORTH = Pose(place=HERE, height_m=7.0, yaw_deg=0.0, pitch_deg=-20.0, hfov_deg=70.0)
CAMERA = GroundCamera(NORTH, 1280, 720)
"""A camera that looks north; in its picture things are ``placed`` by metres east and north of it."""
SIZE_M: dict[Kind, tuple[float, float]] = {
    "person": (0.5, 1.7), "vehicle": (3.0, 1.5), "other": (1.0, 1.0)
}  # fmt: skip


def foot_of(east_m: float, north_m: float, up_m: float = 0.0) -> tuple[float, float]:
    """Where a spot is in :data:`CAMERA`'s picture, normalised."""
    pixels, _ = CAMERA.project(np.array([[east_m, north_m, up_m]]))
    return float(pixels[0, 0]) / CAMERA.width_px, float(pixels[0, 1]) / CAMERA.height_px


def area_of(*metres: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """A ground area as it lies in :data:`CAMERA`'s picture."""
    return tuple(foot_of(east_m, north_m) for east_m, north_m in metres)


def placed(number: int, t_s: float, east_m: float, north_m: float, **changes: Any) -> Track:
    """Thing ``number`` on the ground before :data:`CAMERA`; ``fixed=False`` leaves its place out."""
    kind: Kind = changes.setdefault("kind", "person")
    width_m, height_m = SIZE_M[kind]
    foot, head = foot_of(east_m, north_m), foot_of(east_m, north_m, height_m)
    px_per_m = CAMERA.focal_px / math.hypot(math.hypot(east_m, north_m), NORTH.height_m)
    values: dict[str, Any] = {"shape": (width_m * px_per_m / CAMERA.width_px, foot[1] - head[1])}
    if changes.pop("fixed", True):
        lon, lat = CAMERA.frame.to_lonlat(east_m, north_m)
        values["fix"] = GroundFix(LonLat(lon, lat), Ellipse(1.0, 0.5, 0.0))
        values["distance_m"] = math.hypot(east_m, north_m)
    return track(number, t_s, foot, **(values | changes))


def scene_of(t_s: float, *tracks: Track, posed: bool = True, **changes: Any) -> Scene:
    """One frame of :data:`CAMERA`, ``t_s`` after :data:`START`."""
    at = START + timedelta(seconds=t_s)
    return Scene(at, tracks, ground=CAMERA if posed else None, **changes)


def played(
    rule: Any,
    seconds: float,
    things: Callable[[float], Sequence[Track]],
    fps: float = 5.0,
    posed: bool = True,
) -> list[tuple[float, Firing]]:
    """Shows a rule ``things`` at every frame; returns when it fired, and what."""
    return [
        (round(i / fps, 3), firing)
        for i in range(int(seconds * fps))
        for firing in rule.update(scene_of(i / fps, *things(i / fps), posed=posed))
        if not firing.over
    ]
