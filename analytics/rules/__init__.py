"""Rules: pure state machines over tracks, one file each. :func:`make` turns a stored zone into its rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from analytics.model import Firing, Track, Zone
from analytics.rules.intrusion import Intrusion
from analytics.rules.line_crossing import LineCrossing


class Rule(Protocol):
    """One zone's state machine."""

    zone: Zone

    def update(self, tracks: Sequence[Track]) -> list[Firing]:
        """Takes all confirmed tracks of one frame; returns what fires now."""
        ...


def make(zone: Zone) -> Rule:
    """The rule that watches ``zone``."""
    return Intrusion(zone) if zone.rule == "intrusion" else LineCrossing(zone)
