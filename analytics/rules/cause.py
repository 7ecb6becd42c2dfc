"""One cause, one event: what keeps a rule from telling the same thing twice."""

from __future__ import annotations

from datetime import datetime


class Cause:
    """The events of one zone.

    Within ``rearm_s`` of the last one another is told only when more things do at once what was told of than before:
    one that was lost and found again is one event, a second beside the first is another.
    """

    def __init__(self, rearm_s: float) -> None:
        self._rearm_s = rearm_s
        self._last_at: datetime | None = None
        self._told = 0

    def tell(self, at: datetime, others: int) -> bool:
        """Whether one more is an event, while ``others`` that were told of are still seen at it."""
        last = self._last_at
        fresh = last is not None and (at - last).total_seconds() < self._rearm_s
        if fresh and others + 1 <= self._told:
            return False
        self._last_at, self._told = at, others + 1
        return True
