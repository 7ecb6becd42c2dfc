"""Zones as the API lists and changes them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from analytics import count_store, zone_store
from analytics.model import Zone
from analytics.rules.catalogue import CATALOGUE
from gis.db import Database
from gis.errors import InvalidInput
from gis.model import LonLat
from web.changes import given
from web.deps import Audit, must_see
from web.model import CurrentUser
from web.schemas.rules import CrossingCountOut, RuleOut
from web.schemas.zones import ZoneIn, ZoneOut, ZonePatch

_MAY_BE_EMPTY = (
    "name_en", "classes", "dwell_s", "arrow", "threshold", "clear", "gauge_m", "preset",
)  # fmt: skip


def rules() -> list[RuleOut]:
    """What each rule is, in the catalogue's order."""
    return [
        RuleOut.model_validate(
            asdict(facts) | {"every_camera": facts.every_camera, "on_map": facts.on_map}
        )
        for facts in CATALOGUE.values()
    ]


def counts(
    database: Database, user: CurrentUser, zone_id: int, start: datetime, end: datetime
) -> list[CrossingCountOut]:
    """What a line counted. Raises :class:`InvalidInput` for a zone that is no line, :class:`NotFound`."""
    zone = zone_store.zone(database, zone_id)
    _must_see(user, zone.camera_id)
    if zone.rule != "line_crossing":
        raise InvalidInput(f"zone {zone_id} is no line: only lines count", "zone_id")
    found = count_store.counts(database, zone_id, start, end)
    return [CrossingCountOut.model_validate(asdict(each)) for each in found]


def listed(database: Database, user: CurrentUser, camera_id: int | None) -> list[ZoneOut]:
    """Zones of one camera, or of all that ``user`` may see. Raises :class:`NotFound` for a camera out of
    the user's sight."""
    if camera_id is not None:
        must_see(user, camera_id)
        return [out(zone) for zone in zone_store.zones(database, [camera_id])]
    ids = None if user.camera_ids is None else sorted(user.camera_ids)
    return [out(zone) for zone in zone_store.zones(database, ids)]


def create(database: Database, user: CurrentUser, body: ZoneIn, audit: Audit) -> ZoneOut:
    """Adds a zone."""
    _must_see(user, body.camera_id)
    made = zone_store.add(database, draft_of(body))
    audit("create_zone", f"zone:{made.id}", body.model_dump(mode="json"))
    return out(made)


def change(
    database: Database, user: CurrentUser, zone_id: int, body: ZonePatch, audit: Audit
) -> ZoneOut:
    """Changes a zone; a null takes away what a zone may lack, so that its rule's own number holds."""
    _must_see(user, zone_store.zone(database, zone_id).camera_id)
    values = given(body, _MAY_BE_EMPTY)
    tuples = {name: value for name, value in _tuples(body).items() if name in values}
    wanted = zone_store.ZoneChange(**values | tuples)
    changed = zone_store.change(database, zone_id, body.expected_version, wanted)
    audit("change_zone", f"zone:{zone_id}", body.model_dump(mode="json", include=set(values)))
    return out(changed)


def delete(
    database: Database, user: CurrentUser, zone_id: int, expected_version: int, audit: Audit
) -> None:
    """Removes a zone."""
    zone = zone_store.zone(database, zone_id)
    _must_see(user, zone.camera_id)
    zone_store.delete(database, zone_id, expected_version)
    audit("delete_zone", f"zone:{zone_id}", {"camera_id": zone.camera_id, "name": zone.name})


def draft_of(body: ZoneIn) -> zone_store.ZoneDraft:
    """A zone as it came in, before it is stored."""
    return zone_store.ZoneDraft(**(body.model_dump() | _tuples(body)))


def _must_see(user: CurrentUser, camera_id: int | None) -> None:
    """A zone on the map belongs to no camera."""
    if camera_id is not None:
        must_see(user, camera_id)


def _tuples(body: ZoneIn | ZonePatch) -> dict[str, Any]:
    ground = body.ground
    return {
        "points": None if body.points is None else tuple(body.points),
        "classes": None if body.classes is None else tuple(body.classes),
        "schedule": None if body.schedule is None else tuple(body.schedule),
        "ground": None if ground is None else tuple(LonLat(lon, lat) for lon, lat in ground),
    }


def out(zone: Zone) -> ZoneOut:
    """One zone."""
    values = asdict(zone) | {"ground": [(place.lon, place.lat) for place in zone.ground]}
    return ZoneOut.model_validate(values)
