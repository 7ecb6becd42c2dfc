"""How well people are counted who merge in the picture: the number the rule goes by against the truth, beside the number of tracks.

Called by ``bench/analytics.py``; alone: ``python -m bench.crowds [CONDITION …]``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.model import Firing, Scene, Watch
from analytics.pipeline import Pipeline
from analytics.rules import RULES
from analytics.rules.headcount import Heads
from analytics.rules.people_count import PeopleCount
from bench.crowd_scenes import GATHERINGS, SECONDS, START, Gathering, area_of, guests_of, people_in
from bench.happenings import zone
from bench.report import Figure, show
from bench.scenes import render
from demo.cameras.conditions import CONDITIONS, Condition
from gis.clock import SystemClock

FPS = 5
SETTLE_S = 5.0
BANDS = ((0, 0), (1, 4), (5, 8), (9, 16))
LEAST_SIGMA = 0.5
"""A count without a stated uncertainty is right when it is whole and right."""


@dataclass(frozen=True, slots=True)
class Count:
    """What there was and what was counted at one picture, and the rule's processor time."""

    people: int
    heads: Heads
    spent_s: float


def measure(conditions: Sequence[Condition] = CONDITIONS) -> list[Figure]:
    """Every scene in every weather."""
    figures: list[Figure] = []
    for each in GATHERINGS:
        for condition in conditions:
            figures += _figures(each, condition, counts(each, condition))
    return figures


def counts(each: Gathering, condition: Condition) -> list[Count]:
    """A scene gone through by the whole analysis."""
    scene = render(
        each.camera, condition, SECONDS, each.seed, start=START, fps=FPS, guests=guests_of(each)
    )
    watched = zone(1, "people_count", area_of(each), threshold=8.0)
    rule = _Timed(PeopleCount(watched))
    usual = RULES["people_count"]
    RULES["people_count"] = lambda _: rule
    try:
        pipeline = Pipeline(Watch(1, scene.camera, scene.pose, (watched,)), SystemClock())
        found: list[Count] = []
        for packet, truth in zip(scene.packets, scene.truth, strict=True):
            before_s = rule.spent_s
            pipeline.process(packet, 0.0)
            if rule.heads is not None and (truth.at - START).total_seconds() >= SETTLE_S:
                found.append(Count(people_in(each, truth), rule.heads, rule.spent_s - before_s))
    finally:
        RULES["people_count"] = usual
    return found


class _Timed:
    """A rule and the processor time that it has taken."""

    def __init__(self, rule: PeopleCount) -> None:
        self.zone = rule.zone
        self.spent_s = 0.0
        self._rule = rule

    @property
    def heads(self) -> Heads | None:
        """What the rule counted last."""
        return self._rule.heads

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        began_s = time.process_time()
        fired = self._rule.update(scene)
        self.spent_s += time.process_time() - began_s
        return fired


def _figures(each: Gathering, condition: Condition, counted: Sequence[Count]) -> list[Figure]:
    people = np.array([c.people for c in counted])
    error = np.abs(np.array([round(c.heads.people) for c in counted]) - people)
    by_tracks = np.abs(np.array([c.heads.told for c in counted]) - people)
    sigma = np.array([max(LEAST_SIGMA, c.heads.sigma or 0.0) for c in counted])
    figures: list[Figure] = []
    for low, high in (*BANDS, (1, 16)):
        of = (people >= low) & (people <= high)
        if not of.any():
            continue
        many = "nobody" if not high else f"{low} to {high}"
        case = f"{each.camera}, {condition}, {many}"
        ours, theirs = float(error[of].mean()), float(by_tracks[of].mean())
        ratio = ours / theirs if theirs else None
        figures += [
            Figure("crowds", case, "mean error", ours, "people", theirs, ratio),
            Figure("crowds", case, "within", float((error <= 2 * sigma)[of].mean()), ""),
        ]
    spent_ms = 1e3 * float(np.mean([c.spent_s for c in counted]))
    figures.append(Figure("crowds", case, "cost", spent_ms, "ms a picture"))
    return figures


def main() -> None:
    """Prints the figures."""
    print(show(measure([c for c in CONDITIONS if c in sys.argv[1:]] or CONDITIONS)))


if __name__ == "__main__":
    main()
