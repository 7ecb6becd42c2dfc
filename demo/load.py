"""Puts the demo city into a database: map, places and pipes by the imports, then what hangs, drives and measures."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo import city_files
from demo.cameras import ONVIF_HOME, ONVIF_PROFILE, RTSP_USERNAME, TURNING, WITH_SUB, sub_code
from demo.city_model import City
from demo.city_zones import on_map
from gis.db import Database, load_queries
from gis.errors import SetupError
from gis.import_osm import import_osm
from gis.import_pipes import import_pipes
from gis.import_places import import_places

SOURCE = "demo"
_SQL = load_queries(Path(__file__).parent / "sql")


def load(
    database: Database,
    city: City,
    rtsp_port: int,
    rtsp_password: str,
    encrypt: Callable[[str], bytes],
    folder: Path | None = None,
    onvif_port: int = 0,
) -> None:
    """Loads the city, unless this database holds the very same one already.

    The import files are written to ``folder`` (a temporary one when None). Cameras get the address
    ``rtsp://127.0.0.1:<rtsp_port>/<code>`` and ``rtsp_password`` passed through ``encrypt``; the one that turns is an
    ONVIF device on ``onvif_port``. What people have
    changed since the first load (published cameras, zones' rules, units' duty) stays.
    """
    map_digest = city_files.digest(city)
    if _known(database, "map") != map_digest:
        if folder is None:
            with tempfile.TemporaryDirectory() as temporary:
                rows = _import(database, city_files.write(city, Path(temporary)))
        else:
            rows = _import(database, city_files.write(city, folder))
        database.run(_SQL["note_load"], {"part": "map", "digest": map_digest, "rows": rows})
    fixtures_digest = _fixtures_digest(city, map_digest, rtsp_port, rtsp_password, onvif_port)
    if _known(database, "fixtures") == fixtures_digest:
        return
    with database.transaction() as cursor:
        _cameras(cursor, city, rtsp_port, encrypt(rtsp_password), onvif_port)
        _vehicles(cursor, city)
        _stations(cursor, city)
        rows = len(city.cameras) + len(city.zones) + len(city.vehicles) + len(city.stations)
        cursor.execute(
            _SQL["note_load"], {"part": "fixtures", "digest": fixtures_digest, "rows": rows}
        )


def _known(database: Database, part: str) -> str | None:
    row = database.row(_SQL["loaded"], {"part": part})
    return None if row is None else str(row.digest)


def _fixtures_digest(
    city: City, map_digest: str, rtsp_port: int, rtsp_password: str, onvif_port: int
) -> str:
    found = hashlib.sha256(map_digest.encode())
    for part in (
        city.cameras,
        city.zones,
        city.vehicles,
        city.stations,
        rtsp_port,
        rtsp_password,
        onvif_port,
        WITH_SUB,
    ):
        found.update(repr(part).encode())
    return found.hexdigest()


def _import(database: Database, files: city_files.CityFiles) -> int:
    """Imports the city's own files; a refused row would be a fault of the city's, so that it ends the load."""
    done = [
        import_osm(database, files.map, SOURCE),
        import_places(database, files.places, SOURCE),
        *(import_pipes(database, path, n, SOURCE) for n, path in files.pipes.items()),
    ]
    refused = [f"{s.kind} {r}" for s in done for r in s.refused]
    if refused:
        raise SetupError(f"the demo city's files hold {len(refused)} bad rows, first {refused[0]}")
    return sum(s.rows_kept for s in done)


def _cameras(cursor: Any, city: City, rtsp_port: int, password_enc: bytes, onvif_port: int) -> None:
    for camera in city.cameras:
        pose = camera.pose
        turns = camera.code == TURNING
        cursor.execute(
            _SQL["add_camera"],
            {
                "code": camera.code,
                "name": camera.name,
                "name_en": camera.name_en,
                "url": f"rtsp://127.0.0.1:{rtsp_port}/{camera.code}",
                "sub_url": f"rtsp://127.0.0.1:{rtsp_port}/{sub_code(camera.code)}"
                if camera.code in WITH_SUB
                else None,
                "username": RTSP_USERNAME,
                "password_enc": password_enc,
                "lon": pose.place.lon,
                "lat": pose.place.lat,
                "height_m": pose.height_m,
                "yaw_deg": pose.yaw_deg,
                "pitch_deg": pose.pitch_deg,
                "roll_deg": pose.roll_deg,
                "hfov_deg": pose.hfov_deg,
                "pose_sigma_deg": pose.sigma_deg,
                "published": camera.published,
                "onvif_url": f"http://127.0.0.1:{onvif_port}/onvif/device_service"
                if turns
                else None,
                "onvif_profile": ONVIF_PROFILE if turns else None,
                "ptz": turns,
                "ptz_home": ONVIF_HOME if turns else None,
            },
        )
    for zone in city.zones:
        facts = {
            "camera": zone.camera,
            "name": zone.name,
            "name_en": zone.name_en,
            "rule": zone.rule,
            "points": [value for point in zone.points for value in point],
            "classes": list(zone.classes),
            "dwell_s": zone.dwell_s,
            "direction": zone.direction,
            "priority": zone.priority,
            "rearm_s": zone.rearm_s,
            "threshold": zone.threshold,
            "arrow": None if zone.arrow is None else [v for point in zone.arrow for v in point],
            "schedule": [minute for each in zone.schedule for minute in each],
            "ground": None if zone.camera else on_map(city.frame, zone.ground),
            "clear": zone.clear,
            "gauge_m": None if zone.gauge_m is None else list(zone.gauge_m),
        }
        if zone.camera is None:
            cursor.execute(_SQL["add_map_zone"], facts)
            continue
        cursor.execute(_SQL["move_zone"], facts)
        cursor.execute(_SQL["add_zone"], facts)


def _vehicles(cursor: Any, city: City) -> None:
    for vehicle in city.vehicles:
        # A terminal is known by its phone number without the zeros that fill the field.
        key = vehicle.phone.lstrip("0")
        cursor.execute(
            _SQL["add_device"],
            {
                "protocol": "jt808",
                "key": key,
                "kind": "vehicle",
                "name": vehicle.name,
                "name_en": vehicle.name_en,
                "datum": vehicle.datum,
                "plate": vehicle.plate,
                "service": vehicle.service,
                "lon": None,
                "lat": None,
            },
        )
        if vehicle.code is not None:
            cursor.execute(
                _SQL["add_unit"],
                {
                    "code": vehicle.code,
                    "name": vehicle.name,
                    "name_en": vehicle.name_en,
                    "service": vehicle.service,
                    "key": key,
                    "station": vehicle.station,
                    "crew": vehicle.crew,
                },
            )


def _stations(cursor: Any, city: City) -> None:
    for station in city.stations:
        at = city.lonlat(station.at)
        which = {"protocol": station.protocol, "key": station.key}
        cursor.execute(
            _SQL["add_device"],
            {
                **which,
                "kind": station.kind,
                "name": station.name,
                "name_en": station.name_en,
                "datum": "wgs84",
                "plate": None,
                "service": None,
                "lon": at.lon,
                "lat": at.lat,
            },
        )
        for threshold in station.thresholds:
            cursor.execute(
                _SQL["add_threshold"],
                {
                    **which,
                    "quantity": threshold.quantity,
                    "rising": threshold.rising,
                    "limit_value": threshold.limit_value,
                    "hysteresis": threshold.hysteresis,
                    "priority": threshold.priority,
                },
            )
