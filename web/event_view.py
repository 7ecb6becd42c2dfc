"""Events as the API gives them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from gis.db import Database
from web.model import CurrentUser
from web.schemas import EventOut, EventPage


def page(
    database: Database,
    user: CurrentUser,
    camera_ids: Sequence[int] | None,
    start: datetime | None,
    end: datetime | None,
    rule: str | None,
    kind: str | None,
    polygon: str | None,
    limit: int,
    before: datetime | None,
) -> EventPage:
    """A page of events, newest first."""
    raise NotImplementedError


def one(database: Database, user: CurrentUser, event_id: int) -> EventOut:
    """One event."""
    raise NotImplementedError


def snapshot(database: Database, user: CurrentUser, event_id: int, folder: Path) -> Path:
    """The file of an event's picture."""
    raise NotImplementedError
