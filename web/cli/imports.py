"""``wanglou import osm|pipes|places|cameras``."""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gis.datum import to_wgs84
from gis.errors import InvalidInput
from gis.import_osm import import_osm
from gis.import_pipes import import_pipes
from gis.import_places import import_places
from gis.imports import ImportSummary
from web.cli.cameras import PASSWORD_VARIABLE, camera_from, insert_camera
from web.cli.connection import open_database
from web.cli.output import print_json
from web.environment import read_environment

CAMERA_COLUMNS = (
    "code,name,name_en,url,username,password,lon,lat,datum,height_m,yaw_deg,pitch_deg,hfov_deg,"
    "recorded,analysed,published,retention_days,sub_url,record_stream,analyse_stream,publish_stream,audio,"
    "onvif_url,onvif_profile,ptz,ptz_home,ptz_home_after_s"
)
_NUMBERS = ("height_m", "yaw_deg", "pitch_deg", "hfov_deg", "retention_days", "ptz_home_after_s")
_FLAGS = ("recorded", "analysed", "published", "audio", "ptz")


def add(verbs: Any) -> None:
    parser = verbs.add_parser("import", help="streets, pipes, places and cameras from files")
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    osm = kinds.add_parser(
        "osm", help="streets, buildings, water and places from an .osm.pbf or .osm file"
    )
    pipes = kinds.add_parser("pipes", help="one pipe network from GeoJSON (EPSG:4326)")
    pipes.add_argument("--network", required=True, choices=("water", "gas", "sewer", "power"))
    places = kinds.add_parser(
        "places", help="named places from CSV: name,name_en,kind,lon,lat,datum"
    )
    cameras = kinds.add_parser(
        "cameras", help=f"cameras from CSV with any of the columns {CAMERA_COLUMNS}"
    )
    for verb in (osm, pipes, places):
        verb.add_argument(
            "--source",
            help="name under which the rows are kept; importing it again replaces them (default: the file's name)",
        )
        verb.set_defaults(run=_map)
    cameras.set_defaults(run=_cameras)
    for verb in (osm, pipes, places, cameras):
        verb.add_argument("file", type=Path)
        verb.add_argument("--json", action="store_true")


def _map(options: argparse.Namespace) -> int:
    path: Path = options.file
    if not path.is_file():
        raise InvalidInput(f"there is no file {path}", "file")
    source = options.source or path.name.split(".")[0]
    with open_database() as database:
        if options.kind == "osm":
            summary = import_osm(database, path, source)
        elif options.kind == "pipes":
            summary = import_pipes(database, path, options.network, source)
        else:
            summary = import_places(database, path, source)
    return _report(summary, options.json)


def _report(summary: ImportSummary, as_json: bool) -> int:
    if as_json:
        print_json(
            {
                "source": summary.source,
                "kept": dict(summary.kept),
                "refused": [str(refusal) for refusal in summary.refused],
            }
        )
    else:
        for name, count in summary.kept.items():
            print(f"{count:8d}  {name}")
        for refusal in summary.refused:
            print(f"refused  {refusal}")
    return 0


def _cameras(options: argparse.Namespace) -> int:
    environment = read_environment()
    key = environment.camera_key()
    try:
        with options.file.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise InvalidInput(f"{options.file}: {error.strerror}", "file") from error
    unknown = set(rows[0] if rows else ()) - set(CAMERA_COLUMNS.split(","))
    if unknown:
        raise InvalidInput(
            f"{options.file}: no camera has a column {sorted(unknown)[0]!r}; known are {CAMERA_COLUMNS}",
            "file",
        )
    added, refused = [], []
    with open_database(environment) as database:
        for line, row in enumerate(rows, start=2):
            try:
                body = camera_from(_values(row))
                with database.transaction() as cursor:
                    insert_camera(cursor, body, key)
                added.append(body.code)
            except InvalidInput as error:
                refused.append(f"line {line}: {error}")
    if options.json:
        print_json({"added": added, "refused": refused})
    else:
        print(f"{len(added)} cameras added")
        for text in refused:
            print(f"refused  {text}")
    return 0 if not refused else 1


def _values(row: Mapping[str, str | None]) -> dict[str, Any]:
    """One CSV line as a camera's values; empty cells are left out, the place goes to WGS-84."""
    values: dict[str, Any] = {
        name: text.strip() for name, text in row.items() if text and text.strip()
    }
    datum = values.pop("datum", "wgs84")
    try:
        values["lon"], values["lat"] = to_wgs84(datum, float(values["lon"]), float(values["lat"]))
        for name in _NUMBERS:
            if name in values:
                values[name] = float(values[name])
    except KeyError as error:
        raise InvalidInput(f"{error.args[0]} is missing", str(error.args[0])) from None
    except ValueError as error:
        raise InvalidInput(str(error)) from None
    for name in _FLAGS:
        if name in values:
            values[name] = values[name].lower() in ("1", "true", "yes", "是")
    if values.get("username") and not values.get("password"):
        values["password"] = os.environ.get(PASSWORD_VARIABLE)
    return values
