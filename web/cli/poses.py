"""``wanglou camera pose``: fits where a camera looks to control points in a CSV file."""

from __future__ import annotations

import argparse
import csv
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from gis.calibrate import VALUES, Calibration, ControlPoint, Value
from gis.errors import InvalidInput
from gis.model import LonLat
from web import audit_store, cli_store, poses
from web.cli.connection import open_database
from web.cli.output import print_json, table
from web.poses import Posed

_DEFAULT = "yaw,pitch,roll,hfov"


def add(actions: Any) -> None:
    """The verb under ``wanglou camera``."""
    posing = actions.add_parser(
        "pose", help="fit where a camera looks to control points in its picture and on the map"
    )
    posing.add_argument("code")
    posing.add_argument(
        "--points",
        required=True,
        type=Path,
        metavar="FILE.csv",
        help="columns x, y (0 to 1 of the picture, or pixels), lon, lat and, where not on the ground, up in metres",
    )
    posing.add_argument(
        "--solve",
        default=_DEFAULT,
        metavar="VALUES",
        help=f"what to fit, of {','.join(VALUES)} (default: {_DEFAULT})",
    )
    posing.add_argument("--preset", metavar="TOKEN", help="for this preset of a camera that turns")
    posing.add_argument("--save", action="store_true", help="keep the pose and its points")
    posing.add_argument("--json", action="store_true")
    posing.set_defaults(run=_pose)


def _pose(options: argparse.Namespace) -> int:
    values = cast(list[Value], [part.strip() for part in options.solve.split(",") if part.strip()])
    with open_database() as database:
        (camera_id,) = cli_store.camera_ids(database, [options.code])
        camera = poses.read(database, camera_id, options.preset)
        points = read_points(options.points, camera)
        found = poses.try_fit(camera, points, values, camera.guess)
        saved = False
        if options.save:
            with database.transaction() as cursor:
                poses.lock(cursor, camera)
                poses.save_fit(cursor, camera, points, found)
                detail = poses.summary(camera, values, found)
                audit_store.add(
                    cursor, "command line", "calibrate_camera", f"camera:{camera_id}", detail, ""
                )
            saved = True
    if options.json:
        print_json(_facts(found) | {"saved": saved})
    else:
        _print(found, saved)
    return 0 if found.pose is not None else 1


def read_points(path: Path, camera: Posed) -> list[ControlPoint]:
    """The points of a CSV file. Raises :class:`InvalidInput` that names the line."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{path} cannot be read: {error}", "points") from error
    if not rows or not {"x", "y", "lon", "lat"} <= set(rows[0]):
        raise InvalidInput(
            f"{path}: the first line names the columns x, y, lon, lat and perhaps up; a line for each point follows",
            "points",
        )
    numbers = []
    for i, row in enumerate(rows, 2):
        try:
            x, y, lon, lat = (float(row[name]) for name in ("x", "y", "lon", "lat"))
            up_m = float(row.get("up") or 0.0)
            numbers.append((x, y, LonLat(lon, lat), up_m))
        except (TypeError, ValueError, InvalidInput) as error:
            raise InvalidInput(f"{path}, line {i}: {error}", "points") from error
    pixels = any(x > 1.0 or y > 1.0 for x, y, _, _ in numbers)
    width, height = (camera.width_px, camera.height_px) if pixels else (1, 1)
    return [
        ControlPoint(n, x / width, y / height, place, up_m)
        for n, (x, y, place, up_m) in enumerate(numbers, 1)
    ]


def _facts(found: Calibration) -> dict[str, Any]:
    facts = asdict(found)
    facts["sigmas"] = dict(found.sigmas)
    facts["problems"] = [
        {"code": p.code, "points": p.points, "fatal": p.fatal, "text": p.en} for p in found.problems
    ]
    return facts


def _print(found: Calibration, saved: bool) -> None:
    for problem in found.problems:
        print(("error: " if problem.fatal else "note: ") + problem.en)
    if found.residuals:
        rows = [
            (r.number, f"{r.px:.1f}", _m(r.m), _m(r.held_m), "left out" if r.wrong else "")
            for r in found.residuals
        ]
        print(table(rows, ("point", "px", "m", "m without it", "")))
    if found.pose is None:
        return
    pose, sigmas = found.pose, dict(found.sigmas)
    for name, value, field in (
        ("height", pose.height_m, "height"),
        ("yaw", pose.yaw_deg, "yaw"),
        ("pitch", pose.pitch_deg, "pitch"),
        ("roll", pose.roll_deg, "roll"),
        ("field of view", pose.hfov_deg, "hfov"),
        ("k1", pose.k1, "k1"),
        ("k2", pose.k2, "k2"),
    ):
        sure = f" ± {sigmas[field]:.3g}" if field in sigmas else " (kept)"
        print(f"{name}: {value:.4g}{sure}")
    print(f"place: {pose.place.lon:.7f}, {pose.place.lat:.7f}")
    if found.held_out_m is not None:
        print(f"error at a point held out: {found.held_out_m:.2f} m (median)")
    print("saved" if saved else "not saved: --save keeps it")


def _m(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
