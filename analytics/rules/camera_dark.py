"""Dark: the picture went black sooner than any evening, or there is nothing in it at all."""

from __future__ import annotations

from datetime import datetime

from analytics.model import Firing, Scene, Zone
from analytics.rules.picture_alarm import PictureAlarm, begins, ends

EVENING_S = 120.0
"""From bright to dark an evening, or a street lamp's dying, takes longer than this."""
BRIGHT = 2.5
"""Of the threshold: so bright the picture must have been."""
NOTHING = 6.0
"""Gray levels over the whole picture: a cap on the lens leaves less, a dark night more."""
LIT = 70.0
"""With so much between its dark and its bright parts it is a night with lamps."""


class CameraDark:
    """Fires when the mean falls below the threshold within minutes and stays there, or when the picture holds nothing but
    black. A night that falls as nights do, and one with lamps in it, are not told of."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._alarm = PictureAlarm(zone)
        self._bright_at: datetime | None = None
        self._bright_luma = 0.0
        self._dark_since: datetime | None = None
        self._sure = False

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        look = scene.health
        if look is None:
            return []
        limit = self._alarm.threshold
        if look.luma >= BRIGHT * limit:
            self._bright_at, self._bright_luma = look.at, look.luma
        dark = look.luma <= limit and look.spread < LIT
        if not dark:
            self._dark_since = None
        elif self._dark_since is None:
            self._dark_since = look.at
        value: float | None = look.luma
        if dark and not self._alarm.on and not self._counts(look.spread):
            value = None
        elif not dark and look.luma <= limit:
            value = limit * BRIGHT  # lamps in the night: not dark
        match self._alarm.update(look.at, value):
            case "begins":
                lasted_s = self._alarm.lasted_s(look.at)
                zh = f"画面平均亮度 {look.luma:.0f}（0–255），明暗相差 {look.spread:.0f}，已持续 {lasted_s:.0f} 秒"
                en = (
                    f"The picture's mean brightness is {look.luma:.0f} of 255, its range {look.spread:.0f}, "
                    f"for {lasted_s:.0f} s"
                )
                came_s = self._came_s()
                if came_s is not None and came_s <= EVENING_S:
                    zh += f"；{came_s:.0f} 秒前为 {self._bright_luma:.0f}"
                    en += f"; {came_s:.0f} s before it was {self._bright_luma:.0f}"
                self._sure = True
                return begins(self.zone, f"{zh}。", f"{en}.", round(look.luma, 1))
            case "ends":
                return self._over(look.luma)
        if not self._sure and not dark and value is not None:
            self._sure = True  # after a start: whatever an earlier run told of is over
            return self._over(look.luma)
        return []

    def _came_s(self) -> float | None:
        if self._bright_at is None or self._dark_since is None:
            return None
        return (self._dark_since - self._bright_at).total_seconds()

    def _counts(self, spread: float) -> bool:
        came_s = self._came_s()
        return spread <= NOTHING or (came_s is not None and came_s <= EVENING_S)

    def _over(self, luma: float) -> list[Firing]:
        return ends(
            self.zone,
            f"画面恢复明亮，平均亮度 {luma:.0f}。",
            f"The picture is bright again, mean {luma:.0f} of 255.",
            round(luma, 1),
        )
