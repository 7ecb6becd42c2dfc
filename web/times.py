"""Times in queries: always with a zone, always a sensible span."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

from gis.errors import InvalidInput


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
            f"'from' {first.isoformat()} is not before 'to' {last.isoformat()}", "from"
        )
    if (last - first).total_seconds() > most_s:
        raise InvalidInput(
            f"the span is {(last - first).total_seconds() / 3600:.1f} h, at most {most_s / 3600:.0f} h",
            "from",
        )
    return first, last
