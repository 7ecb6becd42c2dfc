"""Footage that nothing may delete."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from web.schemas.common import Body, Out, Sentence, Words
from web.times import UtcTime


class HoldIn(Body):
    """A hold to lay. ``expires_at`` null: until it is released; ``owner`` null: whoever lays it."""

    kind: Literal["lock", "legal"]
    camera_id: int
    from_at: UtcTime
    to_at: UtcTime
    reason: Sentence
    owner: Words | None = None
    expires_at: UtcTime | None = None


class HoldPatch(Body):
    """What is absent or null stays. The time only grows; ``for_good`` takes the expiry away."""

    expected_version: int
    from_at: UtcTime | None = None
    to_at: UtcTime | None = None
    reason: Sentence | None = None
    owner: Words | None = None
    expires_at: UtcTime | None = None
    for_good: bool = False


class HoldReleaseIn(Body):
    """``reason`` is needed for a legal hold."""

    expected_version: int
    reason: Sentence | None = None


class HoldOut(Out):
    """Footage that nothing may delete. ``active``: neither released nor expired; ``expires_soon``: within a week."""

    id: int
    kind: Literal["incident", "lock", "legal"]
    camera_id: int
    from_at: datetime
    to_at: datetime
    reason: str
    subject: str
    created_by: str
    created_at: datetime
    owner: str
    expires_at: datetime | None
    released_at: datetime | None
    released_by: str | None
    release_reason: str | None
    version: int
    active: bool
    expired: bool
    expires_soon: bool
