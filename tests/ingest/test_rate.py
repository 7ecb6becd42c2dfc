"""Rates of a stream."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.rate import WINDOW_90K, RateMeter


@given(st.integers(300, 90_000), st.integers(1, 100_000), st.integers(2, 400))
def test_even_stream_has_its_own_rate(step: int, size: int, count: int) -> None:
    meter = RateMeter()
    assert meter.measure() is None
    for index in range(count):
        meter.add(index * step, size)
    rates = meter.measure()
    assert rates is not None
    assert abs(rates[0] - 90_000 / step) < 1e-6 * 90_000 / step
    assert abs(rates[1] - 8 * size * 90_000 / step) < 1e-6 * 8 * size * 90_000 / step


def test_only_the_window_counts_and_a_new_session_begins_anew() -> None:
    meter = RateMeter()
    for index in range(10):
        meter.add(index * 9000, 50_000)
    for index in range(100):
        meter.add(WINDOW_90K * 2 + index * 9000, 100)
    rates = meter.measure()
    assert rates is not None
    assert abs(rates[1] - 8000) < 1
    meter.add(0, 100)
    assert meter.measure() is None
