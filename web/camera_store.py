"""Rows of cameras as the console shows and changes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg2

from gis.db import Database, load_queries
from gis.errors import InvalidInput, NotFound
from gis.said import say

_SQL = load_queries(Path(__file__).parent / "sql")


def cameras(database: Database, ids: Sequence[int] | None = None) -> list[Any]:
    """Cameras with their states, by code; all, or those of ``ids``."""
    return database.rows(_SQL["camera_list"], {"ids": list(ids) if ids is not None else None})


def camera(database: Database, camera_id: int) -> Any:
    """One camera. Raises :class:`NotFound`."""
    rows = cameras(database, [camera_id])
    if not rows:
        raise NotFound(say("no_camera", "there is no camera {id}", id=camera_id))
    return rows[0]


def lock_version(cursor: Any, camera_id: int) -> int:
    """The camera's version, locked. Raises :class:`NotFound`."""
    cursor.execute(_SQL["camera_lock"], {"id": camera_id})
    row = cursor.fetchone()
    if row is None:
        raise NotFound(say("no_camera", "there is no camera {id}", id=camera_id))
    version: int = row.version
    return version


def insert(cursor: Any, values: dict[str, Any]) -> int:
    """Writes a new camera and returns its id.

    Raises :class:`InvalidInput` for a taken code, and for values that do not go together.
    """
    _check_together(values)
    try:
        cursor.execute(_SQL["camera_insert"], values)
    except psycopg2.errors.UniqueViolation:
        raise InvalidInput(
            say(
                "code_taken",
                "the code '{code}' is taken by another camera: choose another",
                code=values["code"],
            ),
            "code",
        ) from None
    camera_id: int = cursor.fetchone().id
    return camera_id


def update(cursor: Any, values: dict[str, Any]) -> None:
    """Writes a camera's changes. Raises :class:`InvalidInput` for values that do not go together."""
    _check_together(values)
    cursor.execute(_SQL["camera_update"], values)


_STREAM_OF_ROLE = ("record_stream", "analyse_stream", "publish_stream")


def _check_together(values: dict[str, Any]) -> None:
    """What the table's constraints ask of several columns at once, with the field to change in the message."""
    if values["sub_url"] is None:
        for field in _STREAM_OF_ROLE:
            if values[field] == "sub":
                raise InvalidInput(
                    say(
                        "no_sub_stream",
                        "{field} is 'sub', but the camera has no second stream: give sub_url, or set {field} to 'main'",
                        field=field,
                    ),
                    field,
                )
    if values["ptz"] and values["onvif_url"] is None:
        raise InvalidInput(
            say(
                "ptz_needs_address",
                "ptz is on, but the camera has no onvif_url to turn it by: give the address of its device service, such as http://192.0.2.7/onvif/device_service",
            ),
            "ptz",
        )
