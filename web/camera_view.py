"""A camera's row as the screens get it: its state, and the ground it sees."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from command.seeing import cameras_seeing
from gis.db import Database
from gis.errors import InvalidInput
from gis.ground import GroundCamera
from gis.model import LonLat, Pose
from gis.pose import pose_of
from web.model import CurrentUser
from web.schemas.cameras import CameraOut, SeeingCameraOut

DEFAULT_SIZE_PX = (1920, 1080)  # until the stream has told its own; only the shape matters here


def camera_out(row: Any, user: CurrentUser) -> CameraOut:
    """The row for ``user``: addresses and the user name are for administrators only."""
    out = CameraOut.model_validate(row._asdict() | {"field_of_view": field_of_view(row)})
    return out if user.has("admin") else _without_addresses(out)


def camera_feed_out(row: Any) -> CameraOut:
    """The row for everybody who sees the camera, with times coarse enough that it does not differ every
    second only because packets came."""
    out = _without_addresses(
        CameraOut.model_validate(row._asdict() | {"field_of_view": field_of_view(row)})
    )
    if out.last_packet_at is not None:
        out.last_packet_at = out.last_packet_at.replace(
            second=out.last_packet_at.second // 10 * 10, microsecond=0
        )
    return out


def _without_addresses(out: CameraOut) -> CameraOut:
    out.url = out.username = out.sub_url = out.onvif_url = out.onvif_profile = None
    return out


def field_of_view(row: Any) -> list[tuple[float, float]] | None:
    """The closed ring of ground the camera sees now, or None where its pose is unknown or shows no ground."""
    pose = pose_of(row._asdict(), "now_")
    if pose is None:
        return None
    width_px, height_px = row.width_px or DEFAULT_SIZE_PX[0], row.height_px or DEFAULT_SIZE_PX[1]
    ring = _ring(pose, width_px, height_px)
    return list(ring) if ring else None


@lru_cache(maxsize=4096)
def _ring(pose: Pose, width_px: int, height_px: int) -> tuple[tuple[float, float], ...]:
    try:
        return tuple(GroundCamera(pose, width_px, height_px).field_of_view())
    except InvalidInput:
        return ()  # an impossible pose draws nothing; the list of cameras must not fail for it


def seeing(database: Database, user: CurrentUser, lon: float, lat: float) -> list[SeeingCameraOut]:
    """The cameras that ``user`` may see and that see a spot, best first."""
    ids = None if user.camera_ids is None else sorted(user.camera_ids)
    return [
        SeeingCameraOut.model_validate(camera)
        for camera in cameras_seeing(database, LonLat(lon, lat), ids)
    ]
