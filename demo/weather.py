"""The demo's water and air: a slow tide, a storm every ten minutes, a plant. Pure functions of time.

``t_s`` is seconds since any fixed moment; the same time always gives the same values, on every machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

STORM_EVERY_S = 600.0
STORM_PEAK_S = 180.0  # after the storm begins
RAIN_PEAK_MM_H = 12.0
RAIN_WIDTH_S = 70.0
TIDE_S = 2400.0  # a tide in forty minutes, so that a demo sees one
LEVEL_LAG_S = 60.0  # the river follows the rain


def _pulse(t_s: float, width_s: float) -> float:
    """A bump of height 1 at 0."""
    return math.exp(-((t_s / width_s) ** 2))


def rain_mm_h(t_s: float) -> float:
    """Intensity of rain: dry, then a shower of up to 12 mm/h."""
    return RAIN_PEAK_MM_H * _pulse(t_s % STORM_EVERY_S - STORM_PEAK_S, RAIN_WIDTH_S)


def rain_fallen_mm(start_s: float, end_s: float) -> float:
    """What fell between two times: the exact integral of :func:`rain_mm_h`."""
    return _fallen_since_0(end_s) - _fallen_since_0(start_s)


def _fallen_since_0(t_s: float) -> float:
    storms, since_s = divmod(t_s, STORM_EVERY_S)
    return storms * _of_one_storm(STORM_EVERY_S) + _of_one_storm(since_s)


def _of_one_storm(since_s: float) -> float:
    area = RAIN_PEAK_MM_H / 3600.0 * RAIN_WIDTH_S * math.sqrt(math.pi) / 2
    return area * (
        math.erf((since_s - STORM_PEAK_S) / RAIN_WIDTH_S) + math.erf(STORM_PEAK_S / RAIN_WIDTH_S)
    )


def water_level_m(t_s: float, warning_m: float, lag_s: float) -> float:
    """Level at a station: half a metre below its warning level with the tide, 0.35 m above it in a storm's crest.

    ``lag_s`` is how much later than upstream the crest passes here; at most four minutes.
    """
    tide = 0.08 * math.sin(2 * math.pi * t_s / TIDE_S)
    since = (t_s - LEVEL_LAG_S - lag_s) % STORM_EVERY_S - STORM_PEAK_S
    return warning_m - 0.5 + tide + 0.85 * _pulse(since, 80.0)


@dataclass(frozen=True, slots=True)
class Pollutant:
    """A code of HJ 524 or HJ 525 with its usual value, its swing, and the limit where the monitor sets the flag T.

    ``upset`` is how far the value rises when the treatment fails for a while.
    """

    code: str
    usual: float
    swing: float
    limit: float | None
    decimals: int
    upset: float = 0.0


# A coal-fired boiler after treatment; limits of ultra-low emission (35, 50 and 10 mg/m³).
CHIMNEY = (
    Pollutant("a21026", 18.0, 9.0, 35.0, 2, 30.0),  # SO2
    Pollutant("a21002", 32.0, 12.0, 50.0, 2),  # NOx
    Pollutant("a34013", 4.5, 2.5, 10.0, 2),  # particulates
    Pollutant("a19001", 6.0, 0.6, None, 2),  # O2
    Pollutant("a01012", 52.0, 3.0, None, 1),  # gas temperature
    Pollutant("a01011", 11.5, 1.0, None, 2),  # gas speed
)
# A chemical plant's outlet after treatment; the limits are the plant's permit's.
OUTLET = (
    Pollutant("w01018", 38.0, 9.0, 60.0, 1, 35.0),  # COD
    Pollutant("w21003", 2.4, 0.9, 5.0, 2, 1.2),  # ammonia nitrogen
    Pollutant("w21011", 0.22, 0.06, 0.5, 3),  # total phosphorus
    Pollutant("w01001", 7.3, 0.3, None, 2),  # pH
    Pollutant("w01010", 21.0, 1.5, None, 1),  # temperature
    Pollutant("w00000", 46.0, 8.0, None, 1),  # flow
)
UPSET_EVERY_S = 900.0  # treatment fails for a minute or two
UPSET_LASTS_S = 90.0


def emission(pollutant: Pollutant, t_s: float) -> float:
    """The value the monitor measures."""
    phase = sum(pollutant.code.encode()) % 97
    value = pollutant.usual + pollutant.swing * (
        0.6 * math.sin(2 * math.pi * t_s / 410.0 + phase)
        + 0.4 * math.sin(2 * math.pi * t_s / 67.0 + 2 * phase)
    )
    value += pollutant.upset * _pulse((t_s % UPSET_EVERY_S) - UPSET_EVERY_S / 2, UPSET_LASTS_S)
    return round(max(value, 0.0), pollutant.decimals)


def flag(pollutant: Pollutant, value: float) -> str:
    """T over the limit, else N."""
    return "T" if pollutant.limit is not None and value > pollutant.limit else "N"
