"""Where a camera looks: control points, fits tried and saved, and the spot under a point of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, Query

from gis.calibrate import ControlPoint
from gis.errors import InvalidInput, StaleVersion
from gis.ground import MAX_MAJOR_M, GroundCamera, ellipse_95
from gis.groundgrid import grid, horizon
from gis.model import LonLat, Pose
from web import camera_store, camera_view, poses
from web.deps import AuditDep, DatabaseDep, must_see, require
from web.model import CurrentUser
from web.poses import Posed
from web.schemas.cameras import CameraOut
from web.schemas.common import EllipseOut
from web.schemas.where import (
    CalibrateIn,
    CalibrateOut,
    ControlPointIn,
    ControlPointOut,
    ControlPointsIn,
    ControlPointsOut,
    FitProblemOut,
    PoseOut,
    PoseSaveIn,
    ResidualOut,
    SigmaOut,
    SpotIn,
    SpotOut,
)

router = APIRouter(tags=["cameras"])
Admin = Annotated[CurrentUser, Depends(require("admin"))]
Preset = Annotated[str | None, Query(min_length=1, max_length=100)]
GRID_M = ((5.0, 30.0), (10.0, 60.0))
"""Lines every so many metres, out to so many."""
CLICK_SIGMA_SHARE = 0.0015


@router.get("/cameras/{camera_id}/control-points")
def control_points(
    camera_id: int, admin: Admin, database: DatabaseDep, preset: Preset = None
) -> ControlPointsOut:
    """The points that a camera's pose was fitted to, or that of one of its presets, and what that pose shows."""
    must_see(admin, camera_id)
    return _points_out(database, poses.read(database, camera_id, preset))


@router.put("/cameras/{camera_id}/control-points")
def save_control_points(
    camera_id: int, body: ControlPointsIn, admin: Admin, database: DatabaseDep, audit: AuditDep
) -> ControlPointsOut:
    """Keeps points without changing the pose, so that work may be gone on with later."""
    must_see(admin, camera_id)
    camera = poses.read(database, camera_id, body.preset)
    with database.transaction() as cursor:
        _check_version(cursor, database, admin, camera, body.expected_version)
        poses.save_points(cursor, camera, _points(body.points))
        detail = {"preset": camera.preset, "points": len(body.points)}
        audit("save_control_points", f"camera:{camera_id}", detail, cursor)
    return _points_out(database, poses.read(database, camera_id, body.preset))


@router.post("/cameras/{camera_id}/calibrate")
def calibrate(
    camera_id: int, body: CalibrateIn, admin: Admin, database: DatabaseDep
) -> CalibrateOut:
    """Tries a fit and saves nothing."""
    must_see(admin, camera_id)
    camera = poses.read(database, camera_id, body.preset)
    guess = poses.guessed(camera, body.pose.model_dump())
    found = poses.try_fit(camera, _points(body.points), body.solve, guess)
    lines = _lines(found.pose, camera)
    return CalibrateOut(
        pose=None if found.pose is None else _pose_out(found.pose),
        residuals=[ResidualOut.model_validate(r) for r in found.residuals],
        problems=[FitProblemOut.model_validate(p) for p in found.problems],
        rms_px=found.rms_px,
        held_out_px=found.held_out_px,
        held_out_m=found.held_out_m,
        sigmas=[SigmaOut(value=value, sigma=sigma) for value, sigma in found.sigmas],
        **lines,
    )


@router.put("/cameras/{camera_id}/pose")
def save_pose(
    camera_id: int, body: PoseSaveIn, admin: Admin, database: DatabaseDep, audit: AuditDep
) -> CameraOut:
    """Fits again and saves the pose with its points. 422 with the reason where there is none to be used."""
    must_see(admin, camera_id)
    camera = poses.read(database, camera_id, body.preset)
    guess = poses.guessed(camera, body.pose.model_dump())
    points = _points(body.points)
    found = poses.try_fit(camera, points, body.solve, guess)
    with database.transaction() as cursor:
        _check_version(cursor, database, admin, camera, body.expected_version)
        poses.save_fit(cursor, camera, points, found)
        detail = poses.summary(camera, body.solve, found)
        audit("calibrate_camera", f"camera:{camera_id}", detail, cursor)
    return camera_view.camera_out(camera_store.camera(database, camera_id), admin)


@router.post("/cameras/{camera_id}/spot")
def spot(camera_id: int, body: SpotIn, admin: Admin, database: DatabaseDep) -> SpotOut:
    """The ground under a point of the picture, as well as a click there is worth."""
    must_see(admin, camera_id)
    camera = poses.read(database, camera_id, body.preset)
    pose = _given(camera, body)
    if pose is None:
        return SpotOut(lon=None, lat=None, ellipse=None, nowhere="no_pose", nowhere_m=None)
    ground = GroundCamera(pose, camera.width_px, camera.height_px)
    at = np.array([[body.x * camera.width_px, body.y * camera.height_px]])
    sigma_px = max(1.5, CLICK_SIGMA_SHARE * camera.width_px)
    seen = ground.spots(at, np.array([sigma_px]))
    if not seen.falls[0]:
        return SpotOut(lon=None, lat=None, ellipse=None, nowhere="above_horizon", nowhere_m=None)
    ellipse = ellipse_95(seen.covariance[0])
    if ellipse.major_m > MAX_MAJOR_M:
        return SpotOut(
            lon=None, lat=None, ellipse=None, nowhere="too_far", nowhere_m=ellipse.major_m
        )
    lon, lat = ground.frame.to_lonlat(float(seen.enu[0, 0]), float(seen.enu[0, 1]))
    return SpotOut(
        lon=lon, lat=lat, ellipse=EllipseOut.model_validate(ellipse), nowhere=None, nowhere_m=None
    )


def _given(camera: Posed, body: SpotIn) -> Pose | None:
    values = body.pose.model_dump(exclude_none=True)
    if not values:
        return camera.pose
    guess = poses.guessed(camera, values)
    if None in (guess.height_m, guess.yaw_deg, guess.pitch_deg, guess.hfov_deg):
        return None
    covariance = body.pose.covariance
    return Pose(
        guess.place,
        guess.height_m or 0.0,
        guess.yaw_deg or 0.0,
        guess.pitch_deg or 0.0,
        guess.hfov_deg or 0.0,
        guess.roll_deg,
        guess.sigma_deg,
        guess.k1,
        guess.k2,
        None if covariance is None else tuple(covariance),
    )


def _check_version(
    cursor: Any, database: Any, admin: CurrentUser, camera: Posed, expected: int
) -> None:
    version = poses.lock(cursor, camera)
    if version != expected:
        row = camera_store.camera(database, camera.id)
        raise StaleVersion(
            f"camera {camera.code} was changed by somebody else (version {version}, you had {expected})",
            camera_view.camera_out(row, admin).model_dump(mode="json"),
            {"preset": camera.preset},
        )


def _points(points: Sequence[ControlPointIn]) -> list[ControlPoint]:
    return [ControlPoint(p.number, p.x, p.y, LonLat(p.lon, p.lat), p.up_m) for p in points]


def _points_out(database: Any, camera: Posed) -> ControlPointsOut:
    kept = poses.control_points(database, camera)
    return ControlPointsOut(
        preset=camera.preset,
        version=camera.version,
        width_px=camera.width_px,
        height_px=camera.height_px,
        points=[
            ControlPointOut(
                number=p.number, x=p.x, y=p.y, lon=p.place.lon, lat=p.place.lat, up_m=p.up_m
            )
            for p in kept
        ],
        pose=None if camera.pose is None else _pose_out(camera.pose),
        **_lines(camera.pose, camera),
    )


def _pose_out(pose: Pose) -> PoseOut:
    return PoseOut(
        lon=pose.place.lon,
        lat=pose.place.lat,
        height_m=pose.height_m,
        yaw_deg=pose.yaw_deg,
        pitch_deg=pose.pitch_deg,
        roll_deg=pose.roll_deg,
        hfov_deg=pose.hfov_deg,
        k1=pose.k1,
        k2=pose.k2,
        covariance=None if pose.covariance is None else list(pose.covariance),
    )


def _lines(pose: Pose | None, camera: Posed) -> dict[str, Any]:
    """What to draw of a pose; nothing where it is none."""
    if pose is None:
        return {"horizon": [], "grid": [], "field_of_view": []}
    try:
        ground = GroundCamera(pose, camera.width_px, camera.height_px)
    except InvalidInput:
        return {"horizon": [], "grid": [], "field_of_view": []}
    return {
        "horizon": horizon(ground),
        "grid": [line for step_m, reach_m in GRID_M for line in grid(ground, step_m, reach_m)],
        "field_of_view": ground.field_of_view(),
    }
