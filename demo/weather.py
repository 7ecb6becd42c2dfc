"""The demo's water and air: a slow tide, a storm every ten minutes, a chimney. Pure functions of time.

``t_s`` is seconds since any fixed moment; the same time always gives the same values, on every machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

STORM_EVERY_S = 600.0
STORM_PEAK_S = 180.0  # after the storm begins
TIDE_S = 2400.0  # a tide in forty minutes, so that a demo sees one
LEVEL_LAG_S = 60.0  # the river follows the rain


def _pulse(t_s: float, width_s: float) -> float:
    """A bump of height 1 at 0."""
    return math.exp(-((t_s / width_s) ** 2))


def rain_mm_h(t_s: float) -> float:
    """Intensity of rain: dry, then a cloudburst of up to 60 mm/h."""
    intensity = 60.0 * _pulse(t_s % STORM_EVERY_S - STORM_PEAK_S, 70.0)
    return intensity if intensity > 0.2 else 0.0


def rain_fallen_mm(start_s: float, end_s: float) -> float:
    """What fell between two times, by the midpoint rule in steps of at most 5 s."""
    steps = max(1, math.ceil((end_s - start_s) / 5.0))
    step = (end_s - start_s) / steps
    return sum(rain_mm_h(start_s + (i + 0.5) * step) for i in range(steps)) * step / 3600.0


def water_level_m(t_s: float, warning_m: float, lag_s: float) -> float:
    """Level at a station: half a metre below its warning level with the tide, 0.35 m above it in a storm's crest.

    ``lag_s`` is how much later than upstream the crest passes here; at most four minutes.
    """
    tide = 0.08 * math.sin(2 * math.pi * t_s / TIDE_S)
    since = (t_s - LEVEL_LAG_S - lag_s) % STORM_EVERY_S - STORM_PEAK_S
    return warning_m - 0.5 + tide + 0.85 * _pulse(since, 80.0)


@dataclass(frozen=True, slots=True)
class Pollutant:
    """A code of HJ 524 with its usual value, its swing, and the limit where the monitor sets the flag T."""

    code: str
    usual: float
    swing: float
    limit: float | None
    decimals: int


# A coal-fired boiler after treatment; limits as in GB 13223-2011's ultra-low emission (mg/m³).
CHIMNEY = (
    Pollutant("a21026", 18.0, 9.0, 35.0, 2),  # SO2
    Pollutant("a21002", 32.0, 12.0, 50.0, 2),  # NOx
    Pollutant("a34013", 4.5, 2.5, 10.0, 2),  # particulates
    Pollutant("a19001", 6.0, 0.6, None, 2),  # O2
    Pollutant("a01012", 52.0, 3.0, None, 1),  # gas temperature
    Pollutant("a01011", 11.5, 1.0, None, 2),  # gas speed
)
UPSET_EVERY_S = 900.0  # desulphurisation fails for a minute or two
UPSET_LASTS_S = 90.0


def emission(pollutant: Pollutant, t_s: float) -> float:
    """The value the monitor measures."""
    phase = sum(pollutant.code.encode()) % 97
    value = pollutant.usual + pollutant.swing * (
        0.6 * math.sin(2 * math.pi * t_s / 410.0 + phase)
        + 0.4 * math.sin(2 * math.pi * t_s / 67.0 + 2 * phase)
    )
    if pollutant.code == "a21026":
        value += 30.0 * _pulse((t_s % UPSET_EVERY_S) - UPSET_EVERY_S / 2, UPSET_LASTS_S)
    return round(max(value, 0.0), pollutant.decimals)


def flag(pollutant: Pollutant, value: float) -> str:
    """T over the limit, else N."""
    return "T" if pollutant.limit is not None and value > pollutant.limit else "N"
