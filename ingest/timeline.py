"""Capture time: which moment each access unit shows. Pure; times come in with every unit.

Local receive time wins. A camera's own timestamps say how far apart two pictures are; where the picture stands
on the wall clock is learnt from the quickest arrivals, and the camera's drift against the local clock is taken
out by stretching its timestamps by at most :data:`MAX_SLEW`. So ``capture_at = session start + pts_90k / 90000``
holds exactly for every unit.

What cannot be slewed away (the camera restarts its timestamps, the local clock is stepped, a clock that runs
wrong by far) begins a new session at the next key frame; until then time goes on by arrival.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")

TICKS = 90_000
MAX_SLEW = 500e-6
AHEAD_S = 1.0  # a picture cannot arrive before it was taken: camera time this far ahead is wrong
BEHIND_S = 2.0  # nor is every picture of a whole window this late because of the network
CLOCK_STEP_S = 0.5
_WINDOW_S = 10.0  # the quickest arrival of each such span speaks for the delay
_TIME_CONSTANT_S = 20.0
_WRAP = 1 << 32
_STEPPED = "the local clock was stepped"
_SETTLE_UNITS = 300
_FILL_90K = TICKS // 5
_WAITED_S = 0.5
_BREAK_S = 10.0  # more than any backlog that waits in buffers
_SETTLE_S = 1.0
_DEFAULT_INTERVAL = TICKS // 25
_MAX_INTERVAL = 10 * TICKS
_MAX_REORDER = 4
_DISTRUST_WITHIN_S = 60.0


@dataclass(
    slots=True
)  # not frozen: one is made per picture, and frozen ones take three times as long
class Arrival(Generic[T]):
    """One access unit in decoding order as it came in. ``pts_90k`` is the camera's own time, None if absent."""

    unit: T
    pts_90k: int | None
    key: bool
    wall: datetime
    monotonic_s: float


@dataclass(slots=True)  # as above
class Timed(Generic[T]):
    """The same unit with its times. ``new_session`` says why a session begins here, else it is None."""

    unit: T
    key: bool
    pts_90k: int
    dts_90k: int
    duration_90k: int  # expected: the interval before this unit
    capture_at: datetime
    new_session: str | None
    clock_step: bool = False  # the session begins because the local clock was stepped


class Timeline(Generic[T]):
    """Times the units of one connection. ``reorder`` is how many frames may be shown later than a frame
    decoded after them, None where unknown; then it is learnt from the timestamps."""

    def __init__(self, reorder: int | None = 0) -> None:
        self._depth = reorder or 0
        self._settling: list[Arrival[T]] | None = []
        self._reason: str | None = "connected"
        self._by_arrival = False
        self._broken_at_s: float | None = None
        self.residual_s: float | None = (
            None  # what the quickest arrivals of the last window disagree by
        )
        self._begin()

    def _begin(self) -> None:
        """Forgets what holds for one session only."""
        self._raw: int | None = None  # unwrapped camera time of the last unit
        self._out = 0.0  # the last unit's presentation time, before it is made to grow
        self._last_dts: int | None = None
        self._waiting: list[int] = []  # presentation times whose decode place is not given out yet
        self._count = 0  # intervals seen
        self._interval = float(_DEFAULT_INTERVAL)
        self._anchor: datetime | None = None
        self._window_from = 0.0
        self._window_min: float | None = None
        self._slew = 0.0
        self._last_wall: datetime | None = None
        self._last_mono = 0.0
        self._pending: str | None = None

    @property
    def reorder(self) -> int:
        """How many frames are shown later than one decoded after them, as far as known; 0: no B-frames."""
        return self._depth

    def push(self, arrival: Arrival[T]) -> list[Timed[T]]:
        """Takes the next unit and returns those whose time is known by now, in order.

        Right after connecting, units that had waited in buffers come in a rush. They are held until one had to
        be waited for: only that one's arrival says what time it is. Afterwards every call returns one unit.
        """
        if self._settling is None:
            return [self._step(arrival)]
        self._settling.append(arrival)
        if not self._settled(self._settling):
            return []
        held, self._settling = self._settling, None
        return self._start(held)

    def flush(self) -> list[Timed[T]]:
        """What is still held when the connection ends."""
        held, self._settling = self._settling or [], None
        return self._start(held) if held else []

    def _settled(self, held: Sequence[Arrival[T]]) -> bool:
        if len(held) < 2:
            return False
        gap_s = held[-1].monotonic_s - held[-2].monotonic_s
        total_s = held[-1].monotonic_s - held[0].monotonic_s
        before, last = held[-2].pts_90k, held[-1].pts_90k
        expected_s = (last - before) / TICKS if before is not None and last is not None else 0.04
        waited = gap_s >= 0.5 * max(expected_s, 0.005)
        return waited or total_s >= _SETTLE_S or len(held) >= _SETTLE_UNITS

    def _start(self, held: list[Arrival[T]]) -> list[Timed[T]]:
        """Begins a session with ``held``: fills in missing times and finds the moment of the first unit."""
        raw = _fill(_consistent(held), [a.monotonic_s for a in held])
        unwrapped = [raw[0]]
        for value in raw[1:]:
            unwrapped.append(unwrapped[-1] + _signed(value - unwrapped[-1]))
        lateness = [
            a.wall.timestamp() - (r - unwrapped[0]) / TICKS
            for a, r in zip(held, unwrapped, strict=True)
        ]
        best = lateness.index(min(lateness))
        self._anchor = held[best].wall - _ticks(unwrapped[best] - unwrapped[0])
        timed = []
        for arrival, value in zip(held, raw, strict=True):
            timed.append(
                self._step(
                    Arrival(arrival.unit, value, arrival.key, arrival.wall, arrival.monotonic_s),
                    measured=False,
                )
            )
        self._last_wall, self._last_mono = held[-1].wall, held[-1].monotonic_s
        return timed

    def _step(self, arrival: Arrival[T], measured: bool = True) -> Timed[T]:
        if measured and arrival.key and self._pending is not None:
            pending = self._pending
            self._begin()
            self._reason = pending
            self._anchor = arrival.wall
        if self._anchor is None:
            self._anchor = arrival.wall
        advance = self._advance(arrival, measured)
        self._out += advance * (1.0 + self._slew)
        if measured:
            self._measure(arrival)
        self._last_wall, self._last_mono = arrival.wall, arrival.monotonic_s
        pts, dts = self._order(round(self._out))
        reason, self._reason = self._reason, None
        return Timed(
            arrival.unit,
            arrival.key,
            pts,
            dts,
            round(self._interval) or 1,
            self._anchor + _ticks(pts),
            reason,
            reason is not None and reason.startswith(_STEPPED),
        )

    def _advance(self, arrival: Arrival[T], measured: bool) -> float:
        """How far the presentation time moves from the unit before, in ticks; negative for a reordered frame."""
        by_arrival = (
            (arrival.monotonic_s - self._last_mono) * TICKS if self._last_wall is not None else 0.0
        )
        value = arrival.pts_90k
        if self._by_arrival or self._pending is not None:
            self._raw = value if value is not None else self._raw
            return max(1.0, by_arrival) if self._last_wall is not None else 0.0
        if value is None:
            # Its neighbours' interval is the best guess; the raw clock goes on by the same amount.
            if self._raw is not None:
                self._raw += round(self._interval)
                return self._interval
            return 0.0
        if self._raw is None:
            self._raw = value
            return 0.0
        delta = _signed(value - self._raw)
        if delta == 0:  # a clock that stands still, or the two fields of one picture
            return max(1.0, by_arrival)
        if measured and self._jumped(delta, by_arrival, arrival):
            self._break(f"the camera's timestamps jumped by {delta / TICKS:+.1f} s", arrival)
            self._raw = value
            return max(1.0, by_arrival)
        self._raw += delta
        return delta

    def _jumped(self, delta: int, by_arrival: float, arrival: Arrival[T]) -> bool:
        """Whether one step of the camera's time is neither reordering nor a lost stretch of pictures."""
        if delta < 0:
            usual = min(max(self._interval, TICKS / 5), TICKS / 2)
            # A reordered picture is near, and does not come so long after the one before.
            return delta < -_MAX_REORDER * usual or by_arrival > BEHIND_S * TICKS
        if delta <= by_arrival + AHEAD_S * TICKS:
            return False
        assert self._anchor is not None
        late_s = (arrival.wall - self._anchor).total_seconds() - (self._out + delta) / TICKS
        return late_s < -AHEAD_S

    def _break(self, reason: str, arrival: Arrival[T], drift: bool = False) -> None:
        """A new session must begin at the next key frame."""
        if self._pending is not None:
            return
        self._pending = reason
        if drift:
            last, self._broken_at_s = self._broken_at_s, arrival.monotonic_s
            if last is not None and arrival.monotonic_s - last < _DISTRUST_WITHIN_S:
                self._by_arrival = True  # its clock runs wrong: from now on only arrivals count

    def _measure(self, arrival: Arrival[T]) -> None:
        """Compares presentation time with arrival and sets the slew; finds steps of either clock."""
        assert self._anchor is not None
        if self._last_wall is not None and (
            arrival.wall is not self._last_wall or arrival.monotonic_s != self._last_mono
        ):  # not of one read
            wall_s = (arrival.wall - self._last_wall).total_seconds()
            step_s = wall_s - (arrival.monotonic_s - self._last_mono)
            if abs(step_s) > CLOCK_STEP_S:
                self._break(f"{_STEPPED} by {step_s:+.1f} s", arrival)
        if self._pending is not None:
            return
        late = (arrival.wall - self._anchor).total_seconds() - self._out / TICKS
        if self._by_arrival:
            return
        if self._window_min is None:
            self._window_from, self._window_min = arrival.monotonic_s, late
        elif late < self._window_min:
            self._window_min = late
        if late < -AHEAD_S:
            self._break("the camera's clock runs too fast", arrival, drift=True)
        elif arrival.monotonic_s - self._window_from >= _WINDOW_S:
            if self._window_min > BEHIND_S:
                self._break("the camera's clock runs too slow or stood still", arrival, drift=True)
            self.residual_s = abs(self._window_min)
            wanted = self._window_min / _TIME_CONSTANT_S
            self._slew = max(-MAX_SLEW, min(MAX_SLEW, wanted))
            self._window_min = None

    def _order(self, pts: int) -> tuple[int, int]:
        """Presentation and decode time; decode times grow strictly and never pass presentation times.

        With reordering of depth d the n-th decode time is the (n-d)-th smallest presentation time.
        """
        last = self._last_dts
        if last is not None and pts < last - 1 and self._depth < _MAX_REORDER:
            self._depth += 1
        if self._depth == 0:
            dts = pts if last is None else max(pts, last + 1)
            self._placed(dts)
            return dts, dts
        heapq.heappush(self._waiting, pts)
        missing = self._depth + 1 - len(self._waiting)
        if missing > 0:
            dts = self._waiting[0] - round(missing * self._interval)
        else:
            dts = heapq.heappop(self._waiting)
        if last is not None:
            dts = max(dts, last + 1)
        self._placed(dts)
        return max(pts, dts), dts

    def _placed(self, dts: int) -> None:
        """Remembers a decode time and learns the interval from it."""
        if self._last_dts is not None and 1 < dts - self._last_dts < _MAX_INTERVAL:
            self._interval += (dts - self._last_dts - self._interval) * (
                0.1 if self._count > 1 else 1.0
            )
            self._count += 1
        self._last_dts = dts


def _ticks(count: float) -> timedelta:
    return timedelta(0, 0, round(count * 1_000_000 / TICKS))


def _signed(delta: int) -> int:
    """A difference of 32-bit timestamps as the shorter way round."""
    return (delta + _WRAP // 2) % _WRAP - _WRAP // 2


def _consistent(held: Sequence[Arrival[T]]) -> list[int | None]:
    """The units' times, without those in front of a break: some cameras send their first picture with a time from
    nowhere. A break is a step that differs from the arrivals' by more than :data:`_BREAK_S`."""
    values = [a.pts_90k for a in held]
    for index in range(len(held) - 1, 0, -1):
        before, after = values[index - 1], values[index]
        if before is None or after is None:
            continue
        came_s = held[index].monotonic_s - held[index - 1].monotonic_s
        if abs(_signed(after - before) / TICKS - came_s) > _BREAK_S:
            return [None] * index + values[index:]
    return values


def _fill(values: list[int | None], came_s: list[float]) -> list[int]:
    """Missing times in a run of units, put at the known ones' interval; where one was waited for, ``came_s`` says how
    long."""
    known = [(i, v) for i, v in enumerate(values) if v is not None]
    steps = sorted(
        _signed(b - a) // (j - i)
        for (i, a), (j, b) in itertools.pairwise(known)
        if _signed(b - a) > 0
    )
    # Two pictures far apart say nothing about those in front of them.
    usual = min(steps[len(steps) // 2], _FILL_90K) if steps else _DEFAULT_INTERVAL

    def step(index: int) -> int:
        """From the unit before ``index`` to it."""
        waited_s = came_s[index] - came_s[index - 1]
        return round(waited_s * TICKS) if waited_s > _WAITED_S else usual

    out = list(values)
    first = known[0][0] if known else 0
    out[first] = known[0][1] if known else 0
    for index in range(first, 0, -1):
        out[index - 1] = _known(out[index]) - step(index)
    for index in range(first + 1, len(out)):
        if out[index] is None:
            out[index] = _known(out[index - 1]) + step(index)
    return [_known(value) for value in out]


def _known(value: int | None) -> int:
    assert value is not None
    return value
