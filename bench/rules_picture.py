"""How well the rules over the picture itself do: what they find, and what they tell of that is not so.

On the demo's cameras in sun, rain and at night with what befalls them put in or painted, and on the real clips of
``../shared/data`` where they are there. Called by ``bench/analytics.py``; alone: ``python -m bench.rules_picture [PART …]``
prints each alarm besides, of ``health``, ``things``, ``surface``, ``gauge`` and ``clips``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import median

from analytics import rules
from analytics.model import Firing, Point, RuleName, Watch, Zone
from analytics.model import Scene as Seen
from analytics.pipeline import Pipeline
from bench import paint, rules_health, scenes
from bench.happenings import zone
from bench.report import Figure, show
from bench.rules_clips import clip_accuracy
from bench.rules_figure import RuleFigure, told
from demo.cameras import staff
from demo.cameras.conditions import CONDITIONS, Condition
from demo.cameras.scene import demo_city
from demo.cameras.walkers import BAG_AT_S, BAG_LIES_S
from gis.clock import SystemClock

DAY = datetime(2026, 3, 2, tzinfo=UTC)
LEAD_S = 30.0
SETTLES_S = 20.0
WHOLE: tuple[Point, ...] = ((0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99))


@dataclass(slots=True)
class _Sum:
    """One rule in one weather."""

    known: int = 0
    found: int = 0
    false: int = 0
    seconds: float = 0.0
    delays_s: list[float] = field(default_factory=list)


class _Sums(dict[tuple[RuleName, Condition], _Sum]):
    """By rule and weather."""

    def of(self, rule: RuleName, condition: Condition) -> _Sum:
        """The one that there is, or a new one."""
        return self.setdefault((rule, condition), _Sum())

    def figures(self) -> list[RuleFigure]:
        """As they are reported."""
        return [
            RuleFigure(
                rule, f"demo, {condition}", s.known, s.found, s.false, s.seconds,
                median(s.delays_s) if s.delays_s else None,
            )
            for (rule, condition), s in self.items()
        ]  # fmt: skip


def rule_accuracy(parts: Sequence[str] = (), loud: bool = False) -> list[Figure]:
    """Recall and false alarms per camera-hour of every rule over the picture itself."""
    made: dict[str, Callable[[], list[Figure]]] = {
        "health": lambda: told("picture", rules_health.rule_accuracy(loud)),
        "things": lambda: told("picture", things(loud)),
        "surface": lambda: told("picture", surface(loud)),
        "gauge": lambda: gauge(loud),
        "clips": lambda: clip_accuracy(loud),
    }
    return [figure for part in (parts or made) for figure in made[part]()]


# --- a bag left and a bag taken -------------------------------------------------------------------------------------


def things(loud: bool = False) -> list[RuleFigure]:
    """The bag at the coach station is put down before both rules' eyes; later they first see it lying, and it is taken."""
    sums = _Sums()
    drawn = next(z for z in demo_city().zones if z.rule == "left_object")
    zones = (
        zone(1, "left_object", drawn.points, dwell_s=drawn.dwell_s, classes=drawn.classes),
        zone(2, "removed_object", drawn.points, classes=drawn.classes),
    )
    for condition in CONDITIONS:
        for rule, happens_s, seconds in (
            ("left_object", BAG_AT_S, LEAD_S + drawn.dwell_s + 20.0),
            ("removed_object", BAG_AT_S + BAG_LIES_S, LEAD_S + 30.0),
        ):
            start = DAY + timedelta(seconds=happens_s - LEAD_S)
            scene = scenes.render("cam-station", condition, seconds, 5, start=start, fps=4)
            boxes = {o.box_px for f in scene.truth for o in f.objects if o.kind == "thing"}
            fired = _fired(scene, zones)
            _say(loud, f"bag, {rule}, {condition}", fired)
            right = [
                at_s
                for at_s, f in fired
                if f.rule == rule and at_s > LEAD_S and any(_hits(f, b, scene) for b in boxes)
            ]
            for each in zones:
                mine = sums.of(each.rule, condition)
                mine.seconds += seconds
                mine.false += sum(f.rule == each.rule for _, f in fired)
            mine = sums.of(rule, condition)  # type: ignore[arg-type]
            mine.known += 1
            mine.found += bool(right)
            mine.false -= len(right)
            mine.delays_s += [right[0] - LEAD_S] if right else []
    return sums.figures()


def _hits(firing: Firing, truth_px: tuple[float, float, float, float], scene: scenes.Scene) -> bool:
    x = (firing.box[0] + firing.box[2] / 2) * scene.width_px
    y = (firing.box[1] + firing.box[3] / 2) * scene.height_px
    left, top, w, h = truth_px
    return left - w <= x <= left + 2 * w and top - h <= y <= top + 2 * h


# --- smoke, fire and water, painted ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Painted:
    rule: RuleName
    camera: str
    seconds: float
    from_s: float
    fps: int
    paint: Callable[[Condition], scenes.Paint]
    zones: tuple[Zone, ...]


def _painted() -> tuple[_Painted, ...]:
    road = next(z for z in demo_city().zones if z.rule == "stopped_vehicle").points
    burning = (zone(1, "smoke", WHOLE), zone(2, "fire", WHOLE))
    return (
        _Painted(
            "smoke", "cam-school", 52.0, SETTLES_S, 5,
            lambda c: paint.smoke((0.25, 0.6), SETTLES_S, paint.LIGHT[c]), burning,
        ),
        _Painted(
            "fire", "cam-yard", 36.0, SETTLES_S, 6,
            lambda c: paint.flames((0.55, 0.6), 0.12, SETTLES_S), burning,
        ),
        _Painted(
            "water_on_road", "cam-school", 96.0, 40.0, 2,
            lambda c: paint.water(road, 40.0, paint.LIGHT[c]), (zone(3, "water_on_road", road),),
        ),
    )  # fmt: skip


def surface(loud: bool = False) -> list[RuleFigure]:
    """Each is found when its rule fires after it began; whatever fires before, or of another kind, is false."""
    sums = _Sums()
    for condition in CONDITIONS:
        for each in _painted():
            scene = scenes.render(
                each.camera, condition, each.seconds, 4, fps=each.fps, paint=each.paint(condition)
            )
            fired = _fired(scene, each.zones)
            _say(loud, f"{each.rule}, {condition}", fired)
            right = [t for t, f in fired if f.rule == each.rule and t >= each.from_s]
            for watching in each.zones:
                mine = sums.of(watching.rule, condition)
                mine.seconds += each.seconds
                mine.false += sum(f.rule == watching.rule for _, f in fired)
            mine = sums.of(each.rule, condition)
            mine.known += 1
            mine.found += bool(right)
            mine.false -= len(right)
            mine.delays_s += [right[0] - each.from_s] if right else []
    return sums.figures()


def _fired(scene: scenes.Scene, zones: tuple[Zone, ...]) -> list[tuple[float, Firing]]:
    """What the drawn zones fire, and when; a camera's own health is measured elsewhere."""
    pipeline = Pipeline(Watch(1, scene.camera, scene.pose, zones), SystemClock())
    return [
        ((frame.at - scene.truth[0].at).total_seconds(), firing)
        for packet in scene.packets
        for firing, frame in pipeline.process(packet, 0.0).firings
        if not firing.rule.startswith("camera_")
    ]


def _say(loud: bool, of: str, fired: Sequence[tuple[float, Firing]]) -> None:
    if loud:
        print(of, *[f"\n  {at_s:.1f} {f.why_en}" for at_s, f in fired], flush=True)


# --- the gauge ------------------------------------------------------------------------------------------------------


def gauge(loud: bool = False, seconds: float = 30.0) -> list[Figure]:
    """What is read of the staff in the river against the truth, at low water and at the crest."""
    figures: list[Figure] = []
    drawn = next(z for z in demo_city().zones if z.rule == "water_level")
    watching = zone(1, "water_level", (), threshold=drawn.threshold)
    watching = replace(watching, arrow=drawn.arrow, gauge_m=drawn.gauge_m)
    for condition in CONDITIONS:
        errors: list[float] = []
        for begins_s in (60.0, 220.0):
            start = DAY + timedelta(seconds=begins_s)
            scene = scenes.render("cam-river", condition, seconds, 2, start=start, fps=1)
            rule = rules.make(watching)
            for frame in scene.frames():
                rule.update(Seen(frame.at, frame=frame))
                for reading in rule.levels():
                    truth = staff.level_m(reading.at.timestamp() - 4.0)  # the middle of the looks
                    errors.append(abs(reading.level_m - truth))
        if loud:
            print(f"gauge, {condition}", [round(e, 2) for e in errors])
        case = f"picture: water_level, demo staff of 2 m over about 25 px, {condition}"
        if errors:
            figures.append(Figure("analytics", case, "median error", median(errors), "m"))
            figures.append(Figure("analytics", case, "largest error", max(errors), "m"))
        figures.append(Figure("analytics", case, "readings", len(errors), ""))
    return figures


if __name__ == "__main__":
    print(show(rule_accuracy(sys.argv[1:], loud=True)))
