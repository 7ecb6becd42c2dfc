"""Which cameras see a spot, best first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from command import store
from command.model import SeeingCamera
from gis.db import Database
from gis.errors import InvalidInput
from gis.ground import GroundCamera, LocalFrame
from gis.model import LonLat, Pose
from gis.pose import pose_of

MIN_PX_PER_M = 8.0
"""A grown person is 14 pixels tall then: enough to see that somebody is there."""
UNKNOWN_POSE_M = 60.0
"""A camera of unknown pose may see what is this near, and nobody can say more."""
REACH_M = 1000.0
_DEFAULT_PX = (1920, 1080)


@dataclass(frozen=True, slots=True)
class Sight:
    """A camera and how it looks at the world; ``pose`` is None where it is not known."""

    camera_id: int
    code: str
    place: LonLat
    pose: Pose | None
    width_px: int
    height_px: int


def rank(sights: Sequence[Sight], spot: LonLat) -> list[SeeingCamera]:
    """The cameras that see ``spot`` on flat ground, those of known pose first, the largest picture of it first.

    Without a pose the scale is what a 90° lens pointed at the spot would give. Buildings in between are not known.
    """
    known: list[SeeingCamera] = []
    guessed: list[SeeingCamera] = []
    for sight in sights:
        east, north = LocalFrame(sight.place).to_enu(spot.lon, spot.lat)
        distance_m = math.hypot(east, north)
        if distance_m > REACH_M:
            continue
        camera = _ground_camera(sight)
        if camera is None:
            if distance_m <= UNKNOWN_POSE_M:
                scale = sight.width_px / 2 / max(distance_m, 1.0)
                guessed.append(SeeingCamera(sight.camera_id, sight.code, distance_m, scale))
            continue
        px_per_m = camera.px_per_m(spot)
        if px_per_m is not None and px_per_m >= MIN_PX_PER_M:
            known.append(SeeingCamera(sight.camera_id, sight.code, distance_m, px_per_m))
    return sorted(known, key=_largest) + sorted(guessed, key=_largest)


def _largest(camera: SeeingCamera) -> tuple[float, int]:
    return -camera.px_per_m, camera.camera_id


def _ground_camera(sight: Sight) -> GroundCamera | None:
    if sight.pose is None:
        return None
    try:
        return GroundCamera(sight.pose, sight.width_px, sight.height_px)
    except InvalidInput:
        return None  # a pose that makes no camera says as little as none


def cameras_seeing(
    database: Database, spot: LonLat, camera_ids: Sequence[int] | None = None
) -> list[SeeingCamera]:
    """The cameras that see ``spot``, best first; ``camera_ids`` are those the asker may look at, None all."""
    frame = LocalFrame(spot)
    reach_deg = REACH_M / min(frame.m_per_deg_lon, frame.m_per_deg_lat)
    with database.transaction() as cursor:
        rows = store.sights(cursor, spot, reach_deg, camera_ids)
    sights = []
    for row in rows:
        sights.append(
            Sight(
                row.id,
                row.code,
                LonLat(row.lon, row.lat),
                pose_of(row._asdict()),
                row.width_px or _DEFAULT_PX[0],
                row.height_px or _DEFAULT_PX[1],
            )
        )
    return rank(sights, spot)
