"""When a zone watches: spans of minutes of the local week. Monday 00:00 is minute 0.

A span over Sunday's end has its end beyond :data:`WEEK_MIN`: Sunday 22:00 to Monday 06:00 is ``(9960, 10440)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from gis.errors import InvalidInput

DAY_MIN = 24 * 60
WEEK_MIN = 7 * DAY_MIN


def check_schedule(schedule: Sequence[tuple[int, int]]) -> None:
    """Raises :class:`InvalidInput` on field ``schedule`` for a span that is none."""
    for number, (start, end) in enumerate(schedule, 1):
        if not 0 <= start < WEEK_MIN:
            raise InvalidInput(
                f"span {number} begins at minute {start}, outside the week's 0..{WEEK_MIN - 1}",
                "schedule",
            )
        if start >= end:
            raise InvalidInput(
                f"span {number} begins at minute {start} and ends at {end}: it must end after it begins; "
                f"one over Sunday's end goes on beyond {WEEK_MIN}",
                "schedule",
            )
        if end > start + WEEK_MIN:
            raise InvalidInput(
                f"span {number} is {end - start} minutes long, a week has {WEEK_MIN}", "schedule"
            )


def minute_of_week(at: datetime, zone: tzinfo) -> int:
    """The minute of the week in ``zone``, 0..10079.

    >>> from datetime import UTC, datetime
    >>> minute_of_week(datetime(2026, 3, 2, 0, 5, tzinfo=UTC), UTC)
    5
    """
    local = at.astimezone(zone)
    return local.weekday() * DAY_MIN + local.hour * 60 + local.minute


def watches_at(schedule: Sequence[tuple[int, int]], minute: int) -> bool:
    """Whether a schedule covers a minute of the week; an empty one covers all.

    >>> watches_at([(9960, 10440)], 30)
    True
    """
    return not schedule or any(
        start <= minute < end or start <= minute + WEEK_MIN < end for start, end in schedule
    )
