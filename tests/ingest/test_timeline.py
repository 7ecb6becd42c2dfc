"""Capture time: hard cases, without a clock."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from gis.clock import ManualClock
from ingest.timeline import MAX_SLEW, TICKS, Arrival, Timed, Timeline

Step = tuple[float, int | None, bool]  # seconds after the start, camera time, key


def run(
    steps: Iterable[Step], reorder: int | None = 0, wall_step: tuple[int, float] | None = None
) -> list[Timed[int]]:
    clock = ManualClock()
    at_s = 0.0
    line: Timeline[int] = Timeline(reorder)
    out: list[Timed[int]] = []
    for index, (when_s, pts, key) in enumerate(steps):
        clock.advance(when_s - at_s)
        at_s = when_s
        if wall_step is not None and index == wall_step[0]:
            clock.step(wall_step[1])
        out += line.push(Arrival(index, pts, key, clock.now(), clock.monotonic_s()))
    return out + line.flush()


def offsets_s(timed: list[Timed[int]]) -> list[float]:
    start = ManualClock().now()
    return [(t.capture_at - start).total_seconds() for t in timed]


def check(timed: list[Timed[int]], count: int) -> None:
    """Nothing lost, order kept, decode times grow, presentation never before decode, sessions at key frames."""
    assert [t.unit for t in timed] == list(range(count))
    assert timed[0].new_session is not None
    for before, after in itertools.pairwise(timed):
        if after.new_session is None:
            assert after.dts_90k > before.dts_90k
        else:
            assert after.key
    assert all(t.pts_90k >= t.dts_90k for t in timed)
    assert all(t.duration_90k > 0 for t in timed)


def sessions(timed: list[Timed[int]]) -> list[str]:
    return [t.new_session for t in timed if t.new_session is not None]


def test_first_times_missing_are_repaired_and_the_backlog_is_placed_in_the_past() -> None:
    # Probing held eleven pictures back for a second; they come at once, the first three without time.
    burst: list[Step] = [(1.0 + i * 0.0001, None if i < 3 else i * 9000, i == 0) for i in range(11)]
    live: list[Step] = [(i * 0.1, i * 9000, False) for i in range(11, 30)]
    timed = run(burst + live)
    check(timed, 30)
    assert [t.pts_90k for t in timed] == [i * 9000 for i in range(30)]
    assert all(abs(s - i * 0.1) < 0.011 for i, s in enumerate(offsets_s(timed)))
    assert sessions(timed) == ["connected"]


def test_units_are_held_only_until_one_was_waited_for() -> None:
    line: Timeline[int] = Timeline()
    clock = ManualClock()
    assert line.push(Arrival(0, None, True, clock.now(), clock.monotonic_s())) == []
    clock.advance(0.04)
    assert len(line.push(Arrival(1, 3600, False, clock.now(), clock.monotonic_s()))) == 2
    clock.advance(0.04)
    assert len(line.push(Arrival(2, 7200, False, clock.now(), clock.monotonic_s()))) == 1


def test_timestamp_wrap_is_no_jump() -> None:
    near = (1 << 32) - 5 * 3600
    timed = run((i * 0.04, (near + i * 3600) % (1 << 32), i % 25 == 0) for i in range(200))
    check(timed, 200)
    assert len(sessions(timed)) == 1
    assert [t.pts_90k for t in timed] == [i * 3600 for i in range(200)]


def test_restarted_timestamps_begin_a_session_at_the_next_key_frame_without_a_gap() -> None:
    steps: list[Step] = [
        (i * 0.04, 900_000 + i * 3600 if i < 110 else (i - 110) * 3600, i % 25 == 0)
        for i in range(200)
    ]
    timed = run(steps)
    check(timed, 200)
    assert len(sessions(timed)) == 2
    assert "jumped by -" in sessions(timed)[1]
    assert timed[125].new_session is not None
    assert all(abs(s - i * 0.04) < 0.002 for i, s in enumerate(offsets_s(timed)))


def test_forward_jump_begins_a_session() -> None:
    timed = run(
        (i * 0.04, i * 3600 + (5_000_000 if i >= 60 else 0), i % 25 == 0) for i in range(120)
    )
    check(timed, 120)
    assert len(sessions(timed)) == 2
    assert all(abs(s - i * 0.04) < 0.002 for i, s in enumerate(offsets_s(timed)))


def test_clock_step_begins_a_session_with_the_new_time() -> None:
    steps: list[Step] = [(i * 0.04, i * 3600, i % 25 == 0) for i in range(120)]
    timed = run(steps, wall_step=(60, -30.0))
    check(timed, 120)
    assert sessions(timed)[1] == "the local clock was stepped by -30.0 s"
    seconds = offsets_s(timed)
    assert abs(seconds[74] - 74 * 0.04) < 0.002
    assert abs(seconds[75] - (75 * 0.04 - 30)) < 0.002


def test_stall_and_burst_keep_the_camera_s_spacing() -> None:
    def arrival(i: int) -> float:
        return max(i * 0.04, 8.0) if 100 <= i < 200 else i * 0.04

    timed = run((arrival(i), i * 3600, i % 25 == 0) for i in range(400))
    check(timed, 400)
    assert len(sessions(timed)) == 1
    assert all(abs(s - i * 0.04) < 0.01 for i, s in enumerate(offsets_s(timed)))


def test_variable_frame_rate_is_followed() -> None:
    rng = random.Random(4)
    at_s, steps = 0.0, []
    for i in range(500):
        at_s += rng.choice([0.02, 0.04, 0.2, 1.5])
        steps.append((at_s + rng.random() * 0.01, round(at_s * TICKS), i % 50 == 0))
    timed = run(steps)
    check(timed, 500)
    assert len(sessions(timed)) == 1
    truth = [pts / TICKS for _, pts, _ in steps if pts is not None]
    assert all(abs(s - t) < 0.02 for s, t in zip(offsets_s(timed), truth, strict=True))


def test_drift_is_slewed_out_within_the_limit() -> None:
    # The camera's clock gains 100 ppm; unslewed it would be 0.36 s ahead after an hour.
    timed = run((i * 0.1, round(i * 9000 * 1.0001), i % 20 == 0) for i in range(36_000))
    check(timed, 36_000)
    assert len(sessions(timed)) == 1
    assert abs(offsets_s(timed)[-1] - 3599.9) < 0.02
    for before, after in itertools.pairwise(timed):
        assert abs((after.pts_90k - before.pts_90k) / 9000.9 - 1) <= MAX_SLEW + 2 / 9000


def test_clock_that_runs_wrong_by_far_falls_back_to_arrival() -> None:
    # Ten per cent too fast, as cameras that claim 25 frames and send 22.
    timed = run((i * 0.04, round(i * 3960), i % 25 == 0) for i in range(3000))
    check(timed, 3000)
    assert 2 <= len(sessions(timed)) <= 4
    assert all(abs(s - i * 0.04) < 1.2 for i, s in enumerate(offsets_s(timed)))
    assert all(abs(s - i * 0.04) < 0.1 for i, s in enumerate(offsets_s(timed)) if i > 1500)


def test_camera_clock_that_stood_still_is_noticed() -> None:
    # The camera paused for 4 s and its timestamps with it.
    timed = run((i * 0.04 + (4 if i > 200 else 0), i * 3600, i % 25 == 0) for i in range(1000))
    check(timed, 1000)
    assert len(sessions(timed)) == 2
    assert abs(offsets_s(timed)[-1] - (999 * 0.04 + 4)) < 0.05


def test_b_frames_get_decode_times() -> None:
    # Decoding order I P b b P b b ...: presentation 0 3 1 2 6 4 5
    order = [0] + [n for p in range(3, 90, 3) for n in (p, p - 2, p - 1)]
    for reorder in (1, None):
        timed = run([(i * 0.04, n * 3600, i == 0) for i, n in enumerate(order)], reorder=reorder)
        check(timed, len(order))
        assert len(sessions(timed)) == 1
        tail = timed[10:]
        shown = [t.pts_90k - timed[0].pts_90k for t in tail]
        assert shown == [n * 3600 for n in order[10:]]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 3), st.one_of(st.none(), st.integers(0, 2**33)), st.booleans()),
        max_size=80,
    ),
    st.sampled_from([0, 1, 2, None]),
)
def test_garbage_times_never_break_the_promises(
    raw: list[tuple[float, int | None, bool]], reorder: int | None
) -> None:
    at_s, steps = 0.0, []
    for delta, pts, key in raw:
        at_s += delta
        steps.append((at_s, pts, key))
    timed = run(steps, reorder)
    if timed:
        check(timed, len(steps))
    assert len(timed) == len(steps)


@settings(max_examples=150, deadline=None)
@given(
    intervals_s=st.lists(
        st.sampled_from([0.02, 0.04, 0.04, 0.2, 1.0, 3.0]), min_size=30, max_size=120
    ),
    base=st.integers(0, (1 << 32) - 1),
    restarts=st.dictionaries(st.integers(1, 119), st.integers(0, (1 << 32) - 1), max_size=3),
    first=st.sampled_from(["none", "nowhere", "right"]),
    still=st.tuples(st.integers(0, 119), st.integers(0, 40)),
    read_every_s=st.sampled_from([0.001, 0.1]),
    jitter=st.randoms(use_true_random=False),
)
def test_no_lie_about_time_makes_a_gap(
    intervals_s: list[float],
    base: int,
    restarts: dict[int, int],
    first: str,
    still: tuple[int, int],
    read_every_s: float,
    jitter: random.Random,
) -> None:
    """Variable rates, wraps, restarts, a first time from nowhere, a clock that stands still, reading in batches:
    pictures stay where they arrived, and those of a camera that tells the truth stay exactly apart."""
    steps: list[Step] = []
    shown_s, stamp, came_s = 0.0, base, 0.0
    for index, interval_s in enumerate(intervals_s):
        stands = still[0] <= index < still[0] + still[1]
        shown_s += interval_s
        stamp = restarts.get(index, stamp if stands else stamp + round(interval_s * TICKS))
        late_s = 0.01 + 0.03 * jitter.random()
        came_s = max(came_s, math.ceil((shown_s + late_s) / read_every_s) * read_every_s)
        steps.append((came_s, stamp % (1 << 32), index % 5 == 0))
    if first != "right":
        nowhere = (base + (1 << 31)) % (1 << 32)
        steps[0] = (steps[0][0], nowhere if first == "nowhere" else None, True)
    timed = run(steps)
    check(timed, len(steps))
    for (arrived_s, _, _), at_s in zip(steps, offsets_s(timed), strict=True):
        # A restart by chance may look like one picture's interval, and only the next ten seconds show that it was none.
        assert -2.5 - (max(intervals_s) if restarts else 0.0) < at_s - arrived_s < 1.2
    truthful = not restarts and not still[1] and first == "right"
    if truthful:
        assert len(sessions(timed)) == 1
        apart = [b.pts_90k - a.pts_90k for a, b in itertools.pairwise(timed)]
        wanted = [round(interval_s * TICKS) for interval_s in intervals_s[1:]]
        assert all(abs(a - w) <= 2 + w * MAX_SLEW for a, w in zip(apart, wanted, strict=True))


def test_capture_time_is_session_start_plus_presentation_time() -> None:
    timed = run((i * 0.04, i * 3600, i % 25 == 0) for i in range(500))
    base = timed[0].capture_at
    assert all(
        abs(t.capture_at - base - timedelta(seconds=t.pts_90k / TICKS)) < timedelta(microseconds=2)
        for t in timed
    )
