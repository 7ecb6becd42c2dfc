"""Water level: what a gauge in the picture reads."""

from __future__ import annotations

from collections import deque
from datetime import datetime

import numpy as np

from analytics.gauge import GaugeReader
from analytics.model import Firing, LevelReading, Scene, Zone
from analytics.rules.catalogue import threshold_of
from analytics.rules.hysteresis import Hysteresis
from analytics.rules.picture_alarm import ends

EVERY_S = 0.8
SMOOTHED = 5
WRITE_EVERY_S = 30.0
WRITE_CHANGE_M = 0.03
WRITE_LEAST_S = 5.0


class WaterLevel:
    """Fires when the level has been at or above the threshold for the dwell; over at the clear value. Without a threshold it
    only reads. The value is in metres, linear between the two readings at the arrow's ends."""

    def __init__(self, zone: Zone) -> None:
        assert zone.arrow is not None and zone.gauge_m is not None, "refused before"
        self.zone = zone
        self._gauge_m = zone.gauge_m
        self._reader = GaugeReader(zone.arrow)
        self._state = Hysteresis(zone) if threshold_of(zone) is not None else None
        self._last_at: datetime | None = None
        self._recent: deque[float] = deque(maxlen=SMOOTHED)
        self._written: LevelReading | None = None
        self._unread: list[LevelReading] = []

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        if scene.frame is None or (
            self._last_at is not None and (scene.at - self._last_at).total_seconds() < EVERY_S
        ):
            return []
        self._last_at = scene.at
        look = self._reader.look(scene.frame.gray)
        if look is None:
            return []
        low, high = self._gauge_m
        self._recent.append(low + look.share * (high - low))
        level_m = float(np.median(self._recent))
        self._note(scene.at, level_m)
        if self._state is None:
            return []
        was = self._state.on
        name, name_en = self.zone.name, self.zone.name_en or self.zone.name
        if self._state.update(scene.at, level_m):
            lasted_s = (scene.at - (self._state.since or scene.at)).total_seconds()
            limit = self._state.threshold
            return [
                Firing.of_scene(
                    self.zone, "scene", min(0.99, 0.5 + look.gain / 2), self._box(),
                    f"“{name}”水位 {level_m:.2f} 米，达到 {limit:.2f} 米已 {lasted_s:.0f} 秒。",
                    f"Water at “{name_en}” stands at {level_m:.2f} m, at or above {limit:.2f} m for {lasted_s:.0f} s.",
                    round(level_m, 3),
                )
            ]  # fmt: skip
        if was and not self._state.on:
            return ends(
                self.zone,
                f"“{name}”水位回落至 {level_m:.2f} 米。",
                f"Water at “{name_en}” has fallen to {level_m:.2f} m.",
                round(level_m, 3),
            )
        return []

    def levels(self) -> tuple[LevelReading, ...]:
        """What was read since it was asked last: every half minute, and sooner when it changed."""
        unread, self._unread = tuple(self._unread), []
        return unread

    def _note(self, at: datetime, level_m: float) -> None:
        last = self._written
        if last is not None:
            passed_s = (at - last.at).total_seconds()
            changed = abs(level_m - last.level_m) >= WRITE_CHANGE_M
            if passed_s < (WRITE_LEAST_S if changed else WRITE_EVERY_S):
                return
        self._written = LevelReading(self.zone.id, at, round(level_m, 3))
        self._unread.append(self._written)

    def _box(self) -> tuple[float, float, float, float]:
        assert self.zone.arrow is not None
        (ax, ay), (bx, by) = self.zone.arrow
        left, top = max(0.0, min(ax, bx) - 0.02), max(0.0, min(ay, by) - 0.02)
        right, bottom = min(1.0, max(ax, bx) + 0.02), min(1.0, max(ay, by) + 0.02)
        return left, top, right - left, bottom - top
