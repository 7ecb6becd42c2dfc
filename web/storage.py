"""What administrators change about storage: classes and tiers."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from gis.errors import InvalidInput, NotFound, StorageAway, WrongState
from gis.said import say
from ingest import footage_store
from ingest.footage_store import FootageClass
from ingest.record.s3 import check_address
from ingest.record.tiers import FolderPlace, Tier, place_of
from web import storage_view
from web.deps import Audit
from web.runtime import Runtime
from web.schemas.common import why_out
from web.schemas.storage import (
    RetentionClassOut,
    RetentionClassPatch,
    TierIn,
    TierOut,
    TierPatch,
    TierTestIn,
    TierTestOut,
)

_WHERE = ("path", "bucket", "prefix")
"""What says where a tier's footage is found: not to be changed under it."""
_AUDITED = (
    "name", "kind", "path", "endpoint", "bucket", "prefix", "after_days", "above_percent", "rate_bytes_s", "enabled",
)  # fmt: skip
_ADDRESS = (*_WHERE, "endpoint", "region", "access_key", "secret")


def change_class(
    running: Runtime, name: FootageClass, body: RetentionClassPatch, audit: Audit
) -> RetentionClassOut:
    """Changes how long or how much of a class is kept."""
    with running.database.transaction() as cursor:
        given = body.model_fields_set
        before = next(
            c for c in footage_store.retention_classes(running.database) if c.footage_class == name
        )
        after = footage_store.change_retention_class(
            cursor,
            name,
            body.expected_version,
            body.days if "days" in given else before.days,
            body.limit_bytes if "limit_bytes" in given else before.limit_bytes,
        )
        audit(
            "change_retention", f"class:{name}",
            {"days": after.days, "limit_bytes": after.limit_bytes}, cursor,
        )  # fmt: skip
    return storage_view.class_out(after, footage_store.totals(running.database))


def try_tier(running: Runtime, body: TierTestIn) -> TierTestOut:
    """Writes, reads and removes a small file there; what is wrong is the answer, not an error."""
    secret = body.secret
    if body.id is not None and secret is None:
        secret = _tier(running, body.id).secret
    tier = _draft(body, secret)
    began_s = time.monotonic()
    try:
        _check(running, tier, make_mark=False)
        message, ok = "written, read and removed", True
    except (StorageAway, InvalidInput) as error:
        message, ok = error.said, False
    took_ms = round((time.monotonic() - began_s) * 1000)
    return TierTestOut(ok=ok, message=message, why=why_out(message), took_ms=took_ms)


def add_tier(running: Runtime, body: TierIn, audit: Audit) -> TierOut:
    """Adds a tier that has shown to work. Raises :class:`StorageAway`, :class:`InvalidInput`."""
    tier = replace(
        _draft(body, body.secret),
        name=body.name,
        after_days=body.after_days,
        above_percent=body.above_percent,
        rate_bytes_s=body.rate_bytes_s,
        enabled=body.enabled,
    )
    _check(running, tier, make_mark=True)
    with running.database.transaction() as cursor:
        tier_id = footage_store.add_tier(cursor, _values(running, tier))
        audit("add_tier", f"tier:{tier_id}", _told(tier), cursor)
    return _shown(running, tier_id)


def change_tier(running: Runtime, tier_id: int, body: TierPatch, audit: Audit) -> TierOut:
    """Changes a tier. Raises :class:`WrongState` for where its footage lies while there is any."""
    given = {name: getattr(body, name) for name in body.model_fields_set - {"expected_version"}}
    for name in ("name", "enabled", "prefix"):
        if given.get(name, "") is None:
            del given[name]
    before = _tier(running, tier_id)
    after = replace(before, **given)
    if any(getattr(before, name) != getattr(after, name) for name in _ADDRESS):
        _check(running, after, make_mark=before.path != after.path)
    with running.database.transaction() as cursor:
        footage_store.lock_tier(cursor, tier_id, body.expected_version)
        moved = [name for name in _WHERE if getattr(before, name) != getattr(after, name)]
        if moved and footage_store.tier_used(cursor, tier_id):
            raise WrongState(
                say(
                    "tier_place_stays",
                    "footage lies on the tier '{tier}': its {field} stays; add another tier instead",
                    tier=before.name,
                    field=moved[0],
                )
            )
        footage_store.change_tier(cursor, tier_id, _values(running, after))
        audit("change_tier", f"tier:{tier_id}", _told(after), cursor)
    return _shown(running, tier_id)


def delete_tier(running: Runtime, tier_id: int, expected_version: int, audit: Audit) -> None:
    """Removes an empty tier. Raises :class:`WrongState` for one with footage."""
    with running.database.transaction() as cursor:
        footage_store.lock_tier(cursor, tier_id, expected_version)
        if footage_store.tier_used(cursor, tier_id):
            raise WrongState(
                say(
                    "tier_not_empty",
                    "footage lies on tier {id}: switch it off; it can go once its footage has expired",
                    id=tier_id,
                )
            )
        footage_store.delete_tier(cursor, tier_id)
        audit("delete_tier", f"tier:{tier_id}", {}, cursor)
    running.storage.tiers(fresh=True)


def _draft(body: TierTestIn, secret: str | None) -> Tier:
    wanted = ("path",) if body.kind == "path" else ("endpoint", "bucket")
    for name in wanted:
        if getattr(body, name) is None:
            raise InvalidInput(
                say(
                    "tier_needs",
                    "a tier of kind {kind} needs '{field}'",
                    kind=body.kind,
                    field=name,
                ),
                name,
            )
    s3 = body.kind == "s3"
    return Tier(
        -1, 0, "", body.kind, None if s3 else body.path, body.endpoint if s3 else None,
        body.bucket if s3 else None, body.prefix if s3 else "", body.region if s3 else None,
        body.access_key if s3 else None, secret if s3 else None, None, None, None, True, None, None, 1,
    )  # fmt: skip


def _check(running: Runtime, tier: Tier, make_mark: bool) -> None:
    """Raises :class:`InvalidInput` for an address that cannot be one and :class:`StorageAway` when it does not work."""
    recordings = running.settings.recordings
    if tier.kind == "s3":
        check_address(tier.endpoint or "", tier.bucket or "")
        place_of(tier, recordings).check()
        return
    folder = Path(tier.path or "")
    if not folder.is_absolute():
        raise InvalidInput(
            say("folder_not_absolute", "the folder '{folder}' is no absolute path", folder=folder),
            "path",
        )
    if folder.is_relative_to(recordings) or recordings.is_relative_to(folder):
        raise InvalidInput(
            say(
                "folder_inside",
                "the folder '{folder}' lies in the local recordings' one or around it: choose another",
                folder=folder,
            ),
            "path",
        )
    if not folder.is_dir():
        raise StorageAway(
            say(
                "no_folder",
                "there is no folder '{folder}': make it, or mount its disk",
                folder=folder,
            )
        )
    if make_mark:
        FolderPlace(folder, marked=True).mark()
    FolderPlace(folder, marked=make_mark).check()


def _values(running: Runtime, tier: Tier) -> dict[str, object]:
    values = asdict(tier)
    values["secret_enc"] = running.encrypt(values.pop("secret"))
    return values


def _told(tier: Tier) -> dict[str, Any]:
    """What the audit log keeps: never the secret."""
    return {name: getattr(tier, name) for name in _AUDITED if getattr(tier, name) is not None}


def _tier(running: Runtime, tier_id: int) -> Tier:
    for tier in running.storage.tiers(fresh=True):
        if tier.id == tier_id:
            return tier
    raise NotFound(say("no_tier", "there is no storage tier {id}", id=tier_id))


def _shown(running: Runtime, tier_id: int) -> TierOut:
    tier = _tier(running, tier_id)
    waiting = footage_store.leftover_counts(running.database)
    totals = footage_store.totals(running.database)
    return storage_view.tier_out(tier, totals, waiting.get(tier_id, (0, 0))[0])
