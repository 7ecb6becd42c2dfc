"""A number that fires at one limit and is over at another."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from analytics.model import EventKind, Firing, Zone
from analytics.rules.catalogue import CATALOGUE, clear_of, threshold_of

GAP_S = 1.0
"""Shorter dips below the threshold do not break a dwell, unless they reach the clear value."""
OVER_S = 2.0
"""It is over when the clear value lasted for the dwell, at least for so long."""


class Hysteresis:
    """One zone's number against its ``threshold`` and ``clear``.

    It fires once when the number has been on the firing side for the zone's dwell. It is over when the number has been
    on the clear side for as long, at least :data:`OVER_S`. Then it may fire again, not sooner than ``rearm_s`` after
    it fired last; a number that is still too high at that moment fires then.
    """

    def __init__(self, zone: Zone) -> None:
        threshold, clear = threshold_of(zone), clear_of(zone)
        assert threshold is not None, "a zone without its threshold is refused before"
        self._sign = 1.0 if CATALOGUE[zone.rule].over == "above" else -1.0
        self.threshold = threshold
        self.clear = threshold if clear is None else clear
        self._dwell_s = zone.dwell_s
        self._rearm_s = zone.rearm_s
        self._since: datetime | None = None
        self._below_since: datetime | None = None
        self._clear_since: datetime | None = None
        self._fired_at: datetime | None = None
        self.on = False
        self.ended = False  # whether it was over with the last number

    @property
    def since(self) -> datetime | None:
        """Since when the number has been on the firing side, as dwell counts it."""
        return self._since

    def update(self, at: datetime, value: float | None) -> bool:
        """Takes the number at one moment; True when it fires now. None says nothing: a picture that cannot be read."""
        self.ended = False
        if value is None:
            return False
        if self.on:
            self._end(at, value)
            return False
        self.note(at, value)
        if self._since is None or self._below_since is not None:
            return False
        rested = self._fired_at is None or _age_s(self._fired_at, at) >= self._rearm_s
        if _age_s(self._since, at) < self._dwell_s or not rested:
            return False
        self.on, self._fired_at, self._clear_since = True, at, None
        return True

    def note(self, at: datetime, value: float) -> None:
        """Takes a number of the past, which counts towards the dwell and fires nothing."""
        if self._reaches(value, self.threshold):
            self._since = self._since or at
            self._below_since = None
        elif self._since is not None:
            self._below_since = self._below_since or at
            if not self._reaches(value, self.clear) or _age_s(self._below_since, at) > GAP_S:
                self._since = self._below_since = None

    def _end(self, at: datetime, value: float) -> None:
        if self._reaches(value, self.clear) and value != self.clear:
            self._clear_since = None
            return
        self._clear_since = self._clear_since or at
        if _age_s(self._clear_since, at) >= max(self._dwell_s, OVER_S):
            self.on, self.ended = False, True
            self._since = self._below_since = self._clear_since = None

    def _reaches(self, value: float, limit: float) -> bool:
        return self._sign * value >= self._sign * limit


def end_of(zone: Zone, kind: EventKind) -> Firing:
    """What says that what a zone's number fired on is over."""
    return replace(Firing.of_scene(zone, kind, 1.0, (0.0, 0.0, 1.0, 1.0), "", ""), over=True)


def _age_s(then: datetime, now: datetime) -> float:
    return (now - then).total_seconds()
