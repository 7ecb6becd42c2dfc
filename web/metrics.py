"""Counters of this process, and Prometheus' text format (version 0.0.4)."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass

_BAD = re.compile(r"[^a-zA-Z0-9_]")


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure: ``name`` without prefix, label pairs, value."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


class Counters:
    """Numbers that any thread may raise; ``gauge`` sets one."""

    def __init__(self) -> None:
        self._values: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, name: str, by: float = 1.0) -> None:
        """Raises ``name`` by ``by``."""
        with self._lock:
            self._values[name] = self._values.get(name, 0.0) + by

    def gauge(self, name: str, value: float) -> None:
        """Sets ``name``."""
        with self._lock:
            self._values[name] = value

    def snapshot(self) -> dict[str, float]:
        """All numbers now."""
        with self._lock:
            return dict(self._values)


def render(samples: Iterable[Sample], prefix: str = "wanglou_") -> str:
    """The samples as Prometheus reads them; names that end in ``_total`` are counters, the rest gauges."""
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(prefix + _BAD.sub("_", sample.name), []).append(sample)
    lines: list[str] = []
    for name in sorted(groups):
        lines.append(f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}")
        for sample in groups[name]:
            labels = ",".join(
                f'{_BAD.sub("_", key)}="{_escape(value)}"' for key, value in sample.labels
            )
            lines.append(
                f"{name}{{{labels}}} {_number(sample.value)}"
                if labels
                else f"{name} {_number(sample.value)}"
            )
    return "\n".join(lines) + "\n"


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
