"""What of a time was recorded, and why the rest was not. Pure.

Coverage is the union of the fragments; a gap is what they leave out, so there is no second truth that a crash could
leave wrong. The ledger of states and the spans in which the process lived only say *why*. Every instant of a window is
in exactly one span or one gap.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from gis.said import why_of

JOIN = timedelta(seconds=1)  # a shorter pause is no gap
NOT_YET = timedelta(seconds=10)  # the newest seconds may still be on their way to disk and index
UNKNOWN = "unknown"
STOPPED = "process_stopped"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time."""

    start_at: datetime
    end_at: datetime

    @property
    def seconds(self) -> float:
        return (self.end_at - self.start_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch that was not recorded, with one of the reasons in docs/design/0004-footage.md and a sentence."""

    start_at: datetime
    end_at: datetime
    reason: str
    detail: str

    @property
    def seconds(self) -> float:
        return (self.end_at - self.start_at).total_seconds()

    @property
    def why(self) -> dict[str, Any] | None:
        """The sentence's code and what it names, see :func:`gis.said.why_of`."""
        return why_of(self.detail)


@dataclass(frozen=True, slots=True)
class Entry:
    """From ``at`` on the camera was in ``state``: ``recording``, ``waiting``, or ``missing`` for ``reason``."""

    at: datetime
    state: str
    reason: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """One file's stretch of time and the holes in it, in order."""

    start_at: datetime
    end_at: datetime
    holes: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """A camera's window: ``recorded`` and ``gaps`` together are the window, without overlap. ``window`` is None where
    nothing was due: before the camera was added, or in the future."""

    window: Span | None
    recorded: tuple[Span, ...]
    gaps: tuple[Gap, ...]

    @property
    def due_s(self) -> float:
        """How long the camera should have been recorded."""
        return self.window.seconds if self.window is not None else 0.0

    @property
    def recorded_s(self) -> float:
        return sum(span.seconds for span in self.recorded)

    @property
    def percent(self) -> float | None:
        """0 to 100 of the time that was due; None where none was."""
        return 100.0 * self.recorded_s / self.due_s if self.due_s > 0 else None


def due(from_at: datetime, to_at: datetime, since: datetime, now: datetime) -> Span | None:
    """What of a window can be judged: from when the camera was added to shortly before now."""
    start, end = max(from_at, since), min(to_at, now - NOT_YET)
    return Span(start, end) if start < end else None


def cover(
    window: Span | None,
    files: Iterable[Recorded],
    entries: Sequence[Entry],
    runs: Sequence[Span],
    known_since: datetime | None,
) -> Coverage:
    """The coverage of ``window``.

    ``files`` come in order of their start and may overlap. ``entries`` are the camera's, in order of time, with the last
    one before the window. ``runs`` are the spans in which an ingest process lived; before ``known_since`` none was
    written down (None: never), so nothing is known of that time.
    """
    if window is None:
        return Coverage(None, (), ())
    recorded = union(window, files)
    gaps: list[Gap] = []
    at = window.start_at
    for span in recorded:
        if at < span.start_at:
            gaps += explain(Span(at, span.start_at), entries, runs, known_since)
        at = span.end_at
    if at < window.end_at:
        gaps += explain(Span(at, window.end_at), entries, runs, known_since)
    return Coverage(window, tuple(recorded), tuple(gaps))


def union(window: Span, files: Iterable[Recorded]) -> list[Span]:
    """The union of the files without their holes, joined over short pauses, cut to the window."""
    pieces: list[tuple[datetime, datetime]] = []
    for file in files:
        at = file.start_at
        for start, end in file.holes:
            pieces.append((at, start))
            at = end
        pieces.append((at, file.end_at))
    out: list[Span] = []
    for start, end in sorted(pieces):
        if end <= start:
            continue
        if out and start <= out[-1].end_at + JOIN:
            if end > out[-1].end_at:
                out[-1] = Span(out[-1].start_at, end)
        else:
            out.append(Span(start, end))
    cut = (Span(max(s.start_at, window.start_at), min(s.end_at, window.end_at)) for s in out)
    return _close_edges(window, [s for s in cut if s.start_at < s.end_at])


def _close_edges(window: Span, spans: list[Span]) -> list[Span]:
    """A pause too short for a gap is none at the window's edges either."""
    if spans and spans[0].start_at <= window.start_at + JOIN:
        spans[0] = Span(window.start_at, spans[0].end_at)
    if spans and spans[-1].end_at >= window.end_at - JOIN:
        spans[-1] = Span(spans[-1].start_at, window.end_at)
    return spans


def explain(
    gap: Span, entries: Sequence[Entry], runs: Sequence[Span], known_since: datetime | None
) -> list[Gap]:
    """A stretch without footage, cut by what the ledger says of it.

    A piece in which nothing spoke against footage takes the reason of the next one (a stall is noticed some seconds
    after its last picture), else of the one before (a camera that is back needs a moment for its first picture).
    """
    edges = {gap.start_at, gap.end_at}
    marks = [e.at for e in entries] + [t for r in runs for t in (r.start_at, r.end_at)]
    edges.update(t for t in marks if gap.start_at < t < gap.end_at)
    if known_since is not None and gap.start_at < known_since < gap.end_at:
        edges.add(known_since)
    ordered = sorted(edges)
    times = [e.at for e in entries]
    found: list[tuple[str, str] | None] = []
    for start in ordered[:-1]:
        found.append(_reason(start, entries, times, runs, known_since))
    for index in reversed(range(len(found) - 1)):
        found[index] = found[index] or found[index + 1]
    for index in range(1, len(found)):
        found[index] = found[index] or found[index - 1]
    out: list[Gap] = []
    for start, end, reason in zip(ordered, ordered[1:], found, strict=False):
        name, detail = reason or (UNKNOWN, "")
        if out and out[-1].reason == name:
            out[-1] = replace(out[-1], end_at=end, detail=out[-1].detail or detail)
        else:
            out.append(Gap(start, end, name, detail))
    return out


def _reason(
    at: datetime,
    entries: Sequence[Entry],
    times: Sequence[datetime],
    runs: Sequence[Span],
    known_since: datetime | None,
) -> tuple[str, str] | None:
    """Why nothing was recorded from ``at`` on; None where nothing spoke against it."""
    if known_since is None or at < known_since:
        return UNKNOWN, ""
    living = [r for r in runs if r.start_at <= at < r.end_at]
    if not living:
        return STOPPED, ""
    index = bisect.bisect_right(times, at) - 1
    # What an earlier process last said does not hold for this one.
    if index < 0 or entries[index].at < min(r.start_at for r in living):
        return None
    entry = entries[index]
    return (entry.reason or UNKNOWN, entry.detail) if entry.state == "missing" else None


def add_up(parts: Sequence[Coverage]) -> tuple[float, float]:
    """Seconds recorded and seconds due of several windows or cameras."""
    return sum(c.recorded_s for c in parts), sum(c.due_s for c in parts)
