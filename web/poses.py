"""Where a camera looks: its control points, a fit tried on them, and the fit saved."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gis import calibrate
from gis.calibrate import Calibration, ControlPoint, Guess, Value
from gis.db import Database, load_queries
from gis.errors import InvalidInput, NotFound
from gis.model import LonLat, Pose
from gis.pose import pose_of
from gis.said import say
from web import camera_store
from web.camera_view import DEFAULT_SIZE_PX

_SQL = load_queries(Path(__file__).parent / "sql")


@dataclass(frozen=True, slots=True)
class Posed:
    """A camera as it stands at ``preset`` (None: by its own pose, at home where it turns)."""

    id: int
    code: str
    version: int
    preset: str | None
    place: LonLat
    height_m: float | None
    pose: Pose | None
    guess: Guess
    width_px: int
    height_px: int


def read(database: Database, camera_id: int, preset: str | None) -> Posed:
    """A camera and its pose. Raises :class:`NotFound`; :class:`InvalidInput` for a preset of one that does not turn."""
    row = database.row(_SQL["pose_row"], {"id": camera_id, "preset": preset})
    if row is None:
        raise NotFound(say("no_camera", "there is no camera {id}", id=camera_id))
    if preset is not None and not row.ptz:
        raise InvalidInput(
            f"camera {row.code} does not turn: it has no preset {preset!r}", "preset"
        )
    preset = None if preset == row.ptz_home else preset
    columns, prefix = row._asdict(), "" if preset is None else "preset_"
    place = LonLat(row.lon, row.lat)

    def known(name: str, otherwise: Any = None) -> Any:
        value = columns[prefix + name]
        return otherwise if value is None else value

    guess = Guess(
        place,
        row.height_m,
        known("yaw_deg"),
        known("pitch_deg"),
        known("hfov_deg"),
        known("roll_deg", 0.0),
        known("pose_k1", row.pose_k1),  # another preset is the same lens
        known("pose_k2", row.pose_k2),
        row.pose_sigma_deg,
    )
    return Posed(
        row.id,
        row.code,
        row.version,
        preset,
        place,
        row.height_m,
        pose_of(columns, prefix),
        guess,
        row.width_px or DEFAULT_SIZE_PX[0],
        row.height_px or DEFAULT_SIZE_PX[1],
    )


def control_points(database: Database, camera: Posed) -> list[ControlPoint]:
    """The points kept for it, by number."""
    rows = database.rows(_SQL["control_points"], {"id": camera.id, "preset": camera.preset or ""})
    return [ControlPoint(r.number, r.x, r.y, LonLat(r.lon, r.lat), r.up_m) for r in rows]


def guessed(camera: Posed, given: Mapping[str, Any]) -> Guess:
    """What is known of a camera with what was ``given`` instead; its keys are a pose's columns."""
    place = LonLat(
        camera.place.lon if given.get("lon") is None else given["lon"],
        camera.place.lat if given.get("lat") is None else given["lat"],
    )
    fields = ("height_m", "yaw_deg", "pitch_deg", "roll_deg", "hfov_deg", "k1", "k2")
    changed = {name: given[name] for name in fields if given.get(name) is not None}
    return replace(camera.guess, place=place, **changed)


def try_fit(
    camera: Posed, points: Sequence[ControlPoint], values: Collection[Value], guess: Guess
) -> Calibration:
    """A fit of ``values``. Raises :class:`InvalidInput` where a preset alone would move the whole camera."""
    if camera.preset is not None and {"position", "height"} & set(values):
        raise InvalidInput(
            f"position and height belong to camera {camera.code} as a whole: fit them at its home, and the directions "
            f"at preset {camera.preset!r}",
            "solve",
        )
    return calibrate.fit(points, guess, values, camera.width_px, camera.height_px)


def save_points(cursor: Any, camera: Posed, points: Sequence[ControlPoint]) -> None:
    """Replaces the points kept. Raises :class:`InvalidInput` for one outside the picture or numbered twice."""
    where = {"id": camera.id, "preset": camera.preset or ""}
    cursor.execute(_SQL["control_points_clear"], where)
    seen: set[int] = set()
    for i, p in enumerate(points):
        if not (0 <= p.x <= 1 and 0 <= p.y <= 1):
            raise InvalidInput(
                f"point {p.number} at ({p.x:g}, {p.y:g}) lies outside the picture: both must be in 0..1",
                f"points.{i}.x",
            )
        if p.number in seen:
            raise InvalidInput(
                f"there are two points {p.number}: number each once", f"points.{i}.number"
            )
        seen.add(p.number)
        values = {"number": p.number, "x": p.x, "y": p.y, "up_m": p.up_m}
        cursor.execute(
            _SQL["control_point_add"], where | values | {"lon": p.place.lon, "lat": p.place.lat}
        )
    cursor.execute(_SQL["camera_touch"], {"id": camera.id})


def save_fit(
    cursor: Any, camera: Posed, points: Sequence[ControlPoint], fitted: Calibration
) -> Pose:
    """Writes a fitted pose and its points. Raises :class:`InvalidInput` where there is no pose to be used."""
    pose = fitted.pose
    if pose is None:
        fatal = next(problem for problem in fitted.problems if problem.fatal)
        raise InvalidInput(fatal.en, "points")
    save_points(cursor, camera, points)
    values = {
        "id": camera.id,
        "preset": camera.preset,
        "lon": pose.place.lon,
        "lat": pose.place.lat,
        "height_m": pose.height_m,
        "yaw_deg": pose.yaw_deg,
        "pitch_deg": pose.pitch_deg,
        "roll_deg": pose.roll_deg,
        "hfov_deg": pose.hfov_deg,
        "k1": pose.k1,
        "k2": pose.k2,
        "covariance": None if pose.covariance is None else list(pose.covariance),
    }
    cursor.execute(_SQL["pose_write" if camera.preset is None else "preset_pose_write"], values)
    return pose


def forget_preset(database: Database, camera_id: int, preset: str) -> None:
    """A preset was moved or removed: what was fitted there holds no more."""
    where = {"id": camera_id, "preset": preset}
    with database.transaction() as cursor:
        cursor.execute(_SQL["preset_pose_forget"], where)
        if cursor.rowcount:
            cursor.execute(_SQL["control_points_clear"], where)
            cursor.execute(_SQL["camera_touch"], {"id": camera_id})


def summary(camera: Posed, values: Collection[Value], fitted: Calibration) -> dict[str, Any]:
    """What the audit log keeps of a saved fit."""
    used = [r.number for r in fitted.residuals if not r.wrong]
    held_m = fitted.held_out_m
    return {
        "preset": camera.preset,
        "solve": sorted(values),
        "points": len(used),
        "left_out": [r.number for r in fitted.residuals if r.wrong],
        "held_out_m": None if held_m is None or math.isnan(held_m) else round(held_m, 2),
    }


def lock(cursor: Any, camera: Posed) -> int:
    """The camera's version, locked until the transaction ends."""
    return camera_store.lock_version(cursor, camera.id)
