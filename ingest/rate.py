"""Frames and bits per second over the last few seconds of a stream's own time. Pure."""

from __future__ import annotations

from collections import deque

WINDOW_90K = 5 * 90_000


class RateMeter:
    """Remembers the units of the last five seconds, by decode time, so that a burst is not taken for speed."""

    def __init__(self) -> None:
        self._units: deque[tuple[int, int]] = deque()  # decode time, bytes
        self._bytes = 0

    def clear(self) -> None:
        self._units.clear()
        self._bytes = 0

    def add(self, dts_90k: int, size_bytes: int) -> None:
        """The next unit; decode times grow, one that goes back begins anew."""
        if self._units and dts_90k <= self._units[-1][0]:
            self.clear()
        self._units.append((dts_90k, size_bytes))
        self._bytes += size_bytes
        while dts_90k - self._units[0][0] > WINDOW_90K:
            self._bytes -= self._units.popleft()[1]

    def measure(self) -> tuple[float, float] | None:
        """Units per second and bits per second; None before the second unit."""
        if len(self._units) < 2:
            return None
        span_s = (self._units[-1][0] - self._units[0][0]) / 90_000
        return (len(self._units) - 1) / span_s, (self._bytes - self._units[-1][1]) * 8 / span_s
