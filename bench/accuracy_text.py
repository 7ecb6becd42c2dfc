"""``docs/accuracy.md`` from the figures that stay: what was aimed at first, then a table for each part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from bench.accuracy import Taken
from bench.bars import Bar, bars
from bench.report import Figure

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "accuracy.md"
_HEAD = """# How well analytics sees, and what it costs

Written by `python -m bench.analytics` from [its figures](accuracy.json); do not change it by hand. `python -m bench.analytics
PART` measures one part again and leaves the others, `./run bench analytics` all. Real clips are those of `../shared/data`
beside the project; they are not part of it, and what needs one that is not there is left out. Machines differ and are noisy:
compare the columns of one row, which were taken in the same run.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """What stands before a part's table. ``rows`` names what a row is, ``against`` what a baseline is ("" leaves that column
    out)."""

    name: str
    title: str
    intro: str
    rows: str
    against: str = ""


def document(sections: Sequence[Section], parts: Mapping[str, Taken]) -> str:
    """The document's text; a part that was never measured is left out."""
    out = [_HEAD]
    aims = [bar for s in sections if s.name in parts for bar in bars(s.name, parts[s.name].figures)]
    if aims:
        out += ["## What was aimed at\n", _table(("aim", "measured", "reached"), map(_aim, aims))]
    for section in sections:
        taken = parts.get(section.name)
        if taken is None or not taken.figures:
            continue
        out.append(f"## {section.title}\n")
        out.append(
            f"`python -m bench.analytics {section.name}`. {section.intro}\n\n"
            f"Taken on {taken.cores} cores, load {taken.load:g}, {taken.day}.\n"
        )
        out += _tables(section, taken.figures)
    return "\n".join(out)


def _aim(bar: Bar) -> tuple[str, ...]:
    return bar.aim, bar.measured, "yes" if bar.reached else "**no**"


def _tables(section: Section, figures: Sequence[Figure]) -> list[str]:
    """A row for each case and a column for each metric; a case with metrics of its own begins a new table."""
    tables: list[tuple[list[str], list[tuple[str, dict[str, Figure]]]]] = []
    for case, group in groupby(figures, lambda f: f.case.partition(": ")[2]):
        row = {f.metric: f for f in group}
        if not tables or not (row.keys() <= set(tables[-1][0]) or row.keys() >= set(tables[-1][0])):
            tables.append(([], []))
        metrics, rows = tables[-1]
        metrics += [metric for metric in row if metric not in metrics]
        rows.append((case, row))
    return [_wide(section, metrics, rows) for metrics, rows in tables]


def _wide(
    section: Section, metrics: Sequence[str], rows: Sequence[tuple[str, dict[str, Figure]]]
) -> str:
    titles, columns = [section.rows], [[case for case, _ in rows]]
    for metric in metrics:
        cells = [row.get(metric) for _, row in rows]
        units = {f.unit for f in cells if f is not None}
        unit = units.pop() if len(units) == 1 else None
        bare = unit is not None and not unit.startswith("of ")
        said = not unit or not bare or unit in metric.split()
        titles.append(metric if said else f"{metric}, {unit}")
        columns.append([_value(f, bare) for f in cells])
        if section.against and any(f and f.baseline is not None for f in cells):
            titles.append(section.against)
            columns.append([_number(f.baseline if f else None) for f in cells])
        if any(f and f.ratio is not None for f in cells):
            titles.append("ratio")
            columns.append([_number(f.ratio if f else None) for f in cells])
    return _table(titles, zip(*columns, strict=True))


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows]) + "\n"


def _value(figure: Figure | None, bare: bool) -> str:
    if figure is None:
        return ""
    value = _number(figure.value)
    return value if bare or not figure.unit else f"{value} {figure.unit}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
