"""Zones as the API lists and changes them."""

from __future__ import annotations

from gis.db import Database
from web.deps import Audit
from web.model import CurrentUser
from web.schemas import ZoneIn, ZoneOut, ZonePatch


def listed(database: Database, user: CurrentUser, camera_id: int | None) -> list[ZoneOut]:
    """Zones of one camera, or of all that ``user`` may see."""
    raise NotImplementedError


def create(database: Database, user: CurrentUser, body: ZoneIn, audit: Audit) -> ZoneOut:
    """Adds a zone."""
    raise NotImplementedError


def change(
    database: Database, user: CurrentUser, zone_id: int, body: ZonePatch, audit: Audit
) -> ZoneOut:
    """Changes a zone."""
    raise NotImplementedError


def delete(
    database: Database, user: CurrentUser, zone_id: int, expected_version: int, audit: Audit
) -> None:
    """Removes a zone."""
    raise NotImplementedError
