"""Privacy masks: regions of a camera's picture that analytics never sees. Every change is audited."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from web import privacy_masks
from web.deps import AuditDep, DatabaseDep, UserDep, require
from web.model import CurrentUser
from web.schemas.masks import PrivacyMaskIn, PrivacyMaskOut, PrivacyMaskPatch

router = APIRouter(tags=["privacy masks"])
Admin = Annotated[CurrentUser, Depends(require("admin"))]


@router.get("/privacy-masks")
def list_privacy_masks(
    user: UserDep, database: DatabaseDep, camera_id: Annotated[int | None, Query()] = None
) -> list[PrivacyMaskOut]:
    """Privacy masks of one camera, or of all this person may see."""
    return privacy_masks.listed(database, user, camera_id)


@router.post("/privacy-masks", status_code=201)
def create_privacy_mask(
    body: PrivacyMaskIn, admin: Admin, database: DatabaseDep, audit: AuditDep
) -> PrivacyMaskOut:
    """Adds a privacy mask; within seconds analytics stores nothing of the region any more. Recordings keep it."""
    return privacy_masks.create(database, admin, body, audit)


@router.patch("/privacy-masks/{mask_id}")
def change_privacy_mask(
    mask_id: int, body: PrivacyMaskPatch, admin: Admin, database: DatabaseDep, audit: AuditDep
) -> PrivacyMaskOut:
    """Changes a privacy mask."""
    return privacy_masks.change(database, admin, mask_id, body, audit)


@router.delete("/privacy-masks/{mask_id}", status_code=204)
def delete_privacy_mask(
    mask_id: int,
    admin: Admin,
    database: DatabaseDep,
    audit: AuditDep,
    expected_version: Annotated[int, Query()],
) -> None:
    """Removes a privacy mask. Pictures stored while it was there stay blacked out."""
    privacy_masks.delete(database, admin, mask_id, expected_version, audit)
