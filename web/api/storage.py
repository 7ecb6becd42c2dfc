"""Where footage lies, how much and how long; administrators change it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from web import storage, storage_view
from web.deps import AuditDep, RuntimeDep, require
from web.schemas.storage import (
    FootageClass,
    RetentionClassOut,
    RetentionClassPatch,
    StorageOut,
    TierIn,
    TierOut,
    TierPatch,
    TierTestIn,
    TierTestOut,
)

router = APIRouter(tags=["storage"], dependencies=[Depends(require("admin"))])


@router.get("/storage")
def show_storage(running: RuntimeDep) -> StorageOut:
    """Disk, tiers, classes, cameras and holds, from running totals."""
    return storage_view.storage(running.database, running.storage.tiers(fresh=True))


@router.patch("/storage/classes/{name}")
def change_retention_class(
    name: FootageClass, body: RetentionClassPatch, running: RuntimeDep, audit: AuditDep
) -> RetentionClassOut:
    """How many days and how many bytes of a class are kept."""
    return storage.change_class(running, name, body, audit)


@router.post("/storage/tiers/test")
def test_tier(body: TierTestIn, running: RuntimeDep) -> TierTestOut:
    """Tries a place out: writes, reads and removes a small file."""
    return storage.try_tier(running, body)


@router.post("/storage/tiers", status_code=201)
def add_tier(body: TierIn, running: RuntimeDep, audit: AuditDep) -> TierOut:
    """Adds a tier; it must work."""
    return storage.add_tier(running, body, audit)


@router.patch("/storage/tiers/{tier_id}")
def change_tier(tier_id: int, body: TierPatch, running: RuntimeDep, audit: AuditDep) -> TierOut:
    """Changes a tier; a changed address must work."""
    return storage.change_tier(running, tier_id, body, audit)


@router.delete("/storage/tiers/{tier_id}", status_code=204)
def delete_tier(
    tier_id: int,
    running: RuntimeDep,
    audit: AuditDep,
    expected_version: Annotated[int, Query()],
) -> None:
    """Removes a tier that nothing lies on."""
    storage.delete_tier(running, tier_id, expected_version, audit)
