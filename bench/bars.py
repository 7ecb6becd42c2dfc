"""What analytics was to reach, and whether the figures say that it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.report import Figure

LESS_COST = 5.0
TRACKER_MS = {1: 0.4, 10: 0.4, 200: 5.0}
"""Milliseconds a frame by how many are followed: with few it is what every analysed frame costs."""
HOLDS_PERCENT = (93.0, 97.0)
SEARCH_MS = 1000.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One aim in words, what was measured, and whether that reaches it."""

    aim: str
    measured: str
    reached: bool


def bars(part: str, figures: Sequence[Figure]) -> list[Bar]:
    """The aims of one part; none where it has none."""
    judge = _JUDGES.get(part)
    return judge(figures) if judge else []


def _named(figures: Sequence[Figure], metric: str, case: str = "") -> list[Figure]:
    return [f for f in figures if f.metric == metric and case in f.case]


_RULES = {
    "rules": "rules over tracks on real clips",
    "happenings": "rules over tracks in the demo's scenes",
    "picture": "rules over the picture",
}


def _part(figure: Figure) -> str:
    return figure.case.partition(": ")[0]


def _case(figure: Figure) -> str:
    return figure.case.partition(": ")[2]


def _economy(figures: Sequence[Figure]) -> list[Bar]:
    made = []
    for f in _named(figures, "ours", "street") + _named(figures, "ours, processor time"):
        if f.ratio is not None:
            aim = f"{_case(f)}: a fifth of the second-best's processor time"
            made.append(Bar(aim, f"{f.ratio:.2f} of it", f.ratio <= 1 / LESS_COST))
    ours, full = (_found(figures, f"found, {way}") for way in ("ours", "ours decoding everything"))
    if ours:
        missed = [case for case, found in ours.items() if found < full.get(case, 0.0)]
        told = (
            f"{sum(ours.values()):.0f} and {sum(full.values()):.0f}, fewer on {len(missed)} streams"
        )
        made.append(Bar("no event missed that decoding everything finds", told, not missed))
    return made


def _found(figures: Sequence[Figure], metric: str) -> dict[str, float]:
    return {_case(f): f.value for f in _named(figures, metric)}


def _capacity(figures: Sequence[Figure]) -> list[Bar]:
    return [
        Bar(
            f"{f.baseline:.0f} cameras a core: {_case(f).partition(', ')[2]}",
            f"{f.value:.0f}",
            f.value >= f.baseline,
        )
        for f in _named(figures, "cameras per core")
        if f.baseline is not None
    ]


def _pixels(figures: Sequence[Figure]) -> list[Bar]:
    return [
        Bar(
            f"moving pixels better than MOG2 and KNN: {_case(f)}",
            f"F1 {f.value:.2f}, theirs at best {f.baseline:.2f}",
            f.value > f.baseline,
        )
        for f in _named(figures, "F1")
        if f.baseline is not None
    ]


def _tracker(figures: Sequence[Figure]) -> list[Bar]:
    made = []
    for objects, most_ms in TRACKER_MS.items():
        took = [f.value for f in _named(figures, "cost", f": {objects} objects")]
        if took:
            aim = f"{objects} objects followed in {most_ms:g} ms a frame"
            made.append(Bar(aim, f"{max(took):.2f} ms", max(took) <= most_ms))
    return made


def _identities(figures: Sequence[Figure]) -> list[Bar]:
    return [
        Bar(
            f"{f.metric} above a plain SORT's: {_case(f)}",
            f"{f.value:.2f}, SORT {f.baseline:.2f}",
            f.value > f.baseline,
        )
        for f in figures
        if f.metric in ("IDF1", "MOTA") and f.baseline is not None
    ]


def _ground(figures: Sequence[Figure]) -> list[Bar]:
    low, high = HOLDS_PERCENT
    return [
        Bar(
            f"the 95 % ellipse holds the truth {low:g} to {high:g} % of the time",
            f"{f.value:.1f} %",
            low <= f.value <= high,
        )
        for f in _named(figures, "95 % ellipse holds the truth", ": all")
    ]


def _rules(figures: Sequence[Figure]) -> list[Bar]:
    found = _named(figures, "found")
    known = sum(int(f.unit.removeprefix("of ")) for f in found)
    if not known:
        return []
    told = sum(f.value for f in found)
    return [
        Bar(
            f"{_RULES[_part(found[0])]} tell of all that happens",
            f"{told:.0f} of {known}",
            told == known,
        )
    ]


def _search(figures: Sequence[Figure]) -> list[Bar]:
    worst = max((f.value for f in _named(figures, "p95")), default=0.0)
    aim = f"searches of a camera-month in {SEARCH_MS / 1000:g} s"
    return [Bar(aim, f"{worst:.0f} ms, the slowest's 95th of 100", worst <= SEARCH_MS)]


_JUDGES: dict[str, Callable[[Sequence[Figure]], list[Bar]]] = {
    "economy": _economy,
    "capacity": _capacity,
    "pixels": _pixels,
    "tracker": _tracker,
    "identities": _identities,
    "ground": _ground,
    "rules": _rules,
    "happenings": _rules,
    "picture": _rules,
    "search": _search,
}
