"""``wanglou camera add|list|test``; those by ONVIF stand in ``web/cli/onvif.py``."""

from __future__ import annotations

import argparse
import getpass
import os
from typing import Any

from pydantic import ValidationError

from gis.errors import InvalidInput
from ingest import secret
from ingest.probe import test_camera
from web import audit_store, camera_store, cli_store
from web.cli import onvif, poses
from web.cli.connection import open_database
from web.cli.output import print_json, table
from web.environment import read_environment
from web.schemas.cameras import CameraIn

PASSWORD_VARIABLE = "WANGLOU_CAMERA_PASSWORD"


def add(verbs: Any) -> None:
    parser = verbs.add_parser("camera", help="cameras: add one, list them, test an address")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = actions.add_parser(
        "add", help=f"add a camera; its password is asked for, or taken from {PASSWORD_VARIABLE}"
    )
    new.add_argument("code", help="short code, safe in paths: A-Z a-z 0-9 _ -")
    new.add_argument("url", nargs="?", help="rtsp://host:port/path, without user and password")
    new.add_argument(
        "--onvif",
        metavar="URL",
        help="take the addresses of the main and sub stream from this ONVIF device",
    )
    new.add_argument("--name", required=True)
    new.add_argument("--name-en")
    new.add_argument("--user", help="user name on the camera")
    new.add_argument(
        "--at", required=True, metavar="LON,LAT", help="WGS-84 degrees, longitude first"
    )
    new.add_argument("--height", type=float, metavar="M", help="lens above the ground")
    new.add_argument(
        "--yaw", type=float, metavar="DEG", help="view direction, clockwise from north"
    )
    new.add_argument("--pitch", type=float, metavar="DEG", help="negative looks down")
    new.add_argument("--hfov", type=float, metavar="DEG", help="full horizontal angle of view")
    new.add_argument("--publish", action="store_true", help="show it on the public portal")
    new.add_argument("--no-record", action="store_true")
    new.add_argument("--no-analyse", action="store_true")
    new.add_argument("--retention-days", type=int, default=30)
    new.add_argument("--sub-url", help="a second, smaller stream of the camera")
    for role, what in (("record", "recorded"), ("analyse", "analysed"), ("publish", "published")):
        new.add_argument(
            f"--{role}-stream",
            choices=("main", "sub"),
            default="main",
            help=f"which stream is {what} (default: main)",
        )
    new.add_argument("--no-audio", action="store_true", help="leave the camera's sound unrecorded")
    new.add_argument("--json", action="store_true")
    new.set_defaults(run=_add)
    listing = actions.add_parser("list", help="all cameras with their states")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=_list)
    test = actions.add_parser(
        "test", help="try a camera step by step: resolve, connect, log in, first picture"
    )
    test.add_argument("camera", help="the code of a known camera, or an rtsp:// address")
    test.add_argument("--user", help="user name, with an address")
    test.add_argument("--json", action="store_true")
    test.set_defaults(run=_test)
    onvif.add(actions)
    poses.add(actions)


def ask_camera_password(user: str | None) -> str | None:
    """The camera's password from the environment or the terminal; None without a user name."""
    if user is None:
        return None
    return os.environ.get(PASSWORD_VARIABLE) or getpass.getpass(
        f"password of {user} on the camera: "
    )


def parse_place(text: str) -> tuple[float, float]:
    """``LON,LAT`` in degrees. Raises :class:`InvalidInput`."""
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise InvalidInput(f"place {text!r} is not LON,LAT, such as 120.98,31.38", "at") from None
    return lon, lat


def camera_from(values: dict[str, Any]) -> CameraIn:
    """A checked camera. Raises :class:`InvalidInput` that names the first field that does not fit."""
    try:
        return CameraIn(**values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{field} = {first['input']!r}: {first['msg']}", field) from error


def insert_camera(cursor: Any, body: CameraIn, key: bytes) -> int:
    """Writes a camera with its password encrypted; returns its id."""
    values = body.model_dump()
    password = values.pop("password")
    values["password_enc"] = secret.encrypt(key, password) if password else None
    camera_id: int = camera_store.insert(cursor, values)
    detail = body.model_dump(mode="json", exclude={"password"})
    audit_store.add(cursor, "command line", "create_camera", f"camera:{camera_id}", detail, "")
    return camera_id


def _add(options: argparse.Namespace) -> int:
    lon, lat = parse_place(options.at)
    if (options.url is None) == (options.onvif is None):
        raise InvalidInput("give the camera's rtsp:// address, or --onvif and its device's", "url")
    password = ask_camera_password(options.user)
    told = (
        {"url": options.url}
        if options.onvif is None
        else onvif.addresses(options.onvif, options.user, password)
    )
    if options.sub_url is not None:
        told["sub_url"] = options.sub_url
    body = camera_from(
        told
        | {
            "code": options.code,
            "name": options.name,
            "name_en": options.name_en,
            "username": options.user,
            "password": password,
            "lon": lon,
            "lat": lat,
            "height_m": options.height,
            "yaw_deg": options.yaw,
            "pitch_deg": options.pitch,
            "hfov_deg": options.hfov,
            "recorded": not options.no_record,
            "analysed": not options.no_analyse,
            "published": options.publish,
            "retention_days": options.retention_days,
            "record_stream": options.record_stream,
            "analyse_stream": options.analyse_stream,
            "publish_stream": options.publish_stream,
            "audio": not options.no_audio,
        }
    )
    environment = read_environment()
    with open_database(environment) as database, database.transaction() as cursor:
        camera_id = insert_camera(cursor, body, environment.camera_key())
    if options.json:
        print_json({"id": camera_id, "code": body.code})
    else:
        print(f"camera {body.code} is number {camera_id}; its state: wanglou camera list")
    return 0


def _list(options: argparse.Namespace) -> int:
    with open_database() as database:
        rows = camera_store.cameras(database)
    if options.json:
        print_json(
            [
                {
                    "id": r.id,
                    "code": r.code,
                    "name": r.name,
                    "state": r.state,
                    "reason": r.reason,
                    "fps": r.fps,
                    "recording": r.recording,
                    "published": r.published,
                    "lon": r.lon,
                    "lat": r.lat,
                }
                for r in rows
            ]
        )
    else:
        print(
            table(
                [
                    (r.id, r.code, r.name, r.state, "yes" if r.recording else "no", r.reason)
                    for r in rows
                ],
                ("id", "code", "name", "state", "recording", "reason"),
            )
        )
    return 0


def _test(options: argparse.Namespace) -> int:
    if options.camera.startswith(("rtsp://", "rtsps://")):
        url, user, password = options.camera, options.user, ask_camera_password(options.user)
    else:
        environment = read_environment()
        with open_database(environment) as database:
            row = cli_store.camera_by_code(database, options.camera)
        url, user, password = row.url, row.username, None
        if row.password_enc is not None:
            password = secret.decrypt(environment.camera_key(), bytes(row.password_enc))
    result = test_camera(url, user, password)
    facts = {
        name: getattr(result, name)
        for name in (
            "ok",
            "step",
            "message",
            "codec",
            "width_px",
            "height_px",
            "fps",
            "first_picture_s",
        )
    }
    if options.json:
        print_json(facts)
    else:
        print("\n".join(f"{key}: {value}" for key, value in facts.items() if value is not None))
    return 0 if result.ok else 1
