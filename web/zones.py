"""Zones as the API lists and changes them."""

from __future__ import annotations

from dataclasses import asdict

from analytics import store
from analytics.model import Zone
from gis.db import Database
from web.deps import Audit, must_see
from web.model import CurrentUser
from web.schemas import ZoneIn, ZoneOut, ZonePatch


def listed(database: Database, user: CurrentUser, camera_id: int | None) -> list[ZoneOut]:
    """Zones of one camera, or of all that ``user`` may see. Raises :class:`NotFound` for a camera out of
    the user's sight."""
    if camera_id is not None:
        must_see(user, camera_id)
        return [_out(zone) for zone in store.zones(database, [camera_id])]
    ids = None if user.camera_ids is None else sorted(user.camera_ids)
    return [_out(zone) for zone in store.zones(database, ids)]


def create(database: Database, user: CurrentUser, body: ZoneIn, audit: Audit) -> ZoneOut:
    """Adds a zone."""
    must_see(user, body.camera_id)
    values = body.model_dump() | {"points": tuple(body.points), "classes": tuple(body.classes)}
    made = store.add_zone(database, store.ZoneDraft(**values))
    audit("create_zone", f"zone:{made.id}", body.model_dump(mode="json"))
    return _out(made)


def change(
    database: Database, user: CurrentUser, zone_id: int, body: ZonePatch, audit: Audit
) -> ZoneOut:
    """Changes a zone; what is absent or null stays as it is."""
    must_see(user, store.zone(database, zone_id).camera_id)
    given = body.model_dump(exclude={"expected_version"})
    for name in ("points", "classes"):
        given[name] = None if given[name] is None else tuple(given[name])
    changed = store.change_zone(database, zone_id, body.expected_version, store.ZoneChange(**given))
    detail = body.model_dump(mode="json", exclude_none=True, exclude={"expected_version"})
    audit("change_zone", f"zone:{zone_id}", detail)
    return _out(changed)


def delete(
    database: Database, user: CurrentUser, zone_id: int, expected_version: int, audit: Audit
) -> None:
    """Removes a zone."""
    zone = store.zone(database, zone_id)
    must_see(user, zone.camera_id)
    store.delete_zone(database, zone_id, expected_version)
    audit("delete_zone", f"zone:{zone_id}", {"camera_id": zone.camera_id, "name": zone.name})


def _out(zone: Zone) -> ZoneOut:
    return ZoneOut.model_validate(asdict(zone))
