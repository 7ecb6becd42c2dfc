"""Where footage lies, how much and how long, as the API and the command line tell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis.db import Database
from ingest import footage_store
from ingest.footage_store import RetentionClass, Total
from ingest.record import holds
from ingest.record.tiers import Tier
from web import health_store
from web.schemas.common import why_out
from web.schemas.storage import (
    CameraUse,
    DiskOut,
    MovesOut,
    RetentionClassOut,
    StorageOut,
    TierOut,
    TierUse,
)


def storage(database: Database, tiers: list[Tier]) -> StorageOut:
    """All there is to know, from the running totals and the recorder's last beat."""
    totals = footage_store.totals(database)
    waiting = footage_store.leftover_counts(database)
    active, expiring = holds.counts(database)
    facts = _ingest_facts(database)
    return StorageOut(
        disk=_disk(facts),
        moves=_moves(facts),
        tiers=[tier_out(tier, totals, waiting.get(tier.id, (0, 0))[0]) for tier in tiers],
        classes=[class_out(c, totals) for c in footage_store.retention_classes(database)],
        uses=[
            TierUse(
                tier_id=t.tier, name=t.footage_class, bytes=t.size_bytes, segments=t.segments,
                oldest_at=t.oldest_at,
            )
            for t in totals
        ],
        cameras=[
            CameraUse(
                camera_id=c.camera_id, code=c.code, name=c.name, name_en=c.name_en,
                retention_days=c.retention_days, bytes=c.size_bytes, segments=c.segments, oldest_at=c.oldest_at,
            )
            for c in footage_store.camera_totals(database)
        ],
        holds_active=active,
        holds_expiring=expiring,
    )  # fmt: skip


def tier_out(tier: Tier, totals: list[Total], waiting_files: int) -> TierOut:
    """A tier; its secret never leaves."""
    there = [t for t in totals if t.tier == tier.id]
    return TierOut(
        id=tier.id,
        position=tier.position,
        name=tier.name,
        kind=tier.kind,
        path=tier.path,
        endpoint=tier.endpoint,
        bucket=tier.bucket,
        prefix=tier.prefix,
        region=tier.region,
        access_key=tier.access_key,
        has_secret=tier.secret is not None,
        after_days=tier.after_days,
        above_percent=tier.above_percent,
        rate_bytes_s=tier.rate_bytes_s,
        enabled=tier.enabled,
        problem=tier.problem,
        problem_since=tier.problem_since,
        why=None if tier.problem is None else why_out(tier.problem),
        version=tier.version,
        bytes=sum(t.size_bytes for t in there),
        segments=sum(t.segments for t in there),
        oldest_at=min((t.oldest_at for t in there), default=None),
        waiting_files=waiting_files,
    )


def class_out(rule: RetentionClass, totals: list[Total]) -> RetentionClassOut:
    """A class with what there is of it."""
    there = [t for t in totals if t.footage_class == rule.footage_class]
    return RetentionClassOut(
        name=rule.footage_class,
        days=rule.days,
        limit_bytes=rule.limit_bytes,
        version=rule.version,
        bytes=sum(t.size_bytes for t in there),
        segments=sum(t.segments for t in there),
        oldest_at=min((t.oldest_at for t in there), default=None),
    )


def _ingest_facts(database: Database) -> Mapping[str, Any]:
    beats: dict[str, Mapping[str, Any]] = {
        row.name: row.facts for row in health_store.processes(database)
    }
    return beats.get("ingest", {})


def _disk(facts: Mapping[str, Any]) -> DiskOut | None:
    if not facts.get("disk_total_bytes"):
        return None
    names = ("level", "used_percent", "free_bytes", "total_bytes", "warn_percent", "alarm_percent")
    values = {name: facts[f"disk_{name}"] for name in (*names, "min_free_bytes")}
    return DiskOut.model_validate(values)


def _moves(facts: Mapping[str, Any]) -> MovesOut | None:
    if "footage_moved" not in facts:
        return None
    return MovesOut(
        moved=facts["footage_moved"],
        moved_bytes=facts["footage_moved_bytes"],
        failed=facts["footage_moves_failed"],
        not_movable=facts["footage_not_movable"],
    )
