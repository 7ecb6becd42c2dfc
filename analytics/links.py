"""Whether two cameras' tracks are of one thing: a likelihood ratio of "the same" against "by chance". Pure.

A thing that left the ground of one camera at a place, with a heading and a speed, and one that entered another's. For
each pair the weight is::

    w = P(goes on to there) / P(does not) × p(gap | way, speed) / rate of chance arrivals × look × colour × headings × speeds

What becomes of these where others compete for the same ending or the same beginning: :mod:`analytics.rivals`.

Where both cameras saw it at the same time, the distance between the two paths stands in for the gap, against how many
others are about on that ground. All densities and rates are per second or per square metre.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray

from analytics.model import Colour, Kind, TrackRecord
from analytics.rivals import Pair, settled
from gis.ground import LocalFrame
from gis.model import LonLat

NEIGHBOUR_M = 150.0
"""Cameras whose grounds lie further apart are no neighbours: too much may happen in between."""
MOST_GAP_S = 150.0
PROPOSE = 0.55
"""What is less likely than this is not proposed."""
GOES_ON = 0.35
"""Of the things that leave a camera's ground towards a neighbour's, so many are seen there next."""
BOTH_SEE = 0.6
LEAST_WEIGHT = 0.04
PLACE_SIGMA_M = 2.5
"""How far two cameras' places of one thing lie apart, one sigma."""
DETOUR = 1.1
TIME_SHARE = 0.25
TIME_SIGMA_S = 0.8
LINGERS = 0.12
LINGERS_S = 25.0
"""So many stop on the way, for so long in the mean."""
TYPICAL_MS: dict[Kind, float] = {"person": 1.35, "vehicle": 8.0, "other": 2.0}
SPEED_SPREAD: dict[Kind, float] = {"person": 0.22, "vehicle": 0.5, "other": 0.6}
MOST_MS: dict[Kind, float] = {"person": 6.0, "vehicle": 35.0, "other": 35.0}
HEADING_SIGMA_DEG = 32.0
HEADING_KEPT = 0.88
"""So many keep their heading out of sight; the rest turn anywhere."""
BACK_DEG = 120.0
BACK = 0.25
HEADING_OVER_M = 1.5
NEAR_M = 4.0
"""From a place to one nearer than this no bearing can be told."""
LOOK_SAME = (0.68, 0.13)
LOOK_OTHER = (0.45, 0.13)
"""Mean and spread of two looks' dot product, of one person seen by two cameras and of two persons."""
LOOK_MOST = 40.0
COLOUR_KEPT = 0.6
COLOUR_SHARE: dict[Colour, float] = {
    "black": 0.24, "white": 0.2, "gray": 0.22, "red": 0.07, "blue": 0.1, "green": 0.05,
    "brown": 0.05, "yellow": 0.03, "orange": 0.02, "purple": 0.02,
}  # fmt: skip
LEAST_RATE_S = 1 / 150
OTHER_KIND = 0.05
OTHER_LABEL = 0.3
GROUND_M2 = 1500.0
"""A camera's ground where its extent is not known."""
LEARN_FROM = 8


@dataclass(frozen=True, slots=True)
class Passage:
    """What is known of one track where it begins and ends. ``t_s`` (since 1970) and ``path`` run in parallel."""

    uid: UUID
    camera_id: int
    kind: Kind
    confidence: float
    label: str | None
    colour: Colour | None
    look: tuple[float, ...] | None
    speed_ms: float | None
    t_s: tuple[float, ...]
    path: tuple[LonLat, ...]

    @property
    def start_s(self) -> float:
        """Its first place's time."""
        return self.t_s[0]

    @property
    def end_s(self) -> float:
        """Its last place's time."""
        return self.t_s[-1]


@dataclass(frozen=True, slots=True)
class Transit:
    """How long the way from one camera to another takes, against distance over speed, as learned from sure links."""

    factor: float = DETOUR
    share: float = TIME_SHARE


@dataclass(frozen=True, slots=True)
class Link:
    """A proposal. ``gap_s`` is negative where both cameras saw it."""

    from_uid: UUID
    to_uid: UUID
    probability: float
    gap_s: float
    distance_m: float
    why: str
    why_en: str


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """Passage number ``index`` on one plane: ``places`` is ``(n, 2)`` metres, headings are degrees clockwise from north."""

    index: int
    passage: Passage
    t_s: NDArray[np.float64]
    places: NDArray[np.float64]
    out_deg: float | None
    into_deg: float | None


def passage(record: TrackRecord) -> Passage | None:
    """A stored track as a passage; None where it has no way on the ground."""
    path = record.path
    if len(path) < 2:
        return None
    start_s, end_s = record.start_at.timestamp(), record.end_at.timestamp()
    if len(record.t_ms) == len(path):
        t_s = tuple(start_s + t / 1000 for t in record.t_ms)
    else:  # some of its places were too uncertain: even steps are near enough
        t_s = tuple(np.linspace(start_s, end_s, len(path)).tolist())
    return Passage(
        record.uid,
        record.camera_id,
        record.kind,
        record.confidence,
        record.label,
        record.colour,
        record.look,
        record.speed_ms,
        t_s,
        path,
    )


def neighbours(
    grounds: Mapping[int, Sequence[tuple[float, float]]], within_m: float = NEIGHBOUR_M
) -> dict[int, frozenset[int]]:
    """Which cameras' grounds (closed rings of lon, lat) lie within ``within_m`` of each other's."""
    known = {camera: ring for camera, ring in grounds.items() if len(ring) >= 3}
    if not known:
        return {}
    first = next(iter(known.values()))[0]
    frame = LocalFrame(LonLat(*first))
    areas = {
        camera: shapely.Polygon(np.stack(frame.to_enu(*np.array(ring).T), axis=1)).buffer(0)
        for camera, ring in known.items()
    }
    tree = shapely.STRtree(list(areas.values()))
    ids = list(areas)
    out: dict[int, set[int]] = defaultdict(set)
    for camera, area in areas.items():
        for i in tree.query(area, predicate="dwithin", distance=within_m).tolist():
            if ids[i] != camera:
                out[camera].add(ids[i])
    return {camera: frozenset(others) for camera, others in out.items()}


def ground_m2(ring: Sequence[tuple[float, float]]) -> float:
    """The area of a ring of (lon, lat)."""
    if len(ring) < 3:
        return GROUND_M2
    frame = LocalFrame(LonLat(*ring[0]))
    area = shapely.Polygon(np.stack(frame.to_enu(*np.array(ring).T), axis=1)).area
    return max(float(area), 50.0)


def transit(ratios: Sequence[float]) -> Transit:
    """Learned from sure links of one way: gap over (distance / speed) each. The default until there are enough."""
    if len(ratios) < LEARN_FROM:
        return Transit()
    values = np.array(ratios)
    middle = float(np.median(values))
    spread = 1.4826 * float(np.median(np.abs(values - middle)))
    return Transit(middle, min(max(spread / max(middle, 0.1), 0.1), 0.6))


def propose(
    passages: Sequence[Passage],
    near: Mapping[int, frozenset[int]],
    areas_m2: Mapping[int, float] | None = None,
    ways: Mapping[tuple[int, int, Kind], Transit] | None = None,
    least: float = PROPOSE,
) -> list[Link]:
    """Every link among ``passages`` that is at least ``least`` likely, surest first.

    ``passages`` are all tracks of some minutes: those that match nothing are what chance is reckoned by. ``near``
    says which cameras are neighbours.
    """
    if len(passages) < 2:
        return []
    scene = _Scene(passages, areas_m2 or {}, ways or {})
    pairs: list[Pair] = []
    for left in scene.ways:
        for camera in near.get(left.passage.camera_id, ()):
            for came in scene.begun(camera, left.t_s[0], left.t_s[-1] + MOST_GAP_S):
                pair = scene.pair(left, came)
                if pair is not None and pair.weight > LEAST_WEIGHT:
                    pairs.append(pair)
    return [
        _link(pair, passages[pair.left], passages[pair.came], probability)
        for pair, probability in settled(pairs, least)
    ]


class _Scene:
    """All passages of some minutes on one plane, by camera and time of beginning."""

    def __init__(
        self,
        passages: Sequence[Passage],
        areas_m2: Mapping[int, float],
        transits: Mapping[tuple[int, int, Kind], Transit],
    ) -> None:
        self._rates = _rates(passages)
        self._areas_m2 = areas_m2
        self._transits = transits
        frame = LocalFrame(passages[0].path[0])
        self.ways = [_way(i, p, frame) for i, p in enumerate(passages)]
        by_camera: dict[int, list[_Way]] = defaultdict(list)
        for way in self.ways:
            by_camera[way.passage.camera_id].append(way)
        self._by_camera: dict[int, list[_Way]] = {}
        self._starts: dict[int, NDArray[np.float64]] = {}
        self._ends: dict[int, NDArray[np.float64]] = {}
        for camera, own in by_camera.items():
            self._by_camera[camera] = sorted(own, key=lambda way: way.passage.start_s)
            self._starts[camera] = np.array([w.passage.start_s for w in self._by_camera[camera]])
            self._ends[camera] = np.sort([w.passage.end_s for w in own])

    def begun(self, camera: int, from_s: float, to_s: float) -> Sequence[_Way]:
        """The tracks of a camera that began in a time."""
        if camera not in self._by_camera:
            return ()
        first, end = np.searchsorted(self._starts[camera], [from_s, to_s])
        return self._by_camera[camera][first:end]

    def pair(self, one: _Way, other: _Way) -> Pair | None:
        """How much the two speak for being one thing; None where they cannot be."""
        left, came = one.passage, other.passage
        gap_s = came.start_s - left.end_s
        if left.uid == came.uid:
            return None
        kind = left.kind if left.confidence >= came.confidence else came.kind
        if gap_s < 0:
            if (came.start_s, came.camera_id) < (left.start_s, left.camera_id):
                return None  # both began at once: one of the two ways round is enough
            distance_m = _apart_m(one, other)
            if distance_m > 5 * PLACE_SIGMA_M:
                return None
            weight = self._both_saw(left, came, distance_m)
        else:
            east, north = (other.places[0] - one.places[-1]).tolist()
            distance_m = math.hypot(east, north)
            most_ms = (
                MOST_MS[kind]
                if left.speed_ms is None
                else min(MOST_MS[kind], 3 * left.speed_ms + 1)
            )
            if distance_m > min(NEIGHBOUR_M, 3 * PLACE_SIGMA_M + most_ms * gap_s):
                return None
            way = self._transits.get((left.camera_id, came.camera_id, kind), Transit())
            timely = _time_density(gap_s, distance_m, left, came, kind, way)
            weight = GOES_ON / (1 - GOES_ON) * timely / self._rates[came.camera_id, came.kind]
            weight *= _headings(one.out_deg, other.into_deg, east, north, distance_m)
        alike = None
        if left.look is not None and came.look is not None and len(left.look) == len(came.look):
            alike = float(np.dot(left.look, came.look))
            weight *= _ratio(alike, LOOK_SAME, LOOK_OTHER, LOOK_MOST)
        weight *= _colours(left, came) * _kinds(left, came) * _speeds(left, came, kind)
        return Pair(one.index, other.index, weight, gap_s, distance_m, alike)

    def _both_saw(self, left: Passage, came: Passage, apart_m: float) -> float:
        """Of a time at which both cameras see: how near the paths lie, against how many others are about."""
        camera = came.camera_id
        there = np.searchsorted(self._starts[camera], left.end_s, "right") - np.searchsorted(
            self._ends[camera], came.start_s
        )
        density = (max(int(there) - 1, 0) + 0.5) / self._areas_m2.get(camera, GROUND_M2)
        placed = math.exp(-0.5 * (apart_m / PLACE_SIGMA_M) ** 2) / (2 * math.pi * PLACE_SIGMA_M**2)
        return BOTH_SEE / (1 - BOTH_SEE) * placed / density


def _way(index: int, p: Passage, frame: LocalFrame) -> _Way:
    east, north = frame.to_enu(np.array([q.lon for q in p.path]), np.array([q.lat for q in p.path]))
    places = np.stack([east, north], axis=1)
    return _Way(
        index, p, np.array(p.t_s), places, _heading(places[::-1], backwards=True), _heading(places)
    )


def _rates(passages: Iterable[Passage]) -> dict[tuple[int, Kind], float]:
    """Beginnings a second by camera and kind: what arrives anyway, the one in question not counted."""
    seen = list(passages)
    span_s = max(60.0, max(p.start_s for p in seen) - min(p.start_s for p in seen))
    counts = Counter((p.camera_id, p.kind) for p in seen)
    return {key: max(LEAST_RATE_S, (count - 1 + 0.5) / span_s) for key, count in counts.items()}


def _time_density(
    gap_s: float, distance_m: float, left: Passage, came: Passage, kind: Kind, way: Transit
) -> float:
    """How likely the gap is for one that goes this far, per second."""
    known = [p.speed_ms for p in (left, came) if p.speed_ms is not None and p.speed_ms > 0.3]
    speed = math.exp(sum(math.log(v) for v in known) / len(known)) if known else TYPICAL_MS[kind]
    share = way.share if known else max(way.share, SPEED_SPREAD[kind])
    mean = way.factor * distance_m / speed
    sigma = math.sqrt((share * mean) ** 2 + (PLACE_SIGMA_M / speed) ** 2 + TIME_SIGMA_S**2)
    straight = math.exp(-0.5 * ((gap_s - mean) / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
    late = math.exp(-(gap_s - mean) / LINGERS_S) / LINGERS_S if gap_s > mean else 0.0
    return (1 - LINGERS) * straight + LINGERS * late


def _headings(
    out: float | None, into: float | None, east: float, north: float, distance_m: float
) -> float:
    """How much better the ways out and in fit the way between than any other would."""
    if distance_m < NEAR_M:
        return 1.0 if out is None or into is None else _turn_ratio(into - out)
    bearing = math.degrees(math.atan2(east, north))
    ratio = 1.0
    if out is not None:
        ratio *= _turn_ratio(bearing - out)
        if _off_deg(bearing - out) > BACK_DEG:
            ratio *= BACK  # its own camera would have seen it come back
    if into is not None:
        # Whoever enters a view walks into it anyway, so this fit is worth less.
        ratio *= _turn_ratio(into - bearing) ** 0.5
    return ratio


def _off_deg(turn_deg: float) -> float:
    return abs((turn_deg + 180.0) % 360.0 - 180.0)


def _turn_ratio(turn_deg: float) -> float:
    off = _off_deg(turn_deg)
    peak = 360.0 / (HEADING_SIGMA_DEG * math.sqrt(2 * math.pi))
    kept = peak * math.exp(-0.5 * (off / HEADING_SIGMA_DEG) ** 2)
    return HEADING_KEPT * kept + (1 - HEADING_KEPT)


def _heading(places: NDArray[np.float64], backwards: bool = False) -> float | None:
    """Clockwise from north from the first place to the first that lies :data:`HEADING_OVER_M` from it."""
    way = places - places[0]
    far = np.flatnonzero(np.hypot(way[:, 0], way[:, 1]) >= HEADING_OVER_M)
    if not len(far):
        return None
    east, north = way[far[0]].tolist()
    return math.degrees(math.atan2(-east, -north) if backwards else math.atan2(east, north))


def _apart_m(one: _Way, other: _Way) -> float:
    """The mean distance of two paths while both were seen."""
    times = np.linspace(other.t_s[0], min(one.t_s[-1], other.t_s[-1]), 9)
    off = [
        np.interp(times, one.t_s, one.places[:, i])
        - np.interp(times, other.t_s, other.places[:, i])
        for i in (0, 1)
    ]
    return float(np.hypot(off[0], off[1]).mean())


def _ratio(
    value: float, same: tuple[float, float], other: tuple[float, float], most: float
) -> float:
    """The ratio of two normal densities, at most ``most`` and at least its inverse."""
    log = math.log(other[1] / same[1]) + 0.5 * (
        ((value - other[0]) / other[1]) ** 2 - ((value - same[0]) / same[1]) ** 2
    )
    return math.exp(min(max(log, -math.log(most)), math.log(most)))


def _colours(left: Passage, came: Passage) -> float:
    if left.colour is None or came.colour is None:
        return 1.0
    share = COLOUR_SHARE[came.colour]
    if left.colour == came.colour:
        return COLOUR_KEPT / share
    return (1 - COLOUR_KEPT) / (1 - share)


def _kinds(left: Passage, came: Passage) -> float:
    if left.kind != came.kind:
        # Each may be mistaken, the less sure the sooner.
        return max(OTHER_KIND, (1 - left.confidence) + (1 - came.confidence)) * 0.5
    if left.label and came.label and left.label != came.label:
        return OTHER_LABEL
    return 1.0


def _speeds(left: Passage, came: Passage, kind: Kind) -> float:
    if not left.speed_ms or not came.speed_ms or min(left.speed_ms, came.speed_ms) < 0.3:
        return 1.0
    off = math.log(left.speed_ms / came.speed_ms)
    return _ratio(off, (0.0, 0.2), (0.0, math.sqrt(2) * SPEED_SPREAD[kind] + 0.05), 4.0)


def _link(pair: Pair, left: Passage, came: Passage, probability: float) -> Link:
    gap_s, distance_m = pair.gap_s, pair.distance_m
    if gap_s < 0:
        zh = f"两台摄像头同时看到 {-gap_s:.0f} 秒，位置相差 {distance_m:.1f} 米"
        en = f"both cameras saw it for {-gap_s:.0f} s, {distance_m:.1f} m apart"
    else:
        zh = f"离开 {gap_s:.0f} 秒后在 {distance_m:.0f} 米外出现，时间与速度相符"
        en = f"came in {gap_s:.0f} s after, {distance_m:.0f} m on, as its speed has it"
    if pair.alike is not None:
        zh += f"，外观相似度 {pair.alike:.2f}"
        en += f"; looks alike by {pair.alike:.2f}"
    elif left.colour is not None and left.colour == came.colour:
        zh += "，颜色相同"
        en += f"; both {left.colour}"
    return Link(left.uid, came.uid, round(probability, 3), gap_s, distance_m, zh, en)
