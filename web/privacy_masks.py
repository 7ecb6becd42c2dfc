"""Privacy masks as the API lists and changes them."""

from __future__ import annotations

from dataclasses import asdict

from analytics import privacy_store
from analytics.model import PrivacyMask
from gis.db import Database
from web.changes import given
from web.deps import Audit, must_see
from web.model import CurrentUser
from web.schemas.masks import PrivacyMaskIn, PrivacyMaskOut, PrivacyMaskPatch


def listed(database: Database, user: CurrentUser, camera_id: int | None) -> list[PrivacyMaskOut]:
    """Masks of one camera, or of all that ``user`` may see. Raises :class:`NotFound` for a camera out of sight."""
    if camera_id is not None:
        must_see(user, camera_id)
        return [_out(mask) for mask in privacy_store.masks(database, [camera_id])]
    ids = None if user.camera_ids is None else sorted(user.camera_ids)
    return [_out(mask) for mask in privacy_store.masks(database, ids)]


def create(
    database: Database, user: CurrentUser, body: PrivacyMaskIn, audit: Audit
) -> PrivacyMaskOut:
    """Adds a mask."""
    must_see(user, body.camera_id)
    made = privacy_store.add(database, body.camera_id, body.name, tuple(body.points), body.preset)
    audit("create_privacy_mask", f"privacy_mask:{made.id}", body.model_dump(mode="json"))
    return _out(made)


def change(
    database: Database, user: CurrentUser, mask_id: int, body: PrivacyMaskPatch, audit: Audit
) -> PrivacyMaskOut:
    """Changes a mask; without a preset it holds wherever the camera looks. The audit log tells of its switch apart."""
    before = privacy_store.mask(database, mask_id)
    must_see(user, before.camera_id)
    values = given(body, ("preset",))
    if "points" in values:
        values["points"] = tuple(values["points"])
    wanted = privacy_store.MaskChange(**values)
    with database.transaction() as cursor:
        changed = privacy_store.change(cursor, mask_id, body.expected_version, wanted)
        subject, where = f"privacy_mask:{mask_id}", {"camera_id": changed.camera_id}
        if changed.enabled != before.enabled:
            action = "privacy_mask_on" if changed.enabled else "privacy_mask_off"
            audit(action, subject, where | {"name": changed.name}, cursor)
        detail = body.model_dump(mode="json", include=set(values) - {"enabled"})
        if detail:
            audit("change_privacy_mask", subject, where | detail, cursor)
    return _out(changed)


def delete(
    database: Database, user: CurrentUser, mask_id: int, expected_version: int, audit: Audit
) -> None:
    """Removes a mask."""
    mask = privacy_store.mask(database, mask_id)
    must_see(user, mask.camera_id)
    detail = {"camera_id": mask.camera_id, "name": mask.name, "points": mask.points}
    with database.transaction() as cursor:
        privacy_store.delete(cursor, mask_id, expected_version)
        audit("delete_privacy_mask", f"privacy_mask:{mask_id}", detail, cursor)


def _out(mask: PrivacyMask) -> PrivacyMaskOut:
    return PrivacyMaskOut.model_validate(asdict(mask))
