"""Times in queries: always with a zone, always a sensible span."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

from gis.errors import InvalidInput
from gis.said import say


def _to_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("the time lies outside the years 1 to 9999") from None


UtcTime = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""An ISO 8601 time with a zone; one without is refused, because nobody knows what it means."""


def span(
    start: datetime | None, end: datetime | None, now: datetime, default_s: float, most_s: float
) -> tuple[datetime, datetime]:
    """The span asked for, the last ``default_s`` before ``end`` (or now) where a side is missing.

    Raises :class:`InvalidInput` when it is empty or longer than ``most_s``.
    """
    last = end if end is not None else now
    first = start if start is not None else last - timedelta(seconds=default_s)
    if first >= last:
        raise InvalidInput(
            say(
                "from_not_before_to",
                "'from' {from_at} is not before 'to' {to_at}",
                from_at=first.isoformat(),
                to_at=last.isoformat(),
            ),
            "from",
        )
    if (last - first).total_seconds() > most_s:
        raise InvalidInput(
            say(
                "span_too_long",
                "the span is {hours} h, at most {most} h",
                hours=f"{(last - first).total_seconds() / 3600:.1f}",
                most=f"{most_s / 3600:.0f}",
            ),
            "from",
        )
    return first, last
