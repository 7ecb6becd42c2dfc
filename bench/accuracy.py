"""The figures of analytics that stay: ``docs/accuracy.json``, each part as it was last measured.

Measuring one part replaces that part alone; ``docs/accuracy.md`` is written from all of them (:mod:`bench.accuracy_text`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.report import Figure

FIGURES = Path(__file__).resolve().parent.parent / "docs" / "accuracy.json"
BENCH = "analytics"
_OPTIONAL = ("unit", "baseline", "ratio")


@dataclass(frozen=True, slots=True)
class Taken:
    """One part's figures, the day they were taken (UTC, ISO 8601), and on what: cores, and their load of the last five
    minutes, the measurement itself among it."""

    day: str
    cores: int
    load: float
    figures: tuple[Figure, ...]


def taken_now(figures: Sequence[Figure]) -> Taken:
    """Figures that were measured just now on this machine."""
    day = datetime.now(UTC).date().isoformat()
    return Taken(day, os.cpu_count() or 1, round(os.getloadavg()[1], 1), tuple(figures))


def read(path: Path = FIGURES) -> dict[str, Taken]:
    """By part; empty where nothing was ever measured."""
    if not path.exists():
        return {}
    return {part: _taken(part, kept) for part, kept in json.loads(path.read_text("utf-8")).items()}


def write(parts: Mapping[str, Taken], path: Path = FIGURES) -> None:
    """One figure a line, so that a change of one is a change of one line."""
    blocks = []
    for part, taken in parts.items():
        rows = ",\n".join(f"   {json.dumps(_row(f), ensure_ascii=False)}" for f in taken.figures)
        blocks.append(
            f' "{part}": {{\n  "day": "{taken.day}", "cores": {taken.cores}, "load": {taken.load},\n'
            f'  "figures": [\n{rows}\n  ]\n }}'
        )
    path.write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="utf-8")


def _row(figure: Figure) -> dict[str, Any]:
    row: dict[str, Any] = {
        "case": figure.case.partition(": ")[2],
        "metric": figure.metric,
        "value": _short(figure.value),
    }
    values = {"unit": figure.unit, "baseline": figure.baseline, "ratio": figure.ratio}
    return row | {
        name: _short(values[name]) if name != "unit" else figure.unit
        for name in _OPTIONAL
        if values[name] not in (None, "")
    }


def _short(value: Any) -> Any:
    """Five digits say all that a measurement knows."""
    short = float(f"{value:.5g}")
    return int(short) if short.is_integer() else short


def _taken(part: str, kept: dict[str, Any]) -> Taken:
    figures = tuple(
        Figure(
            BENCH, f"{part}: {row['case']}", row["metric"], row["value"], row.get("unit", ""),
            row.get("baseline"), row.get("ratio"),
        )
        for row in kept["figures"]
    )  # fmt: skip
    return Taken(kept["day"], kept["cores"], kept["load"], figures)
