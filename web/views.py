"""Writes down who looked at which camera, once per viewer, camera and sitting, not once per picture."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from gis.clock import Clock
from gis.db import Database
from web import audit_store
from web.model import Session

AGAIN_AFTER_S = 600.0
AHEAD = timedelta(seconds=AGAIN_AFTER_S)
_KEPT = 20000


class ViewLog:
    """Audits viewings. The entry is written before the picture is given out."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._last: OrderedDict[tuple[bytes, int, str], float] = OrderedDict()
        self._stretches: dict[tuple[bytes, int, str], tuple[datetime, datetime]] = {}
        self._lock = threading.Lock()

    def live(
        self, session: Session, camera_id: int, address: str, detail: Mapping[str, Any]
    ) -> None:
        """A live picture: an entry when this login has not looked at this camera for ten minutes."""
        self._once(session, camera_id, "view_live", address, detail)

    def footage(
        self, session: Session, camera_id: int, address: str, detail: Mapping[str, Any]
    ) -> None:
        """A still or a file out of a recording: an entry unless a playlist or a still was asked for lately."""
        self._once(session, camera_id, "view_recording", address, detail)

    def playlist(
        self, session: Session, camera_id: int, address: str, detail: Mapping[str, Any]
    ) -> None:
        """A stretch of a recording: always an entry."""
        self._write(session, camera_id, "view_recording", address, detail)
        with self._lock:
            self._note((session.token_hash, camera_id, "view_recording"))

    def stretch(
        self, session: Session, camera_id: int, address: str, from_at: datetime, to_at: datetime
    ) -> None:
        """A stretch that a player reads piece by piece: an entry unless one of this sitting covers it already, the next
        few minutes included, so that what goes on does not fill the log, and a jump to another time is in it."""
        key = (session.token_hash, camera_id, "view_recording")
        with self._lock:
            told = self._stretches.get(key)
            last = self._last.get(key)
            if told is not None and last is not None:
                recent = self._clock.monotonic_s() - last < AGAIN_AFTER_S
                if recent and told[0] <= from_at and to_at <= told[1] + AHEAD:
                    return
        detail = {"from": from_at.isoformat(), "to": to_at.isoformat()}
        self._write(session, camera_id, "view_recording", address, detail)
        with self._lock:
            self._note(key)
            self._stretches[key] = (from_at, to_at)

    def _once(
        self, session: Session, camera_id: int, action: str, address: str, detail: Mapping[str, Any]
    ) -> None:
        key = (session.token_hash, camera_id, action)
        with self._lock:
            last = self._last.get(key)
            if last is not None and self._clock.monotonic_s() - last < AGAIN_AFTER_S:
                return
        self._write(session, camera_id, action, address, detail)
        with self._lock:
            self._note(key)

    def _note(self, key: tuple[bytes, int, str]) -> None:
        self._last[key] = self._clock.monotonic_s()
        self._last.move_to_end(key)
        while len(self._last) > _KEPT:
            gone, _ = self._last.popitem(last=False)
            self._stretches.pop(gone, None)

    def _write(
        self, session: Session, camera_id: int, action: str, address: str, detail: Mapping[str, Any]
    ) -> None:
        with self._database.transaction() as cursor:
            audit_store.add(
                cursor, session.user.name, action, f"camera:{camera_id}", detail, address
            )
