"""Occluded: something hides what the camera looks at, or the picture has come apart."""

from __future__ import annotations

from datetime import datetime

from analytics.model import Firing, Scene, Zone
from analytics.rules.picture_alarm import WHOLE, PictureAlarm, begins, ends

ALL = 0.85
PATIENCE = 4.0
"""What leaves more than the rest to see may be a lorry that waits near the camera: it takes so many times the dwell."""
MOVED = 0.01
BROKEN = 0.25


class CameraOccluded:
    """Fires when the outlines that were there are missing from so much of the picture, and what hides them stands."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._alarm = PictureAlarm(zone)
        self._part_since: datetime | None = None

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        look = scene.health
        if look is None:
            return []
        broken = look.broken >= BROKEN
        value = look.broken + self._alarm.threshold if broken else look.lost
        if value is not None and not broken and not self._alarm.on:
            if (look.shift or 0.0) > MOVED:
                value = 0.0  # what is missing is elsewhere in the picture
            else:
                value = self._patient(look.at, value)
        match self._alarm.update(look.at, value):
            case "begins" if broken:
                return begins(
                    self.zone,
                    f"画面损坏：{look.broken * 100:.0f}% 为同一灰度或绿色，如丢包所致。",
                    f"The picture is broken: {look.broken * 100:.0f} % of it is one flat colour, as after lost packets.",
                    round(look.broken, 3),
                    WHOLE,
                )
            case "begins":
                lost = look.lost or 0.0
                lasted_s = self._lasted_s(look.at)
                zh = f"画面中原有轮廓的 {lost * 100:.0f}% 被遮挡，持续 {lasted_s:.0f} 秒，亮度 {look.luma:.0f}"
                en = (
                    f"{lost * 100:.0f} % of the outlines that this camera shows are hidden for {lasted_s:.0f} s, "
                    f"mean brightness {look.luma:.0f} of 255"
                )
                return begins(self.zone, f"{zh}。", f"{en}.", round(lost, 3), look.lost_box)
            case "ends":
                return ends(
                    self.zone,
                    "画面恢复可见。",
                    "The view is clear again.",
                    round(look.lost or 0.0, 3),
                )
        return []

    def _patient(self, at: datetime, lost: float) -> float:
        if lost < self._alarm.threshold:
            self._part_since = None
            return lost
        self._part_since = self._part_since or at
        waits_s = self.zone.dwell_s * (PATIENCE - 1)
        if lost >= ALL or (at - self._part_since).total_seconds() >= waits_s:
            return lost
        return 0.0

    def _lasted_s(self, at: datetime) -> float:
        since = self._part_since
        return self._alarm.lasted_s(at) if since is None else (at - since).total_seconds()
