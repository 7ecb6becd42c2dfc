"""The cameras as the database says, or as it last said while it is away: recording starts without it."""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path
from typing import Any

from gis.db import Database
from gis.errors import DatabaseAway
from ingest import store
from ingest.model import Camera

log = logging.getLogger(__name__)


class CameraBook:
    """Reads cameras and keeps a copy of their rows in ``copy``; passwords stay encrypted there."""

    def __init__(self, database: Database, key: bytes, copy: Path) -> None:
        self._database = database
        self._key = key
        self._copy = copy
        self._kept: str | None = None

    def load(self) -> list[Camera]:
        """Every camera; at the start, while the database is away, from the copy (none where there is no copy).

        Raises :class:`DatabaseAway` when the database is away and cameras were loaded before.
        """
        try:
            rows = store.camera_rows(self._database)
        except DatabaseAway as error:
            if self._kept is not None:
                raise
            rows = self._read_copy(error)
            self._kept = ""
        else:
            self._keep(rows)
        return [store.camera_from_row(row, self._key) for row in rows]

    def _keep(self, rows: list[dict[str, Any]]) -> None:
        text = json.dumps(
            [
                {
                    **row,
                    "password_enc": base64.b64encode(bytes(row["password_enc"])).decode()
                    if row["password_enc"] is not None
                    else None,
                }
                for row in rows
            ]
        )
        if text == self._kept:
            return
        try:
            self._copy.parent.mkdir(parents=True, exist_ok=True)
            beside = self._copy.with_suffix(".new")
            beside.touch(mode=0o600)
            beside.write_text(text, encoding="utf-8")
            beside.replace(self._copy)
            self._kept = text
        except OSError as error:
            log.warning("camera-copy-not-written path=%s reason=%s", self._copy, error)

    def _read_copy(self, away: DatabaseAway) -> list[dict[str, Any]]:
        try:
            rows: list[dict[str, Any]] = json.loads(self._copy.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            log.warning("cameras-unknown reason=%s", away)
            return []
        for row in rows:
            if row["password_enc"] is not None:
                row["password_enc"] = base64.b64decode(row["password_enc"])
        log.warning("cameras-from-copy count=%d reason=%s", len(rows), away)
        return rows
