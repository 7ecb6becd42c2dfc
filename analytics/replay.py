"""Stored tracks gone through a rule again: what a zone would have fired on. Pure.

A stored track has a sample every fifth of a second and no picture, so only rules over tracks can be tried, and what hangs on a
single frame may differ a little from what the rule did or would have done live.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from statistics import median
from uuid import UUID

from analytics import rules
from analytics.boxes import BORDER_SHARE
from analytics.locate import Locator
from analytics.model import Box, Firing, Point, RuleName, Scene, TrackRecord, Zone
from analytics.track import TrackView
from analytics.trajectory import Trajectory, follow
from analytics.zone import inside

OVER_TRACKS: frozenset[RuleName] = frozenset(
    {
        "intrusion",
        "line_crossing",
        "wrong_way",
        "loitering",
        "people_count",
        "crowd_density",
        "fast_motion",
        "stopped_vehicle",
        "congestion",
    }
)
"""The rules that look at tracks alone; the others need the picture itself."""
STEP_MS = 200
SIZES = 15


@dataclass(frozen=True, slots=True)
class Refired:
    """What would have fired, and when."""

    at: datetime
    firing: Firing


def can_replay(rule: RuleName) -> bool:
    """Whether stored tracks are enough for the rule."""
    return rule in OVER_TRACKS and rule in rules.RULES


def replay(
    zone: Zone,
    records: Sequence[TrackRecord],
    locator: Locator | None,
    width_px: int,
    height_px: int,
    local: tzinfo = UTC,
    most: int = 1000,
) -> list[Refired]:
    """Everything the zone would have fired on, oldest first, at most ``most``; its schedule is read in ``local``."""
    rule = rules.make(zone, local)
    fired: list[Refired] = []
    for scene in scenes(records, locator, width_px, height_px):
        fired += [Refired(scene.at, firing) for firing in rule.update(scene)]
        if len(fired) >= most:
            return fired[:most]
    return fired


def scenes(
    records: Sequence[TrackRecord], locator: Locator | None, width_px: int, height_px: int
) -> Iterator[Scene]:
    """One scene for each fifth of a second in which a track was seen."""
    moments: dict[int, list[tuple[TrackRecord, int]]] = defaultdict(list)
    for record in records:
        start_ms = round(record.start_at.timestamp() * 1000)
        for i, t_ms in enumerate(record.t_ms):
            moments[(start_ms + t_ms) // STEP_MS].append((record, i))
    living: dict[UUID, Trajectory] = {}
    ground = locator.camera if locator else None
    for step in sorted(moments):
        at_s = step * STEP_MS / 1000
        there = {record.uid: (record, i) for record, i in moments[step]}
        views = [_view(record, i, width_px, height_px) for record, i in there.values()]
        for view, (record, _) in zip(views, there.values(), strict=True):
            if record.uid not in living:
                living[record.uid] = Trajectory(record.camera_id, view, width_px, height_px)
        tracks = follow([living[uid] for uid in there], views, at_s, locator)
        # What they were in the end is known better than what they looked like at first.
        known = tuple(
            replace(track, kind=record.kind, confidence=record.confidence, label=record.label)
            for track, (record, _) in zip(tracks, there.values(), strict=True)
        )
        for record, i in there.values():
            if i == len(record.t_ms) - 1:
                del living[record.uid]
        yield Scene(datetime.fromtimestamp(at_s, UTC), known, ground=ground)


def stay_s(record: TrackRecord, outline: Sequence[Point]) -> float:
    """How long the track was inside an area, all its stays together."""
    total_ms = 0
    last_ms: int | None = None
    for t_ms, box in zip(record.t_ms, record.boxes, strict=True):
        if not inside(outline, foot(box)):
            last_ms = None
            continue
        if last_ms is not None:
            total_ms += t_ms - last_ms
        last_ms = t_ms
    return total_ms / 1000


def size_m(record: TrackRecord, locator: Locator, width_px: int, height_px: int) -> float | None:
    """The larger of its height and width, metres, the median over some samples; None where the ground is not seen.

    Boxes cut by the picture's border count only where there is no whole one.
    """
    whole: list[float] = []
    cut: list[float] = []
    step = max(1, len(record.boxes) // SIZES)
    for x, y, w, h in record.boxes[::step]:
        pixels = (x * width_px, y * height_px, w * width_px, h * height_px)
        found = locator.locate(pixels, record.kind)
        if found is None:
            continue
        at_border = min(x, y) <= BORDER_SHARE or max(x + w, y + h) >= 1 - BORDER_SHARE
        (cut if at_border else whole).append(max(found.size.height_m, found.size.width_m))
    return median(whole or cut) if whole or cut else None


def foot(box: Box) -> Point:
    """Where the thing in the box touches the ground."""
    return box[0] + box[2] / 2, min(1.0, box[1] + box[3])


def _view(record: TrackRecord, i: int, width_px: int, height_px: int) -> TrackView:
    x, y, w, h = record.boxes[i]
    velocity = (0.0, 0.0)
    if i > 0 and record.t_ms[i] > record.t_ms[i - 1]:
        (x0, y0), (x1, y1) = foot(record.boxes[i - 1]), foot(record.boxes[i])
        over_s = (record.t_ms[i] - record.t_ms[i - 1]) / 1000
        velocity = ((x1 - x0) * width_px / over_s, (y1 - y0) * height_px / over_s)
    return TrackView(
        uid=record.uid,
        start_s=record.start_at.timestamp(),
        box_px=(x * width_px, y * height_px, max(1e-3, w * width_px), max(1e-3, h * height_px)),
        velocity_px_s=velocity,
        seen=True,
        fresh=i == 0,
        history=(),
    )
