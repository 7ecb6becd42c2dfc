"""Times on the command line."""

from __future__ import annotations

from datetime import datetime

from gis.errors import InvalidInput


def parse_time(text: str, name: str) -> datetime:
    """An ISO 8601 time with a zone. Raises :class:`InvalidInput`."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise InvalidInput(
            f"--{name} {text!r} is no time with a zone, such as 2026-03-01T08:00:00+08:00", name
        )
    return at
