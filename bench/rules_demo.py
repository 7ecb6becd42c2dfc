"""How well the rules about things and crowds tell of what is staged in the demo's scenes, in sun, in rain and at night.

Called by ``bench/analytics.py``; alone: ``python -m bench.rules_demo [CONDITION …]`` prints each alarm besides. A happening is
found when its zone's rule fires while it is so; whatever else fires is false. Crossings of a counting line are taken one
by one, by direction, within two seconds; one just before the scene counts is told of within them as well, and neither is
taken.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.model import Crossing, Firing, RuleName, Watch
from analytics.pipeline import Pipeline
from bench.happenings import Happening, Staged, counted, scene_s, staged
from bench.rules_figure import RuleFigure
from bench.scenes import Scene, render
from demo.cameras.conditions import CONDITIONS, Condition
from gis.clock import SystemClock

FPS = 5
WITHIN_S = 2.0
EARLY_S = 0.4
"""So much before it happens it may be told of: what drives is placed a few metres off."""
SETTLE_S = 3.0
"""What happens before a camera has seen so much is not counted."""


@dataclass(slots=True)
class _Sum:
    known: int = 0
    found: int = 0
    false: int = 0
    seconds: float = 0.0


def rule_accuracy(
    conditions: Sequence[Condition] = CONDITIONS, loud: bool = False
) -> list[RuleFigure]:
    """Every rule in every weather."""
    figures = []
    for condition in conditions:
        sums: dict[RuleName, _Sum] = {}
        for each in staged():
            _add(sums, each, condition, loud)
        figures += [
            RuleFigure(rule, f"demo, {condition}", s.known, s.found, s.false, s.seconds)
            for rule, s in sorted(sums.items())
        ]
    return figures  # fmt: skip


def _add(sums: dict[RuleName, _Sum], each: Staged, condition: Condition, loud: bool) -> None:
    scene = render(
        each.camera, condition, each.seconds, 1, start=each.start, fps=FPS,
        guests=each.guests, without=each.without,
    )  # fmt: skip
    fired, crossed = _watched(scene, each)
    known = each.known(scene)
    if loud:
        _print(each, condition, fired, known)
    for zone in each.zones:
        total = sums.setdefault(zone.rule, _Sum())
        total.seconds += scene_s(scene)
        if zone.rule == "line_crossing":
            there = counted(each, scene)
            told = [((c.at - scene.truth[0].at).total_seconds(), c.direction) for c in crossed]
            pairs = paired(there, told)
            if loud:
                print("  crossings: there", there, "\n  told", told, "\n  paired", pairs)
            found = sum(there[i][0] > SETTLE_S for i, _ in pairs)
            taken = {i for _, i in pairs}
            total.known += sum(t > SETTLE_S for t, _ in there)
            total.found += found
            total.false += sum(t > SETTLE_S and i not in taken for i, (t, _) in enumerate(told))
            continue
        mine = [h for h in known if h.zone_id == zone.id]
        alarms = [at for at, f in fired if f.zone is not None and f.zone.id == zone.id]
        total.known += len(mine)
        total.found += sum(any(_so(h, at) for at in alarms) for h in mine)
        total.false += sum(not any(_so(h, at) for h in mine) for at in alarms)


def _so(happening: Happening, at_s: float) -> bool:
    return happening.from_s - EARLY_S <= at_s <= happening.until_s


def _watched(scene: Scene, each: Staged) -> tuple[list[tuple[float, Firing]], list[Crossing]]:
    pipeline = Pipeline(Watch(1, scene.camera, scene.pose, each.zones), SystemClock())
    fired: list[tuple[float, Firing]] = []
    crossed: list[Crossing] = []
    for packet in scene.packets:
        outcome = pipeline.process(packet, 0.0)
        fired += [((f.at - scene.truth[0].at).total_seconds(), a) for a, f in outcome.firings]
        crossed += outcome.crossings
    return fired, crossed


def paired(
    there: Sequence[tuple[float, str]], told: Sequence[tuple[float, str]]
) -> list[tuple[int, int]]:
    """Which of those there is which of those told, each once."""
    left = dict(enumerate(told))
    found = []
    for i, (at_s, way) in enumerate(there):
        near = [j for j, t in left.items() if t[1] == way and abs(t[0] - at_s) <= WITHIN_S]
        if near:
            best = min(near, key=lambda j: abs(left[j][0] - at_s))
            del left[best]
            found.append((i, best))
    return found


def _print(
    each: Staged,
    condition: Condition,
    fired: Sequence[tuple[float, Firing]],
    known: Sequence[Happening],
) -> None:
    print(f"{each.camera}, {condition}")
    for h in known:
        rule = next(z.rule for z in each.zones if z.id == h.zone_id)
        hit = any(_so(h, at) for at, f in fired if f.zone is not None and f.zone.id == h.zone_id)
        print(f"  {'found ' if hit else 'MISSED'} {rule} {h.from_s:.1f}..{h.until_s:.1f}")
    for at, f in fired:
        hit = any(_so(h, at) for h in known if f.zone is not None and f.zone.id == h.zone_id)
        print(f"  {'' if hit else 'FALSE '}{at:.1f} {f.why_en}", flush=True)


def main() -> None:
    """Prints what each scene was told of, and the figures."""
    wanted = [c for c in CONDITIONS if c in sys.argv[1:]] or list(CONDITIONS)
    for f in rule_accuracy(wanted, loud=True):
        print(
            f"{f.rule:17}{f.on:16}{f.found:3} of {f.known:3}{f.false:4} false in {f.seconds:.0f} s"
        )


if __name__ == "__main__":
    main()
