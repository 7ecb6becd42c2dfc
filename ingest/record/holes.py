"""Holes inside a recording: where pictures are missing although the file goes on. Pure.

A camera's file goes on over lost GOPs and over a camera that sent nothing for a moment, and the last picture before
the hole then lasts until the next. More than a second of that is no recording.
"""

from __future__ import annotations

from collections.abc import Sequence

HOLE_90K = 90_000  # up to a second without a picture is usual


def holes_in(start_90k: int, durations_90k: Sequence[int]) -> list[tuple[int, int]]:
    """Holes of a fragment that starts at ``start_90k``, as (from, to): a picture that lasts over a second longer than
    the fragment's usual (median) one."""
    if max(durations_90k) <= HOLE_90K:
        return []
    usual = sorted(durations_90k)[len(durations_90k) // 2]
    if max(durations_90k) <= usual + HOLE_90K:
        return []
    found: list[tuple[int, int]] = []
    at = start_90k
    for duration in durations_90k:
        if duration > usual + HOLE_90K:
            found.append((at + usual, at + duration))
        at += duration
    return found


def hole_before(end_90k: int, start_90k: int) -> list[tuple[int, int]]:
    """The hole between two fragments, one of which ends at ``end_90k`` and the next starts at ``start_90k``."""
    return [(end_90k, start_90k)] if start_90k - end_90k > HOLE_90K else []
