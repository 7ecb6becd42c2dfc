"""Abnormal motion: fighting, panic. How violent the motion is against what this camera usually shows there.

Dense optical flow (Farnebäck) at :data:`WIDTH_PX` gives two numbers over the moving part of the area: *disorder*, how
much directions differ within a small neighbourhood (circular variance, 0..1), and *jerk*, how much the motion changes
from frame to frame (picture widths a second). Walking people and vehicles have little of either, swinging arms and falling
bodies much of both; their product is the measure. It is divided by what is usual there, learned by cell of the picture:
leaves that never rest are usual where they hang. A camera that is new begins with :data:`USUAL`, and until it has seen enough
motion it takes :data:`NEW_TIMES` the threshold to fire: what is ordinary in one place is a riot in another. After that it must be
more violent than what comes there every minute or so, too. Besides, motion that is many times faster than usual counts
(running apart), once what is usual is known.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from analytics.model import Firing, Gray, Scene, Zone
from analytics.opencv import cv2
from analytics.rules.hysteresis import Hysteresis, end_of
from analytics.wording import things
from analytics.zone import around

WIDTH_PX = 240
EVERY_S = 0.075
GAP_S = 0.4
"""Frames further apart show no motion that could be followed."""
MOVES = 0.04
"""Picture widths a second: slower is standing still."""
CHANGED_LEVELS, CHANGED_SHARE = 12, 0.002
"""Without so many pixels changed by so much nothing moves, and nothing is computed."""
LEAST_SHARE, MOST_SHARE = 0.01, 0.75
"""Of the area: less is a speck; more is the light or the camera."""
NEAR_SHARE, NEAR_PX = 0.13, (2.5, 8.0)
"""A neighbourhood is so large, of the height of what moves: within one body, not across two who pass each other."""
USUAL = 0.0019
"""Disorder times jerk of ordinary scenes: three times this parted ten clips of fights from ten calm ones."""
CELLS = (6, 8)
LEARN_S, USUAL_SHARE = 600.0, 0.75
"""What is usual is the value that so much of the time stays below; it follows within so long."""
LASTS_S = 60.0
KNOWN_S = 120.0
"""After so much motion in a cell what was learned there counts as much as what was assumed."""
NEW_TIMES = 2.5
"""Until then so many times the threshold is needed: walkers near the lens and leaves stay below, a wild fight does not."""
OFTEN_SHARE, OFTEN_TIMES = 0.02, 1.1
"""What is reached in so much of the time in which anything moves comes again and again; it takes so many times as much."""
OFTEN_S = 3600.0
"""It is forgotten within so much motion."""
TIMES = np.geomspace(0.1, 100.0, 49)
"""Limits between which times the usual are counted."""
QUIET_S = 3600.0
"""Where so little moves that it is not known after so long, whatever is violent there is unusual."""
LOOK_S = 10.0
"""A quiet camera is looked at every few seconds; a longer gap was not watched."""
SMOOTH_S = 0.8

Floats = NDArray[np.float32]


class AbnormalMotion:
    """Fires when the motion has been ``threshold`` times what is usual for the dwell; over when down to ``clear``.

    While it fires nothing is learned, so that a fight does not become usual; what lasts longer than :data:`LASTS_S` does.
    """

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._limit = Hysteresis(zone)
        self._last: Gray | None = None
        self._last_s = -1e18
        self._flow: Floats | None = None
        self._inside: NDArray[np.bool_] | None = None
        self._usual = np.full(CELLS, USUAL)
        self._known_s = np.zeros(CELLS)
        self._watched_s = 0.0
        self._reached_s = np.zeros(len(TIMES) + 1)
        self._noted_s = -1e18
        self._energy: float | None = None
        self._energy_s = 0.0
        self._on_s = 0.0
        self._recent: deque[tuple[float, float]] = deque()

    @property
    def learning(self) -> bool:
        """Whether it has not watched long enough to know what is usual."""
        return float(self._known_s.max()) < KNOWN_S and self._watched_s < QUIET_S

    @property
    def needs(self) -> float:
        """How many times the threshold it takes now."""
        if self.learning:
            return NEW_TIMES
        above_s = np.cumsum(self._reached_s[::-1])[::-1]
        often = np.flatnonzero(above_s[1:] >= OFTEN_SHARE * max(KNOWN_S, above_s[0]))
        reached = float(TIMES[often[-1]]) if len(often) else 0.0
        return max(1.0, OFTEN_TIMES * reached / self._limit.threshold)

    def rest(self, scene: Scene) -> None:
        """Learns what is usual; see :class:`analytics.rules.watched.Learner`."""
        self._value(scene)
        self._limit = Hysteresis(self.zone)

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        value = self._value(scene)
        if value is None:
            return []
        needs = self.needs
        fires = self._limit.update(scene.at, value / needs)
        if self._limit.ended:
            return [end_of(self.zone, "person")]
        if not fires:
            return []
        assert self._limit.since is not None
        for_s = (scene.at - self._limit.since).total_seconds()
        near = [t for t in scene.tracks if t.kind == "person" and _touches(self.zone, t.box)]
        limit = self._limit.threshold * needs
        words = things.abnormal_motion(
            self.zone, value, limit, for_s, len(near), known=not self.learning
        )
        surrounding = around([t.box for t in near] or [(x, y, 0, 0) for x, y in self.zone.points])
        confidence = min(0.9, 0.5 + 0.1 * (value / limit - 1.0))
        fix = next((t.fix for t in near if t.fix is not None), None)
        return [
            Firing.of_scene(
                self.zone, "person", confidence, surrounding, *words, value=value, fix=fix
            )
        ]

    def _value(self, scene: Scene) -> float | None:
        """How many times the usual it has been over :data:`SMOOTH_S`; None where nothing can be said."""
        times = self._measure(scene)
        if times is None:
            return None
        at_s = scene.at.timestamp()
        self._recent.append((at_s, times))
        while at_s - self._recent[0][0] > SMOOTH_S:
            self._recent.popleft()
        value = float(np.median([each for _, each in self._recent]))
        passed_s = min(GAP_S, at_s - self._noted_s)
        self._noted_s = at_s
        if value > 0 and not self._limit.on:
            self._reached_s *= np.exp(-passed_s / OFTEN_S)
            self._reached_s[np.searchsorted(TIMES, value, side="right")] += passed_s
        return value

    def _measure(self, scene: Scene) -> float | None:
        """How many times the usual it is now; None where nothing can be said, or it is not yet time to look again."""
        frame = scene.frame
        if frame is None:
            return None
        at_s = scene.at.timestamp()
        passed_s = at_s - self._last_s
        if passed_s < EVERY_S * 0.9:
            return None
        height = max(8, round(frame.gray.shape[0] * WIDTH_PX / frame.gray.shape[1]))
        small = cv2.resize(frame.gray, (WIDTH_PX, height), interpolation=cv2.INTER_AREA)
        before, self._last, self._last_s = self._last, small, at_s
        self._watched_s += passed_s if passed_s < LOOK_S else 0.0
        if before is None or before.shape != small.shape or passed_s > GAP_S:
            self._flow = None
            return None
        if self._inside is None or self._inside.shape != small.shape:
            corners = np.array(self.zone.points) * [WIDTH_PX, height]
            drawn = cv2.fillPoly(np.zeros(small.shape, np.uint8), [corners.astype(np.int32)], 1)
            self._inside = drawn.astype(bool)
        changed = (cv2.absdiff(before, small) > CHANGED_LEVELS) & self._inside
        if changed.sum() < CHANGED_SHARE * self._inside.sum():
            self._flow = None
            return 0.0
        flow: Floats = cv2.calcOpticalFlowFarneback(
            before, small, None, 0.5, 3, 13, 2, 5, 1.1, 0
        ) / (passed_s * WIDTH_PX)
        flow -= np.median(flow.reshape(-1, 2), axis=0).astype(
            np.float32
        )  # the camera's own shaking
        last_flow, self._flow = self._flow, flow
        size = np.hypot(flow[..., 0], flow[..., 1])
        moving = (size > MOVES) & self._inside
        share = moving.sum() / max(1, self._inside.sum())
        if share > MOST_SHARE:
            return None
        if last_flow is None or share < LEAST_SHARE:
            return 0.0
        return self._against_usual(flow, last_flow, size * moving, moving, passed_s)

    def _against_usual(
        self, flow: Floats, before: Floats, size: Floats, moving: NDArray[np.bool_], passed_s: float
    ) -> float:
        """``size`` is how fast each moving pixel is, 0 elsewhere."""
        near_px = float(np.clip(NEAR_SHARE * _height_px(moving), *NEAR_PX))
        blurred = [
            cv2.GaussianBlur(part.astype(np.float32), (0, 0), near_px)
            for part in (flow[..., 0] * moving, flow[..., 1] * moving, size)
        ]
        weight = blurred[2]
        ordered = np.hypot(blurred[0], blurred[1]) / np.maximum(weight, 1e-6)
        disorder = (1.0 - np.minimum(ordered, 1.0)) * weight
        jerk = np.hypot(flow[..., 0] - before[..., 0], flow[..., 1] - before[..., 1]) * moving
        measure = (disorder.sum() / weight.sum()) * (jerk.sum() / moving.sum())
        cells = (CELLS[1], CELLS[0])
        by_cell = [
            cv2.resize(part.astype(np.float32), cells, interpolation=cv2.INTER_AREA)
            for part in (disorder, weight, jerk, moving)
        ]
        active = by_cell[3] > LEAST_SHARE
        known = self._known_s / (self._known_s + KNOWN_S)
        usual = np.exp((1 - known) * np.log(USUAL) + known * np.log(self._usual))
        expected = float((usual * by_cell[3]).sum() / by_cell[3].sum())
        energy = float(size.sum() / moving.sum())
        self._on_s = self._on_s + passed_s if self._limit.on else 0.0
        faster = 0.0
        if self._energy is not None and self._energy_s > KNOWN_S:
            faster = energy / self._energy
        if not self._limit.on or self._on_s > LASTS_S:
            seen = (by_cell[0] / np.maximum(by_cell[1], 1e-6)) * (
                by_cell[2] / np.maximum(by_cell[3], 1e-6)
            )
            self._learn(active, seen, energy, passed_s)
        return max(float(measure) / expected, faster)

    def _learn(
        self, active: NDArray[np.bool_], seen: Floats, energy: float, passed_s: float
    ) -> None:
        """Moves what is usual towards the value that :data:`USUAL_SHARE` of the time stays below."""
        rate = min(0.2, passed_s * 8.0 / LEARN_S)
        up = np.where(seen > self._usual, USUAL_SHARE, USUAL_SHARE - 1.0)
        self._usual = np.where(
            active, np.clip(self._usual * np.exp(rate * up), USUAL / 10, USUAL * 100), self._usual
        )
        self._known_s = np.where(active, self._known_s + passed_s, self._known_s)
        start = energy if self._energy is None else self._energy
        self._energy = start * float(
            np.exp(rate * (USUAL_SHARE if energy > start else USUAL_SHARE - 1.0))
        )
        self._energy_s += passed_s


def _height_px(moving: NDArray[np.bool_]) -> float:
    """How tall what moves is: of its connected parts, the one in whose middle half of the area lies."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(moving.astype(np.uint8), connectivity=8)
    heights, areas = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_AREA]
    order = np.argsort(heights)
    middle = int(np.searchsorted(np.cumsum(areas[order]), areas.sum() / 2))
    return float(heights[order][min(middle, len(order) - 1)])


def _touches(zone: Zone, box: tuple[float, float, float, float]) -> bool:
    left, top, width, height = around([(x, y, 0.0, 0.0) for x, y in zone.points])
    return (
        box[0] < left + width
        and left < box[0] + box[2]
        and box[1] < top + height
        and top < box[1] + box[3]
    )
