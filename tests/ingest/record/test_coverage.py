"""What was recorded, what not, and why: every instant is in exactly one span or one gap."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.record.coverage import (
    JOIN,
    NOT_YET,
    Coverage,
    Entry,
    Gap,
    Recorded,
    Span,
    add_up,
    cover,
    due,
)
from ingest.record.covered import days
from ingest.sink import GAP_REASONS
from tests.ingest.streams import START


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def files(*spans: tuple[float, float]) -> list[Recorded]:
    return [Recorded(at(a), at(b)) for a, b in spans]


def told(*entries: tuple[float, str, str | None]) -> list[Entry]:
    return [Entry(at(t), state, reason, reason or "") for t, state, reason in entries]


def gaps(coverage: Coverage) -> list[tuple[float, float, str]]:
    return [
        ((g.start_at - START).total_seconds(), (g.end_at - START).total_seconds(), g.reason)
        for g in coverage.gaps
    ]


ALWAYS = [Span(at(-1000), at(10_000))]
WINDOW = Span(at(0), at(100))


@pytest.mark.parametrize(
    ("name", "recorded", "entries", "runs", "expected"),
    [
        ("all is there", [(0, 100)], [], ALWAYS, []),
        ("files a moment apart", [(-5, 40), (40.9, 100)], [], ALWAYS, []),
        ("nobody knows", [(0, 40), (50, 100)], [], ALWAYS, [(40, 50, "unknown")]),
        (
            "a stall is noticed some seconds late",
            [(0, 40), (50, 100)],
            [(-9, "recording", None), (44.5, "missing", "no_packets"), (49, "recording", None)],
            ALWAYS,
            [(40, 50, "no_packets")],
        ),
        (
            "a stalled camera becomes unreachable",
            [(0, 40), (90, 100)],
            [
                (-9, "recording", None),
                (44, "missing", "no_packets"),
                (46, "missing", "unreachable"),
                (88, "waiting", None),
                (89, "recording", None),
            ],
            ALWAYS,
            [(40, 46, "no_packets"), (46, 90, "unreachable")],
        ),
        (
            "killed and started again",
            [(0, 40), (72, 100)],
            [(-9, "recording", None), (71, "recording", None)],
            [Span(at(-10), at(43)), Span(at(70), at(500))],
            [(40, 72, "process_stopped")],
        ),
        (
            "refused before the process stopped, unreachable after it",
            [],
            [(-9, "missing", "refused"), (61, "missing", "unreachable")],
            [Span(at(-10), at(50)), Span(at(60), at(500))],
            [(0, 50, "refused"), (50, 60, "process_stopped"), (60, 100, "unreachable")],
        ),
        (
            "what an earlier process said does not hold",
            [(80, 100)],
            [(-9, "missing", "refused"), (79, "recording", None)],
            [Span(at(-10), at(20)), Span(at(30), at(500))],
            [(0, 20, "refused"), (20, 80, "process_stopped")],
        ),
        (
            "the clock was stepped",
            [(0, 40), (95, 100)],
            [(-9, "recording", None), (94.5, "missing", "clock_step"), (95, "recording", None)],
            ALWAYS,
            [(40, 95, "clock_step")],
        ),
        ("before the ledger", [(50, 100)], [], [], [(0, 50, "unknown")]),
    ],
)
def test_gaps_and_their_reasons(
    name: str,
    recorded: list[tuple[float, float]],
    entries: list[tuple[float, str, str | None]],
    runs: list[Span],
    expected: list[tuple[float, float, str]],
) -> None:
    known = at(-5000) if runs else None
    assert gaps(cover(WINDOW, files(*recorded), told(*entries), runs, known)) == expected


def test_holes_in_a_file_are_gaps() -> None:
    file = Recorded(at(0), at(100), ((at(10), at(12)), (at(50), at(60))))
    found = cover(WINDOW, [file], told((55, "missing", "disk_slow")), ALWAYS, at(-5000))
    assert gaps(found) == [(10, 12, "unknown"), (50, 60, "disk_slow")]
    assert (found.recorded_s, found.due_s, found.percent) == (88, 100, 88)


def test_time_before_the_camera_and_after_now_is_not_due() -> None:
    assert due(at(0), at(100), at(30), at(80)) == Span(at(30), at(80) - NOT_YET)
    assert due(at(0), at(100), at(200), at(500)) is None
    assert due(at(0), at(100), at(-9), at(5)) is None
    nothing = cover(None, [], [], [], None)
    assert (nothing.percent, nothing.due_s) == (None, 0)


times = st.integers(-50, 150).map(at) | st.floats(-50, 150, width=16).map(at)
spans = st.tuples(times, times).map(lambda pair: Span(min(pair), max(pair)))
states = st.sampled_from(
    [("recording", None), ("waiting", None), *(("missing", r) for r in GAP_REASONS)]
)


@st.composite
def recorded_files(draw: st.DrawFn) -> Recorded:
    span = draw(spans)
    edges = sorted(draw(st.lists(times, max_size=6)))
    inside = [t for t in edges if span.start_at <= t <= span.end_at]
    holes = tuple(zip(inside[::2], inside[1::2], strict=False))
    return Recorded(span.start_at, span.end_at, holes)


@settings(max_examples=300, deadline=None)
@given(
    recorded=st.lists(recorded_files(), max_size=6),
    entries=st.lists(st.tuples(times, states), max_size=6),
    runs=st.lists(spans, max_size=4),
    known=times | st.none(),
    probes=st.lists(st.floats(0, 99.99), min_size=5, max_size=5),
)
def test_every_instant_is_recorded_or_in_one_gap(
    recorded: list[Recorded],
    entries: list[tuple[datetime, tuple[str, str | None]]],
    runs: list[Span],
    known: datetime | None,
    probes: list[float],
) -> None:
    ledger = [Entry(t, s, r, "") for t, (s, r) in sorted(entries, key=lambda e: e[0])]
    recorded.sort(key=lambda f: f.start_at)
    found = cover(WINDOW, recorded, ledger, [r for r in runs if r.seconds > 0], known)
    pieces: list[Span | Gap] = sorted([*found.recorded, *found.gaps], key=lambda p: p.start_at)
    # They follow each other without a hole or an overlap, from end to end of the window.
    assert pieces[0].start_at == WINDOW.start_at
    assert pieces[-1].end_at == WINDOW.end_at
    assert all(a.end_at == b.start_at for a, b in itertools.pairwise(pieces))
    assert all(p.start_at < p.end_at for p in pieces)
    assert found.recorded_s + sum(g.seconds for g in found.gaps) == pytest.approx(100)
    assert all(g.reason in GAP_REASONS for g in found.gaps)
    # No two gaps side by side say the same, and none says less than a neighbour it belongs to.
    for a, b in itertools.pairwise(pieces):
        if isinstance(a, Gap) and isinstance(b, Gap):
            assert a.reason != b.reason
    for probe in map(at, probes):
        inside = [
            f
            for f in recorded
            if f.start_at <= probe < f.end_at and not any(s <= probe < e for s, e in f.holes)
        ]
        covered = any(s.start_at <= probe < s.end_at for s in found.recorded)
        assert not inside or covered
        if covered and not inside:  # only over a pause too short for a gap
            near = [f.end_at for f in recorded] + [s for f in recorded for s, _ in f.holes]
            near += [f.start_at for f in recorded] + [e for f in recorded for _, e in f.holes]
            assert any(abs(t - probe) <= JOIN for t in near)


@given(st.integers(0, 5 * 86400), st.integers(1, 5 * 86400), st.integers(-12 * 60, 14 * 60))
def test_days_are_cut_at_the_zones_midnight(start: int, length: int, offset_min: int) -> None:
    offset = timedelta(minutes=offset_min)
    cut = days(at(start), at(start + length), offset)
    assert (cut[0][0], cut[-1][1]) == (at(start), at(start + length))
    assert all(a[1] == b[0] for a, b in itertools.pairwise(cut))
    for begin, end in cut:
        last = end - timedelta(microseconds=1)
        assert (begin + offset).date() == (last + offset).date()


def test_sums_fit() -> None:
    one = cover(WINDOW, files((0, 40)), [], ALWAYS, None)
    two = cover(WINDOW, files((10, 100)), [], ALWAYS, None)
    assert add_up([one, two, cover(None, [], [], [], None)]) == (130, 200)
