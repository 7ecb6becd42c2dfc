"""What is measured of a rule, and how it is reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.model import RuleName
from bench.report import Figure


@dataclass(frozen=True, slots=True)
class RuleFigure:
    """One rule on some footage: ``found`` of ``known`` happenings, ``false`` alarms in ``seconds``."""

    rule: RuleName
    on: str
    known: int
    found: int
    false: int
    seconds: float
    delay_s: float | None = None  # from the happening to the alarm, the median

    @property
    def recall(self) -> float | None:
        """0..1, None where nothing is known to happen."""
        return self.found / self.known if self.known else None

    @property
    def false_per_hour(self) -> float:
        """False alarms per camera-hour."""
        return self.false / self.seconds * 3600.0 if self.seconds else 0.0


def told(part: str, measured: Sequence[RuleFigure]) -> list[Figure]:
    """Recall where something is known to happen, and false alarms, under a part's name of the analytics bench."""
    made: list[Figure] = []
    for each in measured:
        case = f"{part}: {each.rule}, {each.on}"

        def one(metric: str, value: float, unit: str = "", case: str = case) -> None:
            made.append(Figure("analytics", case, metric, value, unit))

        if each.known:
            one("found", each.found, f"of {each.known}")
        one("false alarms", each.false)
        one("watched", each.seconds, "s")
        one("false alarms per camera-hour", each.false_per_hour)
        if each.delay_s is not None:
            one("time to alarm", each.delay_s, "s")
    return made
