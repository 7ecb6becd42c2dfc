"""Where footage lies, and how long."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from web.schemas.common import Body, Out, WhyOut, Words

FootageClass = Literal["continuous", "event", "incident"]


class DiskOut(Out):
    """The local recordings' disk as the recorder last saw it. ``level``: ok, warn, alarm (over those limits), short (footage
    goes before its time), locked (held footage alone fills it)."""

    level: Literal["ok", "warn", "alarm", "short", "locked"]
    used_percent: float
    free_bytes: int
    total_bytes: int
    warn_percent: float
    alarm_percent: float
    min_free_bytes: int


class TierOut(Out):
    """Where footage lies. ``waiting_files`` are to be removed from there as soon as it lets them."""

    id: int
    position: int
    name: str
    kind: Literal["local", "path", "s3"]
    path: str | None
    endpoint: str | None
    bucket: str | None
    prefix: str
    region: str | None
    access_key: str | None
    has_secret: bool
    after_days: int | None
    above_percent: int | None
    rate_bytes_s: int | None
    enabled: bool
    problem: str | None
    problem_since: datetime | None
    why: WhyOut | None  # of the problem
    version: int
    bytes: int
    segments: int
    oldest_at: datetime | None
    waiting_files: int


class TierUse(Out):
    """How much of a class lies on a tier."""

    tier_id: int
    name: FootageClass
    bytes: int
    segments: int
    oldest_at: datetime


class RetentionClassOut(Out):
    """How long and how much is kept of a class, and how much there is. ``days`` null: each camera's own."""

    name: FootageClass
    days: int | None
    limit_bytes: int | None
    version: int
    bytes: int
    segments: int
    oldest_at: datetime | None


class CameraUse(Out):
    """How much footage there is of a camera."""

    camera_id: int
    code: str
    name: str
    name_en: str | None
    retention_days: int
    bytes: int
    segments: int
    oldest_at: datetime


class MovesOut(Out):
    """Moves between tiers since the recorder started. ``not_movable``: files that are gone or damaged."""

    moved: int
    moved_bytes: int
    failed: int
    not_movable: int


class StorageOut(Out):
    """All of it. ``disk`` and ``moves`` are null while the recorder was never heard."""

    disk: DiskOut | None
    moves: MovesOut | None
    tiers: list[TierOut]
    classes: list[RetentionClassOut]
    uses: list[TierUse]
    cameras: list[CameraUse]
    holds_active: int
    holds_expiring: int


class RetentionClassPatch(Body):
    """What is absent stays; ``limit_bytes`` null: no limit."""

    expected_version: int
    days: int | None = Field(default=None, ge=1, le=36500)
    limit_bytes: int | None = Field(default=None, ge=1_000_000, le=10**18)


class TierTestIn(Body):
    """A place to try. ``id`` names a tier whose kept secret is used where ``secret`` is null."""

    kind: Literal["path", "s3"]
    id: int | None = None
    path: str | None = Field(default=None, min_length=2, max_length=500)
    endpoint: str | None = Field(default=None, min_length=8, max_length=300)
    bucket: str | None = Field(default=None, min_length=3, max_length=63)
    prefix: str = Field(default="", max_length=200, pattern=r"^([A-Za-z0-9._-]+/)*$")
    region: str | None = Field(default=None, max_length=64)
    access_key: str | None = Field(default=None, max_length=200)
    secret: str | None = Field(default=None, max_length=500)


class TierTestOut(Out):
    ok: bool
    message: str
    why: WhyOut | None = None  # of the message of a failure
    took_ms: int


class _TierRules(Body):
    after_days: int | None = Field(default=None, ge=0, le=36500)
    above_percent: int | None = Field(default=None, ge=1, le=99)
    rate_bytes_s: int | None = Field(default=None, ge=65536, le=10**12)


class TierIn(_TierRules, TierTestIn):
    """A further tier, behind all others. Footage moves there when it is ``after_days`` old, or, the oldest first, while
    more than ``above_percent`` of the local disk is in use."""

    name: Words
    id: None = None
    enabled: bool = True


class TierPatch(_TierRules):
    """What is absent stays; a null takes the value away. Path, bucket and prefix are fixed while footage lies there."""

    expected_version: int
    name: Words | None = None
    path: str | None = Field(default=None, min_length=2, max_length=500)
    endpoint: str | None = Field(default=None, min_length=8, max_length=300)
    bucket: str | None = Field(default=None, min_length=3, max_length=63)
    prefix: str | None = Field(default=None, max_length=200, pattern=r"^([A-Za-z0-9._-]+/)*$")
    region: str | None = Field(default=None, max_length=64)
    access_key: str | None = Field(default=None, max_length=200)
    secret: str | None = Field(default=None, max_length=500)
    enabled: bool | None = None
