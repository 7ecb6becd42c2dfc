"""Blurred: the picture has lost its detail, against what this camera shows at this brightness."""

from __future__ import annotations

from datetime import datetime

from analytics.model import Firing, Scene, Zone
from analytics.rules.picture_alarm import PictureAlarm, begins, ends

SLOWLY_S = 120.0
HALF = 0.7


class CameraBlurred:
    """Fires below the threshold of the usual sharpness. A light that changes, rain and noise are no blur: the lens's focus
    takes fine slopes and leaves coarse ones, they take from both. What comes slowly is said to: dirt, dew, mist."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._alarm = PictureAlarm(zone)
        self._well_at: datetime | None = None

    def update(self, scene: Scene) -> list[Firing]:
        """See :class:`analytics.rules.Rule`."""
        look = scene.health
        if look is None or look.sharpness is None:
            return []
        if look.sharpness >= HALF:
            self._well_at = look.at
        match self._alarm.update(look.at, look.sharpness):
            case "begins":
                percent, lasted_s = look.sharpness * 100, self._alarm.lasted_s(look.at)
                zh = (
                    f"清晰度降至该摄像头在此亮度下通常值的 {percent:.0f}%，已持续 {lasted_s:.0f} 秒"
                )
                en = f"Sharpness fell to {percent:.0f} % of what this camera shows at this brightness for {lasted_s:.0f} s"
                came_s = (look.at - self._well_at).total_seconds() if self._well_at else 0.0
                if came_s - lasted_s >= SLOWLY_S:
                    zh += f"，{came_s / 60:.0f} 分钟内逐渐变差：雾气、露水或镜头脏污"
                    en += f", gradually over {came_s / 60:.0f} min: mist, dew or a dirty lens"
                return begins(self.zone, f"{zh}。", f"{en}.", round(look.sharpness, 3))
            case "ends":
                percent = look.sharpness * 100
                return ends(
                    self.zone,
                    f"清晰度恢复到通常值的 {percent:.0f}%。",
                    f"Sharpness is back at {percent:.0f} % of the usual.",
                    round(look.sharpness, 3),
                )
        return []
