"""What calls for people: panic buttons once per press, thresholds with hysteresis. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.telemetry.model import FLAG_SOS, EventRow, Fix, PositionRow, ReadingRow, to_us

SOS_PRIORITY = 1
# HJ 212 flags of values that were measured: normal, and over limit. Others are faults, service or calibration.
MEASURED_FLAGS = frozenset("NT")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A row of ``threshold``. ``over`` is whether its last event still stands, as the tables tell it."""

    id: int
    device_id: int
    quantity: str
    rising: bool
    limit_value: float
    hysteresis: float
    priority: int
    over: bool = False

    def crossed(self, value: float) -> bool:
        """Whether the value lies on the wrong side of the limit."""
        return value >= self.limit_value if self.rising else value <= self.limit_value

    def recovered(self, value: float) -> bool:
        """Whether it lies so far on the right side that the next crossing counts again."""
        if self.rising:
            return value < self.limit_value - self.hysteresis
        return value > self.limit_value + self.hysteresis


class ThresholdWatch:
    """Raises one event when a value crosses a limit, and the next only after it has come back far enough."""

    def __init__(self) -> None:
        self._by_series: dict[tuple[int, str], list[Threshold]] = {}
        self._over: dict[int, bool] = {}
        self._judged_us: dict[tuple[int, str], int] = {}

    def known(self) -> frozenset[int]:
        """Ids of the thresholds whose state is known here already."""
        return frozenset(self._over)

    def replace(self, thresholds: list[Threshold]) -> None:
        """Takes the rows as they are now. The state of those known already stays."""
        self._by_series = {}
        for threshold in thresholds:
            key = (threshold.device_id, threshold.quantity)
            self._by_series.setdefault(key, []).append(threshold)
        before = self._over
        self._over = {t.id: before.get(t.id, t.over) for t in thresholds}

    def judge(self, row: ReadingRow) -> list[EventRow]:
        """The events of this value; values that come late or were not measured change nothing."""
        key = (row.device_id, row.quantity)
        thresholds = self._by_series.get(key)
        if not thresholds or row.flag not in MEASURED_FLAGS:
            return []
        if row.at_us <= self._judged_us.get(key, -1):
            return []
        self._judged_us[key] = row.at_us
        events: list[EventRow] = []
        for threshold in thresholds:
            if not self._over[threshold.id] and threshold.crossed(row.value):
                self._over[threshold.id] = True
                events.append(
                    EventRow(
                        row.device_id,
                        "threshold",
                        row.at_us,
                        threshold.priority,
                        row.quantity,
                        row.value,
                        threshold.limit_value,
                    )
                )
            elif self._over[threshold.id] and threshold.recovered(row.value):
                self._over[threshold.id] = False
        return events


class SosLatch:
    """One device's panic button. The bit stays set until the platform confirms it; that is one press, one event.

    ``pressed`` at the start is what the last stored position said.
    """

    def __init__(self, pressed: bool = False) -> None:
        self._pressed = pressed
        self._judged_us = -1
        self.stored = pressed

    def judge(self, fix: Fix, row: PositionRow | None) -> EventRow | None:
        """The event of this report, if it begins a press. ``row`` is its position where that was believed."""
        at_us = to_us(fix.at)
        if at_us < self._judged_us:
            return None  # a report from before one that was judged already
        self._judged_us = at_us
        pressed = bool(fix.flags & FLAG_SOS)
        begins = pressed and not self._pressed
        self._pressed = pressed
        if not pressed:
            self.stored = False
        if not begins:
            return None
        return EventRow(
            fix.device.id,
            "sos",
            at_us,
            SOS_PRIORITY,
            lon_e7=row.lon_e7 if row else None,
            lat_e7=row.lat_e7 if row else None,
        )
