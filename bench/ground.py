"""How far places on the ground are from the truth, by distance, weather and scene, and how often the 95 % ellipse holds it.

The demo's cameras, rendered with truth, go through the whole pipeline; what it believes of each camera differs from the
real pose as its stated error allows. An error of the pose shifts all places of a scene together, so few of them say little:
tracks are placed with the real pose, and each place is then moved as many errors of the pose move the ground under its foot.
Measured is every track in sight, at every looked-at frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from analytics.locate import Locator, darkness
from analytics.model import Frame, Track, Watch
from analytics.pipeline import Pipeline
from analytics.track import Tracked, TrackView
from analytics.trajectory import Trajectory, follow
from bench.report import Figure, percentile
from bench.scenes import Scene, TruthFrame, render
from demo.cameras.conditions import CONDITIONS, Condition
from demo.cameras.scene import TruthObject
from gis.clock import SystemClock
from gis.ground import HEIGHT_SIGMA_M, MIN_DROP, GroundCamera
from gis.model import Pose

FITTED_ON = ("cam-people-dongmen", "cam-square")
"""What :mod:`analytics.locate` assumes of feet and boxes was chosen on these two cameras, on other pieces of their
traffic; the other cameras were not looked at for it."""
CAMERAS = (*FITTED_ON, "cam-people-ximen", "cam-ring-jianshe", "cam-school", "cam-station")
SCENES: tuple[tuple[str, Condition], ...] = tuple(
    (camera, condition) for camera in CAMERAS for condition in CONDITIONS
)
BANDS_M = ((0.0, 15.0), (15.0, 25.0), (25.0, 40.0), (40.0, 80.0))
SECONDS = 20.0
POSES = 120
FIRST_SEED = 20
MIN_OVERLAP = 0.3
MIN_VISIBLE = 0.8
"""A thing half behind a tree or cut by the picture's edge has no known foot: its place is not asked for."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One place against the truth: how far the truth is from the camera, the ellipse's semi-axes, and for every error of
    the pose how far the place was off, metres; and the share of them in which the ellipse holds the truth."""

    camera: str
    condition: Condition
    distance_m: float
    major_m: float
    minor_m: float
    errors_m: tuple[float, ...]
    held: float


def places(scene: Scene, seed: int, poses: int = POSES) -> list[Placed]:
    """All places that are given in a scene, with so many errors of its pose, drawn by ``seed``."""
    rng = np.random.default_rng(1000 + seed)
    watched = _Watched(Watch(1, scene.camera, _believed(scene.pose, rng), ()))
    for packet in scene.packets:
        watched.process(packet, 0.0)
    truth = {frame.at: frame for frame in scene.truth}
    locator = Locator(scene.pose, scene.width_px, scene.height_px, watched.grain_px)
    lives: dict[UUID, Trajectory] = {}
    pairs: list[tuple[Track, TrackView, TruthObject]] = []
    for seen in watched.seen:
        for view in seen.views:
            if view.uid not in lives:
                lives[view.uid] = Trajectory(1, view, scene.width_px, scene.height_px)
        here = [lives[view.uid] for view in seen.views]
        tracks = follow(here, seen.views, seen.at.timestamp(), locator, None, seen.dark)
        for track, view in zip(tracks, seen.views, strict=True):
            thing = _match(view, truth.get(seen.at), scene) if view.seen else None
            if thing is not None and track.fix is not None:
                pairs.append((track, view, thing))
    cameras = [
        GroundCamera(_believed(scene.pose, rng), scene.width_px, scene.height_px)
        for _ in range(poses)
    ]
    return _against_truth(scene, locator.camera, cameras, pairs) if pairs else []


def _against_truth(
    scene: Scene,
    real: GroundCamera,
    believed: Sequence[GroundCamera],
    pairs: Sequence[tuple[Track, TrackView, TruthObject]],
) -> list[Placed]:
    feet_px = np.array(
        [(v.box_px[0] + v.box_px[2] / 2, v.box_px[1] + v.box_px[3]) for _, v, _ in pairs]
    )
    local = real.frame
    fixes = [track.fix for track, _, _ in pairs if track.fix is not None]
    said = np.array([local.to_enu(fix.place.lon, fix.place.lat) for fix in fixes])
    true = np.array([local.to_enu(thing.lon, thing.lat) for _, _, thing in pairs])
    major_m, minor_m, angle = np.array(
        [(f.ellipse.major_m, f.ellipse.minor_m, math.radians(f.ellipse.angle_deg)) for f in fixes]
    ).T
    ground = [_ground_under(camera, feet_px) for camera in (real, *believed)]
    off = np.array([said + moved - ground[0] - true for moved in ground[1:]])
    along = off[:, :, 0] * np.sin(angle) + off[:, :, 1] * np.cos(angle)
    across = off[:, :, 0] * np.cos(angle) - off[:, :, 1] * np.sin(angle)
    held = ((along / major_m) ** 2 + (across / minor_m) ** 2 <= 1).mean(axis=0)
    errors_m, distance_m = np.hypot(off[:, :, 0], off[:, :, 1]), np.hypot(*true.T)
    return [
        Placed(
            scene.camera,
            scene.condition,
            float(distance_m[i]),
            float(major_m[i]),
            float(minor_m[i]),
            tuple(errors_m[:, i].tolist()),
            float(held[i]),
        )
        for i in range(len(pairs))
    ]


def _ground_under(camera: GroundCamera, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(n, 2)`` metres east and north; where a pose sees no ground, far off."""
    rays = camera.rays(pixels)
    ground: NDArray[np.float64] = (
        camera.pose.height_m * rays[:, :2] / np.maximum(-rays[:, 2:], MIN_DROP)
    )
    return ground


def ground_error(
    scenes: Sequence[tuple[str, Condition]] = SCENES, seconds: float = SECONDS, poses: int = POSES
) -> list[Figure]:
    """Error in metres, size of the 95 % ellipses and how often they hold the truth: by scene, weather and distance, over
    all, and over the cameras alone that nothing was fitted on."""
    found: list[Placed] = []
    for number, (camera, condition) in enumerate(scenes):
        seed = FIRST_SEED + number
        found += places(render(camera, condition, seconds, seed=seed), seed, poses)
    return figures_of(found, scenes)


def figures_of(found: Sequence[Placed], scenes: Sequence[tuple[str, Condition]]) -> list[Figure]:
    """The figures of places found in these scenes; a case without any is left out."""
    figures: list[Figure] = []
    for camera, condition in scenes:
        here = [p for p in found if (p.camera, p.condition) == (camera, condition)]
        figures += _of_case(f"{camera}, {condition}", here)
    for weather in CONDITIONS:
        figures += _of_case(weather, [p for p in found if p.condition == weather])
    for low, high in BANDS_M:
        band = [p for p in found if low <= p.distance_m < high]
        figures += _of_case(f"{low:.0f}-{high:.0f} m", band)
    figures += _of_case("held out", [p for p in found if p.camera not in FITTED_ON])
    figures += _of_case("all", found)
    return figures


def _of_case(case: str, placed: Sequence[Placed]) -> list[Figure]:
    if not placed:
        return []
    errors = [error_m for p in placed for error_m in p.errors_m]
    inside = 100 * sum(p.held for p in placed) / len(placed)
    return [
        _figure(case, "places", len(placed), ""),
        _figure(case, "error median", percentile(errors, 0.5), "m"),
        _figure(case, "error 95 %", percentile(errors, 0.95), "m"),
        _figure(
            case, "larger semi-axis, median", percentile([p.major_m for p in placed], 0.5), "m"
        ),
        _figure(
            case, "smaller semi-axis, median", percentile([p.minor_m for p in placed], 0.5), "m"
        ),
        _figure(case, "95 % ellipse holds the truth", inside, "%"),
    ]


def _believed(pose: Pose, rng: np.random.Generator) -> Pose:
    """What might be believed of a camera that stands like this."""
    turn = rng.normal(0, pose.sigma_deg, 3)
    return replace(
        pose,
        yaw_deg=pose.yaw_deg + float(turn[0]),
        pitch_deg=pose.pitch_deg + float(turn[1]),
        roll_deg=pose.roll_deg + float(turn[2]),
        height_m=pose.height_m + float(rng.normal(0, HEIGHT_SIGMA_M)),
    )


def _figure(case: str, metric: str, value: float, unit: str) -> Figure:
    return Figure("ground", case, metric, float(value), unit)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the tracker gave at one frame."""

    at: datetime
    views: tuple[TrackView, ...]
    dark: float


class _Watched(Pipeline):
    """A pipeline that keeps all that its tracker gave."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch, SystemClock())
        self.seen: list[_Seen] = []
        self.grain_px = 1.0

    def _locate(self, frame: Frame, tracked: Tracked) -> list[Track]:
        self.grain_px = frame.scale
        self.seen.append(_Seen(frame.at, tracked.alive, darkness(frame.gray)))
        return super()._locate(frame, tracked)


def _match(view: TrackView, truth: TruthFrame | None, scene: Scene) -> TruthObject | None:
    """The thing whose outline the track's box shows, where all of it can be seen."""
    if truth is None:
        return None
    best, most = None, MIN_OVERLAP
    for thing in truth.objects:
        share = _overlap(view.box_px, thing.box_px)
        if share > most:
            best, most = thing, share
    if best is None or best.visible < MIN_VISIBLE or not _whole(best.box_px, scene):
        return None
    return best


def _whole(box: tuple[float, float, float, float], scene: Scene) -> bool:
    x, y, w, h = box
    return x >= 0 and y >= 0 and x + w <= scene.width_px and y + h <= scene.height_px


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    tall = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if wide <= 0 or tall <= 0:
        return 0.0
    common = wide * tall
    return common / (a[2] * a[3] + b[2] * b[3] - common)
