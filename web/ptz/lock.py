"""The lock on a camera's pan-tilt-zoom. Pure.

One person turns a camera at a time. A hold lasts :data:`IDLE_S` and is renewed by every use; a person of higher
priority takes it over, one of equal or lower priority has to wait.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

IDLE_S = 30.0
# Who leads an operation looks first, then who dispatches; an administrator who only sets things up waits for both.
PRIORITY = {"commander": 3, "dispatcher": 2, "admin": 1}


@dataclass(frozen=True, slots=True)
class Hold:
    """``user_id`` turns the camera since ``since`` and keeps it until ``until`` unless used again.

    ``taken_from`` is whose live hold this one ended; None where the camera was free.
    """

    user_id: int
    priority: int
    since: datetime
    until: datetime
    taken_from: int | None = None

    def live(self, now: datetime) -> bool:
        """Whether it still holds."""
        return now < self.until


@dataclass(frozen=True, slots=True)
class Taken:
    """The asker has the camera now; ``news`` says whether that is new."""

    hold: Hold
    news: Literal["taken", "taken_over", "kept"]


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody of equal or higher priority has it."""

    hold: Hold


def priority(roles: Collection[str]) -> int:
    """The highest of a person's roles; 0 for one who may not turn cameras."""
    return max((PRIORITY.get(role, 0) for role in roles), default=0)


def take(hold: Hold | None, user_id: int, rank: int, now: datetime) -> Taken | Refused:
    """What becomes of ``hold`` when ``user_id`` of priority ``rank`` asks for the camera, or uses it."""
    until = now + timedelta(seconds=IDLE_S)
    if hold is None or not hold.live(now):
        return Taken(Hold(user_id, rank, now, until), "taken")
    if hold.user_id == user_id:
        return Taken(replace(hold, priority=rank, until=max(hold.until, until)), "kept")
    if rank > hold.priority:
        return Taken(Hold(user_id, rank, now, until, taken_from=hold.user_id), "taken_over")
    return Refused(hold)


def holds(hold: Hold | None, user_id: int, now: datetime) -> bool:
    """Whether the camera is the person's now."""
    return hold is not None and hold.live(now) and hold.user_id == user_id
