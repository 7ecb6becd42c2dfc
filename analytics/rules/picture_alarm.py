"""What the rules about a camera's own picture have in common: fire once, say why, and say when it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from analytics.model import Box, Firing, Zone
from analytics.rules.hysteresis import Hysteresis

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


class PictureAlarm:
    """One rule's state on one camera. Repeated within ``rearm_s`` it is not told again; its end is told once."""

    def __init__(self, zone: Zone) -> None:
        self._state = Hysteresis(zone)
        self.threshold = self._state.threshold

    @property
    def on(self) -> bool:
        """Whether it has fired and is not over."""
        return self._state.on

    def update(self, at: datetime, value: float | None) -> str | None:
        """Takes the number at one moment: ``"begins"``, ``"ends"`` or None."""
        was = self._state.on
        if self._state.update(at, value):
            return "begins"
        return "ends" if was and not self._state.on else None

    def lasted_s(self, at: datetime) -> float:
        """For how long it has been so, as it counts for firing."""
        since = self._state.since
        return 0.0 if since is None else (at - since).total_seconds()


def begins(
    zone: Zone, why: str, why_en: str, value: float | None = None, box: Box = WHOLE
) -> list[Firing]:
    """The event."""
    return [Firing.of_scene(zone, "scene", 1.0, box, why, why_en, value)]


def ends(zone: Zone, why: str, why_en: str, value: float | None = None) -> list[Firing]:
    """Its end."""
    told = Firing.of_scene(zone, "scene", 1.0, WHOLE, why, why_en, value)
    return [replace(told, over=True)]
