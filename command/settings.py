"""What the command process needs to know."""

from __future__ import annotations

from dataclasses import dataclass, field

from gis.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class CommandSettings:
    """``catch_up_s``: how far back events without an alarm are looked for after a start or a lost connection."""

    database_url: str
    catch_up_s: float = 7 * 86400.0
    clock: Clock = field(default_factory=SystemClock)
