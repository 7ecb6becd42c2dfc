"""Less noise: how often a camera's rule is wrong, and what would have kept it quiet without losing anything. Pure.

A **decision** is an alarm that somebody dismissed, or put into an incident. A **sample** is one event behind a decision,
with what is known of it. A **proposal** is one change of the zone that would have suppressed most of the false samples
and none of the true ones of the record it was made from; it promises nothing about what comes.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from shapely import MultiPoint, Polygon, box
from shapely.geometry import Point as ShapelyPoint

from analytics.model import Point
from analytics.zone import inside
from command.model import DismissCode

CODES: tuple[DismissCode, ...] = get_args(DismissCode)
FALSE_CODES: tuple[DismissCode, ...] = CODES[: CODES.index("other_false") + 1]
"""The alarm was wrong; after the others it was right, but nobody had to come."""

ProposalKind = Literal["ignore", "min_size", "dwell", "threshold", "schedule"]
KINDS: tuple[ProposalKind, ...] = get_args(ProposalKind)
"""From the least drastic to the most: which is proposed first among equals."""

MIN_FALSE = 4
"""With fewer false samples there is nothing to learn from."""
MIN_TRUE = 3
"""A number is only raised where so many true samples of a known value show that they would stay."""
MOST = 0.5
"""More than this share of the false samples has to go."""
MIN_GAP = 0.1
"""Of the value: false and true ones nearer to each other are not told apart by it."""
Z_95 = 1.959964
DAY_MIN = 24 * 60
WEEK_MIN = 7 * DAY_MIN
STEP_MIN = 15
MAX_HOLE_MIN = 180
MIN_HOLE_DAYS = 3
"""What happened at one time of so many days happens at that time."""
LINK = 0.05
"""Of the picture: false places nearer to each other belong together."""
BUFFER = 0.02
MAX_IGNORED_SHARE = 0.5
"""Of the zone's area: ignoring more of it would leave no zone."""
MAX_SPANS = 70


@dataclass(frozen=True, slots=True)
class Rate:
    """False among all decided, with the 95 % interval of Wilson (1927). ``share`` is None where none was decided."""

    false: int
    decided: int
    share: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One event behind a decision.

    ``place`` is where the thing stood in the picture, normalised. ``size_m``, ``stay_s`` and ``value`` are the larger of
    its height and width, how long it stayed in the area, and what the rule fired on; None where unknown.
    """

    event_id: int
    camera_id: int
    week_min: int
    day: int
    place: Point
    false: bool
    size_m: float | None = None
    stay_s: float | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What of a zone decides whether a sample fires. ``over`` None: the rule has no threshold to raise or lower."""

    outline: tuple[Point, ...] = ()
    min_size_m: float = 0.0
    dwell_s: float = 0.0
    threshold: float | None = None
    over: Literal["above", "below"] | None = None
    schedule: tuple[tuple[int, int], ...] = ()
    ignored: Mapping[int, tuple[tuple[Point, ...], ...]] = field(default_factory=dict)
    allowed: frozenset[ProposalKind] = frozenset(KINDS)
    """What can be changed of this rule at all."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to set. ``camera_id`` and ``area`` belong to ``ignore``; ``hole_min`` are minutes of the day."""

    kind: ProposalKind
    number: float | None = None
    camera_id: int | None = None
    area: tuple[Point, ...] = ()
    schedule: tuple[tuple[int, int], ...] = ()
    hole_min: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change, and what it would have done to the record."""

    change: Change
    before: float | None
    false_gone: tuple[int, ...]
    false_all: int
    true_all: int


def rate(false: int, decided: int) -> Rate:
    """The share with its interval.

    >>> found = rate(3, 4)
    >>> round(found.low, 2), round(found.high, 2)
    (0.3, 0.95)
    """
    if decided == 0:
        return Rate(0, 0, None, 0.0, 1.0)
    share = false / decided
    spread = Z_95 * math.sqrt(share * (1 - share) / decided + Z_95**2 / (4 * decided**2))
    middle, scale = share + Z_95**2 / (2 * decided), 1 + Z_95**2 / decided
    return Rate(
        false,
        decided,
        share,
        min(share, max(0.0, (middle - spread) / scale)),
        max(share, min(1.0, (middle + spread) / scale)),
    )


def suppressed(sample: Sample, settings: Settings) -> bool:
    """Whether the zone so set would not have fired for the sample. What is not known of a sample suppresses nothing."""
    if any(inside(area, sample.place) for area in settings.ignored.get(sample.camera_id, ())):
        return True
    if sample.size_m is not None and sample.size_m < settings.min_size_m:
        return True
    if sample.stay_s is not None and sample.stay_s < settings.dwell_s:
        return True
    limit = settings.threshold
    if sample.value is not None and limit is not None:
        if settings.over == "above" and sample.value < limit:
            return True
        if settings.over == "below" and sample.value > limit:
            return True
    return not _watches(settings.schedule, sample.week_min)


def changed(settings: Settings, change: Change) -> Settings:
    """The settings after a change."""
    match change.kind:
        case "ignore":
            assert change.camera_id is not None
            before = settings.ignored.get(change.camera_id, ())
            areas = {**settings.ignored, change.camera_id: (*before, change.area)}
            return replace(settings, ignored=areas)
        case "min_size":
            return replace(settings, min_size_m=_number(change))
        case "dwell":
            return replace(settings, dwell_s=_number(change))
        case "threshold":
            return replace(settings, threshold=_number(change))
        case "schedule":
            return replace(settings, schedule=change.schedule)


def propose(samples: Sequence[Sample], settings: Settings) -> list[Proposal]:
    """What would have kept most of the false samples away and none of the true ones, the best first.

    Samples that the zone as it is now set would not fire for any more are left out.
    """
    record = [sample for sample in samples if not suppressed(sample, settings)]
    false = [sample for sample in record if sample.false]
    true = [sample for sample in record if not sample.false]
    if len(false) < MIN_FALSE:
        return []
    found: list[Proposal] = []
    for kind, candidates in _CANDIDATES.items():
        if kind not in settings.allowed:
            continue
        best: Proposal | None = None
        for change in candidates(false, true, settings):
            made = _judge(change, false, true, settings)
            if made and (best is None or len(made.false_gone) > len(best.false_gone)):
                best = made
        if best is not None:
            found.append(best)
    return sorted(found, key=lambda made: (-len(made.false_gone), KINDS.index(made.change.kind)))


def _judge(
    change: Change, false: Sequence[Sample], true: Sequence[Sample], settings: Settings
) -> Proposal | None:
    after = changed(settings, change)
    if any(suppressed(sample, after) for sample in true):
        return None
    gone = tuple(sample.event_id for sample in false if suppressed(sample, after))
    if len(gone) <= MOST * len(false):
        return None
    before = {
        "min_size": settings.min_size_m,
        "dwell": settings.dwell_s,
        "threshold": settings.threshold,
    }.get(change.kind)
    return Proposal(change, before, gone, len(false), len(true))


def _ignore(
    false: Sequence[Sample], true: Sequence[Sample], settings: Settings
) -> Iterable[Change]:
    """Where false places gather, as an outline around them that holds no true place."""
    whole = Polygon(settings.outline).area if len(settings.outline) >= 3 else 1.0
    by_camera: dict[int, list[Point]] = defaultdict(list)
    for sample in false:
        by_camera[sample.camera_id].append(sample.place)
    for camera_id, places in by_camera.items():
        kept = [sample.place for sample in true if sample.camera_id == camera_id]
        for link in (LINK, LINK / 2, LINK * 2):
            for cluster in _clusters(places, link):
                for buffer in (BUFFER, BUFFER / 2, BUFFER / 4):
                    area = MultiPoint(cluster).convex_hull.buffer(buffer, quad_segs=2)
                    area = area.intersection(box(0, 0, 1, 1)).simplify(buffer / 8)
                    if not isinstance(area, Polygon) or area.area > MAX_IGNORED_SHARE * whole:
                        continue
                    if any(area.distance(ShapelyPoint(p)) < buffer / 2 for p in kept):
                        continue
                    outline = tuple(
                        (min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
                        for x, y in list(area.exterior.coords)[:-1]
                    )
                    yield Change("ignore", camera_id=camera_id, area=outline)
                    break


def _clusters(places: Sequence[Point], link: float) -> list[list[Point]]:
    """Places that hang together by steps of at most ``link``."""
    left = set(range(len(places)))
    clusters: list[list[Point]] = []
    while left:
        group = [left.pop()]
        for i in group:
            near = [j for j in left if math.dist(places[i], places[j]) <= link]
            group += near
            left -= set(near)
        clusters.append([places[i] for i in group])
    return clusters


def _raised(
    kind: ProposalKind, value: Callable[[Sample], float | None], now: Callable[[Settings], float]
) -> Callable[[Sequence[Sample], Sequence[Sample], Settings], Iterable[Change]]:
    """A least value between the false samples below and all true ones."""

    def candidates(
        false: Sequence[Sample], true: Sequence[Sample], settings: Settings
    ) -> Iterable[Change]:
        limit = _between([value(s) for s in false], [value(s) for s in true])
        if limit is not None and limit > now(settings):
            yield Change(kind, number=limit)

    return candidates


def _threshold(
    false: Sequence[Sample], true: Sequence[Sample], settings: Settings
) -> Iterable[Change]:
    if settings.over is None or settings.threshold is None:
        return
    sign = 1.0 if settings.over == "above" else -1.0
    limit = _between(
        [None if s.value is None else sign * s.value for s in false],
        [None if s.value is None else sign * s.value for s in true],
    )
    if limit is not None:
        yield Change("threshold", number=sign * limit)


def _between(false: Sequence[float | None], true: Sequence[float | None]) -> float | None:
    """A round number above most false values and not above the least true one; None where there is none."""
    known = [value for value in true if value is not None]
    if len(known) < MIN_TRUE:
        return None
    least = min(known)
    below = [value for value in false if value is not None and value < least]
    if not below:
        return None
    highest = max(below)
    if least - highest < MIN_GAP * max(abs(least), abs(highest)):
        return None
    middle = highest + (least - highest) / 2
    for digits in range(6):
        limit = round(middle, digits)
        if highest < limit <= least:
            return limit
    return least


def _schedule(
    false: Sequence[Sample], true: Sequence[Sample], settings: Settings
) -> Iterable[Change]:
    """A time of day at which the false ones come, day after day, and no true one."""
    by_minute = sorted(false, key=lambda s: s.week_min % DAY_MIN)
    best: tuple[int, int, int] | None = None  # how many, from, length
    for first in by_minute:
        start = (first.week_min % DAY_MIN) // STEP_MIN * STEP_MIN
        for length in range(2 * STEP_MIN, MAX_HOLE_MIN + 1, STEP_MIN):
            covered = [s for s in false if _in_day(s, start, length)]
            if len({s.day for s in covered}) < MIN_HOLE_DAYS:
                continue
            if any(_in_day(s, start - STEP_MIN, length + 2 * STEP_MIN) for s in true):
                break
            if best is None or len(covered) > best[0]:
                best = (len(covered), start, length)
    if best is None:
        return
    _, start, length = best
    left = without(settings.schedule, start, length)
    if left and len(left) <= MAX_SPANS:
        yield Change("schedule", schedule=left, hole_min=(start, (start + length) % DAY_MIN))


_CANDIDATES: dict[
    ProposalKind, Callable[[Sequence[Sample], Sequence[Sample], Settings], Iterable[Change]]
] = {
    "ignore": _ignore,
    "min_size": _raised("min_size", lambda s: s.size_m, lambda z: z.min_size_m),
    "dwell": _raised("dwell", lambda s: s.stay_s, lambda z: z.dwell_s),
    "threshold": _threshold,
    "schedule": _schedule,
}


def without(
    schedule: Sequence[tuple[int, int]], start_min: int, length_min: int
) -> tuple[tuple[int, int], ...]:
    """A schedule with a hole at the same time of every day, as spans within the week.

    >>> without([(0, 600)], 60, 30)
    ((0, 60), (90, 600))
    """
    watched = [False] * WEEK_MIN
    for first, end in schedule or [(0, WEEK_MIN)]:
        for minute in range(first, min(end, first + WEEK_MIN)):
            watched[minute % WEEK_MIN] = True
    for day in range(7):
        for minute in range(length_min):
            watched[(day * DAY_MIN + start_min + minute) % WEEK_MIN] = False
    spans: list[tuple[int, int]] = []
    for minute in range(WEEK_MIN):
        if not watched[minute]:
            continue
        if spans and spans[-1][1] == minute:
            spans[-1] = (spans[-1][0], minute + 1)
        else:
            spans.append((minute, minute + 1))
    return tuple(spans)


def _in_day(sample: Sample, start_min: int, length_min: int) -> bool:
    return (sample.week_min - start_min) % DAY_MIN < length_min


def _watches(schedule: Sequence[tuple[int, int]], minute: int) -> bool:
    return not schedule or any(
        start <= minute < end or start <= minute + WEEK_MIN < end for start, end in schedule
    )


def _number(change: Change) -> float:
    assert change.number is not None
    return change.number
