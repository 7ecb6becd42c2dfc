"""What every measurement returns, the table on the screen and ``bench/results.json``."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. ``baseline`` and ``ratio`` are None where nothing was run beside it."""

    bench: str
    case: str
    metric: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None


def percentile(values: Sequence[float], share: float) -> float:
    """The ``share`` (0..1) quantile by linear interpolation. Raises :class:`ValueError` when there are no values."""
    if not values:
        raise ValueError("no values")
    if len(values) == 1:
        return values[0]
    cuts = statistics.quantiles(values, n=1000, method="inclusive")
    return cuts[min(998, max(0, round(share * 1000) - 1))]


def show(figures: Sequence[Figure]) -> str:
    """The figures as a table."""
    rows = [("bench", "case", "metric", "value", "unit", "baseline", "ratio")]
    for f in figures:
        rows.append(
            (
                f.bench,
                f.case,
                f.metric,
                f"{f.value:.4g}",
                f.unit,
                "" if f.baseline is None else f"{f.baseline:.4g}",
                "" if f.ratio is None else f"{f.ratio:.3g}",
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(7)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def keep(figures: Sequence[Figure], path: Path = RESULTS) -> None:
    """Writes the figures, replacing earlier ones of the same benches and leaving the others."""
    names = {f.bench for f in figures}
    before = json.loads(path.read_text()) if path.exists() else []
    kept = [row for row in before if row["bench"] not in names]
    path.write_text(json.dumps(kept + [asdict(f) for f in figures], indent=1) + "\n")
