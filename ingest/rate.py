"""Frames and bits per second over the last few seconds. Pure."""

from __future__ import annotations

from collections import deque

WINDOW_S = 5.0


class RateMeter:
    """Counts units in buckets of a tenth of a second."""

    def __init__(self) -> None:
        self._buckets: deque[tuple[int, int, int]] = deque()  # tenth of a second, units, bytes
        self._first_s: float | None = None

    def clear(self) -> None:
        self._buckets.clear()
        self._first_s = None

    def add(self, now_s: float, size_bytes: int) -> None:
        """One unit of ``size_bytes`` came at ``now_s``."""
        if self._first_s is None:
            self._first_s = now_s
        tenth = int(now_s * 10)
        if self._buckets and self._buckets[-1][0] == tenth:
            _, units, size = self._buckets[-1]
            self._buckets[-1] = (tenth, units + 1, size + size_bytes)
        else:
            self._buckets.append((tenth, 1, size_bytes))
            self._drop(now_s)

    def _drop(self, now_s: float) -> None:
        oldest = int((now_s - WINDOW_S) * 10)
        while self._buckets and self._buckets[0][0] < oldest:
            self._buckets.popleft()

    def measure(self, now_s: float) -> tuple[float, float]:
        """Units per second and bits per second; zero before the first."""
        self._drop(now_s)
        if self._first_s is None:
            return 0.0, 0.0
        span_s = min(WINDOW_S, max(0.5, now_s - self._first_s))
        units = sum(n for _, n, _ in self._buckets)
        size = sum(s for _, _, s in self._buckets)
        return units / span_s, size * 8 / span_s
