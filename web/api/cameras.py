"""Cameras: the list, their settings, a test of an address, and which of them see a spot."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from gis.errors import StaleVersion
from web import camera_store, camera_view
from web.changes import given
from web.deps import AuditDep, DatabaseDep, RuntimeDep, UserDep, must_see, require
from web.model import CurrentUser
from web.schemas.cameras import (
    CameraIn,
    CameraOut,
    CameraPatch,
    CameraTestIn,
    CameraTestOut,
    SeeingCameraOut,
)

router = APIRouter(tags=["cameras"])
Admin = Annotated[CurrentUser, Depends(require("admin"))]


@router.get("/cameras")
def list_cameras(user: UserDep, database: DatabaseDep) -> list[CameraOut]:
    """The cameras this person may see, with their states and fields of view."""
    return [
        camera_view.camera_out(row, user)
        for row in camera_store.cameras(database)
        if user.sees(row.id)
    ]


@router.get("/cameras/seeing")
def seeing(
    user: UserDep,
    database: DatabaseDep,
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-90, le=90)],
) -> list[SeeingCameraOut]:
    """The cameras that see a spot, best first."""
    return camera_view.seeing(database, user, lon, lat)


@router.get("/cameras/{camera_id}")
def one_camera(camera_id: int, user: UserDep, database: DatabaseDep) -> CameraOut:
    """One camera."""
    must_see(user, camera_id)
    return camera_view.camera_out(camera_store.camera(database, camera_id), user)


@router.post("/cameras", status_code=201)
def create_camera(
    body: CameraIn, admin: Admin, running: RuntimeDep, database: DatabaseDep, audit: AuditDep
) -> CameraOut:
    """Adds a camera; ingest connects to it within seconds."""
    values = body.model_dump()
    password = values.pop("password")
    values["password_enc"] = running.encrypt(password)
    with database.transaction() as cursor:
        camera_id = camera_store.insert(cursor, values)
        detail = body.model_dump(mode="json", exclude={"password"})
        audit("create_camera", f"camera:{camera_id}", detail, cursor)
    return camera_view.camera_out(camera_store.camera(database, camera_id), admin)


@router.patch("/cameras/{camera_id}")
def change_camera(
    camera_id: int,
    body: CameraPatch,
    admin: Admin,
    running: RuntimeDep,
    database: DatabaseDep,
    audit: AuditDep,
) -> CameraOut:
    """Changes a camera. A field that is null is cleared where the field may be empty, else left alone."""
    must_see(admin, camera_id)
    changes = given(body, _MAY_BE_EMPTY)
    changes.pop("password", None)
    with database.transaction() as cursor:
        version = camera_store.lock_version(cursor, camera_id)
        row = camera_store.camera(database, camera_id)
        if version != body.expected_version:
            raise StaleVersion(
                f"camera {row.code} was changed by somebody else "
                f"(version {version}, you had {body.expected_version})",
                camera_view.camera_out(row, admin).model_dump(mode="json"),
                changes,
            )
        values = {name: getattr(row, name) for name in _CHANGEABLE} | changes | {"id": row.id}
        values["set_password"] = "password" in body.model_fields_set
        values["password_enc"] = running.encrypt(body.password)
        camera_store.update(cursor, values)
        detail = changes | ({"password": "changed"} if values["set_password"] else {})
        audit("change_camera", f"camera:{camera_id}", detail, cursor)
    return camera_view.camera_out(camera_store.camera(database, camera_id), admin)


_MAY_BE_EMPTY = {
    "name_en",
    "username",
    "height_m",
    "yaw_deg",
    "pitch_deg",
    "hfov_deg",
    "sub_url",
    "onvif_url",
    "onvif_profile",
    "ptz_home",
}
_CHANGEABLE = (
    "name",
    "name_en",
    "url",
    "username",
    "lon",
    "lat",
    "height_m",
    "yaw_deg",
    "pitch_deg",
    "roll_deg",
    "hfov_deg",
    "enabled",
    "recorded",
    "analysed",
    "published",
    "retention_days",
    "sub_url",
    "record_stream",
    "analyse_stream",
    "publish_stream",
    "audio",
    "onvif_url",
    "onvif_profile",
    "ptz",
    "ptz_home",
    "ptz_home_after_s",
)


@router.post("/cameras/test")
async def test_camera(
    body: CameraTestIn, admin: Admin, running: RuntimeDep, audit: AuditDep
) -> CameraTestOut:
    """Tries an address step by step and says which step failed."""
    return await running.ingest.test(body)
