"""Holds as the API and the command line lay, change and release them."""

from __future__ import annotations

from typing import Any

from command import evidence
from gis.clock import Clock
from gis.db import Database
from ingest.record import holds
from ingest.record.holds import Hold, HoldChange, HoldDraft
from web.command_view import hold_out
from web.deps import Audit, must_see
from web.model import CurrentUser
from web.schemas.holds import HoldIn, HoldOut, HoldPatch, HoldReleaseIn


def listed(database: Database, user: CurrentUser, active_only: bool) -> list[HoldOut]:
    """The holds on cameras that ``user`` may see."""
    return [hold_out(hold) for hold in holds.listed(database, active_only, user.camera_ids)]


def lay(database: Database, clock: Clock, user: CurrentUser, body: HoldIn, audit: Audit) -> HoldOut:
    """Lays a hold."""
    must_see(user, body.camera_id)
    draft = HoldDraft(
        body.kind,
        body.camera_id,
        body.from_at,
        body.to_at,
        body.reason,
        body.owner,
        body.expires_at,
    )
    with database.transaction() as cursor:
        made = holds.lay(cursor, clock, draft, user.name)
        audit("hold_footage", f"hold:{made.id}", body.model_dump(mode="json"), cursor)
    return hold_out(made)


def change(
    database: Database, clock: Clock, user: CurrentUser, hold_id: int, body: HoldPatch, audit: Audit
) -> HoldOut:
    """Changes a hold. The expiry of an incident's hold may be set once the incident is closed."""
    wanted = HoldChange(
        body.from_at, body.to_at, body.reason, body.owner, body.expires_at, body.for_good
    )
    with database.transaction() as cursor:
        hold = _locked(cursor, hold_id, user, body.expected_version, body.expires_at is not None)
        changed = holds.change(cursor, clock, hold, wanted, user.has("admin"))
        detail = body.model_dump(mode="json", exclude_none=True, exclude={"expected_version"})
        audit("change_hold", f"hold:{hold_id}", {"camera_id": hold.camera_id, **detail}, cursor)
    return hold_out(changed)


def release(
    database: Database, user: CurrentUser, hold_id: int, body: HoldReleaseIn, audit: Audit
) -> HoldOut:
    """Releases a hold; an incident's only once the incident is closed."""
    with database.transaction() as cursor:
        hold = _locked(cursor, hold_id, user, body.expected_version, True)
        released = holds.release(cursor, hold, user.name, body.reason, user.has("admin"))
        detail = {"camera_id": hold.camera_id, "kind": hold.kind, "reason": body.reason}
        audit("release_hold", f"hold:{hold_id}", detail, cursor)
    return hold_out(released)


def _locked(
    cursor: Any, hold_id: int, user: CurrentUser, expected_version: int, ends: bool
) -> Hold:
    """The hold, locked; an incident that it follows is locked first, as everywhere."""
    before = holds.one(cursor, hold_id, user.camera_ids)
    if ends and before.kind == "incident":
        evidence.check_over(cursor, before.subject)
    return holds.lock(cursor, hold_id, expected_version, user.camera_ids)
