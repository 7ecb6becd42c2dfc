"""Moved: the camera looks elsewhere than it did, and nobody turned it."""

from __future__ import annotations

from analytics.model import Firing, Scene, Zone
from analytics.rules.picture_alarm import PictureAlarm, begins, ends

ELSEWHERE = 0.99


class CameraMoved:
    """Fires when the view has shifted by the threshold, a share of the picture's width, or is another one with as much to see
    in it. A camera that is turned on purpose is not measured while it turns, and each of its presets is a view of its own."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._alarm = PictureAlarm(zone)

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        look = scene.health
        if look is None or look.shift is None:
            return []
        match self._alarm.update(look.at, look.shift):
            case "begins":
                lasted_s = self._alarm.lasted_s(look.at)
                if look.shift >= ELSEWHERE:
                    lost = (look.lost or 0.0) * 100
                    zh = f"画面已换成另一视角：原有轮廓的 {lost:.0f}% 不在原处，持续 {lasted_s:.0f} 秒"
                    en = f"The camera looks elsewhere: {lost:.0f} % of what it showed is not where it was, for {lasted_s:.0f} s"
                else:
                    zh = f"画面整体偏移 {look.shift * 100:.1f}% 画面宽度，持续 {lasted_s:.0f} 秒"
                    en = f"The view has shifted by {look.shift * 100:.1f} % of its width for {lasted_s:.0f} s"
                return begins(self.zone, f"{zh}。", f"{en}.", round(look.shift, 3))
            case "ends":
                return ends(
                    self.zone,
                    "画面回到原位。",
                    "The view is where it was again.",
                    round(look.shift, 3),
                )
        return []
